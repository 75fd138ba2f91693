/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenarios of POSIX threads: the objects of lib/pthread, their time-outs, cancellation, freeing.
 */
#include <pthread.h>
#include <semaphore.h>

#include "explore.h"

#define TURNS	2

static pthread_mutex_t	m;
static pthread_cond_t	c;
static int		sum, tickets, taken, failed;
static atomic_int	got;

static void
clear(void)
{
	m = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	c = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	sum = tickets = taken = failed = 0;
	atomic_store(&got, 0);
}

/* What a call that must not fail gave. */
static void
must(int error)
{
	if (error != 0)
		failed = error;
}

/* Now early in the round, now late, so that the time-out meets all of what the others do. */
static struct timespec
soon(void)
{
	static unsigned n;

	return clock_in(CLOCK_MONOTONIC, 500 + n++ * 617 % (30 * USEC));
}

/* Off the CPU: who then wants the mutex does not spin, but queues up. */
static void
nap(void)
{
	struct timespec ts = { 0, USEC };

	(void)nanosleep(&ts, NULL);
}

/* Nobody has the mutex, and nobody waits for it. */
static const char *
mutex_left(void)
{
	if (failed != 0)
		return strerror(failed);
	return pthread_mutex_destroy(&m) != 0 ? "in the end somebody has the mutex" : NULL;
}

/* --- Mutex: three add --- */

static void
add(void)
{
	for (int i = 0; i < TURNS; i++) {
		int seen;

		must(pthread_mutex_lock(&m));
		seen = sum;
		nap();
		sum = seen + 1;
		must(pthread_mutex_unlock(&m));
	}
}

static const char *
added(void)
{
	return sum != ACTORS * TURNS ? "an addition under the mutex was lost" : mutex_left();
}

/* --- Mutex: a time-out against two unlocks --- */

static void
add_soon(void)
{
	struct timespec ts = soon();
	int error = pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &ts);

	if (error != 0) {
		must(error == ETIMEDOUT ? 0 : error);
		return;
	}
	sum++;
	atomic_store(&got, 1);
	must(pthread_mutex_unlock(&m));
}

static const char *
added_or_not(void)
{
	return sum != 2 * TURNS + atomic_load(&got) ? "an addition under the mutex was lost" : mutex_left();
}

/* --- Mutex: freed after the last unlock, which does not touch it any more --- */

static void
unlock_first(void)
{
	must(pthread_mutex_lock(&m));
	nap();
	sum = 1;
	must(pthread_mutex_unlock(&m));
}

static void
unlock_last(void)
{
	int seen = 0;

	while (seen == 0) {
		must(pthread_mutex_lock(&m));
		seen = sum;
		must(pthread_mutex_unlock(&m));
		if (seen == 0)
			sched_yield();
	}
	must(pthread_mutex_destroy(&m));
	memset(&m, 0x5a, sizeof(m));
}

static const char *
untouched(void)
{
	const unsigned char *p = (const unsigned char *)&m;

	for (size_t i = 0; i < sizeof(m); i++) {
		if (p[i] != 0x5a)
			return "an unlock has touched a mutex that was freed";
	}
	return failed != 0 ? strerror(failed) : NULL;
}

/* --- Mutex with a ceiling --- */

static void
clear_protect(void)
{
	pthread_mutexattr_t attr;

	clear();
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT);
	pthread_mutexattr_setprioceiling(&attr, 20);
	pthread_mutex_init(&m, &attr);
}

/* --- Robust: the owner ends while two want it --- */

static void
clear_robust(void)
{
	pthread_mutexattr_t attr;

	clear();
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&m, &attr);
}

static void *
lock_and_end(void *arg)
{
	must(pthread_mutex_lock(&m));
	return arg;
}

static void
owner_ends(void)
{
	pthread_t t;

	must(pthread_create(&t, NULL, lock_and_end, NULL));
	must(pthread_join(t, NULL));
}

static void
inherit(void)
{
	int error = pthread_mutex_lock(&m);

	if (error == EOWNERDEAD) {
		atomic_fetch_add(&got, 1);
		error = pthread_mutex_consistent(&m);
	}
	must(error);
	must(pthread_mutex_unlock(&m));
}

/* One of the two was told, or else whoever comes now is. */
static const char *
told_once(void)
{
	int told = atomic_load(&got);

	if (pthread_mutex_lock(&m) == EOWNERDEAD) {
		told++;
		must(pthread_mutex_consistent(&m));
	}
	must(pthread_mutex_unlock(&m));
	return told != 1 ? "the end of the owner was not told once" : mutex_left();
}

