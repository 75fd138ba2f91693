/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LWP system calls: check, copy in, call down.  The contract is doc/lwp-calls.md;
 * the mechanisms are in kern/lwp.
 */
#include <kern/clock.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/park.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/syscallargs.h>
#include <kern/trace.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/lwp.h>
#include <sys/lwpctl.h>
#include <sys/time.h>
#include <sys/ucontext.h>

/* Ids that unpark_all takes from the stack instead of from allocated memory. */
#define UNPARK_ONSTACK 32

static int
create_flags(unsigned long uflags, int *flags)
{
	if ((uflags & ~(unsigned long)(LWP_DETACHED | LWP_SUSPENDED)) != 0)
		return EINVAL;
	*flags = (int)(uflags & LWP_DETACHED);
	return 0;
}

/* Load the context into a new LWP and tell the program its id; the LWP is not published yet. */
static int
create_fill(struct lwp *l2, const ucontext_t *uc, lwpid_t *new_lwp)
{
	int error = md_ucontext_set(l2, uc);

	if (error != 0)
		return error;
	if ((uc->uc_flags & _UC_SIGMASK) != 0) {
		l2->l_sigmask = uc->uc_sigmask;
		__sigdelset(&l2->l_sigmask, SIGKILL);
		__sigdelset(&l2->l_sigmask, SIGSTOP);
	}
	return copyout(&l2->l_lid, new_lwp, sizeof(*new_lwp));
}

int
sys__lwp_create(struct lwp *l, const struct sys__lwp_create_args *uap, register_t *retval)
{
	ucontext_t uc;
	struct lwp *l2;
	int flags, error;

	(void)retval;
	error = create_flags(uap->flags, &flags);
	if (error == 0)
		error = l->l_proc->p_emul->e_copyin_context(uap->ucp, &uc);
	if (error == 0)
		error = md_ucontext_check(&uc);
	if (error == 0)
		error = lwp_create(l, l->l_proc, flags, &l2);
	if (error != 0)
		return error;
	error = create_fill(l2, &uc, uap->new_lwp);
	if (error != 0) {
		lwp_abandon(l2);
		return error;
	}
	return lwp_publish(l2, (uap->flags & LWP_SUSPENDED) != 0);
}

int
sys__lwp_exit(struct lwp *l, const struct sys__lwp_exit_args *uap, register_t *retval)
{
	(void)l;
	(void)uap;
	(void)retval;
	lwp_exit();
}

int
sys__lwp_suspend(struct lwp *l, const struct sys__lwp_suspend_args *uap, register_t *retval)
{
	(void)retval;
	return lwp_suspend(l->l_proc, uap->target);
}

int
sys__lwp_wakeup(struct lwp *l, const struct sys__lwp_wakeup_args *uap, register_t *retval)
{
	(void)retval;
	return lwp_wakeup(l->l_proc, uap->target);
}

int
sys__lwp_continue(struct lwp *l, const struct sys__lwp_continue_args *uap, register_t *retval)
{
	(void)retval;
	return lwp_continue(l->l_proc, uap->target);
}

int
sys__lwp_kill(struct lwp *l, const struct sys__lwp_kill_args *uap, register_t *retval)
{
	(void)retval;
	return lwp_kill(l->l_proc, uap->target, uap->signo);
}

int
sys__lwp_self(struct lwp *l, const struct sys__lwp_self_args *uap, register_t *retval)
{
	(void)uap;
	retval[0] = l->l_lid;
	return 0;
}

int
sys__lwp_getprivate(struct lwp *l, const struct sys__lwp_getprivate_args *uap, register_t *retval)
{
	(void)uap;
	retval[0] = (register_t)l->l_private;
	return 0;
}

int
sys__lwp_setprivate(struct lwp *l, const struct sys__lwp_setprivate_args *uap, register_t *retval)
{
	(void)retval;
	if ((vaddr_t)uap->ptr >= VM_MAXUSER_ADDRESS)
		return EINVAL;
	md_set_private(l, uap->ptr);
	return 0;
}

int
sys__lwp_wait(struct lwp *l, const struct sys__lwp_wait_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	return lwp_wait(uap->wait_for, uap->departed);
}

int
sys__lwp_detach(struct lwp *l, const struct sys__lwp_detach_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	return lwp_detach(uap->target);
}

int
sys__lwp_park(struct lwp *l, const struct sys__lwp_park_args *uap, register_t *retval)
{
	struct timespec ts;
	uint64_t deadline;
	int error;

	(void)retval;
	if (uap->ts == NULL)
		return park_token(l) ? EALREADY : park_sleep(l, uap->hint);
	error = copyin(uap->ts, &ts, sizeof(ts));
	if (error == 0)
		error = clock_deadline(CLOCK_REALTIME, TIMER_ABSTIME, &ts, &deadline);
	return error != 0 ? error : lwp_park_until(deadline, uap->hint);
}

/* What is left of a relative time goes back to the caller. */
static void
park_left(struct timespec *uts, uint64_t deadline)
{
	uint64_t now = md_monotonic_ns();
	struct timespec left;

	ns_to_timespec(deadline > now ? deadline - now : 0, &left);
	(void)copyout(&left, uts, sizeof(left)); /* the outcome of the park counts for more */
}

