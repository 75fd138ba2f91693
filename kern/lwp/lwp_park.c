/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Park and unpark: the heart of the house.
 *
 * What it is.  Every LWP has one token, empty or full.  Park empties a full one and
 * returns, or sleeps until somebody unparks it.  Unpark wakes a parked LWP, or fills
 * the token of one that is not parked.
 *
 * Which lock covers what.  l_park is one word that holds who the LWP is (lid_key), its token
 * (LWP_TOKEN), and LWP_PARKING: it sleeps in park, or is on its way into that sleep or out of it.  The
 * word changes by atomic operations.  PARKING is set by its own LWP, under its own lock (the CPU's,
 * while it runs), and cleared by it when it runs again.  While it is set, whoever wants something of
 * the token has the LWP's lock; while it is not, nobody needs one.  The state, and with it "is it
 * parked?", is covered by the LWP's lock as ever.  No process lock is taken, by either side.
 *
 * Lock order: bucket (of process ^ hint) -> ci_lock.  Only a hand-off has two buckets at once: its own,
 * and that of the LWP it wakes, which it only tries to enter.  The deadline's callout is armed
 * before, with interrupts off.
 *
 * Why no wake-up is lost.
 *	parker					unparker
 *	enter bucket, enter ci_lock		find the LWP by id
 *	  (= its own lock: it runs here)	A: neither PARKING nor TOKEN: one atomic
 *	B: no TOKEN: one atomic step		   step to TOKEN, and done
 *	   to PARKING; else return		else: lwp_lock it; still the same LWP?
 *	onto the queue; its lock is now		parked?  wake it with verdict 0
 *	  the bucket's				else	 fill the token
 *	leave the CPU; the next LWP here	let its lock go
 *	  releases the bucket
 * A and B are compare-and-swaps of the same word.  If A is first, B fails, and the parker takes the
 * token.  If B is first, A fails, and the unparker wants the lock, which it gets when the LWP is
 * completely asleep.  When it has been woken and PARKING is still set, the unparker finds it not parked,
 * under the lock, and fills the token: the atomic step that clears PARKING leaves that alone.  The
 * hint plays no part: it only chooses the bucket, and whoever wants the LWP follows l_mutex there.
 *
 * That A and B have to be single steps is tried by tests/mutants (park-no-test, park-done-store), and at each of
 * their instructions by tests/t_sweep.c.
 *
 * Whose token it is.  The id led to the LWP without a lock, so by the time of A it may be another's.  Then
 * the word is another one, and A fails: no two live LWPs have the same lid_key, and the one that has the
 * key at the time of A is the one that was meant, whatever it was in between.
 *
 * Emptying without a lock.  Nobody else empties a token, so one that its LWP, running, finds
 * full stays full until it takes it.  It does so by an atomic operation: an unpark that
 * filled it once more (which is an atomic one too, also where it changes nothing) comes before it, and then
 * all that its maker wrote before is seen after the park; or after, and then the token is full again.  By a
 * mere store it could be lost: done before the store, and what was written not yet seen.
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

#include "lwp_impl.h"

/* Park's channel: never NULL for a sleeper, whatever the hint. */
static uintptr_t
park_wchan(const struct proc *p, const void *hint)
{
	return (uintptr_t)p ^ (uintptr_t)hint;
}

/* curlwp, locked, is about to sleep: PARKING, if the token is empty.  False: it is full. */
static inline bool
park_commit(struct lwp *l)
{
	uint64_t empty = atomic_load_relaxed(&l->l_park) & ~LWP_TOKEN;

	return predict_true(atomic_cas(&l->l_park, &empty, empty | LWP_PARKING));
}

/* It has slept, and runs. */
static inline void
park_done(struct lwp *l)
{
	(void)atomic_and(&l->l_park, ~LWP_PARKING);
}

/*
 * The step that must not be divided: test, and be asleep.  EALREADY, ERESTART or SLEEPQ_ANNOUNCE:
 * did not sleep.  Otherwise the waker's verdict.  `intr`: interrupts are on.
 */
static inline __attribute__((always_inline)) int
park_try(struct lwp *l, const void *hint, bool intr)
{
	uintptr_t wchan = park_wchan(l->l_proc, hint);
	struct sleepbucket *sb = sleeptab_bucket(wchan);
	struct kspin *cpulock;
	int error;

	if (intr)
		spin_enter_first(&sb->sb_lock);
	else
		spin_enter(&sb->sb_lock);
	cpulock = &curcpu()->ci_lock; /* interrupts are off: we stay on this CPU */
	spin_enter_inner(cpulock);
	KASSERT(lwp_locked(l));
	error = lwp_has_token(l) ? EALREADY : sleepq_interrupted(l);
	if (predict_true(error == 0 && park_commit(l))) {
		EV(ev_parked);
		sleepq_enqueue(&sb->sb_parked, &sb->sb_lock, wchan, "parked", &syncobj_park, true);
		error = sleepq_switch();
		park_done(l);
		return error;
	}
	spin_exit_inner(cpulock);
	spin_exit(&sb->sb_lock);
	if (error == 0 || error == EALREADY) {
		(void)park_token(l); /* full then, or by the time of the commit: it is still there */
		return EALREADY;
	}
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

int
park_sleep(struct lwp *l, const void *hint)
{
	int error;

	do {
		error = park_try(l, hint, true);
		if (predict_true(error >= 0))
			return error;
		error = park_interrupted(error);
	} while (error == 0);
	return error;
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
		md_intr_off();
		callout_arm(&l->l_timeout, deadline);
		error = park_try(l, hint, false);
		md_intr_enable();
		callout_stop(&l->l_timeout);
		if (predict_true(error >= 0))
			return error;
		error = park_interrupted(error);
	} while (error == 0);
	return error;
}

