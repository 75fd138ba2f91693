/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Placement: on which CPU an LWP should run.
 *
 * It reads other CPUs' state (what runs there, how many wait) without
 * their locks: a wrong guess costs time, never correctness.  An idle CPU looks for
 * work on all the others before it halts, and an LWP that has to wait is
 * offered to the idle CPUs (sched_offer).  Which CPUs are idle stands in one word, so that
 * nobody looks at them one by one when none is.
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

#include "runq.h"
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

volatile uint64_t cpus_idle cacheline_aligned;

static bool
allowed(const struct lwp *l, const struct cpu_info *ci)
{
	return (l->l_affinity >> ci->ci_index & 1) != 0 && ci->ci_online;
}

/* Guessed at, without its lock. */
static uint8_t
running_priority(const struct cpu_info *ci)
{
	return atomic_load_relaxed(&atomic_load_relaxed(&ci->ci_curlwp)->l_priority);
}

/* Of two CPUs that are both busy, the better one for an LWP that ranks above neither or both. */
static struct cpu_info *
less_busy(struct cpu_info *a, struct cpu_info *b)
{
	uint8_t pa = running_priority(a), pb = running_priority(b);

	if (pa != pb)
		return pa < pb ? a : b;
	return runq_count(b) < runq_count(a) ? b : a;
}

/* Of all the CPUs that `l` may run on; NULL: none is there. */
static struct cpu_info *
least_busy(const struct lwp *l)
{
	uint64_t set = l->l_affinity & ((1UL << ncpu) - 1);
	struct cpu_info *best = NULL, *ci;

	for (; set != 0; set &= set - 1) {
		ci = cpus[__builtin_ctzl(set)];
		if (ci->ci_online)
			best = best == NULL ? ci : less_busy(best, ci);
	}
	return best;
}

/* An idle CPU that `l` may run on and that nobody has given an LWP yet: `last` if it is one.  NULL: none. */
static struct cpu_info *
idle_cpu(const struct lwp *l, struct cpu_info *last)
{
	uint64_t set = atomic_load_relaxed(&cpus_idle) & l->l_affinity;
	struct cpu_info *ci;

	if ((set >> last->ci_index & 1) != 0 && runq_count(last) == 0)
		return last;
	for (; set != 0; set &= set - 1) {
		ci = cpus[__builtin_ctzl(set)];
		if (runq_count(ci) == 0)
			return ci;
	}
	return NULL;
}

/*
 * A CPU for `l`: the one it ran on last if that is idle (its caches know l), else an
 * idle one, else the one that runs the least important LWP, if l ranks above that, else
 * the last one.  Guesses, from other CPUs' state without their locks.
 */
struct cpu_info *
sched_choose_among(const struct lwp *l)
{
	struct cpu_info *last = l->l_cpu, *best = idle_cpu(l, last);

	if (best != NULL)
		return best;
	best = least_busy(l);
	if (best == NULL || (allowed(l, last) && running_priority(best) >= l->l_priority))
		return last;
	return best;
}

void
sched_choose_sleeper(struct lwp *l)
{
	l->l_cpu = sched_choose_among(l);
}

/*
 * Have each of these CPUs, which are idle, look for work.  All of them: which of them gets the LWP that
 * waits, and whether it finds another one there instead, is open until one has it.  If only one were told, two
 * LWPs that begin to wait at once would be offered to the same CPU, and the second would wait
 * beside an idle one.  It is seldom: a CPU that is idle is chosen before (sched_choose).
 */
void
sched_wake_idle(uint64_t set)
{
	for (; set != 0; set &= set - 1)
		md_ipi_resched(cpus[__builtin_ctzl(set)]);
}

void
sched_offer_queue(void)
{
	if (ncpu == 1)
		return;
	membar_sync();
	sched_wake_idle(atomic_load_relaxed(&cpus_idle));
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

	if (from == to) {
		/* It may have been bound until now, and so offered to nobody. */
		if (atomic_load_relaxed(&l->l_stat) == LSRUN)
			sched_offer(l);
		return;
	}
	kpreempt_disable(); /* until the IPI is sent: wakeup_exit_ipi */
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
	kpreempt_enable();
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
		if (predict_false(to->ci_runq.rq_count > 1))
			sched_offer_queue();
	}
	sched_unlock2(from, to);
	return l != NULL;
}

/*
 * Called by the idle LWP with interrupts off: bring one LWP from another CPU's run queue to
 * this one, from the longest queue that has one which may run here.  True if there was one.
 * Its bit in cpus_idle was set before, by an atomic operation (sched_next): see sched_impl.h.
 */
bool
sched_steal(struct cpu_info *ci)
{
	uint64_t tried = 1UL << ci->ci_index;
	struct cpu_info *victim;

	for (;;) {
		victim = NULL;
		for (uint32_t i = 0; i < ncpu; i++) {
			if ((tried >> i & 1) != 0 || runq_count(cpus[i]) == 0)
				continue;
			if (victim == NULL || runq_count(cpus[i]) > runq_count(victim))
				victim = cpus[i];
		}
		if (victim == NULL)
			return false;
		if (steal_from(victim, ci))
			return true;
		tried |= 1UL << victim->ci_index;
	}
}

#ifdef DEBUG
struct lwp *
sched_beside_idle(const struct cpu_info *ci)
{
	uint64_t idle = atomic_load_relaxed(&cpus_idle);
	struct lwp *l;

	for (uint32_t pri = 0; pri < PRI_COUNT; pri++) {
		TAILQ_FOREACH(l, &ci->ci_runq.rq_queue[pri], l_link) {
			if ((l->l_affinity & idle & ~(1UL << ci->ci_index)) != 0)
				return l;
		}
	}
	return NULL;
}
#endif
