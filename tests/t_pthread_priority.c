/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: who waits is served in the order of priorities.
 */
#include <semaphore.h>

#include "test_pthread.h"

#define WAITERS	5

static pthread_mutex_t	m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	c = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t	rw = PTHREAD_RWLOCK_INITIALIZER;
static sem_t		sem;
static atomic_int	lid, nserved;
static int		served[WAITERS];

/* SCHED_FIFO, or SCHED_OTHER for -1. */
static const int	priorities[WAITERS] = { 5, -1, 9, 5, 7 };
static const char	*const in_order = "9 7 5 5 -1";

static void
serve(intptr_t who)
{
	served[atomic_fetch_add(&nserved, 1)] = (int)who;
}

static void *
want_mutex(void *arg)
{
	atomic_store(&lid, _lwp_self());
	pthread_mutex_lock(&m);
	serve((intptr_t)arg);
	pthread_mutex_unlock(&m);
	return NULL;
}

static void *
want_signal(void *arg)
{
	pthread_mutex_lock(&m);
	atomic_store(&lid, _lwp_self());
	pthread_cond_wait(&c, &m);
	serve((intptr_t)arg);
	pthread_mutex_unlock(&m);
	return NULL;
}

static void *
want_unit(void *arg)
{
	atomic_store(&lid, _lwp_self());
	sem_wait(&sem);
	serve((intptr_t)arg);
	return NULL;
}

static void *
want_write(void *arg)
{
	atomic_store(&lid, _lwp_self());
	pthread_rwlock_wrlock(&rw);
	serve((intptr_t)arg);
	pthread_rwlock_unlock(&rw);
	return NULL;
}

static void *
want_read(void *arg)
{
	atomic_store(&lid, _lwp_self());
	pthread_rwlock_rdlock(&rw);
	serve((intptr_t)arg);
	pthread_rwlock_unlock(&rw);
	return NULL;
}

static void *
try_read(void *arg)
{
	int error = pthread_rwlock_tryrdlock(&rw);

	if (error == 0)
		pthread_rwlock_unlock(&rw);
	(void)arg;
	return (void *)(intptr_t)error;
}

static pthread_t
begin_at(int priority, void *(*fn)(void *))
{
	struct sched_param sp = { priority };
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	if (priority >= 0) {
		pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
		pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
		pthread_attr_setschedparam(&attr, &sp);
	}
	atomic_store(&lid, 0);
	return begin_with(&attr, fn, (void *)(intptr_t)priority);
}

/* A thread that waits already. */
static pthread_t
begin_waiter(int priority, void *(*fn)(void *))
{
	pthread_t t = begin_at(priority, fn);

	AWAIT(atomic_load(&lid) != 0);
	lwp_await_parked(atomic_load(&lid));
	return t;
}

static void
begin_all(pthread_t t[WAITERS], void *(*fn)(void *))
{
	atomic_store(&nserved, 0);
	for (int i = 0; i < WAITERS; i++)
		t[i] = begin_waiter(priorities[i], fn);
}

static const char *
end_all(pthread_t t[], int n)
{
	static char text[60];
	int len = 0;

	for (int i = 0; i < n; i++)
		end(t[i]);
	for (int i = 0; i < atomic_load(&nserved); i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, i > 0 ? " %d" : "%d", served[i]);
	return text;
}

static void
is_in_order(pthread_t t[WAITERS], const char *what)
{
	const char *got = end_all(t, WAITERS);

	tap_ok(strcmp(got, in_order) == 0, "%s: %s", what, got);
}

