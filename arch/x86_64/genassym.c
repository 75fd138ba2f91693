/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that assembly shares with C.  This file is compiled to assembly, never
 * linked; the build takes the lines marked "->" from it and makes assym.h.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/vm.h>
#include <machine/frame.h>
#include <sys/errno.h>

#define DEFINE(name, value) __asm__ volatile(".ascii \"->" #name " %0\"" : : "i"(value))
#define FRAME(NAME, field) DEFINE(TF_##NAME, offsetof(struct trapframe, field))

/* <machine/cpu.h> has these two places in its instructions. */
_Static_assert(offsetof(struct cpu_info, ci_self) == 0, "curcpu");
_Static_assert(offsetof(struct cpu_info, ci_curlwp) == 8, "curlwp");
/* So that the stack pointers of the task state are aligned. */
_Static_assert(offsetof(struct cpu_info, ci_md.mc_tss.tss_rsp) % 8 == 0, "tss_rsp");
/* syscall.S scales the number of the call by the size of the entry. */
_Static_assert(sizeof(struct sysent) == 8, "struct sysent");

static void frame(void) __attribute__((used));
static void
frame(void)
{
	FRAME(RDI, tf_rdi);
	FRAME(RSI, tf_rsi);
	FRAME(RDX, tf_rdx);
	FRAME(R10, tf_r10);
	FRAME(R8, tf_r8);
	FRAME(R9, tf_r9);
	FRAME(RAX, tf_rax);
	FRAME(RCX, tf_rcx);
	FRAME(R11, tf_r11);
	FRAME(RBX, tf_rbx);
	FRAME(RBP, tf_rbp);
	FRAME(R12, tf_r12);
	FRAME(R13, tf_r13);
	FRAME(R14, tf_r14);
	FRAME(R15, tf_r15);
	FRAME(TRAPNO, tf_trapno);
	FRAME(ERR, tf_err);
	FRAME(RIP, tf_rip);
	FRAME(CS, tf_cs);
	FRAME(RFLAGS, tf_rflags);
	FRAME(RSP, tf_rsp);
	FRAME(SS, tf_ss);
	DEFINE(TF_SIZE, sizeof(struct trapframe));
	DEFINE(TRAPNO_SYSCALL, TRAPNO_SYSCALL);
	DEFINE(TRAPNO_RESTART, TRAPNO_RESTART);
}

static void cpu(void) __attribute__((used));
static void
cpu(void)
{
	DEFINE(CI_CURLWP, offsetof(struct cpu_info, ci_curlwp));
	DEFINE(CI_TF, offsetof(struct cpu_info, ci_md.mc_tf));
	DEFINE(CI_SCRATCH, offsetof(struct cpu_info, ci_md.mc_scratch));
	DEFINE(CI_PMAP, offsetof(struct cpu_info, ci_md.mc_pmap));
	DEFINE(CI_RSP0, offsetof(struct cpu_info, ci_md.mc_tss.tss_rsp[0]));
	DEFINE(CI_IDLELWP, offsetof(struct cpu_info, ci_idlelwp));
	DEFINE(CI_SPIN_DEPTH, offsetof(struct cpu_info, ci_spin_depth));
}

static void lwp(void) __attribute__((used));
static void
lwp(void)
{
	DEFINE(L_RSP, offsetof(struct lwp, l_md.md_rsp));
	DEFINE(L_TF, offsetof(struct lwp, l_md.md_tf));
	DEFINE(L_PMAP, offsetof(struct lwp, l_md.md_pmap));
	DEFINE(L_FPLIVE, offsetof(struct lwp, l_md.md_fplive));
	DEFINE(L_AST, offsetof(struct lwp, l_ast));
	DEFINE(L_SYSENT, offsetof(struct lwp, l_sysent));
	DEFINE(L_PRIVATE, offsetof(struct lwp, l_private));
	DEFINE(L_FUNC, offsetof(struct lwp, l_func));
	DEFINE(L_ARG, offsetof(struct lwp, l_arg));
	DEFINE(L_KSTACK, offsetof(struct lwp, l_kstack));
}

static void numbers(void) __attribute__((used));
static void
numbers(void)
{
	DEFINE(KSTACK_SIZE, KSTACK_SIZE);
	DEFINE(VM_MAXUSER_ADDRESS, VM_MAXUSER_ADDRESS);
	DEFINE(SYS_TABLE_SIZE, SYS_TABLE_SIZE);
	DEFINE(EFAULT, EFAULT);
	DEFINE(ENOSYS, ENOSYS);
	DEFINE(ENAMETOOLONG, ENAMETOOLONG);
	DEFINE(EJUSTRETURN, EJUSTRETURN);
	DEFINE(ERESTART, ERESTART);
	DEFINE(SYSCALL_LENGTH, SYSCALL_LENGTH);
}
