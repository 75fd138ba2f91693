/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls: the hottest way into the kernel and out.
 *
 * The processor leaves rip in rcx and rflags in r11, masks the flags (MSR_SFMASK,
 * cpu.c: interrupts are off), and changes nothing else.  We put the user's
 * registers into the trap frame at the top of the kernel stack, but only those
 * that C may destroy: rbx, rbp and r12 - r15 come back from the handler as they
 * went in.  A handler that needs the whole frame is marked FULL in the table and
 * is called through a stub that stores the rest (FULLCALL below).
 *
 * Ways out.  The usual one is sysret, with the values in rax and rdx, or with an
 * errno in rax and the carry flag set.  When l_ast says that userret() has work,
 * or the frame was changed (EJUSTRETURN) or the call is to be executed again
 * (ERESTART, ERESTARTALWAYS), the frame is completed and user_return in entry.S leaves by iret.
 *
 * sysret faults in kernel mode, on the user's stack, when rcx is not a canonical
 * address.  Here rcx is what syscall left: the address after an instruction that
 * lies below VM_MAXUSER_ADDRESS, so it is canonical.  A frame that anyone has
 * changed never leaves this way.
 */
#include <machine/asm.h>
#include <machine/cpufunc.h>
#include <machine/segments.h>
#include "assym.h"

	.cfi_sections .debug_frame
	.text

	/* What a full frame has beyond what entry stored.  \tf: register that points to it. */
	.macro COMPLETE_FRAME tf
	movq %rbx, TF_RBX(\tf)
	movq %rbp, TF_RBP(\tf)
	movq %r12, TF_R12(\tf)
	movq %r13, TF_R13(\tf)
	movq %r14, TF_R14(\tf)
	movq %r15, TF_R15(\tf)
	movq TF_RIP(\tf), %rcx
	movq %rcx, TF_RCX(\tf)
	movq TF_RFLAGS(\tf), %rcx
	movq %rcx, TF_R11(\tf)
	movq $TRAPNO_SYSCALL, TF_TRAPNO(\tf)
	movq $0, TF_ERR(\tf)
	movq $SEL_UCODE, TF_CS(\tf)
	movq $SEL_UDATA, TF_SS(\tf)
	.endm

	/* The usual way out; rax, rdx and r11 are loaded.  The frame is \skip bytes above rsp. */
	.macro SYSRET skip
	movq \skip + TF_RIP(%rsp), %rcx
	movq \skip + TF_RDI(%rsp), %rdi
	movq \skip + TF_RSI(%rsp), %rsi
	movq \skip + TF_R10(%rsp), %r10
	movq \skip + TF_R8(%rsp), %r8
	movq \skip + TF_R9(%rsp), %r9
	.cfi_remember_state
	movq \skip + TF_RSP(%rsp), %rsp
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	.cfi_same_value rsp
	swapgs
	sysretq
	.endm

ENTRY(syscall_entry)
	.cfi_signal_frame
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	swapgs
	/* In this order, so that the user's rsp is always where call-frame information can say. */
	movq %rdi, %gs:CI_SCRATCH
	movq %rsp, %rdi
	.cfi_def_cfa rdi, 0
	.cfi_register rsp, rdi
	movq %gs:CI_TF, %rsp                    /* one word into the frame */
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
	movq %rcx, TF_RIP(%rsp)
	.cfi_offset rip, TF_RIP - TF_SIZE
	movq %r11, TF_RFLAGS(%rsp)
	movq %gs:CI_CURLWP, %rdi
	sti
	movq %rsp, %rsi                         /* uap */
	pushq $0                                /* retval */
	.cfi_adjust_cfa_offset 8
	pushq $0
	.cfi_adjust_cfa_offset 8
	movq %rsp, %rdx
	cmpq $SYS_TABLE_SIZE, %rax
	jae 5f
	movq L_SYSENT(%rdi), %rcx
	call *(%rcx, %rax, 8)
	/* md_backtrace knows this address. */
	.globl syscall_return
syscall_return:
	testl %eax, %eax
	jnz 3f

	cli
	movq %gs:CI_CURLWP, %rdi
	popq %rax
	.cfi_adjust_cfa_offset -8
	popq %rdx
	.cfi_adjust_cfa_offset -8
	movq TF_RFLAGS(%rsp), %r11
	andq $~PSL_C, %r11
	cmpl $0, L_AST(%rdi)
	jne 2f
	SYSRET 0

	/* With a result, but not by sysret. */
2:	.cfi_restore_state
	movq %rax, TF_RAX(%rsp)
	movq %rdx, TF_RDX(%rsp)
	movq %r11, TF_RFLAGS(%rsp)
	COMPLETE_FRAME %rsp
	jmp user_return

	/* An error, or one of the two unusual ways back.  The two words of retval are left on the stack. */
3:	.cfi_adjust_cfa_offset 16
	js 4f
	cli
	movq %gs:CI_CURLWP, %rdi
	movq 16 + TF_RDX(%rsp), %rdx
	movq 16 + TF_RFLAGS(%rsp), %r11
	orq $PSL_C, %r11
	cmpl $0, L_AST(%rdi)
	jne 1f
	SYSRET 16
1:	.cfi_restore_state
	addq $16, %rsp
	.cfi_adjust_cfa_offset -16
	jmp 2b

4:	.cfi_adjust_cfa_offset 16
	cli
	addq $16, %rsp
	.cfi_adjust_cfa_offset -16
	cmpl $EJUSTRETURN, %eax
	je user_return
	subq $SYSCALL_LENGTH, TF_RIP(%rsp)
	COMPLETE_FRAME %rsp
	cmpl $ERESTART, %eax
	jne user_return                         /* ERESTARTALWAYS */
	movq $TRAPNO_RESTART, TF_TRAPNO(%rsp)   /* md_sendsig may make an EINTR of it */
	jmp user_return

	/* A number beyond the table. */
5:	.cfi_adjust_cfa_offset 16
	pushq $syscall_return
	.cfi_adjust_cfa_offset 8
	jmp sys_nosys
END(syscall_entry)

/* The syscall instruction of 32-bit programs, which we do not run. */
ENTRY(syscall_entry32)
	.cfi_signal_frame
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	movl $ENOSYS, %eax
	orl $PSL_C, %r11d
	sysretl
END(syscall_entry32)

/*
 * What the table's FULL calls point to: complete the frame, which is where uap
 * points, and go on in the handler.
 */
#define FULLCALL(name)                                                          \
ENTRY(sys_##name##_full);                                                       \
	COMPLETE_FRAME %rsi;                                                    \
	jmp sys_##name;                                                         \
END(sys_##name##_full)

#include <kern/fullcalls.h>

	.section .note.GNU-stack, "", @progbits
