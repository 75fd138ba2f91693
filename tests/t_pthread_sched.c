/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: scheduling parameters, CPUs, clocks of CPU time, suspension.
 */
#include "test_pthread.h"

static pthread_mutex_t	m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	c = PTHREAD_COND_INITIALIZER;
static atomic_int	stop, id, laps;

static void *
run(void *arg)
{
	atomic_store(&id, _lwp_self());
	while (!atomic_load(&stop)) {
		atomic_fetch_add(&laps, 1);
		sched_yield();
	}
	return arg;
}

static pthread_t
begin_run(void)
{
	pthread_t t;

	atomic_store(&stop, 0);
	atomic_store(&id, 0);
	t = begin(run, NULL);
	AWAIT(atomic_load(&id) != 0);
	return t;
}

static void *
wait_long(void *arg)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, 1000 * NSEC);
	int error = 0;

	pthread_mutex_lock(&m);
	atomic_store(&id, _lwp_self());
	while (!atomic_load(&stop) && error == 0)
		error = pthread_cond_timedwait(&c, &m, &ts);
	pthread_mutex_unlock(&m);
	(void)arg;
	return (void *)(intptr_t)error;
}

static intptr_t
let_go(pthread_t t)
{
	pthread_mutex_lock(&m);
	atomic_store(&stop, 1);
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	return end_int(t);
}

static void
test_sched(void)
{
	struct sched_param sp = { 7 };
	pthread_attr_t attr;
	cpuset_t *set = cpuset_create(), *got = cpuset_create();
	int policy, last = heddle_ncpu() - 1;
	clockid_t clock;
	pthread_t t;

	atomic_store(&stop, 0);
	t = begin(wait_long, NULL);
	tap_ok(pthread_getschedparam(t, &policy, &sp) == 0 && policy == SCHED_OTHER, "pthread_getschedparam.3 0");
	sp.sched_priority = 7;
	tap_is_int(pthread_setschedparam(t, SCHED_RR, &sp), 0, "pthread_setschedparam.3 0");
	tap_is_int(pthread_setschedprio(t, 9), 0, "pthread_setschedprio.3 0");
	tap_ok(pthread_getschedparam(t, &policy, &sp) == 0 && policy == SCHED_RR && sp.sched_priority == 9,
	    "pthread_setschedparam.1 pthread_setschedprio.1 pthread_getschedparam.1 are in force");
	sp.sched_priority = SCHED_PRI_MAX + 1;
	tap_is_int(pthread_setschedparam(t, SCHED_RR, &sp), EINVAL,
	    "pthread_setschedparam.3 a priority there is not: EINVAL");
	tap_is_int(pthread_setschedparam(t, 12, &sp), EINVAL, "pthread_setschedparam.3 a policy there is not: EINVAL");
	sp.sched_priority = 0;
	pthread_setschedparam(t, SCHED_OTHER, &sp);
	cpuset_set((cpuid_t)last, set);
	tap_is_int(pthread_setaffinity_np(t, cpuset_size(set), set), 0, "pthread_setaffinity_np");
	tap_ok(pthread_getaffinity_np(t, cpuset_size(got), got) == 0 && memcmp(set, got, cpuset_size(set)) == 0,
	    "pthread_getaffinity_np");
	cpuset_zero(set);
	tap_is_int(pthread_setaffinity_np(t, cpuset_size(set), set), EINVAL, "on no CPU: EINVAL");
	let_go(t);
	tap_is_int(pthread_setschedprio(t, 9), ESRCH, "of one that is gone: ESRCH");
	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	sp.sched_priority = 3;
	pthread_attr_setschedparam(&attr, &sp);
	atomic_store(&stop, 0);
	tap_is_int(pthread_create(&t, &attr, wait_long, NULL), 0, "a thread with scheduling attributes of its own");
	tap_ok(pthread_getschedparam(t, &policy, &sp) == 0 && policy == SCHED_FIFO && sp.sched_priority == 3,
	    "pthread_attr_setschedparam.1 pthread_attr_setschedpolicy.1 has them");
	let_go(t);
	tap_ok(pthread_setconcurrency(3) == 0 && pthread_getconcurrency() == 3, "pthread_setconcurrency is remembered");
	tap_is_int(pthread_setconcurrency(-1), EINVAL, "pthread_setconcurrency: EINVAL");
	tap_is_int(pthread_getcpuclockid(t, &clock), ESRCH, "pthread_getcpuclockid.3 of one that is gone: ESRCH");
	cpuset_destroy(set);
	cpuset_destroy(got);
}

