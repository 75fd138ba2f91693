/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instruction of Linux's /init, which reads the time-stamp counter, and
 * a clone(2) whose child needs nothing of the C library's.
 */
	.text
	.globl	bench_start
	.type	bench_start, @function
bench_start:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, boot_tsc(%rip)
	xorl	%edx, %edx
	jmp	_start

/*
 * long clone_call(unsigned long flags, void *stack_top, int *ptid, int *ctid,
 *     void *tls, void (*fn)(void *), void *arg)
 * In the child: fn(arg), then exit(0) of this thread.
 */
	.globl	clone_call
	.type	clone_call, @function
clone_call:
	movq	8(%rsp), %rax
	subq	$16, %rsi
	movq	%r9, 0(%rsi)
	movq	%rax, 8(%rsi)
	movq	%rcx, %r10
	movl	$56, %eax
	syscall
	testq	%rax, %rax
	jnz	1f
	xorl	%ebp, %ebp
	popq	%rax
	popq	%rdi
	call	*%rax
	xorl	%edi, %edi
	movl	$60, %eax
	syscall
	hlt
1:	ret

	.bss
	.globl	boot_tsc
	.balign	8
boot_tsc:
	.quad	0
	.section .note.GNU-stack, "", @progbits
