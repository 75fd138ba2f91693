/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Park and unpark.  Theory: kern/lwp/lwp_park.c.
 */
#ifndef _KERN_PARK_H_
#define _KERN_PARK_H_

#include <kern/kern.h>

struct proc;

/*
 * Sleep until unparked or interrupted.  0, EINTR; EALREADY: the token was full and is empty
 * now.  Called with nothing held.
 */
int lwp_park(const void *hint);
/* lwp_unpark and then lwp_park; if the first fails (ESRCH) there is no second. */
int lwp_unpark_park(lwpid_t lid, const void *hint);
/*
 * As lwp_park, or until the monotonic clock reaches `deadline` (ns): ETIMEDOUT.  A deadline that is
 * already past gives that too, and keeps the token.
 */
int lwp_park_until(uint64_t deadline, const void *hint);

/* Wake LWP `lid` of curproc, or fill its token.  ESRCH.  Never sleeps; nothing held. */
int lwp_unpark(lwpid_t lid);

/* The same for another process; its p_lock held. */
int lwp_unpark_of(struct proc *p, lwpid_t lid);

/* Each of n ids as lwp_unpark; how many were found.  Interrupts are held off for one at a time. */
uint32_t lwp_unpark_many(const lwpid_t *lids, size_t n);

#endif
