/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: mutexes of all types.
 */
#include <pthread.h>
#include <stdint.h>

#include "test_pthread.h"

#define TURNS	3000

static pthread_mutex_t	m = PTHREAD_MUTEX_INITIALIZER;
static long		counter;
static atomic_int	inside, twice;

/* What a call gives in another thread. */
static void *
call(void *arg)
{
	return (void *)(intptr_t)((int (*)(pthread_mutex_t *))arg)(&m);
}

static int
elsewhere(int (*fn)(pthread_mutex_t *))
{
	return (int)end_int(begin(call, (void *)(uintptr_t)fn));
}

static void
make(int type, int robust)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	if (pthread_mutexattr_settype(&attr, type) != 0 || pthread_mutexattr_setrobust(&attr, robust) != 0)
		tap_bail("pthread_mutexattr_settype");
	if (pthread_mutex_init(&m, &attr) != 0)
		tap_bail("pthread_mutex_init");
	pthread_mutexattr_destroy(&attr);
}

static int
timed(int64_t ns, clockid_t clock)
{
	struct timespec ts = clock_in(clock, ns);

	return clock == CLOCK_REALTIME ? pthread_mutex_timedlock(&m, &ts) : pthread_mutex_clocklock(&m, clock, &ts);
}

static void
test_normal(void)
{
	struct timespec bad = { 0, NSEC };
	int64_t before = now_ns();

	tap_is_int(pthread_mutex_lock(&m), 0, "pthread_mutex_lock.2 0 when it has been taken");
	tap_is_int(pthread_mutex_trylock(&m), EBUSY, "pthread_mutex_trylock.1 of one that the caller has: EBUSY");
	tap_is_int(elsewhere(pthread_mutex_trylock), EBUSY, "pthread_mutex_trylock.4 of one that another has: EBUSY");
	tap_is_int(elsewhere(pthread_mutex_unlock), EPERM, "pthread_mutex_unlock.4 by another thread: EPERM");
	tap_is_int(pthread_mutex_destroy(&m), EBUSY, "pthread_mutex_destroy.4 of a held one: EBUSY");
	tap_is_int(timed(5 * MSEC, CLOCK_REALTIME), ETIMEDOUT,
	    "pthread_mutex_timedlock.5 a normal one deadlocks: ETIMEDOUT");
	tap_ok(now_ns() - before >= 5 * MSEC, "pthread_mutex_timedlock.1 and not early");
	tap_is_int(timed(MSEC, CLOCK_MONOTONIC), ETIMEDOUT, "pthread_mutex_clocklock: ETIMEDOUT");
	tap_is_int(pthread_mutex_timedlock(&m, &bad), EINVAL, "pthread_mutex_timedlock.5 no point of time: EINVAL");
	tap_is_int(pthread_mutex_unlock(&m), 0, "pthread_mutex_unlock.3 0 when it has been released");
	tap_is_int(pthread_mutex_timedlock(&m, &bad), 0,
	    "pthread_mutex_timedlock.4 0, and a time that is not needed is not looked at");
	tap_is_int(pthread_mutex_unlock(&m), 0, "pthread_mutex_unlock.1 after a time-out the mutex is as ever");
	tap_is_int(pthread_mutex_unlock(&m), EPERM, "pthread_mutex_unlock.4 of a free one: EPERM");
	tap_is_int(pthread_mutex_destroy(&m), 0, "pthread_mutex_destroy.3 0");
	tap_is_int(pthread_mutex_lock(&m), EINVAL, "pthread_mutex_lock.3 of a destroyed one: EINVAL");
	tap_is_int(pthread_mutex_destroy(&m), EINVAL, "pthread_mutex_destroy.4 of that: EINVAL");
}

