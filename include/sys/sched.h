/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling classes, priorities, and sets of CPUs.
 */
#ifndef _SYS_SCHED_H_
#define _SYS_SCHED_H_

#include <sys/types.h>

#define SCHED_NONE	(-1)	/* keep the class that it has */
#define SCHED_OTHER	0	/* time-sharing */
#define SCHED_FIFO	1	/* real-time, until it gives up the CPU */
#define SCHED_RR	2	/* real-time, in turns */

/* Priorities that a program may ask for, the same in every class. */
#define SCHED_PRI_MIN	0
#define SCHED_PRI_MAX	63

#define PRI_NONE	(-1)	/* keep the priority that it has */

/*
 * _sched_protect(PRI_REMAINS | ceiling), Heddle's own: one ceiling is taken back, as by -1, and of
 * those that stay in force this is the highest.
 */
#define PRI_REMAINS	0x100

struct sched_param {
	int		sched_priority;
};

/*
 * A set of CPUs: CPU n is bit n % 32 of word n / 32.  The calls take the size
 * in bytes, so that a program with a larger or a smaller set works.
 */
#define _CPUSET_MAXCPUS	256

typedef struct _cpuset {
	uint32_t	bits[_CPUSET_MAXCPUS / 32];
} cpuset_t;

#endif /* !_SYS_SCHED_H_ */
