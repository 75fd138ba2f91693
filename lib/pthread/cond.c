/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Condition variables.
 *
 * What it is.  A queue of threads that wait, each of which says which mutex it
 * will need.  There is no other state: a signal when nobody waits does nothing.
 *
 * No herd.  A thread that is signalled can do nothing before it has the
 * mutex, which the signaller mostly holds.  To wake it would be to have it run,
 * find the mutex held, and sleep again; a broadcast would do so with all of
 * them.  So a signal wakes nobody: it moves the waiter to the queue of the
 * mutex, and when its turn comes it is woken as the owner.  Only if the
 * mutex is free is it made the owner and woken at once.
 *
 * One entry into the kernel.  A thread that waits has to give up the mutex
 * first; if somebody waits for that, he becomes the owner, and has to be woken.
 * As the thread is about to park, it has its park do that (call 478).  So two
 * threads that signal each other and wait in turn make one system call each a
 * turn: signal moves the other to the mutex; wait hands it over and parks.
 *
 * Why no wake-up is lost.  The waiter is in the queue before it gives up the
 * mutex.  Who changes what it waits for, does so with the mutex, hence after
 * that, and then signals: it finds the waiter in the queue.
 *
 * Who decides.  A waiter whose time is up, or that is to be cancelled, and a signal
 * may meet.  Both change w_state from WAITING by compare-and-swap: the signal to
 * MOVED, the waiter to LEAVING, and the first one wins.  A waiter that was MOVED
 * was signalled, and waits for the mutex, as long as it takes; a signal passes
 * over waiters that are LEAVING.  So a signal is never used up by a thread that
 * times out or is cancelled.
 *
 * Freeing.  POSIX allows to destroy and free a condition variable as soon as all who
 * waited have been signalled.  So a waiter that was MOVED does not touch it any more,
 * the signaller leaves the guard before it moves anybody, and destroying
 * waits for those that are LEAVING.
 *
 * What it does not handle.  Different mutexes at once for one condition
 * variable, which POSIX forbids, work.
 */
#include <errno.h>

#include "pthread_int.h"

int
pthread_cond_init(pthread_cond_t *restrict c,
    const pthread_condattr_t *restrict attr)
{
	static const pthread_cond_t initial = PTHREAD_COND_INITIALIZER;

	if (attr != NULL && attr->ptca_magic == DESTROYED)
		return EINVAL;
	*c = initial;
	if (attr != NULL)
		c->ptc_clock = attr->ptca_clock;
	return 0;
}

/* Somebody waits who has not been signalled; or is only leaving. */
static bool
has_waiters(pthread_cond_t *c, bool *leaving)
{
	struct __pthread_waiter *w;
	bool some = false;

	pthread__guard_enter(&c->ptc_waiters);
	*leaving = c->ptc_waiters.ptq_first != NULL;
	for (w = c->ptc_waiters.ptq_first; w != NULL && !some; w = w->w_next)
		some = w->w_state == W_WAITING;
	pthread__guard_exit(&c->ptc_waiters);
	return some;
}

int
pthread_cond_destroy(pthread_cond_t *c)
{
	unsigned int n = 0;
	bool leaving;

	if (c->ptc_magic == DESTROYED)
		return EINVAL;
	do {
		if (has_waiters(c, &leaving))
			return EBUSY;
		if (leaving)
			__liblock_backoff(n++);
	} while (leaving);
	c->ptc_magic = DESTROYED;
	return 0;
}

