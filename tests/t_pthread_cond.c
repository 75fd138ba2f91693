/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: condition variables.
 */
#include <pthread.h>
#include <stdint.h>

#include "test_pthread.h"

#define MANY	24
#define TURNS	2000

static pthread_mutex_t	m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	c = PTHREAD_COND_INITIALIZER;
static int		ready, woken, turn;

static void *
wait_ready(void *arg)
{
	int error = 0;

	pthread_mutex_lock(&m);
	turn++;
	while (ready == 0 && error == 0)
		error = pthread_cond_wait(&c, &m);
	ready--;
	woken++;
	pthread_mutex_unlock(&m);
	(void)arg;
	return (void *)(intptr_t)error;
}

/* Until n threads wait: each has counted itself, and then given up the mutex. */
static void
await_waiters(int n)
{
	int seen = 0;

	while (seen != n) {
		pthread_mutex_lock(&m);
		seen = turn;
		pthread_mutex_unlock(&m);
		sched_yield();
	}
}

static void
give(int n)
{
	pthread_mutex_lock(&m);
	ready += n;
	if (n == 1)
		pthread_cond_signal(&c);
	else
		pthread_cond_broadcast(&c);
	pthread_mutex_unlock(&m);
}

static void
test_basic(void)
{
	intptr_t wrong = 0;
	pthread_t t[MANY];

	tap_ok(pthread_cond_signal(&c) == 0 && pthread_cond_broadcast(&c) == 0,
	    "pthread_cond_signal.3 pthread_cond_broadcast.3 nobody waits: nothing happens");
	for (int i = 0; i < MANY; i++)
		t[i] = begin(wait_ready, NULL);
	await_waiters(MANY);
	tap_is_int(pthread_cond_destroy(&c), EBUSY, "pthread_cond_destroy.4 while they wait: EBUSY");
	for (int i = 0; i < 4; i++)
		give(1);
	for (int n = 0; n != 4; sched_yield()) {
		pthread_mutex_lock(&m);
		n = woken;
		pthread_mutex_unlock(&m);
	}
	tap_pass("pthread_cond_signal.1 pthread_cond_signal.4 four signals wake four of %d", MANY);
	give(MANY - 4);
	for (int i = 0; i < MANY; i++)
		wrong += end_int(t[i]);
	tap_ok(wrong == 0 && woken == MANY && ready == 0,
	    "pthread_cond_broadcast.1 pthread_cond_broadcast.2 pthread_cond_broadcast.4 it wakes all the others");
	tap_is_int(pthread_cond_destroy(&c), 0, "pthread_cond_destroy.3 0");
	tap_is_int(pthread_cond_signal(&c), EINVAL, "pthread_cond_signal.5 of a destroyed one: EINVAL");
	tap_is_int(pthread_cond_wait(&c, &m), EINVAL, "pthread_cond_wait.4 too");
	pthread_cond_init(&c, NULL);
	tap_is_int(pthread_cond_wait(&c, &m), EPERM, "pthread_cond_wait.4 without the mutex: EPERM");
}

