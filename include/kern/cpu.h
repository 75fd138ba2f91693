/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU, as the machine-independent kernel sees it.
 *
 * ci_lock covers the CPU's run queue, the LWP that runs on it (LSONPROC), and
 * the LWPs that belong to it but are on no sleep queue (LSIDL, LSZOMB,
 * LSSUSPENDED).  It is the innermost lock of the scheduler; two of them are
 * taken in index order.
 *
 * Lock letters: c = ci_lock; t = ci_callout_lock; o = only this CPU, with
 * interrupts off; a = atomic; r = read by anyone as a hint, written under c or by this CPU.
 */
#ifndef _KERN_CPU_H_
#define _KERN_CPU_H_

#include <kern/callout.h>
#include <kern/evcnt.h>
#include <kern/mutex.h>
#include <kern/sched.h>
#include <machine/cpu.h>

#define MAXCPUS 32

struct lwp;
struct pmap;

struct cpu_info {
	/* The first fields are known to assembly (arch/x86_64/genassym.c). */
	struct cpu_info *ci_self;  /* constant */
	struct lwp *ci_curlwp;     /* o: written; r */
	struct md_cpu ci_md;       /* the machine's own part */

	uint32_t ci_index;         /* constant */
	uint32_t ci_spin_depth;    /* o: spin mutexes held */
	bool ci_spin_intr;         /* o: interrupts were on before the outermost */
	volatile bool ci_want_resched; /* r: preempt at the next chance */
	volatile bool ci_online;   /* r: takes part in scheduling */

	struct kspin ci_lock cacheline_aligned;
	struct runq ci_runq;       /* c */
	struct lwp *ci_idlelwp;    /* constant */
	uint64_t ci_switch_time;   /* c: when ci_curlwp got the CPU, monotonic ns */
	bool ci_turn_over;         /* c: ci_curlwp has used up its slice, or yields */
	uint8_t ci_waited;         /* c: slices that have ended with somebody waiting (policy_waited) */
	uint64_t ci_slice_end;     /* o: when to look at ci_curlwp's time slice; 0 = no need */
	struct lwp *ci_reap;       /* o: an LWP that left for ever; freed by its successor */

	struct kspin ci_callout_lock cacheline_aligned;
	struct callout_tree ci_callouts; /* t */
	uint64_t ci_callout_next;  /* o: when the earliest of them is due, ns; 0 = none */
	uint64_t ci_timer;         /* o: what the hardware timer is set to, ns; 0 = off */

	struct evcnt_cpu ci_ev;    /* o: counters, summed on read */
} cacheline_aligned;

extern struct cpu_info *cpus[MAXCPUS]; /* constant once the CPUs are up */
extern uint32_t ncpu;                  /* constant once the CPUs are up */

extern struct lwp lwp0;

/* The boot CPU joins the scheduler; later its idle LWP joins process 0. */
void cpu_boot(void);
void cpu_boot_publish(void);

/* Program the timer for the earlier of the next callout and the end of the slice. Interrupts off. */
void timer_update(struct cpu_info *ci);

/* A monotonic time that has been: when this CPU, or the one that this was a moment ago, last switched. */
static inline uint64_t
sched_switch_time(void)
{
	return atomic_load_relaxed(&curcpu()->ci_switch_time);
}

/* Count an event on this CPU, whichever that is: interrupts may be on. */
#define EV(field) md_count(offsetof(struct cpu_info, ci_ev.field))

#endif
