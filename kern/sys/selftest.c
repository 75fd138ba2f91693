/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults on purpose: {CTL_VENDOR, HEDDLE_SELFTEST} makes the kernel do one thing wrong, so
 * that the checker which is to notice it can be seen to notice (tests/host/checkers.t).  Debug
 * kernels only; for most of the faults the call does not return.
 */
#include <kern/cpu.h>
#include <kern/invariants.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/spin.h>
#include <sys/errno.h>
#include <sys/heddle.h>

#include "sysctl_impl.h"

#ifdef DEBUG
#define RACES 100000000
#define BAD_POINTER 0xfffff00000000000UL /* nothing is mapped there */
#define SIZE 40 /* of an object; not a pool's size */

static volatile int zero;
static int raced;
static char letters[13];

static int
fault_shift(void)
{
	return 1 << (32 + zero);
}

static int
fault_index(void)
{
	static const int table[4] = { 1, 2, 3, 4 };

	return table[4 + zero];
}

static int
fault_after_free(void)
{
	volatile char *p = kmem_alloc(SIZE);

	if (p == NULL)
		return ENOMEM;
	kmem_free((void *)p, SIZE);
	p[zero] = 1;
	/* Without KASAN it is noticed when the object is handed out again. */
	return kmem_alloc(SIZE) == NULL;
}

static int
fault_beyond(void)
{
	volatile char *p = kmem_alloc(SIZE);

	if (p == NULL)
		return ENOMEM;
	p[SIZE + zero] = 1;
	kmem_free((void *)p, SIZE);
	return 0;
}

static int
fault_variable(void)
{
	volatile char *p = letters;

	return p[(int)sizeof(letters) + zero];
}

static int
fault_free_twice(void)
{
	void *p = kmem_alloc(SIZE);

	if (p == NULL)
		return ENOMEM;
	kmem_free(p, SIZE);
	kmem_free(p, SIZE);
	return 0;
}

/* For two callers at a time. */
static int
fault_race(void)
{
	for (int i = 0; i < RACES; i++) {
		raced++;
		__atomic_signal_fence(__ATOMIC_SEQ_CST); /* one at a time */
	}
	return 0;
}

static int __attribute__((noinline))
fault_stack(void)
{
	char buf[16];
	volatile char *p = buf;

	for (int i = 0; i < 32 + zero; i++)
		p[i] = 'x';
	return p[3];
}

static int
fault_counter(void)
{
	/* The kernel's own process: nobody else recounts it meanwhile. */
	mutex_enter(&proc0.p_lock);
	proc0.p_nlwpwait++;
	mutex_exit(&proc0.p_lock);
	(void)invariants_check(true);
	mutex_enter(&proc0.p_lock);
	proc0.p_nlwpwait--;
	mutex_exit(&proc0.p_lock);
	return 0;
}

static void
runq_miscount(struct cpu_info *ci, uint32_t n)
{
	spin_enter(&ci->ci_lock);
	ci->ci_runq.rq_count += n;
	spin_exit(&ci->ci_lock);
}

static int
fault_runq(void)
{
	runq_miscount(cpus[0], 1);
	(void)invariants_check(true);
	runq_miscount(cpus[0], -1U);
	return 0;
}

static void
flag_flip(void)
{
	lwp_lock(curlwp);
	curlwp->l_flag ^= LW_SINTR;
	lwp_unlock(curlwp);
}

static int
fault_flag(void)
{
	flag_flip();
	(void)invariants_check(true);
	flag_flip();
	return 0;
}

/* Have the report of a panic meet pointers to nothing, and a tree that is a ring. */
static int
fault_lists(void)
{
	struct callout *first = RB_ROOT(&curcpu()->ci_callouts);

	(void)md_intr_disable();
	if (first != NULL)
		RB_LEFT(first, c_node) = first;
	curproc->p_parent->p_lwps.tqh_first->l_wmesg = (const char *)BAD_POINTER;
	TAILQ_NEXT(curlwp, l_sibling) = (struct lwp *)BAD_POINTER;
	panic("lists bent on purpose");
}

static int (*const faults[])(void) = {
	[HEDDLE_FAULT_SHIFT] = fault_shift,
	[HEDDLE_FAULT_INDEX] = fault_index,
	[HEDDLE_FAULT_AFTER_FREE] = fault_after_free,
	[HEDDLE_FAULT_BEYOND] = fault_beyond,
	[HEDDLE_FAULT_VARIABLE] = fault_variable,
	[HEDDLE_FAULT_FREE_TWICE] = fault_free_twice,
	[HEDDLE_FAULT_RACE] = fault_race,
	[HEDDLE_FAULT_STACK] = fault_stack,
	[HEDDLE_FAULT_COUNTER] = fault_counter,
	[HEDDLE_FAULT_RUNQ] = fault_runq,
	[HEDDLE_FAULT_FLAG] = fault_flag,
	[HEDDLE_FAULT_LISTS] = fault_lists,
};
#endif

int
sysctl_selftest(struct sysctl_req *rq)
{
#ifdef DEBUG
	int n, error;

	if (rq->rq_new == NULL || rq->rq_newlen != sizeof(n))
		return EINVAL;
	error = copyin(rq->rq_new, &n, sizeof(n));
	if (error != 0)
		return error;
	if ((n >= HEDDLE_FAULT_ORDER && n <= HEDDLE_FAULT_KEPT) || n == HEDDLE_FAULT_DEADLOCK)
		return selflocks(n);
	if (n < 0 || (size_t)n >= nitems(faults) || faults[n] == NULL)
		return EINVAL;
	(void)faults[n]();
	return 0;
#else
	(void)rq;
	return ENOSYS;
#endif
}
