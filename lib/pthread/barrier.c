/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Barriers.
 *
 * What it is.  A count of those that have arrived, and a queue of them.  The
 * last to arrive resets the count, which begins the next round, and wakes the
 * others, by one system call for up to BATCH of them.
 *
 * Why no wake-up is lost, and none goes to the wrong round.  Counting and queueing
 * are one step, under the guard.  The queue is first come, first served,
 * and the last one takes out exactly as many as its round has: threads
 * that are woken early and arrive again are behind those.
 *
 * Freeing.  A thread that comes out of the wait may destroy the barrier, while
 * others of its round still are on their way out.  So those are counted, and
 * destroying waits for them.
 */
#include <errno.h>
#include <lwp.h>

#include "pthread_int.h"

#define BARRIER_MAGIC	0x62617272u
#define BATCH		64

int
pthread_barrier_init(pthread_barrier_t *restrict b,
    const pthread_barrierattr_t *restrict attr, unsigned int count)
{
	static const pthread_barrier_t initial;

	if (count == 0 || (attr != NULL && attr->ptba_magic == DESTROYED))
		return EINVAL;
	*b = initial;
	b->ptb_magic = BARRIER_MAGIC;
	b->ptb_count = count;
	return 0;
}

int
pthread_barrier_destroy(pthread_barrier_t *b)
{
	unsigned int n = 0;
	bool free;

	if (b->ptb_magic != BARRIER_MAGIC)
		return EINVAL;
	pthread__guard_enter(&b->ptb_waiters);
	while (b->ptb_arrived == 0 && b->ptb_leaving > 0) {
		pthread__guard_exit(&b->ptb_waiters);
		__liblock_backoff(n++);
		pthread__guard_enter(&b->ptb_waiters);
	}
	free = b->ptb_arrived == 0;
	if (free)
		b->ptb_magic = DESTROYED;
	pthread__guard_exit(&b->ptb_waiters);
	return free ? 0 : EBUSY;
}

/* The first n waiters.  Called with the guard held. */
static void
wake(pthread_barrier_t *b, unsigned int n)
{
	struct __pthread_waiter *w;
	lwpid_t lids[BATCH];
	size_t i;

	while (n > 0) {
		for (i = 0; i < BATCH && n > 0; i++, n--) {
			w = b->ptb_waiters.ptq_first;
			pthread__dequeue(&b->ptb_waiters, w);
			lids[i] = pthread__settle(w, W_GRANTED);
		}
		pthread__guard_exit(&b->ptb_waiters);
		(void)_lwp_unpark_all(lids, i, NULL);
		pthread__guard_enter(&b->ptb_waiters);
	}
}

int
pthread_barrier_wait(pthread_barrier_t *b)
{
	struct __pthread_waiter w;
	int saved = errno;

	if (b->ptb_magic != BARRIER_MAGIC)
		return EINVAL;
	pthread__waiter_init(&w, pthread__self());
	pthread__guard_enter(&b->ptb_waiters);
	b->ptb_leaving++;
	if (++b->ptb_arrived == b->ptb_count) {
		b->ptb_arrived = 0;
		wake(b, b->ptb_count - 1);
		b->ptb_leaving--;
		pthread__guard_exit(&b->ptb_waiters);
		errno = saved;
		return PTHREAD_BARRIER_SERIAL_THREAD;
	}
	pthread__enqueue(&b->ptb_waiters, &w);
	pthread__guard_exit(&b->ptb_waiters);
	(void)pthread__wait(&w, CLOCK_REALTIME, NULL, false, 0);
	pthread__guard_enter(&b->ptb_waiters);
	b->ptb_leaving--;
	pthread__guard_exit(&b->ptb_waiters);
	return 0;
}
