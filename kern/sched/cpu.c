/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs joining the scheduler, each with an idle LWP of its own.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/sleepq.h>
#include <sys/errno.h>

#include "sched_impl.h"

struct cpu_info *cpus[MAXCPUS];
uint32_t ncpu;
struct lwp lwp0; /* the idle LWP of the boot CPU; until then, boot itself */

/* Make `l` the idle LWP of `ci`: bound to it, of the lowest priority, on no queue. */
static void
idle_setup(struct cpu_info *ci, struct lwp *l)
{
	l->l_flag |= LW_SYSTEM | LW_IDLE;
	l->l_priority = PRI_IDLE;
	l->l_affinity = 1UL << ci->ci_index;
	l->l_cpu = ci;
	l->l_mutex = &ci->ci_lock;
	ksnprintf(l->l_name, sizeof(l->l_name), "idle/%u", ci->ci_index);
	ci->ci_idlelwp = ci->ci_curlwp = l;
}

/* What boot and CPU start have in common with being switched to. */
static void
idle_begin(struct cpu_info *ci, struct lwp *l)
{
	lwp_lock(l);
	lwp_setstat(l, LSONPROC);
	l->l_running = true;
	ci->ci_switch_time = md_monotonic_ns();
	ci->ci_online = true;
	(void)atomic_or(&cpus_idle, 1UL << ci->ci_index);
	lwp_unlock(l);
}

/* Into process 0's list, so that listings show it.  p_lock held. */
static void
idle_publish(struct lwp *l)
{
	if ((l->l_prflag & LPR_IDL) != 0)
		proc0.p_nidlwps--;
	l->l_prflag &= ~LPR_IDL;
	proc0.p_nrlwps++;
	lid_publish(&proc0, l);
}

/*
 * The boot CPU.  Called first of all, before anything else of the scheduler is used.
 */
void
cpu_boot(void)
{
	struct cpu_info *ci = curcpu();
	struct lwp *l = &lwp0;

	ci->ci_curlwp = l;
	cpus[0] = ci;
	ncpu = 1;
	sched_init_cpu(ci);
	l->l_proc = &proc0;
	l->l_stat = LSIDL;
	l->l_slice = SCHED_SLICE_NS;
	callout_init(&l->l_timeout, sleepq_timeout, l);
	cv_init(&l->l_exitcv, "lwpwait");
	idle_setup(ci, l);
	idle_begin(ci, l);
}

/* lwp0 becomes an ordinary member of process 0. */
void
cpu_boot_publish(void)
{
	mutex_enter(&proc0.p_lock);
	if (lid_alloc(&proc0, &lwp0) != 0)
		panic("no memory for the first LWP");
	TAILQ_INSERT_TAIL(&proc0.p_lwps, &lwp0, l_sibling);
	proc0.p_nlwps++;
	idle_publish(&lwp0);
	proc_unlock(&proc0);
}

int
cpu_attach(struct cpu_info *ci)
{
	struct lwp *l;
	int error;

	if (ncpu == MAXCPUS)
		return ENOMEM;
	ci->ci_index = ncpu;
	sched_init_cpu(ci);
	error = lwp_create(curlwp, &proc0, 0, &l);
	if (error != 0)
		return error;
	/* Others look at cpus[] without a lock; ci is complete but for its LWP, and offline. */
	cpus[ncpu] = ci;
	atomic_store_release(&ncpu, ncpu + 1);
	mutex_enter(&proc0.p_lock);
	idle_publish(l);
	proc_unlock(&proc0);
	idle_setup(ci, l);
	ci->ci_curlwp = l;
	return 0;
}

void
cpu_hatch(struct cpu_info *ci)
{
	KASSERT(ci == curcpu());
	KASSERT(!md_intr_enabled());
	idle_begin(ci, ci->ci_idlelwp);
	md_intr_enable();
	idle_loop(NULL);
}
