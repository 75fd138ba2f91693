/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling classes: what running and sleeping does to a priority.
 *
 * SCHED_FIFO runs until it blocks, yields or is preempted by a better one.
 * SCHED_RR the same with a time slice.  SCHED_OTHER is a feedback queue: an LWP that
 * uses up a slice sinks by PRI_STEP (whether it used it in one go or in
 * a thousand short turns, so that a pair that plays ping-pong does not outrank a
 * computation for ever), and rises by as much for every slice's length that it
 * slept, to the priority where it began.
 *
 * Nobody of this class waits for ever for others of it.  LWPs that sleep as long as they run do not sink,
 * nor do those that end and leave the next one in their place, so that they may keep a CPU from one that
 * has sunk.  Therefore the lowest that waits goes to the priority where it began now and then
 * (policy_waited), and sinks again from there.
 *
 * A priority ceiling (_sched_protect) lifts an LWP to a real-time priority, whatever its class,
 * for as long as it holds something that others of that priority need.  All of this leaves
 * a priority above PRI_USER_TOP alone; what it is without the ceiling is in l_basepri.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/sched.h>
#include <sys/errno.h>

#include "runq.h"
#include "sched_impl.h"

#define PRI_STEP 4
#define WAITED_MAX 16 /* slices: after so many the lowest that waits has its turn */
#define PRI_RT_LEVELS 64

void
policy_slice_over(struct lwp *l)
{
	l->l_slice = SCHED_SLICE_NS;
	if (l->l_priority == PRI_IDLE)
		return; /* if it rose, the LWPs that have sunk lowest would not preempt it */
	if (l->l_class == SCHED_OTHER && l->l_priority <= PRI_USER_TOP)
		l->l_priority = l->l_priority > PRI_STEP ? l->l_priority - PRI_STEP : PRI_USER;
}

/* A time-sharing LWP that has sunk has slept. */
void
policy_rise(struct lwp *l)
{
	uint64_t ns = md_monotonic_ns() - l->l_slept_at, pri;

	if (ns < SCHED_SLICE_NS)
		return;
	pri = l->l_priority + PRI_STEP * umin(ns / SCHED_SLICE_NS, PRI_COUNT);
	l->l_priority = (uint8_t)umin(pri, PRI_TS_DEFAULT);
}

/*
 * The slice's end was looked at, and somebody waits.  Called in the timer interrupt of ci with ci_lock held, at least
 * once a slice's length for as long as somebody waits.  With n that wait, each is the lowest after n turns at most.
 */
void
policy_waited(struct cpu_info *ci)
{
	struct runq *rq = &ci->ci_runq;
	struct lwp *l;

	_Static_assert(PRI_USER_TOP < 64, "time-sharing priorities are in the first word");
	if (ci->ci_waited < WAITED_MAX) {
		ci->ci_waited++;
		return;
	}
	if (rq->rq_bitmap[0] == 0)
		return;
	l = TAILQ_FIRST(&rq->rq_queue[__builtin_ctzl(rq->rq_bitmap[0])]);
	/* Among its equals its turn comes by itself. */
	if (l->l_priority >= umin(PRI_TS_DEFAULT, ci->ci_curlwp->l_priority))
		return;
	ci->ci_waited = 0;
	runq_remove(ci, l);
	l->l_priority = PRI_TS_DEFAULT;
	runq_insert(ci, l, false);
	(void)sched_notify(ci, l); /* who was to be next until now may have been offered to nobody */
}

/*
 * Change the priority of an LWP wherever it is, and let its CPU choose again.
 * Called with l locked.
 */
static void
lwp_changepri(struct lwp *l, uint8_t pri)
{
	bool ipi = false;

	if (l->l_stat == LSRUN) {
		runq_remove(l->l_cpu, l);
		l->l_priority = pri;
		runq_insert(l->l_cpu, l, false);
		ipi = sched_notify(l->l_cpu, l);
	} else {
		l->l_priority = pri;
		if (l->l_stat == LSONPROC)
			ipi = sched_look_again(l->l_cpu);
	}
	if (ipi)
		md_ipi_resched(l->l_cpu);
}

