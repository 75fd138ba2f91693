/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the library share and programs do not see.
 */
#ifndef _LIB_PRIVATE_H_
#define _LIB_PRIVATE_H_

#include <sys/exec.h>
#include <sys/types.h>

/*
 * The library's own lock, for malloc, stdio and the like.  It spins, then
 * yields, then sleeps a little; it does not park.  An LWP has one unpark
 * token, and a malloc or a printf that spent it would surprise a program that
 * parks: such a program could hardly be debugged.  Sleeping between the tries
 * also lets a holder of lower priority run.
 */
struct liblock {
	volatile int	ll_held;
};

#define LIBLOCK_INITIALIZER	{ 0 }

void	__liblock_enter(struct liblock *);
int	__liblock_tryenter(struct liblock *);
void	__liblock_exit(struct liblock *);
/* Wait a while before try number n. */
void	__liblock_backoff(unsigned int n);

/* start.c */
__dead void ___start(struct ps_strings *);

/* lwpreturn.S: calls _lwp_exit. */
void	__lwp_return(void);

/* tls.c: the program's PT_TLS segment. */
void	__tls_init(const void *image, size_t filesz, size_t memsz,
	    size_t align);

/* stdio/file.c: write out all buffers; EOF if one could not be. */
int	__stdio_flush_all(int at_exit);

/*
 * Around fork.  The child has one LWP, so a lock that another one holds at the
 * moment would stay held there for ever: fork takes them all, in this order.
 * `was': in the child, the id of the LWP that has called fork; in the parent 0.
 */
void	__thread_prefork(void);
void	__exit_prefork(void);
void	__stdio_prefork(void);
void	__environ_prefork(void);
void	__malloc_prefork(void);
void	__thread_postfork(lwpid_t was);
void	__exit_postfork(lwpid_t was);
void	__stdio_postfork(lwpid_t was);
void	__environ_postfork(lwpid_t was);
void	__malloc_postfork(lwpid_t was);

/* The same of the thread library (lib/pthread/atfork.c), if it is linked. */
void	__pthread_prefork(void) __weak;
void	__pthread_prefork_lock(void) __weak;
void	__pthread_postfork_unlock(int child) __weak;
void	__pthread_postfork(int child) __weak;

/*
 * Around a system call that is a cancellation point; the second is told whether
 * the call has returned EINTR.  Either may not return.  lib/pthread/cancel.c
 * has them, if anything in the program can cancel a thread.
 */
int	__pthread_point_enter(void) __weak;
void	__pthread_point_leave(int point, int interrupted) __weak;

/* The system calls under cancellation points, for use within the library. */
struct timespec;
int	__sys_close(int);
int	__sys_nanosleep(const struct timespec *, struct timespec *);
int	__sys_open(const char *, int, mode_t);
ssize_t	__sys_read(int, void *, size_t);
ssize_t	__sys_write(int, const void *, size_t);

/* Stubs whose calls give two results: the registers of a structure like this. */
struct pair {
	long		first;		/* %rax */
	long		second;		/* %rdx */
};

#endif /* !_LIB_PRIVATE_H_ */
