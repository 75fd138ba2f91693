/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: mutexes with a priority ceiling (PTHREAD_PRIO_PROTECT).
 */
#include <pthread.h>
#include <stdint.h>

#include "test_pthread.h"

#define RT	128		/* the priority of SCHED_FIFO 0 in listings */
#define TURNS	400
#define STORM	6

static pthread_mutex_t	m, m2, m3;
static pthread_cond_t	c = PTHREAD_COND_INITIALIZER;
static atomic_int	step;

/* To yield is not enough for who has a ceiling: what is awaited is done at a lower priority. */
static void
nap(void)
{
	struct timespec ts = { 0, 50 * USEC };

	nanosleep(&ts, NULL);
}

static void
await_blocked(atomic_int *lid)
{
	while (atomic_load(lid) == 0 || !is_parked(atomic_load(lid)))
		nap();
}

static void
make(pthread_mutex_t *mp, int type, int robust, int ceiling)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	if (pthread_mutexattr_settype(&attr, type) != 0 || pthread_mutexattr_setrobust(&attr, robust) != 0 ||
	    pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT) != 0 ||
	    pthread_mutexattr_setprioceiling(&attr, ceiling) != 0 || pthread_mutex_init(mp, &attr) != 0)
		tap_bail("a mutex with a ceiling");
	pthread_mutexattr_destroy(&attr);
}

/* The ceiling in force for the caller, or -1. */
static int
ceiling(void)
{
	struct kinfo_lwp kl;

	if (lwp_info(_lwp_self(), &kl) != 0)
		tap_bail("lwp_info");
	return kl.l_priority != kl.l_usrpri ? (int)kl.l_priority - RT : -1;
}

static void *
call(void *arg)
{
	intptr_t error = ((int (*)(pthread_mutex_t *))arg)(&m);

	return (void *)(error != 0 && error != EOWNERDEAD && ceiling() != -1 ? -1 : error);
}

static int
elsewhere(int (*fn)(pthread_mutex_t *))
{
	return (int)end_int(begin(call, (void *)(uintptr_t)fn));
}

static int
lock_for_a_while(pthread_mutex_t *mp)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, MSEC);

	return pthread_mutex_timedlock(mp, &ts);
}

static void
test_attr(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
	int v = -1;

	pthread_mutexattr_init(&attr);
	tap_ok(pthread_mutexattr_getprotocol(&attr, &v) == 0 && v == PTHREAD_PRIO_NONE,
	    "pthread_mutexattr_getprotocol there is no protocol at first");
	tap_is_int(pthread_mutexattr_setprotocol(&attr, 3), EINVAL, "pthread_mutexattr_setprotocol.3 EINVAL");
	tap_is_int(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT), ENOTSUP,
	    "pthread_mutexattr_setprotocol.3 priority inheritance: ENOTSUP");
	tap_is_int(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT), 0,
	    "pthread_mutexattr_setprotocol.2 PTHREAD_PRIO_PROTECT: 0");
	tap_ok(pthread_mutexattr_getprotocol(&attr, &v) == 0 && v == PTHREAD_PRIO_PROTECT,
	    "pthread_mutexattr_setprotocol.1 is told");
	tap_is_int(pthread_mutexattr_setprioceiling(&attr, sched_get_priority_min(SCHED_FIFO) - 1), EINVAL,
	    "pthread_mutexattr_setprioceiling.3 below all priorities: EINVAL");
	tap_is_int(pthread_mutexattr_setprioceiling(&attr, sched_get_priority_max(SCHED_FIFO) + 1), EINVAL,
	    "pthread_mutexattr_setprioceiling.3 above all: EINVAL");
	tap_ok(pthread_mutexattr_setprioceiling(&attr, 17) == 0 && pthread_mutexattr_getprioceiling(&attr, &v) == 0 &&
	    v == 17, "pthread_mutexattr_setprioceiling.1 pthread_mutexattr_setprioceiling.2 a ceiling is told");
	pthread_mutex_init(&m, &attr);
	tap_ok(pthread_mutex_getprioceiling(&m, &v) == 0 && v == 17,
	    "pthread_mutex_getprioceiling.1 pthread_mutex_getprioceiling.2 also by the mutex");
	tap_is_int(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_NONE), 0, "no protocol again");
	tap_is_int(pthread_mutexattr_destroy(&attr), 0, "pthread_mutexattr_destroy");
	tap_is_int(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT), EINVAL,
	    "pthread_mutexattr_setprotocol.3 after that: EINVAL");
	tap_is_int(pthread_mutexattr_setprioceiling(&attr, 1), EINVAL, "setprioceiling: EINVAL");
	tap_is_int(pthread_mutexattr_getprotocol(&attr, &v), EINVAL, "getprotocol: EINVAL");
	tap_is_int(pthread_mutexattr_getprioceiling(&attr, &v), EINVAL, "getprioceiling: EINVAL");
	tap_is_int(pthread_mutex_getprioceiling(&plain, &v), EINVAL,
	    "pthread_mutex_getprioceiling.3 a mutex without protocol has no ceiling: EINVAL");
	tap_is_int(pthread_mutex_setprioceiling(&plain, 1, &v), EINVAL,
	    "pthread_mutex_getprioceiling.3 nor can it be given one: EINVAL");
}

