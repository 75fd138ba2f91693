/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads: creation, end, joining.
 *
 * What it is.  A thread is an LWP with a structure (pool.c), which thread
 * storage points to.  The calls beneath are _lwp_create, _lwp_exit, _lwp_wait
 * and _lwp_detach; a thread that is joinable is an LWP that is.
 *
 * States.  RUNNING from just before the LWP is created; EXITED when it is about
 * to exit; FREE when it has been joined, or was detached and is gone.  An LWP
 * that this library did not create, the first one among them, becomes a thread
 * when it first asks who it is.
 *
 * Who frees a thread.  Exactly one of: the thread that joins it; the exiting
 * thread itself, by way of pthread__bury, if it is DETACHED by then; the
 * thread that detaches it after it has EXITED.  pthread__lock makes these
 * exclude each other.  Joining is waiting for the LWP, in the kernel, which
 * also finds a cycle of threads that wait for each other, of any length.
 *
 * The last.  When the last thread of those that are counted ends, the program
 * does, with status 0, and its exit handlers run.  Counted are the first LWP
 * and the threads created here.
 */
#include <errno.h>
#include <heddle/tls.h>
#include <lwp.h>
#include <stdlib.h>
#include <string.h>

#include "pthread_int.h"

void
pthread__say_where(struct __pthread_st *pt)
{
	struct lwpctl *ctl = NULL;

	(void)_lwp_ctl(LWPCTL_FEATURE_CURCPU, &ctl);
	pt->pt_lwpctl = ctl;
}

/* An LWP of which we know nothing; there is no way to report a failure. */
static struct __pthread_st *
adopt(struct tls_tcb *tcb)
{
	struct __pthread_st *pt = pthread__alloc_bare();
	struct sched_param sp;
	int saved = errno, policy;

	if (pt == NULL)
		abort();
	pt->pt_lid = _lwp_self();
	if (_sched_getparam(0, 0, &policy, &sp) == 0)
		pt->pt_rank = pthread__rank(policy, sp.sched_priority);
	errno = saved;
	pt->pt_tcb = tcb;
	pt->pt_flags = pt->pt_lid == 1 ? PTF_COUNTED : 0;
	pt->pt_state = PT_RUNNING;
	pthread__say_where(pt);
	tcb->tcb_pthread = pt;
	return pt;
}

pthread_t
pthread_self(void)
{
	struct tls_tcb *tcb = __lwp_getprivate_fast();

	return tcb->tcb_pthread != NULL ? tcb->tcb_pthread : adopt(tcb);
}

int
pthread_equal(pthread_t a, pthread_t b)
{
	return a == b;
}

static void
thread_main(void *arg)
{
	struct __pthread_st *pt = arg;

	pthread__say_where(pt);
	if (pt->pt_name[0] != '\0')
		(void)_lwp_setname(0, pt->pt_name);
	pthread_exit(pt->pt_start(pt->pt_arg));
}

/* Until just before the LWP there is nothing to undo but this. */
static void
count(struct __pthread_st *pt, int state, int by)
{
	__liblock_enter(&pthread__lock);
	pt->pt_state = state;
	pthread__nrunning += by;
	__liblock_exit(&pthread__lock);
}

/*
 * The kernel stores the id before the LWP runs, and we store the thread for
 * the caller before that.
 */
static int
start(struct __pthread_st *pt, const pthread_attr_t *attr)
{
	const struct sched_param sp = {
		pthread__priority(attr->pta_policy, attr->pta_priority)
	};
	bool explicit = attr->pta_inherit == PTHREAD_EXPLICIT_SCHED;
	unsigned long flags = 0;
	lwpid_t lid;
	ucontext_t uc;

	if (attr->pta_detached == PTHREAD_CREATE_DETACHED)
		flags |= LWP_DETACHED;
	if (explicit)
		flags |= LWP_SUSPENDED;
	_lwp_makecontext(&uc, thread_main, pt, pt->pt_tcb, pt->pt_stack,
	    pt->pt_stacksize);
	count(pt, PT_RUNNING, 1);
	if (_lwp_create(&uc, flags, __UNVOLATILE(&pt->pt_lid)) == -1) {
		count(pt, PT_FREE, -1);
		return EAGAIN;
	}
	lid = pt->pt_lid;
	if (explicit) {
		if (_sched_setparam(0, lid, attr->pta_policy, &sp) == 0)
			pt->pt_rank = pthread__rank(attr->pta_policy, attr->pta_priority);
		(void)_lwp_continue(lid);
	}
	return 0;
}

