/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals: stop and continue.
 *
 * What it is.  A stop is a request to every LWP of the process (LW_WSTOP) that each honours
 * itself at the boundary to user mode, as with a suspension (lwp_suspend.c): there it holds no
 * lock.  One in an interruptible sleep is stopped where it sleeps: its sleep goes on, a
 * wake-up or time-out that comes is kept, and only then it comes to the boundary.  So a stop is
 * invisible to the call that it meets.
 *
 * States.  PS_STOP: asked for.  PS_STOPPED: every live LWP has stopped (LPR_STOPPED), is
 * suspended, or sleeps interruptibly with the request set: none can execute user code.  The
 * last one to get there tells the parent.  None can start an interruptible sleep with the request
 * set: it is sent to the boundary first (sleepq_interrupted).  So the last one always comes.
 *
 * Locks.  LW_WSTOP changes with p_lock and the LWP's lock held.  PS_STOPPED and p_report also
 * need proclist_lock, under which the parent waits.  LSSTOP is entered under the LWP's lock after
 * p_lock was let go; who continues the LWP in between takes LPR_STOPPED away, with both locks
 * held, and the LWP looks at that before it leaves the CPU.  (Not at the request: that may be
 * a new one, for which it has to come again.)
 *
 * An LWP that is created while the process stops has the request from its birth (create.9). One that
 * exits stops first.  A suspended one stays suspended; when continued it finds the
 * stop at the boundary (continue.3).
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/sleepq.h>
#include <sys/wait.h>

static bool
is_live(const struct lwp *l)
{
	return (lwp_flags(l) & LW_EXITING) == 0 && (l->l_prflag & LPR_IDL) == 0;
}

void
proc_stop(struct proc *p, int signo)
{
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_lock));
	if ((p->p_sflag & (PS_STOP | PS_WEXIT)) != 0)
		return;
	p->p_sflag |= PS_STOP;
	p->p_stopsig = signo;
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (!is_live(l))
			continue;
		lwp_lock(l);
		if ((l->l_flag & LW_WEXIT) == 0) {
			l->l_flag |= LW_WSTOP;
			lwp_need_userret(l);
		}
		lwp_unlock(l);
	}
}

void
lwp_unstop(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_lock) && lwp_locked(l));
	l->l_flag &= ~LW_WSTOP;
	if ((l->l_prflag & LPR_STOPPED) != 0) {
		l->l_prflag &= ~LPR_STOPPED;
		if ((l->l_flag & LW_SUSPENDED) == 0)
			p->p_nrlwps++;
	}
	if (l->l_stat == LSSTOP)
		sched_wakeup(l);
	else
		lwp_unlock(l);
}

void
proc_continue(struct proc *p)
{
	struct lwp *l;

	KASSERT(mutex_owned(&proclist_lock) && mutex_owned(&p->p_lock));
	if ((p->p_sflag & PS_STOP) == 0)
		return;
	if ((p->p_sflag & PS_STOPPED) != 0) {
		p->p_report = _WCONTINUED;
		p->p_sflag |= PS_TELL;
	}
	p->p_sflag &= ~(uint32_t)(PS_STOP | PS_STOPPED);
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		lwp_lock(l);
		if ((l->l_flag & LW_WSTOP) != 0)
			lwp_unstop(l);
		else
			lwp_unlock(l);
	}
}

/* Can `l` execute user code before it is continued?  p_lock held. */
static bool
is_stopped(struct lwp *l)
{
	bool stopped;

	if ((l->l_prflag & LPR_STOPPED) != 0)
		return true;
	lwp_lock(l);
	stopped = (l->l_flag & LW_SUSPENDED) != 0 ||
	    (l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0);
	lwp_unlock(l);
	return stopped;
}

void
stop_check(struct proc *p)
{
	struct lwp *l;

	KASSERT(mutex_owned(&proclist_lock) && mutex_owned(&p->p_lock));
	if ((p->p_sflag & (PS_STOP | PS_STOPPED | PS_WEXIT)) != PS_STOP)
		return;
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (is_live(l) && !is_stopped(l))
			return;
	}
	p->p_sflag |= PS_STOPPED | PS_TELL;
	p->p_report = W_STOPCODE(p->p_stopsig);
}

void
stop_tell(struct proc *p)
{
	struct ksiginfo ksi = { .ksi_signo = SIGCHLD, .ksi_pid = p->p_pid };
	struct proc *parent = p->p_parent;
	bool tell;

	KASSERT(mutex_owned(&proclist_lock));
	mutex_enter(&p->p_lock);
	tell = (p->p_sflag & PS_TELL) != 0;
	p->p_sflag &= ~(uint32_t)PS_TELL;
	if (p->p_report == _WCONTINUED) {
		ksi.ksi_code = CLD_CONTINUED;
		ksi.ksi_status = SIGCONT;
	} else {
		ksi.ksi_code = CLD_STOPPED;
		ksi.ksi_status = WSTOPSIG(p->p_report);
	}
	proc_unlock(p);
	if (!tell)
		return;
	if ((parent->p_sigacts[SIGCHLD].sa_action.sa_flags & SA_NOCLDSTOP) == 0)
		psignal(parent, &ksi);
	cv_broadcast(&parent->p_waitcv);
}

void
lwp_stop_self(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	struct cpu_info *ci;

	mutex_enter(&proclist_lock);
	mutex_enter(&p->p_lock);
	if ((lwp_flags(l) & (LW_WSTOP | LW_WEXIT)) != LW_WSTOP) {
		proc_unlock(p);
		mutex_exit(&proclist_lock);
		return;
	}
	l->l_prflag |= LPR_STOPPED;
	if ((lwp_flags(l) & LW_SUSPENDED) == 0)
		p->p_nrlwps--;
	cv_broadcast(&p->p_lwpcv); /* who suspends us has what he wants */
	stop_check(p);
	proc_unlock(p);
	stop_tell(p);
	mutex_exit(&proclist_lock);

	ci = spin_enter_cpu_first();
	if ((l->l_prflag & LPR_STOPPED) != 0) {
		lwp_setstat(l, LSSTOP);
		(void)mi_switch(l, NULL);
	} else {
		spin_exit(&ci->ci_lock);
	}
}
