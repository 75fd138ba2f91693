/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals: receiving.
 *
 * What it is.  An LWP takes its signals itself, at the boundary to user mode (userret), where it
 * holds nothing: one that is ignored is dropped, one that kills ends the process, one that
 * stops stops it, and for one that is caught the machine builds a frame on the user's stack, so that
 * the LWP goes to the handler.  Sending and choosing: signal_send.c.
 *
 * Order: a fault of the LWP's own first, so that its handler finds the context of the
 * fault; then a claimed signal; then the LWP's; then the process's; low numbers first.
 *
 * Locks.  p_lock, from looking to having taken.  The frame is written with nothing held.
 *
 * System calls that are interrupted.  A sender ends an interruptible sleep with ERESTART; "cancel" and
 * the end of the process with EINTR.  Most calls hand ERESTART to the machine, which puts the call
 * itself into the frame again.  If then a handler without SA_RESTART is delivered, md_sendsig
 * makes the context that it saves return EINTR; if none is, because another LWP has taken the signal
 * or it was ignored meanwhile, the call is simply executed again.  So the decision
 * is made when it is known what is delivered.
 *
 * Some calls must not be executed again, and must return EINTR only if a handler will
 * run: park, nanosleep, sigsuspend, sigtimedwait.  They ask sig_interrupt.  It takes the next signal of
 * the process for this LWP, and keeps it (l_sigclaim): nobody else can take it between the
 * answer and the boundary.
 *
 * What it does not handle: core dumps.  A pipe write that has written a part gives a short
 * count when its next wait is cut by a stop.  A call that gave EINTR for a signal of the
 * process can return so without a handler, when the LWP is suspended before it takes the
 * signal and another LWP takes it.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <kern/sleepq.h>
#include <kern/trace.h>
#include <sys/errno.h>

/* Take the first pending signal that the mask lets through.  p_lock held. */
static int
sig_pick(struct lwp *l, struct ksiginfo *ksi)
{
	struct proc *p = l->l_proc;
	int signo;

	if (l->l_sigtrap.ksi_signo != 0) {
		*ksi = l->l_sigtrap;
		l->l_sigtrap.ksi_signo = 0;
		return ksi->ksi_signo;
	}
	if (l->l_sigclaim.ksi_signo != 0) {
		*ksi = l->l_sigclaim;
		l->l_sigclaim.ksi_signo = 0;
		return ksi->ksi_signo;
	}
	signo = sigset_first(&l->l_sigpend, &l->l_sigmask);
	if (signo != 0) {
		__sigdelset(&l->l_sigpend, signo);
		*ksi = (struct ksiginfo){ signo, SI_LWP, p->p_pid, 0, 0 };
		return signo;
	}
	signo = sigset_first(&p->p_sigpend, &l->l_sigmask);
	if (signo != 0) {
		__sigdelset(&p->p_sigpend, signo);
		*ksi = p->p_siginfo[signo];
	}
	return signo;
}

/* There is nothing to look for.  p_lock held. */
static void
sig_seen(struct lwp *l)
{
	lwp_lock_first(l);
	l->l_flag &= ~LW_PENDSIG;
	lwp_unlock_last(l);
}

/*
 * Take the next signal that curlwp has to do something about: it is caught, or ends the process.  0: none
 * now; then LW_PENDSIG is clear, or the process has been asked to stop.  p_lock held.
 */
static int
sig_take(struct lwp *l, struct ksiginfo *ksi)
{
	struct proc *p = l->l_proc;
	int signo;

	KASSERT(mutex_owned(&p->p_lock) && l == curlwp);
	while ((signo = sig_pick(l, ksi)) != 0) {
		if (sig_caught(p, signo))
			return signo;
		if (sig_ignored(p, signo))
			continue;
		if (sig_default(signo) != SIGDFL_STOP)
			return signo;
		if (!sig_may_stop(p, signo))
			continue;
		proc_stop(p, signo);
		return 0;
	}
	sig_seen(l);
	return 0;
}

/* What sig_take took is to be taken by curlwp at the boundary, and by nobody else.  p_lock held. */
static void
sig_claim(struct lwp *l, const struct ksiginfo *ksi)
{
	if (ksi->ksi_code == SI_LWP)
		__sigaddset(&l->l_sigpend, ksi->ksi_signo); /* nobody else looks there */
	else
		l->l_sigclaim = *ksi;
	sig_notify(l);
}