static void
test_time(void)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC };
	struct timespec ts = { 0, -1 };
	pthread_condattr_t attr;
	clockid_t clock;

	pthread_condattr_init(&attr);
	tap_ok(pthread_condattr_getclock(&attr, &clock) == 0 && clock == CLOCK_REALTIME, "the default clock");
	tap_is_int(pthread_condattr_setclock(&attr, CLOCK_PROCESS_CPUTIME_ID), EINVAL,
	    "pthread_condattr_setclock.2 a clock of CPU time: EINVAL");
	tap_is_int(pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), ENOSYS, "process-shared: ENOSYS");
	pthread_mutex_lock(&m);
	for (int i = 0; i < 2; i++) {
		int64_t before = now_ns();

		pthread_condattr_setclock(&attr, clocks[i]);
		pthread_cond_init(&c, &attr);
		ts = clock_in(clocks[i], 3 * MSEC);
		tap_is_int(pthread_cond_timedwait(&c, &m, &ts), ETIMEDOUT,
		    "pthread_cond_timedwait.4 pthread_condattr_setclock.1 clock %d: ETIMEDOUT",
		    clocks[i]);
		tap_ok(now_ns() - before >= 3 * MSEC, "pthread_cond_timedwait.2 and not early");
		tap_is_int(pthread_cond_timedwait(&c, &m, &ts), ETIMEDOUT,
		    "pthread_cond_timedwait.2 a time that is past: at once");
		tap_ok(pthread_mutex_held_np(&m), "pthread_cond_wait.2 the mutex is held again");
	}
	ts = clock_in(CLOCK_REALTIME, MSEC);
	tap_is_int(pthread_cond_clockwait(&c, &m, CLOCK_REALTIME, &ts), ETIMEDOUT, "pthread_cond_clockwait");
	ts.tv_nsec = NSEC;
	tap_is_int(pthread_cond_timedwait(&c, &m, &ts), EINVAL, "pthread_cond_timedwait.4 no point of time: EINVAL");
	pthread_mutex_unlock(&m);
	pthread_condattr_destroy(&attr);
	tap_is_int(pthread_cond_init(&c, &attr), EINVAL, "pthread_cond_init.4 with destroyed attributes: EINVAL");
	pthread_cond_init(&c, NULL);
}

static void *
play(void *arg)
{
	intptr_t me = (intptr_t)arg;

	for (int i = 0; i < TURNS; i++) {
		pthread_mutex_lock(&m);
		while (turn != me)
			pthread_cond_wait(&c, &m);
		turn = !me;
		pthread_cond_signal(&c);
		pthread_mutex_unlock(&m);
	}
	return NULL;
}

static void
test_pingpong(void)
{
	pthread_t a, b;

	turn = 0;
	a = begin(play, (void *)0);
	b = begin(play, (void *)1);
	end(a);
	end(b);
	tap_is_int(turn, 0,
	    "pthread_cond_wait.1 pthread_cond_wait.3 pthread_cond_signal.2 two threads take turns %d times", TURNS);
}

/* A bounded queue, which producers and consumers wait for with time-outs as well. */

static int		items, produced, consumed;
static pthread_cond_t	not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;

static void
wait_some(pthread_cond_t *cond, int i)
{
	struct timespec ts;

	if (i % 3 == 0) {
		ts = clock_in(CLOCK_REALTIME, 50 * USEC);
		pthread_cond_timedwait(cond, &m, &ts);
	} else {
		pthread_cond_wait(cond, &m);
	}
}

static void *
produce(void *arg)
{
	for (int i = 0; i < TURNS / 2; i++) {
		pthread_mutex_lock(&m);
		while (items == 3)
			wait_some(&not_full, i);
		items++;
		produced++;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&m);
	}
	return arg;
}

static void *
consume(void *arg)
{
	for (int i = 0; i < TURNS / 2; i++) {
		pthread_mutex_lock(&m);
		while (items == 0)
			wait_some(&not_empty, i);
		items--;
		consumed++;
		pthread_mutex_unlock(&m);
		/* Also without the mutex. */
		pthread_cond_signal(&not_full);
	}
	return arg;
}

static void
test_queue(void)
{
	pthread_t t[6];

	for (int i = 0; i < 6; i++)
		t[i] = begin(i % 2 ? produce : consume, NULL);
	for (int i = 0; i < 6; i++)
		end(t[i]);
	tap_ok(items == 0 && produced == 3 * TURNS / 2 && consumed == produced,
	    "pthread_cond_timedwait.3 no signal is lost to those that time out: %d", consumed);
}

static void *
wait_recursive(void *arg)
{
	pthread_mutex_t *rm = arg;

	pthread_mutex_lock(rm);
	pthread_mutex_lock(rm);
	turn = 1;
	while (turn == 1)
		pthread_cond_wait(&c, rm);
	pthread_mutex_unlock(rm);
	return (void *)(intptr_t)(pthread_mutex_unlock(rm) * 1000 + pthread_mutex_unlock(rm));
}