static void
test_in_force(void)
{
	struct sched_param sp;
	int policy;

	make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 30);
	tap_ok(pthread_mutex_lock(&m) == 0 && ceiling() == 30, "who has the mutex has the ceiling's priority");
	tap_ok(pthread_getschedparam(pthread_self(), &policy, &sp) == 0 && policy == SCHED_OTHER,
	    "pthread_getschedparam.1 what it asked for itself is told as ever");
	tap_is_int(elsewhere(pthread_mutex_trylock), EBUSY, "trylock by another: EBUSY, and no ceiling");
	tap_is_int(elsewhere(lock_for_a_while), ETIMEDOUT, "timedlock: ETIMEDOUT, and no ceiling");
	tap_is_int(elsewhere(pthread_mutex_unlock), EPERM, "unlock: EPERM");
	tap_is_int(lock_for_a_while(&m), ETIMEDOUT, "the owner waits for itself");
	tap_is_int(ceiling(), 30, "and keeps the ceiling");
	tap_ok(pthread_mutex_unlock(&m) == 0 && ceiling() == -1, "it goes with the mutex");
	tap_ok(pthread_mutex_trylock(&m) == 0 && ceiling() == 30, "trylock");
	pthread_mutex_unlock(&m);
	tap_ok(lock_for_a_while(&m) == 0 && ceiling() == 30, "timedlock");
	pthread_mutex_unlock(&m);
	tap_is_int(pthread_mutex_unlock(&m), EPERM, "unlock of a free one: EPERM");
	tap_is_int(ceiling(), -1, "nothing is left");
}

static void
test_several(void)
{
	make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 10);
	make(&m2, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, 30);
	make(&m3, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST, 20);
	pthread_mutex_lock(&m);
	pthread_mutex_lock(&m2);
	pthread_mutex_lock(&m3);
	tap_is_int(ceiling(), 30, "the highest ceiling of three counts");
	tap_is_int(pthread_mutex_lock(&m2), EDEADLK, "errorcheck: EDEADLK");
	tap_is_int(pthread_mutex_lock(&m3), 0, "recursive: locked again");
	pthread_mutex_unlock(&m2);
	tap_is_int(ceiling(), 20, "then that of the two that are left, in whatever order they are unlocked");
	pthread_mutex_unlock(&m3);
	tap_is_int(ceiling(), 20, "a recursive one is held until its last unlock");
	pthread_mutex_unlock(&m3);
	tap_is_int(ceiling(), 10, "that of the last");
	make(&m2, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 10);
	pthread_mutex_lock(&m2);
	pthread_mutex_unlock(&m);
	tap_is_int(ceiling(), 10, "two of the same ceiling");
	pthread_mutex_unlock(&m2);
	tap_is_int(ceiling(), -1, "and none");
}

