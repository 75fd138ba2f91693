/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks and sleeping.
 */
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

time_t
time(time_t *t)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return -1;
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

int
gettimeofday(struct timeval *tv, void *zone __unused)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return -1;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = (suseconds_t)(ts.tv_nsec / 1000);
	return 0;
}

clock_t
clock(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == -1)
		return (clock_t)-1;
	return (clock_t)(ts.tv_sec * CLOCKS_PER_SEC + ts.tv_nsec / 1000);
}

/* Returns the error.  Of other processes there is none to be had: EPERM. */
int
clock_getcpuclockid(pid_t pid, clockid_t *clock)
{
	int saved = errno, error = 0;

	if (pid == 0 || pid == getpid())
		*clock = CLOCK_PROCESS_CPUTIME_ID;
	else
		error = kill(pid, 0) == -1 ? errno : EPERM;
	errno = saved;
	return error;
}

unsigned int
sleep(unsigned int seconds)
{
	struct timespec ts = { seconds, 0 };

	if (nanosleep(&ts, &ts) == -1)
		return (unsigned int)ts.tv_sec + (ts.tv_nsec > 0);
	return 0;
}

int
usleep(useconds_t us)
{
	const struct timespec ts = { us / 1000000, (long)(us % 1000000) * 1000 };

	return nanosleep(&ts, NULL);
}

double
difftime(time_t a, time_t b)
{
	return (double)(a - b);
}
