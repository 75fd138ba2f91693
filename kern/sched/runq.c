/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues: which LWPs are ready on a CPU, and on which CPU an LWP should run.
 *
 * A CPU's run queue is a queue a priority and a bitmap of those that hold
 * something; the best one is found by looking at four words.  All of it is covered
 * by the CPU's ci_lock, and so are the LWPs on it.
 *
 * Placement reads other CPUs' state (what runs there, how many wait) without
 * their locks: a wrong guess costs time, never correctness.  An idle CPU looks for
 * work on all the others before it halts, and an LWP that has to wait is
 * offered to an idle CPU (sched_offer).
 *
 * What it does not handle: among CPUs that are all busy nothing is moved, so a queue
 * can be longer than another until a CPU runs out of work.  Looking for an LWP to
 * steal walks over those that are bound to their CPU.
 *
 * Two ci_locks at once (to move an LWP) are taken in the order of ci_index.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/sched.h>

#include "sched_impl.h"

void
sched_init_cpu(struct cpu_info *ci)
{
	spin_init(&ci->ci_lock, "cpu");
	for (int i = 0; i < PRI_COUNT; i++)
		TAILQ_INIT(&ci->ci_runq.rq_queue[i]);
	spin_init(&ci->ci_callout_lock, "callout");
	RB_INIT(&ci->ci_callouts);
}

void
runq_insert(struct cpu_info *ci, struct lwp *l, bool head)
{
	struct runq *rq = &ci->ci_runq;

	KASSERT(spin_owned(&ci->ci_lock));
	KASSERT(l->l_stat == LSRUN && l->l_mutex == &ci->ci_lock);
	if (head)
		TAILQ_INSERT_HEAD(&rq->rq_queue[l->l_priority], l, l_link);
	else
		TAILQ_INSERT_TAIL(&rq->rq_queue[l->l_priority], l, l_link);
	rq->rq_bitmap[l->l_priority / 64] |= 1UL << (l->l_priority % 64);
	rq->rq_count++;
}

void
runq_remove(struct cpu_info *ci, struct lwp *l)
{
	struct runq *rq = &ci->ci_runq;

	KASSERT(spin_owned(&ci->ci_lock));
	TAILQ_REMOVE(&rq->rq_queue[l->l_priority], l, l_link);
	if (TAILQ_EMPTY(&rq->rq_queue[l->l_priority]))
		rq->rq_bitmap[l->l_priority / 64] &= ~(1UL << (l->l_priority % 64));
	rq->rq_count--;
}

/* The best LWP of a CPU's run queue, left there; NULL if it is empty. */
struct lwp *
runq_best(struct cpu_info *ci)
{
	struct runq *rq = &ci->ci_runq;

	for (int w = RUNQ_WORDS - 1; w >= 0; w--) {
		if (rq->rq_bitmap[w] != 0)
			return TAILQ_FIRST(
			    &rq->rq_queue[w * 64 + 63 - __builtin_clzl(rq->rq_bitmap[w])]);
	}
	return NULL;
}

static bool
allowed(const struct lwp *l, const struct cpu_info *ci)
{
	return (l->l_affinity >> ci->ci_index & 1) != 0 && ci->ci_online;
}

static bool
cpu_is_idle(const struct cpu_info *ci)
{
	return ci->ci_curlwp == ci->ci_idlelwp && ci->ci_runq.rq_count == 0;
}

/* Of two CPUs that are both busy, the better one for an LWP that ranks above neither or both. */
static struct cpu_info *
less_busy(struct cpu_info *a, struct cpu_info *b)
{
	uint8_t pa = a->ci_curlwp->l_priority, pb = b->ci_curlwp->l_priority;

	if (pa != pb)
		return pa < pb ? a : b;
	return b->ci_runq.rq_count < a->ci_runq.rq_count ? b : a;
}

/*
 * A CPU for `l`: the one it ran on last if that is idle (its caches know l), else an
 * idle one, else the one that runs the least important LWP, if l ranks above that, else
 * the last one.  Guesses, from other CPUs' state without their locks.
 */
struct cpu_info *
sched_choose(const struct lwp *l)
{
	struct cpu_info *last = l->l_cpu, *best = NULL, *ci;
	bool may_stay;

	if (ncpu == 1)
		return last;
	may_stay = allowed(l, last);
	if (may_stay && cpu_is_idle(last))
		return last;
	for (uint32_t i = 0; i < ncpu; i++) {
		ci = cpus[i];
		if (!allowed(l, ci))
			continue;
		if (cpu_is_idle(ci))
			return ci;
		best = best == NULL ? ci : less_busy(best, ci);
	}
	if (best == NULL || (may_stay && best->ci_curlwp->l_priority >= l->l_priority))
		return last;
	return best;
}

