/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel tells about itself: the names under {CTL_VENDOR} and the
 * structures that they give.
 *
 * A name that gives an array takes the size of an element as its last
 * component, {CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc)}: a program
 * built with an older, shorter structure gets the beginning of each element.
 * Counters are of the whole machine since boot, summed over the CPUs.
 */
#ifndef _SYS_HEDDLE_H_
#define _SYS_HEDDLE_H_

#include <sys/types.h>

#define HEDDLE_PROC		1	/* struct heddle_proc[] */
#define HEDDLE_EVCNT		2	/* struct heddle_evcnt */
#define HEDDLE_MEM		3	/* struct heddle_mem */
#define HEDDLE_POOL		4	/* struct heddle_pool[] */
#define HEDDLE_FAILALLOC	5	/* int, or struct heddle_failrandom; set only */
#define HEDDLE_VERSION		6	/* string */
#define HEDDLE_SCHED		7	/* struct heddle_cpu[] */
#define HEDDLE_NOSYS		9	/* uint64_t[HEDDLE_NNOSYS] */
#define HEDDLE_BLOCK		8	/* int, set only: see heddle_block */

/*
 * How often each system call number was called that the kernel does not have;
 * the last one counts the numbers that are no table's.
 */
#define HEDDLE_NNOSYS	513

#define HEDDLE_LWPOP		16	/* struct heddle_lwpop, set only */

#define HEDDLE_SELFTEST		20	/* int, set only: HEDDLE_FAULT_* */
#define HEDDLE_INVARIANTS	21	/* int: how many are broken (debug kernels) */

/* What a debug kernel can be asked to do wrong, so that its checkers can be tried. */
#define HEDDLE_FAULT_SHIFT	1	/* undefined behaviour: a shift by 32 */
#define HEDDLE_FAULT_INDEX	2	/* an index beyond an array */
#define HEDDLE_FAULT_AFTER_FREE	3	/* a write to memory that has been freed */
#define HEDDLE_FAULT_BEYOND	4	/* a write beyond an allocation */
#define HEDDLE_FAULT_VARIABLE	5	/* a read beyond a variable */
#define HEDDLE_FAULT_FREE_TWICE	6
#define HEDDLE_FAULT_RACE	7	/* many plain increments of one variable: for two LWPs */
#define HEDDLE_FAULT_STACK	8	/* a write beyond a variable on the stack */
#define HEDDLE_FAULT_ORDER	9	/* spin mutexes in two orders, one after the other */
#define HEDDLE_FAULT_ORDER3	10	/* adaptive mutexes: a b, b c, c a */
#define HEDDLE_FAULT_TWICE	11	/* a spin mutex entered twice */
#define HEDDLE_FAULT_TWICE_M	12	/* an adaptive one */
#define HEDDLE_FAULT_NOT_HELD	13	/* a spin mutex left that is not held */
#define HEDDLE_FAULT_NOT_HELD_M	14
#define HEDDLE_FAULT_MUTEX_SPIN	15	/* an adaptive mutex wanted with a spin mutex held */
#define HEDDLE_FAULT_SLEEP_SPIN	16	/* the CPU given up with a spin mutex held */
#define HEDDLE_FAULT_COPY_SPIN	17	/* user memory touched with a spin mutex held */
#define HEDDLE_FAULT_INTR_SPIN	18	/* interrupts on with a spin mutex held */
#define HEDDLE_FAULT_KEPT	19	/* a mutex held at the end of a system call */
/* These break an invariant, have all checked, and mend it. */
#define HEDDLE_FAULT_COUNTER	20	/* inv.1 */
#define HEDDLE_FAULT_RUNQ	21	/* inv.22 */
#define HEDDLE_FAULT_FLAG	22	/* inv.13 */
#define HEDDLE_FAULT_DEADLOCK	23	/* by LWPs 1 and 2: they wait for each other for ever */
#define HEDDLE_FAULT_LISTS	24	/* a panic, with lists that lead nowhere or in a circle */
#define HEDDLE_FAULT_LISTS	24	/* a panic, with lists that lead nowhere and in circles */

#define HEDDLE_TRACE		10	/* struct heddle_trace; int, to set: <sys/trace.h> */
#define HEDDLE_TRACELOG		11	/* struct heddle_traceline[] */

/* p_stat */
#define SIDL		1	/* being created */
#define SACTIVE		2	/* alive */
#define SDYING		3	/* exiting */
#define SSTOP		4	/* stopped */
#define SZOMB		5	/* exited, not yet waited for */

#define HEDDLE_COMMLEN	32
#define HEDDLE_NAMELEN	24

