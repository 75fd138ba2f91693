/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jumps out of functions.  The signal mask stays as it is.
 */
#ifndef _SETJMP_H_
#define _SETJMP_H_

#include <sys/cdefs.h>

/* rbx, rbp, r12 to r15, rsp, rip. */
typedef long	jmp_buf[8];

__BEGIN_DECLS
__dead void	longjmp(jmp_buf, int);
int	setjmp(jmp_buf) __returns_twice;
__END_DECLS

#define _setjmp(env)		setjmp(env)
#define _longjmp(env, val)	longjmp(env, val)

#endif /* !_SETJMP_H_ */
