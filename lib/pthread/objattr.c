/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes of mutexes, condition variables, read-write locks and barriers.
 *
 * Process-shared objects are not there, as an LWP can unpark only LWPs of its
 * own process: asking for them gives ENOSYS.  Nor do mutexes know priority
 * inheritance: asking for that gives ENOTSUP (doc/pthread.md has the reason).
 */
#include <errno.h>

#include "pthread_int.h"

#define MUTEX_MAGIC	0x6d617474u
#define COND_MAGIC	0x63617474u
#define RW_MAGIC	0x72617474u
#define BARRIER_MAGIC	0x62617474u

static int
set_pshared(bool valid, int shared)
{
	if (!valid)
		return EINVAL;
	if (shared == PTHREAD_PROCESS_SHARED)
		return ENOSYS;
	return shared == PTHREAD_PROCESS_PRIVATE ? 0 : EINVAL;
}

static int
get_pshared(bool valid, int *shared)
{
	*shared = PTHREAD_PROCESS_PRIVATE;
	return valid ? 0 : EINVAL;
}

static int
destroy(unsigned int *magic, unsigned int want)
{
	if (*magic != want)
		return EINVAL;
	*magic = DESTROYED;
	return 0;
}

int
pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
	attr->ptma_magic = MUTEX_MAGIC;
	attr->ptma_kind = PTHREAD_MUTEX_DEFAULT;
	return 0;
}

int
pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
	return destroy(&attr->ptma_magic, MUTEX_MAGIC);
}

int
pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict attr,
    int *restrict type)
{
	*type = (int)(attr->ptma_kind & KIND_TYPE);
	return attr->ptma_magic == MUTEX_MAGIC ? 0 : EINVAL;
}

int
pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
	if (attr->ptma_magic != MUTEX_MAGIC || type < PTHREAD_MUTEX_NORMAL ||
	    type > PTHREAD_MUTEX_RECURSIVE)
		return EINVAL;
	attr->ptma_kind = (attr->ptma_kind & ~(unsigned int)KIND_TYPE) |
	    (unsigned int)type;
	return 0;
}

int
pthread_mutexattr_getrobust(const pthread_mutexattr_t *restrict attr,
    int *restrict robust)
{
	*robust = attr->ptma_kind & KIND_ROBUST ? PTHREAD_MUTEX_ROBUST :
	    PTHREAD_MUTEX_STALLED;
	return attr->ptma_magic == MUTEX_MAGIC ? 0 : EINVAL;
}

int
pthread_mutexattr_setrobust(pthread_mutexattr_t *attr, int robust)
{
	if (attr->ptma_magic != MUTEX_MAGIC || (robust != PTHREAD_MUTEX_ROBUST &&
	    robust != PTHREAD_MUTEX_STALLED))
		return EINVAL;
	attr->ptma_kind &= ~(unsigned int)KIND_ROBUST;
	if (robust == PTHREAD_MUTEX_ROBUST)
		attr->ptma_kind |= KIND_ROBUST;
	return 0;
}

int
pthread_mutexattr_getprotocol(const pthread_mutexattr_t *restrict attr,
    int *restrict protocol)
{
	*protocol = attr->ptma_kind & KIND_PROTECT ? PTHREAD_PRIO_PROTECT :
	    PTHREAD_PRIO_NONE;
	return attr->ptma_magic == MUTEX_MAGIC ? 0 : EINVAL;
}

int
pthread_mutexattr_setprotocol(pthread_mutexattr_t *attr, int protocol)
{
	if (attr->ptma_magic != MUTEX_MAGIC)
		return EINVAL;
	if (protocol == PTHREAD_PRIO_INHERIT)
		return ENOTSUP;
	if (protocol != PTHREAD_PRIO_NONE && protocol != PTHREAD_PRIO_PROTECT)
		return EINVAL;
	attr->ptma_kind &= ~(unsigned int)KIND_PROTECT;
	if (protocol == PTHREAD_PRIO_PROTECT)
		attr->ptma_kind |= KIND_PROTECT;
	return 0;
}

