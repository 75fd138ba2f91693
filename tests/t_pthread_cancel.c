/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: cancellation, at every point and at any moment.
 */
#include "cancel_points.h"

static atomic_int	id, cleaned, hold;

/* A cleanup handler that itself sleeps: nothing may disturb it. */
static void
clean(void *arg)
{
	struct timespec ts = { 0, 1000 };

	if (nanosleep(&ts, NULL) == 0 && arg == &cleaned)
		atomic_fetch_add(&cleaned, 1);
}

static void *
run_point(void *arg)
{
	const struct point *p = arg;

	pthread_cleanup_push(clean, &cleaned);
	atomic_store(&id, _lwp_self());
	while (atomic_load(&hold))
		sched_yield();
	p->fn();
	pthread_cleanup_pop(0);
	return NULL;
}

static bool
cancelled_at(const struct point *p, int when)
{
	struct kinfo_lwp kl;
	pthread_t t;

	atomic_store(&cleaned, 0);
	atomic_store(&id, 0);
	atomic_store(&hold, when == 0);
	t = begin(run_point, __UNCONST(p));
	AWAIT(atomic_load(&id) != 0);
	for (int i = 0; i < when - 2; i++)
		spin(40);
	/* When it sleeps there. */
	while (when == 1 && lwp_info(atomic_load(&id), &kl) == 0 && kl.l_stat != LSSLEEP)
		sched_yield();
	if (pthread_cancel(t) != 0)
		return false;
	atomic_store(&hold, 0);
	return end(t) == PTHREAD_CANCELED && atomic_load(&cleaned) == 1;
}

static void
test_points(void)
{
	for (size_t i = 0; i < __arraycount(points); i++) {
		const struct point *p = &points[i];
		int good = 0, n = 0;

		tap_ok(cancelled_at(p, 0), "%s: cancelled before it", p->name);
		if (!p->waits)
			continue;
		tap_ok(cancelled_at(p, 1), "%s: cancelled in it", p->name);
		for (; n < 6; n++)
			good += cancelled_at(p, n + 2);
		tap_is_int(good, n, "%s: cancelled at any moment on the way in", p->name);
	}
	tap_is_int(pthread_mutex_trylock(&m), 0,
	    "pthread_cancel.2 who is cancelled in pthread_cond_wait has the mutex, and its handler gives it up");
	pthread_mutex_unlock(&m);
}

static void *
no_points(void *arg)
{
	int old = -1;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	atomic_store(&id, _lwp_self());
	while (atomic_load(&hold))
		usleep(10);
	pthread_testcancel();
	if (usleep(100) != 0 || old != PTHREAD_CANCEL_ENABLE)
		return NULL;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	atomic_fetch_add(&cleaned, old == PTHREAD_CANCEL_DISABLE);
	pthread_testcancel();
	return arg;
}

static void *
run_async(void *arg)
{
	int old;

	(void)arg;
	pthread_cleanup_push(clean, &cleaned);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	atomic_store(&id, old == PTHREAD_CANCEL_DEFERRED);
	for (;;)
		continue;
	pthread_cleanup_pop(0);
	return NULL;
}

static void *
cancel_self(void *arg)
{
	pthread_cancel(pthread_self());
	atomic_fetch_add(&cleaned, 1);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	return arg;
}

static void
test_states(void)
{
	pthread_t t;

	tap_is_int(pthread_setcancelstate(7, NULL), EINVAL, "pthread_setcancelstate.3 EINVAL");
	tap_is_int(pthread_setcanceltype(7, NULL), EINVAL, "pthread_setcanceltype.3 EINVAL");
	atomic_store(&cleaned, 0);
	atomic_store(&id, 0);
	atomic_store(&hold, 1);
	t = begin(no_points, &t);
	AWAIT(atomic_load(&id) != 0);
	pthread_cancel(t);
	atomic_store(&hold, 0);
	tap_ok(end(t) == PTHREAD_CANCELED && atomic_load(&cleaned) == 1,
	    "pthread_setcancelstate.1 pthread_testcancel.2 disabled, it stays pending, and ends no sleep");
	atomic_store(&cleaned, 0);
	atomic_store(&id, 0);
	t = begin(run_async, NULL);
	AWAIT(atomic_load(&id) != 0);
	pthread_cancel(t);
	tap_ok(end(t) == PTHREAD_CANCELED && atomic_load(&cleaned) == 1,
	    "pthread_setcanceltype.1 asynchronous, in the middle of a loop");
	atomic_store(&cleaned, 0);
	t = begin(cancel_self, &t);
	tap_ok(end(t) == PTHREAD_CANCELED && atomic_load(&cleaned) == 1, "itself; and asynchronous when it is pending");
}

static atomic_int	sequence;

