/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signal sets and signal stacks: what both <sys/signal.h> and
 * <sys/ucontext.h> need.
 */
#ifndef _SYS_SIGTYPES_H_
#define _SYS_SIGTYPES_H_

#include <sys/types.h>

/* Signal n is bit (n - 1) % 32 of word (n - 1) / 32. */
typedef struct __sigset {
	uint32_t	__bits[4];
} sigset_t;

#define __sigmask(n)		((uint32_t)1 << (((unsigned int)(n) - 1) & 31))
#define __sigword(n)		(((unsigned int)(n) - 1) >> 5)
#define __sigaddset(s, n)	((s)->__bits[__sigword(n)] |= __sigmask(n))
#define __sigdelset(s, n)	((s)->__bits[__sigword(n)] &= ~__sigmask(n))
#define __sigismember(s, n)	\
	(((s)->__bits[__sigword(n)] & __sigmask(n)) != 0)

typedef struct sigaltstack {
	void		*ss_sp;		/* lowest address */
	size_t		ss_size;
	int		ss_flags;	/* SS_* */
} stack_t;

#define SS_ONSTACK	0x0001		/* executing on this stack now */
#define SS_DISABLE	0x0004		/* no such stack */
#define MINSIGSTKSZ	8192
#define SIGSTKSZ	(MINSIGSTKSZ + 32768)

_Static_assert(sizeof(sigset_t) == 16, "sigset_t");
_Static_assert(sizeof(stack_t) == 24, "stack_t");

#endif /* !_SYS_SIGTYPES_H_ */
