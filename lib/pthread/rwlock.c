/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Read-write locks.
 *
 * What it is.  One word:  WRITER, held for writing; WAITERS, the queue is not
 * empty; and above them the number of readers.  Without waiters, taking and
 * giving up either kind is one compare-and-swap.
 *
 * Who gets it.  With waiters, everybody who comes queues up, first come first
 * served, so that neither readers nor writers starve.  Of real-time threads the more
 * urgent goes first, and of equals the writer; a reader waits for writers that do not
 * rank below it, and goes past others.  It is handed
 * over: who gives it up makes the first waiter the holder, and if that is a
 * reader, the readers right behind it too.  They are woken by one system call
 * for up to BATCH of them.
 *
 * A thread that has a read lock, of any lock, goes past waiting writers: they
 * might be waiting for that very lock of its, and then neither would ever go on.
 *
 * Why no wake-up is lost.  As for mutexes: being in the queue, WAITERS being
 * set and the lock being held are seen in one step, under the guard.  With
 * WAITERS set, the last who gives the lock up goes through the guard and finds
 * the waiter.  A writer that gives up waiting may have been all that kept
 * readers behind it from a lock that is held for reading: it lets them in.
 *
 * What it does not handle.  A reader that asks for the write lock waits for
 * itself: who has a read lock is not recorded.
 */
#include <errno.h>
#include <lwp.h>

#include "pthread_int.h"

#define RW_WRITER	1UL
#define RW_WAITERS	2UL
#define RW_READER	4UL			/* one of them */
#define RW_DESTROYED	(~0UL)

#define WANTS_WRITE	1			/* w_flags */
#define BATCH		64

/* Whom to unpark. */
struct wakes {
	size_t		n;
	lwpid_t		lid[BATCH];
};