int
pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
    void *(*fn)(void *), void *restrict arg)
{
	int saved = errno, error;
	struct __pthread_st *pt, *self;
	pthread_attr_t usual;

	self = pthread__self();
	(void)pthread_attr_init(&usual);
	if (attr == NULL)
		attr = &usual;
	if (attr->pta_magic != usual.pta_magic)
		return EINVAL;
	pt = pthread__alloc(attr);
	errno = saved;
	if (pt == NULL)
		return EAGAIN;
	pt->pt_tcb->tcb_pthread = pt;
	pt->pt_rank = self->pt_rank;
	pt->pt_start = fn;
	pt->pt_arg = arg;
	pt->pt_flags |= PTF_COUNTED;
	if (attr->pta_detached == PTHREAD_CREATE_DETACHED)
		pt->pt_flags |= PTF_DETACHED;
	(void)memcpy(pt->pt_name, attr->pta_name, sizeof(pt->pt_name));
	*thread = pt;
	error = start(pt, attr);
	if (error != 0)
		pthread__free(pt);
	errno = saved;
	return error;
}

/* Whether the program ends with this thread. */
static bool
is_last(struct __pthread_st *pt)
{
	bool last = false;

	__liblock_enter(&pthread__lock);
	if (pt->pt_flags & PTF_COUNTED)
		last = --pthread__nrunning == 0;
	__liblock_exit(&pthread__lock);
	return last;
}

/*
 * From the moment that others see EXITED, a joiner or whoever detaches it will
 * free the structure; they wait for the LWP to be gone, so it is still there,
 * but nothing is written to it any more.
 */
static void
leave(struct __pthread_st *pt)
{
	struct tls_tcb *tcb = pt->pt_tcb;
	bool bury;

	__liblock_enter(&pthread__lock);
	pt->pt_state = PT_EXITED;
	bury = (pt->pt_flags & PTF_DETACHED) != 0;
	__liblock_exit(&pthread__lock);
	if (pt->pt_map == NULL && !(pt->pt_flags & (PTF_OWNSTACK | PTF_COUNTED))) {
		/* Not one of ours: who made the LWP will wait for it. */
		tcb->tcb_pthread = NULL;
		pthread__free(pt);
	} else if (bury) {
		pthread__bury(pt);
	}
}

__dead void
pthread_exit(void *retval)
{
	struct __pthread_st *pt = pthread__self();
	struct pthread_cleanup_store *c;

	(void)__atomic_fetch_or(&pt->pt_cancel, C_DISABLED, __ATOMIC_SEQ_CST);
	/* As out of a signal handler's cancellation point inside another. */
	if (pt->pt_cancel & (C_WAKING | C_WOKEN))
		pthread__absorb(pt);
	pt->pt_retval = retval;
	while ((c = pt->pt_cleanup) != NULL) {
		pt->pt_cleanup = c->ptcl_next;
		c->ptcl_fn(c->ptcl_arg);
	}
	pthread__tsd_exit(pt);
	pthread__robust_exit(pt);
	if (is_last(pt))
		exit(EXIT_SUCCESS);
	leave(pt);
	for (;;)
		(void)_lwp_exit();
}

void
pthread__cleanup_push(struct pthread_cleanup_store *c, void (*fn)(void *),
    void *arg)
{
	struct __pthread_st *pt = pthread__self();

	c->ptcl_fn = fn;
	c->ptcl_arg = arg;
	c->ptcl_next = pt->pt_cleanup;
	pt->pt_cleanup = c;
}

