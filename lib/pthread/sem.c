/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Semaphores.
 *
 * What it is.  A count, or CONTENDED if there are waiters, who have a queue.
 * Without waiters, post and wait are one compare-and-swap.
 *
 * Signal handlers.  sem_post may be called by one.  If that runs in a thread
 * which is inside the guard of the same semaphore, it would wait for itself;
 * so signals are blocked around the guard.  The compare-and-swap needs no
 * guard, and so most calls need no blocking.
 *
 * Why no wake-up is lost.  The count goes from 0 to CONTENDED, and the waiter
 * into the queue, in one step under the guard.  A post that finds CONTENDED comes
 * through the guard, takes the first waiter out and gives it the unit: the
 * count never rises while anybody waits.  A waiter that leaves for another
 * reason looks under the guard whether it was given one after all.
 *
 * What it does not handle.  Sharing between processes; named semaphores.
 */
#include <errno.h>
#include <lwp.h>
#include <semaphore.h>
#include <signal.h>

#include "pthread_int.h"

#define SEM_MAGIC	0x73656d61u
#define CONTENDED	(-1)

static int
fail(int error)
{
	errno = error;
	return -1;
}

static bool
swap(sem_t *sem, int from, int to)
{
	return __atomic_compare_exchange_n(&sem->sem_count, &from, to, 0,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void
enter(sem_t *sem, sigset_t *mask)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, mask);
	pthread__guard_enter(&sem->sem_waiters);
}

static void
leave(sem_t *sem, const sigset_t *mask)
{
	pthread__guard_exit(&sem->sem_waiters);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
}

int
sem_init(sem_t *sem, int shared, unsigned int value)
{
	static const sem_t initial;

	if (shared)
		return fail(ENOSYS);
	if (value > SEM_VALUE_MAX)
		return fail(EINVAL);
	*sem = initial;
	sem->sem_magic = SEM_MAGIC;
	sem->sem_count = (int)value;
	return 0;
}

int
sem_destroy(sem_t *sem)
{
	if (sem->sem_magic != SEM_MAGIC)
		return fail(EINVAL);
	if (sem->sem_count == CONTENDED)
		return fail(EBUSY);
	sem->sem_magic = DESTROYED;
	return 0;
}

/* Called with the guard held. */
static lwpid_t
give(sem_t *sem)
{
	struct __pthread_waiter *w = sem->sem_waiters.ptq_first;

	if (w == NULL) {
		/* The queue is an older process's. */
		sem->sem_count = 1;
		return 0;
	}
	pthread__dequeue(&sem->sem_waiters, w);
	if (sem->sem_waiters.ptq_first == NULL)
		__atomic_store_n(&sem->sem_count, 0, __ATOMIC_RELEASE);
	return pthread__settle(w, W_GRANTED);
}

/* False: there are no waiters any more. */
static bool
post_slow(sem_t *sem)
{
	sigset_t mask;
	lwpid_t lid = 0;
	bool contended;

	enter(sem, &mask);
	contended = sem->sem_count == CONTENDED;
	if (contended)
		lid = give(sem);
	leave(sem, &mask);
	pthread__unpark(lid);
	return contended;
}

int
sem_post(sem_t *sem)
{
	int v;

	if (sem->sem_magic != SEM_MAGIC)
		return fail(EINVAL);
	for (;;) {
		v = sem->sem_count;
		if (v == SEM_VALUE_MAX)
			return fail(EOVERFLOW);
		if (v == CONTENDED ? post_slow(sem) : swap(sem, v, v + 1))
			return 0;
	}
}

static bool
take(sem_t *sem)
{
	int v = sem->sem_count;

	while (v > 0) {
		if (__atomic_compare_exchange_n(&sem->sem_count, &v, v - 1, 0,
		    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

int
sem_trywait(sem_t *sem)
{
	if (sem->sem_magic != SEM_MAGIC)
		return fail(EINVAL);
	return take(sem) ? 0 : fail(EAGAIN);
}

/* Whether it had to queue up; if not, it has a unit. */
static bool
queue_up(sem_t *sem, struct __pthread_waiter *w)
{
	sigset_t mask;
	bool got = false;

	enter(sem, &mask);
	while (!got && sem->sem_count != CONTENDED) {
		(void)swap(sem, 0, CONTENDED);
		got = take(sem);
	}
	if (!got)
		pthread__enqueue(&sem->sem_waiters, w);
	leave(sem, &mask);
	return !got;
}

/* After the wait: out of the queue.  Whether it was given a unit. */
static bool
was_given(sem_t *sem, struct __pthread_waiter *w)
{
	sigset_t mask;
	bool given;

	enter(sem, &mask);
	given = w->w_state == W_GRANTED;
	if (!given) {
		pthread__dequeue(&sem->sem_waiters, w);
		if (sem->sem_waiters.ptq_first == NULL)
			__atomic_store_n(&sem->sem_count, 0, __ATOMIC_RELEASE);
	}
	leave(sem, &mask);
	return given;
}

/* EINTR: the caller is to be cancelled. */
static int
wait_slow(sem_t *sem, struct __pthread_st *self, clockid_t clock,
    const struct timespec *ts)
{
	struct __pthread_waiter w;
	int error;

	if (pthread__must_cancel(self))
		return EINTR;
	if (pthread__badtime(ts) || pthread__badclock(clock))
		return EINVAL;
	pthread__waiter_init(&w, self);
	if (!queue_up(sem, &w))
		return 0;
	error = pthread__wait(&w, clock, ts, true, 0);
	return was_given(sem, &w) ? 0 : error;
}

int
sem_clockwait(sem_t *restrict sem, clockid_t clock,
    const struct timespec *restrict ts)
{
	struct __pthread_st *self = pthread__self();
	unsigned int point;
	int error;

	if (sem->sem_magic != SEM_MAGIC)
		return fail(EINVAL);
	if (!pthread__must_cancel(self) && take(sem))
		return 0;
	point = pthread__point_enter(self);
	error = wait_slow(sem, self, clock, ts);
	pthread__point_leave(self, point);
	if (error == EINTR)
		pthread__cancelled();
	return error == 0 ? 0 : fail(error);
}

int
sem_wait(sem_t *sem)
{
	return sem_clockwait(sem, CLOCK_REALTIME, NULL);
}

int
sem_timedwait(sem_t *restrict sem, const struct timespec *restrict ts)
{
	return sem_clockwait(sem, CLOCK_REALTIME, ts);
}

/* With waiters it is 0. */
int
sem_getvalue(sem_t *restrict sem, int *restrict value)
{
	if (sem->sem_magic != SEM_MAGIC)
		return fail(EINVAL);
	*value = sem->sem_count;
	if (*value == CONTENDED)
		*value = 0;
	return 0;
}