static bool
change(struct __pthread_waiter *w, int state)
{
	int waiting = W_WAITING;

	return __atomic_compare_exchange_n(&w->w_state, &waiting, state, 0,
	    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* After the wait: whether we were signalled, or leave without. */
static bool
was_signalled(pthread_cond_t *c, struct __pthread_waiter *w)
{
	if (w->w_state != W_WAITING || !change(w, W_LEAVING))
		return true;
	pthread__guard_enter(&c->ptc_waiters);
	pthread__dequeue(&c->ptc_waiters, w);
	pthread__guard_exit(&c->ptc_waiters);
	return false;
}

/* EINTR: the caller is to be cancelled, and has the mutex. */
static int
wait_on(pthread_cond_t *c, pthread_mutex_t *m, struct __pthread_st *self,
    clockid_t clock, const struct timespec *ts)
{
	struct __pthread_waiter w;
	int error, mutex_error;
	struct mutex_held held;
	bool signalled;
	lwpid_t wake;

	pthread__waiter_init(&w, self);
	w.w_mutex = m;
	pthread__guard_enter(&c->ptc_waiters);
	pthread__enqueue(&c->ptc_waiters, &w);
	pthread__guard_exit(&c->ptc_waiters);
	wake = pthread__mutex_release(m, self, &held);
	error = pthread__wait(&w, clock, ts, true, wake);
	signalled = was_signalled(c, &w);
	mutex_error = pthread__mutex_resume(m, self, signalled ? &w : NULL,
	    &held);
	if (mutex_error != 0)
		return mutex_error;
	return signalled ? 0 : error;
}

static __always_inline int
wait_until(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
    const struct timespec *ts)
{
	struct __pthread_st *self = pthread__self();
	unsigned int point;
	int error = EINTR;

	if (c->ptc_magic == DESTROYED)
		return EINVAL;
	if (!pthread__mutex_is_mine(m, self))
		return EPERM;
	point = pthread__point_enter(self);
	if (!pthread__must_cancel(self))
		error = wait_on(c, m, self, clock, ts);
	pthread__point_leave(self, point);
	if (error == EINTR)
		pthread__cancelled();
	return error;
}

int
pthread_cond_clockwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
    clockid_t clock, const struct timespec *restrict ts)
{
	if (pthread__badtime(ts) || pthread__badclock(clock))
		return EINVAL;
	return wait_until(c, m, clock, ts);
}

int
pthread_cond_wait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m)
{
	return wait_until(c, m, CLOCK_REALTIME, NULL);
}

int
pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
    const struct timespec *restrict ts)
{
	return pthread_cond_clockwait(c, m, c->ptc_clock, ts);
}

static bool
nobody_waits(pthread_cond_t *c)
{
	return *(struct __pthread_waiter *volatile *)&c->ptc_waiters.ptq_first == NULL;
}

/*
 * Looking without the guard is enough: a waiter that the caller can know of,
 * because it has had the mutex since, is seen.
 */
int
pthread_cond_signal(pthread_cond_t *c)
{
	struct __pthread_waiter *w;

	if (c->ptc_magic == DESTROYED)
		return EINVAL;
	if (nobody_waits(c))
		return 0;
	pthread__guard_enter(&c->ptc_waiters);
	w = c->ptc_waiters.ptq_first;
	while (w != NULL && !change(w, W_MOVED))
		w = w->w_next;
	if (w != NULL)
		pthread__dequeue(&c->ptc_waiters, w);
	pthread__guard_exit(&c->ptc_waiters);
	if (w != NULL)
		pthread__unpark(pthread__mutex_adopt(w->w_mutex, w));
	return 0;
}

/*
 * Takes out all waiters: a list, by w_next, which nobody else touches before they
 * are adopted by their mutexes.
 */
static struct __pthread_waiter *
take_all(pthread_cond_t *c)
{
	struct __pthread_waiter *list = NULL, **end = &list, *w, *next;

	pthread__guard_enter(&c->ptc_waiters);
	for (w = c->ptc_waiters.ptq_first; w != NULL; w = next) {
		next = w->w_next;
		if (!change(w, W_MOVED))
			continue;
		pthread__dequeue(&c->ptc_waiters, w);
		w->w_next = NULL;
		*end = w;
		end = &w->w_next;
	}
	pthread__guard_exit(&c->ptc_waiters);
	return list;
}

/* Who comes to wait from now on is not meant. */
int
pthread_cond_broadcast(pthread_cond_t *c)
{
	struct __pthread_waiter *w, *next;

	if (c->ptc_magic == DESTROYED)
		return EINVAL;
	if (nobody_waits(c))
		return 0;
	for (w = take_all(c); w != NULL; w = next) {
		next = w->w_next;
		pthread__unpark(pthread__mutex_adopt(w->w_mutex, w));
	}
	return 0;
}

int
pthread_cond_has_waiters_np(pthread_cond_t *c)
{
	bool leaving;

	return has_waiters(c, &leaving);
}
