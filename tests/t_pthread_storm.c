/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX threads: everything at once, and very many of them.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>

#include "test_pthread.h"

#define CROWD		10000
#define WORKERS		6
#define ACCOUNTS	5
#define ROUNDS		400

/* Ten thousand, all alive at once: none leaves before the last is there. */

static pthread_mutex_t	gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	all_here = PTHREAD_COND_INITIALIZER, open = PTHREAD_COND_INITIALIZER;
static int		here, is_open, through;
static __thread int	mine;

static void *
visit(void *arg)
{
	mine = (int)(intptr_t)arg;
	pthread_mutex_lock(&gate);
	if (++here == CROWD)
		pthread_cond_signal(&all_here);
	while (!is_open)
		pthread_cond_wait(&open, &gate);
	through++;
	pthread_mutex_unlock(&gate);
	return (void *)(intptr_t)mine;
}

static void
test_crowd(void)
{
	static pthread_t t[CROWD];
	struct rlimit rl;
	pthread_attr_t attr;
	int wrong = 0;

	if (getrlimit(RLIMIT_NTHR, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NTHR, &rl);
	}
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16 * 1024);
	for (intptr_t i = 0; i < CROWD; i++)
		t[i] = begin_with(&attr, visit, (void *)i);
	pthread_mutex_lock(&gate);
	while (here < CROWD)
		pthread_cond_wait(&all_here, &gate);
	is_open = 1;
	pthread_cond_broadcast(&open);
	pthread_mutex_unlock(&gate);
	for (intptr_t i = 0; i < CROWD; i++)
		wrong += end(t[i]) != (void *)i;
	tap_ok(through == CROWD && wrong == 0, "%d threads wait for one broadcast, and end", CROWD);
}

/* A bank: threads of all kinds move money about, and its sum stays. */

static struct account {
	pthread_mutex_t	lock;
	pthread_cond_t	grown;
	long		money;
} accounts[ACCOUNTS];

static pthread_rwlock_t	bank = PTHREAD_RWLOCK_INITIALIZER;
static sem_t		desks;
static atomic_int	bad_sums, signals, moves, stop;
static pthread_key_t	key;
static atomic_int	values;

