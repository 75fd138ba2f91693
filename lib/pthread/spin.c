/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin locks: for a few instructions, and threads that are known to run.
 *
 * A thread that is preempted while it has one makes all others wait that want
 * it; so after some turns they give up the CPU, and then sleep a little,
 * by which its owner can run, if it is of a lower priority too.
 */
#include <errno.h>

#include "pthread_int.h"

#define SPIN_DESTROYED	((pthread_t)MUTEX_DESTROYED)

static bool
swap(pthread_spinlock_t *s, pthread_t from, pthread_t to)
{
	return __atomic_compare_exchange_n(&s->pts_owner, &from, to, 0,
	    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

int
pthread_spin_init(pthread_spinlock_t *s, int shared)
{
	if (shared == PTHREAD_PROCESS_SHARED)
		return ENOSYS;
	if (shared != PTHREAD_PROCESS_PRIVATE)
		return EINVAL;
	s->pts_owner = NULL;
	return 0;
}

int
pthread_spin_destroy(pthread_spinlock_t *s)
{
	if (s->pts_owner == SPIN_DESTROYED)
		return EINVAL;
	return swap(s, NULL, SPIN_DESTROYED) ? 0 : EBUSY;
}

int
pthread_spin_lock(pthread_spinlock_t *s)
{
	pthread_t self = pthread__self();
	unsigned int n;

	for (n = 0; !swap(s, NULL, self); n++) {
		if (s->pts_owner == self)
			return EDEADLK;
		if (s->pts_owner == SPIN_DESTROYED)
			return EINVAL;
		__liblock_backoff(n);
	}
	return 0;
}

int
pthread_spin_trylock(pthread_spinlock_t *s)
{
	if (s->pts_owner == SPIN_DESTROYED)
		return EINVAL;
	return swap(s, NULL, pthread__self()) ? 0 : EBUSY;
}

int
pthread_spin_unlock(pthread_spinlock_t *s)
{
	if (s->pts_owner != pthread__self())
		return s->pts_owner == SPIN_DESTROYED ? EINVAL : EPERM;
	__atomic_store_n(&s->pts_owner, NULL, __ATOMIC_RELEASE);
	return 0;
}