/* The folded unpark, then the park until `deadline`. */
static not_inline int
park_deadline(const struct sys____lwp_park60_args *uap, uint64_t deadline)
{
	int error = 0;

	if (uap->unpark != 0)
		error = lwp_unpark(curproc, uap->unpark);
	if (error != 0)
		return error;
	error = lwp_park_until(deadline, uap->hint);
	if ((uap->flags & TIMER_ABSTIME) == 0)
		park_left(uap->ts, deadline);
	return error;
}

static rarely_called int
park_bad_time(const struct timespec *uts)
{
	struct timespec ts;
	int error = copyin(uts, &ts, sizeof(ts));

	return error != 0 ? error : EINVAL;
}

/* With a time; clock and flags are good. */
static not_inline int
park_timed(const struct sys____lwp_park60_args *uap)
{
	struct timespec ts = ufetch_timespec(uap->ts);
	uint64_t ns;

	if (predict_false(timespec_to_ns(&ts, &ns) != 0))
		return park_bad_time(uap->ts);
	if (predict_false(uap->clock_id != CLOCK_MONOTONIC || (uap->flags & TIMER_ABSTIME) == 0))
		ns = clock_deadline_ns(uap->clock_id, uap->flags, ns);
	else if (uap->unpark == 0 && ns <= sched_switch_time())
		return ETIMEDOUT; /* what was past when this CPU last switched needs no look at the clock */
	return park_deadline(uap, ns);
}

/* Apart, so that the simpler calls have no arguments to load for it. */
static not_inline int
park_folded(const struct sys____lwp_park60_args *uap)
{
	return lwp_unpark_park(uap->unpark, uap->hint);
}

int
sys____lwp_park60(struct lwp *l, const struct sys____lwp_park60_args *uap, register_t *retval)
{
	(void)retval;
	if ((uap->clock_id != CLOCK_REALTIME && uap->clock_id != CLOCK_MONOTONIC) ||
	    (uap->flags & ~TIMER_ABSTIME) != 0)
		return EINVAL;
	if (uap->ts != NULL)
		return park_timed(uap);
	if (uap->unpark != 0)
		return park_folded(uap);
	return park_token(l) ? EALREADY : park_sleep(l, uap->hint);
}

int
sys__lwp_unpark(struct lwp *l, const struct sys__lwp_unpark_args *uap, register_t *retval)
{
	(void)retval;
	return lwp_unpark(l->l_proc, uap->target);
}

int
sys__lwp_unpark_all(struct lwp *l, const struct sys__lwp_unpark_all_args *uap, register_t *retval)
{
	lwpid_t onstack[UNPARK_ONSTACK], *ids = onstack;
	size_t size = uap->ntargets * sizeof(lwpid_t);
	int error;

	(void)l;
	if (uap->targets == NULL) {
		retval[0] = LWP_UNPARK_MAX;
		return 0;
	}
	if (uap->ntargets == 0 || uap->ntargets > LWP_UNPARK_MAX)
		return EINVAL;
	if (uap->ntargets > UNPARK_ONSTACK)
		ids = kmem_alloc(size);
	if (ids == NULL)
		return ENOMEM;
	error = copyin(uap->targets, ids, size);
	if (error == 0)
		retval[1] = lwp_unpark_many(ids, uap->ntargets);
	if (ids != onstack)
		kmem_free(ids, size);
	return error;
}

/* The live LWP that `lid` names, 0 = curlwp; NULL: none.  p_lock held. */
static struct lwp *
lwp_named(struct lwp *l, lwpid_t lid)
{
	struct lwp *t = lid == 0 ? l : lid_find(l->l_proc, lid);

	return t != NULL && (lwp_flags(t) & LW_EXITING) == 0 ? t : NULL;
}

int
sys__lwp_setname(struct lwp *l, const struct sys__lwp_setname_args *uap, register_t *retval)
{
	char name[LWP_NAMELEN];
	struct lwp *t;
	int error;

	(void)retval;
	memset(name, 0, sizeof(name));
	error = copyinstr(uap->name, name, sizeof(name), NULL);
	if (error != 0 && error != ENAMETOOLONG)
		return error;
	name[LWP_NAMELEN - 1] = '\0';
	mutex_enter(&l->l_proc->p_lock);
	t = lwp_named(l, uap->target);
	if (t != NULL) {
		memcpy(t->l_name, name, sizeof(name));
		TRACE(trace_name(t, TRACE_NAMES_LWP));
	}
	proc_unlock(l->l_proc);
	return t != NULL ? 0 : ESRCH;
}

int
sys__lwp_ctl(struct lwp *l, const struct sys__lwp_ctl_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	if ((uap->features & ~(LWPCTL_FEATURE_CURCPU | LWPCTL_FEATURE_PCTR)) != 0)
		return ENODEV;
	return lwpctl_attach(uap->address);
}

int
sys__lwp_getname(struct lwp *l, const struct sys__lwp_getname_args *uap, register_t *retval)
{
	char name[LWP_NAMELEN];
	struct lwp *t;
	size_t len;

	(void)retval;
	mutex_enter(&l->l_proc->p_lock);
	t = lwp_named(l, uap->target);
	if (t != NULL)
		strlcpy(name, t->l_name, sizeof(name));
	proc_unlock(l->l_proc);
	if (t == NULL)
		return ESRCH;
	len = umin(strlen(name) + 1, uap->len);
	if (len == 0)
		return 0;
	name[len - 1] = '\0';
	return copyout(name, uap->name, len);
}
