/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pthread_once.
 *
 * The first who comes runs the function with the mutex; who comes meanwhile
 * waits for the mutex.  If the function is cancelled, it has not been run, and the
 * next runs it.  Once it is done nobody takes the mutex any more.
 */
#include "pthread_int.h"

static void
unlock(void *mutex)
{
	(void)pthread_mutex_unlock(mutex);
}

int
pthread_once(pthread_once_t *once, void (*fn)(void))
{
	if (__atomic_load_n(&once->pto_done, __ATOMIC_ACQUIRE))
		return 0;
	(void)pthread_mutex_lock(&once->pto_mutex);
	pthread_cleanup_push(unlock, &once->pto_mutex);
	if (!once->pto_done) {
		fn();
		__atomic_store_n(&once->pto_done, 1, __ATOMIC_RELEASE);
	}
	pthread_cleanup_pop(1);
	return 0;
}
