/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX threads: read-write locks, barriers, semaphores.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>

#include "test_pthread.h"

#define TURNS	600
#define MANY	100

static pthread_rwlock_t	rw = PTHREAD_RWLOCK_INITIALIZER;

static void *
call(void *arg)
{
	return (void *)(intptr_t)((int (*)(pthread_rwlock_t *))arg)(&rw);
}

static int
elsewhere(int (*fn)(pthread_rwlock_t *))
{
	return (int)end_int(begin(call, (void *)(uintptr_t)fn));
}

static int
timed(pthread_rwlock_t *lock, bool write)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, 2 * MSEC);

	return write ? pthread_rwlock_timedwrlock(lock, &ts) : pthread_rwlock_timedrdlock(lock, &ts);
}

static int
timed_read(pthread_rwlock_t *lock)
{
	return timed(lock, false);
}

static int
timed_write(pthread_rwlock_t *lock)
{
	return timed(lock, true);
}

static void
test_rwlock(void)
{
	struct timespec bad = { 0, -1 };

	tap_is_int(pthread_rwlock_rdlock(&rw), 0, "pthread_rwlock_rdlock");
	tap_is_int(pthread_rwlock_tryrdlock(&rw), 0, "a reader locks again");
	tap_is_int(elsewhere(pthread_rwlock_trywrlock), EBUSY, "pthread_rwlock_trywrlock with readers: EBUSY");
	tap_is_int(elsewhere(timed_write), ETIMEDOUT, "pthread_rwlock_timedwrlock: ETIMEDOUT");
	tap_is_int(elsewhere(pthread_rwlock_tryrdlock), 0, "another reader: which ends with it, and so keeps it");
	tap_is_int(pthread_rwlock_destroy(&rw), EBUSY, "pthread_rwlock_destroy: EBUSY");
	for (int i = 0; i < 3; i++)
		pthread_rwlock_unlock(&rw);
	tap_is_int(pthread_rwlock_unlock(&rw), EPERM, "pthread_rwlock_unlock of a free one: EPERM");
	tap_is_int(pthread_rwlock_wrlock(&rw), 0, "pthread_rwlock_wrlock");
	tap_is_int(pthread_rwlock_wrlock(&rw), EDEADLK, "again: EDEADLK");
	tap_is_int(pthread_rwlock_rdlock(&rw), EDEADLK, "pthread_rwlock_rdlock by the writer: EDEADLK");
	tap_is_int(elsewhere(pthread_rwlock_tryrdlock), EBUSY, "pthread_rwlock_tryrdlock with a writer: EBUSY");
	tap_is_int(elsewhere(timed_read), ETIMEDOUT, "pthread_rwlock_timedrdlock: ETIMEDOUT");
	tap_is_int(elsewhere(pthread_rwlock_unlock), EPERM, "unlock by another: EPERM");
	tap_is_int(pthread_rwlock_timedwrlock(&rw, &bad), EINVAL, "no point of time: EINVAL");
	tap_is_int(pthread_rwlock_unlock(&rw), 0, "pthread_rwlock_unlock");
	tap_is_int(pthread_rwlock_destroy(&rw), 0, "pthread_rwlock_destroy");
	tap_is_int(pthread_rwlock_rdlock(&rw), EINVAL, "pthread_rwlock_rdlock of that: EINVAL");
	pthread_rwlock_init(&rw, NULL);
}

static atomic_int	order, writer_at, reader_at, waiting;

static void *
queue_writer(void *arg)
{
	atomic_store(&waiting, _lwp_self());
	pthread_rwlock_wrlock(&rw);
	atomic_store(&writer_at, atomic_fetch_add(&order, 1) + 1);
	pthread_rwlock_unlock(&rw);
	return arg;
}

static void *
queue_reader(void *arg)
{
	atomic_store(&waiting, _lwp_self());
	pthread_rwlock_rdlock(&rw);
	atomic_store(&reader_at, atomic_fetch_add(&order, 1) + 1);
	pthread_rwlock_unlock(&rw);
	return arg;
}

static void *
queue_timed_writer(void *arg)
{
	atomic_store(&waiting, _lwp_self());
	return (void *)(intptr_t)(arg == NULL ? timed_write(&rw) : -1);
}

static pthread_t
queue(void *(*fn)(void *))
{
	struct kinfo_lwp kl;
	pthread_t t;

	atomic_store(&waiting, 0);
	t = begin(fn, NULL);
	AWAIT(atomic_load(&waiting) != 0);
	/* One with a deadline may be through already. */
	while (!is_parked(atomic_load(&waiting)) && lwp_info(atomic_load(&waiting), &kl) == 0 &&
	    kl.l_stat != LSZOMB)
		sched_yield();
	return t;
}

static void
test_order(void)
{
	pthread_t w, r;

	pthread_rwlock_rdlock(&rw);
	w = queue(queue_writer);
	r = queue(queue_reader);
	tap_is_int(pthread_rwlock_rdlock(&rw), 0, "who reads already goes past a writer that waits");
	tap_is_int(elsewhere(pthread_rwlock_tryrdlock), EBUSY, "others do not");
	pthread_rwlock_unlock(&rw);
	pthread_rwlock_unlock(&rw);
	end(w);
	end(r);
	tap_ok(writer_at == 1 && reader_at == 2, "first come, first served");
	atomic_store(&order, 0);
	pthread_rwlock_rdlock(&rw);
	w = queue(queue_timed_writer);
	r = begin(queue_reader, NULL);
	end(r);
	tap_is_int(end_int(w), ETIMEDOUT, "a writer that gives up lets in the readers behind it");
	pthread_rwlock_unlock(&rw);
}

static long		cells[8];
static atomic_int	torn;