/*
 * `l` (locked) has to wait on the run queue of `ci`: if another CPU is idle that may run it,
 * wake that CPU, and it will come and take l.
 *
 * Why no CPU sleeps through it: here rq_count is stored, then ci_curlwp of the others is
 * read; a CPU that goes idle stores ci_curlwp, then reads the rq_count of the others
 * (sched_steal), with a barrier between on both sides.  One of the two sees the other.
 */
void
sched_offer(const struct cpu_info *ci, const struct lwp *l)
{
	if (ncpu == 1)
		return;
	membar_sync();
	for (uint32_t i = 0; i < ncpu; i++) {
		if (cpus[i] != ci && allowed(l, cpus[i]) &&
		    atomic_load_relaxed(&cpus[i]->ci_curlwp) == cpus[i]->ci_idlelwp) {
			md_ipi_resched(cpus[i]);
			return;
		}
	}
}

void
sched_lock2(struct cpu_info *a, struct cpu_info *b)
{
	KASSERT(a != b);
	spin_enter(&(a->ci_index < b->ci_index ? a : b)->ci_lock);
	spin_enter(&(a->ci_index < b->ci_index ? b : a)->ci_lock);
}

void
sched_unlock2(struct cpu_info *a, struct cpu_info *b)
{
	spin_exit(&a->ci_lock);
	spin_exit(&b->ci_lock);
}

/*
 * Move an LWP that is LSIDL, or LSRUN, to the CPU that suits it.  Called with nothing held; if
 * it has changed its state meanwhile, nothing is done.
 */
void
sched_place(struct lwp *l)
{
	struct cpu_info *from = atomic_load_relaxed(&l->l_cpu), *to = sched_choose(l);
	bool ipi = false;

	if (from == to)
		return;
	sched_lock2(from, to);
	if (l->l_mutex == &from->ci_lock && (l->l_stat == LSRUN || l->l_stat == LSIDL)) {
		if (l->l_stat == LSRUN)
			runq_remove(from, l);
		l->l_cpu = to;
		lwp_setlock(l, &to->ci_lock);
		if (l->l_stat == LSRUN) {
			runq_insert(to, l, false);
			ipi = sched_notify(to, l);
		}
	}
	sched_unlock2(from, to);
	if (ipi)
		md_ipi_resched(to);
}

/* The best LWP of `from` that may run on `to`.  Both locked. */
static struct lwp *
steal_candidate(struct cpu_info *from, struct cpu_info *to)
{
	struct runq *rq = &from->ci_runq;
	struct lwp *l;
	int bit;

	for (int w = RUNQ_WORDS - 1; w >= 0; w--) {
		for (uint64_t bits = rq->rq_bitmap[w]; bits != 0; bits &= ~(1UL << bit)) {
			bit = 63 - __builtin_clzl(bits);
			TAILQ_FOREACH(l, &rq->rq_queue[w * 64 + bit], l_link) {
				if (allowed(l, to))
					return l;
			}
		}
	}
	return NULL;
}

static bool
steal_from(struct cpu_info *from, struct cpu_info *to)
{
	struct lwp *l;

	sched_lock2(from, to);
	l = steal_candidate(from, to);
	if (l != NULL) {
		runq_remove(from, l);
		l->l_cpu = to;
		lwp_setlock(l, &to->ci_lock);
		runq_insert(to, l, false);
		EV(ev_steals);
	}
	sched_unlock2(from, to);
	return l != NULL;
}

/*
 * Called by the idle LWP with interrupts off: bring one LWP from another CPU's run queue to
 * this one, from the longest queue that has one which may run here.  True if there was one.
 */
bool
sched_steal(struct cpu_info *ci)
{
	uint64_t tried = 1UL << ci->ci_index;
	struct cpu_info *victim;

	membar_sync(); /* see sched_offer */
	for (;;) {
		victim = NULL;
		for (uint32_t i = 0; i < ncpu; i++) {
			if ((tried >> i & 1) != 0 || cpus[i]->ci_runq.rq_count == 0)
				continue;
			if (victim == NULL ||
			    cpus[i]->ci_runq.rq_count > victim->ci_runq.rq_count)
				victim = cpus[i];
		}
		if (victim == NULL)
			return false;
		if (steal_from(victim, ci))
			return true;
		tried |= 1UL << victim->ci_index;
	}
}
