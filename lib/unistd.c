/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls about processes and files that are more than a stub.
 */
#include <errno.h>
#include <lwp.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/sched.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "private.h"

struct pair	__sys_fork(void);
struct pair	__sys_pipe(void);
off_t		__sys_lseek(int, int, off_t, int);
void		*__sys_mmap(void *, size_t, int, int, int, long, off_t);
int		__sysctl(const int *, u_int, void *, size_t *, const void *,
		    size_t);

static void
prefork(void)
{
	if (__pthread_prefork != NULL)
		__pthread_prefork();
	__thread_prefork();
	__exit_prefork();
	__stdio_prefork();
	__environ_prefork();
	__malloc_prefork();
	if (__pthread_prefork_lock != NULL)
		__pthread_prefork_lock();
}

static void
postfork(lwpid_t was)
{
	if (__pthread_postfork_unlock != NULL)
		__pthread_postfork_unlock(was != 0);
	__malloc_postfork(was);
	__environ_postfork(was);
	__stdio_postfork(was);
	__exit_postfork(was);
	__thread_postfork(was);
	if (__pthread_postfork != NULL)
		__pthread_postfork(was != 0);
}

/* The second result is 1 in the child. */
pid_t
fork(void)
{
	lwpid_t self = _lwp_self();
	struct pair r;
	bool child;

	prefork();
	r = __sys_fork();
	child = r.first != -1 && r.second != 0;
	postfork(child ? self : 0);
	return child ? 0 : (pid_t)r.first;
}

int
pipe(int *fds)
{
	struct pair r = __sys_pipe();

	if (r.first == -1)
		return -1;
	fds[0] = (int)r.first;
	fds[1] = (int)r.second;
	return 0;
}

off_t
lseek(int fd, off_t offset, int whence)
{
	return __sys_lseek(fd, 0, offset, whence);
}

void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t pos)
{
	return __sys_mmap(addr, len, prot, flags, fd, 0, pos);
}

pid_t
wait(int *status)
{
	return wait4(WAIT_ANY, status, 0, NULL);
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

int
sysctl(const int *name, u_int namelen, void *oldp, size_t *oldlenp,
    const void *newp, size_t newlen)
{
	return __sysctl(name, namelen, oldp, oldlenp, newp, newlen);
}

int
isatty(int fd)
{
	struct termios t;

	return tcgetattr(fd, &t) == 0;
}

int
getpagesize(void)
{
	return (int)PAGE_SIZE;
}
