/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations on an LWP of any process, for the prompt (bin/lwpctl.c).
 *
 * Not part of the contract of the LWP calls, in which a process reaches its own LWPs alone: an
 * addition for demonstration.  What happens to the target is what the call of the same name does;
 * the differences are those of the caller, who is outside:
 *	- suspend: there is no EDEADLK.  The test of suspend.5 keeps a process from having nobody left who could
 *	  continue it; here the caller is left.  What he has suspended counts in the test for the
 *	  process's own requests.  If the process calls execve, a request that is in force or on its
 *	  way ends with the old program.
 *	- signal: a handler finds SI_LWP and, as the sender, its own process: an LWP's pending
 *	  set keeps no senders (signal_send.c).
 *
 * Locks.  The process is found under proclist_lock and held (p_nholds): its memory, lock and table of ids
 * stay until proc_rele, however it ends meanwhile; only who reaps it waits for that (proc_free).
 *
 * Why that wait ends.  All but suspend sleep for adaptive locks only.  A suspend sleeps on p_lwpcv, which
 * is signalled when the target exits or its request is taken back; one of them happens to every LWP of a process that
 * ends (lwp_kick, lwp_set_exiting).  The caller then runs to proc_rele before it honours anything itself.
 */
#include <kern/kern.h>
#include <kern/lwp.h>
#include <kern/park.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <sys/errno.h>
#include <sys/heddle.h>

static int
outside_wakeup(struct proc *p, lwpid_t lid)
{
	int error;

	mutex_enter(&p->p_lock); /* keeps the table of ids, as being its LWP would */
	error = lwp_wakeup(p, lid);
	proc_unlock(p);
	return error;
}

static int
outside_unpark(struct proc *p, lwpid_t lid)
{
	int error;

	mutex_enter(&p->p_lock);
	error = lwp_unpark(p, lid);
	proc_unlock(p);
	return error;
}

int
lwp_outside(pid_t pid, lwpid_t lid, int op, int signo)
{
	struct proc *p;
	int error = proc_hold(pid, &p);

	if (error != 0)
		return error;
	switch (op) {
	case HEDDLE_LWP_SUSPEND:
		error = lwp_suspend(p, lid);
		break;
	case HEDDLE_LWP_CONTINUE:
		error = lwp_continue(p, lid);
		break;
	case HEDDLE_LWP_WAKEUP:
		error = outside_wakeup(p, lid);
		break;
	case HEDDLE_LWP_UNPARK:
		error = outside_unpark(p, lid);
		break;
	case HEDDLE_LWP_SIGNAL:
		error = lwp_kill(p, lid, signo);
		break;
	default:
		error = EINVAL;
		break;
	}
	proc_rele(p);
	return error;
}
