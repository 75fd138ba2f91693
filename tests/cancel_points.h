/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every point of cancellation there is.
 */
#ifndef _CANCEL_POINTS_H_
#define _CANCEL_POINTS_H_

#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <threads.h>

#include "test_pthread.h"

static pthread_mutex_t	m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	c = PTHREAD_COND_INITIALIZER;
static sem_t		sem;
static int		fds[2], full[2];
static pthread_t	sleeper;
static pid_t		child;

/* The cancellation points.  Each would wait for ever, but for those that do not wait. */

static void
at_cond_wait(void)
{
	pthread_mutex_lock(&m);
	pthread_cleanup_push((void (*)(void *))(uintptr_t)pthread_mutex_unlock, &m);
	for (;;)
		pthread_cond_wait(&c, &m);
	pthread_cleanup_pop(1);
}

static void
at_cond_timedwait(void)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, 1000 * NSEC);

	pthread_mutex_lock(&m);
	pthread_cleanup_push((void (*)(void *))(uintptr_t)pthread_mutex_unlock, &m);
	pthread_cond_timedwait(&c, &m, &ts);
	pthread_cleanup_pop(1);
}

static void
at_sem_wait(void)
{
	sem_wait(&sem);
}

static void
at_sem_timedwait(void)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, 1000 * NSEC);

	sem_timedwait(&sem, &ts);
}

static void
at_join(void)
{
	pthread_join(sleeper, NULL);
}

static void
at_read(void)
{
	char byte;

	read(fds[0], &byte, 1);
}

static void
at_write(void)
{
	static char page[PAGE_SIZE];

	for (;;)
		write(full[1], page, sizeof(page));
}

static void
at_writev(void)
{
	static char page[PAGE_SIZE];
	struct iovec iov = { page, sizeof(page) };

	for (;;)
		writev(full[1], &iov, 1);
}

static void
at_nanosleep(void)
{
	struct timespec ts = { 1000, 0 };

	nanosleep(&ts, NULL);
}

static void
at_clock_nanosleep(void)
{
	struct timespec ts = clock_in(CLOCK_MONOTONIC, 1000 * NSEC);

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void
at_sleep(void)
{
	sleep(1000);
}

static void
at_usleep(void)
{
	usleep(1000000000);
}

static void
at_pause(void)
{
	pause();
}

static void
at_sigsuspend(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigsuspend(&set);
}

static void
at_sigwait(void)
{
	sigset_t set;
	int signo;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigwait(&set, &signo);
}

static void
at_sigwaitinfo(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigwaitinfo(&set, NULL);
}

static void
at_wait(void)
{
	waitpid(child, NULL, 0);
}

static void
at_cond_clockwait(void)
{
	struct timespec ts = clock_in(CLOCK_MONOTONIC, 1000 * NSEC);

	pthread_mutex_lock(&m);
	pthread_cleanup_push((void (*)(void *))(uintptr_t)pthread_mutex_unlock, &m);
	pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &ts);
	pthread_cleanup_pop(1);
}

static void
at_sem_clockwait(void)
{
	struct timespec ts = clock_in(CLOCK_MONOTONIC, 1000 * NSEC);

	sem_clockwait(&sem, CLOCK_MONOTONIC, &ts);
}

static void
at_sigtimedwait(void)
{
	struct timespec ts = { 1000, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigtimedwait(&set, NULL, &ts);
}

static void
at_wait4(void)
{
	struct rusage ru;

	wait4(child, NULL, 0, &ru);
}

static void
at_wait_any(void)
{
	wait(NULL);
}

/* Those of <threads.h>: a condition variable and a mutex are the same there. */
static void
at_cnd_wait(void)
{
	mtx_lock(&m);
	pthread_cleanup_push((void (*)(void *))(uintptr_t)mtx_unlock, &m);
	for (;;)
		cnd_wait(&c, &m);
	pthread_cleanup_pop(1);
}

static void
at_thrd_join(void)
{
	thrd_join(sleeper, NULL);
}

static void
at_thrd_sleep(void)
{
	struct timespec ts = { 1000, 0 };

	thrd_sleep(&ts, NULL);
}

static void
at_open(void)
{
	open("/etc/motd", O_RDONLY);
}

static void
at_close(void)
{
	close(-1);
}

static void
at_fcntl(void)
{
	fcntl(0, F_GETFD);
}

static const struct point {
	const char	*name;
	void		(*fn)(void);
	bool		waits;
} points[] = {
	{ "pthread_cond_wait", at_cond_wait, true },
	{ "pthread_cond_timedwait", at_cond_timedwait, true },
	{ "sem_wait", at_sem_wait, true },
	{ "sem_timedwait", at_sem_timedwait, true },
	{ "pthread_join", at_join, true },
	{ "pthread_testcancel", pthread_testcancel, false },
	{ "read", at_read, true },
	{ "write", at_write, true },
	{ "writev", at_writev, true },
	{ "nanosleep", at_nanosleep, true },
	{ "clock_nanosleep", at_clock_nanosleep, true },
	{ "sleep", at_sleep, true },
	{ "usleep", at_usleep, true },
	{ "pause", at_pause, true },
	{ "sigsuspend", at_sigsuspend, true },
	{ "sigwait", at_sigwait, true },
	{ "sigwaitinfo", at_sigwaitinfo, true },
	{ "waitpid", at_wait, true },
	{ "wait", at_wait_any, true },
	{ "wait4", at_wait4, true },
	{ "pthread_cond_clockwait", at_cond_clockwait, true },
	{ "sem_clockwait", at_sem_clockwait, true },
	{ "sigtimedwait", at_sigtimedwait, true },
	{ "cnd_wait", at_cnd_wait, true },
	{ "thrd_join", at_thrd_join, true },
	{ "thrd_sleep", at_thrd_sleep, true },
	{ "open", at_open, false },
	{ "close", at_close, false },
	{ "fcntl", at_fcntl, false },
};

/* The child and `sleeper', which never end by themselves, pipes that are empty and full. */
static void *
sleep_for_ever(void *arg)
{
	for (;;)
		sleep(1000);
	return arg;
}

static void
prepare_points(void)
{
	static char page[PAGE_SIZE];

	if (pipe(fds) != 0 || pipe(full) != 0)
		tap_bail("pipe");
	fcntl(full[1], F_SETFL, O_NONBLOCK);
	while (write(full[1], page, sizeof(page)) > 0)
		continue;
	fcntl(full[1], F_SETFL, 0);
	sem_init(&sem, 0, 0);
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	sleeper = begin(sleep_for_ever, NULL);
}

#endif /* !_CANCEL_POINTS_H_ */
