/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a signal handler returns to.  The kernel has left the address of the
 * interrupted context in %r15, which the handler preserves; loading it ends
 * the signal.  setcontext returns only if the context has been damaged.
 */
#define SYS_exit	1
#define SYS_setcontext	308

	.text
	.globl	__sigtramp_siginfo_2
	.type	__sigtramp_siginfo_2, @function
__sigtramp_siginfo_2:
	movq	%r15, %rdi
	movl	$SYS_setcontext, %eax
	syscall
	movl	$255, %edi
	movl	$SYS_exit, %eax
	syscall
	ud2
	.size	__sigtramp_siginfo_2, . - __sigtramp_siginfo_2

	.section .note.GNU-stack, "", @progbits
