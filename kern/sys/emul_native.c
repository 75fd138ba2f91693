/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The personality of native programs: NetBSD/amd64's ABI.
 *
 * A number that is no call gives ENOSYS and is counted, so that one can see what a program
 * missed (sysctl {CTL_VENDOR, HEDDLE_NOSYS}, lwpstat missed).
 *
 * __syscall calls another call, whose number is its first argument and whose arguments are the
 * others: one that has six arguments finds the last on the stack, and so on.  The registers are not
 * changed for that, so a call that is to be executed again is executed whole.
 */
#include <kern/cpu.h>
#include <kern/emul.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>
#include <sys/heddle.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>

#include "sysctl_impl.h"

#define NARGS 6 /* what a call finds in one row */

_Static_assert(HEDDLE_NNOSYS == SYS_TABLE_SIZE + 1, "each number, and those beyond");
_Static_assert(sizeof(ucontext_t) == 784, "abi.5");

static uint64_t nosys_count[HEDDLE_NNOSYS]; /* atomic */

static int
native_nosys(struct lwp *l, register_t number)
{
	size_t i = (uint64_t)number < SYS_TABLE_SIZE ? (size_t)number : SYS_TABLE_SIZE;

	(void)l;
	(void)__atomic_fetch_add(&nosys_count[i], 1, __ATOMIC_RELAXED);
	return ENOSYS;
}

const struct emul emul_native = {
	.e_name = "netbsd",
	.e_sysent = sysent,
	.e_nosys = native_nosys,
	.e_copyin_context = md_ucontext_copyin,
	.e_sendsig = md_sendsig,
	.e_stack = args_stack,
	.e_setregs = md_exec_regs,
};

/* What the table has at a number that is no call, and what is called for one beyond it (abi.4). */
int
sys_nosys(struct lwp *l, const void *uap, register_t *retval)
{
	(void)uap;
	(void)retval;
	return l->l_proc->p_emul->e_nosys(l, md_syscall_number(l));
}

int
sys___syscall(struct lwp *l, const struct sys___syscall_args *uap, register_t *retval)
{
	register_t args[NARGS] = { (register_t)uap->a, (register_t)uap->b, (register_t)uap->c,
		(register_t)uap->d, (register_t)uap->e };
	uint64_t number = (uint64_t)uap->number;
	int error;

	if (number >= SYS_TABLE_SIZE || number == SYS___syscall)
		return sys_nosys(l, args, retval);
	error = md_syscall_arg(l, NARGS - 1, &args[NARGS - 1]);
	if (error != 0)
		return error;
	return sysent_plain[number].sy_call(l, args, retval);
}

/* {CTL_VENDOR, HEDDLE_NOSYS}: how often each number was called that is no call. */
int
sysctl_nosys(struct sysctl_req *rq)
{
	return sysctl_out(rq, nosys_count, sizeof(nosys_count));
}
