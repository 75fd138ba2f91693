/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the thread library share.
 *
 * Layers, upper ones call down:
 *
 *	mutex cond rwlock barrier sem	objects on which threads wait
 *	cancel thread exit specific	threads
 *	waitq				queues of waiters; park and unpark
 *	pool				memory of threads
 *
 * Locks.  pthread__lock covers the states of all threads, and the lists of
 * them (letter t).  Each object on which threads wait has a guard, a spin lock
 * in its queue (letter g); a condition variable's is taken before a mutex's.
 * Letter o: only the thread itself.  No letter: written before the thread
 * runs, or stable while the one who looks knows that it is there.
 */
#ifndef _LIB_PTHREAD_INT_H_
#define _LIB_PTHREAD_INT_H_

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/lwpctl.h>
#include <sys/types.h>

#include "../private.h"

/* In one instruction; a program asks lib/errno.c for its address. */
extern __thread int	__errno_value;
#undef errno
#define errno		__errno_value

#define TSD_BLOCK	32		/* keys whose values are allocated at once */
#define TSD_BLOCKS	(PTHREAD_KEYS_MAX / TSD_BLOCK)

/* pt_state */
#define PT_FREE		0		/* no thread */
#define PT_RUNNING	1
#define PT_EXITED	2		/* has left, or is about to */

/* pt_flags */
#define PTF_DETACHED	0x01		/* t: nobody will join it */
#define PTF_JOINING	0x02		/* t: somebody waits for it */
#define PTF_COUNTED	0x04		/* the program lives until it exits */
#define PTF_OWNSTACK	0x08		/* the program gave the stack */

/* pt_cancel; cancel.c explains them. */
#define C_DISABLED	0x01		/* o */
#define C_ASYNC		0x02		/* o */
#define C_PENDING	0x04		/* it is to be cancelled */
#define C_POINT		0x08		/* o: in a cancellation point */
#define C_WAKING	0x10		/* somebody is about to end its sleep */
#define C_WOKEN		0x20		/* and has done so */

struct tsd_value {
	void		*tv_value;
	unsigned int	tv_gen;		/* of the key when it was set */
};

/*
 * A thread.  The memory is never given back, so that a stale pointer may be
 * looked through: what is read may be another thread's by then.
 */
struct __pthread_st {
	volatile lwpid_t	pt_lid;
	volatile unsigned int	pt_cancel;	/* atomic: C_* */
	struct lwpctl		*volatile pt_lwpctl;	/* NULL if there is none */
	int			pt_state;	/* t: PT_* */
	int			pt_flags;	/* PTF_* */
	void			*pt_retval;	/* o, then the joiner's */
	void			*(*pt_start)(void *);
	void			*pt_arg;
	struct pthread_cleanup_store *pt_cleanup;	/* o: innermost */
	struct tsd_value	*pt_tsd[TSD_BLOCKS];	/* o */
	pthread_mutex_t		*pt_robust;	/* o: those it holds */
	int			pt_rank;	/* its place in queues: pthread__rank */
	uint64_t		pt_ceilings;	/* o: bit n: one of n is in force */
	unsigned short		pt_nceilings[SCHED_PRI_MAX + 1]; /* o: how many */
	unsigned int		pt_rdlocks;	/* o: read locks it holds */
	struct __pthread_st	*pt_next;	/* t: in the list it is in */

	void			*pt_map;	/* our mapping, or NULL */
	size_t			pt_mapsize;
	size_t			pt_guardsize;
	char			*pt_stack;	/* lowest address above the guard */
	size_t			pt_stacksize;
	struct tls_tcb		*pt_tcb;
	char			pt_name[PTHREAD_MAX_NAMELEN_NP];	/* t */
};

/* A place in a queue, on the stack of the thread that waits. */
struct __pthread_waiter {
	struct __pthread_waiter	*w_next;	/* g */
	struct __pthread_waiter	*w_prev;	/* g */
	struct __pthread_st	*w_thread;
	volatile int		w_state;	/* W_*; cond.c explains it */
	int			w_flags;	/* g: the object's own use */
	int			w_rank;		/* before those of lower ones */
	pthread_mutex_t		*w_mutex;	/* cond.c: what it will need */
	struct __pthread_waitq	*w_queue; /* g: where it is, NULL nowhere */
};

#define W_WAITING	0
#define W_MOVED		1		/* signalled; on its way to the mutex */
#define W_WOKEN		2		/* look again whether it is free */
#define W_GRANTED	3		/* it is yours; you are in no queue */
#define W_LEAVING	4		/* its own doing: it does not wait any more */

/* A waiter that is one of the first two sleeps on. */
#define W_SLEEPS(state)	((state) <= W_MOVED)

