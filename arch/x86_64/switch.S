/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The context switch, and how a new LWP begins.
 *
 * An LWP that is not running has a struct switchframe on its kernel stack, and
 * l_md.md_rsp points to it: the callee-saved registers and the return address of
 * md_switchto.  All else that C expects a call to preserve is preserved.
 */
#include <machine/asm.h>
#include <machine/cpufunc.h>
#include <machine/segments.h>
#include "assym.h"

	.cfi_sections .debug_frame
	.text

/*
 * struct lwp *md_switchto(struct lwp *old, struct lwp *new)
 *
 * Called with interrupts off and old's lock held.  The call-frame information holds
 * on both stacks, because they look the same here.
 */
ENTRY(md_switchto)
	pushq %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	pushq %rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq %r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq %r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	pushq %r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	pushq %r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	cmpl $0, L_FPLIVE(%rdi)
	jne 3f
1:	movq %rsp, L_RSP(%rdi)
	movq L_RSP(%rsi), %rsp
6:

	/* A kernel thread works in whatever address space is there. */
	movq L_PMAP(%rsi), %rdx
	testq %rdx, %rdx
	jz 2f
	movq L_TF(%rsi), %rcx
	addq $8, %rcx                           /* syscall_entry pushes the frame's first word */
	movq %rcx, %gs:CI_TF
	addq $TF_SIZE - 8, %rcx
	movq %rcx, %gs:CI_RSP0
	cmpq %gs:CI_PMAP, %rdx
	jne 4f
5:	movl $MSR_FSBASE, %ecx
	movl L_PRIVATE(%rsi), %eax
	movl L_PRIVATE + 4(%rsi), %edx
	wrmsr

2:	movq %rdi, %rax
	popq %r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore r15
	popq %r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore r14
	popq %r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore r13
	popq %r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore r12
	popq %rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	popq %rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbp
	ret

	/* old used vector registers since it got the CPU. */
3:	.cfi_def_cfa rsp, 56
	.cfi_offset rbp, -16
	.cfi_offset rbx, -24
	.cfi_offset r12, -32
	.cfi_offset r13, -40
	.cfi_offset r14, -48
	.cfi_offset r15, -56
	movq %rdi, %rbx
	movq %rsi, %r12
	call fpu_leave
	movq %rbx, %rdi
	movq %r12, %rsi
	jmp 1b

	/* Another address space: its tables, and nothing of another program in registers. */
4:	movq %rdi, %rbx
	movq %rsi, %r12
	movq %rdx, %rdi
	call pmap_load
	call reset_user_segments
	movq %rbx, %rdi
	movq %r12, %rsi
	jmp 5b
END(md_switchto)

	/* Where an LWP goes on: to gdb's proxy, all that are on no CPU stand here. */
	.globl md_switched_offset
	.set md_switched_offset, 6b - md_switchto

/*
 * void reset_user_segments(void)
 *
 * The segment registers that a program may load go back to fixed values.  Loading fs
 * clears its base; of the two gs bases it is the user's that is to be cleared, so
 * it is made the active one for a moment.
 */
ENTRY(reset_user_segments)
	pushfq
	.cfi_adjust_cfa_offset 8
	cli
	movl $SEL_UDATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	swapgs
	movl %eax, %gs
	swapgs
	popfq
	.cfi_adjust_cfa_offset -8
	ret
END(reset_user_segments)

/*
 * Where md_switchto of a new LWP returns to: rax = the LWP that left, r12 = the
 * new one, rsp = its (still empty) user frame.
 */
ENTRY(lwp_trampoline)
	.cfi_undefined rip
	nop                                     /* a return address is looked up by the byte before it */
	.globl lwp_begin
lwp_begin:
	movq %rax, %rdi
	movq %r12, %rsi
	call lwp_startup
	movq L_FUNC(%r12), %rax
	testq %rax, %rax
	jz 1f
	sti
	movq L_ARG(%r12), %rdi
	call *%rax
	ud2
1:	cli
	jmp user_return
END(lwp_trampoline)

	.section .note.GNU-stack, "", @progbits
