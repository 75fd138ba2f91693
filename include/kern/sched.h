/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs: run queues, the switch, preemption.  Theory: kern/sched/switch.c
 * and place.c.
 */
#ifndef _KERN_SCHED_H_
#define _KERN_SCHED_H_

#include <kern/kern.h>
#include <sys/queue.h>

struct lwp;
struct cpu_info;

/* Priorities as in NetBSD: higher is better. */
#define PRI_COUNT 224
#define PRI_IDLE 0          /* the idle LWPs alone: every other one is better */
#define PRI_USER 1          /* 1 .. 63: time-sharing */
#define PRI_TS_DEFAULT 43   /* where a time-sharing LWP begins: NetBSD's 63 - 20 (nice 0) */
#define PRI_USER_TOP 63
#define PRI_KTHREAD 96      /* 96 .. 127: kernel threads */
#define PRI_USER_RT 128     /* 128 .. 191: SCHED_FIFO, SCHED_RR */
#define PRI_KERNEL_RT 192
#define RUNQ_WORDS 4

#define SCHED_SLICE_NS 10000000ULL /* a round-robin turn: 10 ms */

TAILQ_HEAD(lwpq, lwp);
TAILQ_HEAD(sleepq, lwp); /* of those that wait for one thing: kern/sleepq.h */

/* A CPU's run queue: a queue a priority, and a bitmap of those that are not empty. */
struct runq {
	uint64_t rq_bitmap[RUNQ_WORDS];  /* c */
	uint32_t rq_count;               /* c; others may peek */
	struct lwpq rq_queue[PRI_COUNT]; /* c */
};

void sched_init_cpu(struct cpu_info *ci);

/*
 * Make `l` runnable: choose a CPU, enter its ci_lock, put `l` on its run queue in
 * LSRUN with l_mutex = that lock, release it, and get the CPU's attention if
 * `l` should run now.  Called with l's lock held; returns with it released.  The lock is the ci_lock
 * of a CPU, l being LSIDL, LSSUSPENDED or LSSTOP; for the second function that of a sleep queue, l being LSSLEEP.
 */
void sched_wakeup(struct lwp *l);
void sched_wakeup_sleeper(struct lwp *l);

/*
 * Hand-off: make `l`, which sleeps and ran here last, runnable but put it on no queue, because the
 * caller leaves the CPU to it by mi_switch at once.  Called with l's lock and this CPU's ci_lock held,
 * nobody on the run queue; l is covered by ci_lock then.
 */
void sched_wakeup_next(struct lwp *l);

/*
 * Give up the CPU.  Called with curlwp's lock held, and this CPU's ci_lock too if
 * that is another one; these are the only spin locks held.  Returns with none
 * held, when curlwp has been chosen again; if it slept, what the waker wrote in
 * l_wakereason.  `next`: who goes on here, from sched_wakeup_next; NULL: the best of the run
 * queue.  See kern/sched/switch.c.
 */
int mi_switch(struct lwp *l, struct lwp *next);

/* Let others of the same or better priority run.  Called with no spin lock. */
void sched_yield_cpu(void);

/* Preempt curlwp if ci_want_resched says so.  Called with no spin lock held. */
rarely_called void preempt_point(void);

/* Kernel preemption off and on for curlwp; may be nested.  Interrupts stay on. */
void kpreempt_disable(void);
void kpreempt_enable(void);

/* From the return path of an interrupt that hit the kernel with interrupts on. */
void kpreempt_intr(void);

/* Handler of the reschedule IPI, and the part of the timer interrupt that is ours. */
void sched_ipi(void);
void sched_clock(uint64_t now);

/* First code of a new LWP after the switch to it; prev is the LWP that left the CPU. */
void lwp_startup(struct lwp *prev, struct lwp *l);

/* What a CPU does when there is nothing to do.  Never returns. */
void idle_loop(void *unused) __attribute__((noreturn));

/* Class and priority, and affinity, of an LWP (kern/sched/policy.c).  Called with l locked. */
int sched_setparam(struct lwp *l, int policy, int priority);
int sched_setaffinity(struct lwp *l, uint64_t mask);
/* Priority ceilings.  Called with l, which is curlwp, locked. */
int sched_protect(struct lwp *l, int priority);
void sched_unprotect_all(struct lwp *l);
/* The priority of l without ceilings.  Called with l locked. */
uint8_t sched_basepri(const struct lwp *l);
/* Move an LWP that waits to run, or is new, to a suitable CPU; curlwp to an allowed one. */
void sched_place(struct lwp *l);
void sched_migrate(void);

#ifdef DEBUG
/* One that waits on the run queue of this CPU (locked) though another one that may run it is idle; or NULL. */
struct lwp *sched_beside_idle(const struct cpu_info *ci);
#endif

#endif
