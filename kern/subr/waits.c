/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who waits for whom, and the circles: deadlocks.
 *
 * What is known.  An adaptive mutex has an owner; _lwp_wait names an LWP; in debug kernels a CPU that
 * spins says for which spin mutex, and that knows the CPU that holds it.  Each LWP waits for
 * one other at most, so the way from it is a line that ends, or a ring.
 *
 * What it cannot know: who will unpark an LWP, or signal a condition variable.
 *
 * It runs when all CPUs have been stopped: it takes no lock, and counts its steps.  The debugger's `waits`
 * follows the same ways, and those through the mutexes of programs besides.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/mutex.h>
#include <kern/proc.h>
#include <kern/report.h>
#include <kern/sleepq.h>

#define STEPS 1000

struct lwp *
waits_for(const struct lwp *l)
{
	if (l->l_stat == LSSLEEP && l->l_syncobj == &syncobj_mutex)
		return mutex_owner((const struct kmutex *)l->l_wchan);
	if (l->l_stat == LSSLEEP && (l->l_prflag & LPR_WAIT) != 0)
		return l->l_waitingfor;
#ifdef DEBUG
	if (l->l_stat == LSONPROC && l->l_running)
		return lockcheck_spins_for(l->l_cpu);
#endif
	return NULL;
}

/* Is `l` in a ring, of which it is the one to be named first? */
static bool
begins_ring(const struct lwp *l)
{
	const struct lwp *next = waits_for(l);

	for (int i = 0; next != NULL && next != l && i < STEPS; i++) {
		if (next < l)
			return false; /* if it is a ring, that one begins it */
		next = waits_for(next);
	}
	return next == l;
}

static void
print_ring(const struct lwp *first)
{
	const struct lwp *l = first;

	kprintf("deadlock: ");
	do {
		kprintf("%d.%d waits for ", l->l_proc->p_pid, l->l_lid);
		l = waits_for(l);
	} while (l != first);
	kprintf("%d.%d\n", first->l_proc->p_pid, first->l_lid);
}

void
waits_report(void *unused)
{
	unsigned steps = 0;
	struct proc *p;
	struct lwp *l;

	(void)unused;
	LIST_FOREACH(p, &allproc, p_list) {
		if (steps++ > STEPS * STEPS)
			return;
		TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
			if (steps++ > STEPS * STEPS)
				return;
			if (begins_ring(l))
				print_ring(l);
		}
	}
}
