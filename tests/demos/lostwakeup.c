/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lost wake-up, shown and cured.
 *
 * One LWP waits until something is ready, another makes it ready:
 *
 *	sleeper					waker
 *	1  if (!ready) {			A  ready = true;
 *	2	sleeping = true;		B  if (sleeping)
 *	3	park();				C	unpark(sleeper);
 *	   }
 *
 * The waker wants to spare a system call when nobody sleeps.  The order 1 A B
 * 2 3 ruins it: the sleeper has found that it must sleep but has not said so
 * yet, the waker sees no sleeper and goes home, and the sleeper sleeps for
 * ever although all is ready.  Test and sleep were two steps, and the wake-up
 * fell between them.
 *
 * That order is rare when left to chance, so this program forces it; a
 * deadline on the park is there only so that the demonstration ends.
 *
 * The cure is to leave the guess to the kernel: the waker always unparks.  If
 * the sleeper is not asleep yet, the unpark leaves a token, and the park that
 * comes later finds it and returns at once (EALREADY).  In the kernel "test the
 * token" and "be asleep" are one step under one lock, so an unpark falls before
 * it or after it, never between.
 *
 * What it proves: in the forced order the flag protocol sleeps until its
 * deadline although `ready' is set, and the token does not sleep at all; and
 * left to chance, many rounds with the token never once meet the deadline.
 */
#include <errno.h>
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHOW_FOR_NS	100000000LL	/* "for ever", in the demonstration */
#define GIVE_UP_NS	20000000000LL	/* a park of the cured version never takes that */
#define ROUNDS		2000

static const char what[] __used = "@(#)lostwakeup: a wake-up that is lost, and the token that saves it";

static atomic_bool	ready, sleeping;
static atomic_int	step;		/* forces the order */
static bool		with_token;
static lwpid_t		sleeper;
static int		hint;

static void
wait_for_step(int n)
{
	while (atomic_load(&step) < n)
		sched_yield();
}

/* Lines A, B and C, between 1 and 2. */
static void
waker(void *arg)
{
	(void)arg;
	wait_for_step(1);
	atomic_store(&ready, true);
	if (with_token || atomic_load(&sleeping))
		(void)_lwp_unpark(sleeper, &hint);
	atomic_store(&step, 2);
}

/* Lines 1, 2 and 3; errno of the park. */
static int
sleep_until_ready(void)
{
	struct timespec ts = { 0, SHOW_FOR_NS };
	int error = 0;

	if (!atomic_load(&ready)) {
		atomic_store(&step, 1);
		wait_for_step(2);
		atomic_store(&sleeping, true);
		if (_lwp_park(CLOCK_MONOTONIC, 0, &ts, 0, &hint, NULL) != 0)
			error = errno;
	}
	return error;
}

/* The forced order once; errno of the park, 0 if it slept and was woken. */
static int
forced(bool token)
{
	lwpid_t id;
	int64_t start;
	int error;

	with_token = token;
	atomic_store(&ready, false);
	atomic_store(&sleeping, false);
	atomic_store(&step, 0);
	sleeper = _lwp_self();
	if (thread_spawn(&id, waker, NULL, 0) != 0)
		exit(EXIT_FAILURE);
	start = now_ns();
	error = sleep_until_ready();
	printf("%-10s ready is %d, park gives \"%s\" after %lld us\n", token ? "token:" : "flag:",
	    (int)atomic_load(&ready), error == 0 ? "woken" : strerror(error),
	    (long long)(now_ns() - start) / 1000);
	thread_join(id);
	return error;
}

static void
free_waker(void *arg)
{
	(void)arg;
	atomic_store(&ready, true);
	(void)_lwp_unpark(sleeper, &hint);
}

/* The token, in whatever order it happens; how often the deadline was met. */
static int
left_to_chance(void)
{
	struct timespec ts;
	int late = 0;
	lwpid_t id;

	for (int i = 0; i < ROUNDS; i++) {
		atomic_store(&ready, false);
		if (thread_spawn(&id, free_waker, NULL, 0) != 0)
			exit(EXIT_FAILURE);
		while (!atomic_load(&ready)) {
			ts = clock_in(CLOCK_MONOTONIC, GIVE_UP_NS);
			if (_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0, &hint, NULL) != 0)
				late += errno == ETIMEDOUT;
		}
		thread_join(id);
	}
	return late;
}

int
main(void)
{
	int flag = forced(false), token = forced(true), late = left_to_chance();
	bool proved = flag == ETIMEDOUT && token == EALREADY && late == 0;

	printf("%d rounds with the token, left to chance: %d met the deadline\n", ROUNDS, late);
	printf(proved ? "Proved: the flag protocol lost its wake-up, the token did not.\n" :
	    "NOT as promised.\n");
	return proved ? EXIT_SUCCESS : EXIT_FAILURE;
}
