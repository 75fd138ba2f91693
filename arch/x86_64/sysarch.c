/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system call that is the machine's own: the base of %fs, which is also the private pointer.
 *
 * What it does not handle: the base of %gs, which is 0 in every program; descriptor tables and I/O
 * ports.  All of that is EINVAL.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/syscallargs.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/sysarch.h>

int
sys_sysarch(struct lwp *l, const struct sys_sysarch_args *uap, register_t *retval)
{
	void *base;
	int error;

	(void)retval;
	switch (uap->op) {
	case X86_GET_FSBASE:
		return copyout(&l->l_private, uap->parms, sizeof(l->l_private));
	case X86_SET_FSBASE:
		error = copyin(uap->parms, &base, sizeof(base));
		if (error == 0 && (vaddr_t)base >= VM_MAXUSER_ADDRESS)
			error = EINVAL;
		if (error == 0)
			md_set_private(l, base);
		return error;
	default:
		return EINVAL;
	}
}
