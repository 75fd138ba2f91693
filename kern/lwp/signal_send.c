/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals: sending.
 *
 * What it is.  A signal for an LWP (_lwp_kill) waits in its l_sigpend, one for the process
 * in p_sigpend, at most once each.  For a process's signal one LWP is chosen that can take
 * it; it is told to look (LW_PENDSIG), but the signal stays in p_sigpend until somebody
 * takes it.  Job control acts on the process at once (signal_stop.c), and so does SIGKILL.
 *
 * Storage.  Nothing is allocated, so sending never fails for lack of memory.  The process keeps
 * one ksiginfo a signal number, that of the first that is pending.  An LWP needs none: whatever
 * is sent to it comes from its own process, by _lwp_kill.  (Or from the prompt, lwp_outside.c, and is then told as if.)
 * Its own fault has a place of its own.
 *
 * Locks.  All under p_lock; LW_PENDSIG with the LWP's lock too.  A mask changes under p_lock,
 * and so a sender that reads it under p_lock chooses well.
 *
 * Why no signal is lost.  One that is pending and that some LWP can take was seen by that LWP, or
 * the LWP has LW_PENDSIG set, or another one that can take it has:
 *	- the sender chooses under p_lock among those who can take it now, and sets the flag;
 *	- if nobody can, it waits; who opens its mask looks itself (sig_recheck);
 *	- if the chosen one closes its mask, suspends or exits before it has taken the
 *	  signal, it passes it on, in the same hold of p_lock (sig_pass_on, exit.4);
 *	- the flag is cleared only under p_lock by an LWP that finds nothing for itself, or that
 *	  takes a signal and looks again when its mask has changed (mask_handler).
 * The flag is tested under the LWP's lock on the way into a sleep, and set under the same
 * lock: a sender comes before that test, or finds the LWP asleep and wakes it.
 *
 * What it does not handle: queued signals; users: everybody is root.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pgrp.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <kern/sleepq.h>
#include <kern/trace.h>
#include <sys/errno.h>
#include <sys/wait.h>

static sig_t
handler_of(const struct proc *p, int signo)
{
	return p->p_sigacts[signo].sa_action.sa_handler;
}

bool
sig_caught(const struct proc *p, int signo)
{
	return handler_of(p, signo) != SIG_DFL && handler_of(p, signo) != SIG_IGN;
}

/* SIGCONT has done its work when it is sent. */
bool
sig_ignored(const struct proc *p, int signo)
{
	enum sigdefault dfl;

	if (predict_true(handler_of(p, signo) != SIG_DFL))
		return handler_of(p, signo) == SIG_IGN;
	dfl = sig_default(signo);
	return dfl == SIGDFL_IGNORE || dfl == SIGDFL_CONT;
}

void
sig_notify(struct lwp *l)
{
	KASSERT(mutex_owned(&l->l_proc->p_lock));
	lwp_lock_first(l);
	l->l_flag |= LW_PENDSIG;
	if (l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0) {
		atomic_store_relaxed(&l->l_ast, 1);
		sleepq_wake(l, ERESTART); /* lets l's lock go */
	} else {
		lwp_need_userret(l);
		lwp_unlock_last(l);
	}
}

/* How soon `l` could take `signo`.  0: not at all.  p_lock held; the state is a hint. */
enum { RANK_NEVER, RANK_SUSPENDED, RANK_ASLEEP, RANK_SOON };

static int
take_rank(const struct lwp *l, int signo)
{
	uint32_t flag = lwp_flags(l);

	if ((flag & (LW_EXITING | LW_WEXIT)) != 0 || (l->l_prflag & LPR_IDL) != 0 ||
	    __sigismember(&l->l_sigmask, signo))
		return RANK_NEVER;
	if ((flag & LW_WSUSPEND) != 0)
		return RANK_SUSPENDED;
	return atomic_load_relaxed(&l->l_stat) == LSSLEEP && (flag & LW_SINTR) == 0 ? RANK_ASLEEP : RANK_SOON;
}

/* The LWP to take a signal of the process: the sender itself if it can.  NULL: none. */
static struct lwp *
choose_lwp(struct proc *p, int signo)
{
	struct lwp *l, *best = NULL;
	int rank, bestrank = RANK_NEVER;

	if (curproc == p && take_rank(curlwp, signo) == RANK_SOON)
		return curlwp;
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		rank = take_rank(l, signo);
		if (rank > bestrank) {
			best = l;
			bestrank = rank;
		}
		if (rank == RANK_SOON)
			break;
	}
	return best;
}

