/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks: CLOCK_MONOTONIC is the machine's ns since boot; CLOCK_REALTIME is that plus a
 * constant read at boot, and cannot be set.
 */
#include <kern/clock.h>
#include <kern/kern.h>
#include <kern/md.h>
#include <sys/errno.h>

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

uint64_t
clock_deadline_ns(clockid_t clock, int flags, uint64_t ns)
{
	uint64_t base;

	if (ns == 0)
		return DEADLINE_PAST;
	if ((flags & TIMER_ABSTIME) == 0)
		return __builtin_add_overflow(ns, md_monotonic_ns(), &ns) ? UINT64_MAX : ns;
	base = clock == CLOCK_REALTIME ? md_realtime_base_ns() : 0;
	return ns > base ? ns - base : DEADLINE_PAST;
}

int
clock_deadline(clockid_t clock, int flags, const struct timespec *ts, uint64_t *deadline)
{
	uint64_t ns;
	int error;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	error = timespec_to_ns(ts, &ns);
	if (error == 0)
		*deadline = clock_deadline_ns(clock, flags, ns);
	return error;
}
