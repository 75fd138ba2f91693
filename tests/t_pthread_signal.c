/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: signals.
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
	tap_is_int(pthread_kill(t, 0), 0, "pthread_kill.2 with 0 asks whether it is there");
	tap_is_int(pthread_kill(t, NSIG), EINVAL, "pthread_kill.7 EINVAL");
	tap_is_int(pthread_kill(t, SIGUSR1), 0, "pthread_kill.3 0");
	AWAIT(atomic_load(&handled) == SIGUSR1);
	tap_is_int(atomic_load(&handler_id), atomic_load(&id), "pthread_kill.1 the handler runs in that thread");
	atomic_store(&stop, 1);
	end(t);
	atomic_store(&handled, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	tap_is_int(pthread_sigmask(SIG_BLOCK, &set, &old), 0, "pthread_sigmask.14 0");
	tap_is_int(pthread_sigmask(99, &set, NULL), EINVAL, "pthread_sigmask.16 EINVAL");
	pthread_kill(pthread_self(), SIGUSR1);
	tap_ok(atomic_load(&handled) == 0 && sigpending(&old) == 0 && sigismember(&old, SIGUSR1),
	    "pthread_sigmask.4 pthread_sigmask.12 a blocked one waits");
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	tap_is_int(atomic_load(&handled), SIGUSR1,
	    "pthread_sigmask.5 pthread_sigmask.7 pthread_sigmask.9 until it is not blocked any more");
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	t = begin(wait_signal, &set);
	kill(getpid(), SIGUSR1);
	tap_is_int(end_int(t), SIGUSR1,
	    "pthread_create.8 sigwait takes a signal of the process; the mask is inherited");
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
	tap_is_int(let_go(t), 0, "pthread_cond_timedwait.4 handlers and stray unparks do not end it: never EINTR");
}

static void
test_mask(void)
{
	sigset_t set, old, all;

	sigfillset(&all);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGUSR2);
	tap_ok(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0 && pthread_sigmask(SIG_BLOCK, NULL, &old) == 0 &&
	    !sigismember(&old, SIGUSR1) && sigismember(&old, SIGUSR2), "pthread_sigmask.6 SIG_UNBLOCK takes them out");
	tap_ok(pthread_sigmask(99, NULL, &all) == 0 && memcmp(&old, &all, sizeof(old)) == 0,
	    "pthread_sigmask.8 no set: nothing changes, and how does not matter");
	sigfillset(&all);
	tap_ok(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0 && pthread_sigmask(SIG_BLOCK, NULL, &all) == 0 &&
	    !sigismember(&all, SIGKILL) && !sigismember(&all, SIGSTOP) && sigismember(&all, SIGUSR1),
	    "pthread_sigmask.10 SIGKILL and SIGSTOP are not blocked, and that is no error");
	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pthread_sigmask(SIG_BLOCK, NULL, &old);
	tap_ok(sigismember(&old, SIGUSR1), "pthread_sigmask.1 the mask is that of sigprocmask");
	tap_ok(pthread_kill(pthread_self(), -1) == EINVAL && sigpending(&old) == 0 && !sigismember(&old, SIGUSR1),
	    "pthread_kill.4 pthread_kill.5 what fails sends nothing");
	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
}

int
main(void)
{
	test_signals();
	test_interrupted();
	test_mask();
	return tap_done();
}