void
sig_pass_on(struct lwp *l)
{
	static const sigset_t none;
	struct proc *p = l->l_proc;
	sigset_t left;
	struct lwp *other;
	int signo;

	KASSERT(mutex_owned(&p->p_lock));
	if (l->l_sigclaim.ksi_signo != 0) {
		signo = l->l_sigclaim.ksi_signo;
		__sigaddset(&p->p_sigpend, signo);
		p->p_siginfo[signo] = l->l_sigclaim;
		l->l_sigclaim.ksi_signo = 0;
	}
	if ((p->p_sflag & PS_WEXIT) != 0)
		return; /* all are leaving: to look for one that can take it would be in vain */
	left = p->p_sigpend;
	while ((signo = sigset_first(&left, &none)) != 0) {
		__sigdelset(&left, signo);
		if (take_rank(l, signo) == RANK_SOON)
			continue;
		other = choose_lwp(p, signo);
		if (other != NULL && other != l)
			sig_notify(other);
	}
	if (p->p_nsigwait != 0)
		cv_broadcast(&p->p_sigwaitcv);
}

void
sig_recheck(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_lock));
	if (sigset_first(&l->l_sigpend, &l->l_sigmask) != 0 ||
	    sigset_first(&p->p_sigpend, &l->l_sigmask) != 0)
		sig_notify(l);
}

void
sig_discard(struct proc *p, int signo)
{
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_lock));
	__sigdelset(&p->p_sigpend, signo);
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		__sigdelset(&l->l_sigpend, signo);
		if (l->l_sigclaim.ksi_signo == signo)
			l->l_sigclaim.ksi_signo = 0;
	}
}

/* Does an LWP wait in sigtimedwait for this signal, sent to `l` or to the process (NULL)? */
static bool
is_waited_for(const struct proc *p, const struct lwp *l, int signo)
{
	const struct lwp *l2;

	if (p->p_nsigwait == 0)
		return false;
	TAILQ_FOREACH(l2, &p->p_lwps, l_sibling) {
		if ((l == NULL || l == l2) && l2->l_sigwait != NULL &&
		    __sigismember(l2->l_sigwait, signo))
			return true;
	}
	return false;
}

/* Put it where it is found.  One that is pending already keeps what is known of it. */
static void
make_pending(struct proc *p, struct lwp *l, const struct ksiginfo *ksi)
{
	int signo = ksi->ksi_signo;

	if (l != NULL) {
		__sigaddset(&l->l_sigpend, signo);
	} else if (!__sigismember(&p->p_sigpend, signo)) {
		__sigaddset(&p->p_sigpend, signo);
		p->p_siginfo[signo] = *ksi;
	}
}

bool
sig_may_stop(const struct proc *p, int signo)
{
	KASSERT(mutex_owned(&p->p_lock));
	return signo == SIGSTOP || !p->p_pgorphan;
}

/* A stop and a continuation cancel each other.  proclist_lock and p_lock held for SIGCONT. */
static void
job_control(struct proc *p, int signo)
{
	if (sig_default(signo) == SIGDFL_STOP) {
		sig_discard(p, SIGCONT);
	} else if (signo == SIGCONT) {
		sig_discard(p, SIGSTOP);
		sig_discard(p, SIGTSTP);
		sig_discard(p, SIGTTIN);
		sig_discard(p, SIGTTOU);
		proc_continue(p);
	}
}

/*
 * Send to p, or to its LWP `l` if that is not NULL.  p_lock held, and proclist_lock for the
 * signals of job control.
 */
static void
post(struct proc *p, struct lwp *l, const struct ksiginfo *ksi)
{
	int signo = ksi->ksi_signo;
	struct lwp *t = l;
	bool waited;

	KASSERT(mutex_owned(&p->p_lock));
	TRACE(trace_send(p, l, signo));
	/* A group's signal during a fork: the child's LWP looks when it is published. */
	if (p->p_stat == SIDL) {
		job_control(p, signo); /* else it would stop for a SIGSTOP that SIGCONT has followed */
		make_pending(p, NULL, ksi);
	}
	if (p->p_stat != SACTIVE || (p->p_sflag & (PS_WEXIT | PS_SYSTEM)) != 0)
		return;
	if (signo == SIGKILL) {
		proc_kill_locked(p, SIGKILL);
		return;
	}
	job_control(p, signo);
	waited = is_waited_for(p, l, signo);
	if (!waited && sig_ignored(p, signo))
		return;
	if (t == NULL)
		t = choose_lwp(p, signo);
	if (!waited && l == NULL && t != NULL && sig_default(signo) == SIGDFL_STOP &&
	    !sig_caught(p, signo)) {
		if (sig_may_stop(p, signo))
			proc_stop(p, signo);
		return;
	}
	make_pending(p, l, ksi);
	if (waited)
		cv_broadcast(&p->p_sigwaitcv);
	else if (t != NULL && !__sigismember(&t->l_sigmask, signo))
		sig_notify(t);
}

void
psignal(struct proc *p, const struct ksiginfo *ksi)
{
	KASSERT(mutex_owned(&proclist_lock));
	mutex_enter(&p->p_lock);
	post(p, NULL, ksi);
	stop_check(p);
	proc_unlock(p);
	stop_tell(p);
}

void
psignal_self(int signo)
{
	struct ksiginfo ksi = { .ksi_signo = signo, .ksi_code = SI_NOINFO };
	struct lwp *l = curlwp;

	KASSERT(sig_default(signo) == SIGDFL_KILL && signo != SIGKILL);
	mutex_enter(&l->l_proc->p_lock);
	post(l->l_proc, NULL, &ksi);
	proc_unlock(l->l_proc);
}

