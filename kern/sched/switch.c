/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The switch, preemption, and idling.
 *
 * States.  ONPROC -> RUN (yield, preemption), RUN -> ONPROC (chosen here), SLEEP -> RUN
 * (sched_wakeup; or sched_wakeup_next, and then ONPROC in the same hold of ci_lock).
 * An idle LWP is ONPROC while it runs and IDL otherwise, and is on no queue.
 *
 * Which lock covers what.  ci_lock covers the run queue, ci_curlwp and the LWP that
 * runs.  mi_switch is entered with it held, and with the sleep queue's lock too
 * when the LWP goes to sleep.  The lock that covers the leaving LWP is released
 * by the arriving one, after the stacks have changed (switch_tail): whoever gets the
 * lock of an LWP that is not ONPROC finds it off its CPU.
 *
 * Preemption.  ci_want_resched says that this CPU should choose again.  It is
 * looked at when the outermost spin mutex is left, on the way to user mode (l_ast
 * brings the LWP there into userret), when preemption is enabled again, and on return from an
 * interrupt to the kernel.  Another CPU is told by an IPI.
 *
 * Why no CPU idles over a runnable LWP.  sched_wakeup puts it on the queue under
 * ci_lock and then, seeing the idle LWP there, sends an IPI.  The idle LWP looks at its queue with
 * interrupts off and halts by an instruction that turns them on and waits in one
 * step: an IPI sent after the look ends the halt.  An LWP that comes to a queue behind a busy
 * one, or that is preempted, is offered to the idle CPUs (sched_impl.h says why that is enough); a CPU that
 * runs out of work looks at all the others' queues first (sched_steal).
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/sched.h>
#include <kern/trace.h>

#include "runq.h"
#include "sched_impl.h"

/* `prev` left for ever, and is freed before interrupts are on again. */
static void
switch_reap(struct cpu_info *ci, struct lwp *prev, bool intr)
{
	KASSERT(ci->ci_reap == prev);
	ci->ci_reap = NULL;
	ci->ci_spin_intr = false;
	lwp_setstat(prev, LSIDL);
	lwp_unlock(prev);
	lwp_destroy(prev);
	md_intr_restore(intr);
}

/*
 * The rest of a switch, in the arriving LWP: let the leaving one's lock go, and free
 * it if it left for ever.  `intr`: interrupts were on when the arriving LWP entered
 * its outermost spin mutex.
 */
static void
switch_tail(struct lwp *prev, bool intr)
{
	struct cpu_info *ci = curcpu();

	KASSERT(ci->ci_spin_depth == 1);
	prev->l_running = false;
	if (predict_false(ci->ci_reap != NULL)) {
		switch_reap(ci, prev, intr);
		return;
	}
	ci->ci_spin_depth = 0;
	spin_release(prev->l_mutex);
	if (!intr)
		return;
	spin_trace_on();
	md_intr_enable();
	if (predict_false(ci->ci_want_resched))
		MD_CALL_KEEP(preempt_point, NULL);
}

void
lwp_startup(struct lwp *prev, struct lwp *l)
{
	KASSERT(l == curlwp);
	(void)l;
	switch_tail(prev, true);
}

/* Somebody waits behind the running LWP: its slice must end.  Called on this CPU, interrupts off. */
static void
slice_begin(struct cpu_info *ci, uint64_t now)
{
	ci->ci_slice_end = now + SCHED_SLICE_NS;
	timer_update(ci);
}

/* Choose who runs next.  Called with ci_lock held; takes it off the run queue. */
static struct lwp *
sched_next(struct cpu_info *ci, uint64_t now)
{
	struct lwp *l = runq_take(ci);

	if (l == NULL) {
		/* Now others may offer us work, and the idle LWP looks for some after this: sched_offer. */
		(void)atomic_or(&cpus_idle, 1UL << ci->ci_index);
		return ci->ci_idlelwp;
	}
	if (ci->ci_runq.rq_count != 0 && ci->ci_slice_end == 0)
		slice_begin(ci, now);
	return l;
}

/* Put the LWP that gives way where it belongs.  Called with ci_lock held. */
static void
sched_requeue(struct cpu_info *ci, struct lwp *l)
{
	if ((l->l_flag & LW_IDLE) != 0) {
		(void)atomic_and(&cpus_idle, ~(1UL << ci->ci_index));
		lwp_setstat(l, LSIDL);
		return;
	}
	lwp_setstat(l, LSRUN);
	/* Preempted by a better one before its turn is over: it goes on first among its equals. */
	runq_insert(ci, l, !ci->ci_turn_over);
	ci->ci_turn_over = false;
}

