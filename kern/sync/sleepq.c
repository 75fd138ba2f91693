/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sleep-queue table: how an LWP goes to sleep and how it is woken.
 *
 * What it is.  SLEEPTAB_SIZE buckets, each a spin lock and a queue.  A wait
 * channel (an address, or park's process ^ hint) hashes to a bucket.  Park keeps
 * its sleepers on the bucket's own queue; a condition variable keeps its own
 * queue and uses the bucket's lock.
 *
 * States.  ONPROC -> SLEEP in sleepq_enqueue; SLEEP -> RUN in sleepq_wake.
 *
 * Which lock covers what.  The queue, and everything marked `l` of an LWP that is
 * on it, are covered by one lock: the LWP's l_mutex points to it.
 *
 * Lock order: bucket -> ci_lock.  An LWP's own callout is armed before its bucket
 * is entered, with interrupts off, and stopped after it woke: callout lock -> bucket.
 *
 * Why no wake-up is lost.  A sleeper enters the bucket, then tests its condition
 * (the token, the interrupting flags; a condition variable's predicate is tested
 * under the interlock, which it lets go only after it is on the queue), is put on
 * the queue, and keeps the bucket locked until the next LWP runs on this CPU.  A
 * waker changes the condition or looks for sleepers under the same lock.  So it
 * comes before the test, which then sees the change, or after the sleeper is
 * complete in its sleep, which it then ends.  There is no between.
 *
 * Who decides the outcome.  sleepq_remove writes l_wakereason, and in the same hold of the
 * lock the LWP is taken out of LSSLEEP.  The next waker finds it not asleep.  The
 * sleeper reads what it finds.
 *
 * What it does not handle: priorities that change during the sleep do not move
 * the sleeper in its queue.
 */
#include <kern/callout.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/sched.h>
#include <kern/sleepq.h>
#include <kern/trace.h>
#include <sys/errno.h>

struct sleepbucket sleeptab[SLEEPTAB_SIZE];
void (*sleepq_announce)(struct kmutex *interlock); /* c */

const struct syncobj syncobj_park = { "park" };
const struct syncobj syncobj_cv = { "cv" };
const struct syncobj syncobj_mutex = { "mutex" };
static const struct syncobj syncobj_delay = { "delay" };

void
sleeptab_init(void)
{
	for (int i = 0; i < SLEEPTAB_SIZE; i++) {
		spin_init(&sleeptab[i].sb_lock, "sleepq");
		TAILQ_INIT(&sleeptab[i].sb_parked);
	}
}

void
sleepq_sort(struct sleepq *sq)
{
	struct lwp *l = curlwp, *before = l, *l2;

	KASSERT(l->l_sleepq == sq && TAILQ_LAST(sq, sleepq) == l);
	while ((l2 = TAILQ_PREV(before, sleepq, l_link)) != NULL && l2->l_priority < l->l_priority)
		before = l2;
	if (before == l)
		return; /* as most often */
	TAILQ_REMOVE(sq, l, l_link);
	TAILQ_INSERT_BEFORE(before, l, l_link);
}

int
sleepq_switch(void)
{
	KASSERT(curlwp->l_stat == LSSLEEP);
	return mi_switch(curlwp, NULL);
}

/* The rest of sleepq_interrupted: one of its flags is set. */
int
sleepq_interrupted_flags(struct lwp *l)
{
	uint32_t flag = l->l_flag;

	l->l_flag &= ~LW_CANCELLED;
	if ((flag & (LW_WEXIT | LW_CANCELLED)) != 0)
		return EINTR;
	if ((flag & (LW_PENDSIG | LW_WSTOP)) != 0)
		return ERESTART;
	return (flag & LW_SUSPENDED) == 0 ? SLEEPQ_ANNOUNCE : 0;
}

/*
 * Runs in the timer interrupt with the callout lock held.  The sleeper stops its
 * callout before it can sleep again, and that waits for the callout lock: so
 * if `l` is asleep here, it is in the sleep that this timeout was armed for.
 */
void
sleepq_timeout(void *arg)
{
	struct lwp *l = arg;

	lwp_lock(l);
	if (l->l_stat == LSSLEEP)
		sleepq_wake(l, ETIMEDOUT);
	else
		lwp_unlock(l);
}

/* One try; with SLEEPQ_ANNOUNCE nothing has happened yet. */
static int
sleep_try(struct lwp *l, const char *wmesg)
{
	struct sleepbucket *sb = sleeptab_bucket((uintptr_t)l);
	struct sleepq sq = TAILQ_HEAD_INITIALIZER(sq);
	struct kspin *cpulock;
	int error;

	spin_enter(&sb->sb_lock);
	cpulock = &curcpu()->ci_lock;
	spin_enter_inner(cpulock);
	error = sleepq_interrupted(l);
	if (error != 0) {
		spin_exit_inner(cpulock);
		spin_exit(&sb->sb_lock);
		return error;
	}
	sleepq_enqueue(&sq, &sb->sb_lock, (uintptr_t)l, wmesg, &syncobj_delay, true);
	return sleepq_switch();
}

int
sleep_until(uint64_t deadline, const char *wmesg)
{
	struct lwp *l = curlwp;
	bool intr;
	int error;

	for (;;) {
		/* Interrupts are off from arming to sleeping: the timeout cannot come between. */
		intr = md_intr_disable();
		if (deadline != 0)
			callout_arm(&l->l_timeout, deadline);
		error = sleep_try(l, wmesg);
		md_intr_restore(intr);
		if (deadline != 0)
			callout_stop(&l->l_timeout);
		if (error != SLEEPQ_ANNOUNCE)
			return error;
		sleepq_announce(NULL);
	}
}