static void
note(void *arg)
{
	atomic_store(&sequence, atomic_load(&sequence) * 10 + *(int *)arg);
}

static void *
nest(void *arg)
{
	static int one = 1, two = 2, three = 3;

	pthread_cleanup_push(note, &one);
	pthread_cleanup_push(note, &two);
	pthread_cleanup_push(note, &three);
	pthread_cleanup_pop(arg != NULL);
	pthread_exit(NULL);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void
test_cleanup(void)
{
	end(begin(nest, NULL));
	tap_is_int(atomic_load(&sequence), 21,
	    "pthread_cleanup_push.1 pthread_exit.2 handlers run, the last pushed first; not those that were popped");
	atomic_store(&sequence, 0);
	end(begin(nest, &id));
	tap_is_int(atomic_load(&sequence), 321, "pthread_cleanup_pop.1 but for one that was popped to be run");
}

/* A signal that has chosen a thread which is cancelled is not lost. */

static int	tickets, taken;

static void *
take_ticket(void *arg)
{
	pthread_mutex_lock(&m);
	pthread_cleanup_push((void (*)(void *))(uintptr_t)pthread_mutex_unlock, &m);
	while (tickets == 0)
		pthread_cond_wait(&c, &m);
	tickets--;
	taken++;
	pthread_cond_signal(&c);
	pthread_cleanup_pop(1);
	return arg;
}

static void
test_not_lost(void)
{
	int cancelled = 0, rounds = 60;

	for (int i = 0; i < rounds; i++) {
		pthread_t a = begin(take_ticket, NULL), b = begin(take_ticket, NULL);

		if (i % 2)
			sched_yield();
		spin((unsigned)i * 3);
		pthread_mutex_lock(&m);
		tickets++;
		pthread_cond_signal(&c);
		if (i % 3 == 0)
			pthread_cancel(a);
		pthread_mutex_unlock(&m);
		if (i % 3 != 0)
			pthread_cancel(a);
		if (end(a) == PTHREAD_CANCELED) {
			cancelled++;
		} else {
			pthread_mutex_lock(&m);
			tickets++;
			pthread_cond_signal(&c);
			pthread_mutex_unlock(&m);
		}
		end(b);
	}
	tap_ok(tickets == 0 && taken == 2 * rounds - cancelled,
	    "a cancelled waiter loses no signal: %d of %d were cancelled",
	    cancelled, rounds);
}

static pthread_once_t	once = PTHREAD_ONCE_INIT;
static atomic_int	tries;

static void
init(void)
{
	if (atomic_fetch_add(&tries, 1) == 0)
		pause();
}

static void *
run_once(void *arg)
{
	pthread_once(&once, init);
	return arg;
}

static void
test_once(void)
{
	pthread_t t = begin(run_once, NULL);

	AWAIT(atomic_load(&tries) == 1);
	pthread_cancel(t);
	end(t);
	pthread_once(&once, init);
	pthread_once(&once, init);
	tap_is_int(atomic_load(&tries), 2, "pthread_once.3 a function that is cancelled has not happened");
}

static void *
get_states(void *arg)
{
	int state = -1, type = -1;

	(void)arg;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	return (void *)(intptr_t)(state * 10 + type);
}

static void *
test_for_ever(void *arg)
{
	atomic_store((atomic_int *)arg, 1);
	for (;;)
		pthread_testcancel();
	return NULL;
}

static void *
join_it(void *arg)
{
	pthread_join(*(pthread_t *)arg, NULL);
	return arg;
}

static void *
until_told(void *arg)
{
	AWAIT(atomic_load((atomic_int *)arg));
	return arg;
}

static void
test_defaults(void)
{
	atomic_int there = 0, told = 0;
	pthread_t t, joiner;

	tap_is_int(end_int(begin(get_states, NULL)), PTHREAD_CANCEL_ENABLE * 10 + PTHREAD_CANCEL_DEFERRED,
	    "pthread_setcancelstate.2 pthread_setcanceltype.2 a new thread: enabled, deferred");
	t = begin(test_for_ever, &there);
	AWAIT(atomic_load(&there));
	pthread_cancel(t);
	tap_ok(end(t) == PTHREAD_CANCELED, "pthread_testcancel.1 pthread_cancel.1 a point of cancellation");
	t = begin(until_told, &told);
	joiner = begin(join_it, &t);
	pthread_cancel(joiner);
	tap_ok(end(joiner) == PTHREAD_CANCELED, "who joins is cancelled");
	atomic_store(&told, 1);
	tap_ok(end(t) == &told, "pthread_join.4 and the other can still be joined");
}

int
main(void)
{
	prepare_points();
	test_points();
	test_states();
	test_cleanup();
	test_not_lost();
	test_once();
	kill(child, SIGKILL);
	test_defaults();
	return tap_done();
}