static unsigned
dice(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

/* Up to a moment, until there is some money: whoever is cancelled here leaves all in order. */
static void
draw(struct account *a, unsigned roll)
{
	struct timespec ts = clock_in(CLOCK_REALTIME, (int64_t)(roll % 100) * USEC);

	pthread_mutex_lock(&a->lock);
	pthread_cleanup_push((void (*)(void *))(uintptr_t)pthread_mutex_unlock, &a->lock);
	while (a->money <= 0) {
		if (pthread_cond_timedwait(&a->grown, &a->lock, &ts) != 0)
			break;
	}
	a->money--;
	pthread_cleanup_pop(1);
}

static void
put(struct account *a, unsigned roll)
{
	pthread_mutex_lock(&a->lock);
	a->money++;
	if (roll % 2)
		pthread_cond_signal(&a->grown);
	else
		pthread_cond_broadcast(&a->grown);
	pthread_mutex_unlock(&a->lock);
}

static void
move_money(unsigned *seed)
{
	struct account *from = &accounts[dice(seed) % ACCOUNTS], *to = &accounts[dice(seed) % ACCOUNTS];
	int old;

	pthread_rwlock_rdlock(&bank);
	/* Between the two it must not be cancelled. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	draw(from, dice(seed));
	put(to, dice(seed));
	atomic_fetch_add(&moves, 1);
	pthread_rwlock_unlock(&bank);
	pthread_setcancelstate(old, NULL);
	pthread_testcancel();
}

/* With the write lock nobody is in the middle of anything. */
static void
audit(void)
{
	long sum = 0;

	pthread_rwlock_wrlock(&bank);
	for (int i = 0; i < ACCOUNTS; i++)
		sum += accounts[i].money;
	if (sum != 100 * ACCOUNTS)
		atomic_fetch_add(&bad_sums, 1);
	pthread_rwlock_unlock(&bank);
}

static void
free_value(void *value)
{
	free(value);
	atomic_fetch_sub(&values, 1);
}

static void *
serve(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	pthread_setspecific(key, calloc(1, 20));
	atomic_fetch_add(&values, 1);
	for (int i = 0; i < 4; i++)
		move_money(&seed);
	/* Not a cancellation point between the two: pthread_exit runs the handler. */
	sem_wait(&desks);
	pthread_cleanup_push((void (*)(void *))(uintptr_t)sem_post, &desks);
	if (seed % 3 == 0)
		usleep(50);
	pthread_cleanup_pop(1);
	if (seed % 5 == 0)
		pthread_exit(arg);
	return arg;
}

/* A worker hires helpers, joins, detaches or cancels them. */
static void *
work(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;
	pthread_t t;

	for (int i = 0; i < ROUNDS / WORKERS; i++) {
		move_money(&seed);
		if (dice(&seed) % 8 == 0)
			audit();
		if (dice(&seed) % 2)
			continue;
		t = begin(serve, (void *)(uintptr_t)(dice(&seed) + 1));
		if (dice(&seed) % 3 == 0)
			pthread_cancel(t);
		if (dice(&seed) % 4 != 0)
			end(t);
		else if (pthread_detach(t) != 0)
			atomic_fetch_add(&bad_sums, 1000);
	}
	return NULL;
}

static void
on_signal(int signo)
{
	atomic_fetch_add(&signals, signo == SIGUSR1);
	sem_post(&desks);
	while (sem_trywait(&desks) != 0)
		continue;
}

static pthread_t	workers[WORKERS];

static void *
disturb(void *arg)
{
	unsigned seed = 77;

	while (!atomic_load(&stop)) {
		pthread_kill(workers[dice(&seed) % WORKERS], SIGUSR1);
		usleep(200);
	}
	return arg;
}

static void
test_bank(void)
{
	struct sigaction sa = { .sa_flags = SA_RESTART };
	int value;
	pthread_t t;

	sa.sa_handler = on_signal;
	sigaction(SIGUSR1, &sa, NULL);
	sem_init(&desks, 0, 2);
	pthread_key_create(&key, free_value);
	for (int i = 0; i < ACCOUNTS; i++) {
		pthread_mutex_init(&accounts[i].lock, NULL);
		pthread_cond_init(&accounts[i].grown, NULL);
		accounts[i].money = 100;
	}
	for (uintptr_t i = 0; i < WORKERS; i++)
		workers[i] = begin(work, (void *)(i * 7919 + 3));
	t = begin(disturb, NULL);
	for (int i = 0; i < WORKERS; i++)
		pthread_kill(workers[i], 0);
	/* The disturber looks at them until they are joined. */
	while (atomic_load(&moves) < ROUNDS)
		usleep(300);
	atomic_store(&stop, 1);
	end(t);
	for (int i = 0; i < WORKERS; i++)
		end(workers[i]);
	AWAIT(count_lwps() == 1);
	audit();
	tap_is_int(atomic_load(&bad_sums), 0, "%d transfers, %d signals: the sum stays", atomic_load(&moves),
	    atomic_load(&signals));
	tap_ok(sem_getvalue(&desks, &value) == 0 && value == 2, "semaphores are given back by all, cancelled or not");
	tap_is_int(atomic_load(&values), 0, "every thread's data were destroyed");
	tap_is_int(pthread_rwlock_destroy(&bank), 0, "nobody has the read-write lock");
	value = 0;
	for (int i = 0; i < ACCOUNTS; i++)
		value += pthread_mutex_destroy(&accounts[i].lock) + pthread_cond_destroy(&accounts[i].grown);
	tap_is_int(value, 0, "nobody a mutex, nobody waits");
}

/* What all of that took from the kernel comes back. */
static void
test_leak(void)
{
	struct heddle_mem before, after;

	for (int i = 0; i < 300; i++) {
		if (i == 100)
			heddle_mem(&before);
		if (i % 2) {
			end(begin(serve, (void *)1));
		} else {
			pthread_detach(begin(serve, (void *)1));
			AWAIT(count_lwps() == 1);
		}
	}
	heddle_mem(&after);
	tap_ok(after.hm_free + 64 >= before.hm_free, "threads that come and go leave nothing: %ld pages",
	    (long)(before.hm_free - after.hm_free));
}

int
main(void)
{
	test_crowd();
	test_bank();
	test_leak();
	return tap_done();
}
