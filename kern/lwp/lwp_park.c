/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Park and unpark: the heart of the house.
 *
 * What it is.  Every LWP has one token, empty or full.  Park empties a full one and
 * returns, or sleeps until somebody unparks it.  Unpark wakes a parked LWP, or fills
 * the token of one that is not parked.
 *
 * Which lock covers what.  The token and the state are covered by the LWP's lock,
 * wherever that is: the CPU's while it runs, the bucket's while it is parked.  No
 * process lock is taken, by either side.
 *
 * Lock order: bucket (of process ^ hint) -> ci_lock.  The deadline's callout is armed
 * before, with interrupts off.
 *
 * Why no wake-up is lost.
 *	parker					unparker
 *	enter bucket, enter ci_lock		find the LWP by id, lwp_lock it
 *	  (= its own lock: it runs here)
 *	token full?  empty it, return		parked?  wake it with verdict 0
 *	onto the queue; its lock is now		else	 fill the token
 *	  the bucket's
 *	leave the CPU; the next LWP here	let its lock go
 *	  releases the bucket
 * "Token full?" and "parked?" are decided under the same lock, the LWP's.  If the
 * unparker has it first, the parker sees the token.  If the parker has it first, the
 * unparker gets it when the LWP is completely asleep.  The hint plays no part in
 * that: it only chooses the bucket, and whoever wants the LWP follows l_mutex there.
 *
 * Who wins (park.3).  Unpark, deadline and signal all come through sleepq_wake; the
 * first takes the LWP out of its sleep and writes the verdict.  An unparker that comes later
 * finds it not parked, and fills the token: nothing is lost, nothing counted twice.
 * Between two sleeps of one park the LWP is not parked, and the token keeps what comes:
 * the second sleep finds it.
 *
 * What it does not handle: fairness.  Unpark names its target, so there is none to give.
 */
#include <kern/callout.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/park.h>
#include <kern/proc.h>
#include <kern/sleepq.h>
#include <kern/trace.h>
#include <sys/errno.h>

/* Park's channel: never NULL for a sleeper, whatever the hint. */
static uintptr_t
park_wchan(const struct proc *p, const void *hint)
{
	return (uintptr_t)p ^ (uintptr_t)hint;
}

/*
 * The step that must not be divided: test, and be asleep.  EALREADY or SLEEPQ_ANNOUNCE:
 * did not sleep.  Otherwise the waker's verdict.
 */
static int
park_try(struct lwp *l, const void *hint)
{
	uintptr_t wchan = park_wchan(l->l_proc, hint);
	struct sleepbucket *sb = sleeptab_bucket(wchan);
	struct kspin *cpulock;
	int error;

	spin_enter(&sb->sb_lock);
	cpulock = &curcpu()->ci_lock; /* interrupts are off: we stay on this CPU */
	spin_enter(cpulock);
	KASSERT(lwp_locked(l));
	if (l->l_token) {
		l->l_token = false;
		EV(ev_early);
		TRACE_KEEP(trace_lwp, TRACE_EARLY, l);
		error = EALREADY;
	} else {
		error = sleepq_interrupted(l);
	}
	if (predict_true(error == 0)) {
		EV(ev_parked);
		sleepq_enqueue(&sb->sb_parked, &sb->sb_lock, wchan, "parked", &syncobj_park, true);
		return sleepq_switch();
	}
	spin_exit(cpulock);
	spin_exit(&sb->sb_lock);
	return error;
}

/* Interrupts are off from arming to sleeping: the timeout cannot come between. */
static int
park_timed(struct lwp *l, uint64_t deadline, const void *hint)
{
	bool intr;
	int error;

	if (deadline <= md_monotonic_ns())
		return ETIMEDOUT; /* the token stays */
	intr = md_intr_disable();
	callout_arm(&l->l_timeout, deadline);
	error = park_try(l, hint);
	md_intr_restore(intr);
	callout_stop(&l->l_timeout);
	return error;
}

/*
 * A stop, a signal that somebody else has taken meanwhile: they are dealt with here, and the
 * sleep goes on.  Only a handler that has to run ends it.
 */
int
lwp_park(uint64_t deadline, const void *hint)
{
	struct lwp *l = curlwp;
	int error;

	for (;;) {
		error = deadline == 0 ? park_try(l, hint) : park_timed(l, deadline, hint);
		if (predict_false(error == SLEEPQ_ANNOUNCE)) {
			sleepq_announce();
		} else if (predict_false(error == ERESTART)) {
			error = sig_interrupt();
			if (error != 0)
				return error;
		} else {
			return error;
		}
	}
}

/*
 * Unpark `lid` of curproc, alone or as one of many (for the counters).  True: it was
 * found.  Never sleeps.
 */
static bool
unpark_one(struct proc *p, lwpid_t lid, bool many)
{
	struct lwp *l = lid_find_locked(p, lid);

	if (l == NULL)
		return false;
	if (l->l_stat == LSSLEEP && l->l_syncobj == &syncobj_park) {
		/* Counted before it can run and look. */
		if (many)
			EV(ev_unpark_all);
		else
			EV(ev_unpark);
		sleepq_wake(l, 0); /* lets l's lock go */
	} else {
		l->l_token = true;
		EV(ev_missed);
		TRACE_KEEP(trace_lwp, TRACE_TOKEN, l);
		lwp_unlock(l);
	}
	return true;
}

int
lwp_unpark(lwpid_t lid)
{
	return unpark_one(curproc, lid, false) ? 0 : ESRCH;
}

int
lwp_unpark_of(struct proc *p, lwpid_t lid)
{
	return unpark_one(p, lid, false) ? 0 : ESRCH;
}

uint32_t
lwp_unpark_many(const lwpid_t *lids, size_t n)
{
	struct proc *p = curproc;
	uint32_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += unpark_one(p, lids[i], true);
	return found;
}
