/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes.
 *
 * What it is.  One word says who owns the mutex, and whether anybody waits:
 *
 *	0			free
 *	thread			held, nobody waits
 *	thread | WAITERS	held, the queue is not empty
 *	WAITERS			free, but the queue is not empty
 *
 * Locking a free mutex is one compare-and-swap of 0 to the thread, unlocking it
 * one of the thread to 0; neither enters the kernel.  As long as WAITERS is set
 * both fail, and everything happens under the guard of the queue.
 *
 * Spinning.  If the owner is on a CPU at this moment (the kernel says so in
 * the owner's lwpctl block) it will most likely unlock sooner than we could
 * sleep and be woken.  If it is not, it cannot unlock, and every turn of a
 * spinner would be wasted; so also if there are waiters, who are served first.
 *
 * Who gets it.  Unlock wakes the first waiter and no other: no herd.  But it
 * leaves the mutex free: if the waiter were made the owner at once, nobody
 * could lock it until that thread has been scheduled, and threads that lock
 * often would go at the pace of the scheduler.  So a thread that runs may
 * overtake the one that was woken.  It may do so once: a waiter that was woken
 * and comes too late says so (HANDOFF), and the next unlock makes it the owner.
 *
 * Why no wake-up is lost.  A waiter is put into the queue, and WAITERS set,
 * under the guard, in one step with seeing that the mutex is held.  From then
 * on the owner's unlock fails to swap and comes through the guard.  It finds
 * the first waiter and wakes it, unless it was woken already and has not looked
 * yet; that one is still in the queue, and when it looks it takes the mutex
 * or, if it is held, stays, with WAITERS still set for that owner to see.  A
 * waiter whose time is up leaves the queue under the guard; if it had been
 * woken and does not take the mutex, then because it is held, and that owner
 * will wake the next.
 *
 * Freeing.  Whoever gets the mutex may unlock it, destroy it and free the
 * memory.  So the last that an unlock does with the memory is to leave the
 * guard.  Who then gets it by looking has passed through the guard, as it cannot be
 * had otherwise with WAITERS set; who is made the owner is told after that,
 * and until then stays where he is, even if his time is up.
 *
 * Robust mutexes are in a list of their owner, and are given up at its end,
 * marked DEAD.  Who gets one so marked is told.  If he unlocks it without
 * making it consistent it is LOST: everybody who takes it gives it up at once.
 *
 * A mutex with a ceiling (PTHREAD_PRIO_PROTECT) is a mutex around which its owner has
 * a priority: ceiling.c.
 *
 * What it does not handle.  Priority inheritance; sharing between processes.
 */
#include <errno.h>

#include "pthread_int.h"

#define OWNER(v)	((struct __pthread_st *)((v) & ~MUTEX_WAITERS))
#define SPINS		2000		/* then the owner takes its time */

#define HANDOFF		1		/* w_flags */

static bool
swap(pthread_mutex_t *m, uintptr_t from, uintptr_t to)
{
	return __atomic_compare_exchange_n(&m->ptm_owner, &from, to, 0,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

int
pthread_mutex_init(pthread_mutex_t *restrict m,
    const pthread_mutexattr_t *restrict attr)
{
	static const pthread_mutex_t initial = PTHREAD_MUTEX_INITIALIZER;

	if (attr != NULL && attr->ptma_magic == DESTROYED)
		return EINVAL;
	*m = initial;
	if (attr != NULL)
		m->ptm_kind = attr->ptma_kind;
	return 0;
}

int
pthread_mutex_destroy(pthread_mutex_t *m)
{
	if (m->ptm_owner == MUTEX_DESTROYED)
		return EINVAL;
	return swap(m, 0, MUTEX_DESTROYED) ? 0 : EBUSY;
}

/* Robust mutexes: the owner's list. */

static void
link_robust(pthread_mutex_t *m, struct __pthread_st *self)
{
	m->ptm_prev = NULL;
	m->ptm_next = self->pt_robust;
	if (m->ptm_next != NULL)
		m->ptm_next->ptm_prev = m;
	self->pt_robust = m;
}

static void
unlink_robust(pthread_mutex_t *m, struct __pthread_st *self)
{
	if (m->ptm_next != NULL)
		m->ptm_next->ptm_prev = m->ptm_prev;
	if (m->ptm_prev != NULL)
		m->ptm_prev->ptm_next = m->ptm_next;
	else
		self->pt_robust = m->ptm_next;
}

/*
 * Make the mutex free for, or the property of, the first waiter.  Called with
 * the guard held, by the owner; `handover': not free.  *granted is a waiter to
 * settle when the guard has been left, or NULL; else *wake is whom to unpark, or 0.
 * False: there is no waiter, WAITERS has been taken away, nothing else is done.
 */
static bool
pass_on(pthread_mutex_t *m, bool handover, struct __pthread_waiter **granted,
    lwpid_t *wake)
{
	struct __pthread_waiter *w = m->ptm_waiters.ptq_first;
	uintptr_t owner = MUTEX_WAITERS;

	if (w == NULL) {
		(void)__atomic_fetch_and(&m->ptm_owner, ~MUTEX_WAITERS,
		    __ATOMIC_RELAXED);
		return false;
	}
	if (handover || (w->w_flags & HANDOFF)) {
		pthread__dequeue(&m->ptm_waiters, w);
		owner = (uintptr_t)w->w_thread;
		if (m->ptm_waiters.ptq_first != NULL)
			owner |= MUTEX_WAITERS;
		*granted = w;
	} else if (w->w_state == W_WAITING) {
		*wake = pthread__settle(w, W_WOKEN);
	}
	__atomic_store_n(&m->ptm_owner, owner, __ATOMIC_RELEASE);
	return true;
}

/* By the owner, who has unlocked it as often as locked.  Whom to unpark, or 0. */
static lwpid_t
give_up(pthread_mutex_t *m, struct __pthread_st *self, bool handover)
{
	struct __pthread_waiter *granted = NULL;
	lwpid_t wake = 0;
	bool passed = false;

	while (!passed && !swap(m, (uintptr_t)self, 0)) {
		pthread__guard_enter(&m->ptm_waiters);
		passed = pass_on(m, handover, &granted, &wake);
		pthread__guard_exit(&m->ptm_waiters);
	}
	return granted != NULL ? pthread__settle(granted, W_GRANTED) : wake;
}

/* The caller has just become the owner. */
static int
robust_taken(pthread_mutex_t *m, struct __pthread_st *self)
{
	if (m->ptm_kind & KIND_LOST) {
		pthread__unpark(give_up(m, self, false));
		return ENOTRECOVERABLE;
	}
	link_robust(m, self);
	return m->ptm_kind & KIND_DEAD ? EOWNERDEAD : 0;
}

static int
taken(pthread_mutex_t *m, struct __pthread_st *self)
{
	if (__predict_true(!(m->ptm_kind & KIND_ROBUST)))
		return 0;
	return robust_taken(m, self);
}

/* Whether the caller may take it as it is, and has. */
static __always_inline bool
taken_at_once(pthread_mutex_t *m, struct __pthread_st *self)
{
	return (m->ptm_kind & KIND_SLOW) == 0 && swap(m, 0, (uintptr_t)self);
}

static bool
on_cpu(struct __pthread_st *owner)
{
	struct lwpctl *ctl = owner->pt_lwpctl;

	return ctl != NULL && ctl->lc_curcpu >= 0;
}

/* Whether we have got it. */
static bool
spin(pthread_mutex_t *m, struct __pthread_st *self)
{
	unsigned int n;
	uintptr_t v;

	for (n = 0; n < SPINS; n++) {
		v = m->ptm_owner;
		if (v == 0 && swap(m, 0, (uintptr_t)self))
			return true;
		if (v != 0 && ((v & MUTEX_WAITERS) || !on_cpu(OWNER(v))))
			return false;
		__builtin_ia32_pause();
	}
	return false;
}

/*
 * If it is free, the thread becomes its owner.  If not, WAITERS is set.  Called
 * with the guard held.
 */
static bool
take_or_mark(pthread_mutex_t *m, struct __pthread_st *pt)
{
	uintptr_t v = m->ptm_owner, want;

	do {
		if (OWNER(v) == NULL)
			want = (uintptr_t)pt | v;
		else
			want = v | MUTEX_WAITERS;
	} while (!__atomic_compare_exchange_n(&m->ptm_owner, &v, want, 0,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return OWNER(v) == NULL;
}

/* Out of the queue, if it is in it.  Called with the guard held. */
static void
withdraw(pthread_mutex_t *m, struct __pthread_waiter *w)
{
	if (w->w_queue != NULL)
		pthread__dequeue(&m->ptm_waiters, w);
	if (m->ptm_waiters.ptq_first == NULL)
		(void)__atomic_fetch_and(&m->ptm_owner, ~MUTEX_WAITERS,
		    __ATOMIC_RELAXED);
}

/*
 * Each turn is: look, and if it is held, sleep.  The first time we go to the
 * end of the queue; after that we are there, and have been overtaken.  If we are
 * not there any more, we are the owner, and are about to be told so.
 */
static int
wait_for(pthread_mutex_t *m, struct __pthread_st *self, clockid_t clock,
    const struct timespec *ts)
{
	struct __pthread_waiter w;
	bool queued = false, got;
	int error = 0;

	pthread__waiter_init(&w, self);
	for (;;) {
		pthread__guard_enter(&m->ptm_waiters);
		if (queued && w.w_queue == NULL)
			break;
		got = take_or_mark(m, self);
		if (got || error != 0) {
			withdraw(m, &w);
			pthread__guard_exit(&m->ptm_waiters);
			return got ? taken(m, self) : error;
		}
		if (!queued)
			pthread__enqueue(&m->ptm_waiters, &w);
		else
			w.w_flags |= HANDOFF;
		queued = true;
		w.w_state = W_WAITING;
		pthread__guard_exit(&m->ptm_waiters);
		error = pthread__wait(&w, clock, ts, false, 0);
		if (w.w_state == W_GRANTED)
			return taken(m, self);
	}
	pthread__guard_exit(&m->ptm_waiters);
	pthread__wait_granted(&w);
	return taken(m, self);
}

/* The owner locks it once more.  0 for a normal one: it is to deadlock. */
static int
relock(pthread_mutex_t *m, bool *done)
{
	unsigned int type = m->ptm_kind & KIND_TYPE;

	*done = type != PTHREAD_MUTEX_NORMAL;
	if (type == PTHREAD_MUTEX_ERRORCHECK)
		return EDEADLK;
	if (type == PTHREAD_MUTEX_RECURSIVE) {
		if (m->ptm_recursed == UINT_MAX)
			return EAGAIN;
		m->ptm_recursed++;
	}
	return 0;
}

int
pthread__mutex_acquire(pthread_mutex_t *m, struct __pthread_st *self,
    clockid_t clock, const struct timespec *ts)
{
	if (swap(m, 0, (uintptr_t)self) || spin(m, self))
		return taken(m, self);
	if (pthread__badtime(ts) || pthread__badclock(clock))
		return EINVAL;
	return wait_for(m, self, clock, ts);
}

/* A robust one may be lost by that. */
lwpid_t
pthread__mutex_let_go(pthread_mutex_t *m, struct __pthread_st *self,
    bool handover)
{
	if (m->ptm_kind & KIND_ROBUST) {
		unlink_robust(m, self);
		if (m->ptm_kind & KIND_DEAD)
			m->ptm_kind |= KIND_LOST;
	}
	return give_up(m, self, handover);
}

/* As if it had never been taken: one whose owner died tells so to the next one too. */
void
pthread__mutex_unget(pthread_mutex_t *m, struct __pthread_st *self)
{
	if (m->ptm_kind & KIND_ROBUST)
		unlink_robust(m, self);
	pthread__unpark(give_up(m, self, false));
}

/*
 * The end of getting a mutex with a ceiling.  `ceiling' is in force; `error' is how it
 * went.  If the mutex has been given another one meanwhile, that comes into force, or
 * else we may not have it.
 */
static int
got_protected(pthread_mutex_t *m, struct __pthread_st *self, int ceiling,
    int error)
{
	int followed;

	if (error != 0 && error != EOWNERDEAD) {
		pthread__ceiling_exit(self, ceiling);
		return error;
	}
	followed = pthread__ceiling_follow(m, self, ceiling);
	if (followed != 0) {
		pthread__mutex_unget(m, self);
		error = followed;
	}
	return error;
}

/* With the ceiling before, so that nobody has the mutex and not its priority. */
static int
lock_protected(pthread_mutex_t *m, struct __pthread_st *self, clockid_t clock,
    const struct timespec *ts)
{
	int ceiling = pthread__mutex_ceiling(m), error;

	error = pthread__ceiling_enter(self, ceiling);
	if (error != 0)
		return error;
	error = pthread__mutex_acquire(m, self, clock, ts);
	return got_protected(m, self, ceiling, error);
}

static __noinline int
lock_slow(pthread_mutex_t *m, struct __pthread_st *self, clockid_t clock,
    const struct timespec *ts)
{
	uintptr_t v = m->ptm_owner;
	bool done;
	int error;

	if (v == MUTEX_DESTROYED)
		return EINVAL;
	if (OWNER(v) == self) {
		error = relock(m, &done);
		if (done)
			return error;
	}
	if (m->ptm_kind & KIND_PROTECT)
		return lock_protected(m, self, clock, ts);
	return pthread__mutex_acquire(m, self, clock, ts);
}

int
pthread_mutex_lock(pthread_mutex_t *m)
{
	struct __pthread_st *self = pthread__self();

	if (__predict_true(taken_at_once(m, self)))
		return 0;
	return lock_slow(m, self, CLOCK_REALTIME, NULL);
}

int
pthread_mutex_clocklock(pthread_mutex_t *restrict m, clockid_t clock,
    const struct timespec *restrict ts)
{
	struct __pthread_st *self = pthread__self();

	if (taken_at_once(m, self))
		return 0;
	return lock_slow(m, self, clock, ts);
}

int
pthread_mutex_timedlock(pthread_mutex_t *restrict m,
    const struct timespec *restrict ts)
{
	return pthread_mutex_clocklock(m, CLOCK_REALTIME, ts);
}

/* With waiters, it may be free until the first of them has run. */
static int
try_acquire(pthread_mutex_t *m, struct __pthread_st *self)
{
	uintptr_t v = m->ptm_owner;
	bool got;

	if (OWNER(v) != NULL)
		return EBUSY;
	pthread__guard_enter(&m->ptm_waiters);
	v = m->ptm_owner;
	got = OWNER(v) == NULL && swap(m, v, (uintptr_t)self | v);
	pthread__guard_exit(&m->ptm_waiters);
	return got ? taken(m, self) : EBUSY;
}

static __noinline int
trylock_slow(pthread_mutex_t *m, struct __pthread_st *self)
{
	int ceiling = pthread__mutex_ceiling(m), error;
	uintptr_t v = m->ptm_owner;
	bool done;

	if (v == MUTEX_DESTROYED)
		return EINVAL;
	if (OWNER(v) == self)
		return (m->ptm_kind & KIND_TYPE) == PTHREAD_MUTEX_RECURSIVE ?
		    relock(m, &done) : EBUSY;
	if (!(m->ptm_kind & KIND_PROTECT))
		return try_acquire(m, self);
	error = pthread__ceiling_enter(self, ceiling);
	if (error != 0)
		return error;
	error = try_acquire(m, self);
	return got_protected(m, self, ceiling, error);
}

int
pthread_mutex_trylock(pthread_mutex_t *m)
{
	struct __pthread_st *self = pthread__self();

	if (__predict_true(taken_at_once(m, self)))
		return 0;
	return trylock_slow(m, self);
}

/* Who is woken runs, if it is to, when the ceiling is left. */
static void
unlock_last(pthread_mutex_t *m, struct __pthread_st *self)
{
	bool protect = (m->ptm_kind & KIND_PROTECT) != 0;
	int ceiling = pthread__mutex_ceiling(m);

	pthread__unpark(pthread__mutex_let_go(m, self, false));
	if (protect)
		pthread__ceiling_exit(self, ceiling);
}

static __noinline int
unlock_slow(pthread_mutex_t *m, struct __pthread_st *self)
{
	uintptr_t v = m->ptm_owner;

	if (v == MUTEX_DESTROYED)
		return EINVAL;
	if (OWNER(v) != self)
		return EPERM;
	if (m->ptm_recursed > 0)
		m->ptm_recursed--;
	else
		unlock_last(m, self);
	return 0;
}

int
pthread_mutex_unlock(pthread_mutex_t *m)
{
	struct __pthread_st *self = pthread__self();

	if (__predict_true((m->ptm_recursed | (m->ptm_kind & KIND_SLOW)) == 0 &&
	    swap(m, (uintptr_t)self, 0)))
		return 0;
	return unlock_slow(m, self);
}

int
pthread_mutex_consistent(pthread_mutex_t *m)
{
	if (!(m->ptm_kind & KIND_ROBUST) || !(m->ptm_kind & KIND_DEAD) ||
	    OWNER(m->ptm_owner) != pthread__self())
		return EINVAL;
	m->ptm_kind &= ~(unsigned int)KIND_DEAD;
	return 0;
}

/* Its ceilings end with it. */
void
pthread__robust_exit(struct __pthread_st *self)
{
	pthread_mutex_t *m;

	while ((m = self->pt_robust) != NULL) {
		m->ptm_kind |= KIND_DEAD;
		m->ptm_recursed = 0;
		pthread__mutex_unget(m, self);
	}
}

/* For condition variables. */

/*
 * The caller is about to sleep, so the first waiter may as well own it.  A ceiling
 * stays in force: who sleeps disturbs nobody by it, and when it wakes it wants the
 * mutex, or has it already and must not be without.
 */
lwpid_t
pthread__mutex_release(pthread_mutex_t *m, struct __pthread_st *self,
    struct mutex_held *held)
{
	held->mh_recursed = m->ptm_recursed;
	held->mh_ceiling = pthread__mutex_ceiling(m);
	m->ptm_recursed = 0;
	return pthread__mutex_let_go(m, self, true);
}

/*
 * It was overtaken, so to speak, when it let go of the mutex: it is handed over.
 * So the waiter need not look, but waits until it is GRANTED.
 */
lwpid_t
pthread__mutex_adopt(pthread_mutex_t *m, struct __pthread_waiter *w)
{
	bool got;

	pthread__guard_enter(&m->ptm_waiters);
	got = take_or_mark(m, w->w_thread);
	if (!got) {
		w->w_flags |= HANDOFF;
		pthread__enqueue(&m->ptm_waiters, w);
	}
	pthread__guard_exit(&m->ptm_waiters);
	return got ? pthread__settle(w, W_GRANTED) : 0;
}

/* w is NULL if nobody has adopted us. */
int
pthread__mutex_resume(pthread_mutex_t *m, struct __pthread_st *self,
    struct __pthread_waiter *w, const struct mutex_held *held)
{
	int error;

	if (w != NULL) {
		if (w->w_state != W_GRANTED)
			pthread__wait_granted(w);
		error = taken(m, self);
	} else {
		error = pthread__mutex_acquire(m, self, CLOCK_REALTIME, NULL);
	}
	if (m->ptm_kind & KIND_PROTECT)
		error = got_protected(m, self, held->mh_ceiling, error);
	if (error == 0 || error == EOWNERDEAD)
		m->ptm_recursed = held->mh_recursed;
	return error;
}

int
pthread_mutex_held_np(pthread_mutex_t *m)
{
	return pthread__mutex_is_mine(m, pthread__self());
}

pthread_t
pthread_mutex_owner_np(pthread_mutex_t *m)
{
	return OWNER(m->ptm_owner);
}
