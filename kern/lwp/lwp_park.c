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
 * process lock is taken, by either side.  One thing is done to the token without the lock:
 * its own LWP, running, empties it.
 *
 * Lock order: bucket (of process ^ hint) -> ci_lock.  Only a hand-off has two buckets at once: its own,
 * and that of the LWP it wakes, which it only tries to enter.  The deadline's callout is armed
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
 * Emptying without a lock.  Nobody else empties the token of a running LWP, so one that it finds
 * full stays full until it takes it.  It does so by an atomic exchange: an unpark that
 * filled it once more comes before the exchange, and then all that its maker wrote before is
 * seen after the park; or after, and then the token is full again.  By a mere store it
 * could be lost: done before the store, and what was written not yet seen.
 *
 * Who wins (park.3).  Unpark, deadline and signal all come through sleepq_wake; the
 * first takes the LWP out of its sleep and writes the verdict.  An unparker that comes later
 * finds it not parked, and fills the token: nothing is lost, nothing counted twice.
 * Between two sleeps of one park the LWP is not parked, and the token keeps what comes:
 * the second sleep finds it.
 *
 * Hand-off (park.9).  In the folded call, where waker and wakee share a CPU and nobody else
 * waits for it, both columns are gone through in one hold of the locks of both.  Each step is the
 * same, under the same lock; only the run queue between them is left out.
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

/* Empty the token of curlwp; false: it was empty. */
static inline bool
token_take(struct lwp *l)
{
	if (!atomic_load_relaxed(&l->l_token))
		return false;
	(void)__atomic_exchange_n(&l->l_token, false, __ATOMIC_SEQ_CST);
	EV_ATOMIC(ev_early);
	TRACE_KEEP(trace_lwp, TRACE_EARLY, l);
	return true;
}

/*
 * The step that must not be divided: test, and be asleep.  EALREADY, ERESTART or SLEEPQ_ANNOUNCE:
 * did not sleep.  Otherwise the waker's verdict.
 */
static inline __attribute__((always_inline)) int
park_try(struct lwp *l, const void *hint)
{
	uintptr_t wchan = park_wchan(l->l_proc, hint);
	struct sleepbucket *sb = sleeptab_bucket(wchan);
	struct kspin *cpulock;
	int error;

	spin_enter(&sb->sb_lock);
	cpulock = &curcpu()->ci_lock; /* interrupts are off: we stay on this CPU */
	spin_enter_inner(cpulock);
	KASSERT(lwp_locked(l));
	error = token_take(l) ? EALREADY : sleepq_interrupted(l);
	if (predict_true(error == 0)) {
		EV(ev_parked);
		sleepq_enqueue(&sb->sb_parked, &sb->sb_lock, wchan, "parked", &syncobj_park, true);
		return sleepq_switch();
	}
	spin_exit_inner(cpulock);
	spin_exit(&sb->sb_lock);
	return error;
}

/*
 * A park did not sleep, or not to its end, because of a stop, or of a signal that somebody else
 * may have taken meanwhile: they are dealt with here, and it goes on.  Only a handler that has to
 * run ends it: EINTR.
 */
static int
park_interrupted(int error)
{
	if (error == ERESTART)
		return sig_interrupt();
	KASSERT(error == SLEEPQ_ANNOUNCE);
	sleepq_announce(NULL);
	return 0;
}

static not_inline int
park_sleep(struct lwp *l, const void *hint)
{
	int error;

	do {
		error = park_try(l, hint);
		if (predict_true(error >= 0))
			return error;
		error = park_interrupted(error);
	} while (error == 0);
	return error;
}

int
lwp_park(const void *hint)
{
	struct lwp *l = curlwp;

	return token_take(l) ? EALREADY : park_sleep(l, hint);
}

int
lwp_park_until(uint64_t deadline, const void *hint)
{
	struct lwp *l = curlwp;
	int error;

	KASSERT(md_intr_enabled());
	do {
		if (deadline <= md_monotonic_ns())
			return ETIMEDOUT; /* the token stays */
		/* Interrupts are off from arming to sleeping: the timeout cannot come between. */
		(void)md_intr_disable();
		callout_arm(&l->l_timeout, deadline);
		error = park_try(l, hint);
		md_intr_enable();
		callout_stop(&l->l_timeout);
		if (predict_true(error >= 0))
			return error;
		error = park_interrupted(error);
	} while (error == 0);
	return error;
}

/*
 * Unpark `lid` of curproc, alone or as one of many (for the counters).  True: it was
 * found.  Never sleeps.
 */
static inline bool
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

/* Is `l`, whose lock is held, the parked LWP `lid` of p? */
static bool
is_parked(const struct lwp *l, const struct proc *p, lwpid_t lid)
{
	return l->l_lid == lid && l->l_proc == p && l->l_stat == LSSLEEP && l->l_syncobj == &syncobj_park;
}

/* May curlwp sleep, and `l2`, which is parked, have this CPU in its place?  Called with ci_lock held. */
static bool
may_hand_off(const struct cpu_info *ci, const struct lwp *l, const struct lwp *l2)
{
	return !l->l_token && (l->l_flag & (LW_USERRET | LW_CANCELLED)) == 0 && l2->l_cpu == ci &&
	    (l2->l_affinity >> ci->ci_index & 1) != 0 && ci->ci_runq.rq_count == 0;
}

/*
 * Hand-off: unpark `l2` and park curlwp in one hold of all the locks, and go on in l2: no run
 * queue, no choice, no CPU looked for.  False: nothing has been done, for it is not as simple
 * as that.  True: *error is the waker's verdict.
 */
static bool
park_handoff(struct lwp *l, struct lwp *l2, lwpid_t lid, const void *hint, int *error)
{
	uintptr_t wchan = park_wchan(l->l_proc, hint);
	struct sleepbucket *sb = sleeptab_bucket(wchan);
	struct kspin *m = atomic_load_relaxed(&l2->l_mutex);
	struct cpu_info *ci;

	spin_enter(&sb->sb_lock);
	if (m != &sb->sb_lock && !spin_tryenter_inner(m))
		goto fail;
	if (m != atomic_load_relaxed(&l2->l_mutex) || !is_parked(l2, l->l_proc, lid))
		goto fail_locked;
	ci = curcpu();
	spin_enter_inner(&ci->ci_lock);
	if (!may_hand_off(ci, l, l2))
		goto fail_cpu;

	EV(ev_unpark);
	sleepq_remove(l2, 0);
	sched_wakeup_next(l2);
	if (m != &sb->sb_lock)
		spin_exit_inner(m);
	EV(ev_parked);
	sleepq_enqueue(&sb->sb_parked, &sb->sb_lock, wchan, "parked", &syncobj_park, true);
	*error = mi_switch(l, l2);
	return true;
fail_cpu:
	spin_exit_inner(&ci->ci_lock);
fail_locked:
	if (m != &sb->sb_lock)
		spin_exit_inner(m);
fail:
	spin_exit(&sb->sb_lock);
	return false;
}

int
lwp_unpark_park(lwpid_t lid, const void *hint)
{
	struct lwp *l = curlwp, *l2 = lid_peek(l->l_proc, lid);
	int error;

	if (l2 != NULL && park_handoff(l, l2, lid, hint, &error)) {
		if (predict_true(error >= 0))
			return error;
		error = park_interrupted(error);
	} else {
		error = lwp_unpark(lid);
	}
	return error != 0 ? error : lwp_park(hint);
}
