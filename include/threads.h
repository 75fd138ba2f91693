/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads of C11, on top of POSIX threads.
 */
#ifndef _THREADS_H_
#define _THREADS_H_

#include <pthread_types.h>
#include <sys/cdefs.h>
#include <time.h>

#ifndef __cplusplus
#define thread_local	_Thread_local
#endif

#define ONCE_FLAG_INIT	{ { 0, 0, 0, { 0, 0, NULL, NULL }, NULL, NULL }, 0 }
#define TSS_DTOR_ITERATIONS 4

typedef pthread_cond_t	cnd_t;
typedef pthread_mutex_t	mtx_t;
typedef pthread_once_t	once_flag;
typedef pthread_t	thrd_t;
typedef pthread_key_t	tss_t;

typedef int		(*thrd_start_t)(void *);
typedef void		(*tss_dtor_t)(void *);

/* Kinds of mutexes; the second may be added to either of the others. */
enum {
	mtx_plain = 1,
	mtx_recursive = 2,
	mtx_timed = 4
};

/* Results. */
enum {
	thrd_success = 0,
	thrd_timedout = 1,
	thrd_busy = 2,
	thrd_error = 3,
	thrd_nomem = 4
};

__BEGIN_DECLS
void	call_once(once_flag *, void (*)(void));

int	cnd_broadcast(cnd_t *);
void	cnd_destroy(cnd_t *);
int	cnd_init(cnd_t *);
int	cnd_signal(cnd_t *);
int	cnd_timedwait(cnd_t *restrict, mtx_t *restrict,
	    const struct timespec *restrict);
int	cnd_wait(cnd_t *, mtx_t *);

void	mtx_destroy(mtx_t *);
int	mtx_init(mtx_t *, int);
int	mtx_lock(mtx_t *);
int	mtx_timedlock(mtx_t *restrict, const struct timespec *restrict);
int	mtx_trylock(mtx_t *);
int	mtx_unlock(mtx_t *);

int	thrd_create(thrd_t *, thrd_start_t, void *);
thrd_t	thrd_current(void);
int	thrd_detach(thrd_t);
int	thrd_equal(thrd_t, thrd_t);
__dead void	thrd_exit(int);
int	thrd_join(thrd_t, int *);
int	thrd_sleep(const struct timespec *, struct timespec *);
void	thrd_yield(void);

int	tss_create(tss_t *, tss_dtor_t);
void	tss_delete(tss_t);
void	*tss_get(tss_t);
int	tss_set(tss_t, void *);
__END_DECLS

#endif /* !_THREADS_H_ */
