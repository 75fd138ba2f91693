/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run queues: which LWPs are ready on a CPU.
 *
 * A CPU's run queue is a queue a priority and a bitmap of those that hold
 * something; the best one is found by looking at four words.  All of it is covered
 * by the CPU's ci_lock, and so are the LWPs on it.  In line, because every wake-up and
 * every switch comes through here.
 */
#ifndef _RUNQ_H_
#define _RUNQ_H_

#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/sched.h>

static inline void
runq_insert(struct cpu_info *ci, struct lwp *l, bool head)
{
	struct runq *rq = &ci->ci_runq;
	uint32_t pri = l->l_priority;

	KASSERT(spin_owned(&ci->ci_lock));
	KASSERT(l->l_stat == LSRUN && l->l_mutex == &ci->ci_lock);
	if (head)
		TAILQ_INSERT_HEAD(&rq->rq_queue[pri], l, l_link);
	else
		TAILQ_INSERT_TAIL(&rq->rq_queue[pri], l, l_link);
	rq->rq_bitmap[pri / 64] |= 1UL << (pri % 64);
	rq->rq_count++;
}

static inline void
runq_remove(struct cpu_info *ci, struct lwp *l)
{
	struct runq *rq = &ci->ci_runq;
	uint32_t pri = l->l_priority;

	KASSERT(spin_owned(&ci->ci_lock));
	TAILQ_REMOVE(&rq->rq_queue[pri], l, l_link);
	if (TAILQ_EMPTY(&rq->rq_queue[pri]))
		rq->rq_bitmap[pri / 64] &= ~(1UL << (pri % 64));
	rq->rq_count--;
}

/* How many wait there: a hint, for who does not hold ci_lock. */
static inline uint32_t
runq_count(const struct cpu_info *ci)
{
	return atomic_load_relaxed(&ci->ci_runq.rq_count);
}

/* The word of the bitmap that holds the best priority; 0 also if there is none. */
static inline uint32_t
runq_word(const struct runq *rq)
{
	_Static_assert(RUNQ_WORDS == 4, "all are looked at");
	return rq->rq_bitmap[3] != 0 ? 3 : rq->rq_bitmap[2] != 0 ? 2 : rq->rq_bitmap[1] != 0 ? 1 : 0;
}

/* Take the best LWP off; NULL if there is none. */
static inline struct lwp *
runq_take(struct cpu_info *ci)
{
	struct runq *rq = &ci->ci_runq;
	uint32_t bit, w = runq_word(rq);
	struct lwpq *q;
	struct lwp *l;

	KASSERT(spin_owned(&ci->ci_lock));
	if (rq->rq_bitmap[w] == 0)
		return NULL;
	bit = 63 ^ (uint32_t)__builtin_clzl(rq->rq_bitmap[w]);
	q = &rq->rq_queue[w * 64 + bit];
	l = TAILQ_FIRST(q);
	TAILQ_REMOVE(q, l, l_link);
	if (TAILQ_EMPTY(q))
		rq->rq_bitmap[w] &= ~(1UL << bit);
	rq->rq_count--;
	return l;
}

#endif
