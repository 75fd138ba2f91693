/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks: CLOCK_MONOTONIC is the machine's ns since boot; CLOCK_REALTIME is that plus a
 * constant read at boot, and cannot be set.
 */
#include <kern/clock.h>
#include <kern/kern.h>
#include <kern/md.h>
#include <sys/errno.h>

#define NS_PER_S 1000000000UL
#define DEADLINE_PAST 1UL

void
ns_to_timespec(uint64_t ns, struct timespec *ts)
{
	ts->tv_sec = (time_t)(ns / NS_PER_S);
	ts->tv_nsec = (long)(ns % NS_PER_S);
}

int
clock_now(clockid_t clock, struct timespec *ts)
{
	uint64_t now = md_monotonic_ns();

	switch (clock) {
	case CLOCK_REALTIME:
		ns_to_timespec(now + md_realtime_base_ns(), ts);
		return 0;
	case CLOCK_MONOTONIC:
		ns_to_timespec(now, ts);
		return 0;
	default:
		return EINVAL;
	}
}

int
clock_deadline(clockid_t clock, int flags, const struct timespec *ts, uint64_t *deadline)
{
	uint64_t ns, base;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	if (ts->tv_nsec < 0 || ts->tv_nsec >= (long)NS_PER_S)
		return EINVAL;
	if (ts->tv_sec < 0) {
		*deadline = DEADLINE_PAST;
		return 0;
	}
	if (__builtin_mul_overflow((uint64_t)ts->tv_sec, NS_PER_S, &ns) ||
	    __builtin_add_overflow(ns, (uint64_t)ts->tv_nsec, &ns))
		ns = UINT64_MAX;
	if ((flags & TIMER_ABSTIME) != 0) {
		base = clock == CLOCK_REALTIME ? md_realtime_base_ns() : 0;
		ns = ns > base ? ns - base : DEADLINE_PAST;
	} else if (ns == 0) {
		ns = DEADLINE_PAST;
	} else if (__builtin_add_overflow(ns, md_monotonic_ns(), &ns)) {
		ns = UINT64_MAX;
	}
	*deadline = ns;
	return 0;
}