static void
test_types(void)
{
	make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED);
	pthread_mutex_lock(&m);
	tap_is_int(pthread_mutex_lock(&m), EDEADLK, "pthread_mutexattr_settype.3 errorcheck: locking again: EDEADLK");
	tap_is_int(pthread_mutex_trylock(&m), EBUSY, "pthread_mutex_trylock.4 errorcheck: EBUSY");
	tap_is_int(elsewhere(pthread_mutex_unlock), EPERM,
	    "pthread_mutexattr_settype.3 errorcheck: unlock by another: EPERM");
	tap_is_int(pthread_mutex_unlock(&m), 0, "pthread_mutex_unlock.3 errorcheck: 0");
	tap_is_int(pthread_mutex_unlock(&m), EPERM,
	    "pthread_mutexattr_settype.3 errorcheck: unlock of a free one: EPERM");
	make(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED);
	pthread_mutex_lock(&m);
	tap_ok(pthread_mutex_lock(&m) == 0 && pthread_mutex_trylock(&m) == 0,
	    "pthread_mutex_trylock.2 recursive: locked three times");
	pthread_mutex_unlock(&m);
	pthread_mutex_unlock(&m);
	tap_is_int(elsewhere(pthread_mutex_trylock), EBUSY,
	    "pthread_mutex_unlock.1 recursive: unlocked twice it is held");
	pthread_mutex_unlock(&m);
	tap_is_int(pthread_mutex_unlock(&m), EPERM, "pthread_mutex_unlock.5 recursive: unlocked once too often: EPERM");
	tap_ok(elsewhere(pthread_mutex_lock) == 0 && pthread_mutex_trylock(&m) == EBUSY,
	    "pthread_exit.4 a mutex that is not robust stays held when its owner ends");
	m = (pthread_mutex_t)PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	tap_ok(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == 0, "the static initialiser of recursive ones");
	m = (pthread_mutex_t)PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	tap_ok(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == EDEADLK, "and of those that check errors");
}

static void
test_attr(void)
{
	pthread_mutexattr_t attr;
	int v;

	pthread_mutexattr_init(&attr);
	tap_is_int(pthread_mutexattr_settype(&attr, 5), EINVAL, "pthread_mutexattr_settype.7 EINVAL");
	tap_is_int(pthread_mutexattr_setrobust(&attr, 5), EINVAL, "pthread_mutexattr_setrobust: EINVAL");
	tap_is_int(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), ENOSYS, "process-shared: ENOSYS");
	tap_is_int(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT), ENOTSUP,
	    "pthread_mutexattr_setprotocol.3 priority inheritance: ENOTSUP");
	tap_ok(pthread_mutexattr_gettype(&attr, &v) == 0 && v == PTHREAD_MUTEX_DEFAULT,
	    "pthread_mutexattr_settype.1 the default type");
	tap_is_int(pthread_mutexattr_destroy(&attr), 0, "pthread_mutexattr_destroy");
	tap_is_int(pthread_mutex_init(&m, &attr), EINVAL, "pthread_mutex_init.5 with destroyed attributes: EINVAL");
}

static void
test_robust(void)
{
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
	tap_is_int(elsewhere(pthread_mutex_lock), 0, "robust: a thread ends with it");
	tap_is_int(pthread_mutex_lock(&m), EOWNERDEAD, "robust: the next owner: EOWNERDEAD");
	tap_is_int(elsewhere(pthread_mutex_trylock), EBUSY, "robust: who has it then");
	tap_is_int(elsewhere(pthread_mutex_consistent), EINVAL, "pthread_mutex_consistent by another: EINVAL");
	tap_is_int(pthread_mutex_consistent(&m), 0, "pthread_mutex_consistent");
	tap_is_int(pthread_mutex_consistent(&m), EINVAL, "pthread_mutex_consistent a second time: EINVAL");
	tap_is_int(pthread_mutex_unlock(&m), 0, "robust: unlock");
	tap_is_int(pthread_mutex_lock(&m), 0, "robust: and it is as new");
	pthread_mutex_unlock(&m);
	elsewhere(pthread_mutex_lock);
	tap_is_int(pthread_mutex_trylock(&m), EOWNERDEAD, "robust: pthread_mutex_trylock: EOWNERDEAD");
	pthread_mutex_unlock(&m);
	tap_is_int(pthread_mutex_lock(&m), ENOTRECOVERABLE, "robust: given up inconsistent: ENOTRECOVERABLE");
	tap_is_int(elsewhere(pthread_mutex_trylock), ENOTRECOVERABLE, "robust: for everybody");
	tap_is_int(pthread_mutex_destroy(&m), 0, "robust: it can be destroyed");
}

