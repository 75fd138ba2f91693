/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions of a program, and the note that says whose ABI it
 * follows.  The kernel enters with %rbx = address of struct ps_strings, %rdx =
 * 0, and the arguments on the stack; ___start (start.c) does the rest.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined rip		/* the outermost frame */
	xorl	%ebp, %ebp
	movq	%rbx, %rdi
	andq	$-16, %rsp
	call	___start
	ud2
	.cfi_endproc
	.size	_start, . - _start

	.section .note.netbsd.ident, "a", @note
	.p2align 2
	.long	7			/* bytes of the name */
	.long	4			/* bytes of the value */
	.long	1			/* a version of NetBSD */
	.asciz	"NetBSD"
	.p2align 2
	.long	900000000

	.section .note.GNU-stack, "", @progbits
