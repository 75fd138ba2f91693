/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of kern/sched share with each other only.
 */
#ifndef _SCHED_IMPL_H_
#define _SCHED_IMPL_H_

#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>

/* a: bit i: CPU i is idle, and looks at all run queues before it halts (place.c). */
extern volatile uint64_t cpus_idle;

rarely_called struct cpu_info *sched_choose_among(const struct lwp *l);
/* l_cpu becomes the CPU on which `l`, locked and asleep, should run. */
void sched_choose_sleeper(struct lwp *l);
/* The CPU on which `l`, locked, should run. */
static inline struct cpu_info *
sched_choose(const struct lwp *l)
{
	return ncpu == 1 ? l->l_cpu : sched_choose_among(l);
}

/*
 * Why no LWP waits beside an idle CPU that may run it (inv.27).  An LWP that is put on a run queue is the next
 * one there (alone on it, and better than what runs), or is offered after it is on the queue:
 * by whoever puts it there, by the switch that takes its CPU from it, and, if it was to
 * be the next one, by whoever puts another one beside it.  An offer wakes every
 * idle CPU that may run the LWP.  Let k be such a CPU.
 *   - Its bit is not seen.  Here rq_count was stored before cpus_idle was read; k sets its bit, then reads the
 *     rq_count of the others (sched_steal), with a barrier between on both sides.  So k has yet to set
 *     its bit, and finds the LWP when it then looks.
 *   - Its bit is seen.  Then k has not left the idle LWP yet.  It gets the IPI, and looks again, or
 *     leaves the idle LWP before: then it is not idle, and looks when it is again.
 * Looking, it finds the LWP, or another one that it takes (and is not idle), or the LWP has gone.
 * Each CPU is told for itself and no one answers for another, so it matters neither how many
 * LWPs are offered at once nor which CPU takes which.
 */
void sched_wake_idle(uint64_t set);
/* One of those on a CPU's queue has to wait, whichever.  The CPU is locked. */
void sched_offer_queue(void);
/* `l` (locked) has to wait on a run queue: the idle CPUs that may run it shall come for it. */
static inline void
sched_offer(const struct lwp *l)
{
	uint64_t set;

	if (ncpu == 1)
		return;
	membar_sync();
	set = atomic_load_relaxed(&cpus_idle) & l->l_affinity;
	if (set != 0)
		MD_CALL_KEEP(sched_wake_idle, set);
}

bool sched_steal(struct cpu_info *ci);
void sched_lock2(struct cpu_info *a, struct cpu_info *b);
void sched_unlock2(struct cpu_info *a, struct cpu_info *b);

/* Have a CPU (locked) choose again; true: by an IPI, which the caller sends. */
static inline bool
sched_look_again(struct cpu_info *ci)
{
	KASSERT(spin_owned(&ci->ci_lock));
	ci->ci_want_resched = true;
	atomic_store_relaxed(&ci->ci_curlwp->l_ast, 1);
	return ci != curcpu();
}
/* The running LWP of this CPU (locked) has to have an end of its slice. */
void sched_slice_needed(struct cpu_info *ci);

/* `l` has come to the run queue of `ci` (locked): whatever that calls for.  True as above. */
static inline bool
sched_notify(struct cpu_info *ci, const struct lwp *l)
{
	struct lwp *cur = ci->ci_curlwp;

	if (l->l_priority > cur->l_priority) {
		if (predict_false(ci->ci_runq.rq_count > 1))
			MD_CALL_KEEP(sched_offer_queue, NULL); /* it, or who was to be the next until now */
		return sched_look_again(ci);
	}
	/* It has to wait: perhaps elsewhere it need not; and the running one's slice must end. */
	sched_offer(l);
	if (predict_true(ci->ci_slice_end != 0))
		return false;
	if (ci != curcpu())
		return true; /* sched_ipi sets the slice */
	MD_CALL_KEEP(sched_slice_needed, ci);
	return false;
}

/* Time-sharing (kern/sched/policy.c); l locked. */
rarely_called void policy_slice_over(struct lwp *l);
void policy_rise(struct lwp *l);
rarely_called void policy_waited(struct cpu_info *ci);

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
		MD_CALL_KEEP(policy_rise, l);
}

#endif