void
pthread__cleanup_pop(int execute)
{
	struct __pthread_st *pt = pthread__self();
	struct pthread_cleanup_store *c = pt->pt_cleanup;

	pt->pt_cleanup = c->ptcl_next;
	if (execute)
		c->ptcl_fn(c->ptcl_arg);
}

/* The caller becomes the one who joins. */
static int
claim(pthread_t pt, lwpid_t *lid)
{
	int error = 0;

	__liblock_enter(&pthread__lock);
	if (!pthread__exists(pt))
		error = ESRCH;
	else if (pt->pt_flags & (PTF_DETACHED | PTF_JOINING))
		error = EINVAL;
	else
		pt->pt_flags |= PTF_JOINING;
	*lid = error == 0 ? pt->pt_lid : 0;
	__liblock_exit(&pthread__lock);
	return error;
}

static void
unclaim(pthread_t pt)
{
	__liblock_enter(&pthread__lock);
	pt->pt_flags &= ~PTF_JOINING;
	__liblock_exit(&pthread__lock);
}

/*
 * Until the LWP is gone.  ESRCH is as good: the program has waited for it by
 * itself.  EINTR: the caller is to be cancelled.
 */
static int
await(lwpid_t lid, struct __pthread_st *self)
{
	unsigned int point = pthread__point_enter(self);
	int error = EINTR;

	while (error == EINTR && !pthread__must_cancel(self))
		error = _lwp_wait(lid, NULL) == -1 ? errno : 0;
	pthread__point_leave(self, point);
	return error;
}

int
pthread_join(pthread_t pt, void **retval)
{
	struct __pthread_st *self = pthread__self();
	int saved = errno, error;
	lwpid_t lid;

	if (pt == self)
		return EDEADLK;
	error = claim(pt, &lid);
	if (error != 0)
		return error;
	error = await(lid, self);
	errno = saved;
	if (error == EINTR || error == EDEADLK) {
		unclaim(pt);
		if (error == EDEADLK)
			return EDEADLK;
		pthread__cancelled();
	}
	if (retval != NULL)
		*retval = pt->pt_retval;
	pthread__free(pt);
	return 0;
}

/* If it has exited, its LWP may be on the way out still. */
int
pthread_detach(pthread_t pt)
{
	int saved = errno, error = 0;
	bool exited = false;

	__liblock_enter(&pthread__lock);
	if (!pthread__exists(pt)) {
		error = ESRCH;
	} else if (pt->pt_flags & (PTF_DETACHED | PTF_JOINING)) {
		error = EINVAL;
	} else {
		pt->pt_flags |= PTF_DETACHED;
		(void)_lwp_detach(pt->pt_lid);
		exited = pt->pt_state == PT_EXITED;
	}
	__liblock_exit(&pthread__lock);
	if (exited)
		pthread__bury(pt);
	errno = saved;
	return error;
}

/*
 * Fork.  This file is there in every program that has threads, so these are too.
 * pthread__lock is the last of all locks that fork takes: who has it asks for no
 * other, not even malloc's.
 */
void
__pthread_prefork_lock(void)
{
	/* If it is no thread yet, it becomes one now: that takes the lock too. */
	(void)pthread__self();
	__liblock_enter(&pthread__lock);
}

/*
 * The child forgets the other threads: their stacks are unmapped here, and queues of
 * waiters are emptied when they are next used (waitq.c).
 */
static void
begin_child(void)
{
	struct __pthread_st *self = pthread__self();

	pthread__generation++;
	self->pt_lid = _lwp_self();
	self->pt_flags |= PTF_COUNTED;
	pthread__say_where(self);
	pthread__nrunning = 1;
	pthread__ceiling_again(self);
	pthread__forget_others(self);
}

void
__pthread_postfork_unlock(int child)
{
	if (child)
		begin_child();
	__liblock_exit(&pthread__lock);
}
