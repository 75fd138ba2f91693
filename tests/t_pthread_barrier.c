/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: barriers.
 */
#include <signal.h>

#include "test_pthread.h"

#define MANY	100

static atomic_int	waiting;
static pthread_barrier_t barrier;
static atomic_int	serial, ahead, arrived;

static void *
meet(void *arg)
{
	for (int i = 1; i <= 20; i++) {
		atomic_fetch_add(&arrived, 1);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			atomic_fetch_add(&serial, 1);
		if (atomic_load(&arrived) < i * MANY)
			atomic_fetch_add(&ahead, 1);
	}
	return arg;
}

static void *
wait_once(void *arg)
{
	atomic_store(&waiting, _lwp_self());
	pthread_barrier_wait(&barrier);
	return arg;
}

static void
test_barrier(void)
{
	pthread_t t[MANY];

	tap_is_int(pthread_barrier_init(&barrier, NULL, 0), EINVAL, "pthread_barrier_init.3 for nobody: EINVAL");
	tap_is_int(pthread_barrier_init(&barrier, NULL, MANY), 0, "pthread_barrier_init.2 0");
	for (int i = 0; i < MANY; i++)
		t[i] = begin(meet, NULL);
	for (int i = 0; i < MANY; i++)
		end(t[i]);
	tap_is_int(atomic_load(&ahead), 0,
	    "pthread_barrier_wait.1 nobody is through before all %d are there, 20 times", MANY);
	tap_is_int(atomic_load(&serial), 20,
	    "pthread_barrier_wait.2 pthread_barrier_wait.5 one a round is the serial thread");
	tap_is_int(pthread_barrier_destroy(&barrier), 0, "pthread_barrier_destroy.3 0");
	tap_is_int(pthread_barrier_wait(&barrier), EINVAL, "pthread_barrier_wait.6 at that: EINVAL");
	pthread_barrier_init(&barrier, NULL, 2);
	t[0] = begin(wait_once, NULL);
	AWAIT(atomic_load(&waiting) != 0);
	lwp_await_parked(atomic_load(&waiting));
	tap_is_int(pthread_barrier_destroy(&barrier), EBUSY, "pthread_barrier_destroy.2 with one that waits: EBUSY");
	pthread_barrier_wait(&barrier);
	tap_is_int(pthread_barrier_destroy(&barrier), 0,
	    "pthread_barrier_destroy.1 right after the wait it waits until all are out");
	end(t[0]);
}

static atomic_int	handled;

static void
handler(int signo)
{
	(void)signo;
	atomic_fetch_add(&handled, 1);
}

static void
test_signal(void)
{
	pthread_barrierattr_t attr;
	pthread_t t;

	pthread_barrierattr_init(&attr);
	tap_is_int(pthread_barrier_init(&barrier, &attr, 2), 0, "pthread_barrier_init.1 with attributes");
	pthread_barrierattr_destroy(&attr);
	signal(SIGUSR1, handler);
	atomic_store(&waiting, 0);
	t = begin(wait_once, NULL);
	AWAIT(atomic_load(&waiting) != 0);
	for (int i = 1; i <= 5; i++) {
		lwp_await_parked(atomic_load(&waiting));
		pthread_kill(t, SIGUSR1);
		AWAIT(atomic_load(&handled) == i);
	}
	lwp_await_parked(atomic_load(&waiting));
	tap_pass("pthread_barrier_wait.3 pthread_barrier_wait.4 after a handler it waits on, and we run");
	pthread_barrier_wait(&barrier);
	end(t);
	pthread_barrier_destroy(&barrier);
	tap_is_int(pthread_barrier_init(&barrier, &attr, 2), EINVAL,
	    "pthread_barrier_init.4 destroyed attributes: EINVAL");
}

int
main(void)
{
	test_barrier();
	test_signal();
	return tap_done();
}
