/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a process, and what its parent learns of it.
 *
 * exit1: one LWP, the first that asks or the last that lives, takes the process
 * down.  It marks all others (LW_WEXIT), waits until they are gone, gives back files
 * and memory, hands its children to process 1, becomes the process's one zombie and
 * leaves.  The parent's wait4 frees the rest.
 *
 * proc_kill_locked ends a process from outside (SIGKILL): all its LWPs are marked; the last
 * one to go finds itself the last (lwp_exit) and comes here.
 *
 * Locks: proclist_lock -> p_lock.  The zombie state is set with both held, and a parent
 * tests and sleeps (p_waitcv) under proclist_lock: no exit is missed.
 */
#include <kern/cons.h>
#include <kern/cpu.h>
#include <kern/file.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pgrp.h>
#include <kern/proc.h>
#include <kern/trace.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/wait.h>

#include "lwp_impl.h"

#define W_STATUS(status, signo) (((status) & 0xff) << 8 | ((signo) & 0x7f))

/*
 * Begin the end of curproc, with p_lock held.  False: somebody else has begun it and
 * others still live; curlwp only has to leave.
 */
static bool
exit_begin(struct proc *p, int status, int signo)
{
	if ((p->p_sflag & PS_WEXIT) != 0)
		return p->p_nlwps - p->p_nzlwps == 1;
	if ((p->p_sflag & PS_EXEC) != 0 && (lwp_flags(curlwp) & LW_WEXIT) != 0)
		return false;
	p->p_sflag |= PS_WEXIT;
	p->p_xstat = W_STATUS(status, signo);
	return true;
}

/* Children of p become children of process 1.  proclist_lock held. */
static void
exit_orphans(struct proc *p)
{
	struct proc *child;
	bool zombies = false;

	while ((child = LIST_FIRST(&p->p_children)) != NULL) {
		LIST_REMOVE(child, p_siblings);
		child->p_parent = initproc;
		LIST_INSERT_HEAD(&initproc->p_children, child, p_siblings);
		zombies = zombies || child->p_stat == SZOMB;
		pgrp_lost_parent(child, p);
	}
	if (zombies)
		cv_broadcast(&initproc->p_waitcv);
}

/* Does the parent of p want no zombies?  proclist_lock held. */
static bool
unwanted(struct proc *p)
{
	struct proc *parent = p->p_parent;
	const struct sigaction *sa = &parent->p_sigacts[SIGCHLD].sa_action;
	bool ignored;

	mutex_enter(&parent->p_lock);
	ignored = sa->sa_handler == SIG_IGN || (sa->sa_flags & SA_NOCLDWAIT) != 0;
	mutex_exit(&parent->p_lock);
	return ignored && parent != initproc;
}

/* p has ended, and its parent does not want to know: process 1 reaps it.  proclist_lock held. */
static void
exit_disown(struct proc *p)
{
	struct proc *parent = p->p_parent;

	LIST_REMOVE(p, p_siblings);
	p->p_parent = initproc;
	LIST_INSERT_HEAD(&initproc->p_children, p, p_siblings);
	cv_broadcast(&parent->p_waitcv); /* perhaps it waits, and has no children any more */
}

static void
exit_memory(struct proc *p)
{
	struct vmspace *vm;

	lwpctl_free_all();
	mutex_enter(&p->p_lock); /* listings look at it */
	vm = p->p_vmspace;
	p->p_vmspace = NULL;
	proc_unlock(p);
	pmap_activate(NULL);
	if (vm != NULL)
		vmspace_free(vm);
}

static void __attribute__((noreturn))
exit_init(struct proc *p)
{
	int status = WIFEXITED(p->p_xstat) ? WEXITSTATUS(p->p_xstat) : 128 + WTERMSIG(p->p_xstat);

	kwarn("heddle: power off, status %d\n", status);
	md_poweroff(status);
}

void
exit1(int status, int signo)
{
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;

	mutex_enter(&p->p_lock);
	if (!exit_begin(p, status, signo)) {
		proc_unlock(p);
		lwp_exit();
	}
	exit_lwps(p);
	proc_unlock(p);
	if (p == initproc)
		exit_init(p);

	itimer_stop(p);
	fd_free_table(p->p_fd);
	p->p_fd = NULL;
	exit_memory(p);

	mutex_enter(&proclist_lock);
	if (p->p_sid == p->p_pid)
		console_hangup(p->p_sid);
	exit_orphans(p);
	mutex_enter(&p->p_lock);
	lwp_set_exiting(l);
	TRACE(trace_proc_exit(l, p->p_xstat));
	p->p_stat = SZOMB;
	proc_unlock(p);
	pgrp_exited(p);
	if (unwanted(p))
		exit_disown(p);
	sig_child_exited(p);
	cv_broadcast(&p->p_parent->p_waitcv);
	kpreempt_disable();
	mutex_exit(&proclist_lock);
	lwp_switch_away(l, false);
}

