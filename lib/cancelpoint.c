/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls that are cancellation points.
 *
 * Each asks the thread library, if it is linked, whether the thread is to be
 * cancelled, before the call and after one that was interrupted;
 * lib/pthread/cancel.c says why nothing is missed between the two.  The
 * library itself uses the calls beneath: a thread that is cancelled while it has
 * a FILE or the heap locked would keep it locked.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "private.h"

int	__sigtimedwait(const sigset_t *, siginfo_t *, const struct timespec *);
int	__sys_clock_nanosleep(clockid_t, int, const struct timespec *,
	    struct timespec *);
int	__sys_fcntl(int, int, long);
int	__sys_sigsuspend(const sigset_t *);
pid_t	__sys_wait4(pid_t, int *, int, struct rusage *);
ssize_t	__sys_writev(int, const struct iovec *, int);

static inline int
enter(void)
{
	return __pthread_point_enter != NULL ? __pthread_point_enter() : -1;
}

/* The result of the call. */
static inline long
leave(int point, long result)
{
	if (__pthread_point_leave != NULL)
		__pthread_point_leave(point, result == -1 && errno == EINTR);
	return result;
}

int
close(int fd)
{
	int point = enter();

	return (int)leave(point, __sys_close(fd));
}

/* The error is the result, and errno is left alone. */
int
clock_nanosleep(clockid_t id, int flags, const struct timespec *req,
    struct timespec *rem)
{
	int point = enter(), saved = errno, error;

	error = __sys_clock_nanosleep(id, flags, req, rem);
	if (error == -1)
		error = errno;
	(void)leave(point, error == 0 ? 0 : -1);
	errno = saved;
	return error;
}

int
fcntl(int fd, int cmd, ...)
{
	int point = enter();
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)leave(point, __sys_fcntl(fd, cmd, arg));
}

int
nanosleep(const struct timespec *req, struct timespec *rem)
{
	int point = enter();

	return (int)leave(point, __sys_nanosleep(req, rem));
}

int
open(const char *path, int flags, ...)
{
	int point = enter();
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return (int)leave(point, __sys_open(path, flags, mode));
}

ssize_t
read(int fd, void *buf, size_t n)
{
	int point = enter();

	return leave(point, __sys_read(fd, buf, n));
}

int
sigsuspend(const sigset_t *mask)
{
	int point = enter();

	return (int)leave(point, __sys_sigsuspend(mask));
}

int
sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
    const struct timespec *restrict timeout)
{
	int point = enter();

	return (int)leave(point, __sigtimedwait(set, info, timeout));
}

int
sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return sigtimedwait(set, info, NULL);
}

/* The error is the value.  A handler's running does not end the wait. */
int
sigwait(const sigset_t *restrict set, int *restrict signo)
{
	int n, saved = errno, error = 0;

	do
		n = sigtimedwait(set, NULL, NULL);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		error = errno;
	else
		*signo = n;
	errno = saved;
	return error;
}

pid_t
wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	int point = enter();

	return (pid_t)leave(point, __sys_wait4(pid, status, options, usage));
}

ssize_t
write(int fd, const void *buf, size_t n)
{
	int point = enter();

	return leave(point, __sys_write(fd, buf, n));
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	int point = enter();

	return leave(point, __sys_writev(fd, iov, n));
}
