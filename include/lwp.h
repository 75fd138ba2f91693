/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LWP system calls, as NetBSD's <lwp.h> declares them.
 */
#ifndef _LWP_H_
#define _LWP_H_

#include <sys/cdefs.h>
#include <sys/lwp.h>
#include <sys/types.h>
#include <sys/ucontext.h>

struct timespec;

__BEGIN_DECLS
int	_lwp_continue(lwpid_t);
int	_lwp_create(const ucontext_t *, unsigned long, lwpid_t *);
int	_lwp_ctl(int, struct lwpctl **);
int	_lwp_detach(lwpid_t);
int	_lwp_exit(void);
int	_lwp_getname(lwpid_t, char *, size_t);
void	*_lwp_getprivate(void);
int	_lwp_kill(lwpid_t, int);
int	_lwp_park(clockid_t, int, struct timespec *, lwpid_t, const void *,
	    const void *) __RENAME(___lwp_park60);
lwpid_t	_lwp_self(void);
int	_lwp_setname(lwpid_t, const char *);
void	_lwp_setprivate(void *);
int	_lwp_suspend(lwpid_t);
int	_lwp_unpark(lwpid_t, const void *);
ssize_t	_lwp_unpark_all(const lwpid_t *, size_t, const void *);
int	_lwp_wait(lwpid_t, lwpid_t *);
int	_lwp_wakeup(lwpid_t);

/*
 * Makes *ucp the context of a new LWP that calls start(arg) on the stack
 * given, and exits when that returns.  `private' is the thread pointer: what
 * _rtld_tls_allocate returned, or something of the caller's own, with which
 * errno and __thread variables do not work.  If it is NULL, a block of thread
 * storage is made at the top of the stack and lives as long as the stack.
 */
void	_lwp_makecontext(ucontext_t *, void (*)(void *), void *, void *,
	    caddr_t, size_t);

/*
 * Heddle's own.  The park of three arguments, system call 320, whose deadline
 * is absolute; and _lwp_unpark_all with its second result, how many of the
 * targets were found.
 */
int	_lwp_park320(const struct timespec *, ucontext_t *, const void *)
	    __RENAME(__sys__lwp_park);
ssize_t	_lwp_unpark_all_found(const lwpid_t *, size_t, const void *, size_t *);
__END_DECLS

#endif /* !_LWP_H_ */
