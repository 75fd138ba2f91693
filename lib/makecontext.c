/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contexts that a program makes and switches between: coroutines.
 *
 * A switch is getcontext of the one and setcontext of the other.  The thread
 * pointer is left out of both: a context belongs to whichever thread resumes it,
 * whose errno and __thread variables it then has.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <sys/param.h>
#include <ucontext.h>

#include "private.h"

#define NREGARGS	6

/* lib/pthread/thread.c, if it is linked. */
__dead void	pthread_exit(void *) __weak;

/* contextreturn.S: where the function of a context returns to, %rbx being uc_link. */
void		__context_return(void);
__dead void	__context_next(const ucontext_t *);

/* The function has returned. */
__dead void
__context_next(const ucontext_t *link)
{
	if (link != NULL) {
		(void)setcontext(link);
		abort();
	}
	if (pthread_exit != NULL)
		pthread_exit(NULL);
	exit(EXIT_SUCCESS);
}

/*
 * The arguments, each an int by contract, are taken and passed as words: pointers
 * survive, which programs rely on.
 */
void
makecontext(ucontext_t *u, void (*fn)(void), int argc, ...)
{
	static const int regs[NREGARGS] = {
		_REG_RDI, _REG_RSI, _REG_RDX, _REG_RCX, _REG_R8, _REG_R9
	};
	__greg_t *r = u->uc_mcontext.__gregs;
	int i, onstack = MAX(argc - NREGARGS, 0);
	uintptr_t *sp;
	va_list ap;

	sp = (uintptr_t *)rounddown((uintptr_t)u->uc_stack.ss_sp +
	    u->uc_stack.ss_size, (uintptr_t)16);
	sp -= onstack + onstack % 2 + 1;
	sp[0] = (uintptr_t)__context_return;
	va_start(ap, argc);
	for (i = 0; i < argc; i++) {
		if (i < NREGARGS)
			r[regs[i]] = va_arg(ap, __greg_t);
		else
			sp[1 + i - NREGARGS] = va_arg(ap, __greg_t);
	}
	va_end(ap);
	r[_REG_RIP] = (__greg_t)fn;
	r[_REG_RSP] = (__greg_t)sp;
	r[_REG_RBX] = (__greg_t)u->uc_link;
	r[_REG_RBP] = 0;
	u->uc_flags &= ~(unsigned int)_UC_TLSBASE;
}

int
swapcontext(ucontext_t *restrict save, const ucontext_t *restrict next)
{
	volatile int back = 0;

	if (getcontext(save) == -1)
		return -1;
	if (back)
		return 0;
	back = 1;
	save->uc_flags &= ~(unsigned int)_UC_TLSBASE;
	return setcontext(next);
}