/* It is remembered, and has a meaning with PTHREAD_PRIO_PROTECT only. */
int
pthread_mutexattr_getprioceiling(const pthread_mutexattr_t *restrict attr,
    int *restrict ceiling)
{
	*ceiling = (int)(attr->ptma_kind & KIND_CEILING) >> KIND_CEILING_SHIFT;
	return attr->ptma_magic == MUTEX_MAGIC ? 0 : EINVAL;
}

int
pthread_mutexattr_setprioceiling(pthread_mutexattr_t *attr, int ceiling)
{
	if (attr->ptma_magic != MUTEX_MAGIC || ceiling < SCHED_PRI_MIN ||
	    ceiling > SCHED_PRI_MAX)
		return EINVAL;
	attr->ptma_kind = (attr->ptma_kind & ~(unsigned int)KIND_CEILING) |
	    (unsigned int)ceiling << KIND_CEILING_SHIFT;
	return 0;
}

int
pthread_mutexattr_getpshared(const pthread_mutexattr_t *restrict attr,
    int *restrict shared)
{
	return get_pshared(attr->ptma_magic == MUTEX_MAGIC, shared);
}

int
pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared)
{
	return set_pshared(attr->ptma_magic == MUTEX_MAGIC, shared);
}

int
pthread_condattr_init(pthread_condattr_t *attr)
{
	attr->ptca_magic = COND_MAGIC;
	attr->ptca_clock = CLOCK_REALTIME;
	return 0;
}

int
pthread_condattr_destroy(pthread_condattr_t *attr)
{
	return destroy(&attr->ptca_magic, COND_MAGIC);
}

int
pthread_condattr_getclock(const pthread_condattr_t *restrict attr,
    clockid_t *restrict clock)
{
	*clock = attr->ptca_clock;
	return attr->ptca_magic == COND_MAGIC ? 0 : EINVAL;
}

int
pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
	if (attr->ptca_magic != COND_MAGIC || pthread__badclock(clock))
		return EINVAL;
	attr->ptca_clock = clock;
	return 0;
}

int
pthread_condattr_getpshared(const pthread_condattr_t *restrict attr,
    int *restrict shared)
{
	return get_pshared(attr->ptca_magic == COND_MAGIC, shared);
}

int
pthread_condattr_setpshared(pthread_condattr_t *attr, int shared)
{
	return set_pshared(attr->ptca_magic == COND_MAGIC, shared);
}

int
pthread_rwlockattr_init(pthread_rwlockattr_t *attr)
{
	attr->ptra_magic = RW_MAGIC;
	return 0;
}

int
pthread_rwlockattr_destroy(pthread_rwlockattr_t *attr)
{
	return destroy(&attr->ptra_magic, RW_MAGIC);
}

int
pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *restrict attr,
    int *restrict shared)
{
	return get_pshared(attr->ptra_magic == RW_MAGIC, shared);
}

int
pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attr, int shared)
{
	return set_pshared(attr->ptra_magic == RW_MAGIC, shared);
}

int
pthread_barrierattr_init(pthread_barrierattr_t *attr)
{
	attr->ptba_magic = BARRIER_MAGIC;
	return 0;
}

int
pthread_barrierattr_destroy(pthread_barrierattr_t *attr)
{
	return destroy(&attr->ptba_magic, BARRIER_MAGIC);
}

int
pthread_barrierattr_getpshared(const pthread_barrierattr_t *restrict attr,
    int *restrict shared)
{
	return get_pshared(attr->ptba_magic == BARRIER_MAGIC, shared);
}

int
pthread_barrierattr_setpshared(pthread_barrierattr_t *attr, int shared)
{
	return set_pshared(attr->ptba_magic == BARRIER_MAGIC, shared);
}