int
sig_interrupt(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	struct ksiginfo ksi;
	uint32_t flag;
	int error = 0;

	mutex_enter(&p->p_lock);
	while (error == 0 && (flag = lwp_flags(l) & LW_USERRET) != 0) {
		if ((flag & LW_WEXIT) != 0) {
			error = EINTR;
		} else if ((flag & (LW_WSTOP | LW_WSUSPEND)) != 0) {
			proc_unlock(p);
			if ((flag & LW_WSTOP) != 0)
				lwp_stop_self();
			else
				lwp_suspend_self();
			mutex_enter(&p->p_lock);
		} else if (sig_take(l, &ksi) != 0) {
			sig_claim(l, &ksi);
			error = EINTR;
		}
	}
	proc_unlock(p);
	return error;
}

int
sig_sleep(uint64_t deadline, const char *wmesg)
{
	int error;

	do
		error = sleep_until(deadline, wmesg);
	while (error == ERESTART && (error = sig_interrupt()) == 0);
	return error;
}

/* Change curlwp's mask.  p_lock held. */
static void
mask_change(struct lwp *l, const sigset_t *set)
{
	l->l_sigmask = *set;
	__sigdelset(&l->l_sigmask, SIGKILL);
	__sigdelset(&l->l_sigmask, SIGSTOP);
	if (!sigset_empty(&l->l_proc->p_sigpend))
		sig_pass_on(l);
	sig_recheck(l);
}

void
sig_setmask(struct lwp *l, const sigset_t *set)
{
	mutex_enter(&l->l_proc->p_lock);
	mask_change(l, set);
	proc_unlock(l->l_proc);
}

/* The mask while a handler runs; p_lock held.  *saved: the one that comes back after it. */
static void
mask_handler(struct lwp *l, const struct sigaction *sa, int signo, sigset_t *saved)
{
	sigset_t set = l->l_sigmask;

	*saved = (l->l_pflag & LP_OLDMASK) != 0 ? l->l_sigoldmask : set;
	l->l_pflag &= ~(uint32_t)LP_OLDMASK;
	for (size_t i = 0; i < nitems(set.__bits); i++)
		set.__bits[i] |= sa->sa_mask.__bits[i];
	if ((sa->sa_flags & SA_NODEFER) == 0)
		__sigaddset(&set, signo);
	mask_change(l, &set);
}

void
ksi_to_siginfo(const struct ksiginfo *ksi, siginfo_t *si)
{
	memset(si, 0, sizeof(*si));
	si->si_signo = ksi->ksi_signo;
	si->si_code = ksi->ksi_code;
	if (ksi->ksi_code > 0 && ksi->ksi_code != SI_NOINFO && ksi->ksi_signo != SIGCHLD) {
		si->si_addr = (void *)ksi->ksi_addr;
	} else {
		si->si_pid = ksi->ksi_pid;
		if (ksi->ksi_signo == SIGCHLD)
			si->si_status = ksi->ksi_status;
	}
}

void
sig_deliver(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	struct ksiginfo ksi;
	struct sigact act;
	sigset_t saved;
	int signo;

	mutex_enter(&p->p_lock);
	signo = sig_take(l, &ksi);
	if (signo == 0) {
		proc_unlock(p);
		return;
	}
	act = p->p_sigacts[signo];
	TRACE(trace_signal(signo, sig_caught(p, signo)));
	if (!sig_caught(p, signo)) {
		/* In the same hold: another LWP that forks now would leave a child that the signal has missed. */
		proc_kill_locked(p, signo);
		proc_unlock(p);
		return;
	}
	/* If more are pending, the new mask's look for them sets the flag again; at these two it does not look. */
	if (l->l_sigtrap.ksi_signo == 0 && l->l_sigclaim.ksi_signo == 0)
		sig_seen(l);
	mask_handler(l, &act.sa_action, signo, &saved);
	if ((act.sa_action.sa_flags & SA_RESETHAND) != 0)
		p->p_sigacts[signo].sa_action.sa_handler = SIG_DFL;
	proc_unlock(p);
	if (p->p_emul->e_sendsig(l, &act, &ksi, &saved) != 0)
		exit1(0, SIGILL);
}

