/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: read-write locks.
 */
#include <signal.h>

#include "test_pthread.h"

#define TURNS	600

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

	tap_is_int(pthread_rwlock_rdlock(&rw), 0, "pthread_rwlock_rdlock.6 0");
	tap_is_int(pthread_rwlock_tryrdlock(&rw), 0,
	    "pthread_rwlock_tryrdlock.2 pthread_rwlock_rdlock.5 a reader locks again");
	tap_is_int(elsewhere(pthread_rwlock_trywrlock), EBUSY, "pthread_rwlock_trywrlock.3 with readers: EBUSY");
	tap_is_int(elsewhere(timed_write), ETIMEDOUT, "pthread_rwlock_timedwrlock.7 ETIMEDOUT");
	tap_is_int(elsewhere(pthread_rwlock_tryrdlock), 0,
	    "pthread_rwlock_tryrdlock.1 another reader: which ends with it, and so keeps it");
	tap_is_int(pthread_rwlock_destroy(&rw), EBUSY, "pthread_rwlock_destroy.3 EBUSY");
	for (int i = 0; i < 3; i++)
		pthread_rwlock_unlock(&rw);
	tap_is_int(pthread_rwlock_unlock(&rw), EPERM, "pthread_rwlock_unlock.4 of a free one: EPERM");
	tap_is_int(pthread_rwlock_wrlock(&rw), 0,
	    "pthread_rwlock_wrlock.3 pthread_rwlock_unlock.1 0 when all readers have left");
	tap_is_int(pthread_rwlock_wrlock(&rw), EDEADLK, "pthread_rwlock_wrlock.3 again: EDEADLK");
	tap_is_int(pthread_rwlock_rdlock(&rw), EDEADLK, "pthread_rwlock_rdlock.6 by the writer: EDEADLK");
	tap_is_int(elsewhere(pthread_rwlock_tryrdlock), EBUSY, "pthread_rwlock_tryrdlock.3 with a writer: EBUSY");
	tap_is_int(elsewhere(timed_read), ETIMEDOUT, "pthread_rwlock_timedrdlock.7 ETIMEDOUT");
	tap_is_int(elsewhere(pthread_rwlock_unlock), EPERM, "pthread_rwlock_unlock.4 by another: EPERM");
	tap_is_int(pthread_rwlock_timedwrlock(&rw, &bad), EINVAL,
	    "pthread_rwlock_timedwrlock.2 no point of time: EINVAL");
	tap_is_int(pthread_rwlock_unlock(&rw), 0, "pthread_rwlock_unlock.2 a write lock: 0");
	tap_is_int(pthread_rwlock_destroy(&rw), 0, "pthread_rwlock_destroy.2 0");
	tap_is_int(pthread_rwlock_rdlock(&rw), EINVAL, "pthread_rwlock_rdlock.6 of a destroyed one: EINVAL");
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
	tap_is_int(elsewhere(pthread_rwlock_tryrdlock), EBUSY, "pthread_rwlock_rdlock.1 others do not");
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
	tap_is_int(atomic_load(&torn), 0, "pthread_rwlock_wrlock.1 readers never see a writer's half-done work");
	tap_is_int(cells[0], n, "nor writers each other's");
	tap_is_int(pthread_rwlock_destroy(&rw), 0, "in the end nobody has it");
}

static atomic_int	handled;

static void
handler(int signo)
{
	(void)signo;
	atomic_fetch_add(&handled, 1);
}

static int
long_read(pthread_rwlock_t *lock)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, 1000 * NSEC);

	return pthread_rwlock_timedrdlock(lock, &ts);
}

static int
long_write(pthread_rwlock_t *lock)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, 1000 * NSEC);

	return pthread_rwlock_timedwrlock(lock, &ts);
}

static void *
interrupted(void *arg)
{
	int error;

	atomic_store(&waiting, _lwp_self());
	error = ((int (*)(pthread_rwlock_t *))arg)(&rw);
	if (error == 0)
		pthread_rwlock_unlock(&rw);
	return (void *)(intptr_t)error;
}