uint8_t
sched_basepri(const struct lwp *l)
{
	KASSERT(lwp_locked(l));
	return l->l_nceilings != 0 ? l->l_basepri : l->l_priority;
}

/* The same for the priority without ceilings: below the highest of them it is felt only later. */
static void
lwp_changebase(struct lwp *l, uint8_t pri)
{
	if (l->l_nceilings != 0) {
		l->l_basepri = pri;
		pri = (uint8_t)umax(pri, l->l_priority);
	}
	lwp_changepri(l, pri);
}

/* Take one of several ceilings back; `ceiling' is the highest of those that stay. */
static int
sched_lower(struct lwp *l, int ceiling)
{
	if (l->l_nceilings < 2)
		return EINVAL;
	l->l_nceilings--;
	lwp_changepri(l, (uint8_t)umax(l->l_basepri, (uint64_t)ceiling));
	return 0;
}

/*
 * priority: 0..63, a ceiling that is in force until it is taken back with -1; the highest of several
 * counts until all are taken back, but that with PRI_REMAINS the one who takes back says which is left.
 * (The kernel only counts them: else it would have to keep a list of them for each LWP.)
 * EINVAL: no priority, or there is nothing to take back; EPERM:
 * l ranks above the ceiling already, so it is the wrong one.
 */
int
sched_protect(struct lwp *l, int priority)
{
	bool remains = priority >= 0 && (priority & PRI_REMAINS) != 0;
	int level = remains ? priority & ~PRI_REMAINS : priority, ceiling;

	KASSERT(lwp_locked(l) && l == curlwp);
	if (level < -1 || level >= PRI_RT_LEVELS || (level == -1 && l->l_nceilings == 0))
		return EINVAL;
	ceiling = PRI_USER_RT + level;
	if (priority == -1) {
		if (--l->l_nceilings == 0)
			lwp_changepri(l, l->l_basepri);
		return 0;
	}
	if (remains)
		return sched_lower(l, ceiling);
	if (sched_basepri(l) > ceiling)
		return EPERM;
	if (l->l_nceilings++ == 0)
		l->l_basepri = l->l_priority;
	if (l->l_priority < ceiling)
		lwp_changepri(l, (uint8_t)ceiling);
	return 0;
}

void
sched_unprotect_all(struct lwp *l)
{
	KASSERT(lwp_locked(l));
	if (l->l_nceilings != 0) {
		l->l_nceilings = 0;
		lwp_changepri(l, l->l_basepri);
	}
}

/*
 * policy: SCHED_OTHER with priority -1 (PRI_NONE), or SCHED_FIFO, SCHED_RR with 0..63.
 * EINVAL otherwise.  Called with l locked; leaves it locked.
 */
int
sched_setparam(struct lwp *l, int policy, int priority)
{
	KASSERT(lwp_locked(l));
	switch (policy) {
	case SCHED_OTHER:
		if (priority != -1)
			return EINVAL;
		l->l_class = SCHED_OTHER;
		lwp_changebase(l, PRI_TS_DEFAULT);
		return 0;
	case SCHED_FIFO:
	case SCHED_RR:
		if (priority < 0 || priority >= PRI_RT_LEVELS)
			return EINVAL;
		l->l_class = (uint8_t)policy;
		lwp_changebase(l, (uint8_t)(PRI_USER_RT + priority));
		return 0;
	default:
		return EINVAL;
	}
}

/*
 * Bind `l` (locked; left locked) to the CPUs of `mask`.  The caller then calls sched_place for
 * one that waits to run; one that runs moves on its way to user mode, and one that
 * sleeps when it wakes.  EINVAL: no CPU of the mask exists.
 */
int
sched_setaffinity(struct lwp *l, uint64_t mask)
{
	KASSERT(lwp_locked(l));
	mask &= (1UL << ncpu) - 1;
	if (mask == 0)
		return EINVAL;
	l->l_affinity = mask;
	lwp_need_userret(l);
	return 0;
}
