/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_suspend, _lwp_continue, _lwp_wakeup.
 *
 * What it is.  LW_WSUSPEND is a request that the LWP honours itself, at the boundary
 * to user mode (lwp_suspend_self): there it holds no lock and is in nobody's way.  An
 * LWP in an interruptible sleep is suspended where it sleeps: its sleep goes on, ends
 * as it would have ended, and keeps its result; only then it comes to the boundary.
 *
 * LW_SUSPENDED says that the request is in force: no user instruction can follow.  The
 * LWP sets it itself (suspend_announce), at the boundary, or on the way into an
 * interruptible sleep that it finds itself asked to suspend before.
 *
 * Locks.  LW_WSUSPEND and LW_SUSPENDED change with p_lock and the LWP's lock held;
 * p_nwsuspend (how many live LWPs have the request) under p_lock.  The state LSSUSPENDED
 * is entered under the LWP's lock after p_lock was let go; whoever continues the LWP in
 * between takes LW_SUSPENDED away, and the LWP looks at that before it leaves the CPU (not at
 * the request: that may be a new one, which it has not accepted yet).
 *
 * Why a suspend that returned 0 is true (suspend.2).  It waits, under p_lock, until
 * LW_SUSPENDED is set, or the target is seen in an interruptible sleep with the request
 * set: on its way to user mode it passes the boundary, and stays there.
 *
 * Why the wait ends.  After the request the target next comes to the boundary, or to
 * an interruptible sleep, or exits.  Each of these finds the request under the LWP's lock
 * and broadcasts p_lwpcv under p_lock.  (A sleep that began before the request was
 * seen by suspend_done.)
 *
 * Why not everybody can be suspended (suspend.5).  Requests are counted when they are
 * accepted, under p_lock, so two that would complete the set cannot both be.  (Another process may,
 * which can continue them: lwp_outside.c.)
 *
 * Several may wait for the same suspension.  If one gives up (a signal, a cancel), the request stays for the
 * others; the last one to give up takes it back, unless somebody counts on it by then.
 *
 * Two that suspend each other: who waits is in an interruptible sleep, and has
 * announced itself if it was asked before; that satisfies the other.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/sleepq.h>
#include <sys/errno.h>

#include "lwp_impl.h"

/* LWPs that live and are found by id. */
static uint32_t
nlive(const struct proc *p)
{
	return p->p_nlwps - p->p_nzlwps - p->p_nidlwps;
}

/*
 * Ask `l` to suspend, if nobody has.  p_lock held, l locked; lets l's lock go.
 * EDEADLK: nobody would be left.
 */