static void *
read_cells(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		if (i % 7 == 0 ? timed_read(&rw) != 0 : pthread_rwlock_rdlock(&rw) != 0)
			continue;
		for (int k = 1; k < 8; k++)
			atomic_fetch_add(&torn, cells[k] != cells[0]);
		pthread_rwlock_unlock(&rw);
	}
	return arg;
}

static void *
write_cells(void *arg)
{
	intptr_t n = 0;

	for (int i = 0; i < TURNS; i++) {
		if (i % 5 == 0 ? timed_write(&rw) != 0 : pthread_rwlock_wrlock(&rw) != 0)
			continue;
		n++;
		for (int k = 0; k < 8; k++) {
			cells[k]++;
			if (k == 4 && i % 16 == 0)
				sched_yield();
		}
		pthread_rwlock_unlock(&rw);
	}
	(void)arg;
	return (void *)n;
}

static void
test_rw_storm(void)
{
	pthread_t t[6];
	long n = 0;

	for (int i = 0; i < 6; i++)
		t[i] = begin(i < 2 ? write_cells : read_cells, NULL);
	for (int i = 0; i < 6; i++)
		n += end_int(t[i]);
	tap_is_int(atomic_load(&torn), 0, "readers never see a writer's half-done work");
	tap_is_int(cells[0], n, "nor writers each other's");
	tap_is_int(pthread_rwlock_destroy(&rw), 0, "in the end nobody has it");
}

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

	tap_is_int(pthread_barrier_init(&barrier, NULL, 0), EINVAL, "pthread_barrier_init for nobody: EINVAL");
	tap_is_int(pthread_barrier_init(&barrier, NULL, MANY), 0, "pthread_barrier_init");
	for (int i = 0; i < MANY; i++)
		t[i] = begin(meet, NULL);
	for (int i = 0; i < MANY; i++)
		end(t[i]);
	tap_is_int(atomic_load(&ahead), 0, "nobody is through before all %d are there, 20 times", MANY);
	tap_is_int(atomic_load(&serial), 20, "one a round is the serial thread");
	tap_is_int(pthread_barrier_destroy(&barrier), 0, "pthread_barrier_destroy");
	tap_is_int(pthread_barrier_wait(&barrier), EINVAL, "pthread_barrier_wait at that: EINVAL");
	pthread_barrier_init(&barrier, NULL, 2);
	t[0] = queue(wait_once);
	tap_is_int(pthread_barrier_destroy(&barrier), EBUSY, "pthread_barrier_destroy with one that waits: EBUSY");
	pthread_barrier_wait(&barrier);
	tap_is_int(pthread_barrier_destroy(&barrier), 0, "right after the wait it waits until all are out");
	end(t[0]);
}

static sem_t		sem, other;

static void *
take_and_give(void *arg)
{
	intptr_t got = 0;

	for (int i = 0; i < TURNS; i++) {
		struct timespec ts = clock_in(CLOCK_REALTIME, 30 * USEC);

		if (i % 4 == 0 ? sem_timedwait(&sem, &ts) != 0 : sem_wait(&sem) != 0)
			continue;
		if (atomic_fetch_add(&order, 1) >= 2)
			atomic_fetch_add(&torn, 1);
		got++;
		atomic_fetch_sub(&order, 1);
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

	tap_is_errno(sem_init(&sem, 1, 0), ENOSYS, "sem_init, shared: ENOSYS");
	tap_is_errno(sem_init(&sem, 0, SEM_VALUE_MAX + 1U), EINVAL, "sem_init, value too large: EINVAL");
	tap_is_int(sem_init(&sem, 0, 1), 0, "sem_init");
	tap_is_int(sem_wait(&sem), 0, "sem_wait");
	tap_is_errno(sem_trywait(&sem), EAGAIN, "sem_trywait: EAGAIN");
	tap_is_errno(sem_timedwait(&sem, &ts), ETIMEDOUT, "sem_timedwait: ETIMEDOUT");
	tap_is_errno(sem_timedwait(&sem, &bad), EINVAL, "no point of time: EINVAL");
	tap_ok(sem_post(&sem) == 0 && sem_post(&sem) == 0 && sem_getvalue(&sem, &v) == 0 && v == 2,
	    "sem_post, sem_getvalue");
	atomic_store(&order, 0);
	atomic_store(&torn, 0);
	for (int i = 0; i < 5; i++)
		t[i] = begin(take_and_give, NULL);
	for (int i = 0; i < 5; i++)
		end(t[i]);
	tap_is_int(atomic_load(&torn), 0, "of five threads never more than two have one");
	tap_ok(sem_getvalue(&sem, &v) == 0 && v == 2, "and both are there in the end");
	tap_is_int(sem_destroy(&sem), 0, "sem_destroy");
	tap_is_errno(sem_post(&sem), EINVAL, "sem_post of that: EINVAL");
	sem_init(&other, 0, SEM_VALUE_MAX);
	tap_is_errno(sem_post(&other), EOVERFLOW, "sem_post too often: EOVERFLOW");
	sem_init(&other, 0, 0);
	signal(SIGUSR1, post_other);
	atomic_store(&waiting, 0);
	t[0] = begin(wait_other, &other);
	AWAIT(atomic_load(&waiting) != 0);
	lwp_await_parked(atomic_load(&waiting));
	tap_ok(sem_getvalue(&other, &v) == 0 && v == 0, "sem_getvalue with a waiter: 0");
	tap_is_errno(sem_destroy(&other), EBUSY, "sem_destroy with a waiter: EBUSY");
	pthread_kill(t[0], SIGUSR1);
	tap_is_int(end_int(t[0]), 1, "sem_post by a signal handler that runs in the waiter itself");
}

int
main(void)
{
	test_rwlock();
	test_order();
	test_rw_storm();
	test_barrier();
	test_sem();
	return tap_done();
}
