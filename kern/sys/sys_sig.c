/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contexts and the signal mask.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>
#include <sys/signal.h>
#include <sys/ucontext.h>

/* SIGKILL and SIGSTOP cannot be masked. */
static void
mask_set(struct lwp *l, const sigset_t *set)
{
	l->l_sigmask = *set;
	l->l_sigmask.__bits[0] &= ~(1U << (SIGKILL - 1) | 1U << (SIGSTOP - 1));
}

int
sys_getcontext(struct lwp *l, const struct sys_getcontext_args *uap, register_t *retval)
{
	ucontext_t uc;
	int error;

	(void)retval;
	memset(&uc, 0, sizeof(uc));
	error = md_ucontext_get(l, &uc);
	if (error != 0)
		return error;
	uc.uc_flags |= _UC_SIGMASK;
	uc.uc_sigmask = l->l_sigmask;
	return copyout(&uc, uap->ucp, sizeof(uc));
}

int
sys_setcontext(struct lwp *l, const struct sys_setcontext_args *uap, register_t *retval)
{
	ucontext_t uc;
	int error;

	(void)retval;
	error = copyin(uap->ucp, &uc, sizeof(uc));
	if (error == 0)
		error = md_ucontext_check(&uc);
	if (error == 0)
		error = md_ucontext_set(l, &uc);
	if (error != 0)
		return error;
	if ((uc.uc_flags & _UC_SIGMASK) != 0)
		mask_set(l, &uc.uc_sigmask);
	return EJUSTRETURN;
}

int
sys_sigprocmask(struct lwp *l, const struct sys_sigprocmask_args *uap, register_t *retval)
{
	sigset_t set, old = l->l_sigmask, new = old;
	int error;

	(void)retval;
	if (uap->set != NULL) {
		error = copyin(uap->set, &set, sizeof(set));
		if (error != 0)
			return error;
		for (size_t i = 0; i < nitems(set.__bits); i++) {
			if (uap->how == SIG_BLOCK)
				new.__bits[i] |= set.__bits[i];
			else if (uap->how == SIG_UNBLOCK)
				new.__bits[i] &= ~set.__bits[i];
			else if (uap->how == SIG_SETMASK)
				new.__bits[i] = set.__bits[i];
			else
				return EINVAL;
		}
	}
	if (uap->oset != NULL) {
		error = copyout(&old, uap->oset, sizeof(old));
		if (error != 0)
			return error;
	}
	mask_set(l, &new);
	return 0;
}
