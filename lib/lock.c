/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mutex and a semaphore made of park and unpark.
 *
 * What it is.  Both keep a list of waiters, first come first served, under a
 * spin lock (the guard) that is held for a few instructions.  Whoever gives
 * something up while there are waiters does not let it go free: he takes the
 * first waiter off the list and hands it over, by setting the waiter's
 * `granted' and unparking it.
 *
 * Why no wake-up is lost.  A waiter is on the list before it first parks, and
 * both happen after it has seen, under the guard, that it must wait.  The
 * giver finds it there, sets `granted', then unparks.  If the unpark comes
 * before the park, it fills the token and the park returns at once; if it
 * comes after, it ends the sleep.  A park that returns for another reason (a
 * token left over, a signal) finds `granted' clear and parks again.
 *
 * The waiter's structure is on its stack, and gone as soon as it has seen
 * `granted': the giver reads the id before, and touches nothing after.  The
 * unpark may then find an LWP that does not park any more: it leaves a token,
 * and the next park of that LWP returns early, which every user of park must
 * stand.
 *
 * Who holds a mutex nobody here needs to know, but a debugger wants to.  An LWP's
 * id costs a system call; so hm_holder is an address on the holder's stack.
 */
#include <errno.h>
#include <heddle/lock.h>
#include <lwp.h>

#include "private.h"

struct __waiter {
	struct __waiter	*w_next;
	lwpid_t		w_lid;
	volatile int	w_granted;
	struct hmutex	*w_mutex;	/* for debuggers: what is waited for; NULL: a semaphore */
};

#define FREE		0
#define HELD		1
#define CONTENDED	2		/* held, and the list is not empty */

static void
guard_enter(struct __waitq *wq)
{
	unsigned int n;

	for (n = 0; __atomic_exchange_n(&wq->wq_guard, 1, __ATOMIC_ACQUIRE); n++)
		__liblock_backoff(n);
}

static void
guard_exit(struct __waitq *wq)
{
	__atomic_store_n(&wq->wq_guard, 0, __ATOMIC_RELEASE);
}

/* Called with the guard held. */
static void
enqueue(struct __waitq *wq, struct __waiter *w, struct hmutex *m)
{
	w->w_mutex = m;
	w->w_next = NULL;
	w->w_lid = _lwp_self();
	w->w_granted = 0;
	if (wq->wq_first == NULL)
		wq->wq_first = w;
	else
		wq->wq_last->w_next = w;
	wq->wq_last = w;
}

/* Called with the guard held and the list not empty. */
static struct __waiter *
dequeue(struct __waitq *wq)
{
	struct __waiter *w = wq->wq_first;

	wq->wq_first = w->w_next;
	return w;
}

static void
wait_granted(struct __waiter *w)
{
	while (!__atomic_load_n(&w->w_granted, __ATOMIC_ACQUIRE))
		(void)_lwp_park(0, 0, NULL, 0, w, NULL);
}

static void
grant(struct __waiter *w)
{
	lwpid_t lid = w->w_lid;

	__atomic_store_n(&w->w_granted, 1, __ATOMIC_RELEASE);
	(void)_lwp_unpark(lid, w);
}

static int
take(struct hmutex *m)
{
	int expected = FREE;

	return __atomic_compare_exchange_n(&m->hm_state, &expected, HELD, 0,
	    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void
hmutex_init(struct hmutex *m)
{
	*m = (struct hmutex)HMUTEX_INITIALIZER;
}

int
hmutex_trylock(struct hmutex *m)
{
	if (!take(m))
		return EBUSY;
	m->hm_holder = __builtin_frame_address(0);
	return 0;
}

/*
 * From the exchange on, the holder's unlock must come through the guard, and
 * waits there until we are on the list.  As long as anybody is on the list the
 * mutex never becomes free; so if it was free, the list is empty.
 */
void
hmutex_lock(struct hmutex *m)
{
	struct __waiter w;

	if (take(m)) {
		m->hm_holder = __builtin_frame_address(0);
		return;
	}
	guard_enter(&m->hm_waiters);
	if (__atomic_exchange_n(&m->hm_state, CONTENDED, __ATOMIC_ACQUIRE) ==
	    FREE) {
		__atomic_store_n(&m->hm_state, HELD, __ATOMIC_RELAXED);
		m->hm_holder = __builtin_frame_address(0);
		guard_exit(&m->hm_waiters);
		return;
	}
	enqueue(&m->hm_waiters, &w, m);
	guard_exit(&m->hm_waiters);
	wait_granted(&w);
}

void
hmutex_unlock(struct hmutex *m)
{
	int expected = HELD;
	struct __waiter *w;

	if (__atomic_compare_exchange_n(&m->hm_state, &expected, FREE, 0,
	    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		return;
	guard_enter(&m->hm_waiters);
	w = dequeue(&m->hm_waiters);
	m->hm_holder = w;
	if (m->hm_waiters.wq_first == NULL)
		__atomic_store_n(&m->hm_state, HELD, __ATOMIC_RELAXED);
	guard_exit(&m->hm_waiters);
	grant(w);
}

void
hsem_init(struct hsem *s, int count)
{
	*s = (struct hsem)HSEM_INITIALIZER(count);
}

int
hsem_trywait(struct hsem *s)
{
	int got;

	guard_enter(&s->hs_waiters);
	got = s->hs_count > 0;
	if (got)
		s->hs_count--;
	guard_exit(&s->hs_waiters);
	return got ? 0 : EAGAIN;
}

void
hsem_wait(struct hsem *s)
{
	struct __waiter w;

	guard_enter(&s->hs_waiters);
	if (s->hs_count > 0) {
		s->hs_count--;
		guard_exit(&s->hs_waiters);
		return;
	}
	enqueue(&s->hs_waiters, &w, NULL);
	guard_exit(&s->hs_waiters);
	wait_granted(&w);
}

void
hsem_post(struct hsem *s)
{
	struct __waiter *w = NULL;

	guard_enter(&s->hs_waiters);
	if (s->hs_waiters.wq_first != NULL)
		w = dequeue(&s->hs_waiters);
	else
		s->hs_count++;
	guard_exit(&s->hs_waiters);
	if (w != NULL)
		grant(w);
}