static int
suspend_request(struct proc *p, struct lwp *l)
{
	int error = 0;

	if ((l->l_flag & LW_WSUSPEND) == 0) {
		if (p == curproc && p->p_nwsuspend + 1 == nlive(p)) {
			error = EDEADLK;
		} else {
			p->p_nwsuspend++;
			l->l_flag |= LW_WSUSPEND;
			l->l_prflag |= LPR_ASKED;
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
	bool done;

	if ((l->l_prflag & LPR_STOPPED) != 0)
		return true; /* passes here before it runs again */
	lwp_lock(l);
	done = (l->l_flag & LW_SUSPENDED) != 0 ||
	    (l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0);
	lwp_unlock(l);
	return done;
}

/*
 * The call fails, and has changed nothing: its request is taken back, unless others wait for
 * the same one, or one of them has had its success already, or the target has asked itself.  p_lock held.
 */
static void
suspend_undo(struct proc *p, struct lwp *l, lwpid_t lid, uint32_t gen)
{
	if (lid_find(p, lid) != l || l->l_gen != gen || (lwp_flags(l) & LW_EXITING) != 0)
		return;
	if (l->l_nsuspenders != 0 || (l->l_prflag & LPR_ASKED) == 0)
		return;
	lwp_lock(l);
	if ((l->l_flag & LW_SUSPENDED) == 0)
		lwp_resume(l); /* lets l's lock go */
	else
		lwp_unlock(l);
}

/*
 * Wait until it is in force, or the request has been taken back.  p_lock held.  ESRCH: the
 * target exits.
 */
static int
suspend_wait(struct proc *p, struct lwp *l)
{
	lwpid_t lid = l->l_lid;
	uint32_t gen = l->l_gen;
	int error = 0;

	while (error == 0) {
		if (lid_find(p, lid) != l || l->l_gen != gen || (lwp_flags(l) & (LW_EXITING | LW_WEXIT)) != 0)
			return ESRCH;
		if ((lwp_flags(l) & LW_WSUSPEND) == 0 || suspend_done(l)) {
			l->l_prflag &= ~LPR_ASKED;
			return 0;
		}
		proc_check(p);
		l->l_nsuspenders++;
		error = cv_wait_sig(&p->p_lwpcv, &p->p_lock);
		if (lid_find(p, lid) == l && l->l_gen == gen)
			l->l_nsuspenders--;
	}
	/* In force already: that is a success, and what came is honoured at the boundary. */
	if (lid_find(p, lid) == l && l->l_gen == gen && (lwp_flags(l) & LW_EXITING) == 0 &&
	    (lwp_flags(l) & LW_WSUSPEND) != 0 && suspend_done(l)) {
		l->l_prflag &= ~LPR_ASKED;
		return 0;
	}
	suspend_undo(p, l, lid, gen);
	return error;
}

int
lwp_suspend(struct proc *p, lwpid_t lid)
{
	struct lwp *l;
	int error;

	mutex_enter(&p->p_lock);
	l = lid_find_locked(p, lid);
	if (l == NULL) {
		error = ESRCH;
	} else {
		error = suspend_request(p, l);
		/* Oneself: at the boundary, on the way out of this call. */
		if (error == 0 && l == curlwp)
			l->l_prflag &= ~LPR_ASKED;
		else if (error == 0)
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
	p->p_nwsuspend--;
	if ((l->l_flag & LW_SUSPENDED) != 0 && (l->l_prflag & LPR_STOPPED) == 0)
		p->p_nrlwps++;
	l->l_flag &= ~(LW_WSUSPEND | LW_SUSPENDED);
	l->l_prflag &= ~LPR_ASKED;
	if (l->l_stat == LSSUSPENDED)
		sched_wakeup(l);
	else
		lwp_unlock(l);
	cv_broadcast(&p->p_lwpcv);
}

int
lwp_continue(struct proc *p, lwpid_t lid)
{
	struct lwp *l;

	mutex_enter(&p->p_lock);
	l = lid_find_locked(p, lid);
	if (l != NULL) {
		lwp_resume(l);
		sig_recheck(l); /* it may take a signal that waits behind a suspended one */
	}
	proc_unlock(p);
	return l != NULL ? 0 : ESRCH;
}

/* curlwp runs no user instruction until it is continued: tell those who wait for that.  p_lock held. */
static void
suspend_announce(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	bool news;

	KASSERT(mutex_owned(&p->p_lock));
	lwp_lock(l);
	news = (l->l_flag & (LW_WSUSPEND | LW_SUSPENDED)) == LW_WSUSPEND;
	if (news)
		l->l_flag |= LW_SUSPENDED;
	lwp_unlock(l);
	if (news) {
		p->p_nrlwps--;
		cv_broadcast(&p->p_lwpcv);
	}
}

/*
 * On the way into a sleep (sleepq_announce).  If the interlock is not p_lock itself it is let go for that, and the
 * sleeper has to look at its condition again: as after any wake-up.
 */
static void
announce_before_sleep(struct kmutex *interlock)
{
	struct proc *p = curproc;

	if (interlock == &p->p_lock) {
		suspend_announce();
		return;
	}
	if (interlock != NULL)
		mutex_exit(interlock);
	mutex_enter(&p->p_lock);
	suspend_announce();
	proc_unlock(p);
	if (interlock != NULL)
		mutex_enter(interlock);
}

void
lwp_suspend_init(void)
{
	sleepq_announce = announce_before_sleep;
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
	struct cpu_info *ci;

	mutex_enter(&p->p_lock);
	if ((lwp_flags(l) & (LW_WSUSPEND | LW_WEXIT | LW_WSTOP)) != LW_WSUSPEND) {
		proc_unlock(p);
		return;
	}
	suspend_announce();
	sig_pass_on(l);
	kpreempt_disable();
	proc_unlock(p);

	ci = spin_enter_cpu_first();
	if ((l->l_flag & LW_SUSPENDED) != 0) {
		lwp_setstat(l, LSSUSPENDED);
		(void)mi_switch(l, NULL);
	} else {
		spin_exit(&ci->ci_lock);
	}
	kpreempt_enable();
}

/*
 * End the target's interruptible sleep with EINTR; if it is in none, its next one.
 * ENODEV: it was not asleep.  EBUSY: not interruptibly.
 */
int
lwp_wakeup(struct proc *p, lwpid_t lid)
{
	struct lwp *l = lid_find_locked(p, lid);
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