/* --- Condition: two tickets, two signals, two that wait; one of them has a time-out --- */

static void
take(bool timed)
{
	struct timespec ts = soon();
	int error = 0;

	must(pthread_mutex_lock(&m));
	while (tickets == 0 && error == 0)
		error = timed ? pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &ts) : pthread_cond_wait(&c, &m);
	if (tickets > 0) {
		tickets--;
		taken++;
	}
	must(pthread_mutex_unlock(&m));
	must(error == ETIMEDOUT && timed ? 0 : error);
}

static void
take_one(void)
{
	take(false);
}

static void
take_soon(void)
{
	take(true);
}

/* A signal that meets the time-out goes to the other, who would wait for ever. */
static void
give_two(void)
{
	for (int i = 0; i < 2; i++) {
		must(pthread_mutex_lock(&m));
		tickets++;
		must(pthread_cond_signal(&c));
		must(pthread_mutex_unlock(&m));
	}
}

static void
give_all(void)
{
	must(pthread_mutex_lock(&m));
	tickets = 2;
	must(pthread_mutex_unlock(&m));
	must(pthread_cond_broadcast(&c));
}

static const char *
tickets_taken(void)
{
	if (tickets + taken != 2 || taken == 0)
		return "a ticket was lost, or taken twice";
	if (pthread_cond_destroy(&c) != 0)
		return "in the end somebody waits for the condition";
	return mutex_left();
}

/* --- Condition: a waiter is cancelled and signalled; another one waits too --- */

static atomic_int	there;
static pthread_t	victim;

static void
unlock(void *arg)
{
	must(pthread_mutex_unlock(arg));
}

static void *
take_cancelled(void *arg)
{
	must(pthread_mutex_lock(&m));
	pthread_cleanup_push(unlock, &m);
	while (tickets == 0)
		(void)pthread_cond_wait(&c, &m);
	tickets--;
	taken++;
	pthread_cleanup_pop(1);
	return arg;
}

static void
clear_victim(void)
{
	clear();
	atomic_store(&there, 0);
}

static void
have_victim(void)
{
	void *result;

	must(pthread_create(&victim, NULL, take_cancelled, NULL));
	atomic_store(&there, 1);
	give_two();
	must(pthread_join(victim, &result));
	if (result != PTHREAD_CANCELED && result != NULL)
		failed = EINVAL;
}

/* It may have ended by itself, and not be joined yet, or be. */
static void
cancel_victim(void)
{
	int error;

	AWAIT(atomic_load(&there));
	error = pthread_cancel(victim);
	must(error == ESRCH ? 0 : error);
}

/* --- Cancellation of a thread in a read that somebody ends --- */

static int	ends[2] = { -1, -1 };

static void *
read_cancelled(void *arg)
{
	char byte;

	if (read(ends[0], &byte, 1) != 1)
		failed = EIO;
	atomic_fetch_add(&got, 1);
	return arg;
}

static void
clear_read(void)
{
	clear_victim();
	if (ends[0] == -1 && pipe(ends) == -1)
		failed = errno;
}

static void
have_reader(void)
{
	void *result;

	must(pthread_create(&victim, NULL, read_cancelled, NULL));
	atomic_store(&there, 1);
	must(pthread_join(victim, &result));
	if (result == PTHREAD_CANCELED)
		atomic_fetch_add(&got, 2);
}

static void
end_read(void)
{
	if (write(ends[1], "x", 1) != 1)
		failed = errno;
}

/* It has the byte and ends by itself, or the byte is still there. */
static const char *
read_or_cancelled(void)
{
	char byte;

	if (atomic_load(&got) != 1 && atomic_load(&got) != 2)
		return "a read that was cancelled has neither ended nor been cancelled";
	if (atomic_load(&got) == 2 && read(ends[0], &byte, 1) != 1)
		return "a read that was cancelled has used up the byte";
	return failed != 0 ? strerror(failed) : NULL;
}

/* --- Read-write lock: two readers, one writer --- */

static pthread_rwlock_t	rw;
static volatile int	left, right;

static void
clear_rw(void)
{
	clear();
	left = right = 0;
	pthread_rwlock_init(&rw, NULL);
}

static void
look(void)
{
	for (int i = 0; i < TURNS; i++) {
		must(pthread_rwlock_rdlock(&rw));
		if (left != right)
			failed = EIO;
		must(pthread_rwlock_unlock(&rw));
	}
}

static void
write_both(void)
{
	for (int i = 0; i < TURNS; i++) {
		must(pthread_rwlock_wrlock(&rw));
		left++;
		right++;
		must(pthread_rwlock_unlock(&rw));
	}
}

