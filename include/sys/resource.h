/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits on resources, and how much of them was used.
 */
#ifndef _SYS_RESOURCE_H_
#define _SYS_RESOURCE_H_

#include <sys/timespec.h>
#include <sys/types.h>

#define RLIMIT_CPU	0	/* CPU time */
#define RLIMIT_FSIZE	1	/* size of a file */
#define RLIMIT_DATA	2	/* data segment */
#define RLIMIT_STACK	3	/* stack of the first LWP */
#define RLIMIT_CORE	4	/* core file */
#define RLIMIT_RSS	5	/* resident memory */
#define RLIMIT_MEMLOCK	6	/* locked memory */
#define RLIMIT_NPROC	7	/* processes of a user */
#define RLIMIT_NOFILE	8	/* open files */
#define RLIMIT_SBSIZE	9	/* socket buffers */
#define RLIMIT_AS	10	/* address space */
#define RLIMIT_NTHR	11	/* LWPs of a user */
#define RLIM_NLIMITS	12

#define RLIM_INFINITY	(~((rlim_t)1 << 63))

struct rlimit {
	rlim_t		rlim_cur;	/* in force */
	rlim_t		rlim_max;	/* the most that may be asked for */
};

struct rusage {
	struct timeval	ru_utime;	/* time in user mode */
	struct timeval	ru_stime;	/* time in the kernel */
	long		ru_maxrss;
	long		ru_ixrss;
	long		ru_idrss;
	long		ru_isrss;
	long		ru_minflt;
	long		ru_majflt;
	long		ru_nswap;
	long		ru_inblock;
	long		ru_oublock;
	long		ru_msgsnd;
	long		ru_msgrcv;
	long		ru_nsignals;
	long		ru_nvcsw;	/* switches it asked for */
	long		ru_nivcsw;	/* switches forced on it */
};

#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN	(-1)

_Static_assert(sizeof(struct rusage) == 144, "struct rusage");

#ifndef _KERNEL
__BEGIN_DECLS
int	getrlimit(int, struct rlimit *);
int	setrlimit(int, const struct rlimit *);
__END_DECLS
#endif

#endif /* !_SYS_RESOURCE_H_ */
