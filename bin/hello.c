/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest thread program: a second LWP says hello, and the first waits
 * until it has gone.  Copy this to begin a program of your own; from any
 * directory, `make run PROG=/path/to/it.c` builds and boots it.
 */
#include <lwp.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define STACK_SIZE	65536

static const char what[] __used = "@(#)hello: two LWPs say hello; the program to copy";

static char stack[STACK_SIZE] __aligned(16);

/* Returning from the function ends the LWP, as _lwp_exit() would. */
static void
second(void *arg)
{
	printf("hello from LWP %d, created by LWP %d\n", _lwp_self(), *(lwpid_t *)arg);
}

int
main(void)
{
	static ucontext_t uc;
	lwpid_t me = _lwp_self(), id, gone;

	printf("hello from LWP %d\n", me);
	getcontext(&uc);
	_lwp_makecontext(&uc, second, &me, NULL, stack, sizeof(stack));
	if (_lwp_create(&uc, 0, &id) != 0) {
		perror("_lwp_create");
		return EXIT_FAILURE;
	}
	if (_lwp_wait(id, &gone) != 0) {
		perror("_lwp_wait");
		return EXIT_FAILURE;
	}
	printf("LWP %d has exited\n", gone);
	return gone == id ? EXIT_SUCCESS : EXIT_FAILURE;
}
