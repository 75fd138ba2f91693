/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files, processes, and the options of a command line.
 */
#ifndef _UNISTD_H_
#define _UNISTD_H_

#include <sys/types.h>
#include <sys/unistd.h>

#define STDIN_FILENO	0
#define STDOUT_FILENO	1
#define STDERR_FILENO	2

/* sysconf, NetBSD's numbers */
#define _SC_ARG_MAX		1
#define _SC_OPEN_MAX		5
#define _SC_PAGESIZE		28
#define _SC_PAGE_SIZE		_SC_PAGESIZE
#define _SC_IOV_MAX		32
#define _SC_MONOTONIC_CLOCK	38
#define _SC_CLK_TCK		39
#define _SC_THREADS		41
#define _SC_SEMAPHORES		42
#define _SC_BARRIERS		43
#define _SC_SPIN_LOCKS		45
#define _SC_READER_WRITER_LOCKS	46
#define _SC_CLOCK_SELECTION	49
#define _SC_THREAD_DESTRUCTOR_ITERATIONS 57
#define _SC_THREAD_KEYS_MAX	58
#define _SC_THREAD_STACK_MIN	59
#define _SC_THREAD_THREADS_MAX	60
#define _SC_THREAD_ATTR_STACKADDR 61
#define _SC_THREAD_ATTR_STACKSIZE 62
#define _SC_THREAD_PRIORITY_SCHEDULING 63
#define _SC_THREAD_PRIO_INHERIT	64
#define _SC_THREAD_PRIO_PROTECT	65
#define _SC_THREAD_PROCESS_SHARED 66
#define _SC_THREAD_SAFE_FUNCTIONS 67
#define _SC_CPUTIME		90
#define _SC_THREAD_CPUTIME	91
#define _SC_SEM_VALUE_MAX	93
#define _SC_TIMEOUTS		94
#define _SC_NPROCESSORS_CONF	1001
#define _SC_NPROCESSORS_ONLN	1002
#define _SC_SCHED_RT_TS		2001
#define _SC_SCHED_PRI_MIN	2002
#define _SC_SCHED_PRI_MAX	2003

extern char	**environ;

/* getopt */
extern char	*optarg;	/* argument of the option */
extern int	opterr;		/* print messages */
extern int	optind;		/* index of the next argument */
extern int	optopt;		/* the option that was wrong */
extern int	optreset;	/* set to begin again */

__BEGIN_DECLS
__dead void	_exit(int);
int	close(int);
int	dup2(int, int);
int	execl(const char *, const char *, ...) __attribute__((__sentinel__));
int	execv(const char *, char *const *);
int	execve(const char *, char *const *, char *const *);
int	execvp(const char *, char *const *);
pid_t	fork(void);
int	getopt(int, char *const *, const char *);
int	getpagesize(void);
pid_t	getpgid(pid_t);
pid_t	getpgrp(void);
pid_t	getpid(void);
pid_t	getppid(void);
pid_t	getsid(pid_t);
uid_t	getuid(void);
int	isatty(int);
int	issetugid(void);
off_t	lseek(int, off_t, int);
int	pause(void);
int	pipe(int *);
ssize_t	readlink(const char *__restrict, char *__restrict, size_t);
ssize_t	read(int, void *, size_t);
int	setpgid(pid_t, pid_t);
pid_t	setsid(void);
unsigned int sleep(unsigned int);
long	syscall(int, ...);
long	sysconf(int);
int	unlink(const char *);
int	usleep(useconds_t);
pid_t	tcgetpgrp(int);
int	tcsetpgrp(int, pid_t);
ssize_t	write(int, const void *, size_t);
quad_t	__syscall(quad_t, ...);
__END_DECLS

#endif /* !_UNISTD_H_ */
