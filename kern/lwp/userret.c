/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boundary between kernel and user mode.
 *
 * l_ast says that there is something to look at: a flag in LW_USERRET, a reschedule,
 * a change of affinity.  Who sets such a thing sets l_ast after it; here l_ast is
 * cleared before they are read.  The machine tests l_ast with interrupts off as the
 * last thing before user code, and comes back here as long as it is set: so nothing
 * that was set before user code runs is missed.
 *
 * Order: the end of the process goes before all else (SIGKILL ends what is stopped or suspended),
 * then a stop, then a suspension, then signals: a handler runs after the LWP is continued.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>

void
userret(void)
{
	struct lwp *l = curlwp;
	uint32_t flag;

	KASSERT(md_intr_enabled());
	KASSERT(l->l_nopreempt == 0);
	lockcheck_idle(l);
	(void)__atomic_exchange_n(&l->l_ast, 0, __ATOMIC_SEQ_CST);
	if (curcpu()->ci_want_resched)
		preempt_point();
	while ((flag = lwp_flags(l) & LW_USERRET) != 0) {
		if ((flag & LW_WEXIT) != 0)
			lwp_exit();
		else if ((flag & LW_WSTOP) != 0)
			lwp_stop_self();
		else if ((flag & LW_WSUSPEND) != 0)
			lwp_suspend_self();
		else
			sig_deliver();
	}
	/* After a sigsuspend that no handler ended; what is open now sets l_ast. */
	if (predict_false((l->l_pflag & LP_OLDMASK) != 0))
		sig_restore_mask();
	/* Whoever changes it sets l_ast after; and to a CPU that it does not allow we are not moved. */
	if (predict_false((atomic_load_relaxed(&l->l_affinity) >> curcpu()->ci_index & 1) == 0))
		sched_migrate();
}