static void
test_above(void)
{
	int old;

	make(&m, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, 30);
	set_class(_lwp_self(), SCHED_FIFO, 31);
	tap_is_int(pthread_mutex_lock(&m), EINVAL, "pthread_mutex_lock.3 who ranks above the ceiling: EINVAL");
	tap_is_int(pthread_mutex_trylock(&m), EINVAL, "pthread_mutex_trylock.4 the same: EINVAL");
	tap_is_int(lock_for_a_while(&m), EINVAL, "pthread_mutex_timedlock.5 the same: EINVAL");
	tap_is_int(pthread_mutex_unlock(&m), EPERM, "it has not got it");
	tap_ok(pthread_mutex_setprioceiling(&m, 31, &old) == 0 && old == 30, "it may give it a higher ceiling");
	tap_is_int(pthread_mutex_lock(&m), 0, "at the ceiling one may lock it");
	tap_is_int(pthread_mutex_setprioceiling(&m, 30, &old), EINVAL, "the owner cannot set one below itself: EINVAL");
	tap_ok(pthread_mutex_setprioceiling(&m, 40, &old) == 0 && old == 31 && ceiling() == 40,
	    "one above it comes into force at once");
	pthread_mutex_unlock(&m);
	tap_is_int(ceiling(), -1, "and goes with the mutex");
	set_class(_lwp_self(), SCHED_OTHER, PRI_NONE);
}

static void
test_setprioceiling(void)
{
	int old = -1, now;

	make(&m, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, 30);
	tap_is_int(pthread_mutex_setprioceiling(&m, -1, &old), EINVAL, "setprioceiling, out of range: EINVAL");
	tap_is_int(pthread_mutex_setprioceiling(&m, 64, &old), EINVAL, "and above: EINVAL");
	pthread_mutex_lock(&m);
	tap_is_int(pthread_mutex_setprioceiling(&m, 3, &old), EDEADLK, "errorcheck, by the owner: EDEADLK");
	pthread_mutex_unlock(&m);
	tap_ok(pthread_mutex_getprioceiling(&m, &now) == 0 && now == 30 && old == -1, "what fails changes nothing");
	pthread_mutex_destroy(&m);
	tap_is_int(pthread_mutex_setprioceiling(&m, 3, &old), EINVAL, "of a destroyed one: EINVAL");
	tap_is_int(pthread_mutex_getprioceiling(&m, &old), EINVAL, "getprioceiling: EINVAL");
}

static void
test_robust(void)
{
	int old;

	make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, 30);
	elsewhere(pthread_mutex_lock);
	tap_ok(pthread_mutex_lock(&m) == EOWNERDEAD && ceiling() == 30, "EOWNERDEAD comes with the ceiling");
	tap_is_int(pthread_mutex_consistent(&m), 0, "consistent");
	pthread_mutex_unlock(&m);
	elsewhere(pthread_mutex_lock);
	tap_ok(pthread_mutex_setprioceiling(&m, 12, &old) == EOWNERDEAD && ceiling() == 30,
	    "setprioceiling: EOWNERDEAD: it is ours, the ceiling as it was");
	set_class(_lwp_self(), SCHED_FIFO, 25);
	tap_is_int(pthread_mutex_unlock(&m), 0, "given up inconsistent");
	tap_ok(pthread_mutex_lock(&m) == ENOTRECOVERABLE && ceiling() == -1, "ENOTRECOVERABLE, and no ceiling");
	tap_ok(pthread_mutex_trylock(&m) == ENOTRECOVERABLE && ceiling() == -1, "trylock the same");
	tap_is_int(pthread_mutex_setprioceiling(&m, 12, &old), ENOTRECOVERABLE, "setprioceiling the same");
	set_class(_lwp_self(), SCHED_OTHER, PRI_NONE);
	make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, 30);
	elsewhere(pthread_mutex_lock);
	set_class(_lwp_self(), SCHED_FIFO, 31);
	tap_is_int(pthread_mutex_setprioceiling(&m, 40, &old), EINVAL,
	    "one that we may not have, whose owner died: EINVAL");
	set_class(_lwp_self(), SCHED_OTHER, PRI_NONE);
	tap_is_int(pthread_mutex_lock(&m), EOWNERDEAD, "the next one is told that he died");
	pthread_mutex_unlock(&m);
}

