/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Condition variables.  The interlock is an adaptive mutex or a spin mutex; a
 * cv is woken with that mutex held, and that is why no wake-up is lost.
 */
#ifndef _KERN_CONDVAR_H_
#define _KERN_CONDVAR_H_

#include <kern/mutex.h>
#include <kern/sched.h>

struct kcondvar {
	struct sleepq cv_sleepq; /* (the bucket of the cv's address) by priority, then arrival */
	const char *cv_wmesg;    /* (constant) the wait message that listings show, <= 8 bytes */
};

void cv_init(struct kcondvar *cv, const char *wmesg);

/*
 * Sleep until signalled; the caller tests its condition again, for a return of 0 may be spurious.
 * Called with `m` held; releases it while asleep and
 * returns with it held.  cv_wait cannot be interrupted.  cv_wait_sig returns
 * EINTR when a cancel or the end of the process interrupts, ERESTART when curlwp has
 * to go to the boundary to user mode: the system call gives that back, and the boundary
 * decides whether it is executed again (kern/lwp/signal.c).
 * cv_timedwait and cv_timedwait_sig also give ETIMEDOUT once the monotonic clock
 * reaches `deadline` (ns; 0 = never).
 */
void cv_wait(struct kcondvar *cv, struct kmutex *m);
int cv_wait_sig(struct kcondvar *cv, struct kmutex *m);
int cv_timedwait(struct kcondvar *cv, struct kmutex *m, uint64_t deadline);
int cv_timedwait_sig(struct kcondvar *cv, struct kmutex *m, uint64_t deadline);
/* The same under a spin mutex, for what interrupt handlers signal.  Interruptible. */
int cv_wait_spin_sig(struct kcondvar *cv, struct kspin *m);

/* Wake the best sleeper, or all.  Called with the interlock held.  Never sleep. */
void cv_signal(struct kcondvar *cv);
void cv_broadcast(struct kcondvar *cv);
bool cv_has_waiters(struct kcondvar *cv);

#endif