static void
test_all(void)
{
	pthread_t t[WAITERS];

	pthread_mutex_lock(&m);
	begin_all(t, want_mutex);
	pthread_mutex_unlock(&m);
	is_in_order(t, "pthread_mutex_unlock.2 pthread_attr_setschedpolicy.2 a mutex goes to the most urgent");
	begin_all(t, want_signal);
	pthread_mutex_lock(&m);
	pthread_cond_broadcast(&c);
	pthread_mutex_unlock(&m);
	is_in_order(t, "pthread_cond_broadcast.2 so it does after a broadcast");
	begin_all(t, want_signal);
	for (int i = 0; i < WAITERS; i++) {
		pthread_cond_signal(&c);
		AWAIT(atomic_load(&nserved) == i + 1);
	}
	is_in_order(t, "pthread_cond_signal.1 a signal is for the most urgent");
	sem_init(&sem, 0, 0);
	begin_all(t, want_unit);
	for (int i = 0; i < WAITERS; i++) {
		sem_post(&sem);
		AWAIT(atomic_load(&nserved) == i + 1);
	}
	is_in_order(t, "sem_post.8 a unit is given to the most urgent, of equals to the first");
	pthread_rwlock_wrlock(&rw);
	begin_all(t, want_write);
	pthread_rwlock_unlock(&rw);
	is_in_order(t, "pthread_rwlock_unlock.3 a write lock too");
}

static void
test_rwlock(void)
{
	pthread_t t[2];
	const char *got;

	atomic_store(&nserved, 0);
	pthread_rwlock_wrlock(&rw);
	t[0] = begin_waiter(5, want_read);
	t[1] = begin_waiter(5, want_write);
	pthread_rwlock_unlock(&rw);
	end(t[1]);
	end(t[0]);
	tap_is_int(atomic_load(&nserved), 2, "pthread_rwlock_unlock.3 of equals the writer goes first, and both go");
	atomic_store(&nserved, 0);
	pthread_rwlock_rdlock(&rw);
	t[0] = begin_waiter(5, want_write);
	tap_is_int(end_int(begin_at(6, try_read)), 0,
	    "pthread_rwlock_rdlock.2 a reader goes past a less urgent writer");
	tap_is_int(end_int(begin_at(5, try_read)), EBUSY, "pthread_rwlock_rdlock.2 not past an equal one");
	tap_is_int(end_int(begin_at(-1, try_read)), EBUSY, "pthread_rwlock_rdlock.2 nor past one that is more so");
	t[1] = begin_at(8, want_read);
	AWAIT(atomic_load(&nserved) == 1);
	pthread_rwlock_unlock(&rw);
	got = end_all(t, 2);
	tap_ok(strcmp(got, "8 5") == 0, "pthread_rwlock_rdlock.2 and it need not wait: %s", got);
}

/* What pthread_setschedparam says counts from the next wait on. */
static void
test_change(void)
{
	struct sched_param sp = { 0 };
	int policy = -1;

	tap_is_int(pthread_setschedparam(pthread_self(), SCHED_FIFO, &sp), 0, "pthread_setschedparam.3 SCHED_FIFO");
	tap_is_int(pthread_setschedparam(pthread_self(), 77, &sp), EINVAL, "pthread_setschedparam.3 no policy: EINVAL");
	tap_is_int(pthread_setschedprio(pthread_self(), SCHED_PRI_MAX + 1), EINVAL, "pthread_setschedprio.3 EINVAL");
	tap_ok(pthread_getschedparam(pthread_self(), &policy, &sp) == 0 && policy == SCHED_FIFO &&
	    sp.sched_priority == 0,
	    "pthread_setschedparam.4 pthread_setschedprio.2 what fails changes nothing");
	sp.sched_priority = sched_get_priority_max(SCHED_OTHER);
	tap_is_int(pthread_setschedparam(pthread_self(), SCHED_OTHER, &sp), 0, "pthread_setschedparam.3 SCHED_OTHER");
	tap_ok(pthread_getschedparam(pthread_self(), &policy, &sp) == 0 && policy == SCHED_OTHER &&
	    sp.sched_priority == 0,
	    "pthread_getschedparam.1 is in force");
	tap_is_int(pthread_setschedparam(pthread_self(), policy, &sp), 0, "what was got can be set");
	tap_is_int(sched_setscheduler(0, SCHED_OTHER, &sp), SCHED_OTHER, "sched_setscheduler the same");
}

int
main(void)
{
	test_all();
	test_rwlock();
	test_change();
	return tap_done();
}
