/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jumps out of functions.  setjmp and longjmp leave the signal mask as it is;
 * sigsetjmp keeps it, if its second argument is not 0, and siglongjmp puts it back.
 */
#ifndef _SETJMP_H_
#define _SETJMP_H_

#include <sys/cdefs.h>
#include <sys/sigtypes.h>

/* rbx, rbp, r12 to r15, rsp, rip. */
typedef long	jmp_buf[8];

typedef struct {
	jmp_buf		__regs;
	int		__saved;	/* whether there is a mask */
	sigset_t	__mask;
} sigjmp_buf[1];

__BEGIN_DECLS
__dead void	longjmp(jmp_buf, int);
int	setjmp(jmp_buf) __returns_twice;
__dead void	siglongjmp(sigjmp_buf, int);
void	__sigjmp_save(sigjmp_buf, int);
__END_DECLS

#define sigsetjmp(env, save)	(__sigjmp_save(env, save), setjmp((env)->__regs))
#define _setjmp(env)		setjmp(env)
#define _longjmp(env, val)	longjmp(env, val)

#endif /* !_SETJMP_H_ */