static void
test_recursive(void)
{
	pthread_mutex_t rm = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	pthread_t t;

	turn = 0;
	t = begin(wait_recursive, &rm);
	for (int seen = 0; seen == 0; sched_yield()) {
		pthread_mutex_lock(&rm);
		seen = turn;
		pthread_mutex_unlock(&rm);
	}
	turn = 2;
	pthread_cond_signal(&c);
	tap_is_int(end_int(t), EPERM, "a recursive mutex is given up wholly, and locked as often again");
}

/* POSIX's own example: freed right after the broadcast. */
struct element {
	pthread_cond_t	cond;
	volatile int	n, done;
};

static void *
wait_element(void *arg)
{
	struct element *e = arg;

	pthread_mutex_lock(&m);
	e->n++;
	while (!e->done)
		pthread_cond_wait(&e->cond, &m);
	turn++;
	pthread_mutex_unlock(&m);
	return NULL;
}

static void
test_free(void)
{
	intptr_t wrong = 0;
	pthread_t t[3];

	turn = 0;
	for (int i = 0; i < 30; i++) {
		struct element *e = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON, -1, 0);

		pthread_cond_init(&e->cond, NULL);
		for (int k = 0; k < 3; k++)
			t[k] = begin(wait_element, e);
		AWAIT(e->n == 3);
		pthread_mutex_lock(&m);
		e->done = 1;
		turn -= 3;
		pthread_cond_broadcast(&e->cond);
		if (i % 2)
			pthread_mutex_unlock(&m);
		wrong += pthread_cond_destroy(&e->cond);
		if (i % 2 == 0)
			pthread_mutex_unlock(&m);
		for (int k = 0; k < 3; k++)
			end(t[k]);
		munmap(e, PAGE_SIZE);
	}
	tap_ok(wrong == 0 && turn == 0,
	    "pthread_cond_destroy.2 it may be destroyed as soon as all have been signalled");
}

static void
test_init(void)
{
	static pthread_cond_t ready_made = PTHREAD_COND_INITIALIZER;
	pthread_condattr_t attr;
	pthread_cond_t mine;
	struct timespec ts = { 1, 0 };

	pthread_condattr_init(&attr);
	tap_is_int(pthread_cond_init(&mine, NULL), 0, "pthread_cond_init.3 0");
	pthread_mutex_lock(&m);
	tap_is_int(pthread_cond_timedwait(&mine, &m, &ts), ETIMEDOUT,
	    "pthread_cond_init.1 the clock of NULL is real time");
	tap_is_int(pthread_cond_timedwait(&ready_made, &m, &ts), ETIMEDOUT,
	    "pthread_cond_init.2 so is the initialiser's");
	tap_is_int(pthread_cond_destroy(&mine), 0, "pthread_cond_destroy.3 0");
	tap_is_int(pthread_cond_broadcast(&mine), EINVAL, "pthread_cond_broadcast.5 of a destroyed one: EINVAL");
	tap_is_int(pthread_cond_timedwait(&mine, &m, &ts), EINVAL, "pthread_cond_timedwait.4 too");
	tap_ok(pthread_cond_init(&mine, &attr) == 0 && pthread_cond_timedwait(&mine, &m, &ts) == ETIMEDOUT,
	    "pthread_cond_destroy.1 pthread_cond_timedwait.1 it can be initialised again");
	pthread_mutex_unlock(&m);
	tap_is_int(pthread_cond_timedwait(&mine, &m, &ts), EPERM, "pthread_cond_timedwait.4 without the mutex: EPERM");
	pthread_cond_destroy(&mine);
	pthread_condattr_destroy(&attr);
}

int
main(void)
{
	test_basic();
	test_time();
	test_pingpong();
	test_queue();
	test_recursive();
	test_free();
	test_init();
	return tap_done();
}
