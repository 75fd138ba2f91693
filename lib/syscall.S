/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * long syscall(int number, ...): any system call, of up to six arguments.
 */
	.cfi_sections .debug_frame
	.text
	.globl	syscall
	.type	syscall, @function
syscall:
	.cfi_startproc
	movl	%edi, %eax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	syscall
	jc	__cerror
	ret
	.cfi_endproc
	.size	syscall, . - syscall

	.section .note.GNU-stack, "", @progbits
