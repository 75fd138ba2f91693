/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX threads.  Every function returns 0 or an error number, and leaves
 * errno alone, where nothing else is said.  doc/pthread.md has a table of all
 * that POSIX names, and what is not there.
 */
#ifndef _PTHREAD_H_
#define _PTHREAD_H_

#include <limits.h>
#include <pthread_types.h>
#include <sched.h>
#include <sys/cdefs.h>
#include <sys/signal.h>
#include <time.h>

#define PTHREAD_CREATE_JOINABLE		0
#define PTHREAD_CREATE_DETACHED		1

#define PTHREAD_INHERIT_SCHED		0
#define PTHREAD_EXPLICIT_SCHED		1
#define PTHREAD_SCOPE_PROCESS		0
#define PTHREAD_SCOPE_SYSTEM		1

#define PTHREAD_PROCESS_PRIVATE		0
#define PTHREAD_PROCESS_SHARED		1

#define PTHREAD_CANCEL_DEFERRED		0
#define PTHREAD_CANCEL_ASYNCHRONOUS	1
#define PTHREAD_CANCEL_ENABLE		0
#define PTHREAD_CANCEL_DISABLE		1
#define PTHREAD_CANCELED		((void *)1)

#define PTHREAD_MUTEX_NORMAL		0
#define PTHREAD_MUTEX_ERRORCHECK	1
#define PTHREAD_MUTEX_RECURSIVE		2
#define PTHREAD_MUTEX_DEFAULT		PTHREAD_MUTEX_NORMAL

#define PTHREAD_MUTEX_STALLED		0
#define PTHREAD_MUTEX_ROBUST		1

#define PTHREAD_PRIO_NONE		0
#define PTHREAD_PRIO_INHERIT		1
#define PTHREAD_PRIO_PROTECT		2

#define PTHREAD_BARRIER_SERIAL_THREAD	1234567

#define PTHREAD_DESTRUCTOR_ITERATIONS	4
#define PTHREAD_KEYS_MAX		256
#define PTHREAD_STACK_MIN		4096
#define PTHREAD_THREADS_MAX		64
#define PTHREAD_MAX_NAMELEN_NP		32	/* with the NUL */

#define PTHREAD_MUTEX_INITIALIZER						\
	{ 0, PTHREAD_MUTEX_NORMAL, 0, { 0, 0, NULL, NULL }, NULL, NULL }
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP					\
	{ 0, PTHREAD_MUTEX_RECURSIVE, 0, { 0, 0, NULL, NULL }, NULL, NULL }
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP					\
	{ 0, PTHREAD_MUTEX_ERRORCHECK, 0, { 0, 0, NULL, NULL }, NULL, NULL }
#define PTHREAD_COND_INITIALIZER	{ 0, CLOCK_REALTIME, { 0, 0, NULL, NULL } }
#define PTHREAD_ONCE_INIT		{ PTHREAD_MUTEX_INITIALIZER, 0 }
#define PTHREAD_RWLOCK_INITIALIZER	{ 0, NULL, { 0, 0, NULL, NULL } }
#define PTHREAD_SPINLOCK_INITIALIZER	{ NULL }
#define PTHREAD_NULL			((pthread_t)NULL)

/* A cleanup handler, which lies on the stack of the block that pushed it. */
struct pthread_cleanup_store {
	struct pthread_cleanup_store *ptcl_next;
	void	(*ptcl_fn)(void *);
	void	*ptcl_arg;
};

#define __cleanup_name	__CONCAT(__cleanup_, __LINE__)
#define pthread_cleanup_push(fn, arg)						\
	{ struct pthread_cleanup_store __cleanup_name; pthread__cleanup_push(&__cleanup_name, (fn), (arg));
#define pthread_cleanup_pop(execute)						\
	pthread__cleanup_pop(execute); }

__BEGIN_DECLS
/* Threads. */
int	pthread_atfork(void (*)(void), void (*)(void), void (*)(void));
int	pthread_create(pthread_t *restrict, const pthread_attr_t *restrict,
	    void *(*)(void *), void *restrict);
int	pthread_detach(pthread_t);
int	pthread_equal(pthread_t, pthread_t);
__dead void	pthread_exit(void *);
int	pthread_getcpuclockid(pthread_t, clockid_t *);
int	pthread_join(pthread_t, void **);
int	pthread_kill(pthread_t, int);
int	pthread_once(pthread_once_t *, void (*)(void));
pthread_t pthread_self(void);
int	pthread_sigmask(int, const sigset_t *restrict, sigset_t *restrict);

