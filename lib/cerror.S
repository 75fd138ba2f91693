/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a stub goes when its call has failed: %rax is the error number.  It
 * becomes the LWP's errno, and the result -1.  __cerror_pair: of a call with two
 * results, the second of which is 0 then.
 */
	.cfi_sections .debug_frame
	.text
	.globl	__cerror_pair
	.type	__cerror_pair, @function
__cerror_pair:
	.cfi_startproc
	xorl	%edx, %edx
	.cfi_endproc
	.size	__cerror_pair, . - __cerror_pair
	.globl	__cerror
	.type	__cerror, @function
__cerror:
	.cfi_startproc
	movl	%eax, %fs:__errno_value@tpoff
	movq	$-1, %rax
	ret
	.cfi_endproc
	.size	__cerror, . - __cerror

	.section .note.GNU-stack, "", @progbits