static bool
swap(pthread_rwlock_t *rw, unsigned long from, unsigned long to)
{
	return __atomic_compare_exchange_n(&rw->ptr_state, &from, to, 0,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

int
pthread_rwlock_init(pthread_rwlock_t *restrict rw,
    const pthread_rwlockattr_t *restrict attr)
{
	static const pthread_rwlock_t initial = PTHREAD_RWLOCK_INITIALIZER;

	if (attr != NULL && attr->ptra_magic == DESTROYED)
		return EINVAL;
	*rw = initial;
	return 0;
}

int
pthread_rwlock_destroy(pthread_rwlock_t *rw)
{
	if (rw->ptr_state == RW_DESTROYED)
		return EINVAL;
	return swap(rw, 0, RW_DESTROYED) ? 0 : EBUSY;
}

/*
 * As many of the first waiters as the state lets in, BATCH at most.  Called with
 * the guard held, hence nobody else changes the state but for readers that
 * leave, and they do not come to 0.  Returns whether there are more to let in.
 */
static bool
admit(pthread_rwlock_t *rw, struct wakes *wakes)
{
	struct __pthread_waitq *q = &rw->ptr_waiters;
	struct __pthread_waiter *w;
	bool more = false;

	wakes->n = 0;
	while ((w = q->ptq_first) != NULL) {
		if (w->w_flags & WANTS_WRITE) {
			if (rw->ptr_state & ~RW_WAITERS)
				break;
			(void)__atomic_fetch_or(&rw->ptr_state, RW_WRITER, __ATOMIC_RELAXED);
			rw->ptr_writer = w->w_thread;
		} else {
			more = !(rw->ptr_state & RW_WRITER) && wakes->n == BATCH;
			if ((rw->ptr_state & RW_WRITER) || more)
				break;
			(void)__atomic_fetch_add(&rw->ptr_state, RW_READER, __ATOMIC_RELAXED);
			w->w_thread->pt_rdlocks++;
		}
		pthread__dequeue(q, w);
		wakes->lid[wakes->n++] = pthread__settle(w, W_GRANTED);
	}
	if (q->ptq_first == NULL)
		(void)__atomic_fetch_and(&rw->ptr_state, ~RW_WAITERS, __ATOMIC_RELEASE);
	return more;
}

static void
wake_all(const struct wakes *wakes)
{
	int saved = errno;

	if (wakes->n == 1)
		(void)_lwp_unpark(wakes->lid[0], NULL);
	else if (wakes->n > 1)
		(void)_lwp_unpark_all(wakes->lid, wakes->n, NULL);
	errno = saved;
}

static bool	hand_over(pthread_rwlock_t *, unsigned long);

/* A reader leaves. */
static void
read_release(pthread_rwlock_t *rw)
{
	unsigned long v;

	do {
		v = rw->ptr_state;
		while ((v & RW_WAITERS) == 0 || v >= 2 * RW_READER) {
			if (__atomic_compare_exchange_n(&rw->ptr_state, &v,
			    v - RW_READER, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
				return;
		}
	} while (!hand_over(rw, RW_READER));
}

/*
 * Let in all that may come in.  Called with the guard held, and leaves it.  If
 * it takes more than a batch, we count as a reader meanwhile: else all of them
 * might leave, and the lock be freed, before we come back to it.
 */
static void
admit_all(pthread_rwlock_t *rw)
{
	bool more, inside = false;
	struct wakes wakes;

	for (;;) {
		more = admit(rw, &wakes);
		if (more && !inside) {
			(void)__atomic_fetch_add(&rw->ptr_state, RW_READER,
			    __ATOMIC_RELAXED);
			inside = true;
		}
		pthread__guard_exit(&rw->ptr_waiters);
		wake_all(&wakes);
		if (!more)
			break;
		pthread__guard_enter(&rw->ptr_waiters);
	}
	if (inside)
		read_release(rw);
}

/*
 * We are the last who had it.  False: there are no waiters after all, WAITERS has been
 * taken away and nothing else done: a lock that becomes free without a waiter may be
 * freed by the next who has it, so that must be the last that is done to it.
 */
static bool
hand_over(pthread_rwlock_t *rw, unsigned long mine)
{
	pthread__guard_enter(&rw->ptr_waiters);
	if (rw->ptr_waiters.ptq_first == NULL) {
		(void)__atomic_fetch_and(&rw->ptr_state, ~RW_WAITERS, __ATOMIC_RELAXED);
		pthread__guard_exit(&rw->ptr_waiters);
		return false;
	}
	(void)__atomic_fetch_sub(&rw->ptr_state, mine, __ATOMIC_RELEASE);
	admit_all(rw);
	return true;
}

/* Whether a reader may go past all who wait: it outranks those in front.  Called with the guard held. */
static bool
outranks(pthread_rwlock_t *rw, struct __pthread_st *self)
{
	struct __pthread_waiter *w = rw->ptr_waiters.ptq_first;

	return w == NULL || w->w_rank < self->pt_rank;
}

/* Take it if it may be had, or set WAITERS.  Called with the guard held. */
static bool
take_or_mark(pthread_rwlock_t *rw, bool write, bool past)
{
	unsigned long v = rw->ptr_state, want;
	bool can;

	do {
		if (write)
			can = (v & ~RW_WAITERS) == 0;
		else
			can = !(v & RW_WRITER);
		can = can && (past || rw->ptr_waiters.ptq_first == NULL);
		want = v | RW_WAITERS;
		if (can)
			want = v + (write ? RW_WRITER : RW_READER);
	} while (!__atomic_compare_exchange_n(&rw->ptr_state, &v, want, 0,
	    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return can;
}

static int
wait_for(pthread_rwlock_t *rw, struct __pthread_st *self, bool write,
    clockid_t clock, const struct timespec *ts)
{
	struct __pthread_waiter w;
	int error;

	pthread__waiter_init(&w, self);
	w.w_flags = write ? WANTS_WRITE : 0;
	if (write && w.w_rank > 0)
		w.w_rank++;
	pthread__guard_enter(&rw->ptr_waiters);
	if (take_or_mark(rw, write, !write && (self->pt_rdlocks > 0 || outranks(rw, self)))) {
		if (write)
			rw->ptr_writer = self;
		else
			self->pt_rdlocks++;
		pthread__guard_exit(&rw->ptr_waiters);
		return 0;
	}
	pthread__enqueue(&rw->ptr_waiters, &w);
	pthread__guard_exit(&rw->ptr_waiters);
	error = pthread__wait(&w, clock, ts, false, 0);
	pthread__guard_enter(&rw->ptr_waiters);
	if (w.w_state == W_GRANTED) {
		pthread__guard_exit(&rw->ptr_waiters);
		return 0;
	}
	pthread__dequeue(&rw->ptr_waiters, &w);
	admit_all(rw);
	return error;
}

static int
lock_slow(pthread_rwlock_t *rw, struct __pthread_st *self, bool write,
    clockid_t clock, const struct timespec *ts)
{
	if (rw->ptr_state == RW_DESTROYED || pthread__badtime(ts) ||
	    pthread__badclock(clock))
		return EINVAL;
	if ((rw->ptr_state & RW_WRITER) && rw->ptr_writer == self)
		return EDEADLK;
	return wait_for(rw, self, write, clock, ts);
}

/* Neither held for writing nor waited for. */
static bool
read_fast(pthread_rwlock_t *rw, struct __pthread_st *self)
{
	unsigned long v = rw->ptr_state;

	while (!(v & (RW_WRITER | RW_WAITERS))) {
		if (__atomic_compare_exchange_n(&rw->ptr_state, &v, v + RW_READER, 0,
		    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
			self->pt_rdlocks++;
			return true;
		}
	}
	return false;
}

static bool
write_fast(pthread_rwlock_t *rw, struct __pthread_st *self)
{
	if (!swap(rw, 0, RW_WRITER))
		return false;
	rw->ptr_writer = self;
	return true;
}

int
pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict rw, clockid_t clock,
    const struct timespec *restrict ts)
{
	struct __pthread_st *self = pthread__self();

	return read_fast(rw, self) ? 0 : lock_slow(rw, self, false, clock, ts);
}

int
pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict rw, clockid_t clock,
    const struct timespec *restrict ts)
{
	struct __pthread_st *self = pthread__self();

	return write_fast(rw, self) ? 0 : lock_slow(rw, self, true, clock, ts);
}

int
pthread_rwlock_rdlock(pthread_rwlock_t *rw)
{
	return pthread_rwlock_clockrdlock(rw, CLOCK_REALTIME, NULL);
}

int
pthread_rwlock_wrlock(pthread_rwlock_t *rw)
{
	return pthread_rwlock_clockwrlock(rw, CLOCK_REALTIME, NULL);
}

int
pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict rw,
    const struct timespec *restrict ts)
{
	return pthread_rwlock_clockrdlock(rw, CLOCK_REALTIME, ts);
}

int
pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict rw,
    const struct timespec *restrict ts)
{
	return pthread_rwlock_clockwrlock(rw, CLOCK_REALTIME, ts);
}

int
pthread_rwlock_tryrdlock(pthread_rwlock_t *rw)
{
	struct __pthread_st *self = pthread__self();
	bool got;

	if (rw->ptr_state == RW_DESTROYED)
		return EINVAL;
	if (read_fast(rw, self))
		return 0;
	if ((self->pt_rdlocks == 0 && self->pt_rank == 0) || (rw->ptr_state & RW_WRITER))
		return EBUSY;
	pthread__guard_enter(&rw->ptr_waiters);
	got = !(rw->ptr_state & RW_WRITER) && (self->pt_rdlocks > 0 || outranks(rw, self)) &&
	    take_or_mark(rw, false, true);
	pthread__guard_exit(&rw->ptr_waiters);
	self->pt_rdlocks += got;
	return got ? 0 : EBUSY;
}

int
pthread_rwlock_trywrlock(pthread_rwlock_t *rw)
{
	if (rw->ptr_state == RW_DESTROYED)
		return EINVAL;
	return write_fast(rw, pthread__self()) ? 0 : EBUSY;
}

static int
write_unlock(pthread_rwlock_t *rw, struct __pthread_st *self)
{
	if (rw->ptr_writer != self)
		return EPERM;
	rw->ptr_writer = NULL;
	while (!swap(rw, RW_WRITER, 0) && !hand_over(rw, RW_WRITER))
		continue;
	return 0;
}

int
pthread_rwlock_unlock(pthread_rwlock_t *rw)
{
	struct __pthread_st *self = pthread__self();
	unsigned long v = rw->ptr_state;

	if (v == RW_DESTROYED)
		return EINVAL;
	if (v & RW_WRITER)
		return write_unlock(rw, self);
	if (v < RW_READER)
		return EPERM;
	if (self->pt_rdlocks > 0)
		self->pt_rdlocks--;
	read_release(rw);
	return 0;
}

int
pthread_rwlock_wrheld_np(pthread_rwlock_t *rw)
{
	return (rw->ptr_state & RW_WRITER) && rw->ptr_writer == pthread__self();
}

/* By anybody. */
int
pthread_rwlock_rdheld_np(pthread_rwlock_t *rw)
{
	return !(rw->ptr_state & RW_WRITER) && rw->ptr_state >= RW_READER;
}

int
pthread_rwlock_held_np(pthread_rwlock_t *rw)
{
	return pthread_rwlock_wrheld_np(rw) || pthread_rwlock_rdheld_np(rw);
}
