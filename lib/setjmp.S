/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setjmp and longjmp: the registers that a function must preserve, its stack
 * and its return address.
 */
	.cfi_sections .debug_frame
	.text
	.globl	setjmp
	.type	setjmp, @function
setjmp:
	.cfi_startproc
	movq	%rbx, (%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	leaq	8(%rsp), %rax		/* the stack after our return */
	movq	%rax, 48(%rdi)
	movq	(%rsp), %rax
	movq	%rax, 56(%rdi)
	xorl	%eax, %eax
	ret
	.cfi_endproc
	.size	setjmp, . - setjmp

	.globl	longjmp
	.type	longjmp, @function
longjmp:
	.cfi_startproc
	movl	%esi, %eax
	testl	%eax, %eax
	jnz	1f
	incl	%eax			/* setjmp must not return 0 again */
1:	movq	(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	jmp	*56(%rdi)
	.cfi_endproc
	.size	longjmp, . - longjmp

	.section .note.GNU-stack, "", @progbits
