/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks, interval timers, and arithmetic on times.
 */
#ifndef _SYS_TIME_H_
#define _SYS_TIME_H_

#include <sys/timespec.h>
#include <sys/types.h>

#define CLOCK_REALTIME		0
#define CLOCK_VIRTUAL		1
#define CLOCK_PROF		2
#define CLOCK_MONOTONIC		3
#define CLOCK_THREAD_CPUTIME_ID	0x20000000
#define CLOCK_PROCESS_CPUTIME_ID 0x40000000

#define TIMER_RELTIME	0x0
#define TIMER_ABSTIME	0x1

struct itimerval {
	struct timeval	it_interval;	/* period, 0 for once */
	struct timeval	it_value;	/* time to the next expiry */
};

#define ITIMER_REAL	0
#define ITIMER_VIRTUAL	1
#define ITIMER_PROF	2
#define ITIMER_MONOTONIC 3

#define timespecclear(ts)	((ts)->tv_sec = 0, (ts)->tv_nsec = 0)
#define timespecisset(ts)	((ts)->tv_sec != 0 || (ts)->tv_nsec != 0)
#define timespeccmp(a, b, op)						\
	((a)->tv_sec == (b)->tv_sec ?					\
	    (a)->tv_nsec op (b)->tv_nsec : (a)->tv_sec op (b)->tv_sec)
#define timespecadd(a, b, r)						\
	do {								\
		(r)->tv_sec = (a)->tv_sec + (b)->tv_sec;		\
		(r)->tv_nsec = (a)->tv_nsec + (b)->tv_nsec;		\
		if ((r)->tv_nsec >= 1000000000L) {			\
			(r)->tv_sec++;					\
			(r)->tv_nsec -= 1000000000L;			\
		}							\
	} while (0)
#define timespecsub(a, b, r)						\
	do {								\
		(r)->tv_sec = (a)->tv_sec - (b)->tv_sec;		\
		(r)->tv_nsec = (a)->tv_nsec - (b)->tv_nsec;		\
		if ((r)->tv_nsec < 0) {					\
			(r)->tv_sec--;					\
			(r)->tv_nsec += 1000000000L;			\
		}							\
	} while (0)

#ifndef _KERNEL
__BEGIN_DECLS
int	getitimer(int, struct itimerval *);
int	gettimeofday(struct timeval *, void *);
int	setitimer(int, const struct itimerval *restrict,
	    struct itimerval *restrict);
__END_DECLS
#endif

#endif /* !_SYS_TIME_H_ */
