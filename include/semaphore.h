/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Semaphores.  Functions return 0, or -1 and errno.
 */
#ifndef _SEMAPHORE_H_
#define _SEMAPHORE_H_

#include <limits.h>
#include <pthread_types.h>
#include <sys/types.h>
#include <time.h>

typedef struct {
	unsigned int		sem_magic;
	volatile int		sem_count;	/* or -1: there are waiters */
	struct __pthread_waitq	sem_waiters;
} sem_t;

#define SEM_VALUE_MAX	INT_MAX
#define SEM_FAILED	((sem_t *)0)

__BEGIN_DECLS
int	sem_clockwait(sem_t *restrict, clockid_t,
	    const struct timespec *restrict);
int	sem_destroy(sem_t *);
int	sem_getvalue(sem_t *restrict, int *restrict);
int	sem_init(sem_t *, int, unsigned int);
int	sem_post(sem_t *);
int	sem_timedwait(sem_t *restrict, const struct timespec *restrict);
int	sem_trywait(sem_t *);
int	sem_wait(sem_t *);
__END_DECLS

#endif /* !_SEMAPHORE_H_ */
