/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin mutexes: entering and leaving, in line, for they are the commonest thing the kernel does.
 * The theory is in kern/sync/spin.c.
 */
#ifndef _KERN_SPIN_H_
#define _KERN_SPIN_H_

#include <kern/cpu.h>
#include <kern/md.h>
#include <kern/mutex.h>
#include <kern/sched.h>
#include <kern/trace.h>

/* The way taken when somebody else has it: returns with it taken. */
rarely_called void spin_enter_contended(struct kspin *m);

static inline void
spin_note_owner(struct kspin *m, uint32_t cpu)
{
#ifdef DEBUG
	atomic_store_relaxed(&m->ks_cpu, cpu); /* others look at it while they wait */
#else
	(void)m;
	(void)cpu;
#endif
}

/*
 * For the trace: the section with interrupts off that begins with the outermost spin mutex.  Debug kernels
 * only: in a release kernel even a no-op here would be seen in every figure.
 */
static inline void
spin_trace_off(void)
{
#ifdef DEBUG
	TRACE_KEEP(trace_intr_off, 0, 0);
#endif
}

static inline void
spin_trace_on(void)
{
#ifdef DEBUG
	TRACE_KEEP(trace_intr_on, md_pc(), 0);
#endif
}

/* Take the lock itself.  Interrupts are off, and it is counted. */
static inline void
spin_take(struct kspin *m, struct cpu_info *ci)
{
	lockcheck_spin_enter(m);
	if (predict_false(__atomic_exchange_n(&m->ks_locked, 1, __ATOMIC_ACQUIRE) != 0))
		MD_CALL_KEEP(spin_enter_contended, m);
	spin_note_owner(m, ci->ci_index + 1);
}

static inline void
spin_release(struct kspin *m)
{
	lockcheck_spin_exit(m);
	spin_note_owner(m, 0);
	atomic_store_release(&m->ks_locked, 0);
}

/* Interrupts off and one more lock counted.  The CPU is this one as long as that is so. */
static inline struct cpu_info *
spin_count(void)
{
	bool intr = md_intr_disable();
	struct cpu_info *ci = curcpu();

	if (predict_true(ci->ci_spin_depth++ == 0)) {
		ci->ci_spin_intr = intr;
		spin_trace_off();
	}
	return ci;
}

/* Turns interrupts off on this CPU.  Never sleeps.  Not recursive. */
static inline void
spin_enter(struct kspin *m)
{
	struct cpu_info *ci = spin_count();

	spin_take(m, ci);
}

/*
 * The same by who knows that interrupts are on and that no spin mutex is held: nothing has to be asked, nor
 * remembered.  Its exit turns interrupts on again.
 */
static inline struct cpu_info *
spin_count_first(void)
{
	struct cpu_info *ci;

	KASSERT(md_intr_enabled());
	md_intr_off();
	ci = curcpu();
	KASSERT(ci->ci_spin_depth == 0);
	ci->ci_spin_depth = 1;
	ci->ci_spin_intr = true;
	spin_trace_off();
	return ci;
}

static inline void
spin_enter_first(struct kspin *m)
{
	struct cpu_info *ci = spin_count_first();

	spin_take(m, ci);
}

static inline void
spin_exit_last(struct kspin *m)
{
	struct cpu_info *ci = curcpu();

	spin_release(m);
	KASSERT(ci->ci_spin_depth == 1 && ci->ci_spin_intr);
	ci->ci_spin_depth = 0;
	spin_trace_on();
	md_intr_enable();
	/* We may be on another CPU already; then this is only a hint that costs nothing. */
	if (predict_false(ci->ci_want_resched))
		MD_CALL_KEEP(preempt_point, NULL);
}

/* Enter the ci_lock of this CPU, of that on which the caller is, now that it cannot move; as spin_enter_first. */
static inline struct cpu_info *
spin_enter_cpu_first(void)
{
	struct cpu_info *ci = spin_count_first();

	spin_take(&ci->ci_lock, ci);
	return ci;
}

/* The outermost exit turns interrupts on again if they were, and may then preempt. */
static inline void
spin_exit(struct kspin *m)
{
	struct cpu_info *ci = curcpu();

	spin_release(m);
	KASSERT(ci->ci_spin_depth != 0);
	if (--ci->ci_spin_depth != 0 || !ci->ci_spin_intr)
		return;
	spin_trace_on();
	md_intr_enable();
	/* We may be on another CPU already; then this is only a hint that costs nothing. */
	if (predict_false(ci->ci_want_resched))
		MD_CALL_KEEP(preempt_point, NULL);
}

/*
 * The same by who holds another one already: interrupts are off, and stay off.  An exit by
 * spin_exit_inner leaves another one held.
 */
static inline void
spin_enter_inner(struct kspin *m)
{
	struct cpu_info *ci = curcpu();

	KASSERT(ci->ci_spin_depth != 0);
	ci->ci_spin_depth++;
	spin_take(m, ci);
}

/* Does not wait: it may be out of the order of locks. */
static inline bool
spin_tryenter_inner(struct kspin *m)
{
	struct cpu_info *ci = curcpu();

	KASSERT(ci->ci_spin_depth != 0);
	if (__atomic_exchange_n(&m->ks_locked, 1, __ATOMIC_ACQUIRE) != 0)
		return false;
	lockcheck_spin_tried(m);
	ci->ci_spin_depth++;
	spin_note_owner(m, ci->ci_index + 1);
	return true;
}

static inline void
spin_exit_inner(struct kspin *m)
{
	spin_release(m);
	KASSERT(curcpu()->ci_spin_depth > 1);
	curcpu()->ci_spin_depth--;
}

#endif
