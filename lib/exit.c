/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a program.
 */
#include <errno.h>
#include <lwp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "private.h"

#define NHANDLERS	64

__dead void	__sys_exit(int);

static struct liblock	handlers_lock = LIBLOCK_INITIALIZER;
static void		(*handlers[NHANDLERS])(void);
static unsigned int	nhandlers;
static lwpid_t		exiting_lid;	/* who runs exit, 0 for nobody */

int
atexit(void (*fn)(void))
{
	int error = 0;

	__liblock_enter(&handlers_lock);
	if (nhandlers < NHANDLERS)
		handlers[nhandlers++] = fn;
	else
		error = ENOMEM;
	__liblock_exit(&handlers_lock);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

/* Last registered, first called; a handler may register more. */
static void
run_handlers(void)
{
	void (*fn)(void);

	do {
		__liblock_enter(&handlers_lock);
		fn = nhandlers > 0 ? handlers[--nhandlers] : NULL;
		__liblock_exit(&handlers_lock);
		if (fn != NULL)
			fn();
	} while (fn != NULL);
}

/*
 * The first LWP that comes here ends the program; others stay until it has.
 * A handler that calls exit goes on with the handlers that are left.
 */
static void
claim_exit(void)
{
	lwpid_t self = _lwp_self(), owner = 0;
	unsigned int n = 0;

	if (__atomic_compare_exchange_n(&exiting_lid, &owner, self, 0,
	    __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE) || owner == self)
		return;
	for (;;)
		__liblock_backoff(n++);
}

__dead void
exit(int status)
{
	claim_exit();
	run_handlers();
	(void)__stdio_flush_all(1);
	_exit(status);
}

__dead void
_exit(int status)
{
	__sys_exit(status);
}

__dead void
_Exit(int status)
{
	__sys_exit(status);
}

/*
 * If the signal cannot be sent, or is ignored, the status is that of a program
 * that it has killed.
 */
__dead void
abort(void)
{
	(void)_lwp_kill(_lwp_self(), SIGABRT);
	_exit(128 + SIGABRT);
}
