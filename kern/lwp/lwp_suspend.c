/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_suspend, _lwp_continue, _lwp_wakeup.
 *
 * What it is.  LW_WSUSPEND is a request that the LWP honours itself, at the boundary
 * to user mode (lwp_suspend_self): there it holds no lock and is in nobody's way.  It
 * is in force (LPR_SUSPENDED) from the moment when no user instruction can follow.  An
 * LWP in an interruptible sleep is suspended where it sleeps: its sleep goes on, ends
 * as it would have ended, and keeps its result; only then it comes to the boundary.
 *
 * Locks.  LW_WSUSPEND changes with p_lock and the LWP's lock held, LPR_SUSPENDED and
 * p_nwsuspend (how many live LWPs have the request) under p_lock.  The state LSSUSPENDED is
 * entered under the LWP's lock after p_lock was let go; whoever continues the LWP in
 * between takes LPR_SUSPENDED away, with both locks held, and the LWP looks at that before it
 * leaves the CPU.  (Not at the request: that may be a new one, which it has not accepted yet.)
 *
 * Why a suspend that returned 0 is true (suspend.2).  It waits, under p_lock, until
 * the target has set LPR_SUSPENDED, or is seen in an interruptible sleep with the request
 * set: on its way to user mode it passes the boundary, and stays there.
 *
 * Why not everybody can be suspended (suspend.5).  Requests are counted when they are
 * accepted, under p_lock, so two that would complete the set cannot both be.
 *
 * Two that suspend each other: the one that waits is in an interruptible sleep, which
 * satisfies the other; nobody waits for ever.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <sys/errno.h>

#include "lwp_impl.h"

/* LWPs that live and are found by id. */
static uint32_t
nlive(const struct proc *p)
{
	return p->p_nlwps - p->p_nzlwps - p->p_nidlwps;
}

/*
 * Ask `l` to suspend.  p_lock held, l locked; lets l's lock go.  EDEADLK: nobody would be left.
 */
static int
suspend_request(struct proc *p, struct lwp *l)
{
	int error = 0;

	if ((l->l_flag & LW_WSUSPEND) == 0) {
		if (p->p_nwsuspend + 1 == nlive(p)) {
			error = EDEADLK;
		} else {
			p->p_nwsuspend++;
			l->l_flag |= LW_WSUSPEND;
			lwp_need_userret(l);
		}
	}
	lwp_unlock(l);
	return error;
}

/* Is the suspension of `l` in force?  p_lock held. */
static bool
suspend_done(struct lwp *l)
{
	bool asleep;

	if ((l->l_prflag & (LPR_SUSPENDED | LPR_STOPPED)) != 0)
		return true; /* stopped: passes here before it runs again */
	lwp_lock(l);
	asleep = l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0;
	lwp_unlock(l);
	return asleep;
}

/*
 * Wait until it is in force, or the request has been taken back.  p_lock held.  ESRCH: the
 * target exits.  ERESTART: the caller is to be suspended itself, and that comes first.
 */
static int
suspend_wait(struct proc *p, struct lwp *l)
{
	lwpid_t lid = l->l_lid;
	uint32_t gen = l->l_gen;
	int error;

	for (;;) {
		if (lid_find(p, lid) != l || l->l_gen != gen || (l->l_flag & LW_EXITING) != 0)
			return ESRCH;
		if ((l->l_flag & LW_WSUSPEND) == 0 || suspend_done(l))
			return 0;
		if ((curlwp->l_flag & LW_WSUSPEND) != 0)
			return ERESTART;
		proc_check(p);
		error = cv_wait_sig(&p->p_lwpcv, &p->p_lock);
		if (error != 0)
			return error;
	}
}

int
lwp_suspend(lwpid_t lid)
{
	struct proc *p = curproc;
	struct lwp *l;
	int error;

	mutex_enter(&p->p_lock);
	l = lid_find_locked(p, lid);
	if (l == NULL) {
		error = ESRCH;
	} else {
		error = suspend_request(p, l);
		/* Oneself: at the boundary, on the way out of this call. */
		if (error == 0 && l != curlwp)
			error = suspend_wait(p, l);
	}
	proc_unlock(p);
	return error;
}

/*
 * Take the request back and end the suspension, in force or on its way.  Called with
 * p_lock held and l locked; lets l's lock go.
 */
void
lwp_resume(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_lock));
	if ((l->l_flag & LW_WSUSPEND) == 0) {
		lwp_unlock(l);
		return;
	}
	l->l_flag &= ~LW_WSUSPEND;
	p->p_nwsuspend--;
	if ((l->l_prflag & LPR_SUSPENDED) != 0) {
		l->l_prflag &= ~LPR_SUSPENDED;
		p->p_nrlwps++;
	}
	if (l->l_stat == LSSUSPENDED)
		sched_wakeup(l);
	else
		lwp_unlock(l);
	cv_broadcast(&p->p_lwpcv);
}

int
lwp_continue(lwpid_t lid)
{
	struct proc *p = curproc;
	struct lwp *l;

	mutex_enter(&p->p_lock);
	l = lid_find_locked(p, lid);
	if (l != NULL)
		lwp_resume(l);
	proc_unlock(p);
	return l != NULL ? 0 : ESRCH;
}

/*
 * The boundary: curlwp has been asked to suspend.  Returns when continued, or when it is to
 * exit.  Called by userret with nothing held.
 */
void
lwp_suspend_self(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;

	mutex_enter(&p->p_lock);
	if ((l->l_flag & (LW_WSUSPEND | LW_WEXIT | LW_WSTOP)) != LW_WSUSPEND) {
		proc_unlock(p);
		return;
	}
	l->l_prflag |= LPR_SUSPENDED;
	p->p_nrlwps--;
	sig_pass_on(l);
	cv_broadcast(&p->p_lwpcv);
	kpreempt_disable();
	proc_unlock(p);

	(void)md_intr_disable();
	spin_enter(&curcpu()->ci_lock);
	if ((l->l_prflag & LPR_SUSPENDED) != 0) {
		lwp_setstat(l, LSSUSPENDED);
		mi_switch(l);
	} else {
		spin_exit(&curcpu()->ci_lock);
	}
	md_intr_enable();
	kpreempt_enable();
}

/*
 * End the target's interruptible sleep with EINTR; if it is in none, its next one.
 * ENODEV: it was not asleep.  EBUSY: not interruptibly.
 */
int
lwp_wakeup(lwpid_t lid)
{
	struct lwp *l = lid_find_locked(curproc, lid);
	int error;

	if (l == NULL)
		return ESRCH;
	if (l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0) {
		sleepq_wake(l, EINTR); /* lets l's lock go */
		return 0;
	}
	error = l->l_stat == LSSLEEP ? EBUSY : ENODEV;
	l->l_flag |= LW_CANCELLED;
	lwp_unlock(l);
	return error;
}
