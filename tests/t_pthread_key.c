/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: thread-specific data.
 */
#include "test_pthread.h"

static pthread_key_t	key, other;
static atomic_int	destroyed, rounds;

static void
destroy(void *value)
{
	if (value == &destroyed && pthread_getspecific(key) == NULL)
		atomic_fetch_add(&destroyed, 1);
}

static void
set_again(void *value)
{
	atomic_fetch_add(&rounds, 1);
	pthread_setspecific(other, value);
}

static void *
use_keys(void *arg)
{
	if (pthread_getspecific(key) != NULL || pthread_setspecific(key, &destroyed) != 0 ||
	    pthread_setspecific(other, arg) != 0)
		return NULL;
	sched_yield();
	return pthread_getspecific(key) == &destroyed ? arg : NULL;
}

static void
test_keys(void)
{
	pthread_key_t keys[PTHREAD_KEYS_MAX];
	int n = 0, wrong = 0, error;
	pthread_t t[4];

	tap_is_int(pthread_key_create(&key, destroy), 0, "pthread_key_create.5 0");
	tap_is_int(pthread_key_create(&other, set_again), 0, "another");
	pthread_setspecific(key, &n);
	for (int i = 0; i < 4; i++)
		t[i] = begin(use_keys, &t[i]);
	for (int i = 0; i < 4; i++)
		wrong += end(t[i]) != &t[i];
	tap_is_int(wrong, 0,
	    "pthread_key_create.2 pthread_setspecific.1 each thread has its own values, NULL at first");
	tap_ok(pthread_getspecific(key) == &n, "pthread_getspecific.1 pthread_getspecific.3 so has the first");
	tap_is_int(atomic_load(&destroyed), 4,
	    "pthread_key_create.3 pthread_getspecific.2 pthread_exit.3 destructors run, and find NULL");
	tap_is_int(atomic_load(&rounds), 4 * PTHREAD_DESTRUCTOR_ITERATIONS,
	    "pthread_key_create.4 pthread_setspecific.2 again for values they set, so many times");
	tap_is_int(pthread_key_delete(key), 0, "pthread_key_delete.3 0");
	tap_is_int(pthread_key_delete(key), EINVAL, "pthread_key_delete.3 a second time: EINVAL");
	tap_is_int(pthread_setspecific(key, &n), EINVAL, "pthread_setspecific.3 of no key: EINVAL");
	while ((error = pthread_key_create(&keys[n], NULL)) == 0)
		wrong += pthread_getspecific(keys[n++]) != NULL;
	tap_ok(error == EAGAIN && n == PTHREAD_KEYS_MAX - 1, "pthread_key_create.5 PTHREAD_KEYS_MAX keys, then EAGAIN");
	tap_is_int(wrong, 0,
	    "pthread_key_delete.1 pthread_key_create.2 a new key has no value, also where an old one had");
	while (n > 0)
		pthread_key_delete(keys[--n]);
}

static void
test_delete(void)
{
	pthread_key_t k;
	int before = atomic_load(&destroyed);

	tap_is_int(pthread_key_create(&k, destroy), 0, "pthread_key_create.1 one more");
	pthread_setspecific(k, &k);
	pthread_key_delete(k);
	tap_is_int(atomic_load(&destroyed), before, "pthread_key_delete.2 deleting a key runs no destructor");
}

int
main(void)
{
	test_keys();
	test_delete();
	return tap_done();
}
