/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timeouts: a function called once at a time on the monotonic clock, in
 * nanoseconds.  Per-CPU queues, no tick; the theory is in kern/sched/callout.c.
 */
#ifndef _KERN_CALLOUT_H_
#define _KERN_CALLOUT_H_

#include <kern/kern.h>
#include <sys/tree.h>

struct cpu_info;

/*
 * Locks: t = the callout lock of the CPU c_cpu, * = set by the owner while idle.
 */
struct callout {
	RB_ENTRY(callout) c_node;       /* t */
	uint64_t c_deadline;            /* t: monotonic ns */
	void (*c_func)(void *);         /* * */
	void *c_arg;                    /* * */
	struct cpu_info *volatile c_cpu; /* t: whose queue it is on; NULL = not pending */
};

RB_HEAD(callout_tree, callout);

void callout_init(struct callout *c, void (*func)(void *), void *arg);

/*
 * Call c_func(c_arg) at `deadline` (monotonic ns), from the timer interrupt of
 * this CPU, with the callout lock held: it must be short and must not arm or
 * stop callouts.  Interrupts must be off if the caller relies on the function
 * not running before some later step.  Called with no spin lock that c_func takes.
 */
void callout_arm(struct callout *c, uint64_t deadline);

/*
 * After it returns the function is not running and will not.  Never sleeps.
 * Called with no lock that c_func takes.
 */
void callout_stop(struct callout *c);

struct cpu_info;
#ifdef DEBUG
/* How many on the CPU's queue do not belong there, or not to that place.  Its ci_callout_lock held. */
uint32_t callout_misplaced(struct cpu_info *ci);
#endif

/* The timer interrupt: run what is due and program the next.  Interrupts off. */
void callout_expire(void);

#endif
