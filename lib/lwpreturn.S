/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the function that an LWP began with returns to: the LWP ends.  The nop is
 * for debuggers, which look up the address before a return address: they find
 * that this frame has no caller.
 */
	.cfi_sections .debug_frame
	.text
	.balign 16
	.globl __lwp_outermost
	.type __lwp_outermost, @function
__lwp_outermost:
	.cfi_startproc
	.cfi_undefined rip
	nop
	.globl __lwp_return
__lwp_return:
	call _lwp_exit
	jmp __lwp_return
	.cfi_endproc
	.size __lwp_outermost, . - __lwp_outermost

	.section .note.GNU-stack, "", @progbits