static void
write_soon(void)
{
	struct timespec ts = soon();
	int error = pthread_rwlock_clockwrlock(&rw, CLOCK_MONOTONIC, &ts);

	if (error != 0) {
		must(error == ETIMEDOUT ? 0 : error);
		return;
	}
	left++;
	right++;
	atomic_fetch_add(&got, 1);
	must(pthread_rwlock_unlock(&rw));
}

static const char *
rw_left(void)
{
	if (failed == EIO)
		return "a reader saw a writer's work half done";
	if (failed != 0)
		return strerror(failed);
	return pthread_rwlock_destroy(&rw) != 0 ? "in the end somebody has the lock" : NULL;
}

static const char *
written(void)
{
	return right != TURNS + atomic_load(&got) ? "what a writer did was lost" : rw_left();
}

/* --- Barrier: three meet twice; then it is freed --- */

static pthread_barrier_t barrier;

static void
clear_barrier(void)
{
	clear();
	pthread_barrier_init(&barrier, NULL, ACTORS);
}

static void
meet(void)
{
	for (int i = 0; i < 2; i++) {
		int result = pthread_barrier_wait(&barrier);

		if (result == PTHREAD_BARRIER_SERIAL_THREAD)
			atomic_fetch_add(&got, 1);
		else
			must(result);
	}
}

static const char *
met(void)
{
	if (atomic_load(&got) != 2)
		return "not one serial thread a meeting";
	must(pthread_barrier_destroy(&barrier));
	return failed != 0 ? strerror(failed) : NULL;
}

/* --- Semaphore: two posts, one that waits, one with a time-out --- */

static sem_t	sem;

static void
clear_sem(void)
{
	clear();
	sem_init(&sem, 0, 0);
}

static void
sem_one(void)
{
	must(error_of(sem_wait(&sem)));
	atomic_fetch_add(&got, 1);
}

static void
sem_soon(void)
{
	struct timespec ts = soon();
	int error = error_of(sem_clockwait(&sem, CLOCK_MONOTONIC, &ts));

	if (error == 0)
		atomic_fetch_add(&got, 1);
	must(error == ETIMEDOUT ? 0 : error);
}

static void
post_two(void)
{
	must(error_of(sem_post(&sem)));
	must(error_of(sem_post(&sem)));
}

static const char *
units(void)
{
	int value = -1;

	if (failed != 0)
		return strerror(failed);
	if (sem_getvalue(&sem, &value) == -1 || value + atomic_load(&got) != 2)
		return "a unit of the semaphore was lost, or given twice";
	return sem_destroy(&sem) != 0 ? "in the end somebody waits" : NULL;
}

/* --- pthread_once: two at a time --- */

static pthread_once_t	once;

static void
clear_once(void)
{
	clear();
	once = (pthread_once_t)PTHREAD_ONCE_INIT;
}

static void
begin_once(void)
{
	sum++;
	sched_yield();
	atomic_store(&got, 1);
}

static void
do_once(void)
{
	must(pthread_once(&once, begin_once));
	if (!atomic_load(&got))
		failed = EIO;
}

static const char *
done_once(void)
{
	if (failed == EIO)
		return "pthread_once returned before the function";
	return sum != 1 ? "pthread_once: not once" : NULL;
}

const struct scenario pthread_scenarios[] = {
	{ "pt-mutex", clear, { add, add, add }, added },
	{ "pt-mutex-timeout", clear, { add, add_soon, add }, added_or_not },
	{ "pt-mutex-free", clear, { unlock_first, unlock_last }, untouched },
	{ "pt-mutex-protect", clear_protect, { add, add, add }, added },
	{ "pt-mutex-robust", clear_robust, { owner_ends, inherit, inherit }, told_once },
	{ "pt-cond", clear, { take_one, give_two, take_soon }, tickets_taken },
	{ "pt-cond-broadcast", clear, { take_one, give_all, take_one }, tickets_taken },
	{ "pt-cond-cancel", clear_victim, { have_victim, cancel_victim, take_one }, tickets_taken },
	{ "pt-cancel", clear_read, { have_reader, cancel_victim, end_read }, read_or_cancelled },
	{ "pt-rwlock", clear_rw, { look, write_both, look }, written },
	{ "pt-rwlock-timeout", clear_rw, { look, write_both, write_soon }, written },
	{ "pt-barrier", clear_barrier, { meet, meet, meet }, met },
	{ "pt-sem", clear_sem, { sem_one, post_two, sem_soon }, units },
	{ "pt-once", clear_once, { do_once, do_once, do_once }, done_once },
	{ NULL, NULL, { NULL }, NULL },
};
