/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * int getcontext(ucontext_t *): system call 307.
 *
 * The kernel saves the registers as they are at the system call, inside this
 * function; but when the context is loaded again this function's frame is long
 * gone.  So the saved registers are made those of the caller just after the
 * call: our return address, the stack without it, result 0.
 */
#define UC_RAX		168		/* 56 + 8 * _REG_RAX */
#define UC_RIP		224		/* 56 + 8 * _REG_RIP */
#define UC_RSP		248		/* 56 + 8 * _REG_RSP */

	.cfi_sections .debug_frame
	.text
	.globl	getcontext
	.type	getcontext, @function
getcontext:
	.cfi_startproc
	movl	$307, %eax
	syscall
	jc	__cerror
	movq	(%rsp), %rax
	movq	%rax, UC_RIP(%rdi)
	leaq	8(%rsp), %rax
	movq	%rax, UC_RSP(%rdi)
	xorl	%eax, %eax
	movq	%rax, UC_RAX(%rdi)
	ret
	.cfi_endproc
	.size	getcontext, . - getcontext

	.section .note.GNU-stack, "", @progbits
