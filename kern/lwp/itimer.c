/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interval timers of a process: setitimer; SIGALRM, SIGVTALRM, SIGPROF.
 *
 * ITIMER_REAL goes by the monotonic clock, the other two by the CPU time that the process has used.
 * For these nobody counts while the process runs: their callout comes when they can run out at the
 * earliest, had it all CPUs from now on, and looks how far they are.  So they cost nothing
 * on the way into and out of a CPU, never run out early, and late by TIMER_GRAIN at most.
 *
 * A callout runs in the timer interrupt and cannot take p_lock, which a signal needs.  So it puts
 * the process on a list and wakes a thread, which sends the signals and arms the next times.
 *
 * Locks.  it_deadline and it_interval: p_lock; the callouts are armed and stopped with p_lock
 * held.  The list, and p_itfired (the process is on it): fired_lock.  Order: callout lock ->
 * fired_lock -> sleep bucket.
 *
 * Why a process does not go while the thread works on it.  The thread takes it off the list with
 * proclist_lock held, and a process cannot be reaped without that.  Before it becomes a zombie it
 * stops its timers (itimer_stop): then it is not on the list, and its callouts do not run.
 *
 * What it does not handle: ITIMER_VIRTUAL counts the time in the kernel, too, as CPU times are not
 * told apart anywhere.
 */
#include <kern/callout.h>
#include <kern/clock.h>
#include <kern/condvar.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <sys/time.h>

#define TIMER_GRAIN 10000000UL /* ns: how often a CPU time is looked at, at most */

static struct kspin fired_lock;
static struct kcondvar fired_cv;                       /* (fired_lock) the list is not empty */
static TAILQ_HEAD(, proc) fired = TAILQ_HEAD_INITIALIZER(fired); /* (fired_lock) */

static void
itimer_expire(void *arg)
{
	struct proc *p = arg;

	spin_enter(&fired_lock);
	if (!p->p_itfired) {
		p->p_itfired = true;
		TAILQ_INSERT_TAIL(&fired, p, p_itlink);
		cv_signal(&fired_cv);
	}
	spin_exit(&fired_lock);
}

void
itimer_setup(struct proc *p)
{
	for (int i = 0; i < NITIMERS; i++)
		callout_init(&p->p_itimer[i].it_callout, itimer_expire, p);
}

static struct proc *
fired_take(void)
{
	struct proc *p;

	spin_enter(&fired_lock);
	p = TAILQ_FIRST(&fired);
	if (p != NULL) {
		TAILQ_REMOVE(&fired, p, p_itlink);
		p->p_itfired = false;
	}
	spin_exit(&fired_lock);
	return p;
}

/* Now, on the clock of a timer.  p_lock held. */
static uint64_t
itimer_now(struct proc *p, int which)
{
	return which == ITIMER_REAL ? md_monotonic_ns() : proc_cputime(p);
}

/* Have a timer looked at when it may have run out.  p_lock held. */
static void
itimer_arm(struct proc *p, int which, uint64_t now)
{
	struct itimer *it = &p->p_itimer[which];
	uint64_t left;

	callout_stop(&it->it_callout);
	if (it->it_deadline == 0)
		return;
	if (which == ITIMER_REAL) {
		callout_arm(&it->it_callout, it->it_deadline);
		return;
	}
	left = it->it_deadline > now ? it->it_deadline - now : 0;
	left /= ncpu; /* not by how many LWPs there are now: who makes more would get it late */
	callout_arm(&it->it_callout, md_monotonic_ns() + umax(left, TIMER_GRAIN));
}

/* Has a timer of p run out?  Then its next time is set.  Times that have passed are left out. */
static bool
itimer_next(struct proc *p, int which)
{
	struct itimer *it = &p->p_itimer[which];
	uint64_t now;
	bool due = false;

	mutex_enter(&p->p_lock);
	if (it->it_deadline != 0) {
		now = itimer_now(p, which);
		due = it->it_deadline <= now;
		if (due && it->it_interval == 0)
			it->it_deadline = 0;
		else if (due)
			it->it_deadline += ((now - it->it_deadline) / it->it_interval + 1) * it->it_interval;
		itimer_arm(p, which, now);
	}
	proc_unlock(p);
	return due;
}

static void
itimer_look(struct proc *p)
{
	static const struct ksiginfo ksi[NITIMERS] = {
		[ITIMER_REAL] = { .ksi_signo = SIGALRM, .ksi_code = SI_TIMER },
		[ITIMER_VIRTUAL] = { .ksi_signo = SIGVTALRM, .ksi_code = SI_TIMER },
		[ITIMER_PROF] = { .ksi_signo = SIGPROF, .ksi_code = SI_TIMER },
	};

	for (int i = 0; i < NITIMERS; i++) {
		if (itimer_next(p, i))
			psignal(p, &ksi[i]);
	}
}

static void
itimer_thread(void *unused)
{
	struct proc *p;

	(void)unused;
	for (;;) {
		spin_enter(&fired_lock);
		while (TAILQ_EMPTY(&fired))
			(void)cv_wait_spin_sig(&fired_cv, &fired_lock);
		spin_exit(&fired_lock);
		mutex_enter(&proclist_lock);
		while ((p = fired_take()) != NULL)
			itimer_look(p);
		mutex_exit(&proclist_lock);
	}
}

void
itimer_init(void)
{
	spin_init(&fired_lock, "itimer");
	cv_init(&fired_cv, "itimer");
	if (kthread_create("itimer", PRI_KTHREAD, NULL, itimer_thread, NULL, NULL) != 0)
		panic("no memory for the timer thread");
}

void
itimer_stop(struct proc *p)
{
	mutex_enter(&p->p_lock);
	for (int i = 0; i < NITIMERS; i++) {
		p->p_itimer[i].it_deadline = 0;
		callout_stop(&p->p_itimer[i].it_callout);
	}
	proc_unlock(p);
	spin_enter(&fired_lock);
	if (p->p_itfired) {
		TAILQ_REMOVE(&fired, p, p_itlink);
		p->p_itfired = false;
	}
	spin_exit(&fired_lock);
}

/* Nanoseconds of its clock, 0: it is off. */
void
itimer_get(struct proc *p, int which, uint64_t *left, uint64_t *interval)
{
	const struct itimer *it = &p->p_itimer[which];
	uint64_t now;

	KASSERT(mutex_owned(&p->p_lock));
	*interval = it->it_interval;
	*left = 0;
	if (it->it_deadline != 0) {
		now = itimer_now(p, which);
		*left = it->it_deadline > now ? it->it_deadline - now : 1;
	}
}

void
itimer_set(struct proc *p, int which, uint64_t left, uint64_t interval)
{
	struct itimer *it = &p->p_itimer[which];
	uint64_t now;

	KASSERT(mutex_owned(&p->p_lock));
	now = itimer_now(p, which);
	it->it_deadline = left != 0 ? now + left : 0;
	it->it_interval = interval;
	itimer_arm(p, which, now);
}
