/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Park and unpark.  Theory: kern/lwp/lwp_park.c.
 */
#ifndef _KERN_PARK_H_
#define _KERN_PARK_H_

#include <kern/kern.h>

struct proc;

/*
 * Sleep until unparked, until the monotonic clock reaches `deadline` (ns; 0 = never),
 * or until interrupted.  0, ETIMEDOUT, EINTR; EALREADY: the token was full and is empty
 * now.  A deadline that is already past gives ETIMEDOUT and keeps the token.
 * Called with nothing held.
 */
int lwp_park(uint64_t deadline, const void *hint);

/* Wake LWP `lid` of curproc, or fill its token.  ESRCH.  Never sleeps; nothing held. */
int lwp_unpark(lwpid_t lid);

/* The same for another process; its p_lock held. */
int lwp_unpark_of(struct proc *p, lwpid_t lid);

/* Each of n ids as lwp_unpark; how many were found.  Interrupts are held off for one at a time. */
uint32_t lwp_unpark_many(const lwpid_t *lids, size_t n);

#endif
