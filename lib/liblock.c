/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library's own lock.  private.h says why it does not park.
 */
#include <sched.h>
#include <time.h>

#include "private.h"

#define SPINS		20		/* tries before yielding */
#define YIELDS		100		/* tries before sleeping */
#define NAP_NS		100000

void
__liblock_backoff(unsigned int n)
{
	static const struct timespec nap = { 0, NAP_NS };

	if (n < SPINS)
		__builtin_ia32_pause();
	else if (n < YIELDS)
		(void)sched_yield();
	else
		(void)__sys_nanosleep(&nap, NULL);
}

int
__liblock_tryenter(struct liblock *l)
{
	return !__atomic_exchange_n(&l->ll_held, 1, __ATOMIC_ACQUIRE);
}

void
__liblock_enter(struct liblock *l)
{
	unsigned int n;

	for (n = 0; !__liblock_tryenter(l); n++)
		__liblock_backoff(n);
}

void
__liblock_exit(struct liblock *l)
{
	__atomic_store_n(&l->ll_held, 0, __ATOMIC_RELEASE);
}