/* Is the LWP, locked, that `key` names asleep in park? */
static inline bool
is_parked(const struct lwp *l, uint64_t key)
{
	return l->l_park == (key | LWP_PARKING) && l->l_stat == LSSLEEP;
}

/* The token is to be filled: the LWP, which is locked, does not sleep in park. */
static rarely_called void
unpark_missed(struct lwp *l)
{
	(void)atomic_or(&l->l_park, LWP_TOKEN);
	EV(ev_missed);
	TRACE_KEEP(trace_lwp, l, TRACE_TOKEN);
	lwp_unlock_last(l);
}

/* The way with l's lock.  False: it is not the LWP that `key` names. */
static inline __attribute__((always_inline)) bool
unpark_locked(struct lwp *l, uint64_t key, bool many)
{
	lwp_lock_first(l);
	if (predict_true(is_parked(l, key))) {
		/* Counted before it can run and look. */
		if (many)
			EV(ev_unpark_all);
		else
			EV(ev_unpark);
		sleepq_wake(l, 0); /* lets l's lock go */
		return true;
	}
	if ((l->l_park & ~LWP_PARKBITS) == key) {
		unpark_missed(l);
		return true;
	}
	lwp_unlock_last(l);
	return false;
}

/* If it neither parks nor has a token: that is filled by one step.  False: not so, or another LWP. */
static inline bool
token_fill(struct lwp *l, uint64_t key)
{
	if (!atomic_cas(&l->l_park, &key, key + LWP_TOKEN))
		return false;
	EV(ev_missed);
	TRACE_KEEP(trace_lwp, l, TRACE_TOKEN);
	return true;
}

static not_inline int
unpark_slowly(struct lwp *l, uint64_t key)
{
	return unpark_locked(l, key, false) ? 0 : ESRCH;
}

int
lwp_unpark(struct proc *p, lwpid_t lid)
{
	const struct lidtab *lt = p->p_lidtab;
	struct lwp *l;

	if (!lid_peek(lt, lid, &l))
		return ESRCH;
	return token_fill(l, lid_key(lt, lid)) ? 0 : unpark_slowly(l, lid_key(lt, lid));
}

uint32_t
lwp_unpark_many(const lwpid_t *lids, size_t n)
{
	const struct lidtab *lt = curproc->p_lidtab;
	uint32_t found = 0;
	struct lwp *l;

	/* Most are parked: the token is not tried first. */
	for (const lwpid_t *end = lids + n; lids != end; lids++) {
		lwpid_t lid = *lids;

		if (lid_peek(lt, lid, &l))
			found += unpark_locked(l, lid_key(lt, lid), true);
	}
	return found;
}

/* May curlwp sleep, and `l2`, which is parked, have this CPU in its place?  Called with ci_lock held. */
static bool
may_hand_off(const struct cpu_info *ci, const struct lwp *l, const struct lwp *l2)
{
	return !lwp_has_token(l) && (l->l_flag & (LW_USERRET | LW_CANCELLED)) == 0 && l2->l_cpu == ci &&
	    (l2->l_affinity >> ci->ci_index & 1) != 0 && ci->ci_runq.rq_count == 0;
}

/*
 * Hand-off: unpark `l2` and park curlwp in one hold of all the locks, and go on in l2: no run
 * queue, no choice, no CPU looked for.  False: nothing has been done, for it is not as simple
 * as that.  True: *error is the waker's verdict.
 */
static bool
park_handoff(struct lwp *l, struct lwp *l2, uint64_t key, const void *hint, int *error)
{
	uintptr_t wchan = park_wchan(l->l_proc, hint);
	struct sleepbucket *sb = sleeptab_bucket(wchan);
	struct kspin *m = atomic_load_relaxed(&l2->l_mutex);
	struct cpu_info *ci;

	spin_enter_first(&sb->sb_lock);
	if (m != &sb->sb_lock && !spin_tryenter_inner(m))
		goto fail;
	if (m != atomic_load_relaxed(&l2->l_mutex) || !is_parked(l2, key))
		goto fail_locked;
	ci = curcpu();
	spin_enter_inner(&ci->ci_lock);
	if (!may_hand_off(ci, l, l2) || !park_commit(l))
		goto fail_cpu;

	EV(ev_unpark);
	sleepq_remove(l2, 0);
	sched_wakeup_next(l2);
	if (m != &sb->sb_lock)
		spin_exit_inner(m);
	EV(ev_parked);
	sleepq_enqueue(&sb->sb_parked, &sb->sb_lock, wchan, "parked", &syncobj_park, true);
	*error = mi_switch(l, l2);
	park_done(l);
	return true;
fail_cpu:
	spin_exit_inner(&ci->ci_lock);
fail_locked:
	if (m != &sb->sb_lock)
		spin_exit_inner(m);
fail:
	spin_exit_last(&sb->sb_lock);
	return false;
}

int
lwp_unpark_park(lwpid_t lid, const void *hint)
{
	struct lwp *l = curlwp, *l2;
	const struct lidtab *lt = l->l_proc->p_lidtab;
	int error;

	if (lid_peek(lt, lid, &l2) && park_handoff(l, l2, lid_key(lt, lid), hint, &error)) {
		if (predict_true(error >= 0))
			return error;
		error = park_interrupted(error);
	} else {
		error = lwp_unpark(l->l_proc, lid);
	}
	if (error != 0)
		return error;
	return park_token(l) ? EALREADY : park_sleep(l, hint);
}