/* To all but process 1, the sender and the kernel. */
static int
signal_all(const struct ksiginfo *ksi)
{
	struct proc *p;
	int found = 0;

	LIST_FOREACH(p, &allproc, p_list) {
		if (p == initproc || p == curproc || p->p_stat == SZOMB || (p->p_sflag & PS_SYSTEM) != 0)
			continue;
		found++;
		if (ksi->ksi_signo != 0)
			psignal(p, ksi);
	}
	return found != 0 ? 0 : ESRCH;
}

int
proc_signal(pid_t pid, int signo)
{
	struct ksiginfo ksi = { .ksi_signo = signo, .ksi_code = SI_USER, .ksi_pid = curproc->p_pid };
	struct proc *p;
	int error = 0;

	if (signo < 0 || signo >= NSIG)
		return EINVAL;
	if (pid == INT32_MIN)
		return ESRCH; /* its opposite is no number of a group */
	mutex_enter(&proclist_lock);
	if (pid == -1) {
		error = signal_all(&ksi);
	} else if (pid <= 0) {
		error = pgrp_signal(pid == 0 ? curproc->p_pgid : -pid, &ksi);
	} else {
		p = proc_find(pid);
		if (p == NULL || p->p_stat == SIDL || (p->p_sflag & PS_SYSTEM) != 0)
			error = ESRCH;
		else if (signo != 0)
			psignal(p, &ksi);
	}
	mutex_exit(&proclist_lock);
	return error;
}

int
lwp_kill(struct proc *p, lwpid_t lid, int signo)
{
	struct ksiginfo ksi = { .ksi_signo = signo, .ksi_code = SI_LWP, .ksi_pid = curproc->p_pid };
	struct lwp *l;
	bool whole;
	int error = 0;

	if (signo < 0 || signo >= NSIG)
		return EINVAL;
	/* kill.3: these act on the process. */
	whole = signo == SIGKILL || signo == SIGCONT || sig_default(signo) == SIGDFL_STOP;
	if (whole)
		mutex_enter(&proclist_lock);
	mutex_enter(&p->p_lock);
	l = lid_find(p, lid);
	if (l == NULL || (lwp_flags(l) & LW_EXITING) != 0 || (l->l_prflag & LPR_IDL) != 0)
		error = ESRCH;
	else if (signo != 0)
		post(p, whole ? NULL : l, &ksi);
	if (whole)
		stop_check(p);
	proc_unlock(p);
	if (whole) {
		stop_tell(p);
		mutex_exit(&proclist_lock);
	}
	return error;
}

/*
 * Is a signal of p taken before long, or by curlwp before it goes on?  Not if all who can take it are
 * suspended: who could continue them may wait for just what this is asked for.
 */
static bool
is_due(struct proc *p, int signo)
{
	const struct lwp *l = choose_lwp(p, signo);

	if (curproc == p && take_rank(curlwp, signo) != RANK_NEVER)
		return true;
	return l != NULL && take_rank(l, signo) != RANK_SUSPENDED;
}

/* What a signal that is not caught does to p.  p_lock held. */
static void
sig_act_default(struct proc *p, int signo)
{
	__sigdelset(&p->p_sigpend, signo);
	TRACE(trace_signal(signo, false));
	if (sig_default(signo) != SIGDFL_STOP)
		proc_kill_locked(p, signo);
	else if (sig_may_stop(p, signo))
		proc_stop(p, signo);
}

/*
 * What is due is done here, and not left to the LWP that was chosen for it: that one may rank below curlwp, and
 * never run while curlwp asks again and again.
 */
bool
sig_must_leave(struct proc *p)
{
	static const sigset_t none;
	sigset_t left;
	bool leave;
	int signo;

	KASSERT(mutex_owned(&proclist_lock));
	mutex_enter(&p->p_lock);
	left = p->p_sigpend;
	while ((p->p_sflag & (PS_WEXIT | PS_STOP)) == 0 && (signo = sigset_first(&left, &none)) != 0) {
		__sigdelset(&left, signo);
		if (!sig_caught(p, signo) && !sig_ignored(p, signo) && !is_waited_for(p, NULL, signo) &&
		    is_due(p, signo))
			sig_act_default(p, signo);
	}
	leave = (p->p_sflag & (PS_WEXIT | PS_STOP)) != 0;
	proc_unlock(p);
	return leave;
}

/* SIGCHLD to the parent of p.  proclist_lock held. */
void
sig_child_exited(struct proc *p)
{
	int status = p->p_xstat;
	bool killed = WIFSIGNALED(status);
	struct ksiginfo ksi = {
		.ksi_signo = SIGCHLD,
		.ksi_code = killed ? CLD_KILLED : CLD_EXITED,
		.ksi_pid = p->p_pid,
		.ksi_status = killed ? WTERMSIG(status) : WEXITSTATUS(status),
	};

	psignal(p->p_parent, &ksi);
}
