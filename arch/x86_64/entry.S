/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts and exceptions: in, and back out.
 *
 * A stub a vector pushes the vector number (and a 0 where the processor pushes no
 * error code); all go on in trap_enter, which completes the struct trapframe and
 * calls trap().  Interrupts are off from the entry on; trap() turns them on where
 * it may.
 *
 * On the way out to a user program l_ast is looked at with interrupts off, so
 * that no request to call userret() is missed; user_return is shared with
 * system calls that cannot leave by sysret.
 *
 * NMI, double fault and machine check can come while the GS base is still (or
 * again) the user's although the processor is in kernel mode.  They have
 * stacks of their own, and look at the GS base itself: the kernel's is negative.
 * None of them returns.
 */
#include <machine/asm.h>
#include <machine/cpufunc.h>
#include <machine/intr.h>
#include <machine/segments.h>
#include "assym.h"

	.cfi_sections .debug_frame
	.text

/* The frame as it is on entry to trap_enter: trapno, err, and the processor's five words. */
	.macro CFI_HARDWARE_FRAME depth
	.cfi_signal_frame
	.cfi_def_cfa rsp, \depth + 40
	.cfi_offset rip, -40
	.cfi_offset rsp, -16
	.endm

	.macro CFI_FULL_FRAME
	.cfi_offset rbx, TF_RBX - TF_SIZE
	.cfi_offset rbp, TF_RBP - TF_SIZE
	.cfi_offset r12, TF_R12 - TF_SIZE
	.cfi_offset r13, TF_R13 - TF_SIZE
	.cfi_offset r14, TF_R14 - TF_SIZE
	.cfi_offset r15, TF_R15 - TF_SIZE
	.endm

	.macro SAVE_REGISTERS
	subq $TF_TRAPNO, %rsp
	.cfi_adjust_cfa_offset TF_TRAPNO
	movq %rdi, TF_RDI(%rsp)
	movq %rsi, TF_RSI(%rsp)
	movq %rdx, TF_RDX(%rsp)
	movq %r10, TF_R10(%rsp)
	movq %r8, TF_R8(%rsp)
	movq %r9, TF_R9(%rsp)
	movq %rax, TF_RAX(%rsp)
	movq %rcx, TF_RCX(%rsp)
	movq %r11, TF_R11(%rsp)
	movq %rbx, TF_RBX(%rsp)
	movq %rbp, TF_RBP(%rsp)
	movq %r12, TF_R12(%rsp)
	movq %r13, TF_R13(%rsp)
	movq %r14, TF_R14(%rsp)
	movq %r15, TF_R15(%rsp)
	CFI_FULL_FRAME
	.endm

	.macro RESTORE_REGISTERS
	movq TF_RDI(%rsp), %rdi
	movq TF_RSI(%rsp), %rsi
	movq TF_RDX(%rsp), %rdx
	movq TF_R10(%rsp), %r10
	movq TF_R8(%rsp), %r8
	movq TF_R9(%rsp), %r9
	movq TF_RAX(%rsp), %rax
	movq TF_RCX(%rsp), %rcx
	movq TF_R11(%rsp), %r11
	movq TF_RBX(%rsp), %rbx
	movq TF_RBP(%rsp), %rbp
	movq TF_R12(%rsp), %r12
	movq TF_R13(%rsp), %r13
	movq TF_R14(%rsp), %r14
	movq TF_R15(%rsp), %r15
	addq $TF_RIP, %rsp
	.cfi_adjust_cfa_offset -TF_RIP
	.irp register, rbx, rbp, r12, r13, r14, r15
	.cfi_restore \register
	.endr
	.endm

ENTRY(trap_enter)
	CFI_HARDWARE_FRAME 16
	testb $SEL_RPL, TF_CS - TF_TRAPNO(%rsp)
	jz 1f
	swapgs
1:	CLAC
	SAVE_REGISTERS
	cld
	movq %rsp, %rdi
	call trap
	/* md_backtrace knows this address. */
	.globl trap_return
trap_return:
	cli
	testb $SEL_RPL, TF_CS(%rsp)
	jz kernel_return

	/* To a user program, all registers from the frame that rsp points to.  Interrupts are off. */
	.globl user_return
user_return:
	movq %gs:CI_CURLWP, %rax
	cmpl $0, L_AST(%rax)
	jne 2f
	.cfi_remember_state
	RESTORE_REGISTERS
	swapgs
	iretq
	.cfi_restore_state
2:	sti
	call userret
	cli
	jmp user_return

	/* To kernel code: if it ran with interrupts on, it may be preempted. */
kernel_return:
	testl $PSL_I, TF_RFLAGS(%rsp)
	jz 3f
	call kpreempt_intr
3:	RESTORE_REGISTERS
	iretq
END(trap_enter)

ENTRY(trap_enter_paranoid)
	CFI_HARDWARE_FRAME 16
	CLAC
	SAVE_REGISTERS
	cld
	movl $MSR_GSBASE, %ecx
	rdmsr
	testl %edx, %edx
	js 1f
	swapgs
1:	movq %rsp, %rdi
	call trap_paranoid
	.globl trap_paranoid_return
trap_paranoid_return:
	ud2
END(trap_enter_paranoid)

/*
 * The stubs, TRAP_STUB_SIZE bytes each.
 */
	.balign 16
	.globl trap_stubs
	.type trap_stubs, @function
trap_stubs:
	.cfi_startproc
	CFI_HARDWARE_FRAME 0
	.set vector, 0
	.rept VEC_COUNT
	.balign 16
	.if (vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17) || (vector == 21) || \
	    (vector == 29) || (vector == 30)
	/* The processor has pushed an error code. */
	.else
	.cfi_def_cfa_offset 40
	pushq $0
	.endif
	.cfi_def_cfa_offset 48
	.byte 0x68                              /* pushq $vector */
	.long vector
	.cfi_def_cfa_offset 56
	.if (vector == 2) || (vector == 8) || (vector == 18)
	jmp trap_enter_paranoid
	.else
	jmp trap_enter
	.endif
	.set vector, vector + 1
	.endr
	.cfi_endproc
	.size trap_stubs, . - trap_stubs

	.section .note.GNU-stack, "", @progbits
