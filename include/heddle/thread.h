/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LWPs with all that a C function needs, in one call: a stack with a guard
 * page below, thread storage, and the freeing of both.
 *
 * Errors are returned, 0 is success.
 */
#ifndef _HEDDLE_THREAD_H_
#define _HEDDLE_THREAD_H_

#include <sys/types.h>

#define THREAD_STACK_DEFAULT	(64 * 1024)
#define THREAD_STACK_MIN	(8 * 1024)

__BEGIN_DECLS
/*
 * Starts an LWP that calls fn(arg) on a stack of at least stacksize bytes, 0
 * for the usual size.  Its id is stored before it runs.
 */
int	thread_spawn(lwpid_t *id, void (*fn)(void *), void *arg,
	    size_t stacksize);
/* Waits until it has exited, then frees its stack.  Once for each LWP. */
int	thread_join(lwpid_t id);
/* The same as returning from fn. */
__dead void	thread_exit(void);
__END_DECLS

#endif /* !_HEDDLE_THREAD_H_ */
