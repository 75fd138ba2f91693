/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: spin locks.
 */
#include "test_pthread.h"

#define TURNS	3000

static long		counter;
static pthread_spinlock_t s;

static void *
spin_add(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		pthread_spin_lock(&s);
		counter++;
		pthread_spin_unlock(&s);
	}
	return arg;
}

static void *
spin_try(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)(pthread_spin_trylock(&s) * 1000 + pthread_spin_unlock(&s));
}

static void
test_spin(void)
{
	pthread_t t[3];

	tap_is_int(pthread_spin_init(&s, PTHREAD_PROCESS_SHARED), ENOSYS, "pthread_spin_init.4 shared: ENOSYS");
	tap_is_int(pthread_spin_init(&s, 7), EINVAL, "pthread_spin_init.4 EINVAL");
	tap_is_int(pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE), 0, "pthread_spin_init.3 0");
	counter = 0;
	for (int i = 0; i < 3; i++)
		t[i] = begin(spin_add, NULL);
	for (int i = 0; i < 3; i++)
		end(t[i]);
	tap_is_int(counter, 3 * TURNS, "pthread_spin_lock.1 three threads count");
	pthread_spin_lock(&s);
	tap_is_int(pthread_spin_lock(&s), EDEADLK, "pthread_spin_lock.3 again: EDEADLK");
	tap_is_int(end_int(begin(spin_try, NULL)), EBUSY * 1000 + EPERM,
	    "pthread_spin_trylock.3 pthread_spin_unlock.3 another thread: EBUSY, EPERM");
	tap_is_int(pthread_spin_destroy(&s), EBUSY, "pthread_spin_destroy.3 of a held one: EBUSY");
	pthread_spin_unlock(&s);
	tap_is_int(pthread_spin_destroy(&s), 0, "pthread_spin_destroy.2 0");
	tap_is_int(pthread_spin_lock(&s), EINVAL, "pthread_spin_lock.3 of that: EINVAL");
}

static void
test_rest(void)
{
	pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE);
	tap_is_int(pthread_spin_lock(&s), 0, "pthread_spin_init.1 pthread_spin_lock.2 a new one is free");
	tap_is_int(pthread_spin_unlock(&s), 0, "pthread_spin_unlock.2 0");
	tap_is_int(pthread_spin_trylock(&s), 0, "pthread_spin_unlock.1 pthread_spin_trylock.2 it is free again");
	tap_is_int(pthread_spin_trylock(&s), EBUSY, "pthread_spin_trylock.1 then it is not");
	pthread_spin_unlock(&s);
	pthread_spin_destroy(&s);
	tap_is_int(pthread_spin_trylock(&s), EINVAL, "pthread_spin_destroy.1 pthread_spin_trylock.4 of that: EINVAL");
}

int
main(void)
{
	test_spin();
	test_rest();
	return tap_done();
}
