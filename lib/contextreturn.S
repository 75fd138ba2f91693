/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the function of a context returns to (makecontext.c).  It has preserved
 * %rbx, which holds the context to go on with.  The nop is for debuggers, as in
 * lwpreturn.S.
 */
	.cfi_sections .debug_frame
	.text
	.balign 16
	.type __context_outermost, @function
__context_outermost:
	.cfi_startproc
	.cfi_undefined rip
	nop
	.globl __context_return
__context_return:
	movq %rbx, %rdi
	call __context_next
	ud2
	.cfi_endproc
	.size __context_outermost, . - __context_outermost

	.section .note.GNU-stack, "", @progbits
