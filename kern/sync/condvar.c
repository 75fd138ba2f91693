/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Condition variables on the sleep-queue table.
 *
 * What it is.  A queue of sleepers, sorted by priority and, within one, by arrival.
 * The lock of the queue is the bucket's that the cv's address hashes to.
 *
 * Lock order: interlock -> bucket -> mutex chain -> ci_lock.
 *
 * Why no wake-up is lost.  The sleeper tested its predicate under the interlock.
 * It is on the queue, and its bucket locked, before it lets the interlock go; the
 * bucket stays locked until it is off the CPU.  A signaller changes the predicate
 * under the interlock and then comes for the bucket.  For the same reason a
 * signaller that holds the interlock may believe an empty queue without a lock.
 *
 * A wake-up that was given is never turned into an error: the verdict is the
 * waker's (sleepq.c), so a cv_signal always reaches an LWP that will act on it.
 */
#include <kern/callout.h>
#include <kern/condvar.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/sleepq.h>
#include <sys/errno.h>

void
cv_init(struct kcondvar *cv, const char *wmesg)
{
	TAILQ_INIT(&cv->cv_sleepq);
	cv->cv_wmesg = wmesg;
}

/*
 * Get onto the queue.  An error (EINTR, ERESTART, SLEEPQ_ANNOUNCE): nothing has changed and no spin
 * lock is held.  0: the bucket is held and curlwp is in LSSLEEP: the caller lets the
 * interlock go and calls cv_block.  `first`: no spin lock is held, and interrupts are on.
 */
static inline __attribute__((always_inline)) int
cv_enter(struct kcondvar *cv, bool sig, bool first)
{
	struct sleepbucket *sb = sleeptab_bucket((uintptr_t)cv);
	struct kspin *cpulock;
	int error;

	if (first)
		spin_enter_first(&sb->sb_lock);
	else
		spin_enter(&sb->sb_lock);
	cpulock = &curcpu()->ci_lock;
	spin_enter_inner(cpulock);
	error = sig ? sleepq_interrupted(curlwp) : 0;
	if (error != 0) {
		spin_exit_inner(cpulock);
		spin_exit(&sb->sb_lock);
		return error;
	}
	sleepq_enqueue(&cv->cv_sleepq, &sb->sb_lock, (uintptr_t)cv, cv->cv_wmesg, &syncobj_cv,
	    sig);
	sleepq_sort(&cv->cv_sleepq);
	spin_exit_inner(cpulock);
	return 0;
}

static int
cv_block(void)
{
	spin_enter_inner(&curcpu()->ci_lock);
	return sleepq_switch();
}

static int
cv_wait_common(struct kcondvar *cv, struct kmutex *m, bool sig)
{
	int error;

	KASSERT(mutex_owned(m));
	KASSERT(curcpu()->ci_spin_depth == 0);
	error = cv_enter(cv, sig, true);
	if (error == SLEEPQ_ANNOUNCE) {
		sleepq_announce(m);
		return 0;
	}
	if (error != 0)
		return error;
	mutex_exit(m);
	error = cv_block();
	mutex_enter(m);
	return error;
}

void
cv_wait(struct kcondvar *cv, struct kmutex *m)
{
	(void)cv_wait_common(cv, m, false);
}

int
cv_wait_sig(struct kcondvar *cv, struct kmutex *m)
{
	return cv_wait_common(cv, m, true);
}

static int
cv_timedwait_common(struct kcondvar *cv, struct kmutex *m, uint64_t deadline, bool sig)
{
	struct lwp *l = curlwp;
	bool intr;
	int error;

	if (deadline == 0)
		return cv_wait_common(cv, m, sig);
	KASSERT(mutex_owned(m));
	/* Interrupts are off from arming to sleeping: the timeout cannot come between. */
	intr = md_intr_disable();
	callout_arm(&l->l_timeout, deadline);
	error = cv_enter(cv, sig, false);
	if (error == 0) {
		mutex_exit(m);
		error = cv_block();
		md_intr_restore(intr);
		callout_stop(&l->l_timeout);
		mutex_enter(m);
	} else {
		md_intr_restore(intr);
		callout_stop(&l->l_timeout);
	}
	if (error == SLEEPQ_ANNOUNCE) {
		sleepq_announce(m);
		error = 0;
	}
	return error;
}

int
cv_timedwait(struct kcondvar *cv, struct kmutex *m, uint64_t deadline)
{
	return cv_timedwait_common(cv, m, deadline, false);
}

int
cv_timedwait_sig(struct kcondvar *cv, struct kmutex *m, uint64_t deadline)
{
	return cv_timedwait_common(cv, m, deadline, true);
}

int
cv_wait_spin_sig(struct kcondvar *cv, struct kspin *m)
{
	int error;

	KASSERT(spin_owned(m));
	error = cv_enter(cv, true, false);
	if (error == SLEEPQ_ANNOUNCE) {
		spin_exit(m);
		sleepq_announce(NULL);
		spin_enter(m);
		return 0;
	}
	if (error != 0)
		return error;
	spin_exit(m);
	error = cv_block();
	spin_enter(m);
	return error;
}

bool
cv_has_waiters(struct kcondvar *cv)
{
	/* Marked: a sleeper that times out leaves the queue under the bucket alone. */
	return atomic_load_relaxed(&TAILQ_FIRST(&cv->cv_sleepq)) != NULL;
}

void
cv_signal(struct kcondvar *cv)
{
	struct sleepbucket *sb;
	struct lwp *l;

	if (!cv_has_waiters(cv))
		return;
	sb = sleeptab_bucket((uintptr_t)cv);
	spin_enter(&sb->sb_lock);
	l = TAILQ_FIRST(&cv->cv_sleepq);
	if (l != NULL)
		sleepq_wake(l, 0); /* releases the bucket, which is l's lock */
	else
		spin_exit(&sb->sb_lock);
}

void
cv_broadcast(struct kcondvar *cv)
{
	while (cv_has_waiters(cv))
		cv_signal(cv);
}
