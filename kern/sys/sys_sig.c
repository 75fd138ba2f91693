/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The signal system calls, and contexts.  Sending and delivering: kern/lwp/signal*.c.
 */
#include <kern/clock.h>
#include <kern/emul.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>
#include <sys/signal.h>
#include <sys/time.h>
#include <sys/ucontext.h>

int
sys_getcontext(struct lwp *l, const struct sys_getcontext_args *uap, register_t *retval)
{
	ucontext_t uc;
	int error;

	(void)retval;
	memset(&uc, 0, sizeof(uc));
	error = md_ucontext_get(l, &uc);
	if (error != 0)
		return error;
	uc.uc_flags |= _UC_SIGMASK;
	uc.uc_sigmask = l->l_sigmask;
	return copyout(&uc, uap->ucp, sizeof(uc));
}

int
sys_setcontext(struct lwp *l, const struct sys_setcontext_args *uap, register_t *retval)
{
	ucontext_t uc;
	int error;

	(void)retval;
	error = l->l_proc->p_emul->e_copyin_context(uap->ucp, &uc);
	if (error == 0)
		error = md_ucontext_check(&uc);
	if (error == 0)
		error = md_ucontext_set(l, &uc);
	if (error != 0)
		return error;
	if ((uc.uc_flags & _UC_SIGMASK) != 0)
		sig_setmask(l, &uc.uc_sigmask);
	return EJUSTRETURN;
}

int
sys_sigprocmask(struct lwp *l, const struct sys_sigprocmask_args *uap, register_t *retval)
{
	sigset_t set, old = l->l_sigmask, new = old;
	int error;

	(void)retval;
	if (uap->set != NULL) {
		error = copyin(uap->set, &set, sizeof(set));
		if (error != 0)
			return error;
		for (size_t i = 0; i < nitems(set.__bits); i++) {
			if (uap->how == SIG_BLOCK)
				new.__bits[i] |= set.__bits[i];
			else if (uap->how == SIG_UNBLOCK)
				new.__bits[i] &= ~set.__bits[i];
			else if (uap->how == SIG_SETMASK)
				new.__bits[i] = set.__bits[i];
			else
				return EINVAL;
		}
	}
	if (uap->oset != NULL) {
		error = copyout(&old, uap->oset, sizeof(old));
		if (error != 0)
			return error;
	}
	if (uap->set != NULL)
		sig_setmask(l, &new);
	return 0;
}

int
sys_sigpending(struct lwp *l, const struct sys_sigpending_args *uap, register_t *retval)
{
	struct proc *p = l->l_proc;
	sigset_t set;

	(void)retval;
	mutex_enter(&p->p_lock);
	for (size_t i = 0; i < nitems(set.__bits); i++)
		set.__bits[i] = (l->l_sigpend.__bits[i] | p->p_sigpend.__bits[i]) & l->l_sigmask.__bits[i];
	proc_unlock(p);
	return copyout(&set, uap->set, sizeof(set));
}

/* EINTR, after a handler has run; the old mask comes back with its return. */
int
sys_sigsuspend(struct lwp *l, const struct sys_sigsuspend_args *uap, register_t *retval)
{
	sigset_t set;
	int error;

	(void)l;
	(void)retval;
	error = copyin(uap->set, &set, sizeof(set));
	if (error != 0)
		return error;
	sig_suspend(&set);
	return EINTR;
}

static bool
on_altstack(const struct lwp *l)
{
	vaddr_t base = (vaddr_t)l->l_sigstk.ss_sp;

	return (l->l_sigstk.ss_flags & SS_DISABLE) == 0 && md_user_sp(l) - base < l->l_sigstk.ss_size;
}

int
sys_sigaltstack(struct lwp *l, const struct sys_sigaltstack_args *uap, register_t *retval)
{
	stack_t ss, old = l->l_sigstk;
	int error;

	(void)retval;
	if (on_altstack(l))
		old.ss_flags |= SS_ONSTACK;
	if (uap->ss != NULL) {
		error = copyin(uap->ss, &ss, sizeof(ss));
		if (error != 0)
			return error;
		if ((ss.ss_flags & ~SS_DISABLE) != 0 || (old.ss_flags & SS_ONSTACK) != 0)
			return EINVAL;
		if ((ss.ss_flags & SS_DISABLE) == 0 && ss.ss_size < MINSIGSTKSZ)
			return ENOMEM;
		l->l_sigstk = ss;
	}
	return uap->oss != NULL ? copyout(&old, uap->oss, sizeof(old)) : 0;
}

/* A handler needs a trampoline of the one kind that we know: siginfo, and r15 = context. */
#define SIGTRAMP_SIGINFO 2

static int
sigaction_check(const struct sys___sigaction_sigtramp_args *uap, const struct sigaction *sa)
{
	bool handler = sa->sa_handler != SIG_DFL && sa->sa_handler != SIG_IGN;

	if (uap->signo == SIGKILL || uap->signo == SIGSTOP)
		return EINVAL;
	if (handler && (uap->vers != SIGTRAMP_SIGINFO || uap->tramp == NULL))
		return EINVAL;
	return (sa->sa_flags & ~0x7f) != 0 ? EINVAL : 0;
}

int
sys___sigaction_sigtramp(struct lwp *l, const struct sys___sigaction_sigtramp_args *uap, register_t *retval)
{
	struct proc *p = l->l_proc;
	struct sigaction new, old;
	int error = 0;

	(void)retval;
	if (uap->signo <= 0 || uap->signo >= NSIG)
		return EINVAL;
	if (uap->nsa != NULL) {
		error = copyin(uap->nsa, &new, sizeof(new));
		if (error == 0)
			error = sigaction_check(uap, &new);
		if (error != 0)
			return error;
	}
	mutex_enter(&p->p_lock);
	old = p->p_sigacts[uap->signo].sa_action;
	if (uap->nsa != NULL) {
		p->p_sigacts[uap->signo].sa_action = new;
		p->p_sigacts[uap->signo].sa_tramp = (vaddr_t)uap->tramp;
		if (sig_ignored(p, uap->signo))
			sig_discard(p, uap->signo);
	}
	proc_unlock(p);
	return uap->osa != NULL ? copyout(&old, uap->osa, sizeof(old)) : 0;
}

/* The value is the signal; EAGAIN: none of the set came in time. */
int
sys___sigtimedwait(struct lwp *l, const struct sys___sigtimedwait_args *uap, register_t *retval)
{
	struct timespec ts;
	struct ksiginfo ksi;
	uint64_t deadline = 0;
	siginfo_t si;
	sigset_t set;
	int error;

	(void)l;
	error = copyin(uap->set, &set, sizeof(set));
	if (error != 0)
		return error;
	/* These two cannot be caught in any way. */
	__sigdelset(&set, SIGKILL);
	__sigdelset(&set, SIGSTOP);
	if (uap->timeout != NULL) {
		error = copyin(uap->timeout, &ts, sizeof(ts));
		if (error == 0)
			error = clock_deadline(CLOCK_MONOTONIC, 0, &ts, &deadline);
	}
	if (error == 0)
		error = sig_wait(&set, deadline, &ksi);
	if (error != 0)
		return error;
	*retval = ksi.ksi_signo;
	ksi_to_siginfo(&ksi, &si);
	return uap->info != NULL ? copyout(&si, uap->info, sizeof(si)) : 0;
}

int
sys_kill(struct lwp *l, const struct sys_kill_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	return proc_signal(uap->pid, uap->signo);
}