static atomic_int	have;

static void *
take_and_die(void *arg)
{
	pthread_mutex_lock(&m);
	atomic_store(&have, 1);
	lwp_await_parked(*(volatile lwpid_t *)arg);
	return NULL;
}

static void
test_robust_waiter(void)
{
	lwpid_t self = _lwp_self();
	pthread_t t;

	make(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST);
	t = begin(take_and_die, &self);
	AWAIT(atomic_load(&have));
	tap_is_int(pthread_mutex_lock(&m), EOWNERDEAD, "robust: who waits when the owner dies is told");
	end(t);
	pthread_mutex_consistent(&m);
	pthread_mutex_unlock(&m);
}

static void *
add(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		if (pthread_mutex_lock(&m) != 0)
			break;
		if (atomic_fetch_add(&inside, 1) != 0)
			atomic_fetch_add(&twice, 1);
		counter++;
		if (arg != NULL && i % 64 == 0)
			sched_yield();
		atomic_fetch_sub(&inside, 1);
		pthread_mutex_unlock(&m);
	}
	return NULL;
}

/* Some get it, some give up: nobody waits for ever. */
static void *
add_timed(void *arg)
{
	intptr_t got = 0;

	for (int i = 0; i < TURNS / 10; i++) {
		if (timed(20 * USEC, i % 2 ? CLOCK_REALTIME : CLOCK_MONOTONIC) != 0)
			continue;
		if (atomic_fetch_add(&inside, 1) != 0)
			atomic_fetch_add(&twice, 1);
		counter++;
		got++;
		atomic_fetch_sub(&inside, 1);
		pthread_mutex_unlock(&m);
	}
	(void)arg;
	return (void *)got;
}

static void
test_contended(int type, int robust)
{
	pthread_t t[6];
	long want = 4 * TURNS;

	make(type, robust);
	counter = 0;
	for (int i = 0; i < 4; i++)
		t[i] = begin(add, i % 2 ? &t : NULL);
	for (int i = 4; i < 6; i++)
		t[i] = begin(add_timed, NULL);
	for (int i = 0; i < 4; i++)
		end(t[i]);
	for (int i = 4; i < 6; i++)
		want += end_int(t[i]);
	tap_is_int(counter, want, "pthread_mutex_lock.1 type %d, robust %d: six threads count", type, robust);
	tap_is_int(atomic_load(&twice), 0, "and there are never two inside");
	tap_is_int(pthread_mutex_destroy(&m), 0, "pthread_mutex_destroy.5 in the end nobody has it, nobody waits");
}

/* A waiter that was overtaken once is served next. */
static void *
hog(void *arg)
{
	long turns = 0;

	(void)arg;
	while (!atomic_load(&have)) {
		pthread_mutex_lock(&m);
		turns++;
		sched_yield();
		pthread_mutex_unlock(&m);
	}
	return (void *)turns;
}

static void
test_fair(void)
{
	pthread_t t;

	make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	atomic_store(&have, 0);
	t = begin(hog, NULL);
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	atomic_store(&have, 1);
	tap_ok(end_int(t) >= 0, "one that locks again and again does not keep others out");
}

/* The last unlock of a mutex, after which it may be freed, does not touch it. */
static void *
unlock_freed(void *arg)
{
	pthread_mutex_t *mp = arg;

	pthread_mutex_lock(mp);
	pthread_mutex_unlock(mp);
	return NULL;
}