/* ptm_kind */
#define KIND_TYPE	0x0f		/* PTHREAD_MUTEX_* */
#define KIND_ROBUST	0x10
#define KIND_DEAD	0x20		/* g: its owner died: inconsistent */
#define KIND_LOST	0x40		/* g: it was left inconsistent */
#define KIND_PROTECT	0x80		/* PTHREAD_PRIO_PROTECT */
#define KIND_SLOW	(KIND_ROBUST | KIND_PROTECT)
#define KIND_CEILING	0xff00		/* the owner's to change */
#define KIND_CEILING_SHIFT 8

#define MUTEX_WAITERS	1UL		/* in ptm_owner: the queue is not empty */
#define MUTEX_DESTROYED	(~1UL)		/* as an owner: none ever has it */
#define DESTROYED	0xdeadu		/* in the magic number of anything */

/*
 * The calling thread; an LWP that has never been one becomes one.  So pthread_self must not be declared without
 * side effects: a call whose result nobody needs, as the one before a fork, would be left out.
 */
static inline struct __pthread_st *
pthread__self(void)
{
	struct __pthread_st *pt;

	/* tcb_pthread */
	__asm volatile ("movq %%fs:16, %0" : "=r" (pt));
	return __predict_true(pt != NULL) ? pt : pthread_self();
}

static inline bool
pthread__badtime(const struct timespec *ts)
{
	return ts != NULL && (ts->tv_nsec < 0 || ts->tv_nsec >= 1000000000L);
}

static inline bool
pthread__badclock(clockid_t clock)
{
	return clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC;
}

/* pool.c */
extern struct liblock	pthread__lock;
extern int		pthread__nrunning;	/* t: that are counted */

/* A thread with a stack for the attributes; NULL if there is no memory. */
struct __pthread_st *pthread__alloc(const pthread_attr_t *);
/* A thread without a stack, for an LWP that has one. */
struct __pthread_st *pthread__alloc_bare(void);
void	pthread__free(struct __pthread_st *);
/* A detached thread that is leaving: freed when its LWP is gone. */
void	pthread__bury(struct __pthread_st *);
/* Whether there is such a thread.  Called with pthread__lock held. */
bool	pthread__exists(pthread_t);
/* Forget all but the calling thread. */
void	pthread__forget_others(struct __pthread_st *self);

/* misc.c */
/*
 * The place in queues that a class and priority give: 0 for SCHED_OTHER; real-time
 * priorities are even, so that there is one above each for what goes before its equals.
 */
static inline int
pthread__rank(int policy, int priority)
{
	return policy == SCHED_OTHER ? 0 : 2 * (priority + 1);
}
/* The kernel's priority for a program's: in SCHED_OTHER there is one only. */
int	pthread__priority(int policy, int priority);

/* thread.c */
/* Has the kernel say, where others can read it, on which CPU the caller runs. */
void	pthread__say_where(struct __pthread_st *self);

/* waitq.c */
extern unsigned int	pthread__generation;	/* forks since the first process */

void	pthread__guard_wait(struct __pthread_waitq *);
void	pthread__queue_forget(struct __pthread_waitq *);
int	pthread__wait(struct __pthread_waiter *, clockid_t,
	    const struct timespec *, bool cancellable, lwpid_t wake);
/* Until it is GRANTED; it is certain to be. */
void	pthread__wait_granted(struct __pthread_waiter *);
void	pthread__unpark_one(lwpid_t);

/* ceiling.c */
/* A ceiling is in force for the caller, once more.  EINVAL: it ranks above it; EAGAIN. */
int	pthread__ceiling_enter(struct __pthread_st *self, int ceiling);
void	pthread__ceiling_exit(struct __pthread_st *self, int ceiling);
/* The mutex, which the caller has got, had another ceiling before.  EINVAL as above. */
int	pthread__ceiling_follow(const pthread_mutex_t *, struct __pthread_st *self,
	    int before);
/* In a child after fork. */
void	pthread__ceiling_again(struct __pthread_st *self);

/* What a thread that waits for a condition variable keeps of its mutex. */
struct mutex_held {
	unsigned int	mh_recursed;
	int		mh_ceiling;
};

/* mutex.c */
/* Gives the mutex up; returns whom to unpark, or 0. */
lwpid_t	pthread__mutex_release(pthread_mutex_t *, struct __pthread_st *,
	    struct mutex_held *);
/* Waits for it until the point of time, NULL for ever; no ceiling is entered. */
int	pthread__mutex_acquire(pthread_mutex_t *, struct __pthread_st *, clockid_t,
	    const struct timespec *);
/* By the owner, as often as it was locked; no ceiling is left.  Whom to unpark, or 0. */
lwpid_t	pthread__mutex_let_go(pthread_mutex_t *, struct __pthread_st *,
	    bool handover);