/* With handlers that run while it waits. */
static int
lock_interrupted(int (*fn)(pthread_rwlock_t *))
{
	pthread_t t;

	pthread_rwlock_wrlock(&rw);
	atomic_store(&waiting, 0);
	atomic_store(&handled, 0);
	t = begin(interrupted, (void *)(uintptr_t)fn);
	AWAIT(atomic_load(&waiting) != 0);
	for (int i = 1; i <= 3; i++) {
		lwp_await_parked(atomic_load(&waiting));
		pthread_kill(t, SIGUSR1);
		AWAIT(atomic_load(&handled) == i);
	}
	lwp_await_parked(atomic_load(&waiting));
	pthread_rwlock_unlock(&rw);
	return (int)end_int(t);
}

static void
test_signals(void)
{
	signal(SIGUSR1, handler);
	pthread_rwlock_init(&rw, NULL);
	tap_is_int(lock_interrupted(pthread_rwlock_rdlock), 0, "pthread_rwlock_rdlock.4 after handlers it waits on");
	tap_is_int(lock_interrupted(pthread_rwlock_wrlock), 0, "pthread_rwlock_wrlock.2 after handlers it waits on");
	tap_is_int(lock_interrupted(long_read), 0, "pthread_rwlock_timedrdlock.6 after handlers it waits on");
	tap_is_int(lock_interrupted(long_write), 0, "pthread_rwlock_timedwrlock.6 after handlers it waits on");
}

static int
past_read(pthread_rwlock_t *lock)
{
	struct timespec past = { 1, 0 };

	return pthread_rwlock_timedrdlock(lock, &past);
}

static void
test_init(void)
{
	struct timespec past = { 1, 0 }, bad = { 0, -1 };
	pthread_rwlockattr_t attr;
	pthread_rwlock_t lock;
	int64_t before;

	pthread_rwlockattr_init(&attr);
	tap_is_int(pthread_rwlock_init(&lock, &attr), 0, "pthread_rwlock_init.4 0");
	tap_is_int(pthread_rwlock_trywrlock(&lock), 0, "pthread_rwlock_init.1 pthread_rwlock_trywrlock.2 it is free");
	tap_is_int(pthread_rwlock_trywrlock(&lock), EBUSY, "pthread_rwlock_trywrlock.1 then it is not");
	pthread_rwlock_unlock(&lock);
	tap_ok(pthread_rwlock_timedrdlock(&lock, &past) == 0 && pthread_rwlock_unlock(&lock) == 0,
	    "pthread_rwlock_timedrdlock.5 pthread_rwlock_init.3 a time that is not needed may be past");
	tap_ok(pthread_rwlock_timedwrlock(&lock, &bad) == 0 && pthread_rwlock_unlock(&lock) == 0,
	    "pthread_rwlock_timedwrlock.5 or none");
	tap_ok(pthread_rwlock_destroy(&lock) == 0 && pthread_rwlock_tryrdlock(&lock) == EINVAL,
	    "pthread_rwlock_destroy.1 a destroyed one is invalid");
	tap_is_int(pthread_rwlock_init(&lock, NULL), 0, "pthread_rwlock_init.2 without attributes");
	pthread_rwlock_destroy(&lock);
	pthread_rwlockattr_destroy(&attr);
	tap_is_int(pthread_rwlock_init(&lock, &attr), EINVAL, "pthread_rwlock_init.6 destroyed attributes: EINVAL");
	pthread_rwlock_rdlock(&rw);
	before = now_ns();
	tap_is_int(elsewhere(timed_write), ETIMEDOUT, "pthread_rwlock_timedwrlock.1 it waits");
	tap_ok(now_ns() - before >= 2 * MSEC, "pthread_rwlock_timedwrlock.3 in real time, and so long");
	pthread_rwlock_unlock(&rw);
	pthread_rwlock_wrlock(&rw);
	before = now_ns();
	tap_is_int(elsewhere(timed_read), ETIMEDOUT, "pthread_rwlock_timedrdlock.1 it waits");
	tap_ok(now_ns() - before >= 2 * MSEC, "pthread_rwlock_timedrdlock.3 in real time, and so long");
	tap_is_int(elsewhere(past_read), ETIMEDOUT, "pthread_rwlock_timedrdlock.2 a time that is past: at once");
	pthread_rwlock_unlock(&rw);
}

int
main(void)
{
	test_rwlock();
	test_order();
	test_rw_storm();
	test_signals();
	test_init();
	return tap_done();
}
