/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interval timer of a process: setitimer, SIGALRM.
 *
 * A callout runs in the timer interrupt and cannot take p_lock, which a signal needs.  So it puts
 * the process on a list and wakes a thread, which sends the signal and arms the next time.
 *
 * Locks.  p_itdeadline and p_itinterval: p_lock; the callout is armed and stopped with p_lock
 * held.  The list, and p_itfired (the process is on it): fired_lock.  Order: callout lock ->
 * fired_lock -> sleep bucket.
 *
 * Why a process does not go while the thread works on it.  The thread takes it off the list with
 * proclist_lock held, and a process cannot be reaped without that.  Before it becomes a zombie it
 * stops its timer (itimer_stop): then it is not on the list, and its callout does not run.
 *
 * What it does not handle: ITIMER_VIRTUAL and ITIMER_PROF.
 */
#include <kern/callout.h>
#include <kern/clock.h>
#include <kern/condvar.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <sys/time.h>

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
	callout_init(&p->p_itcallout, itimer_expire, p);
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

/* Has the timer of p run out?  Then the next time is armed.  Times that have passed are left out. */
static bool
itimer_next(struct proc *p)
{
	uint64_t now = md_monotonic_ns();
	bool due;

	mutex_enter(&p->p_lock);
	due = p->p_itdeadline != 0 && p->p_itdeadline <= now;
	if (due) {
		callout_stop(&p->p_itcallout);
		if (p->p_itinterval == 0)
			p->p_itdeadline = 0;
		else
			p->p_itdeadline += ((now - p->p_itdeadline) / p->p_itinterval + 1) * p->p_itinterval;
		if (p->p_itdeadline != 0)
			callout_arm(&p->p_itcallout, p->p_itdeadline);
	}
	proc_unlock(p);
	return due;
}

static void
itimer_thread(void *unused)
{
	static const struct ksiginfo ksi = { .ksi_signo = SIGALRM, .ksi_code = SI_TIMER };
	struct proc *p;

	(void)unused;
	for (;;) {
		spin_enter(&fired_lock);
		while (TAILQ_EMPTY(&fired))
			(void)cv_wait_spin_sig(&fired_cv, &fired_lock);
		spin_exit(&fired_lock);
		mutex_enter(&proclist_lock);
		while ((p = fired_take()) != NULL) {
			if (itimer_next(p))
				psignal(p, &ksi);
		}
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
	p->p_itdeadline = 0;
	callout_stop(&p->p_itcallout);
	proc_unlock(p);
	spin_enter(&fired_lock);
	if (p->p_itfired) {
		TAILQ_REMOVE(&fired, p, p_itlink);
		p->p_itfired = false;
	}
	spin_exit(&fired_lock);
}

void
itimer_get(struct proc *p, uint64_t *left, uint64_t *interval)
{
	uint64_t now = md_monotonic_ns();

	KASSERT(mutex_owned(&p->p_lock));
	*interval = p->p_itinterval;
	*left = 0;
	if (p->p_itdeadline != 0)
		*left = p->p_itdeadline > now ? p->p_itdeadline - now : 1;
}

void
itimer_set(struct proc *p, uint64_t deadline, uint64_t interval)
{
	KASSERT(mutex_owned(&p->p_lock));
	callout_stop(&p->p_itcallout);
	p->p_itdeadline = deadline;
	p->p_itinterval = interval;
	if (deadline != 0)
		callout_arm(&p->p_itcallout, deadline);
}
