/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: pthread_atfork, and the child of a program with threads.
 */
#include "test_pthread.h"

static pthread_mutex_t	m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	c = PTHREAD_COND_INITIALIZER;
static atomic_int	stop, laps;
static int	calls;

static void
first_prepare(void)
{
	calls = calls * 10 + 1;
}

static void
second_prepare(void)
{
	calls = calls * 10 + 2;
	pthread_mutex_lock(&m);
}

static void
first_after(void)
{
	calls = calls * 10 + 3;
}

static void
second_after(void)
{
	calls = calls * 10 + 4;
	pthread_mutex_unlock(&m);
}

static void *
work(void *arg)
{
	for (int i = 0; !atomic_load(&stop); i++) {
		pthread_mutex_lock(&m);
		free(malloc((size_t)i % 500));
		atomic_fetch_add(&laps, 1);
		pthread_mutex_unlock(&m);
	}
	return arg;
}

static void *
lock_once(void *arg)
{
	pthread_mutex_lock(&m);
	calls++;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	return arg;
}

/* The child's library works: threads, mutexes that others waited for, malloc, stdio. */
static void
use_threads(void *arg)
{
	int before = calls;
	pthread_t t;

	if (before != 2134 || pthread_self() != *(pthread_t *)arg)
		_exit(1);
	pthread_mutex_lock(&m);
	t = begin(lock_once, arg);
	while (calls == before)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	if (end(t) != arg)
		_exit(2);
	free(malloc(300));
	pthread_exit(NULL);
}

static void
test_fork(void)
{
	pthread_t t[3], self = pthread_self();
	int wrong = 0, status;

	pthread_atfork(first_prepare, first_after, first_after);
	pthread_atfork(second_prepare, second_after, second_after);
	atomic_store(&stop, 0);
	for (int i = 0; i < 3; i++)
		t[i] = begin(work, NULL);
	for (int i = 0; i < 12; i++) {
		pthread_mutex_lock(&m);
		calls = 0;
		pthread_mutex_unlock(&m);
		status = in_child(use_threads, &self);
		if (status != 0)
			tap_diag("round %d: status %#x", i, status);
		wrong += status != 0 || calls != 2134;
	}
	atomic_store(&stop, 1);
	for (int i = 0; i < 3; i++)
		end(t[i]);
	tap_is_int(wrong, 0,
	    "pthread_atfork.1 pthread_atfork.4 fork while others work: handlers in order, the library whole");
}

int
main(void)
{
	test_fork();
	return tap_done();
}
