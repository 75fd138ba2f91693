/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork: a new process with a copy of the caller's memory (copy-on-write) and files,
 * and one LWP, the copy of the caller.
 *
 * Built whole before anything of it can be found or run; each failure undoes what was made.
 */
#include <kern/file.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pgrp.h>
#include <kern/proc.h>
#include <kern/vm.h>
#include <sys/errno.h>

/* The one LWP of the child: registers, thread pointer, mask, name, scheduling of its parent's. */
static int
fork_lwp(struct lwp *l1, struct proc *p2, struct lwp **newp)
{
	struct lwp *l2;
	int error;

	error = lwp_create(l1, p2, 0, &l2);
	if (error != 0)
		return error;
	l2->l_private = l1->l_private;
	l2->l_sigstk = l1->l_sigstk;
	memcpy(l2->l_name, l1->l_name, sizeof(l2->l_name));
	error = md_lwp_fork(l2, 0, 1);
	if (error != 0) {
		lwp_abandon(l2);
		return error;
	}
	*newp = l2;
	return 0;
}

int
proc_fork(pid_t *child)
{
	struct lwp *l1 = curlwp, *l2;
	struct proc *p1 = l1->l_proc, *p2;
	struct vmspace *vm;
	int error;

	error = proc_alloc(p1, &p2);
	if (error != 0)
		return error;
	error = ENOMEM;
	p2->p_emul = p1->p_emul;
	p2->p_psstrings = p1->p_psstrings;
	mutex_enter(&p1->p_lock);
	memcpy(p2->p_sigacts, p1->p_sigacts, sizeof(p2->p_sigacts));
	proc_unlock(p1);
	p2->p_fd = fd_fork(p1->p_fd);
	if (p2->p_fd == NULL)
		goto free_proc;
	p2->p_vmspace = vmspace_fork(p1->p_vmspace);
	if (p2->p_vmspace == NULL)
		goto free_fd;
	vm_set_limit(p2->p_vmspace, p2->p_rlimit[RLIMIT_AS].rlim_cur);
	error = fork_lwp(l1, p2, &l2);
	if (error != 0)
		goto free_vm;

	*child = p2->p_pid; /* before it runs: it may be gone in a moment */
	mutex_enter(&proclist_lock);
	KASSERT(p2->p_pgid == p1->p_pgid && p2->p_sid == p1->p_sid); /* also if p1 was moved meanwhile */
	error = lwp_publish(l2, false);
	mutex_exit(&proclist_lock);
	return error;
free_vm:
	mutex_enter(&p2->p_lock); /* listings look at it */
	vm = p2->p_vmspace;
	p2->p_vmspace = NULL;
	proc_unlock(p2);
	vmspace_free(vm);
free_fd:
	fd_free_table(p2->p_fd);
free_proc:
	proc_free(p2);
	return error;
}
