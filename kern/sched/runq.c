/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues: which LWPs are ready on a CPU, and on which CPU an LWP should run.
 *
 * A CPU's run queue is a queue a priority and a bitmap of those that hold
 * something; the best one is found by looking at four words.  All of it is covered
 * by the CPU's ci_lock, and so are the LWPs on it.
 *
 * Placement reads other CPUs' state (what runs there, how many wait) without
 * their locks: a wrong guess costs time, never correctness, because an idle CPU
 * looks for work on all the others before it halts.
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

/*
 * A CPU for `l`: the one it ran on last if it can run there at once (its caches
 * know it), else an idle one, else the last one, or the least loaded allowed one.
 */
struct cpu_info *
sched_choose(const struct lwp *l)
{
	struct cpu_info *last = l->l_cpu, *best = NULL, *ci;
	bool may_stay;

	if (ncpu == 1)
		return last;
	may_stay = allowed(l, last);
	if (may_stay && (cpu_is_idle(last) || l->l_priority > last->ci_curlwp->l_priority))
		return last;
	for (uint32_t i = 0; i < ncpu; i++) {
		ci = cpus[i];
		if (!allowed(l, ci))
			continue;
		if (cpu_is_idle(ci))
			return ci;
		if (best == NULL || ci->ci_runq.rq_count < best->ci_runq.rq_count)
			best = ci;
	}
	return may_stay || best == NULL ? last : best;
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

	for (int pri = PRI_COUNT - 1; pri >= 0; pri--) {
		if ((rq->rq_bitmap[pri / 64] >> (pri % 64) & 1) == 0)
			continue;
		TAILQ_FOREACH(l, &rq->rq_queue[pri], l_link) {
			if (allowed(l, to))
				return l;
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
 * Called by the idle LWP with interrupts off: bring one LWP from the CPU with the
 * longest run queue to this one.  True if there was one.
 */
bool
sched_steal(struct cpu_info *ci)
{
	struct cpu_info *victim = NULL;

	for (uint32_t i = 0; i < ncpu; i++) {
		if (cpus[i] == ci || cpus[i]->ci_runq.rq_count == 0)
			continue;
		if (victim == NULL || cpus[i]->ci_runq.rq_count > victim->ci_runq.rq_count)
			victim = cpus[i];
	}
	return victim != NULL && steal_from(victim, ci);
}
