/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Park and unpark.  Theory: kern/lwp/lwp_park.c.
 */
#ifndef _KERN_PARK_H_
#define _KERN_PARK_H_

#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/trace.h>
#include <sys/errno.h>

struct proc;

/* The beginning of a park: empty the token of curlwp, `l`; false: it was empty.  Nothing held. */
static inline bool
park_token(struct lwp *l)
{
	if (predict_false((atomic_and(&l->l_park, ~LWP_TOKEN) & LWP_TOKEN) == 0))
		return false;
	EV(ev_early);
	TRACE_KEEP(trace_lwp, l, TRACE_EARLY);
	return true;
}

/*
 * Its rest: sleep until unparked or interrupted.  0, EINTR; EALREADY: the token is full meanwhile, and is
 * empty now.  `l` is curlwp.  Called with nothing held.
 */
int park_sleep(struct lwp *l, const void *hint);
/* lwp_unpark and then lwp_park; if the first fails (ESRCH) there is no second. */
int lwp_unpark_park(lwpid_t lid, const void *hint);
/*
 * As park_token and park_sleep, or until the monotonic clock reaches `deadline` (ns): ETIMEDOUT.  A deadline that is
 * already past gives that too, and keeps the token.
 */
int lwp_park_until(uint64_t deadline, const void *hint);

/*
 * Wake LWP `lid` of p, or fill its token.  ESRCH.  Never sleeps; no spin mutex held.  p is curproc, or
 * its p_lock is held.
 */
int lwp_unpark(struct proc *p, lwpid_t lid);

/* Each of n ids as lwp_unpark; how many were found.  Interrupts are held off for one at a time. */
uint32_t lwp_unpark_many(const lwpid_t *lids, size_t n);

#endif
