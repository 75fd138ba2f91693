/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mutex and a semaphore made of park and unpark.  Both are fair: who has
 * waited longest is served first.  lib/lock.c has the argument why no wake-up
 * is lost.
 *
 * They use the LWP's one unpark token, so a program that also parks by itself
 * may see its own park return early; it must test what it waits for in a loop,
 * as every user of park must.
 */
#ifndef _HEDDLE_LOCK_H_
#define _HEDDLE_LOCK_H_

#include <sys/types.h>

struct __waiter;

/* LWPs that wait, the first come at the head. */
struct __waitq {
	volatile int	wq_guard;	/* spin lock over the list */
	struct __waiter	*wq_first;
	struct __waiter	*wq_last;
};

struct hmutex {
	volatile int	hm_state;	/* 0 free, 1 held, 2 held and waited for */
	struct __waitq	hm_waiters;
	void *volatile	hm_holder;	/* for debuggers: an address on the holder's stack */
};

struct hsem {
	volatile int	hs_count;	/* under the guard */
	struct __waitq	hs_waiters;
};

#define HMUTEX_INITIALIZER	{ 0, { 0, NULL, NULL }, NULL }
#define HSEM_INITIALIZER(n)	{ (n), { 0, NULL, NULL } }

__BEGIN_DECLS
void	hmutex_init(struct hmutex *);
void	hmutex_lock(struct hmutex *);
int	hmutex_trylock(struct hmutex *);	/* 0 or EBUSY */
void	hmutex_unlock(struct hmutex *);

void	hsem_init(struct hsem *, int);
void	hsem_post(struct hsem *);
int	hsem_trywait(struct hsem *);		/* 0 or EAGAIN */
void	hsem_wait(struct hsem *);
__END_DECLS

#endif /* !_HEDDLE_LOCK_H_ */
