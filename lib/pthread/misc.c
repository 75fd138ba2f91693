/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is done to a thread through its LWP: signals, scheduling, CPUs, names,
 * suspension, clocks.
 *
 * Each is a system call with the LWP's id, which is looked up under
 * pthread__lock: as long as that is held nobody can have joined the thread, and
 * the id is its own.  Calls that may sleep are made without it.
 */
#include <errno.h>
#include <lwp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pthread_int.h"

/* The id of a thread, with pthread__lock held; or ESRCH, without. */
static int
hold(pthread_t pt, lwpid_t *lid)
{
	(void)pthread__self();
	__liblock_enter(&pthread__lock);
	if (pthread__exists(pt)) {
		*lid = pt->pt_lid;
		return 0;
	}
	__liblock_exit(&pthread__lock);
	return ESRCH;
}

/* The error of a call that has returned -1, whose errno was `saved' before. */
static int
finish(int result, int saved)
{
	int error = result == -1 ? errno : 0;

	errno = saved;
	return error;
}

/* Ends what hold has begun. */
static int
drop(int result, int saved)
{
	__liblock_exit(&pthread__lock);
	return finish(result, saved);
}

int
pthread_kill(pthread_t pt, int signo)
{
	int saved = errno, error;
	lwpid_t lid;

	if (pt == pthread__self())
		return finish(_lwp_kill(pt->pt_lid, signo), saved);
	error = hold(pt, &lid);
	if (error != 0)
		return error;
	return drop(_lwp_kill(lid, signo), saved);
}

int
pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	int saved = errno;

	return finish(sigprocmask(how, set, old), saved);
}

int
pthread_getschedparam(pthread_t pt, int *restrict policy,
    struct sched_param *restrict param)
{
	int saved = errno, error;
	lwpid_t lid;

	error = hold(pt, &lid);
	if (error != 0)
		return error;
	error = drop(_sched_getparam(0, lid, policy, param), saved);
	/* In SCHED_OTHER there is one priority only. */
	if (error == 0 && param->sched_priority == PRI_NONE)
		param->sched_priority = SCHED_PRI_MIN;
	return error;
}

int
pthread__priority(int policy, int priority)
{
	return policy == SCHED_OTHER && priority == SCHED_PRI_MIN ? PRI_NONE : priority;
}

/* policy: SCHED_NONE leaves it, whatever it is, as it is. */
static int
set_sched(pthread_t pt, int policy, int priority)
{
	struct sched_param sp = { priority };
	int saved = errno, error, result;
	lwpid_t lid;

	error = hold(pt, &lid);
	if (error != 0)
		return error;
	if (policy == SCHED_NONE)
		(void)_sched_getparam(0, lid, &policy, &sp);
	sp.sched_priority = pthread__priority(policy, priority);
	result = _sched_setparam(0, lid, policy, &sp);
	if (result == 0)
		pt->pt_rank = pthread__rank(policy, priority);
	return drop(result, saved);
}

int
pthread_setschedparam(pthread_t pt, int policy, const struct sched_param *param)
{
	if (policy != SCHED_OTHER && policy != SCHED_FIFO && policy != SCHED_RR)
		return EINVAL;
	return set_sched(pt, policy, param->sched_priority);
}

int
pthread_setschedprio(pthread_t pt, int priority)
{
	return set_sched(pt, SCHED_NONE, priority);
}

int
pthread_getaffinity_np(pthread_t pt, size_t size, cpuset_t *set)
{
	int saved = errno, error;
	lwpid_t lid;

	error = hold(pt, &lid);
	if (error != 0)
		return error;
	return drop(_sched_getaffinity(0, lid, size, set), saved);
}

int
pthread_setaffinity_np(pthread_t pt, size_t size, const cpuset_t *set)
{
	int saved = errno, error;
	lwpid_t lid;

	error = hold(pt, &lid);
	if (error != 0)
		return error;
	return drop(_sched_setaffinity(0, lid, size, set), saved);
}

unsigned int
pthread_curcpu_np(void)
{
	struct lwpctl *ctl = pthread__self()->pt_lwpctl;

	return ctl != NULL && ctl->lc_curcpu >= 0 ? (unsigned int)ctl->lc_curcpu : 0;
}

int
pthread_getcpuclockid(pthread_t pt, clockid_t *clock)
{
	lwpid_t lid;
	int error;

	error = hold(pt, &lid);
	if (error != 0)
		return error;
	__liblock_exit(&pthread__lock);
	*clock = CLOCK_THREAD_CPUTIME_ID | lid;
	return 0;
}

/* Threads are LWPs one to one: there is nothing to tune. */
static int	concurrency;

int
pthread_getconcurrency(void)
{
	return concurrency;
}

int
pthread_setconcurrency(int level)
{
	if (level < 0)
		return EINVAL;
	concurrency = level;
	return 0;
}

/* The kernel keeps the first LWP_NAMELEN - 1 bytes. */
int
pthread_setname_np(pthread_t pt, const char *format, void *arg)
{
	char name[PTHREAD_MAX_NAMELEN_NP];
	int saved = errno, error;
	lwpid_t lid;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	error = snprintf(name, sizeof(name), format, arg);
#pragma GCC diagnostic pop
	if (error < 0 || (size_t)error >= sizeof(name))
		return EINVAL;
	error = hold(pt, &lid);
	if (error != 0)
		return error;
	(void)strlcpy(pt->pt_name, name, sizeof(pt->pt_name));
	return drop(_lwp_setname(lid, name), saved);
}

int
pthread_getname_np(pthread_t pt, char *name, size_t size)
{
	lwpid_t lid;
	int error;

	error = hold(pt, &lid);
	if (error != 0)
		return error;
	if (strlcpy(name, pt->pt_name, size) >= size)
		error = ERANGE;
	__liblock_exit(&pthread__lock);
	return error;
}

/* Suspending waits until the target has stopped: it must not be while others wait for us. */
int
pthread_suspend_np(pthread_t pt)
{
	int saved = errno, error;
	lwpid_t lid;

	if (pt == pthread__self())
		return EDEADLK;
	error = hold(pt, &lid);
	if (error != 0)
		return error;
	__liblock_exit(&pthread__lock);
	return finish(_lwp_suspend(lid), saved);
}

int
pthread_resume_np(pthread_t pt)
{
	int saved = errno, error;
	lwpid_t lid;

	error = hold(pt, &lid);
	if (error != 0)
		return error;
	return drop(_lwp_continue(lid), saved);
}
