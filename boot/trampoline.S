/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How another CPU gets from real mode to C.
 *
 * It starts at the first byte of a page below 1 MiB, with cs = that page's
 * segment; mp.c has copied ap_trampoline there.  The copy does not know its own
 * address: it uses cs for its data, and jumps to the boot part of the image.
 */
#include <machine/asm.h>
#include <machine/cpufunc.h>
#include <machine/segments.h>
#include "assym.h"

	.cfi_sections .debug_frame

	.section .rodata
	.globl ap_trampoline
	.globl ap_trampoline_end
	.code16
ap_trampoline:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl (ap_gdtr - ap_trampoline)
	movl %cr0, %eax
	orb $CR0_PE, %al
	movl %eax, %cr0
	ljmpl $BOOT_SEL_CODE32, $ap_enter32
	.balign 4
ap_gdtr:
	.short BOOT_GDT_SIZE - 1
	.long boot_gdt
ap_trampoline_end:

	.section .boot.text, "ax"
	.code32
ap_enter32:
	movl $BOOT_SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $ap_enter64, %ebp
	jmp to_long_mode
	.code64
ap_enter64:
	movabsq $ap_upper, %rax
	jmpq *%rax

	.text
/*
 * Who am I?  The local APIC's number finds the struct cpu_info, and that the stack
 * of the idle LWP.
 */
ENTRY(ap_upper)
	.cfi_undefined rip
	movq kernel_pml4, %rax
	movq %rax, %cr3
	movl $1, %eax
	cpuid
	shrl $24, %ebx
	movq mp_starting(, %rbx, 8), %rdi
	testq %rdi, %rdi
	jz 1f
	movq CI_IDLELWP(%rdi), %rax
	movq L_KSTACK(%rax), %rsp
	addq $KSTACK_SIZE, %rsp
	xorl %ebp, %ebp
	call ap_main
1:	cli                                     /* nobody called this CPU */
	hlt
	jmp 1b
END(ap_upper)

	.section .note.GNU-stack, "", @progbits
