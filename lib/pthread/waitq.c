/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting: queues of threads, and the two calls under all of this library,
 * park and unpark.
 *
 * What it is.  An object on which threads wait has a queue of waiters, which
 * lie on the stacks of their threads.  A spin lock, the guard, covers the
 * queue and whatever the object's state says about it; it is held for a few
 * dozen instructions and never across a system call.
 *
 * Why no wake-up is lost.  The kernel offers this: an unpark either ends the
 * park of its target or makes the target's next park return at once, so the
 * order of the two does not matter.  All that is needed besides is that the
 * waker knows whom to unpark, and the sleeper can tell why it returned:
 *
 *	sleeper					waker
 *	guard; must I wait?  yes:		guard; make it free
 *	w_state = WAITING; into the queue	take the waiter out of the queue
 *	leave the guard				w_state = GRANTED; leave the guard
 *	while w_state is WAITING: park		unpark
 *
 * The guard makes "must I wait" and "I am in the queue" one step, so that the
 * waker either comes first, and then there is no need to wait, or finds the
 * waiter.  The sleeper believes w_state alone.  A park that returns for any
 * other reason (a signal, an unpark that somebody sent late, a token that the
 * program itself has left) is followed by another.
 *
 * Once w_state is not WAITING the sleeper may return, and its frame, with the
 * waiter in it, may be gone: the waker reads the id before and touches nothing
 * after.  The unpark may then reach an LWP that waits for something else, which
 * looks at its own w_state and parks again.
 *
 * Time-outs.  Who returns for the deadline is still in the queue, or is not:
 * the guard tells.  So each object's wait ends with "guard; was I granted it
 * after all?".
 *
 * Fork.  In a child, no waiter in any queue is real: their threads are not
 * there, and whoever calls fork waits for nothing.  Nor is a guard that is
 * held.  So each queue carries the number of forks at its last use; if it is an
 * older one, the queue is emptied at its next use, and a guard of that age is free.
 *
 * What it does not handle.  The guard is a spin lock in user mode: a thread
 * that is preempted with it, or suspended, keeps the others waiting; they
 * yield, then sleep 100 microseconds at a time, so that it runs, whatever the
 * priorities are.
 */
#include <errno.h>
#include <lwp.h>

#include "pthread_int.h"

unsigned int	pthread__generation;

/* A guard that is held since before the last fork is nobody's. */
void
pthread__guard_wait(struct __pthread_waitq *q)
{
	unsigned int mine = pthread__generation * 2 + 1, seen, n = 0;

	for (;;) {
		seen = q->ptq_guard;
		if (seen != mine && __atomic_compare_exchange_n(&q->ptq_guard,
		    &seen, mine, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		__liblock_backoff(n++);
	}
}

/* Called with the guard held: nobody in it is there any more. */
void
pthread__queue_forget(struct __pthread_waitq *q)
{
	q->ptq_first = q->ptq_last = NULL;
	q->ptq_gen = pthread__generation;
}

void
pthread__unpark_one(lwpid_t lid)
{
	int saved = errno;

	(void)_lwp_unpark(lid, NULL);
	errno = saved;
}

void
pthread__wait_granted(struct __pthread_waiter *w)
{
	int saved = errno;

	while (__atomic_load_n(&w->w_state, __ATOMIC_ACQUIRE) != W_GRANTED)
		(void)_lwp_park(CLOCK_REALTIME, 0, NULL, 0, w, NULL);
	errno = saved;
}

/*
 * Until the waiter is settled: 0.  Or until the point of time, NULL for never:
 * ETIMEDOUT.  Or, if it is cancellable, until the thread is to be cancelled:
 * EINTR.  In the latter cases it may have been settled meanwhile.
 *
 * `wake' is the id of an LWP to unpark, 0 for none.  The first park does it in
 * the same call: a thread that hands something over and then waits for its
 * answer enters the kernel once.  If that LWP is gone the call fails
 * without having slept.
 */
int
pthread__wait(struct __pthread_waiter *w, clockid_t clock,
    const struct timespec *ts, bool cancellable, lwpid_t wake)
{
	int saved = errno, error = 0;

	while (error == 0 &&
	    W_SLEEPS(__atomic_load_n(&w->w_state, __ATOMIC_ACQUIRE))) {
		if (_lwp_park(clock, TIMER_ABSTIME, __UNCONST(ts), wake, w,
		    NULL) == -1 && errno == ETIMEDOUT)
			error = ETIMEDOUT;
		else if (cancellable && pthread__must_cancel(w->w_thread))
			error = EINTR;
		wake = 0;
	}
	pthread__unpark(wake);
	errno = saved;
	return error;
}
