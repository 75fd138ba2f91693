/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A user context: all that getcontext saves, setcontext loads, a new LWP
 * starts from, and a signal handler may look at.
 */
#ifndef _SYS_UCONTEXT_H_
#define _SYS_UCONTEXT_H_

#include <sys/mcontext.h>
#include <sys/sigtypes.h>
#include <sys/types.h>

typedef struct __ucontext	ucontext_t;

struct __ucontext {
	unsigned int	uc_flags;	/* _UC_*: what is valid */
	ucontext_t	*uc_link;	/* context to resume */
	sigset_t	uc_sigmask;	/* blocked signals */
	stack_t		uc_stack;	/* stack in use */
	mcontext_t	uc_mcontext;	/* registers */
};

#define _UC_SIGMASK	0x00000001	/* uc_sigmask is valid */
#define _UC_STACK	0x00000002	/* uc_stack is valid */
#define _UC_CPU		0x00000004	/* general registers are valid */
#define _UC_FPU		0x00000008	/* vector state is valid */
#define _UC_SETSTACK	0x00010000	/* note that we are on the signal stack */
#define _UC_CLRSTACK	0x00020000	/* note that we have left it */
#define _UC_TLSBASE	0x00080000	/* _mc_tlsbase is valid */

#define __UCONTEXT_SIZE	784

_Static_assert(sizeof(ucontext_t) == __UCONTEXT_SIZE, "abi.5");
_Static_assert(offsetof(ucontext_t, uc_flags) == 0, "abi.5");
_Static_assert(offsetof(ucontext_t, uc_link) == 8, "abi.5");
_Static_assert(offsetof(ucontext_t, uc_sigmask) == 16, "abi.5");
_Static_assert(offsetof(ucontext_t, uc_stack) == 32, "abi.5");
_Static_assert(offsetof(ucontext_t, uc_mcontext) == 56, "abi.5");
_Static_assert(offsetof(ucontext_t, uc_mcontext._mc_tlsbase) == 264, "abi.5");
_Static_assert(offsetof(ucontext_t, uc_mcontext.__fpregs) == 272, "abi.5");

#endif /* !_SYS_UCONTEXT_H_ */