/* The running LWP pays for its time since the last look.  Called with ci_lock held, or on the way out. */
static void
sched_charge(struct cpu_info *ci, struct lwp *l, uint64_t now)
{
	policy_charge(l, now - ci->ci_switch_time);
	ci->ci_switch_time = now;
}

int
mi_switch(struct lwp *l, struct lwp *next)
{
	struct cpu_info *ci = curcpu();
	uint64_t now = md_monotonic_ns();
	bool intr = ci->ci_spin_intr;
	struct lwp *newl, *prev;

	KASSERT(l == ci->ci_curlwp && l == curlwp);
	KASSERT(lwp_locked(l) && spin_owned(&ci->ci_lock));
	lockcheck_switch(l);

	if (l->l_stat != LSRUN) /* it is on a queue already: its priority is fixed (sched_migrate) */
		sched_charge(ci, l, now);
	if (l->l_stat == LSONPROC) {
		sched_requeue(ci, l);
	} else {
		l->l_slept_at = now;
		ci->ci_turn_over = false;
	}
	newl = next != NULL ? next : sched_next(ci, now);
	ci->ci_want_resched = false;
	lwp_setstat(newl, LSONPROC);
	if (newl == l) {
		spin_exit(&ci->ci_lock);
		return 0;
	}
	if (predict_false(l->l_lwpctl != NULL))
		lwpctl_off(l);
	if (predict_false(newl->l_lwpctl != NULL))
		lwpctl_on(newl, ci);
	newl->l_running = true;
	ci->ci_curlwp = newl;
	ci->ci_ev.ev_switches++;
	if (l->l_stat == LSRUN)
		sched_offer(l);
	/* Asleep: the queue's lock goes with l, ci_lock does not. */
	if (l->l_mutex != &ci->ci_lock)
		spin_exit_inner(&ci->ci_lock);
	prev = md_switchto(l, newl);
	switch_tail(prev, intr);
	/* Only the waker writes it, and it is done with us. */
	return l->l_wakereason;
}

void
sched_slice_needed(struct cpu_info *ci)
{
	slice_begin(ci, md_monotonic_ns());
}

/*
 * The IPI comes after the exit: it comes for the lock at once, and would wait for us.  But nobody may come between:
 * who preempted us could keep this CPU for ever, and the other would idle over the LWP that it was given.
 */
static rarely_called void
wakeup_exit_ipi(struct cpu_info *ci)
{
	kpreempt_disable();
	spin_exit(&ci->ci_lock);
	md_ipi_resched(ci);
	kpreempt_enable();
}

/* `l` goes to the run queue of `ci`, which is locked and covers it; lets the lock go. */
static inline __attribute__((always_inline)) void
wakeup_on(struct cpu_info *ci, struct lwp *l)
{
	lwp_setstat(l, LSRUN);
	runq_insert(ci, l, false);
	if (predict_false(sched_notify(ci, l)))
		wakeup_exit_ipi(ci);
	else
		spin_exit(&ci->ci_lock);
}

void
sched_wakeup(struct lwp *l)
{
	KASSERT(lwp_locked(l) && l->l_stat != LSSLEEP);
	wakeup_on(l->l_cpu, l);
}

void
sched_wakeup_sleeper(struct lwp *l)
{
	struct kspin *old = l->l_mutex;
	struct cpu_info *ci;

	KASSERT(lwp_locked(l) && l->l_stat == LSSLEEP);
	policy_slept(l);
	if (predict_false(ncpu != 1))
		MD_CALL_KEEP(sched_choose_sleeper, l);
	ci = l->l_cpu;
	/* One lock for another: the count of those held stays what it is. */
	spin_take(&ci->ci_lock, curcpu());
	lwp_setlock(l, &ci->ci_lock);
	spin_release(old);
	wakeup_on(ci, l);
}

void
sched_wakeup_next(struct lwp *l)
{
	struct cpu_info *ci = curcpu();

	KASSERT(lwp_locked(l) && l->l_stat == LSSLEEP);
	KASSERT(l->l_cpu == ci && spin_owned(&ci->ci_lock) && ci->ci_runq.rq_count == 0);
	policy_slept(l);
	lwp_setlock(l, &ci->ci_lock);
	lwp_setstat(l, LSRUN);
}

