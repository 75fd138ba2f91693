/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduling system calls: yield, class and priority, affinity.
 *
 * `pid` is 0 or the caller's own: only LWPs of the calling process are found.
 * `lid` 0 means every LWP of it for the calls that set, and the caller for those that get.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>
#include <sys/sched.h>

int
sys_sched_yield(struct lwp *l, const struct sys_sched_yield_args *uap, register_t *retval)
{
	(void)l;
	(void)uap;
	(void)retval;
	sched_yield_cpu();
	return 0;
}

int
sys__sched_protect(struct lwp *l, const struct sys__sched_protect_args *uap, register_t *retval)
{
	int error;

	(void)retval;
	lwp_lock(l);
	error = sched_protect(l, uap->priority);
	lwp_unlock(l);
	return error;
}

struct setting {
	int (*set)(struct lwp *, const struct setting *);
	int policy;
	int priority;
	uint64_t mask;
};

static int
set_param(struct lwp *l, const struct setting *s)
{
	return sched_setparam(l, s->policy == SCHED_NONE ? l->l_class : s->policy, s->priority);
}

static int
set_affinity(struct lwp *l, const struct setting *s)
{
	return sched_setaffinity(l, s->mask);
}

/* Apply to one live LWP, or with lid 0 to all.  ESRCH: there is none. */
static int
apply(struct lwp *self, pid_t pid, lwpid_t lid, const struct setting *s)
{
	struct proc *p = self->l_proc;
	struct lwp *l;
	int error = ESRCH;

	if (pid != 0 && pid != p->p_pid)
		return ESRCH;
	mutex_enter(&p->p_lock);
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if ((lid != 0 && l->l_lid != lid) || (lwp_flags(l) & LW_EXITING) != 0 ||
		    (l->l_prflag & LPR_IDL) != 0)
			continue;
		lwp_lock(l);
		error = s->set(l, s);
		lwp_unlock(l);
		if (error != 0)
			break;
		sched_place(l);
	}
	proc_unlock(p);
	return error;
}

int
sys__sched_setparam(struct lwp *l, const struct sys__sched_setparam_args *uap, register_t *retval)
{
	struct setting s = { .set = set_param, .policy = uap->policy };
	struct sched_param param;
	int error;

	(void)retval;
	error = copyin(uap->params, &param, sizeof(param));
	if (error != 0)
		return error;
	s.priority = param.sched_priority;
	return apply(l, uap->pid, uap->lid, &s);
}

/* The live LWP that a get call names.  p_lock held. */
static struct lwp *
named(struct lwp *self, pid_t pid, lwpid_t lid)
{
	struct lwp *l;

	if (pid != 0 && pid != self->l_proc->p_pid)
		return NULL;
	l = lid == 0 ? self : lid_find(self->l_proc, lid);
	return l != NULL && (lwp_flags(l) & LW_EXITING) == 0 ? l : NULL;
}

int
sys__sched_getparam(struct lwp *l, const struct sys__sched_getparam_args *uap, register_t *retval)
{
	struct sched_param param = { PRI_NONE };
	int policy = SCHED_OTHER, error;
	struct lwp *t;

	(void)retval;
	mutex_enter(&l->l_proc->p_lock);
	t = named(l, uap->pid, uap->lid);
	if (t != NULL) {
		lwp_lock(t);
		policy = t->l_class;
		if (policy != SCHED_OTHER)
			param.sched_priority = sched_basepri(t) - PRI_USER_RT;
		lwp_unlock(t);
	}
	proc_unlock(l->l_proc);
	if (t == NULL)
		return ESRCH;
	error = uap->policy != NULL ? copyout(&policy, uap->policy, sizeof(policy)) : 0;
	return error != 0 ? error : copyout(&param, uap->params, sizeof(param));
}

int
sys__sched_setaffinity(
    struct lwp *l, const struct sys__sched_setaffinity_args *uap, register_t *retval)
{
	struct setting s = { .set = set_affinity };
	int error;

	(void)retval;
	if (uap->size < sizeof(uint32_t) || uap->size > sizeof(cpuset_t))
		return EINVAL;
	error = copyin(uap->cpuset, &s.mask, umin(uap->size, sizeof(s.mask)));
	if (error == 0)
		error = apply(l, uap->pid, uap->lid, &s);
	if (error == 0)
		sched_migrate();
	return error;
}

int
sys__sched_getaffinity(
    struct lwp *l, const struct sys__sched_getaffinity_args *uap, register_t *retval)
{
	uint64_t mask[sizeof(cpuset_t) / sizeof(uint64_t)] = { 0 };
	struct lwp *t;

	(void)retval;
	if (uap->size < sizeof(uint32_t))
		return EINVAL;
	mutex_enter(&l->l_proc->p_lock);
	t = named(l, uap->pid, uap->lid);
	if (t != NULL)
		mask[0] = t->l_affinity & ((1UL << ncpu) - 1);
	proc_unlock(l->l_proc);
	if (t == NULL)
		return ESRCH;
	return copyout(mask, uap->cpuset, umin(uap->size, sizeof(mask)));
}
