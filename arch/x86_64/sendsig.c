/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of a signal handler.
 *
 * On the user's stack, from the lowest address: the address of the trampoline, as if the
 * handler had been called from there; the siginfo; the context that was interrupted.  The
 * trampoline gives the context to setcontext.  Below the stack pointer the red zone is left alone:
 * 128 bytes that a leaf function may use without moving it.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/signal.h>
#include <kern/vm.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/frame.h>
#include <machine/machdep.h>
#include <sys/errno.h>

#define RED_ZONE 128
#define SIGFRAME_HEAD offsetof(struct sigframe, sf_uc.uc_mcontext.__fpregs)

struct sigframe {
	uint64_t sf_ra;
	siginfo_t sf_si;
	ucontext_t sf_uc;
};

vaddr_t
md_user_sp(const struct lwp *l)
{
	return l->l_md.md_tf->tf_rsp;
}

/* Where the frame begins: rsp is 16n - 8 there, as after a call. */
static vaddr_t
frame_address(const struct lwp *l, const struct sigaction *sa)
{
	vaddr_t sp = l->l_md.md_tf->tf_rsp, base = (vaddr_t)l->l_sigstk.ss_sp;

	if ((sa->sa_flags & SA_ONSTACK) != 0 && (l->l_sigstk.ss_flags & SS_DISABLE) == 0 &&
	    sp - base >= l->l_sigstk.ss_size)
		sp = base + l->l_sigstk.ss_size;
	else
		sp -= RED_ZONE;
	return ((sp - sizeof(struct sigframe)) & ~0xfUL) - 8;
}

/* A call that was to be executed again returns EINTR instead. */
static void
no_restart(struct trapframe *tf)
{
	tf->tf_rip += SYSCALL_LENGTH;
	tf->tf_rax = EINTR;
	tf->tf_rflags |= PSL_C;
}

int
md_sendsig(struct lwp *l, const struct sigact *act, const struct ksiginfo *ksi, const sigset_t *saved)
{
	const struct sigaction *sa = &act->sa_action;
	struct trapframe *tf = l->l_md.md_tf;
	vaddr_t at = frame_address(l, sa), handler = (vaddr_t)sa->sa_handler;
	const struct fxsave *fx;
	struct sigframe sf;
	int error;

	if (handler >= VM_MAXUSER_ADDRESS)
		return EFAULT; /* iret would fault */
	if (tf->tf_trapno == TRAPNO_RESTART) {
		if ((sa->sa_flags & SA_RESTART) == 0)
			no_restart(tf);
		tf->tf_trapno = TRAPNO_SYSCALL;
	}
	/* All of it is filled, to the last byte: nothing of the kernel's stack may get out. */
	sf.sf_ra = act->sa_tramp;
	ksi_to_siginfo(ksi, &sf.sf_si);
	__builtin_memset(&sf.sf_uc, 0, offsetof(ucontext_t, uc_mcontext));
	sf.sf_uc.uc_flags = _UC_SIGMASK | _UC_STACK;
	sf.sf_uc.uc_sigmask = *saved;
	sf.sf_uc.uc_stack = l->l_sigstk;
	fx = ucontext_get_regs(l, &sf.sf_uc);
	error = copyout(&sf, (void *)at, SIGFRAME_HEAD);
	if (error == 0)
		error = copyout(fx, (char *)at + SIGFRAME_HEAD, sizeof(sf) - SIGFRAME_HEAD);
	if (error != 0)
		return EFAULT;
	tf->tf_rdi = (uint64_t)ksi->ksi_signo;
	tf->tf_rsi = at + offsetof(struct sigframe, sf_si);
	tf->tf_rdx = tf->tf_r15 = at + offsetof(struct sigframe, sf_uc);
	tf->tf_rip = handler;
	tf->tf_rsp = at;
	tf->tf_rflags &= ~(uint64_t)(PSL_T | PSL_D | PSL_AC);
	return 0;
}
