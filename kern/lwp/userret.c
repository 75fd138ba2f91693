/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boundary between kernel and user mode.
 *
 * l_ast says that there is something to look at: a flag in LW_USERRET, a reschedule,
 * a change of affinity.  Who sets such a thing sets l_ast after it; here l_ast is
 * cleared before they are read.  The machine tests l_ast with interrupts off as the
 * last thing before user code, and comes back here as long as it is set: so nothing
 * that was set before user code runs is missed.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>

void
userret(void)
{
	struct lwp *l = curlwp;

	KASSERT(md_intr_enabled());
	KASSERT(l->l_nopreempt == 0);
	(void)__atomic_exchange_n(&l->l_ast, 0, __ATOMIC_SEQ_CST);
	preempt_point();
	if ((atomic_load_relaxed(&l->l_flag) & LW_WSUSPEND) != 0)
		lwp_suspend_self();
	if ((atomic_load_relaxed(&l->l_flag) & LW_WEXIT) != 0)
		lwp_exit();
	sched_migrate();
}

/*
 * A program did what the processor refuses.  Until it can catch signals, that
 * ends its process with the signal that says what it was.
 */
void
trap_signal(int signo, int code, vaddr_t addr)
{
	struct lwp *l = curlwp;

	kprintf("%s[%d.%d]: signal %d, code %d, address %p\n", l->l_proc->p_comm, l->l_proc->p_pid,
	    l->l_lid, signo, code, (void *)addr);
	exit1(0, signo);
}