static void
test_free(void)
{
	int wrong = 0;

	for (int i = 0; i < 100; i++) {
		pthread_mutex_t *mp = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON, -1, 0);
		pthread_t t;

		pthread_mutex_init(mp, NULL);
		pthread_mutex_lock(mp);
		t = begin(unlock_freed, mp);
		if (i % 2 == 0)
			sched_yield();
		pthread_mutex_unlock(mp);
		end(t);
		wrong += pthread_mutex_destroy(mp) != 0;
		munmap(mp, PAGE_SIZE);
	}
	tap_is_int(wrong, 0, "pthread_mutex_destroy.5 a mutex may be destroyed and freed after its last unlock");
}

/* A child begins with the queues of its parent's mutexes, whose waiters are not there. */

#define NQUEUES	32

static pthread_mutex_t	queues[NQUEUES];
static atomic_int	rounds, stop;

static void *
lock_all(void *arg)
{
	do {
		for (int i = 0; i < NQUEUES; i++) {
			pthread_mutex_lock(&queues[i]);
			atomic_fetch_add(&rounds, 1);
			pthread_mutex_unlock(&queues[i]);
		}
	} while (arg != NULL && !atomic_load(&stop));
	return NULL;
}

static void
lock_in_child(void *arg)
{
	pthread_t t[3];

	(void)arg;
	for (int i = 0; i < NQUEUES; i++)
		pthread_mutex_unlock(&queues[i]);
	atomic_store(&rounds, 0);
	for (int i = 0; i < 3; i++)
		t[i] = begin(lock_all, NULL);
	for (int i = 0; i < 3; i++)
		end(t[i]);
	_exit(atomic_load(&rounds) != 3 * NQUEUES);
}

static void
test_fork(void)
{
	int status = 0;
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		t[i] = begin(lock_all, &t);
	for (int k = 0; k < 10; k++) {
		for (int i = 0; i < NQUEUES; i++)
			pthread_mutex_lock(&queues[i]);
		status |= in_child(lock_in_child, NULL);
		for (int i = 0; i < NQUEUES; i++)
			pthread_mutex_unlock(&queues[i]);
	}
	atomic_store(&stop, 1);
	for (int i = 0; i < 2; i++)
		end(t[i]);
	tap_is_int(status, 0, "in a child the mutexes of the thread that forked work, whoever waited for them");
}

static void
test_init(void)
{
	static pthread_mutex_t ready_made = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutexattr_t attr;
	struct timespec past = { 1, 0 };

	tap_is_int(pthread_mutexattr_init(&attr), 0, "pthread_mutexattr_init");
	tap_is_int(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_NORMAL), 0, "pthread_mutexattr_settype.6 0");
	tap_is_int(pthread_mutex_init(&m, &attr), 0, "pthread_mutex_init.4 0");
	tap_is_int(pthread_mutex_trylock(&m), 0, "pthread_mutex_init.2 pthread_mutex_trylock.3 it is unlocked");
	tap_is_int(pthread_mutex_timedlock(&m, &past), ETIMEDOUT,
	    "pthread_mutexattr_settype.2 pthread_mutex_timedlock.2 a normal one deadlocks, for real time");
	pthread_mutex_unlock(&m);
	tap_ok(pthread_mutex_destroy(&m) == 0 && pthread_mutex_trylock(&m) == EINVAL,
	    "pthread_mutex_destroy.1 a destroyed one is invalid");
	tap_ok(pthread_mutex_init(&m, NULL) == 0 && pthread_mutex_trylock(&m) == 0,
	    "pthread_mutex_destroy.2 pthread_mutex_init.1 it can be initialised again, without attributes");
	pthread_mutex_unlock(&m);
	tap_ok(pthread_mutex_trylock(&ready_made) == 0 && pthread_mutex_unlock(&ready_made) == 0,
	    "pthread_mutex_init.3 PTHREAD_MUTEX_INITIALIZER");
	pthread_mutexattr_destroy(&attr);
}

int
main(void)
{
	test_normal();
	test_types();
	test_attr();
	test_robust();
	test_robust_waiter();
	test_contended(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	test_contended(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST);
	test_fair();
	test_free();
	test_fork();
	test_init();
	return tap_done();
}