static int64_t
read_ns(clockid_t clock)
{
	struct timespec ts = { 0, 0 };

	if (clock_gettime(clock, &ts) != 0)
		tap_fail("clock_gettime(%#x): %s", (unsigned)clock, strerror(errno));
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

static void
test_clocks(void)
{
	pthread_t t = begin_run();
	int64_t theirs, ours, all;
	struct timespec ts;
	clockid_t cpu;

	tap_is_int(pthread_getcpuclockid(t, &cpu), 0, "pthread_getcpuclockid.2 0");
	theirs = read_ns(cpu);
	while (read_ns(cpu) == theirs)
		sched_yield();
	tap_pass("pthread_getcpuclockid.1 pthread_create.11 the clock of a thread that runs goes on");
	pthread_suspend_np(t);
	/* It may still be in the kernel, on its way off the CPU. */
	lwp_await(atomic_load(&id), LSSUSPENDED, NULL);
	theirs = read_ns(cpu);
	ours = read_ns(CLOCK_THREAD_CPUTIME_ID);
	all = read_ns(CLOCK_PROCESS_CPUTIME_ID);
	spin(5000);
	tap_is_int(read_ns(cpu), theirs, "that of one that is suspended stands still");
	tap_ok(read_ns(CLOCK_THREAD_CPUTIME_ID) > ours, "our own goes on");
	tap_ok(all >= ours + theirs && read_ns(CLOCK_PROCESS_CPUTIME_ID) > all, "that of the process has both");
	pthread_resume_np(t);
	atomic_store(&stop, 1);
	end(t);
	tap_is_errno(clock_gettime(cpu, &ts), ESRCH, "the clock of one that is gone: ESRCH");
	tap_ok(clock() > 0, "clock()");
	tap_ok(clock_getcpuclockid(0, &cpu) == 0 && cpu == CLOCK_PROCESS_CPUTIME_ID, "clock_getcpuclockid");
	tap_is_int(clock_getcpuclockid(32000, &cpu), ESRCH, "clock_getcpuclockid of no process: ESRCH");
	tap_ok(sysconf(_SC_THREADS) > 0 && sysconf(_SC_THREAD_KEYS_MAX) == PTHREAD_KEYS_MAX, "sysconf of threads");
	errno = 0;
	tap_ok(sysconf(_SC_THREAD_PRIO_INHERIT) == -1 && errno == 0, "sysconf of what is not there: -1, no error");
	tap_is_errno(sysconf(9999), EINVAL, "sysconf: EINVAL");
}

static void
test_suspend(void)
{
	pthread_t t = begin_run();
	int before;

	tap_is_int(pthread_suspend_np(t), 0, "pthread_suspend_np");
	before = atomic_load(&laps);
	spin(20000);
	tap_is_int(atomic_load(&laps), before, "it does not run");
	tap_is_int(pthread_resume_np(t), 0, "pthread_resume_np");
	AWAIT(atomic_load(&laps) != before);
	tap_pass("it runs");
	tap_is_int(pthread_suspend_np(pthread_self()), EDEADLK, "pthread_suspend_np of the caller: EDEADLK");
	atomic_store(&stop, 1);
	end(t);
	tap_is_int(pthread_suspend_np(t), ESRCH, "of one that is gone: ESRCH");
}

int
main(void)
{
	test_sched();
	test_clocks();
	test_suspend();
	return tap_done();
}
