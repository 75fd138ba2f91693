/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel threads: LWPs of process 0 that never go to user mode.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/proc.h>
#include <sys/errno.h>

int
kthread_create(const char *name, int priority, struct cpu_info *ci, void (*func)(void *),
    void *arg, struct lwp **newp)
{
	struct lwp *l;
	int error;

	error = lwp_create(curlwp, &proc0, 0, &l);
	if (error != 0)
		return error;
	l->l_func = func;
	l->l_arg = arg;
	strlcpy(l->l_name, name, sizeof(l->l_name));
	lwp_lock(l);
	l->l_flag |= LW_SYSTEM;
	l->l_priority = (uint8_t)priority;
	if (ci != NULL)
		l->l_affinity = 1UL << ci->ci_index;
	lwp_unlock(l);
	sched_place(l);
	if (newp != NULL)
		*newp = l;
	return lwp_publish(l, false);
}

/* The end of a kernel thread: nobody waits for it. */
void
kthread_exit(void)
{
	mutex_enter(&proc0.p_lock);
	curlwp->l_prflag |= LPR_DETACHED;
	proc0.p_ndlwps++;
	proc_unlock(&proc0);
	lwp_exit();
}
