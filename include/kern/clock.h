/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks.  Inside the kernel time is a number: ns on the monotonic clock.
 */
#ifndef _KERN_CLOCK_H_
#define _KERN_CLOCK_H_

#include <stdint.h>
#include <sys/time.h>

/* Now, on a program's clock.  EINVAL: no such clock. */
int clock_now(clockid_t clock, struct timespec *ts);

/*
 * A program's time as a deadline on the monotonic clock (ns, never 0).  flags:
 * TIMER_ABSTIME, or relative.  A time that is past gives a deadline that is past; one beyond
 * what 64 bits of ns can say (584 years) gives the last that can.  EINVAL: tv_nsec out of
 * range, or no such clock.
 */
int clock_deadline(clockid_t clock, int flags, const struct timespec *ts, uint64_t *deadline);

void ns_to_timespec(uint64_t ns, struct timespec *ts);

#endif
