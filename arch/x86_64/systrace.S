/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system-call entry while tracing is on; syscall.S, which is the fast one, knows
 * nothing of it.  MSR_LSTAR says which is used (patch.c).
 *
 * The whole frame is saved on entry and loaded on the way out, by user_return.  Between
 * the two calls into C the registers rbx, rbp and r12 - r15 hold what the program had
 * in them, because C preserves them: the FULL handlers, which store them, find them.
 */
#include <machine/asm.h>
#include <machine/cpufunc.h>
#include <machine/segments.h>
#include "assym.h"

	.cfi_sections .debug_frame
	.text

#define LOCALS 32 /* two result registers, the number of the call, and eight bytes to align */

ENTRY(syscall_entry_traced)
	.cfi_signal_frame
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	swapgs
	movq %rdi, %gs:CI_SCRATCH
	movq %rsp, %rdi
	.cfi_def_cfa rdi, 0
	.cfi_register rsp, rdi
	movq %gs:CI_TF, %rsp                    /* one word into the frame, as in syscall.S */
	.cfi_def_cfa rsp, TF_SIZE - 8
	movq %rdi, TF_RSP - 8(%rsp)
	.cfi_offset rsp, TF_RSP - TF_SIZE
	pushq %gs:CI_SCRATCH                    /* TF_RDI, the first */
	.cfi_adjust_cfa_offset 8
	movq %rsi, TF_RSI(%rsp)
	movq %rdx, TF_RDX(%rsp)
	movq %r10, TF_R10(%rsp)
	movq %r8, TF_R8(%rsp)
	movq %r9, TF_R9(%rsp)
	movq %rax, TF_RAX(%rsp)
	movq %rcx, TF_RCX(%rsp)
	movq %rcx, TF_RIP(%rsp)
	.cfi_offset rip, TF_RIP - TF_SIZE
	movq %r11, TF_R11(%rsp)
	movq %r11, TF_RFLAGS(%rsp)
	movq %rbx, TF_RBX(%rsp)
	movq %rbp, TF_RBP(%rsp)
	movq %r12, TF_R12(%rsp)
	movq %r13, TF_R13(%rsp)
	movq %r14, TF_R14(%rsp)
	movq %r15, TF_R15(%rsp)
	movq $TRAPNO_SYSCALL, TF_TRAPNO(%rsp)
	movq $0, TF_ERR(%rsp)
	movq $SEL_UCODE, TF_CS(%rsp)
	movq $SEL_UDATA, TF_SS(%rsp)
	sti
	subq $LOCALS, %rsp
	.cfi_adjust_cfa_offset LOCALS
	movq $0, (%rsp)
	movq $0, 8(%rsp)
	movq %rax, 16(%rsp)
	leaq LOCALS(%rsp), %rdi
	call systrace_in

	movq %gs:CI_CURLWP, %rdi
	leaq LOCALS(%rsp), %rsi                 /* uap */
	movq %rsp, %rdx                         /* retval */
	movq 16(%rsp), %rax
	cmpq $SYS_TABLE_SIZE, %rax
	jae 2f
	movq L_SYSENT(%rdi), %rcx
	call *(%rcx, %rax, 8)
	/* md_backtrace knows this address. */
	.globl syscall_traced_return
syscall_traced_return:
	leaq LOCALS(%rsp), %rdi
	movl %eax, %esi
	movq %rsp, %rdx
	movq 16(%rsp), %rcx
	call systrace_out
	cli
	addq $LOCALS, %rsp
	.cfi_adjust_cfa_offset -LOCALS
	jmp user_return

	/* A number beyond the table. */
2:	.cfi_adjust_cfa_offset LOCALS
	pushq $syscall_traced_return
	.cfi_adjust_cfa_offset 8
	jmp sys_nosys
END(syscall_entry_traced)

/*
 * NAME_keep: call NAME(rdi, rsi) and keep all registers.  Reached from anywhere in C (MD_TRACE_KEEP), so the stack is
 * aligned here.
 */
#define KEEP(name)                                                              \
ENTRY(name##_keep);                                                             \
	pushq %rbp;                                                             \
	.cfi_adjust_cfa_offset 8;                                               \
	.cfi_rel_offset rbp, 0;                                                 \
	movq %rsp, %rbp;                                                        \
	.cfi_def_cfa_register rbp;                                              \
	pushq %rax;                                                             \
	pushq %rcx;                                                             \
	pushq %rdx;                                                             \
	pushq %rsi;                                                             \
	pushq %rdi;                                                             \
	pushq %r8;                                                              \
	pushq %r9;                                                              \
	pushq %r10;                                                             \
	pushq %r11;                                                             \
	andq $-16, %rsp;                                                        \
	call name;                                                              \
	leaq -72(%rbp), %rsp;                                                   \
	popq %r11;                                                              \
	popq %r10;                                                              \
	popq %r9;                                                               \
	popq %r8;                                                               \
	popq %rdi;                                                              \
	popq %rsi;                                                              \
	popq %rdx;                                                              \
	popq %rcx;                                                              \
	popq %rax;                                                              \
	popq %rbp;                                                              \
	.cfi_def_cfa rsp, 8;                                                    \
	ret;                                                                    \
END(name##_keep)

KEEP(trace_state)
KEEP(trace_wake)
KEEP(trace_switch_reason)
KEEP(trace_lwp)
KEEP(trace_intr)
KEEP(trace_intr_end)
KEEP(trace_intr_off)
KEEP(trace_intr_on)
KEEP(trace_spin)
KEEP(trace_published)

/* What else is hardly ever called from hot code: MD_CALL_KEEP. */
KEEP(spin_enter_contended)
KEEP(preempt_point)
KEEP(policy_rise)
KEEP(sched_choose_sleeper)
KEEP(sched_offer_queue)
KEEP(sched_slice_needed)
KEEP(sched_wake_idle)

	.section .note.GNU-stack, "", @progbits
