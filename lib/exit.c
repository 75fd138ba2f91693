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

/* What to call at an end of the program, in reverse order. */
struct handlers {
	unsigned int	n;
	void		(*fn[NHANDLERS])(void);
};

static struct liblock	handlers_lock = LIBLOCK_INITIALIZER;
static struct handlers	at_exit, at_quick;	/* handlers_lock */
static lwpid_t		exiting_lid;	/* who runs exit, 0 for nobody */

void
__exit_prefork(void)
{
	__liblock_enter(&handlers_lock);
}

/* In the child nobody runs exit, unless it is who has called fork, in one of the handlers. */
void
__exit_postfork(lwpid_t was)
{
	if (was != 0)
		exiting_lid = exiting_lid == was ? _lwp_self() : 0;
	__liblock_exit(&handlers_lock);
}

static int
add_handler(struct handlers *h, void (*fn)(void))
{
	int error = 0;

	__liblock_enter(&handlers_lock);
	if (h->n < NHANDLERS)
		h->fn[h->n++] = fn;
	else
		error = ENOMEM;
	__liblock_exit(&handlers_lock);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

int
atexit(void (*fn)(void))
{
	return add_handler(&at_exit, fn);
}

int
at_quick_exit(void (*fn)(void))
{
	return add_handler(&at_quick, fn);
}

/* Last registered, first called; a handler may register more. */
static void
run_handlers(struct handlers *h)
{
	void (*fn)(void);

	do {
		__liblock_enter(&handlers_lock);
		fn = h->n > 0 ? h->fn[--h->n] : NULL;
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
	run_handlers(&at_exit);
	(void)__stdio_flush_all(1);
	_exit(status);
}

/* Without what exit does. */
__dead void
quick_exit(int status)
{
	claim_exit();
	run_handlers(&at_quick);
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
 * The process ends by SIGABRT, whatever the program has made of that signal: a handler may run
 * first, and if it returns, or if the signal was ignored, it is sent again as it was at first.
 */
__dead void
abort(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGABRT);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)_lwp_kill(_lwp_self(), SIGABRT);
	(void)signal(SIGABRT, SIG_DFL);
	(void)_lwp_kill(_lwp_self(), SIGABRT);
	_exit(128 + SIGABRT);
}
