/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adaptive mutexes.
 *
 * What it is.  km_owner holds the owner's address, or 0.  Bit 0 (WAITERS) is set
 * while LWPs sleep for the mutex; then it may also stand alone: free, with
 * sleepers on their way.
 *
 * Entering.  Free: one compare-and-swap.  Taken by an LWP that is on a CPU: spin,
 * it will be done soon.  Taken by one that is not: sleep.  Spinning has a bound: the
 * owner may be waiting for other CPUs (a TLB shootdown), and where a virtual CPU is a
 * thread of a busy host, who spins takes the time that they need to answer.
 *
 * Locks.  Sleepers are on the queue of a chain, found by hashing the mutex's
 * address; the chain's spin lock covers the queue and the setting and clearing of
 * WAITERS.  Order: sleep bucket -> chain -> ci_lock.  The chains are a table
 * apart from the sleep buckets, because a condition variable releases its
 * mutex while it holds its bucket.
 *
 * Why no wake-up is lost.  WAITERS is set, by compare-and-swap against the owner
 * that was seen, with the chain locked, and the chain stays locked until the
 * sleeper is off its CPU.  An owner that leaves finds the bit (its own
 * compare-and-swap from owner to 0 fails) and must enter the chain to look for
 * the sleeper.  So the sleeper saw the owner leave, or the owner sees the sleeper.
 *
 * A release wakes the best sleeper and hands nothing over: who is first takes it.
 *
 * What it does not handle: priority inheritance.  Sleep is uninterruptible.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/mutex.h>
#include <kern/sched.h>
#include <kern/sleepq.h>
#include <kern/trace.h>

#define CHAIN_SHIFT 6
#define SPIN_MAX 200 /* looks at the mutex before an entry sleeps though the owner runs */

static struct chain {
	struct kspin c_lock;
	struct sleepq c_sleepers; /* (c_lock) of all mutexes that hash here */
} cacheline_aligned chains[1 << CHAIN_SHIFT];

static struct chain *
chain_of(const struct kmutex *m)
{
	return &chains[((uintptr_t)m * 0x9e3779b97f4a7c15UL) >> (64 - CHAIN_SHIFT)];
}

static struct lwp *
owner_lwp(uintptr_t owner)
{
	return (struct lwp *)(owner & ~KMUTEX_WAITERS);
}

void
mutex_init(struct kmutex *m, const char *name)
{
	static bool ready;

	if (!ready) {
		for (size_t i = 0; i < nitems(chains); i++) {
			spin_init(&chains[i].c_lock, "mutex chain");
			TAILQ_INIT(&chains[i].c_sleepers);
		}
		ready = true;
	}
	m->km_owner = 0;
	m->km_name = name;
#ifdef DEBUG
	m->km_class = lockcheck_class(name);
#endif
}

/* Take the mutex if it is free, keeping WAITERS as it is. */
static bool
mutex_try(struct kmutex *m, uintptr_t seen)
{
	return owner_lwp(seen) == NULL &&
	    atomic_cas(&m->km_owner, &seen, (uintptr_t)curlwp | (seen & KMUTEX_WAITERS));
}

/*
 * Sleep until the owner `seen` may have left.  Returns at once if the mutex
 * is no longer as seen, or, if the caller would rather spin, the owner runs again.
 */
static void
mutex_sleep(struct kmutex *m, uintptr_t seen, bool spin)
{
	struct chain *c = chain_of(m);
	struct kspin *cpulock;

	spin_enter(&c->c_lock);
	if (!atomic_cas(&m->km_owner, &seen, seen | KMUTEX_WAITERS) ||
	    (spin && owner_lwp(seen)->l_running)) {
		/* WAITERS without a sleeper costs the owner one look at the chain, no more. */
		spin_exit(&c->c_lock);
		return;
	}
	cpulock = &curcpu()->ci_lock;
	spin_enter_inner(cpulock);
	sleepq_enqueue(&c->c_sleepers, &c->c_lock, (uintptr_t)m, m->km_name, &syncobj_mutex,
	    false);
	sleepq_sort(&c->c_sleepers);
	(void)sleepq_switch();
}

/* Somebody has it, or waits for it. */
static rarely_called void
mutex_enter_taken(struct kmutex *m)
{
	uintptr_t seen, first = atomic_load_relaxed(&m->km_owner);
	int spins = SPIN_MAX;
	bool slept = false;

	for (;;) {
		seen = atomic_load_relaxed(&m->km_owner);
		if (mutex_try(m, seen)) {
			TRACE(trace_mutex(m, first, slept));
			return;
		}
		if (owner_lwp(seen) == NULL)
			continue;
		/* A struct lwp is never unmapped, so a stale owner can be read. */
		if (spins > 0 && owner_lwp(seen)->l_running) {
			spins--;
			md_pause();
		} else {
			mutex_sleep(m, seen, spins > 0);
			slept = true;
		}
	}
}

void
mutex_enter(struct kmutex *m)
{
	uintptr_t seen = 0;

	lockcheck_mutex_enter(m);
	if (predict_false(!atomic_cas(&m->km_owner, &seen, (uintptr_t)curlwp)))
		mutex_enter_taken(m);
}

/* The first sleeper for `m` at `l` or behind it.  Called with the chain locked. */
static struct lwp *
chain_next(const struct kmutex *m, struct lwp *l)
{
	while (l != NULL && l->l_wchan != (uintptr_t)m)
		l = TAILQ_NEXT(l, l_link);
	return l;
}

static rarely_called void
mutex_exit_waiters(struct kmutex *m)
{
	struct chain *c = chain_of(m);
	struct lwp *l;
	bool more;

	spin_enter(&c->c_lock);
	l = chain_next(m, TAILQ_FIRST(&c->c_sleepers));
	more = l != NULL && chain_next(m, TAILQ_NEXT(l, l_link)) != NULL;
	atomic_store_release(&m->km_owner, more ? KMUTEX_WAITERS : 0);
	if (l != NULL)
		sleepq_wake(l, 0); /* releases the chain, which is l's lock */
	else
		spin_exit(&c->c_lock);
}

void
mutex_exit(struct kmutex *m)
{
	uintptr_t seen = (uintptr_t)curlwp;

	lockcheck_mutex_exit(m);
	if (!atomic_cas(&m->km_owner, &seen, 0))
		mutex_exit_waiters(m);
}

bool
mutex_owned(const struct kmutex *m)
{
	return owner_lwp(atomic_load_relaxed(&m->km_owner)) == curlwp;
}

struct lwp *
mutex_owner(const struct kmutex *m)
{
	return owner_lwp(atomic_load_relaxed(&m->km_owner));
}

#ifdef DEBUG
bool
mutex_is_chain(const struct kspin *m)
{
	uintptr_t offset = (uintptr_t)m - (uintptr_t)&chains[0].c_lock;

	return offset < sizeof(chains) && offset % sizeof(chains[0]) == 0;
}
#endif