/* The same, as if it had never had it. */
void	pthread__mutex_unget(pthread_mutex_t *, struct __pthread_st *);
/* Moves a waiter to the mutex; returns whom to unpark, or 0. */
lwpid_t	pthread__mutex_adopt(pthread_mutex_t *, struct __pthread_waiter *);
/* After the wait: takes the mutex, or has it already. */
int	pthread__mutex_resume(pthread_mutex_t *, struct __pthread_st *,
	    struct __pthread_waiter *, const struct mutex_held *);
/* The thread exits: its robust mutexes are given up. */
void	pthread__robust_exit(struct __pthread_st *);

/* cancel.c */
void	pthread__absorb(struct __pthread_st *);
__dead void pthread__cancelled(void);

/* specific.c */
void	pthread__tsd_exit(struct __pthread_st *);

/* The small ones of waitq.c, which explains them. */

static inline void
pthread__guard_enter(struct __pthread_waitq *q)
{
	unsigned int gen = pthread__generation, nobody = 0;

	if (__predict_false(!__atomic_compare_exchange_n(&q->ptq_guard, &nobody,
	    gen * 2 + 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		pthread__guard_wait(q);
	if (__predict_false(q->ptq_gen != gen))
		pthread__queue_forget(q);
}

static inline void
pthread__guard_exit(struct __pthread_waitq *q)
{
	__atomic_store_n(&q->ptq_guard, 0, __ATOMIC_RELEASE);
}

static inline void
pthread__waiter_init(struct __pthread_waiter *w, struct __pthread_st *self)
{
	w->w_thread = self;
	w->w_state = W_WAITING;
	w->w_flags = 0;
	w->w_rank = self->pt_rank;
	w->w_mutex = NULL;
	w->w_queue = NULL;
}

/* Behind those that do not rank below it.  Called with the guard held. */
static inline void
pthread__enqueue(struct __pthread_waitq *q, struct __pthread_waiter *w)
{
	struct __pthread_waiter *before = NULL, *behind = NULL;

	if (q->ptq_first != NULL)
		before = q->ptq_last;
	while (__predict_false(before != NULL && before->w_rank < w->w_rank)) {
		behind = before;
		before = before->w_prev;
	}
	w->w_next = behind;
	w->w_prev = before;
	if (before == NULL)
		q->ptq_first = w;
	else
		before->w_next = w;
	if (behind == NULL)
		q->ptq_last = w;
	else
		behind->w_prev = w;
	w->w_queue = q;
}

/* Called with the guard held. */
static inline void
pthread__dequeue(struct __pthread_waitq *q, struct __pthread_waiter *w)
{
	if (w->w_prev != NULL)
		w->w_prev->w_next = w->w_next;
	else
		q->ptq_first = w->w_next;
	if (w->w_next != NULL)
		w->w_next->w_prev = w->w_prev;
	else
		q->ptq_last = w->w_prev;
	w->w_queue = NULL;
}

/*
 * Sets the state of a waiter; returns whom to unpark.  From then on it may be
 * gone.
 */
static inline lwpid_t
pthread__settle(struct __pthread_waiter *w, int state)
{
	lwpid_t lid = w->w_thread->pt_lid;

	__atomic_store_n(&w->w_state, state, __ATOMIC_RELEASE);
	return lid;
}

/* 0 for nobody. */
static inline void
pthread__unpark(lwpid_t lid)
{
	if (lid != 0)
		pthread__unpark_one(lid);
}

/* cancel.c */
static inline bool
pthread__must_cancel(struct __pthread_st *pt)
{
	return (pt->pt_cancel & (C_PENDING | C_DISABLED)) == C_PENDING;
}

static inline unsigned int
pthread__point_enter(struct __pthread_st *self)
{
	return __atomic_fetch_or(&self->pt_cancel, C_POINT, __ATOMIC_SEQ_CST);
}

/* `before' is what the flags were on the way in. */
static inline void
pthread__point_leave(struct __pthread_st *self, unsigned int before)
{
	unsigned int flags;

	if (before & C_POINT)
		return;
	flags = __atomic_fetch_and(&self->pt_cancel, ~(unsigned int)C_POINT,
	    __ATOMIC_SEQ_CST);
	if (__predict_false(flags & (C_WAKING | C_WOKEN)))
		pthread__absorb(self);
}

/* mutex.c */
static inline bool
pthread__mutex_is_mine(const pthread_mutex_t *m, struct __pthread_st *self)
{
	return (m->ptm_owner & ~MUTEX_WAITERS) == (uintptr_t)self;
}

static inline int
pthread__mutex_ceiling(const pthread_mutex_t *m)
{
	return (int)((m->ptm_kind & KIND_CEILING) >> KIND_CEILING_SHIFT);
}

#endif /* !_LIB_PTHREAD_INT_H_ */
