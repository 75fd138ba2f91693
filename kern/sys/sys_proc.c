/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process system calls.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pgrp.h>
#include <kern/proc.h>
#include <kern/syscallargs.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/wait.h>

int
sys_exit(struct lwp *l, const struct sys_exit_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	exit1(uap->status, 0);
}

int
sys_fork(struct lwp *l, const struct sys_fork_args *uap, register_t *retval)
{
	pid_t pid;
	int error = proc_fork(&pid);

	(void)l;
	(void)uap;
	retval[0] = pid;
	retval[1] = 0; /* 1 in the child */
	return error;
}

int
sys_execve(struct lwp *l, const struct sys_execve_args *uap, register_t *retval)
{
	int error = exec_user(uap->path, uap->argv, uap->envp);

	(void)l;
	(void)retval;
	/* The registers are the new program's: nothing of this call goes into them. */
	return error != 0 ? error : EJUSTRETURN;
}

int
sys_wait4(struct lwp *l, const struct sys_wait4_args *uap, register_t *retval)
{
	pid_t pid = uap->pid, res;
	int error;

	(void)l;
	if ((uap->options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOWAIT)) != 0)
		return EINVAL;
	if (pid == INT32_MIN)
		return ECHILD; /* its opposite is no number of a group */
	error = proc_wait(pid, uap->status, uap->options, uap->rusage, &res);
	if (error == 0)
		retval[0] = res;
	return error;
}

int
sys_getpid(struct lwp *l, const struct sys_getpid_args *uap, register_t *retval)
{
	(void)uap;
	retval[0] = l->l_proc->p_pid;
	return 0;
}

int
sys_getppid(struct lwp *l, const struct sys_getppid_args *uap, register_t *retval)
{
	(void)uap;
	mutex_enter(&proclist_lock);
	retval[0] = l->l_proc->p_parent->p_pid;
	mutex_exit(&proclist_lock);
	return 0;
}

int
sys_getpgrp(struct lwp *l, const struct sys_getpgrp_args *uap, register_t *retval)
{
	(void)uap;
	retval[0] = l->l_proc->p_pgid;
	return 0;
}

int
sys_setpgid(struct lwp *l, const struct sys_setpgid_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	return pgrp_set(uap->pid, uap->pgid);
}

int
sys_getpgid(struct lwp *l, const struct sys_getpgid_args *uap, register_t *retval)
{
	pid_t pgid;
	int error = pgrp_of(uap->pid, &pgid);

	(void)l;
	if (error == 0)
		retval[0] = pgid;
	return error;
}

int
sys_setsid(struct lwp *l, const struct sys_setsid_args *uap, register_t *retval)
{
	int error = session_create();

	(void)uap;
	if (error == 0)
		retval[0] = l->l_proc->p_pid;
	return error;
}

int
sys_getsid(struct lwp *l, const struct sys_getsid_args *uap, register_t *retval)
{
	pid_t sid;
	int error = session_of(uap->pid, &sid);

	(void)l;
	if (error == 0)
		retval[0] = sid;
	return error;
}

/* There is one user, and it is root. */
int
sys_getuid(struct lwp *l, const struct sys_getuid_args *uap, register_t *retval)
{
	(void)l;
	(void)uap;
	retval[0] = 0;
	return 0;
}

int
sys_issetugid(struct lwp *l, const struct sys_issetugid_args *uap, register_t *retval)
{
	(void)l;
	(void)uap;
	retval[0] = 0;
	return 0;
}

int
sys_getrlimit(struct lwp *l, const struct sys_getrlimit_args *uap, register_t *retval)
{
	struct proc *p = l->l_proc;
	struct rlimit rl;

	(void)retval;
	if (uap->which < 0 || uap->which >= RLIM_NLIMITS)
		return EINVAL;
	mutex_enter(&p->p_lock);
	rl = p->p_rlimit[uap->which];
	proc_unlock(p);
	return copyout(&rl, uap->rlp, sizeof(rl));
}

int
sys_setrlimit(struct lwp *l, const struct sys_setrlimit_args *uap, register_t *retval)
{
	struct proc *p = l->l_proc;
	struct rlimit rl;
	int error;

	(void)retval;
	if (uap->which < 0 || uap->which >= RLIM_NLIMITS)
		return EINVAL;
	error = copyin(uap->rlp, &rl, sizeof(rl));
	if (error != 0)
		return error;
	if (rl.rlim_cur > rl.rlim_max)
		return EINVAL;
	mutex_enter(&p->p_lock);
	p->p_rlimit[uap->which] = rl;
	if (uap->which == RLIMIT_AS)
		vm_set_limit(p->p_vmspace, rl.rlim_cur);
	proc_unlock(p);
	return 0;
}
