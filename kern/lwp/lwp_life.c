/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of an LWP in its process: creation and exit.
 *
 * Creation: build fully, copy out, then publish.  lwp_create makes an LWP that has
 * everything, is counted and has an id, but is LSIDL and found by nobody.
 * The caller loads its registers and tells its own program the id.
 * Only then lwp_publish makes it known and runnable; until then lwp_abandon undoes all.
 *
 * Exit: under p_lock the LWP becomes "exiting": no longer live, counted as a zombie.
 * A joinable one stays in the list, for _lwp_wait; a detached one is taken off it here
 * and freed by whoever runs next on its CPU.  From letting p_lock go until it is off its
 * CPU it is not preempted: a reaper that spins for LSZOMB spins for a few hundred
 * instructions of another CPU.
 *
 * The end of a process: PS_WEXIT (or PS_EXEC) and LW_WEXIT on every LWP are set under
 * one hold of p_lock.  lwp_create and lwp_publish look at PS_WEXIT under p_lock, so no LWP
 * comes after: exit_lwps counts on it.
 *
 * Counters, all under p_lock: p_nlwps (in the list), p_nzlwps (exiting and zombies),
 * p_ndlwps (detached and published), p_nrlwps (running, runnable or asleep), p_nlwpwait (in
 * _lwp_wait), p_nidlwps (being built), p_nwsuspend (asked to suspend).  proc_check
 * recounts them in debug kernels (state.3).
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/sleepq.h>
#include <kern/trace.h>
#include <sys/errno.h>

#include "lwp_impl.h"

static volatile uint32_t nuserlwps; /* atomic: beyond the first of each process */

static void
lwp_uncount(struct lwp *l)
{
	if ((l->l_prflag & LPR_COUNTED) != 0)
		atomic_dec(&nuserlwps);
	l->l_prflag &= ~LPR_COUNTED;
}

/* Off the list and out of the counters, id free for reuse.  p_lock held. */
void
lwp_unlink(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(mutex_owned(&p->p_lock));
	TAILQ_REMOVE(&p->p_lwps, l, l_sibling);
	p->p_nlwps--;
	if (l->l_nwaiters != 0)
		lwp_forget_waiters(p, l);
	if ((lwp_flags(l) & LW_EXITING) != 0)
		p->p_nzlwps--;
	if ((l->l_prflag & LPR_IDL) != 0)
		p->p_nidlwps--;
	else if ((l->l_prflag & LPR_DETACHED) != 0)
		p->p_ndlwps--;
	lwp_uncount(l);
	lid_free(p, l->l_lid);
}

/*
 * execve: the LWP that is left becomes number 1, joinable, nameless, without a token.
 * p_lock held.
 */
void
lwp_become_first(struct lwp *l)
{
	struct proc *p = l->l_proc;
	lwpid_t before;

	KASSERT(mutex_owned(&p->p_lock) && p->p_nlwps == 1);
	before = l->l_lid;
	lid_reset(p, l);
	TRACE(trace_exec(l, before));
	lwp_uncount(l);
	if ((l->l_prflag & LPR_DETACHED) != 0)
		p->p_ndlwps--;
	l->l_prflag &= ~LPR_DETACHED;
	/* Who asked from outside (lwp_outside.c) finds another LWP, and does not count itself out. */
	l->l_gen++;
	l->l_nsuspenders = 0;
	l->l_name[0] = '\0';
	lwp_lock(l);
	l->l_flag &= ~LW_CANCELLED;
	sched_unprotect_all(l);
	lwp_resume(l); /* lets l's lock go: who asked it to suspend is gone, and nobody could continue it */
}

/* Take a place under RLIMIT_NTHR; false if there is none. */
static bool
lwp_limit_take(const struct proc *p)
{
	if (atomic_inc(&nuserlwps) < atomic_load_relaxed(&p->p_rlimit[RLIMIT_NTHR].rlim_cur))
		return true;
	atomic_dec(&nuserlwps);
	return false;
}