void
sig_restore_mask(void)
{
	struct lwp *l = curlwp;

	l->l_pflag &= ~(uint32_t)LP_OLDMASK;
	sig_setmask(l, &l->l_sigoldmask);
}

void
sig_suspend(const sigset_t *set)
{
	struct lwp *l = curlwp;

	l->l_sigoldmask = l->l_sigmask;
	l->l_pflag |= LP_OLDMASK;
	sig_setmask(l, set);
	(void)sig_sleep(0, "pause");
	/* Whatever ended it, also a cancel: the old mask comes back at the boundary. */
	atomic_store_relaxed(&l->l_ast, 1);
}

/* Take one of `set` that is pending for curlwp or its process.  p_lock held. */
static int
take_waited(struct lwp *l, const sigset_t *set, struct ksiginfo *ksi)
{
	struct proc *p = l->l_proc;
	sigset_t all = { { ~0U, ~0U, ~0U, ~0U } }, others;
	int signo;

	for (size_t i = 0; i < nitems(others.__bits); i++)
		others.__bits[i] = all.__bits[i] & ~set->__bits[i];
	signo = sigset_first(&l->l_sigpend, &others);
	if (signo != 0) {
		__sigdelset(&l->l_sigpend, signo);
		*ksi = (struct ksiginfo){ signo, SI_LWP, p->p_pid, 0, 0 };
		return signo;
	}
	signo = sigset_first(&p->p_sigpend, &others);
	if (signo != 0) {
		__sigdelset(&p->p_sigpend, signo);
		*ksi = p->p_siginfo[signo];
	}
	return signo;
}

int
sig_wait(const sigset_t *set, uint64_t deadline, struct ksiginfo *ksi)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	int error = 0;

	mutex_enter(&p->p_lock);
	l->l_sigwait = set;
	p->p_nsigwait++;
	while (take_waited(l, set, ksi) == 0 && error == 0) {
		error = cv_timedwait_sig(&p->p_sigwaitcv, &p->p_lock, deadline);
		if (error == ERESTART) {
			proc_unlock(p);
			error = sig_interrupt();
			mutex_enter(&p->p_lock);
		} else if (error == ETIMEDOUT) {
			error = EAGAIN;
		}
		ksi->ksi_signo = 0;
	}
	l->l_sigwait = NULL;
	p->p_nsigwait--;
	if (ksi->ksi_signo != 0)
		error = 0;
	if (!sigset_empty(&p->p_sigpend))
		sig_pass_on(l);
	sig_recheck(l);
	proc_unlock(p);
	return error;
}

/* A new program: what was caught has no handler any more. */
void
sig_exec(struct lwp *l)
{
	struct proc *p = l->l_proc;

	mutex_enter(&p->p_lock);
	for (int signo = 1; signo < NSIG; signo++) {
		struct sigaction *sa = &p->p_sigacts[signo].sa_action;

		if (sig_caught(p, signo))
			sa->sa_handler = SIG_DFL;
		memset(&sa->sa_mask, 0, sizeof(sa->sa_mask));
		sa->sa_flags = 0;
		if (sig_ignored(p, signo))
			sig_discard(p, signo);
	}
	l->l_sigstk = (stack_t){ .ss_flags = SS_DISABLE };
	sig_recheck(l);
	proc_unlock(p);
}

/*
 * A program did what the processor refuses.  A signal that it does not catch, or has masked, ends it.
 */
void
trap_signal(int signo, int code, vaddr_t addr)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	bool caught;

	mutex_enter(&p->p_lock);
	caught = sig_caught(p, signo) && !__sigismember(&l->l_sigmask, signo);
	if (caught) {
		l->l_sigtrap = (struct ksiginfo){ signo, code, 0, 0, addr };
		sig_notify(l);
	}
	proc_unlock(p);
	if (caught)
		return;
	kprintf("%s[%d.%d]: signal %d, code %d, address %p\n", p->p_comm, p->p_pid, l->l_lid, signo, code,
	    (void *)addr);
	exit1(0, signo);
}
