/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes with a priority ceiling (PTHREAD_PRIO_PROTECT).
 *
 * What it is.  Such a mutex has a priority, its ceiling, which is that of the most urgent
 * thread that will ever lock it.  Who owns it runs at that priority at least.  So no
 * thread of a middling priority can keep the owner from running while an urgent one
 * waits for the mutex; and on one CPU the urgent one does not even get to ask for it.
 *
 * How.  The ceiling is in force (_sched_protect) before the mutex is taken and until
 * after it has been given up: nobody ever owns it without.  That is two system calls
 * where a mutex without ceiling takes none.
 *
 * Several.  The highest ceiling of the mutexes that a thread owns counts.  They need not be
 * given up in the reverse order, and the kernel does nothing but count them.  So the thread keeps
 * how many of each it has, and tells the kernel which is the highest of those that
 * remain, in the same call that takes one back.
 *
 * Changing the ceiling is for who has the mutex.  A thread that has waited for the mutex may find
 * that it has another ceiling than when it began, and follows.
 *
 * What it does not handle.  Who ranks above a ceiling must not lock the mutex, and gets
 * EINVAL; that is looked at once, when it locks: raising the priority of a thread above the
 * ceiling of a mutex that it has is not noticed.  A thread that waits for the mutex has its
 * priority raised already.
 */
#include <errno.h>
#include <limits.h>

#include "pthread_int.h"

/* The kernel takes all that is a priority, or says that the caller ranks above it. */
static int
protect(int ceiling)
{
	int saved = errno, error = 0;

	if (_sched_protect(ceiling) == -1)
		error = EINVAL;
	errno = saved;
	return error;
}

int
pthread__ceiling_enter(struct __pthread_st *self, int ceiling)
{
	int error;

	if (self->pt_nceilings[ceiling] == USHRT_MAX)
		return EAGAIN;
	error = protect(ceiling);
	if (error != 0)
		return error;
	self->pt_nceilings[ceiling]++;
	self->pt_ceilings |= (uint64_t)1 << ceiling;
	return 0;
}

static int
highest(uint64_t ceilings)
{
	return 63 - __builtin_clzll(ceilings);
}

void
pthread__ceiling_exit(struct __pthread_st *self, int ceiling)
{
	if (--self->pt_nceilings[ceiling] == 0)
		self->pt_ceilings &= ~((uint64_t)1 << ceiling);
	if (self->pt_ceilings == 0)
		(void)protect(-1);
	else
		(void)protect(PRI_REMAINS | highest(self->pt_ceilings));
}

int
pthread__ceiling_follow(const pthread_mutex_t *m, struct __pthread_st *self,
    int before)
{
	int now = pthread__mutex_ceiling(m), error = 0;

	if (now != before) {
		error = pthread__ceiling_enter(self, now);
		pthread__ceiling_exit(self, before);
	}
	return error;
}

/* The LWP of the child is a new one, without ceilings; the mutexes it has as before. */
void
pthread__ceiling_again(struct __pthread_st *self)
{
	int i, k;

	for (i = 0; self->pt_ceilings != 0 && i <= SCHED_PRI_MAX; i++) {
		for (k = 0; k < self->pt_nceilings[i]; k++)
			(void)protect(i);
	}
}

int
pthread_mutex_getprioceiling(const pthread_mutex_t *restrict m,
    int *restrict ceiling)
{
	if (m->ptm_owner == MUTEX_DESTROYED || !(m->ptm_kind & KIND_PROTECT))
		return EINVAL;
	*ceiling = pthread__mutex_ceiling(m);
	return 0;
}

static void
change(pthread_mutex_t *m, int ceiling)
{
	m->ptm_kind = (m->ptm_kind & ~(unsigned int)KIND_CEILING) |
	    (unsigned int)ceiling << KIND_CEILING_SHIFT;
}

/* The caller has a recursive one already: its own ceiling changes with it. */
static int
change_mine(pthread_mutex_t *m, struct __pthread_st *self, int ceiling)
{
	int error;

	if ((m->ptm_kind & KIND_TYPE) != PTHREAD_MUTEX_RECURSIVE)
		return EDEADLK;
	error = pthread__ceiling_enter(self, ceiling);
	if (error != 0)
		return error;
	pthread__ceiling_exit(self, pthread__mutex_ceiling(m));
	change(m, ceiling);
	return 0;
}

/*
 * Locks the mutex without its ceiling, which may be too low for us: that is what is to be mended.
 * If its owner died, it is ours, ceiling and all, with EOWNERDEAD.
 */
int
pthread_mutex_setprioceiling(pthread_mutex_t *restrict m, int ceiling,
    int *restrict old)
{
	struct __pthread_st *self = pthread__self();
	int before, error, entered;

	if (m->ptm_owner == MUTEX_DESTROYED || !(m->ptm_kind & KIND_PROTECT) ||
	    ceiling < SCHED_PRI_MIN || ceiling > SCHED_PRI_MAX)
		return EINVAL;
	if (pthread__mutex_is_mine(m, self)) {
		before = pthread__mutex_ceiling(m);
		error = change_mine(m, self, ceiling);
	} else {
		error = pthread__mutex_acquire(m, self, CLOCK_REALTIME, NULL);
		if (error != 0 && error != EOWNERDEAD)
			return error;
		before = pthread__mutex_ceiling(m);
		if (error == 0) {
			change(m, ceiling);
			pthread__unpark(pthread__mutex_let_go(m, self, false));
		} else if ((entered = pthread__ceiling_enter(self, before)) != 0) {
			pthread__mutex_unget(m, self);
			error = entered;
		}
	}
	if (error == 0 && old != NULL)
		*old = before;
	return error;
}
