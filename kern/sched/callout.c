/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timeouts on per-CPU queues, without a tick.
 *
 * What it is.  Each CPU keeps its callouts in a tree ordered by deadline, and its
 * one-shot timer is set to the earlier of the first deadline and the end of the
 * running LWP's time slice.  Arming puts a callout on the CPU that arms it.
 *
 * Which lock covers what.  ci_callout_lock covers the tree and the c_cpu, c_node and
 * c_deadline of what is in it.  The function runs with that lock held.  This makes
 * callout_stop complete: when it has had the lock, the function has run or never will.
 *
 * Lock order: ci_callout_lock -> sleep bucket -> ci_lock.  Hence nobody who holds a
 * lock that a callout function takes may arm or stop a callout.
 *
 * The timer is programmed by its own CPU only, with interrupts off, and only when the
 * earliest time changes.  A callout stopped from elsewhere leaves the timer as
 * it was: it fires, finds nothing due and is set anew.
 */
#include <kern/callout.h>
#include <kern/cpu.h>
#include <kern/md.h>
#include <kern/spin.h>

static int
callout_cmp(const struct callout *a, const struct callout *b)
{
	if (a->c_deadline != b->c_deadline)
		return a->c_deadline < b->c_deadline ? -1 : 1;
	return (a > b) - (a < b);
}

RB_GENERATE_STATIC(callout_tree, callout, c_node, callout_cmp)

void
callout_init(struct callout *c, void (*func)(void *), void *arg)
{
	c->c_func = func;
	c->c_arg = arg;
	c->c_cpu = NULL;
}

void
timer_update(struct cpu_info *ci)
{
	uint64_t next = ci->ci_callout_next;

	KASSERT(!md_intr_enabled());
	KASSERT(ci == curcpu());
	if (ci->ci_slice_end != 0 && (next == 0 || ci->ci_slice_end < next))
		next = ci->ci_slice_end;
	if (next == ci->ci_timer)
		return;
	ci->ci_timer = next;
	md_timer_set(next);
}

void
callout_arm(struct callout *c, uint64_t deadline)
{
	bool intr = md_intr_disable();
	struct cpu_info *ci = curcpu();

	KASSERT(c->c_cpu == NULL);
	spin_enter(&ci->ci_callout_lock);
	c->c_deadline = deadline;
	RB_INSERT(callout_tree, &ci->ci_callouts, c);
	c->c_cpu = ci;
	spin_exit(&ci->ci_callout_lock);
	if (ci->ci_callout_next == 0 || deadline < ci->ci_callout_next) {
		ci->ci_callout_next = deadline;
		timer_update(ci);
	}
	md_intr_restore(intr);
}

void
callout_stop(struct callout *c)
{
	/*
	 * c_cpu turns to NULL only after the function has returned, so NULL means that
	 * there is nothing to wait for.
	 */
	struct cpu_info *ci = atomic_load_acquire(&c->c_cpu);

	if (ci == NULL)
		return;
	spin_enter(&ci->ci_callout_lock);
	if (c->c_cpu != NULL) {
		RB_REMOVE(callout_tree, &ci->ci_callouts, c);
		c->c_cpu = NULL;
	}
	spin_exit(&ci->ci_callout_lock);
}

/* Run the first callout if it is due.  The lock is let go between two, to bound its hold. */
static bool
callout_run_one(struct cpu_info *ci, uint64_t now)
{
	struct callout *c;
	bool due;

	spin_enter(&ci->ci_callout_lock);
	c = RB_MIN(callout_tree, &ci->ci_callouts);
	due = c != NULL && c->c_deadline <= now;
	if (due) {
		RB_REMOVE(callout_tree, &ci->ci_callouts, c);
		EV(ev_timeouts);
		c->c_func(c->c_arg);
		atomic_store_release(&c->c_cpu, NULL);
	} else {
		ci->ci_callout_next = c != NULL ? c->c_deadline : 0;
	}
	spin_exit(&ci->ci_callout_lock);
	return due;
}

void
callout_expire(void)
{
	struct cpu_info *ci = curcpu();
	uint64_t now;

	KASSERT(!md_intr_enabled());
	EV(ev_timers);
	ci->ci_timer = 0; /* one-shot: it has fired */
	do
		now = md_monotonic_ns();
	while (callout_run_one(ci, now));
	sched_clock(now);
	timer_update(ci);
}

#ifdef DEBUG
uint32_t
callout_misplaced(struct cpu_info *ci)
{
	const struct callout *before = NULL;
	uint32_t wrong = 0;
	struct callout *c;

	RB_FOREACH(c, callout_tree, &ci->ci_callouts) {
		wrong += c->c_cpu != ci || (before != NULL && before->c_deadline > c->c_deadline);
		before = c;
	}
	return wrong;
}
#endif
