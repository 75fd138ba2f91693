/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How LWPs sleep and are woken: the hashed sleep-queue table.
 * The theory is in kern/sync/sleepq.c.
 */
#ifndef _KERN_SLEEPQ_H_
#define _KERN_SLEEPQ_H_

#include <kern/lwp.h>
#include <kern/mutex.h>
#include <sys/queue.h>

#define SLEEPTAB_SHIFT 8
#define SLEEPTAB_SIZE (1 << SLEEPTAB_SHIFT)

/*
 * A bucket: one lock, and the queue of the LWPs parked on channels that hash
 * here.  A condition variable or mutex has a queue of its own and takes from
 * the table only the lock, so that a signal never walks over parked strangers.
 */
struct sleepbucket {
	struct kspin sb_lock;
	struct sleepq sb_parked; /* (sb_lock) park's queue, first come first served */
} cacheline_aligned;

extern struct sleepbucket sleeptab[SLEEPTAB_SIZE];

/* A kind of sleep: what an LWP in LSSLEEP is waiting in. */
struct syncobj {
	const char *so_name;
};

extern const struct syncobj syncobj_park, syncobj_cv, syncobj_mutex;

void sleeptab_init(void);

/*
 * The bucket of a wait channel.  Channels are addresses with equal low and high bits; the
 * multiplication by 2^64 divided by the golden ratio (Knuth, TAOCP 3, 6.4) brings the bits that
 * differ to the top, from where the index is taken.
 */
static inline struct sleepbucket *
sleeptab_bucket(uintptr_t wchan)
{
	return &sleeptab[(wchan * 0x9e3779b97f4a7c15UL) >> (64 - SLEEPTAB_SHIFT)];
}


/*
 * Put curlwp to sleep on `sq`, which `lock` covers.  Called with `lock` and then this
 * CPU's ci_lock held, curlwp ONPROC.  Returns with both held, curlwp in LSSLEEP and
 * covered by `lock`.  The caller may let go of ci_lock (to release an interlock), but
 * keeps `lock` until sleepq_switch: that is why no wake-up is lost.
 */
static inline void
sleepq_enqueue(struct sleepq *sq, struct kspin *lock, uintptr_t wchan, const char *wmesg,
    const struct syncobj *so, bool interruptible)
{
	struct lwp *l = curlwp;

	KASSERT(spin_owned(lock));
	KASSERT(l->l_mutex == &curcpu()->ci_lock);
	KASSERT(lwp_locked(l));
	KASSERT(l->l_nopreempt == 0);
	KASSERT((l->l_flag & LW_IDLE) == 0);

	l->l_sleepq = sq;
	l->l_wchan = wchan;
	l->l_wmesg = wmesg;
	l->l_syncobj = so;
	if (interruptible)
		l->l_flag |= LW_SINTR;
	TAILQ_INSERT_TAIL(sq, l, l_link);
	lwp_setstat(l, LSSLEEP);
	lwp_setlock(l, lock);
}

/* After sleepq_enqueue: curlwp goes before those of a lower priority. */
void sleepq_sort(struct sleepq *sq);

/*
 * Leave the CPU after sleepq_enqueue.  Called with both locks held; returns with
 * none, when woken.  Gives the waker's verdict: 0, ETIMEDOUT, EINTR, or ERESTART.
 */
int sleepq_switch(void);

/*
 * Sleep interruptibly until the monotonic clock reaches `deadline` (ns; 0 = never).  ETIMEDOUT when
 * it does, EINTR or ERESTART when interrupted.  Called with no lock held.
 */
int sleep_until(uint64_t deadline, const char *wmesg);

/* Take `l`, locked and asleep, off its queue, with the verdict `reason`.  Its state is still LSSLEEP. */
static inline void
sleepq_remove(struct lwp *l, int reason)
{
	KASSERT(lwp_locked(l));
	KASSERT(l->l_stat == LSSLEEP);

	TRACE_KEEP(trace_wake, l, reason);
	TAILQ_REMOVE(l->l_sleepq, l, l_link);
	l->l_sleepq = NULL;
	l->l_wchan = 0;
	l->l_wmesg = NULL;
	l->l_syncobj = NULL;
	l->l_flag &= ~LW_SINTR;
	l->l_wakereason = reason;
}

/*
 * Wake `l`, which is asleep, with verdict `reason`.  Called with l's lock (its
 * bucket's) held; returns with it released.  The first waker wins: there is no
 * second, because l leaves LSSLEEP here.
 */
static inline __attribute__((always_inline)) void
sleepq_wake(struct lwp *l, int reason)
{
	sleepq_remove(l, reason);
	sched_wakeup_sleeper(l);
}

/*
 * May curlwp (locked) begin an interruptible sleep?  0: yes.  EINTR: it is being ended, or has a
 * cancel pending (which this consumes).  ERESTART: it has to go to the boundary first, to stop
 * or to look for signals; the call is then executed again.  SLEEPQ_ANNOUNCE: it has been asked
 * to suspend, and must say with sleepq_announce that it does, before it sleeps.
 */
#define SLEEPQ_ANNOUNCE (-1)
rarely_called int sleepq_interrupted_flags(struct lwp *l);
static inline int
sleepq_interrupted(struct lwp *l)
{
	KASSERT(lwp_locked(l));
	return predict_true((l->l_flag & (LW_USERRET | LW_CANCELLED)) == 0) ? 0 : sleepq_interrupted_flags(l);
}
/*
 * What to do about SLEEPQ_ANNOUNCE: the floor of the LWPs sets it, at boot.  Called with nothing held but the mutex
 * `interlock`, or NULL; it may be let go for a moment, and is held again on return.
 */
extern void (*sleepq_announce)(struct kmutex *interlock);

/* The handler of l_timeout: wake the LWP `arg`, if it still sleeps, with ETIMEDOUT. */
void sleepq_timeout(void *arg);

#endif
