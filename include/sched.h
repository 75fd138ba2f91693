/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: classes, priorities, and the CPUs an LWP may run on.  In the
 * calls that take them, pid 0 is the calling process and lid 0 all its LWPs.
 */
#ifndef _SCHED_H_
#define _SCHED_H_

#include <sys/sched.h>
#include <sys/types.h>

typedef unsigned long	cpuid_t;

__BEGIN_DECLS
int	sched_get_priority_max(int);
int	sched_get_priority_min(int);
int	sched_getparam(pid_t, struct sched_param *);
int	sched_getscheduler(pid_t);
int	sched_setparam(pid_t, const struct sched_param *);
int	sched_setscheduler(pid_t, int, const struct sched_param *);
int	sched_yield(void);

int	_sched_getaffinity(pid_t, lwpid_t, size_t, cpuset_t *);
int	_sched_getparam(pid_t, lwpid_t, int *, struct sched_param *);
int	_sched_protect(int);
int	_sched_setaffinity(pid_t, lwpid_t, size_t, const cpuset_t *);
int	_sched_setparam(pid_t, lwpid_t, int, const struct sched_param *);

/* Sets of CPUs. */
int	cpuset_clr(cpuid_t, cpuset_t *);
cpuset_t *cpuset_create(void);
void	cpuset_destroy(cpuset_t *);
int	cpuset_isset(cpuid_t, const cpuset_t *);
int	cpuset_set(cpuid_t, cpuset_t *);
size_t	cpuset_size(const cpuset_t *);
void	cpuset_zero(cpuset_t *);
__END_DECLS

#endif /* !_SCHED_H_ */