/* Cancellation. */
int	pthread_cancel(pthread_t);
int	pthread_setcancelstate(int, int *);
int	pthread_setcanceltype(int, int *);
void	pthread_testcancel(void);
void	pthread__cleanup_push(struct pthread_cleanup_store *, void (*)(void *),
	    void *);
void	pthread__cleanup_pop(int);

/* Thread-specific data. */
void	*pthread_getspecific(pthread_key_t);
int	pthread_key_create(pthread_key_t *, void (*)(void *));
int	pthread_key_delete(pthread_key_t);
int	pthread_setspecific(pthread_key_t, const void *);

/* Scheduling. */
int	pthread_getconcurrency(void);
int	pthread_getschedparam(pthread_t, int *restrict,
	    struct sched_param *restrict);
int	pthread_setconcurrency(int);
int	pthread_setschedparam(pthread_t, int, const struct sched_param *);
int	pthread_setschedprio(pthread_t, int);

/* Thread attributes. */
int	pthread_attr_destroy(pthread_attr_t *);
int	pthread_attr_getdetachstate(const pthread_attr_t *, int *);
int	pthread_attr_getguardsize(const pthread_attr_t *restrict,
	    size_t *restrict);
int	pthread_attr_getinheritsched(const pthread_attr_t *restrict,
	    int *restrict);
int	pthread_attr_getschedparam(const pthread_attr_t *restrict,
	    struct sched_param *restrict);
int	pthread_attr_getschedpolicy(const pthread_attr_t *restrict,
	    int *restrict);
int	pthread_attr_getscope(const pthread_attr_t *restrict, int *restrict);
int	pthread_attr_getstack(const pthread_attr_t *restrict, void **restrict,
	    size_t *restrict);
int	pthread_attr_getstackaddr(const pthread_attr_t *restrict,
	    void **restrict);
int	pthread_attr_getstacksize(const pthread_attr_t *restrict,
	    size_t *restrict);
int	pthread_attr_init(pthread_attr_t *);
int	pthread_attr_setdetachstate(pthread_attr_t *, int);
int	pthread_attr_setguardsize(pthread_attr_t *, size_t);
int	pthread_attr_setinheritsched(pthread_attr_t *, int);
int	pthread_attr_setschedparam(pthread_attr_t *restrict,
	    const struct sched_param *restrict);
int	pthread_attr_setschedpolicy(pthread_attr_t *, int);
int	pthread_attr_setscope(pthread_attr_t *, int);
int	pthread_attr_setstack(pthread_attr_t *, void *, size_t);
int	pthread_attr_setstackaddr(pthread_attr_t *, void *);
int	pthread_attr_setstacksize(pthread_attr_t *, size_t);

/* Mutexes. */
int	pthread_mutex_clocklock(pthread_mutex_t *restrict, clockid_t,
	    const struct timespec *restrict);
int	pthread_mutex_consistent(pthread_mutex_t *);
int	pthread_mutex_destroy(pthread_mutex_t *);
int	pthread_mutex_getprioceiling(const pthread_mutex_t *restrict,
	    int *restrict);
int	pthread_mutex_init(pthread_mutex_t *restrict,
	    const pthread_mutexattr_t *restrict);
int	pthread_mutex_lock(pthread_mutex_t *);
int	pthread_mutex_setprioceiling(pthread_mutex_t *restrict, int,
	    int *restrict);
int	pthread_mutex_timedlock(pthread_mutex_t *restrict,
	    const struct timespec *restrict);
int	pthread_mutex_trylock(pthread_mutex_t *);
int	pthread_mutex_unlock(pthread_mutex_t *);
int	pthread_mutexattr_destroy(pthread_mutexattr_t *);
int	pthread_mutexattr_getprioceiling(const pthread_mutexattr_t *restrict,
	    int *restrict);
int	pthread_mutexattr_getprotocol(const pthread_mutexattr_t *restrict,
	    int *restrict);
int	pthread_mutexattr_getpshared(const pthread_mutexattr_t *restrict,
	    int *restrict);
int	pthread_mutexattr_getrobust(const pthread_mutexattr_t *restrict,
	    int *restrict);
int	pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict,
	    int *restrict);
int	pthread_mutexattr_init(pthread_mutexattr_t *);
int	pthread_mutexattr_setprioceiling(pthread_mutexattr_t *, int);
int	pthread_mutexattr_setprotocol(pthread_mutexattr_t *, int);
int	pthread_mutexattr_setpshared(pthread_mutexattr_t *, int);
int	pthread_mutexattr_setrobust(pthread_mutexattr_t *, int);
int	pthread_mutexattr_settype(pthread_mutexattr_t *, int);