static int
lwp_link(struct proc *p, struct lwp *l)
{
	int error;

	if ((p->p_sflag & (PS_WEXIT | PS_EXEC)) != 0)
		return EINTR;
	error = lid_alloc(p, l);
	if (error != 0)
		return error;
	TAILQ_INSERT_TAIL(&p->p_lwps, l, l_sibling);
	p->p_nlwps++;
	l->l_prflag |= LPR_IDL;
	p->p_nidlwps++;
	return 0;
}

int
lwp_create(struct lwp *l1, struct proc *p, int flags, struct lwp **newp)
{
	/* The first LWP of a process does not count against the limit. */
	bool counted = p == l1->l_proc && (p->p_sflag & PS_SYSTEM) == 0;
	struct lwp *l;
	int error;

	KASSERT((flags & ~LWP_DETACHED) == 0);
	if (counted && !lwp_limit_take(p))
		return EAGAIN;
	error = lwp_alloc(p, &l);
	if (error != 0)
		goto uncount;
	l->l_prflag = (counted ? LPR_COUNTED : 0) | ((flags & LWP_DETACHED) != 0 ? LPR_DETACHED : 0);
	mutex_enter(&p->p_lock);
	error = lwp_link(p, l);
	proc_unlock(p);
	if (error != 0)
		goto destroy;
	*newp = l;
	return 0;
destroy:
	lwp_destroy(l);
uncount:
	if (counted)
		atomic_dec(&nuserlwps);
	return error;
}

void
lwp_abandon(struct lwp *l)
{
	struct proc *p = l->l_proc;

	KASSERT(l->l_stat == LSIDL);
	mutex_enter(&p->p_lock);
	lwp_unlink(l);
	if ((p->p_sflag & (PS_WEXIT | PS_EXEC)) != 0)
		cv_broadcast(&p->p_lwpcv);
	proc_unlock(p);
	lwp_destroy(l);
}

int
lwp_publish(struct lwp *l, bool suspended)
{
	struct proc *p = l->l_proc;

	mutex_enter(&p->p_lock);
	if ((p->p_sflag & (PS_WEXIT | PS_EXEC)) != 0) {
		proc_unlock(p);
		lwp_abandon(l);
		return EINTR;
	}
	if (p->p_stat == SIDL) {
		/* A process becomes active with its first LWP. */
		KASSERT(mutex_owned(&proclist_lock));
		p->p_stat = SACTIVE;
	}
	lid_publish(p, l);
	TRACE_KEEP(trace_published, l, 0);
	l->l_prflag &= ~LPR_IDL;
	p->p_nidlwps--;
	if ((l->l_prflag & LPR_DETACHED) != 0)
		p->p_ndlwps++;
	sig_recheck(l);
	lwp_lock(l);
	if ((p->p_sflag & PS_STOP) != 0) {
		l->l_flag |= LW_WSTOP; /* create.9: at the boundary, before its first instruction */
		lwp_need_userret(l);
	}
	if (suspended) {
		l->l_flag |= LW_WSUSPEND | LW_SUSPENDED;
		p->p_nwsuspend++;
		lwp_setstat(l, LSSUSPENDED);
		lwp_unlock(l);
	} else {
		p->p_nrlwps++;
		sched_wakeup(l);
	}
	proc_unlock(p);
	return 0;
}

/* Mark `l` as no longer live.  p_lock held. */
void
lwp_set_exiting(struct lwp *l)
{
	struct proc *p = l->l_proc;
	bool asked;

	KASSERT(mutex_owned(&p->p_lock));
	TRACE_KEEP(trace_lwp, l, TRACE_EXIT);
	lwp_lock_first(l);
	l->l_flag |= LW_EXITING;
	atomic_store_relaxed(&l->l_park, 0); /* no longer found: lwpid.c */
	asked = (l->l_flag & LW_WSUSPEND) != 0;
	if ((l->l_flag & LW_SUSPENDED) == 0)
		p->p_nrlwps--;
	lwp_unlock_last(l);
	p->p_nzlwps++;
	if (asked) {
		p->p_nwsuspend--;
		cv_broadcast(&p->p_lwpcv); /* who wants it suspended has to know */
	}
}

