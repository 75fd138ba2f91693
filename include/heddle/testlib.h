/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests need to know about LWPs and the kernel.  The await functions
 * return when the state is there, however long it takes: if it never is, the launcher
 * has the kernel report where everybody is.
 *
 * Errors are returned, 0 is success.
 */
#ifndef _HEDDLE_TESTLIB_H_
#define _HEDDLE_TESTLIB_H_

#include <sys/heddle.h>
#include <sys/lwp.h>
#include <sys/sysctl.h>
#include <sys/types.h>

__BEGIN_DECLS
/* One LWP of this process, zombies included; ESRCH if there is none. */
int	lwp_info(lwpid_t, struct kinfo_lwp *);
/* All LWPs of a process, to be freed; NULL and errno. */
struct kinfo_lwp *lwp_list(pid_t, size_t *);

/* Until the LWP is in this state; if wmesg is not NULL, for this reason.  ESRCH if it has exited. */
int	lwp_await(lwpid_t, int stat, const char *wmesg);
/* Until it sleeps in park. */
int	lwp_await_parked(lwpid_t);
/* Until it sleeps in _lwp_wait or anything else that is called so. */
int	lwp_await_asleep(lwpid_t, const char *wmesg);
/* Until it is a zombie. */
int	lwp_await_zombie(lwpid_t);
/* Until its id is not known any more. */
int	lwp_await_gone(lwpid_t);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t	now_ns(void);
/* A point of a clock, so many nanoseconds from now. */
struct timespec	clock_in(clockid_t, int64_t);

int	heddle_evcnt(struct heddle_evcnt *);
int	heddle_mem(struct heddle_mem *);
/* The n-th allocation that this LWP causes in the kernel fails; 0 for none. */
int	heddle_failalloc(int);
/*
 * Sleep uninterruptibly for so many microseconds, a minute at most, or until
 * somebody calls it with 0; "block" is what listings say.  Debug kernels only,
 * as heddle_failalloc; else ENOSYS.
 */
int	heddle_block(int);
/* HEDDLE_LWP_* on an LWP of any process. */
int	heddle_lwpop(pid_t, lwpid_t, int op, int signo);
/* About one in so many allocations fails, of this LWP and those that it makes; 0 for none. */
int	heddle_failrandom(uint32_t onein, uint32_t seed);
/* CPUs that are online. */
int	heddle_ncpu(void);
__END_DECLS

#endif /* !_HEDDLE_TESTLIB_H_ */
