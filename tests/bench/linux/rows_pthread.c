/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of POSIX threads on Linux, by its C library (musl): the same steps as in ../rows_pthread.c.  These
 * threads are the library's own.
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../samples.h"
#include "rows.h"

#define RING	3
#define ROUNDS	2000
#define WARM_UP	500

static volatile bool	in_place, stop;

static pthread_t
begin(void *(*fn)(void *))
{
	pthread_t t;

	in_place = stop = false;
	if (pthread_create(&t, NULL, fn, NULL) != 0) {
		printf("pthread_create\n");
		exit(1);
	}
	return t;
}

static void
wait_until_in_place(void)
{
	while (!in_place)
		(void)sched_yield();
}

static pthread_mutex_t	ring[RING] = {
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER
};

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

void
row_mutex(void)
{
	pthread_t other;
	int place = 1;

	(void)pthread_mutex_lock(&ring[place]);
	other = begin(walk);
	wait_until_in_place();
	for (int i = -WARM_UP; i < ROUNDS; i++) {
		uint64_t t = window_begin();

		place = step(place);
		t = window_end() - t;
		if (i >= 0)
			samples[i] = t;
	}
	report("mutex", ROUNDS, 2);
	stop = true;
	(void)pthread_mutex_unlock(&ring[place]);
	(void)pthread_join(other, NULL);
}

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

void
row_cond(void)
{
	pthread_t other;

	turn = 0;
	other = begin(play);
	wait_until_in_place();
	for (int i = -WARM_UP; i < ROUNDS; i++) {
		uint64_t t = window_begin();

		(void)pthread_mutex_lock(&court);
		turn = 1;
		(void)pthread_cond_signal(&theirs);
		while (turn != 0)
			(void)pthread_cond_wait(&ours, &court);
		(void)pthread_mutex_unlock(&court);
		t = window_end() - t;
		if (i >= 0)
			samples[i] = t;
	}
	report("cond", ROUNDS, 1);
	(void)pthread_mutex_lock(&court);
	turn = 2;
	(void)pthread_cond_signal(&theirs);
	(void)pthread_mutex_unlock(&court);
	(void)pthread_join(other, NULL);
}
