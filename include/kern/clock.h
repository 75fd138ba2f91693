/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks.  Inside the kernel time is a number: ns on the monotonic clock.
 */
#ifndef _KERN_CLOCK_H_
#define _KERN_CLOCK_H_

#include <kern/kern.h>
#include <kern/md.h>
#include <stdint.h>
#include <sys/errno.h>
#include <sys/time.h>

#define NS_PER_S 1000000000UL
#define DEADLINE_PAST 1UL

/* Now, on a program's clock.  EINVAL: no such clock. */
int clock_now(clockid_t clock, struct timespec *ts);

/*
 * A program's time as a deadline on the monotonic clock (ns, never 0).  flags:
 * TIMER_ABSTIME, or relative.  A time that is past gives a deadline that is past; one beyond
 * what 64 bits of ns can say (584 years) gives the last that can.  EINVAL: tv_nsec out of
 * range, or no such clock.
 */
int clock_deadline(clockid_t clock, int flags, const struct timespec *ts, uint64_t *deadline);

/*
 * Its two steps, for who has checked clock and flags.  A program's time in ns, negative ones as 0; EINVAL.  And that
 * as a deadline; absolute on CLOCK_MONOTONIC, it would be one as it is, but for 0.
 */
static inline int
timespec_to_ns(const struct timespec *ts, uint64_t *ns)
{
	if (predict_false((uint64_t)ts->tv_nsec >= NS_PER_S))
		return EINVAL;
	if (predict_false(ts->tv_sec < 0))
		*ns = 0;
	else if (predict_false(__builtin_mul_overflow((uint64_t)ts->tv_sec, NS_PER_S, ns) ||
	             __builtin_add_overflow(*ns, (uint64_t)ts->tv_nsec, ns)))
		*ns = UINT64_MAX;
	return 0;
}
uint64_t clock_deadline_ns(clockid_t clock, int flags, uint64_t ns);

void ns_to_timespec(uint64_t ns, struct timespec *ts);

#endif
