/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of kern/sched share with each other only.
 */
#ifndef _SCHED_IMPL_H_
#define _SCHED_IMPL_H_

#include <kern/cpu.h>
#include <kern/lwp.h>

/* a: bit i: CPU i is idle, and looks at all run queues before it halts (place.c). */
extern volatile uint64_t cpus_idle;

struct cpu_info *sched_choose_among(const struct lwp *l);
/* The CPU on which `l`, locked, should run. */
static inline struct cpu_info *
sched_choose(const struct lwp *l)
{
	return ncpu == 1 ? l->l_cpu : sched_choose_among(l);
}

void sched_offer_idle(const struct lwp *l);
/* `l`, locked, has to wait: perhaps another CPU is idle. */
static inline void
sched_offer(const struct lwp *l)
{
	if (ncpu != 1)
		sched_offer_idle(l);
}

bool sched_steal(struct cpu_info *ci);
void sched_lock2(struct cpu_info *a, struct cpu_info *b);
void sched_unlock2(struct cpu_info *a, struct cpu_info *b);

/* Have a CPU (locked) choose again; true: by an IPI, which the caller sends. */
bool sched_look_again(struct cpu_info *ci);
/* The same, if `l`, which has come to the run queue of `ci` (locked), is a reason to. */
bool sched_notify(struct cpu_info *ci, const struct lwp *l);

/* Time-sharing (kern/sched/policy.c); l locked. */
void policy_slice_over(struct lwp *l);
void policy_rise(struct lwp *l);

/* `l` has run for `ns`. */
static inline void
policy_charge(struct lwp *l, uint64_t ns)
{
	KASSERT(lwp_locked(l));
	KASSERT(l->l_stat != LSRUN); /* its queue goes by its priority */
	l->l_rtime += ns;
	l->l_slice -= (int64_t)ns;
	if (predict_false(l->l_slice <= 0))
		policy_slice_over(l);
}

/* `l` has slept.  The clock is read only where the time matters. */
static inline void
policy_slept(struct lwp *l)
{
	KASSERT(lwp_locked(l));
	if (predict_false(l->l_class == SCHED_OTHER && l->l_priority < PRI_TS_DEFAULT))
		policy_rise(l);
}

#endif
