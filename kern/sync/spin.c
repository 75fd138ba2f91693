/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin mutexes.
 *
 * Held with interrupts off, so that an interrupt handler on this CPU can never
 * find a lock taken by the code that it interrupted.  ci_spin_depth counts the
 * spin mutexes that this CPU holds; the outermost remembers in ci_spin_intr
 * whether interrupts were on.  The count belongs to the CPU, not to the LWP: a
 * context switch hands the lock of the LWP that leaves to the one that arrives
 * (mi_switch carries ci_spin_intr over).
 *
 * A waiter spins on a plain read and tries the atomic exchange only when the
 * lock looks free, with PAUSE between: under QEMU's round robin a spin without
 * PAUSE would keep the holder from running.
 *
 * What it does not handle: fairness between CPUs.  Sections are short and few
 * CPUs contend; a ticket would cost every entry.
 */
#include <kern/spin.h>
#include <kern/trace.h>

void
spin_init(struct kspin *m, const char *name)
{
	m->ks_locked = 0;
#ifdef DEBUG
	m->ks_cpu = 0;
	m->ks_name = name;
	m->ks_class = lockcheck_class(name);
#else
	(void)name;
#endif
}

static void
spin_wait(struct kspin *m)
{
	uint64_t since = 0;

	TRACE(since = md_monotonic_ns());
	while (atomic_load_relaxed(&m->ks_locked) != 0)
		md_pause();
	TRACE_KEEP(trace_spin, m, since);
}

void
spin_enter_contended(struct kspin *m)
{
	lockcheck_spin_wait(m);
	do
		spin_wait(m);
	while (__atomic_exchange_n(&m->ks_locked, 1, __ATOMIC_ACQUIRE) != 0);
	lockcheck_spin_wait(NULL);
}

bool
spin_owned(const struct kspin *m)
{
#ifdef DEBUG
	return m->ks_locked != 0 && atomic_load_relaxed(&m->ks_cpu) == curcpu()->ci_index + 1;
#else
	(void)m;
	return true;
#endif
}
