/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Points and lengths of time.
 */
#ifndef _SYS_TIMESPEC_H_
#define _SYS_TIMESPEC_H_

#include <sys/types.h>

struct timespec {
	time_t		tv_sec;
	long		tv_nsec;	/* 0 to 999999999 */
};

struct itimerspec {
	struct timespec	it_interval;
	struct timespec	it_value;
};

struct timeval {
	time_t		tv_sec;
	suseconds_t	tv_usec;	/* 0 to 999999 */
};

_Static_assert(sizeof(struct timespec) == 16, "struct timespec");
_Static_assert(sizeof(struct timeval) == 16, "struct timeval");

#endif /* !_SYS_TIMESPEC_H_ */