void
lwp_switch_away(struct lwp *l, bool reap)
{
	struct cpu_info *ci;

	KASSERT(l == curlwp && l->l_nopreempt != 0);
	lockcheck_idle(l);
	ci = spin_enter_cpu_first();
	lwp_setstat(l, LSZOMB);
	if (reap)
		ci->ci_reap = l;
	(void)mi_switch(l, NULL);
	panic("LWP ran after its exit");
}

void
lwp_exit(void)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	bool detached;

	mutex_enter(&p->p_lock);
	while ((lwp_flags(l) & (LW_WSTOP | LW_WEXIT)) == LW_WSTOP) {
		proc_unlock(p);
		lwp_stop_self(); /* so that the stop is complete without us */
		mutex_enter(&p->p_lock);
	}
	if (p->p_nlwps - p->p_nzlwps == 1) {
		/* The last live one: nobody is left who could change that. */
		proc_unlock(p);
		exit1(0, 0);
	}
	lwp_set_exiting(l);
	lwpctl_exited();
	sig_pass_on(l);
	detached = (l->l_prflag & LPR_DETACHED) != 0;
	if (detached) {
		lwp_lock(l);
		p->p_rtime += lwp_rtime(l, md_monotonic_ns());
		lwp_unlock(l);
		lwp_unlink(l);
	} else {
		/* Zombies stand first, where wait(0) finds them at once. */
		TAILQ_REMOVE(&p->p_lwps, l, l_sibling);
		TAILQ_INSERT_HEAD(&p->p_lwps, l, l_sibling);
	}
	lwp_wait_wake(p, detached ? NULL : l);
	kpreempt_disable();
	proc_unlock(p);
	lwp_switch_away(l, detached);
}

/* Free a zombie.  p_lock held.  It may still be on its way off its CPU: see above. */
void
lwp_reap(struct lwp *l)
{
	KASSERT(mutex_owned(&l->l_proc->p_lock));
	lwp_lock_first(l);
	while (l->l_stat != LSZOMB) {
		lwp_unlock_last(l);
		md_pause();
		lwp_lock_first(l);
	}
	l->l_proc->p_rtime += l->l_rtime;
	lwp_setstat(l, LSIDL);
	lwp_unlock_last(l);
	lwp_unlink(l);
	lwp_destroy(l);
}

/* Tell one LWP to exit, and bring it to where it looks.  p_lock held. */
static void
lwp_kick(struct lwp *l)
{
	lwp_lock(l);
	l->l_flag |= LW_WEXIT;
	atomic_store_relaxed(&l->l_ast, 1);
	if ((l->l_flag & LW_WSUSPEND) != 0) {
		lwp_resume(l); /* lets l's lock go */
		lwp_lock(l);
	}
	if ((l->l_flag & LW_WSTOP) != 0) {
		lwp_unstop(l); /* lets l's lock go */
		lwp_lock(l);
	}
	if (l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0) {
		sleepq_wake(l, EINTR);
	} else {
		lwp_need_userret(l);
		lwp_unlock(l);
	}
}

/* Every LWP of p but `except` shall exit.  p_lock held. */
void
lwp_kick_all(struct proc *p, struct lwp *except)
{
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_lock));
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (l != except && (lwp_flags(l) & LW_EXITING) == 0)
			lwp_kick(l);
	}
}

void
exit_lwps(struct proc *p)
{
	struct lwp *self = curlwp, *l;

	KASSERT(mutex_owned(&p->p_lock));
	lwp_kick_all(p, self);
	while (p->p_nlwps > 1) {
		l = TAILQ_FIRST(&p->p_lwps);
		if ((lwp_flags(l) & LW_EXITING) != 0 && l != self) {
			lwp_reap(l);
			continue;
		}
		proc_check(p);
		cv_wait(&p->p_lwpcv, &p->p_lock);
	}
}
