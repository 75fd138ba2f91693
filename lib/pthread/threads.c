/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads of C11: POSIX threads under other names, with fewer errors.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <threads.h>

#include "pthread_int.h"

static int
result(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ETIMEDOUT:
		return thrd_timedout;
	case ENOMEM:
		return thrd_nomem;
	default:
		return thrd_error;
	}
}

void
call_once(once_flag *flag, void (*fn)(void))
{
	(void)pthread_once(flag, fn);
}

int
cnd_init(cnd_t *c)
{
	return result(pthread_cond_init(c, NULL));
}

void
cnd_destroy(cnd_t *c)
{
	(void)pthread_cond_destroy(c);
}

int
cnd_signal(cnd_t *c)
{
	return result(pthread_cond_signal(c));
}

int
cnd_broadcast(cnd_t *c)
{
	return result(pthread_cond_broadcast(c));
}

int
cnd_wait(cnd_t *c, mtx_t *m)
{
	return result(pthread_cond_wait(c, m));
}

int
cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m,
    const struct timespec *restrict ts)
{
	return result(pthread_cond_timedwait(c, m, ts));
}

int
mtx_init(mtx_t *m, int type)
{
	static const mtx_t plain = PTHREAD_MUTEX_INITIALIZER;
	static const mtx_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

	if (type & ~(mtx_plain | mtx_recursive | mtx_timed))
		return thrd_error;
	*m = type & mtx_recursive ? recursive : plain;
	return thrd_success;
}

void
mtx_destroy(mtx_t *m)
{
	(void)pthread_mutex_destroy(m);
}

int
mtx_lock(mtx_t *m)
{
	return result(pthread_mutex_lock(m));
}

int
mtx_timedlock(mtx_t *restrict m, const struct timespec *restrict ts)
{
	return result(pthread_mutex_timedlock(m, ts));
}

int
mtx_trylock(mtx_t *m)
{
	return result(pthread_mutex_trylock(m));
}

int
mtx_unlock(mtx_t *m)
{
	return result(pthread_mutex_unlock(m));
}

struct beginning {
	thrd_start_t	fn;
	void		*arg;
};

static void *
begin(void *arg)
{
	struct beginning b = *(struct beginning *)arg;

	free(arg);
	return (void *)(intptr_t)b.fn(b.arg);
}

int
thrd_create(thrd_t *thread, thrd_start_t fn, void *arg)
{
	struct beginning *b;
	int error;

	b = malloc(sizeof(*b));
	if (b == NULL)
		return thrd_nomem;
	b->fn = fn;
	b->arg = arg;
	error = pthread_create(thread, NULL, begin, b);
	if (error != 0)
		free(b);
	return error == EAGAIN ? thrd_nomem : result(error);
}

thrd_t
thrd_current(void)
{
	return pthread_self();
}

int
thrd_detach(thrd_t thread)
{
	return result(pthread_detach(thread));
}

int
thrd_equal(thrd_t a, thrd_t b)
{
	return pthread_equal(a, b);
}

__dead void
thrd_exit(int value)
{
	pthread_exit((void *)(intptr_t)value);
}

int
thrd_join(thrd_t thread, int *value)
{
	void *retval;
	int error;

	error = pthread_join(thread, &retval);
	if (error == 0 && value != NULL)
		*value = (int)(intptr_t)retval;
	return result(error);
}

/* 0, -1 for a signal, or another negative number. */
int
thrd_sleep(const struct timespec *ts, struct timespec *left)
{
	int error = clock_nanosleep(CLOCK_REALTIME, 0, ts, left);

	if (error == 0)
		return 0;
	return error == EINTR ? -1 : -2;
}

void
thrd_yield(void)
{
	(void)sched_yield();
}

int
tss_create(tss_t *key, tss_dtor_t destructor)
{
	return result(pthread_key_create(key, destructor));
}

void
tss_delete(tss_t key)
{
	(void)pthread_key_delete(key);
}

void *
tss_get(tss_t key)
{
	return pthread_getspecific(key);
}

int
tss_set(tss_t key, void *value)
{
	return result(pthread_setspecific(key, value));
}
