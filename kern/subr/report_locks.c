/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report of a panic or a hang, its locks: who holds which, and who waits for it.
 *
 * Debug kernels keep lists of what LWPs and CPUs hold.  Of a release kernel these are found: the
 * locks of processes, mutexes that somebody sleeps for, spin mutexes of CPUs and sleep queues.
 *
 * No locks, and every walk counts its steps: kern/subr/report.c.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/mutex.h>
#include <kern/proc.h>
#include <kern/report.h>
#include <kern/sleepq.h>

#include "report_impl.h"

/* What has been printed: a mutex is found in more than one way. */
static const struct kmutex *printed[REPORT_LINES];
static unsigned nprinted;

static bool
was_printed(const struct kmutex *m)
{
	for (unsigned i = 0; i < nprinted; i++)
		if (printed[i] == m)
			return true;
	return false;
}

/* ---- Adaptive mutexes ---- */

/* The LWPs that sleep for a mutex. */
struct waiters {
	const struct kmutex *w_mutex;
	unsigned w_count;
};

static bool
sleeps_for(const struct lwp *l, const struct kmutex *m)
{
	return l->l_stat == LSSLEEP && l->l_syncobj == &syncobj_mutex && l->l_wchan == (uintptr_t)m;
}

static void
waiter(struct lwp *l, void *arg)
{
	struct waiters *w = arg;

	if (!sleeps_for(l, w->w_mutex) || w->w_count++ >= REPORT_LINES)
		return;
	kprintf(w->w_count == 1 ? ", waited for by " : ", ");
	report_who(l);
}

/* p: the process whose p_lock it is, or NULL. */
static void
mutex_line(const struct kmutex *m, const struct proc *p)
{
	struct waiters w = { .w_mutex = m };

	if (was_printed(m) || nprinted == REPORT_LINES)
		return;
	printed[nprinted++] = m;
	kprintf("  adaptive \"%s\" %p", m->km_name, (const void *)m);
	if (p != NULL)
		kprintf(" of process %d", p->p_pid);
	if (mutex_owner(m) != NULL) {
		kprintf(": held by ");
		report_who(mutex_owner(m));
	} else {
		kprintf(": free");
	}
	report_each_lwp(waiter, &w);
	if (w.w_count > REPORT_LINES)
		kprintf(" and %u more", w.w_count - REPORT_LINES);
	kprintf("\n");
}

static void
mutex_of_proc(const struct proc *p)
{
	if (p->p_lock.km_owner != 0)
		mutex_line(&p->p_lock, p);
}

/* Those that an LWP holds or sleeps for. */
static void
mutexes_by_lwp(struct lwp *l, void *unused)
{
	(void)unused;
	if (l->l_stat == LSSLEEP && l->l_syncobj == &syncobj_mutex)
		mutex_line((const struct kmutex *)l->l_wchan, NULL);
#ifdef DEBUG
	for (uint32_t i = 0; i < umin(l->l_held.hl_count, LOCKCHECK_HELD); i++)
		mutex_line(l->l_held.hl_held[i].lh_lock, NULL);
#endif
}

static void
adaptive(void *unused)
{
	unsigned steps = 0;
	struct proc *p;

	(void)unused;
	LIST_FOREACH(p, &allproc, p_list) {
		if (steps++ > MAXPROC)
			break;
		mutex_of_proc(p);
	}
	mutex_of_proc(&proc0);
	if (proclist_lock.km_owner != 0)
		mutex_line(&proclist_lock, NULL);
	report_each_lwp(mutexes_by_lwp, NULL);
}

/* ---- Spin mutexes ---- */

#ifdef DEBUG
static void
spins_of(void *arg)
{
	const struct cpu_info *ci = arg;
	const struct lockheld_list *hl = lockcheck_spins(ci);

	for (uint32_t i = 0; i < umin(hl->hl_count, LOCKCHECK_HELD); i++) {
		const struct kspin *m = hl->hl_held[i].lh_lock;

		kprintf("  spin \"%s\" %p: held by CPU %u\n", m->ks_name, (const void *)m, ci->ci_index);
	}
}
#else
static void
spin_line(const struct kspin *m, const char *what, uint32_t number)
{
	if (m->ks_locked != 0)
		kprintf("  spin mutex %p of %s %u: held\n", (const void *)m, what, number);
}

static void
spins_of(void *arg)
{
	const struct cpu_info *ci = arg;

	spin_line(&ci->ci_lock, "CPU", ci->ci_index);
	spin_line(&ci->ci_callout_lock, "timeouts of CPU", ci->ci_index);
}

static void
spins_of_buckets(void)
{
	for (uint32_t i = 0; i < SLEEPTAB_SIZE; i++)
		spin_line(&sleeptab[i].sb_lock, "bucket", i);
}
#endif

void
report_locks(void *unused)
{
	(void)unused;
	kprintf("mutexes held or waited for\n");
	report_part(adaptive, NULL);
	for (uint32_t i = 0; i < MAXCPUS; i++)
		if (cpus[i] != NULL)
			report_part(spins_of, cpus[i]);
#ifndef DEBUG
	spins_of_buckets();
#endif
}
