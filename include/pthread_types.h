/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of POSIX threads.  Their members are the library's: programs
 * use the initialisers and the functions of <pthread.h>.
 *
 * All zero is a valid object of each kind that has a static initialiser.
 */
#ifndef _PTHREAD_TYPES_H_
#define _PTHREAD_TYPES_H_

#include <stddef.h>
#include <stdint.h>

struct __pthread_st;
struct __pthread_waiter;

typedef struct __pthread_st	*pthread_t;
typedef int			pthread_key_t;

/* Threads that wait, the first to be served at the head. */
struct __pthread_waitq {
	volatile unsigned int	ptq_guard;	/* spin lock over all of it */
	unsigned int		ptq_gen;	/* fork generation of the list */
	struct __pthread_waiter	*ptq_first;
	struct __pthread_waiter	*ptq_last;
};

typedef struct __pthread_mutex_st {
	volatile uintptr_t	ptm_owner;	/* thread, and bit 0: waiters */
	unsigned int		ptm_kind;	/* type and flags */
	unsigned int		ptm_recursed;	/* owner's: locked again */
	struct __pthread_waitq	ptm_waiters;
	struct __pthread_mutex_st *ptm_next;	/* owner's robust mutexes */
	struct __pthread_mutex_st *ptm_prev;
} pthread_mutex_t;

typedef struct {
	unsigned int		ptma_magic;
	unsigned int		ptma_kind;
} pthread_mutexattr_t;

typedef struct __pthread_cond_st {
	unsigned int		ptc_magic;	/* 0 or DESTROYED */
	int			ptc_clock;
	struct __pthread_waitq	ptc_waiters;
} pthread_cond_t;

typedef struct {
	unsigned int		ptca_magic;
	int			ptca_clock;
} pthread_condattr_t;

typedef struct {
	pthread_mutex_t		pto_mutex;
	volatile int		pto_done;
} pthread_once_t;

typedef struct {
	volatile pthread_t	pts_owner;
} pthread_spinlock_t;

typedef struct {
	volatile unsigned long	ptr_state;	/* RW_* and readers */
	volatile pthread_t	ptr_writer;
	struct __pthread_waitq	ptr_waiters;
} pthread_rwlock_t;

typedef struct {
	unsigned int		ptra_magic;
} pthread_rwlockattr_t;

typedef struct {
	unsigned int		ptb_magic;
	unsigned int		ptb_count;	/* threads that it takes */
	unsigned int		ptb_arrived;
	unsigned int		ptb_leaving;	/* woken, not yet out */
	struct __pthread_waitq	ptb_waiters;
} pthread_barrier_t;

typedef struct {
	unsigned int		ptba_magic;
} pthread_barrierattr_t;

typedef struct {
	unsigned int		pta_magic;
	int			pta_detached;
	int			pta_inherit;
	int			pta_policy;
	int			pta_priority;
	size_t			pta_stacksize;
	size_t			pta_guardsize;
	void			*pta_stack;	/* the program's own, or NULL */
	char			pta_name[32];
} pthread_attr_t;

#endif /* !_PTHREAD_TYPES_H_ */