/* A process. */
struct heddle_proc {
	int32_t		hp_pid;
	int32_t		hp_ppid;	/* parent */
	uint32_t	hp_uid;
	int32_t		hp_stat;	/* SIDL .. SZOMB */
	int32_t		hp_nlwps;	/* LWPs, zombies included */
	int32_t		hp_nzlwps;	/* zombies among them */
	int32_t		hp_xstat;	/* wait status, if SZOMB */
	int32_t		hp_pad;
	uint64_t	hp_vsize;	/* bytes mapped */
	uint64_t	hp_rsspages;	/* pages of memory it has */
	uint64_t	hp_rtime_ns;	/* CPU time used */
	char		hp_comm[HEDDLE_COMMLEN];
};

/*
 * Events.  Each successful unpark of a live LWP counts once, as targeted or
 * broadcast if it woke its target, else as missed.  A raced one is counted in
 * addition: its target was on its way into or out of a park.
 */
struct heddle_evcnt {
	uint64_t	he_parked;	/* parks that slept */
	uint64_t	he_parked_early;	/* parks that found the token full */
	uint64_t	he_unparked_targeted;	/* woken by _lwp_unpark or a park */
	uint64_t	he_unparked_broadcast;	/* woken by _lwp_unpark_all */
	uint64_t	he_raced;	/* target was found while it changed */
	uint64_t	he_missed;	/* token set: target was not parked */
	uint64_t	he_switches;	/* context switches */
	uint64_t	he_ipis;	/* interprocessor interrupts sent */
	uint64_t	he_timer_intrs;	/* timer interrupts */
};

/*
 * Memory, in pages.  hm_total = hm_free + hm_pool + hm_kstack + hm_kernel +
 * hm_user.
 *
 * A test looks for leaks in hm_kernel, hm_user and hm_objects: they are the
 * same before and after, if all that was taken has been given back.  hm_free
 * need not be, as pools keep free objects and stacks for the next time.
 */
struct heddle_mem {
	uint64_t	hm_total;	/* pages the kernel manages */
	uint64_t	hm_free;	/* free pages */
	uint64_t	hm_pool;	/* held by pools */
	uint64_t	hm_kernel;	/* page tables and other kernel use */
	uint64_t	hm_user;	/* mapped in processes */
	uint64_t	hm_objects;	/* objects in use, without stacks */
	uint64_t	hm_nprocs;	/* processes */
	uint64_t	hm_nlwps;	/* LWPs, the kernel's included */
	uint64_t	hm_kstack;	/* kept: kernel stacks, page tables of kernel addresses, the trace's rings */
};

/*
 * Allocations that fail at random: about one in hf_onein of those that the calling
 * LWP causes in the kernel from now on, and the LWPs and processes that it makes.  (An int: the
 * n-th allocation of this LWP fails, and no other.)  Debug kernels only.
 */
struct heddle_failrandom {
	uint32_t	hf_onein;	/* 0: none */
	uint32_t	hf_seed;	/* which ones */
};

/* A pool of objects of one size. */
struct heddle_pool {
	char		hl_name[HEDDLE_NAMELEN];
	uint64_t	hl_size;	/* bytes of an object */
	uint64_t	hl_inuse;	/* objects handed out */
	uint64_t	hl_free;	/* objects ready, in caches too */
	uint64_t	hl_pages;	/* pages held */
	uint64_t	hl_gets;	/* objects ever handed out */
	uint64_t	hl_fails;	/* times that there was none */
};

/* A CPU and its scheduler. */
struct heddle_cpu {
	int32_t		hc_id;
	int32_t		hc_online;
	int32_t		hc_pid;		/* what it runs; 0 for the kernel */
	int32_t		hc_lid;
	uint64_t	hc_runnable;	/* LWPs in its run queue */
	uint64_t	hc_switches;	/* context switches */
	uint64_t	hc_preempted;	/* of them forced */
	uint64_t	hc_stolen;	/* LWPs taken from other CPUs */
	uint64_t	hc_idle_ns;	/* time with nothing to do */
	uint64_t	hc_ipis;	/* interprocessor interrupts received */
	uint64_t	hc_timer_intrs;
};

/*
 * An operation on an LWP of any process, for who sits at the prompt.  It is no part of the
 * contract of the LWP calls, which reach the caller's own process alone, and no program should need it: it is there to
 * show what they do.  Each works, and fails, as the call of its name; suspend never with EDEADLK.
 * ESRCH: no such process or LWP; EPERM: one of the kernel's.  Everybody here is the superuser, to whom it belongs.
 */
struct heddle_lwpop {
	int32_t		ho_pid;
	int32_t		ho_lid;
	int32_t		ho_op;		/* HEDDLE_LWP_* */
	int32_t		ho_signo;	/* HEDDLE_LWP_SIGNAL */
};
#define HEDDLE_LWP_SUSPEND	1	/* returns when it is in force */
#define HEDDLE_LWP_CONTINUE	2
#define HEDDLE_LWP_WAKEUP	3
#define HEDDLE_LWP_UNPARK	4
#define HEDDLE_LWP_SIGNAL	5

#endif /* !_SYS_HEDDLE_H_ */
