/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs for NetBSD compile as they are: its headers, names, and ways of calling.  But for
 * the results, which are TAP, nothing here is Heddle's own.
 */
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/lwpctl.h>
#include <sys/time.h>

#include <err.h>
#include <errno.h>
#include <lwp.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <heddle/tap.h>

#define STACK	(64 * 1024)

/* An LWP of one's own: <lwp.h>. */

static volatile lwpid_t	the_lwp;

static void
lwp_main(void *arg __unused)
{
	the_lwp = _lwp_self();
	_lwp_exit();
}

static void
lwps(void)
{
	struct timespec ts = { .tv_sec = 0, .tv_nsec = 100000 };
	struct lwpctl *lc = NULL;
	lwpid_t lid, waited = 0;
	char name[16] = "";
	ucontext_t uc;

	_lwp_makecontext(&uc, lwp_main, NULL, NULL, malloc(STACK), STACK);
	if (_lwp_create(&uc, LWP_SUSPENDED, &lid) != 0)
		err(EXIT_FAILURE, "_lwp_create");
	tap_is_int(the_lwp, 0, "an LWP that is created suspended does not run");
	tap_ok(_lwp_continue(lid) == 0 && _lwp_wait(lid, &waited) == 0 && waited == lid && the_lwp == lid,
	    "it runs, and can be waited for");
	tap_ok(_lwp_ctl(LWPCTL_FEATURE_CURCPU, &lc) == 0 && lc->lc_curcpu >= 0, "_lwp_ctl tells the CPU");
	tap_is_errno(_lwp_park(CLOCK_REALTIME, 0, &ts, 0, NULL, NULL), ETIMEDOUT, "_lwp_park with six arguments");
	tap_is_int(_lwp_unpark(_lwp_self(), NULL), 0, "_lwp_unpark");
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, NULL, 0, NULL, NULL), EALREADY,
	    "before the park: EALREADY");
	tap_ok(_lwp_setname(_lwp_self(), "loom") == 0 && _lwp_getname(_lwp_self(), name, sizeof(name)) == 0 &&
	    strcmp(name, "loom") == 0, "_lwp_setname, _lwp_getname");
}

/* Threads with NetBSD's additions: <pthread.h>. */

static pthread_barrier_t barrier;
static volatile int	count;

static void *
worker(void *arg)
{
	pthread_barrier_wait(&barrier);
	for (;;) {
		count++;
		pthread_testcancel();
		sched_yield();
	}
	/* NOTREACHED */
	return arg;
}

static void
threads(void)
{
	struct timespec ts = { .tv_sec = 0, .tv_nsec = 1000000 }, rem;
	char name[PTHREAD_MAX_NAMELEN_NP];
	void *result = NULL;
	pthread_t t;
	int seen;

	pthread_barrier_init(&barrier, NULL, 2);
	if ((errno = pthread_create(&t, NULL, worker, NULL)) != 0)
		err(EXIT_FAILURE, "pthread_create");
	tap_ok(pthread_setname_np(t, "worker %d", (void *)(intptr_t)7) == 0 &&
	    pthread_getname_np(t, name, sizeof(name)) == 0 && strcmp(name, "worker 7") == 0, "a name is a format");
	pthread_barrier_wait(&barrier);
	tap_is_int(pthread_suspend_np(t), 0, "pthread_suspend_np");
	seen = count;
	nanosleep(&ts, &rem);
	tap_is_int(count, seen, "it is suspended");
	tap_is_int(pthread_resume_np(t), 0, "pthread_resume_np");
	pthread_cancel(t);
	tap_ok(pthread_join(t, &result) == 0 && result == PTHREAD_CANCELED, "it can be cancelled");
}

static void
affinity(void)
{
	cpuset_t *set = cpuset_create();

	if (set == NULL)
		err(EXIT_FAILURE, "cpuset_create");
	cpuset_zero(set);
	cpuset_set(0, set);
	tap_is_int(pthread_setaffinity_np(pthread_self(), cpuset_size(set), set), 0, "pthread_setaffinity_np");
	tap_is_int((int)pthread_curcpu_np(), 0, "pthread_curcpu_np");
	cpuset_destroy(set);
}

/* Signals: <signal.h>. */

static volatile sig_atomic_t got;

static void
catch(int signo __unused, siginfo_t *info, void *uc __unused)
{
	got = info->si_signo;
}

static void
signals(void)
{
	struct timespec ts = { .tv_sec = 10, .tv_nsec = 0 };
	struct sigaction sa;
	siginfo_t info;
	sigset_t set;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = catch;
	sa.sa_flags = SA_SIGINFO | SA_RESTART;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGUSR1, &sa, NULL);
	_lwp_kill(_lwp_self(), SIGUSR1);
	tap_is_int(got, SIGUSR1, "a handler with SA_SIGINFO");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR2);
	tap_ok(sigtimedwait(&set, &info, &ts) == SIGUSR2 && info.si_pid == getpid(), "sigtimedwait");
}

/* Coroutines: <ucontext.h>. */

static ucontext_t	main_uc, co[2];
static int		steps;

static void
step(int me, int weight)
{
	for (int i = 0; i < 3; i++) {
		steps += weight;
		swapcontext(&co[me], &co[1 - me]);
	}
}

static void
prepare(ucontext_t *uc, int me)
{
	if (getcontext(uc) == -1)
		err(EXIT_FAILURE, "getcontext");
	uc->uc_stack.ss_sp = malloc(SIGSTKSZ);
	uc->uc_stack.ss_size = SIGSTKSZ;
	uc->uc_stack.ss_flags = 0;
	uc->uc_link = &main_uc;
	makecontext(uc, (void (*)(void))(uintptr_t)step, 2, me, me == 0 ? 1 : 10);
}

static void
contexts(void)
{
	prepare(&co[0], 0);
	prepare(&co[1], 1);
	if (swapcontext(&main_uc, &co[0]) == -1)
		err(EXIT_FAILURE, "swapcontext");
	tap_is_int(steps, 33, "two contexts in turn, with arguments of type int");
}

/* Semaphores and clocks: <semaphore.h>, <time.h>. */

static void
clocks(void)
{
	struct timespec now, ts;
	struct timeval tv;
	sem_t sem;

	if (sem_init(&sem, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	clock_gettime(CLOCK_REALTIME, &now);
	ts = (struct timespec){ .tv_sec = 0, .tv_nsec = 1000000 };
	timespecadd(&now, &ts, &ts);
	tap_is_errno(sem_timedwait(&sem, &ts), ETIMEDOUT, "sem_timedwait until a sum of timespecadd");
	clock_gettime(CLOCK_REALTIME, &now);
	tap_ok(timespeccmp(&now, &ts, >=), "and not earlier, says timespeccmp");
	tap_ok(gettimeofday(&tv, NULL) == 0 && tv.tv_sec >= now.tv_sec, "gettimeofday");
	sem_destroy(&sem);
}

int
main(void)
{
	setprogname("netbsd");
	tap_ok(strcmp(getprogname(), "netbsd") == 0, "setprogname, getprogname");
	lwps();
	threads();
	affinity();
	signals();
	contexts();
	clocks();
	return tap_done();
}
