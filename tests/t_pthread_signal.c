/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX threads: signals, scheduling, CPUs, suspension, fork.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#include "test_pthread.h"

static pthread_mutex_t	m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	c = PTHREAD_COND_INITIALIZER;
static atomic_int	stop, id, handled, handler_id, laps;

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

static void
handler(int signo)
{
	atomic_store(&handler_id, _lwp_self());
	atomic_store(&handled, signo);
}

static void *
wait_signal(void *arg)
{
	int signo = 0;

	atomic_store(&id, _lwp_self());
	return (void *)(intptr_t)(sigwait(arg, &signo) == 0 ? signo : -1);
}

static void
test_signals(void)
{
	sigset_t set, old;
	pthread_t t;

	signal(SIGUSR1, handler);
	t = begin_run();
	tap_is_int(pthread_kill(t, 0), 0, "pthread_kill with 0 asks whether it is there");
	tap_is_int(pthread_kill(t, NSIG), EINVAL, "pthread_kill: EINVAL");
	tap_is_int(pthread_kill(t, SIGUSR1), 0, "pthread_kill");
	AWAIT(atomic_load(&handled) == SIGUSR1);
	tap_is_int(atomic_load(&handler_id), atomic_load(&id), "the handler runs in that thread");
	atomic_store(&stop, 1);
	end(t);
	atomic_store(&handled, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	tap_is_int(pthread_sigmask(SIG_BLOCK, &set, &old), 0, "pthread_sigmask");
	tap_is_int(pthread_sigmask(99, &set, NULL), EINVAL, "pthread_sigmask: EINVAL");
	pthread_kill(pthread_self(), SIGUSR1);
	tap_ok(atomic_load(&handled) == 0 && sigpending(&old) == 0 && sigismember(&old, SIGUSR1),
	    "a blocked one waits");
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	tap_is_int(atomic_load(&handled), SIGUSR1, "until it is not blocked any more");
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	t = begin(wait_signal, &set);
	kill(getpid(), SIGUSR1);
	tap_is_int(end_int(t), SIGUSR1, "sigwait takes a signal of the process; the mask is inherited");
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void
interrupt(int signo)
{
	atomic_fetch_add(&handled, signo != 0);
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
test_interrupted(void)
{
	pthread_t t;

	signal(SIGUSR2, interrupt);
	atomic_store(&stop, 0);
	atomic_store(&id, 0);
	atomic_store(&handled, 0);
	t = begin(wait_long, NULL);
	AWAIT(atomic_load(&id) != 0);
	for (int i = 1; i <= 10; i++) {
		lwp_await_parked(atomic_load(&id));
		pthread_kill(t, SIGUSR2);
		AWAIT(atomic_load(&handled) == i);
		/* A token that somebody left. */
		_lwp_unpark(atomic_load(&id), NULL);
	}
	tap_is_int(let_go(t), 0, "handlers and stray unparks do not end pthread_cond_timedwait: never EINTR");
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
	tap_ok(pthread_getschedparam(t, &policy, &sp) == 0 && policy == SCHED_OTHER, "pthread_getschedparam");
	sp.sched_priority = 7;
	tap_is_int(pthread_setschedparam(t, SCHED_RR, &sp), 0, "pthread_setschedparam");
	tap_is_int(pthread_setschedprio(t, 9), 0, "pthread_setschedprio");
	tap_ok(pthread_getschedparam(t, &policy, &sp) == 0 && policy == SCHED_RR && sp.sched_priority == 9,
	    "are in force");
	sp.sched_priority = SCHED_PRI_MAX + 1;
	tap_is_int(pthread_setschedparam(t, SCHED_RR, &sp), EINVAL, "a priority there is not: EINVAL");
	tap_is_int(pthread_setschedparam(t, 12, &sp), EINVAL, "a policy there is not: EINVAL");
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
	    "has them");
	let_go(t);
	tap_ok(pthread_setconcurrency(3) == 0 && pthread_getconcurrency() == 3, "pthread_setconcurrency is remembered");
	tap_is_int(pthread_setconcurrency(-1), EINVAL, "pthread_setconcurrency: EINVAL");
	tap_is_int(pthread_getcpuclockid(t, &clock), ESRCH, "pthread_getcpuclockid of one that is gone: ESRCH");
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

	tap_is_int(pthread_getcpuclockid(t, &cpu), 0, "pthread_getcpuclockid");
	theirs = read_ns(cpu);
	while (read_ns(cpu) == theirs)
		sched_yield();
	tap_pass("the clock of a thread that runs goes on");
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

static int	calls;

static void
first_prepare(void)
{
	calls = calls * 10 + 1;
}

static void
second_prepare(void)
{
	calls = calls * 10 + 2;
	pthread_mutex_lock(&m);
}

static void
first_after(void)
{
	calls = calls * 10 + 3;
}

static void
second_after(void)
{
	calls = calls * 10 + 4;
	pthread_mutex_unlock(&m);
}

static void *
work(void *arg)
{
	for (int i = 0; !atomic_load(&stop); i++) {
		pthread_mutex_lock(&m);
		free(malloc((size_t)i % 500));
		atomic_fetch_add(&laps, 1);
		pthread_mutex_unlock(&m);
	}
	return arg;
}

static void *
lock_once(void *arg)
{
	pthread_mutex_lock(&m);
	calls++;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	return arg;
}

/* The child's library works: threads, mutexes that others waited for, malloc, stdio. */
static void
use_threads(void *arg)
{
	int before = calls;
	pthread_t t;

	if (before != 2134 || pthread_self() != *(pthread_t *)arg)
		_exit(1);
	pthread_mutex_lock(&m);
	t = begin(lock_once, arg);
	while (calls == before)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	if (end(t) != arg)
		_exit(2);
	free(malloc(300));
	pthread_exit(NULL);
}

static void
test_fork(void)
{
	pthread_t t[3], self = pthread_self();
	int wrong = 0, status;

	pthread_atfork(first_prepare, first_after, first_after);
	pthread_atfork(second_prepare, second_after, second_after);
	atomic_store(&stop, 0);
	for (int i = 0; i < 3; i++)
		t[i] = begin(work, NULL);
	for (int i = 0; i < 12; i++) {
		pthread_mutex_lock(&m);
		calls = 0;
		pthread_mutex_unlock(&m);
		status = in_child(use_threads, &self);
		if (status != 0)
			tap_diag("round %d: status %#x", i, status);
		wrong += status != 0 || calls != 2134;
	}
	atomic_store(&stop, 1);
	for (int i = 0; i < 3; i++)
		end(t[i]);
	tap_is_int(wrong, 0, "fork while others work: handlers run in order, and the child can use all of the library");
}

int
main(void)
{
	test_signals();
	test_interrupted();
	test_sched();
	test_clocks();
	test_suspend();
	test_fork();
	return tap_done();
}