/* Condition variables. */
int	pthread_cond_broadcast(pthread_cond_t *);
int	pthread_cond_clockwait(pthread_cond_t *restrict,
	    pthread_mutex_t *restrict, clockid_t,
	    const struct timespec *restrict);
int	pthread_cond_destroy(pthread_cond_t *);
int	pthread_cond_init(pthread_cond_t *restrict,
	    const pthread_condattr_t *restrict);
int	pthread_cond_signal(pthread_cond_t *);
int	pthread_cond_timedwait(pthread_cond_t *restrict,
	    pthread_mutex_t *restrict, const struct timespec *restrict);
int	pthread_cond_wait(pthread_cond_t *restrict, pthread_mutex_t *restrict);
int	pthread_condattr_destroy(pthread_condattr_t *);
int	pthread_condattr_getclock(const pthread_condattr_t *restrict,
	    clockid_t *restrict);
int	pthread_condattr_getpshared(const pthread_condattr_t *restrict,
	    int *restrict);
int	pthread_condattr_init(pthread_condattr_t *);
int	pthread_condattr_setclock(pthread_condattr_t *, clockid_t);
int	pthread_condattr_setpshared(pthread_condattr_t *, int);

/* Read-write locks. */
int	pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict, clockid_t,
	    const struct timespec *restrict);
int	pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict, clockid_t,
	    const struct timespec *restrict);
int	pthread_rwlock_destroy(pthread_rwlock_t *);
int	pthread_rwlock_init(pthread_rwlock_t *restrict,
	    const pthread_rwlockattr_t *restrict);
int	pthread_rwlock_rdlock(pthread_rwlock_t *);
int	pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict,
	    const struct timespec *restrict);
int	pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict,
	    const struct timespec *restrict);
int	pthread_rwlock_tryrdlock(pthread_rwlock_t *);
int	pthread_rwlock_trywrlock(pthread_rwlock_t *);
int	pthread_rwlock_unlock(pthread_rwlock_t *);
int	pthread_rwlock_wrlock(pthread_rwlock_t *);
int	pthread_rwlockattr_destroy(pthread_rwlockattr_t *);
int	pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *restrict,
	    int *restrict);
int	pthread_rwlockattr_init(pthread_rwlockattr_t *);
int	pthread_rwlockattr_setpshared(pthread_rwlockattr_t *, int);

/* Barriers. */
int	pthread_barrier_destroy(pthread_barrier_t *);
int	pthread_barrier_init(pthread_barrier_t *restrict,
	    const pthread_barrierattr_t *restrict, unsigned int);
int	pthread_barrier_wait(pthread_barrier_t *);
int	pthread_barrierattr_destroy(pthread_barrierattr_t *);
int	pthread_barrierattr_getpshared(const pthread_barrierattr_t *restrict,
	    int *restrict);
int	pthread_barrierattr_init(pthread_barrierattr_t *);
int	pthread_barrierattr_setpshared(pthread_barrierattr_t *, int);

/* Spin locks. */
int	pthread_spin_destroy(pthread_spinlock_t *);
int	pthread_spin_init(pthread_spinlock_t *, int);
int	pthread_spin_lock(pthread_spinlock_t *);
int	pthread_spin_trylock(pthread_spinlock_t *);
int	pthread_spin_unlock(pthread_spinlock_t *);

/* NetBSD's own.  A name is a format with one argument. */
int	pthread_attr_get_np(pthread_t, pthread_attr_t *);
int	pthread_attr_getname_np(const pthread_attr_t *, char *, size_t,
	    void **);
int	pthread_attr_setname_np(pthread_attr_t *, const char *, void *);
int	pthread_cond_has_waiters_np(pthread_cond_t *);
unsigned int pthread_curcpu_np(void);
int	pthread_getaffinity_np(pthread_t, size_t, cpuset_t *);
int	pthread_getattr_np(pthread_t, pthread_attr_t *);
int	pthread_getname_np(pthread_t, char *, size_t);
int	pthread_mutex_held_np(pthread_mutex_t *);
pthread_t pthread_mutex_owner_np(pthread_mutex_t *);
int	pthread_resume_np(pthread_t);
int	pthread_rwlock_held_np(pthread_rwlock_t *);
int	pthread_rwlock_rdheld_np(pthread_rwlock_t *);
int	pthread_rwlock_wrheld_np(pthread_rwlock_t *);
int	pthread_setaffinity_np(pthread_t, size_t, const cpuset_t *);
int	pthread_setname_np(pthread_t, const char *, void *);
int	pthread_suspend_np(pthread_t);
__END_DECLS

#endif /* !_PTHREAD_H_ */