/* Condition variables. */

static void
leave(void *arg)
{
	atomic_store(&step, ceiling());
	pthread_mutex_unlock(arg);
}

/* What it saw when it had waited: the error, and 100 times the ceiling. */
static void *
wait_step(void *arg)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, MSEC);
	intptr_t seen = 0;

	pthread_mutex_lock(&m);
	pthread_cleanup_push(leave, &m);
	atomic_store(&step, 1);
	if (arg != NULL)
		seen = pthread_cond_timedwait(&c, &m, &ts);
	else
		seen = pthread_cond_wait(&c, &m);
	seen += 100 * ceiling();
	pthread_cleanup_pop(1);
	return (void *)seen;
}

static pthread_t
begin_wait(void)
{
	pthread_t t;

	atomic_store(&step, 0);
	t = begin(wait_step, NULL);
	AWAIT(atomic_load(&step) == 1);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return t;
}

static void
test_cond(void)
{
	pthread_t t;
	int old;

	make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 30);
	t = begin_wait();
	pthread_cond_signal(&c);
	tap_is_int(end_int(t), 3000, "after pthread_cond_wait the ceiling is in force");
	tap_is_int(end_int(begin(wait_step, &m)), 3000 + ETIMEDOUT, "after a time-out too");
	t = begin_wait();
	pthread_cancel(t);
	tap_ok(end(t) == PTHREAD_CANCELED && atomic_load(&step) == 30, "and in the handlers of cancellation");
	t = begin_wait();
	pthread_mutex_setprioceiling(&m, 40, &old);
	pthread_cond_signal(&c);
	tap_is_int(end_int(t), 4000, "the mutex that comes back has another ceiling: it is in force");
	t = begin_wait();
	pthread_mutex_lock(&m);
	pthread_cond_broadcast(&c);
	tap_is_int(ceiling(), 40, "who signals keeps its own");
	pthread_mutex_unlock(&m);
	tap_is_int(end_int(t), 4000, "a waiter that was moved to the mutex has it");
	tap_is_int(pthread_mutex_destroy(&m), 0, "nobody has the mutex");
}

static void *
lock_once(void *arg)
{
	intptr_t seen;

	atomic_store((atomic_int *)arg, _lwp_self());
	seen = pthread_mutex_lock(&m);
	seen += 100 * ceiling();
	pthread_mutex_unlock(&m);
	return (void *)seen;
}

/* The ceiling is changed by the owner of a recursive mutex while others wait. */
static void
test_follow(void)
{
	static atomic_int lid;
	pthread_t t;
	int old;

	make(&m, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, 30);
	pthread_mutex_lock(&m);
	t = begin(lock_once, &lid);
	await_blocked(&lid);
	tap_is_int(pthread_mutex_setprioceiling(&m, 7, &old), 0, "the ceiling changes while somebody waits");
	pthread_mutex_unlock(&m);
	tap_is_int(end_int(t), 700, "who gets it then has the new one");
	atomic_store(&lid, 0);
	pthread_mutex_lock(&m);
	t = begin(lock_once, &lid);
	await_blocked(&lid);
	set_class(atomic_load(&lid), SCHED_FIFO, 6);
	pthread_mutex_setprioceiling(&m, 5, &old);
	pthread_mutex_unlock(&m);
	tap_is_int(end_int(t), EINVAL - 100, "who ranks above the new one: EINVAL, not the mutex, no ceiling");
	tap_is_int(pthread_mutex_destroy(&m), 0, "nobody has it");
}

static void
in_fork(void *arg)
{
	int bad = ceiling() != 30;

	(void)arg;
	bad |= pthread_mutex_unlock(&m2) != 0 || ceiling() != 10;
	bad |= pthread_mutex_unlock(&m) != 0 || ceiling() != -1;
	_exit(bad);
}

