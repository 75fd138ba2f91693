/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cancellation.
 *
 * What it is.  pthread_cancel sets PENDING in the target's word of flags.  The
 * target looks at it when it calls a cancellation point, and again when that
 * returns EINTR; if it finds it, and cancellation is not disabled, it
 * leaves through pthread_exit, which calls the cleanup handlers.
 *
 * A target that sleeps in a cancellation point must be woken.  That is what
 * _lwp_wakeup is for: it ends an interruptible sleep with EINTR, and if the
 * target is just on its way into one, that one (a "pending cancel", kept by
 * the kernel).  So this is no race:
 *
 *	target					canceller
 *	set POINT; PENDING?  no			set PENDING; POINT?  yes:
 *	system call: EINTR at once		_lwp_wakeup
 *	PENDING?  yes: leave
 *
 * Both words are one, and changed atomically: either the target sees PENDING
 * before it sleeps, or the canceller sees POINT and wakes it.
 *
 * After the point.  If the system call had done its work when the wake-up came,
 * its result counts, and the kernel still holds a pending cancel, which
 * would end some later sleep, of a cleanup handler say, that has nothing to
 * do with it.  So who leaves a point and finds that somebody was about to wake him
 * (WAKING) waits until that has been done (WOKEN), and sleeps a nanosecond
 * to use it up.  It happens at most once in a thread's life.
 *
 * Asynchronous cancellation needs the target to stop wherever it is: the
 * signal ASYNC_SIGNAL is sent to it, whose handler leaves if it may.  The
 * handler is put in place when a thread first asks for that type.
 *
 * Nesting.  A signal handler that runs within a cancellation point may call
 * another: POINT stays as it was found.
 *
 * What it does not handle.  An LWP that has not become a thread cannot be
 * cancelled, as nobody has a name for it.
 */
#include <errno.h>
#include <lwp.h>
#include <signal.h>
#include <time.h>

#include "pthread_int.h"

#define ASYNC_SIGNAL	SIGRTMAX

/* Have the kernel forget that it was to wake us. */
void
pthread__absorb(struct __pthread_st *self)
{
	static const struct timespec moment = { 0, 1 };
	int saved = errno;
	unsigned int n;

	for (n = 0; self->pt_cancel & C_WAKING; n++)
		__liblock_backoff(n);
	(void)__atomic_fetch_and(&self->pt_cancel, ~(unsigned int)C_WOKEN,
	    __ATOMIC_RELAXED);
	(void)__sys_nanosleep(&moment, NULL);
	errno = saved;
}

__dead void
pthread__cancelled(void)
{
	pthread_exit(PTHREAD_CANCELED);
}

void
pthread_testcancel(void)
{
	if (pthread__must_cancel(pthread__self()))
		pthread__cancelled();
}

/*
 * What a cancellation point of the library calls before its system call and
 * after it.  -1: nobody can cancel this LWP.
 */
int
__pthread_point_enter(void)
{
	struct __pthread_st *self;
	unsigned int before;

	__asm volatile ("movq %%fs:16, %0" : "=r" (self));
	if (self == NULL)
		return -1;
	before = pthread__point_enter(self);
	if (pthread__must_cancel(self)) {
		pthread__point_leave(self, before);
		pthread__cancelled();
	}
	return (int)before;
}

void
__pthread_point_leave(int point, int interrupted)
{
	struct __pthread_st *self = pthread__self();

	if (point == -1)
		return;
	pthread__point_leave(self, (unsigned int)point);
	if (interrupted && pthread__must_cancel(self))
		pthread__cancelled();
}

/* The target is asleep in a point, or about to be. */
static void
wake(struct __pthread_st *pt)
{
	(void)_lwp_wakeup(pt->pt_lid);
	(void)__atomic_fetch_add(&pt->pt_cancel, C_WOKEN - C_WAKING,
	    __ATOMIC_SEQ_CST);
}

/* Called with pthread__lock held, so that the target stays. */
static void
cancel(struct __pthread_st *pt)
{
	unsigned int old = pt->pt_cancel, new;

	do {
		new = old | C_PENDING;
		if ((old & (C_PENDING | C_DISABLED | C_POINT)) == C_POINT)
			new |= C_WAKING;
	} while (!__atomic_compare_exchange_n(&pt->pt_cancel, &old, new, 0,
	    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	if ((new & ~old) & C_WAKING)
		wake(pt);
	else if ((old & (C_ASYNC | C_DISABLED)) == C_ASYNC)
		(void)_lwp_kill(pt->pt_lid, ASYNC_SIGNAL);
}

int
pthread_cancel(pthread_t pt)
{
	int saved = errno, error = 0;

	__liblock_enter(&pthread__lock);
	if (!pthread__exists(pt))
		error = ESRCH;
	else if (pt->pt_state == PT_RUNNING)
		cancel(pt);
	__liblock_exit(&pthread__lock);
	errno = saved;
	return error;
}

/* Sets or clears a flag; returns what the flags were. */
static unsigned int
change(unsigned int flag, bool set)
{
	struct __pthread_st *self = pthread__self();

	if (set)
		return __atomic_fetch_or(&self->pt_cancel, flag, __ATOMIC_SEQ_CST);
	return __atomic_fetch_and(&self->pt_cancel, ~flag, __ATOMIC_SEQ_CST);
}

/* With the asynchronous type, what is pending takes effect at once. */
static void
test_async(void)
{
	struct __pthread_st *self = pthread__self();

	if ((self->pt_cancel & C_ASYNC) && pthread__must_cancel(self))
		pthread__cancelled();
}

static void
on_async(int signo __unused)
{
	test_async();
}

int
pthread_setcancelstate(int state, int *old)
{
	unsigned int was;

	if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
		return EINVAL;
	was = change(C_DISABLED, state == PTHREAD_CANCEL_DISABLE);
	if (old != NULL)
		*old = was & C_DISABLED ? PTHREAD_CANCEL_DISABLE :
		    PTHREAD_CANCEL_ENABLE;
	test_async();
	return 0;
}

static void
catch_async(void)
{
	struct sigaction action = { .sa_flags = 0 };

	action.sa_handler = on_async;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(ASYNC_SIGNAL, &action, NULL);
}

int
pthread_setcanceltype(int type, int *old)
{
	unsigned int was;

	if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
		return EINVAL;
	if (type == PTHREAD_CANCEL_ASYNCHRONOUS)
		catch_async();
	was = change(C_ASYNC, type == PTHREAD_CANCEL_ASYNCHRONOUS);
	if (old != NULL)
		*old = was & C_ASYNC ? PTHREAD_CANCEL_ASYNCHRONOUS :
		    PTHREAD_CANCEL_DEFERRED;
	test_async();
	return 0;
}