void
proc_kill_locked(struct proc *p, int signo)
{
	KASSERT(mutex_owned(&p->p_lock));
	if (p->p_stat == SACTIVE && (p->p_sflag & (PS_WEXIT | PS_SYSTEM)) == 0) {
		p->p_sflag |= PS_WEXIT;
		p->p_xstat = W_STATUS(0, signo);
		lwp_kick_all(p, NULL);
	}
}

/* Has `child` something to report?  Then *status is its wait status.  proclist_lock held. */
static bool
wait_report(const struct proc *child, int options, int *status)
{
	int want = child->p_report == _WCONTINUED ? WCONTINUED : WUNTRACED;

	if (child->p_stat == SZOMB) {
		*status = child->p_xstat;
		return true;
	}
	*status = child->p_report;
	return child->p_report != 0 && (options & want) != 0;
}

/* Is `child` one that wait4 with `pid` is about? */
static bool
wait_matches(const struct proc *p, const struct proc *child, pid_t pid)
{
	if (pid > 0)
		return child->p_pid == pid;
	return pid == WAIT_ANY || child->p_pgid == (pid == WAIT_MYPGRP ? p->p_pgid : -pid);
}

/* A child that matches `pid` and has something to report; *found: a child matches. */
static struct proc *
wait_find(struct proc *p, pid_t pid, int options, int *status, bool *found)
{
	struct proc *child;

	*found = false;
	LIST_FOREACH(child, &p->p_children, p_siblings) {
		/* SIDL: not yet forked, or being reaped by another LWP. */
		if (child->p_stat == SIDL || !wait_matches(p, child, pid))
			continue;
		*found = true;
		if (wait_report(child, options, status))
			return child;
	}
	return NULL;
}

/* What the child had to say has been told.  True: it is to be reaped.  proclist_lock held. */
static bool
wait_told(struct proc *child, int options)
{
	if ((options & WNOWAIT) != 0)
		return false;
	if (child->p_stat == SZOMB) {
		mutex_enter(&child->p_lock);
		child->p_stat = SIDL;
		proc_unlock(child);
		return true;
	}
	mutex_enter(&child->p_lock);
	child->p_report = 0;
	proc_unlock(child);
	return false;
}

static void
proc_reap(struct proc *child)
{
	mutex_enter(&child->p_lock);
	KASSERT(child->p_nlwps == 1);
	lwp_reap(TAILQ_FIRST(&child->p_lwps));
	mutex_exit(&child->p_lock);
	proc_free(child);
}

/*
 * Tell what a child has used: its CPU time, as ru_utime (user and kernel are not told apart);
 * the rest of struct rusage is 0.  proclist_lock held.
 */
static int
wait_usage(struct proc *child, struct rusage *uusage)
{
	struct rusage ru;
	uint64_t ns;

	mutex_enter(&child->p_lock);
	ns = proc_cputime(child);
	proc_unlock(child);
	memset(&ru, 0, sizeof(ru));
	ru.ru_utime.tv_sec = (time_t)(ns / 1000000000);
	ru.ru_utime.tv_usec = (suseconds_t)(ns / 1000 % 1000000);
	return copyout(&ru, uusage, sizeof(ru));
}

int
proc_wait(pid_t pid, int *ustatus, int options, struct rusage *uusage, pid_t *res)
{
	struct proc *p = curproc, *child;
	bool found, reap = false;
	int status, error = 0;

	mutex_enter(&proclist_lock);
	while ((child = wait_find(p, pid, options, &status, &found)) == NULL) {
		if (!found)
			error = ECHILD;
		else if ((options & WNOHANG) == 0)
			error = cv_wait_sig(&p->p_waitcv, &proclist_lock);
		if (error != 0 || (options & WNOHANG) != 0) {
			mutex_exit(&proclist_lock);
			*res = 0;
			return error;
		}
	}
	/* Tell first, then reap: with EFAULT the zombie is still there.  Two waiters cannot take one. */
	if (ustatus != NULL)
		error = copyout(&status, ustatus, sizeof(status));
	if (error == 0 && uusage != NULL)
		error = wait_usage(child, uusage);
	*res = child->p_pid;
	if (error == 0)
		reap = wait_told(child, options);
	mutex_exit(&proclist_lock);
	if (reap)
		proc_reap(child);
	return error;
}
