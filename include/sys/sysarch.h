/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysarch, the call for what only this kind of machine has; NetBSD's numbers.
 */
#ifndef _SYS_SYSARCH_H_
#define _SYS_SYSARCH_H_

#include <sys/cdefs.h>

/* parms points to a pointer: the base of %fs. */
#define X86_GET_FSBASE	15
#define X86_SET_FSBASE	17

#ifndef _KERNEL
__BEGIN_DECLS
int	sysarch(int, void *);
__END_DECLS
#endif

#endif /* !_SYS_SYSARCH_H_ */
