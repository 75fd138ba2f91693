/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How LWPs sleep and are woken: the hashed sleep-queue table.
 * The theory is in kern/sync/sleepq.c.
 */
#ifndef _KERN_SLEEPQ_H_
#define _KERN_SLEEPQ_H_

#include <kern/mutex.h>
#include <sys/queue.h>

struct lwp;

#define SLEEPTAB_SHIFT 8
#define SLEEPTAB_SIZE (1 << SLEEPTAB_SHIFT)

TAILQ_HEAD(sleepq, lwp);

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
	bool so_sorted; /* queue by priority, then arrival; else by arrival */
};

extern const struct syncobj syncobj_park, syncobj_cv, syncobj_mutex;

void sleeptab_init(void);
struct sleepbucket *sleeptab_bucket(uintptr_t wchan);

/*
 * Put curlwp to sleep on `sq`, which `lock` covers.  Called with `lock` and then this
 * CPU's ci_lock held, curlwp ONPROC.  Returns with both held, curlwp in LSSLEEP and
 * covered by `lock`.  The caller may let go of ci_lock (to release an interlock), but
 * keeps `lock` until sleepq_switch: that is why no wake-up is lost.
 */
void sleepq_enqueue(struct sleepq *sq, struct kspin *lock, uintptr_t wchan, const char *wmesg,
    const struct syncobj *so, bool interruptible);

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

/*
 * Wake `l`, which is asleep, with verdict `reason`.  Called with l's lock (its
 * bucket's) held; returns with it released.  The first waker wins: there is no
 * second, because l leaves LSSLEEP here.
 */
void sleepq_wake(struct lwp *l, int reason);

/*
 * May curlwp (locked) begin an interruptible sleep?  0: yes.  EINTR: it is being ended, or has a
 * cancel pending (which this consumes).  ERESTART: it has to go to the boundary first, to stop
 * or to look for signals; the call is then executed again.  SLEEPQ_ANNOUNCE: it has been asked
 * to suspend, and must say with lwp_suspend_announce that it does, before it sleeps.
 */
int sleepq_interrupted(struct lwp *l);
#define SLEEPQ_ANNOUNCE (-1)
/* What to do about SLEEPQ_ANNOUNCE.  Called with nothing held. */
void sleepq_announce(void);

/* The handler of l_timeout: wake the LWP `arg`, if it still sleeps, with ETIMEDOUT. */
void sleepq_timeout(void *arg);

#endif
