/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: semaphores.
 */
#include <semaphore.h>
#include <signal.h>

#include "test_pthread.h"

#define TURNS	600

static atomic_int	waiting, holders, torn;
static sem_t		sem, other;

static void *
take_and_give(void *arg)
{
	intptr_t got = 0;

	for (int i = 0; i < TURNS; i++) {
		struct timespec ts = clock_in(CLOCK_REALTIME, 30 * USEC);

		if (i % 4 == 0 ? sem_timedwait(&sem, &ts) != 0 : sem_wait(&sem) != 0)
			continue;
		if (atomic_fetch_add(&holders, 1) >= 2)
			atomic_fetch_add(&torn, 1);
		got++;
		atomic_fetch_sub(&holders, 1);
		sem_post(&sem);
	}
	(void)arg;
	return (void *)got;
}

static void
post_other(int signo)
{
	(void)signo;
	sem_post(&other);
}

static void *
wait_other(void *arg)
{
	atomic_store(&waiting, _lwp_self());
	return (void *)(intptr_t)(sem_wait(arg) == 0);
}

static void
test_sem(void)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, MSEC), bad = { 0, NSEC };
	pthread_t t[5];
	int v = -1;

	tap_is_errno(sem_init(&sem, 1, 0), ENOSYS, "sem_init.5 shared: ENOSYS");
	tap_is_errno(sem_init(&sem, 0, SEM_VALUE_MAX + 1U), EINVAL, "sem_init.6 value too large: EINVAL");
	tap_is_int(sem_init(&sem, 0, 1), 0, "sem_init.1 0");
	tap_is_int(sem_wait(&sem), 0, "sem_wait.1 sem_wait.9 0");
	tap_is_errno(sem_trywait(&sem), EAGAIN, "sem_wait.5 sem_wait.12 sem_trywait: EAGAIN");
	tap_is_errno(sem_timedwait(&sem, &ts), ETIMEDOUT, "sem_timedwait.7 sem_timedwait.2 ETIMEDOUT");
	tap_is_errno(sem_timedwait(&sem, &bad), EINVAL, "sem_timedwait.6 no point of time: EINVAL");
	tap_ok(sem_post(&sem) == 0 && sem_post(&sem) == 0 && sem_getvalue(&sem, &v) == 0 && v == 2,
	    "sem_post.1 sem_post.4 sem_getvalue.4 two units");
	atomic_store(&holders, 0);
	atomic_store(&torn, 0);
	for (int i = 0; i < 5; i++)
		t[i] = begin(take_and_give, NULL);
	for (int i = 0; i < 5; i++)
		end(t[i]);
	tap_is_int(atomic_load(&torn), 0, "sem_wait.3 sem_init.4 of five threads never more than two have one");
	tap_ok(sem_getvalue(&sem, &v) == 0 && v == 2, "sem_getvalue.1 and both are there in the end");
	tap_is_int(sem_destroy(&sem), 0, "sem_destroy.4 0");
	tap_is_errno(sem_post(&sem), EINVAL, "sem_post.3 of that: EINVAL");
	sem_init(&other, 0, SEM_VALUE_MAX);
	tap_is_errno(sem_post(&other), EOVERFLOW, "sem_post too often: EOVERFLOW");
	sem_init(&other, 0, 0);
	signal(SIGUSR1, post_other);
	atomic_store(&waiting, 0);
	t[0] = begin(wait_other, &other);
	AWAIT(atomic_load(&waiting) != 0);
	lwp_await_parked(atomic_load(&waiting));
	tap_ok(sem_getvalue(&other, &v) == 0 && v == 0, "sem_getvalue.2 with a waiter: 0");
	tap_is_errno(sem_destroy(&other), EBUSY, "sem_destroy.6 with a waiter: EBUSY");
	pthread_kill(t[0], SIGUSR1);
	tap_is_int(end_int(t[0]), 1, "sem_post.6 by a signal handler that runs in the waiter itself");
}

static void
test_rest(void)
{
	struct timespec past = { 1, 0 }, bad = { 0, -1 };
	int64_t before;
	int v = -1;

	sem_init(&sem, 0, 3);
	tap_is_int(sem_trywait(&sem), 0, "sem_wait.11 sem_trywait takes a unit");
	tap_is_int(sem_timedwait(&sem, &past), 0,
	    "sem_timedwait.1 sem_timedwait.11 a time that is not needed may be past");
	tap_is_int(sem_timedwait(&sem, &bad), 0, "sem_timedwait.11 or none");
	tap_ok(sem_getvalue(&sem, &v) == 0 && v == 0 && sem_getvalue(&sem, &v) == 0 && v == 0,
	    "sem_getvalue.5 asking changes nothing");
	before = now_ns();
	past = clock_in(CLOCK_REALTIME, 2 * MSEC);
	tap_is_errno(sem_timedwait(&sem, &past), ETIMEDOUT, "sem_timedwait.10 sem_wait.13 it waits, in real time");
	tap_ok(now_ns() - before >= 2 * MSEC, "sem_timedwait.10 and so long");
	tap_is_errno(sem_timedwait(&sem, &past), ETIMEDOUT, "sem_timedwait.3 a time that is past: at once");
	sem_post(&sem);
	tap_ok(sem_getvalue(&sem, &v) == 0 && v == 1, "sem_timedwait.4 what failed has taken nothing");
	tap_is_int(sem_destroy(&sem), 0, "sem_destroy.1 sem_destroy.3 nobody is blocked: 0");
	tap_is_errno(sem_destroy(&sem), EINVAL, "sem_destroy.5 EINVAL");
	tap_is_errno(sem_wait(&sem), EINVAL, "sem_wait.6 EINVAL");
	tap_is_errno(sem_timedwait(&sem, &past), EINVAL, "sem_timedwait.5 EINVAL");
	tap_is_errno(sem_getvalue(&sem, &v), EINVAL, "sem_getvalue.3 EINVAL");
}

int
main(void)
{
	test_sem();
	test_rest();
	return tap_done();
}