static void
test_fork(void)
{
	make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 10);
	make(&m2, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 30);
	pthread_mutex_lock(&m);
	pthread_mutex_lock(&m2);
	tap_is_int(in_child(in_fork, NULL), 0, "a child has the mutexes of the thread that forked, and their ceilings");
	pthread_mutex_unlock(&m2);
	pthread_mutex_unlock(&m);
}

/* What it is for: nobody comes between the owner and an urgent thread. */

static char	order[4];
static int	norder;

static void *
middling(void *arg)
{
	lwpid_t self = _lwp_self();

	bind_cpu(self, 0);
	set_class(self, SCHED_FIFO, 10);
	atomic_store((atomic_int *)arg, self);
	park();
	order[norder++] = 'm';
	return NULL;
}

static void *
urgent(void *arg)
{
	lwpid_t self = _lwp_self();

	bind_cpu(self, 0);
	set_class(self, SCHED_FIFO, 20);
	atomic_store((atomic_int *)arg, self);
	park();
	pthread_mutex_lock(&m);
	order[norder++] = 'u';
	pthread_mutex_unlock(&m);
	return NULL;
}

static void
test_inversion(void)
{
	static atomic_int lid[2];
	pthread_t t[2];

	make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 20);
	bind_cpu(_lwp_self(), 0);
	t[0] = begin(middling, &lid[0]);
	t[1] = begin(urgent, &lid[1]);
	for (int i = 0; i < 2; i++) {
		await_blocked(&lid[i]);
	}
	pthread_mutex_lock(&m);
	_lwp_unpark(atomic_load(&lid[0]), NULL);
	_lwp_unpark(atomic_load(&lid[1]), NULL);
	order[norder++] = 'o';
	pthread_mutex_unlock(&m);
	end(t[0]);
	end(t[1]);
	tap_ok(strcmp(order, "oum") == 0, "the owner, then the urgent one, then the middling one: %s", order);
}

/* Threads of several priorities, mutexes of several ceilings, conditions, time-outs. */

static pthread_mutex_t	many[3];
static long		counter;

static void *
storm(void *arg)
{
	int priority = (int)(intptr_t)arg, failed = 0;

	set_class(_lwp_self(), SCHED_FIFO, priority);
	for (int i = 0; i < TURNS; i++) {
		pthread_mutex_t *first = &many[i % 3], *second = &many[2];
		struct timespec ts = clock_in(CLOCK_REALTIME, 10 * USEC);

		failed |= pthread_mutex_lock(first);
		if (first != second && (i & 4) != 0 && pthread_mutex_trylock(second) == 0)
			pthread_mutex_unlock(second);
		if (first == second && (i & 8) != 0)
			(void)pthread_cond_timedwait(&c, second, &ts);
		if (first == second)
			counter++;
		failed |= ceiling() < 40 ? 1000 : 0;
		failed |= pthread_mutex_unlock(first);
		if ((i & 16) != 0)
			pthread_cond_broadcast(&c);
	}
	return (void *)(intptr_t)(failed | (ceiling() != -1));
}

static void
test_storm(void)
{
	pthread_t t[STORM];
	intptr_t failed = 0;

	for (int i = 0; i < 3; i++)
		make(&many[i], PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 40 + i * 5);
	for (int i = 0; i < STORM; i++)
		t[i] = begin(storm, (void *)(intptr_t)(i * 3));
	for (int i = 0; i < STORM; i++)
		failed |= end_int(t[i]);
	tap_is_int(failed, 0, "storm: nobody had a mutex without its ceiling, nobody has one in the end");
	tap_is_int(counter, STORM * (TURNS / 3), "storm: and each was inside alone");
}

int
main(void)
{
	test_attr();
	test_in_force();
	test_several();
	test_above();
	test_setprioceiling();
	test_robust();
	test_cond();
	test_follow();
	test_fork();
	test_inversion();
	test_storm();
	return tap_done();
}
