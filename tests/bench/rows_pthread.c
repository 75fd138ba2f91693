/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of POSIX threads: what programs that use park and unpark through the
 * library pay.
 */
#include <pthread.h>

#include "bench.h"

#define LOCK_BATCH	100
#define RING		3

/* lock: an uncontended lock and its unlock; no system call. */

static pthread_mutex_t	alone = PTHREAD_MUTEX_INITIALIZER;

static void
lock_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		for (int j = 0; j < LOCK_BATCH; j++) {
			(void)pthread_mutex_lock(&alone);
			(void)pthread_mutex_unlock(&alone);
		}
		samples[i] = window_end() - t;
	}
}

void
row_lock(const struct row *r)
{
	measure(r, lock_loop, 300, LOCK_BATCH);
}

static pthread_t
begin(void *(*fn)(void *))
{
	pthread_t t;

	if (pthread_create(&t, NULL, fn, NULL) != 0)
		die("pthread_create");
	return t;
}

/*
 * mutex: two threads walk a ring of three mutexes, each taking the next one before
 * it lets go of its own.  So every step is a lock that blocks and an unlock that
 * wakes; a sample is a step of each.
 */

static pthread_mutex_t	ring[RING] = {
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER
};
static volatile bool	in_place, stop;

static int
step(int at)
{
	int next = (at + 1) % RING;

	(void)pthread_mutex_lock(&ring[next]);
	(void)pthread_mutex_unlock(&ring[at]);
	return next;
}

static void *
walk(void *arg)
{
	int at = 0;

	(void)pthread_mutex_lock(&ring[at]);
	in_place = true;
	while (!stop)
		at = step(at);
	(void)pthread_mutex_unlock(&ring[at]);
	return arg;
}

static int	place;

static void
mutex_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		place = step(place);
		samples[i] = window_end() - t;
	}
}

void
row_mutex(const struct row *r)
{
	pthread_t other;

	in_place = stop = false;
	place = 1;
	(void)pthread_mutex_lock(&ring[place]);
	other = begin(walk);
	while (!in_place)
		(void)sched_yield();
	measure(r, mutex_loop, 2000, 2);
	stop = true;
	(void)pthread_mutex_unlock(&ring[place]);
	(void)pthread_join(other, NULL);
}

/* cond: two threads take turns, with one mutex and a condition variable each. */

static pthread_mutex_t	court = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	ours = PTHREAD_COND_INITIALIZER, theirs = PTHREAD_COND_INITIALIZER;
static int		turn;

static void *
play(void *arg)
{
	(void)pthread_mutex_lock(&court);
	in_place = true;
	for (;;) {
		while (turn == 0)
			(void)pthread_cond_wait(&theirs, &court);
		if (turn == 2)
			break;
		turn = 0;
		(void)pthread_cond_signal(&ours);
	}
	(void)pthread_mutex_unlock(&court);
	return arg;
}

static void
cond_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		(void)pthread_mutex_lock(&court);
		turn = 1;
		(void)pthread_cond_signal(&theirs);
		while (turn != 0)
			(void)pthread_cond_wait(&ours, &court);
		(void)pthread_mutex_unlock(&court);
		samples[i] = window_end() - t;
	}
}

void
row_cond(const struct row *r)
{
	pthread_t other;

	in_place = false;
	turn = 0;
	other = begin(play);
	while (!in_place)
		(void)sched_yield();
	measure(r, cond_loop, 2000, 1);
	(void)pthread_mutex_lock(&court);
	turn = 2;
	(void)pthread_cond_signal(&theirs);
	(void)pthread_mutex_unlock(&court);
	(void)pthread_join(other, NULL);
}
