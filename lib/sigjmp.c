/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jumps out of functions that put the signal mask back too.
 */
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

void
__sigjmp_save(sigjmp_buf env, int save)
{
	env->__saved = save;
	if (save)
		(void)sigprocmask(SIG_BLOCK, NULL, &env->__mask);
}

__dead void
siglongjmp(sigjmp_buf env, int value)
{
	if (env->__saved)
		(void)sigprocmask(SIG_SETMASK, &env->__mask, NULL);
	longjmp(env->__regs, value);
}