void
preempt_point(void)
{
	bool intr = md_intr_disable();
	struct cpu_info *ci = curcpu();
	struct lwp *l = ci->ci_curlwp;

	if (!ci->ci_want_resched || ci->ci_spin_depth != 0 || l->l_nopreempt != 0 || panicking) {
		md_intr_restore(intr);
		return;
	}
	spin_enter(&ci->ci_lock);
	EV(ev_preempts);
	(void)mi_switch(l, NULL);
	md_intr_restore(intr);
}

/* On the way back from an interrupt to kernel code that had interrupts on. */
void
kpreempt_intr(void)
{
	KASSERT(!md_intr_enabled());
	if (predict_false(curcpu()->ci_want_resched))
		preempt_point();
}

void
kpreempt_disable(void)
{
	curlwp->l_nopreempt++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void
kpreempt_enable(void)
{
	struct lwp *l = curlwp;

	KASSERT(l->l_nopreempt != 0);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (--l->l_nopreempt == 0 && curcpu()->ci_want_resched && md_intr_enabled())
		preempt_point();
}

void
sched_yield_cpu(void)
{
	struct cpu_info *ci = spin_enter_cpu_first();

	TRACE_KEEP(trace_switch_reason, TRACE_SW_YIELD, 0);
	ci->ci_turn_over = true; /* behind its equals, whatever is left of its slice */
	(void)mi_switch(ci->ci_curlwp, NULL);
	/* Who yields in a loop waits for another CPU. */
	md_pause();
}

/*
 * Go on, on a CPU that l_affinity allows, if this one is not.  Called with no spin lock.
 */
void
sched_migrate(void)
{
	bool intr = md_intr_disable();
	struct cpu_info *ci = curcpu(), *to;
	struct lwp *l = ci->ci_curlwp;

	if ((l->l_affinity >> ci->ci_index & 1) != 0) {
		md_intr_restore(intr);
		return;
	}
	to = sched_choose(l);
	if (to != ci) {
		/* As into a sleep, only that the queue is the other CPU's run queue. */
		sched_lock2(ci, to);
		sched_charge(ci, l, md_monotonic_ns());
		TRACE_KEEP(trace_switch_reason, TRACE_SW_MIGRATE, 0);
		l->l_cpu = to;
		lwp_setlock(l, &to->ci_lock);
		lwp_setstat(l, LSRUN);
		runq_insert(to, l, false);
		if (sched_notify(to, l))
			md_ipi_resched(to);
		(void)mi_switch(l, NULL);
	}
	md_intr_restore(intr);
}

void
sched_ipi(void)
{
	struct cpu_info *ci = curcpu();

	/* l_ast and ci_want_resched do the rest on the way out. */
	spin_enter(&ci->ci_lock);
	if (ci->ci_slice_end == 0 && ci->ci_runq.rq_count != 0)
		slice_begin(ci, md_monotonic_ns());
	spin_exit(&ci->ci_lock);
}

/*
 * The timer fired.  If the slice is over and somebody waits, the running LWP
 * gives way; if it has some left (it came on the CPU in between), look again then.
 */
void
sched_clock(uint64_t now)
{
	struct cpu_info *ci = curcpu();
	struct lwp *l;

	if (ci->ci_slice_end == 0 || now < ci->ci_slice_end)
		return;
	spin_enter(&ci->ci_lock);
	l = ci->ci_curlwp;
	if ((l->l_flag & LW_IDLE) == 0)
		sched_charge(ci, l, now);
	if (ci->ci_runq.rq_count == 0) {
		ci->ci_slice_end = 0;
	} else {
		if (l->l_slice == (int64_t)SCHED_SLICE_NS && l->l_class != SCHED_FIFO) {
			ci->ci_turn_over = true;
			(void)sched_look_again(ci);
		}
		ci->ci_slice_end = now + (uint64_t)l->l_slice;
		policy_waited(ci);
	}
	spin_exit(&ci->ci_lock);
}

void
idle_loop(void *unused)
{
	struct lwp *l = curlwp;
	struct cpu_info *ci = curcpu(); /* an idle LWP is bound */
	uint64_t before;

	(void)unused;
	for (;;) {
		(void)md_intr_disable();
		if (runq_count(ci) == 0 && !sched_steal(ci)) {
			before = md_monotonic_ns();
			md_idle();
			(void)md_intr_disable();
			ci->ci_ev.ev_idle_ns += md_monotonic_ns() - before;
		}
		spin_enter(&ci->ci_lock);
		(void)mi_switch(l, NULL);
		md_intr_enable();
	}
}
