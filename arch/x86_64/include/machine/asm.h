/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For assembly files.
 *
 * Every function has call-frame information, so that gdb finds its way through
 * it; it goes to .debug_frame, which is not loaded.
 */
#ifndef _MACHINE_ASM_H_
#define _MACHINE_ASM_H_

#define ENTRY(name)                                                             \
	.balign 16;                                                             \
	.globl name;                                                            \
	.type name, @function;                                                  \
	name: .cfi_startproc

#define END(name)                                                               \
	.cfi_endproc;                                                           \
	.size name, . - name

/*
 * Supervisor-mode access prevention: these are three-byte no-ops until
 * smap_patch() has seen that the processor knows the instructions.
 */
#define CLAC SMAP_SITE(0xca)
#define STAC SMAP_SITE(0xcb)
#define SMAP_SITE(opcode)                                                       \
	771: .byte 0x0f, 0x1f, 0x00;                                            \
	.pushsection .smap_sites, "a";                                          \
	.quad 771b, opcode;                                                     \
	.popsection

/* If the instruction at `insn` faults for good, go on at `fixup`. */
#define EX_TABLE(insn, fixup)                                                   \
	.pushsection __ex_table, "a";                                           \
	.quad insn, fixup;                                                      \
	.popsection

#endif
