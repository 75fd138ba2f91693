/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a stub goes when its call has failed: %rax is the error number.  It
 * becomes the LWP's errno, and the result -1 in both result registers' stead.
 */
	.cfi_sections .debug_frame
	.text
	.globl	__cerror
	.type	__cerror, @function
__cerror:
	.cfi_startproc
	movl	%eax, %fs:__errno_value@tpoff
	movq	$-1, %rax
	xorl	%edx, %edx
	ret
	.cfi_endproc
	.size	__cerror, . - __cerror

	.section .note.GNU-stack, "", @progbits
