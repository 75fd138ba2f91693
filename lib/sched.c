/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Priorities and sets of CPUs.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static int
check_policy(int policy, int value)
{
	if (policy == SCHED_OTHER || policy == SCHED_FIFO || policy == SCHED_RR)
		return value;
	errno = EINVAL;
	return -1;
}

int
sched_get_priority_min(int policy)
{
	return check_policy(policy, SCHED_PRI_MIN);
}

int
sched_get_priority_max(int policy)
{
	return check_policy(policy, policy == SCHED_OTHER ? SCHED_PRI_MIN : SCHED_PRI_MAX);
}

/* In SCHED_OTHER there is one priority only, which the kernel calls PRI_NONE. */
int
sched_getparam(pid_t pid, struct sched_param *param)
{
	if (_sched_getparam(pid, 0, NULL, param) == -1)
		return -1;
	if (param->sched_priority == PRI_NONE)
		param->sched_priority = SCHED_PRI_MIN;
	return 0;
}

int
sched_getscheduler(pid_t pid)
{
	struct sched_param param;
	int policy;

	return _sched_getparam(pid, 0, &policy, &param) == -1 ? -1 : policy;
}

int
sched_setparam(pid_t pid, const struct sched_param *param)
{
	return _sched_setparam(pid, 0, SCHED_NONE, param);
}

/* The class that it had. */
int
sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
	int old = sched_getscheduler(pid);
	struct sched_param sp = *param;

	if (policy == SCHED_OTHER && sp.sched_priority == SCHED_PRI_MIN)
		sp.sched_priority = PRI_NONE;
	if (old == -1 || _sched_setparam(pid, 0, policy, &sp) == -1)
		return -1;
	return old;
}

cpuset_t *
cpuset_create(void)
{
	return calloc(1, sizeof(cpuset_t));
}

void
cpuset_destroy(cpuset_t *set)
{
	free(set);
}

void
cpuset_zero(cpuset_t *set)
{
	(void)memset(set, 0, sizeof(*set));
}

size_t
cpuset_size(const cpuset_t *set)
{
	return sizeof(*set);
}

static int
check_cpu(cpuid_t cpu)
{
	if (cpu < _CPUSET_MAXCPUS)
		return 0;
	errno = EINVAL;
	return -1;
}

int
cpuset_set(cpuid_t cpu, cpuset_t *set)
{
	if (check_cpu(cpu) == -1)
		return -1;
	set->bits[cpu / 32] |= (uint32_t)1 << cpu % 32;
	return 0;
}

int
cpuset_clr(cpuid_t cpu, cpuset_t *set)
{
	if (check_cpu(cpu) == -1)
		return -1;
	set->bits[cpu / 32] &= ~((uint32_t)1 << cpu % 32);
	return 0;
}

int
cpuset_isset(cpuid_t cpu, const cpuset_t *set)
{
	if (check_cpu(cpu) == -1)
		return -1;
	return (set->bits[cpu / 32] >> cpu % 32) & 1;
}
