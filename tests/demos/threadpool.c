/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread pool: workers take jobs from a queue; a job may put others into it,
 * and whoever wants a job's result waits for it.
 *
 * The jobs count primes in pieces of very different cost.  The queue is a mutex
 * and a condition variable; each job has a flag that its result is there, with a
 * condition variable of the pool.
 *
 * What it proves: each job is done once, and the sum is right.
 */
#include "speedup.h"

#define NJOBS		64
#define DEFAULT_LIMIT	100000
#define DEFAULT_FOUND	9592

static const char what[] __used = "@(#)threadpool [LIMIT]: count primes by a pool of more and more threads";

struct job {
	struct job	*next;
	int		low, high;	/* where to count */
	int		found;
	int		done;		/* how often: 1 */
};

static struct pool {
	pthread_mutex_t	lock;
	pthread_cond_t	work;		/* there is a job, or no more will come */
	pthread_cond_t	finished;	/* a job is done */
	struct job	*first, **last;
	int		closed;
} pool = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, NULL, 0 };

static int	limit, expected;

static void
submit(struct job *job)
{
	(void)pthread_mutex_lock(&pool.lock);
	job->next = NULL;
	*pool.last = job;
	pool.last = &job->next;
	(void)pthread_cond_signal(&pool.work);
	(void)pthread_mutex_unlock(&pool.lock);
}

/* The next job; NULL when no more will come. */
static struct job *
take(void)
{
	struct job *job;

	(void)pthread_mutex_lock(&pool.lock);
	while (pool.first == NULL && !pool.closed)
		(void)pthread_cond_wait(&pool.work, &pool.lock);
	job = pool.first;
	if (job != NULL) {
		pool.first = job->next;
		if (pool.first == NULL)
			pool.last = &pool.first;
	}
	(void)pthread_mutex_unlock(&pool.lock);
	return job;
}

static int
is_prime(int n)
{
	int d;

	for (d = 2; d * d <= n; d++) {
		if (n % d == 0)
			return 0;
	}
	return n > 1;
}

static void *
worker(void *arg)
{
	struct job *job;
	int n;

	while ((job = take()) != NULL) {
		job->found = 0;
		for (n = job->low; n < job->high; n++)
			job->found += is_prime(n);
		(void)pthread_mutex_lock(&pool.lock);
		job->done++;
		(void)pthread_cond_broadcast(&pool.finished);
		(void)pthread_mutex_unlock(&pool.lock);
	}
	return arg;
}

static int
await(struct job *job)
{
	(void)pthread_mutex_lock(&pool.lock);
	while (!job->done)
		(void)pthread_cond_wait(&pool.finished, &pool.lock);
	(void)pthread_mutex_unlock(&pool.lock);
	return job->found;
}

static void
close_pool(void)
{
	(void)pthread_mutex_lock(&pool.lock);
	pool.closed = 1;
	(void)pthread_cond_broadcast(&pool.work);
	(void)pthread_mutex_unlock(&pool.lock);
}

static struct job	jobs[NJOBS];
static int		found;

static void
prepare(int n __unused)
{
	int i;

	pool.first = NULL;
	pool.last = &pool.first;
	pool.closed = 0;
	found = 0;
	for (i = 0; i < NJOBS; i++) {
		jobs[i].low = (int)((long)limit * i / NJOBS);
		jobs[i].high = (int)((long)limit * (i + 1) / NJOBS);
		jobs[i].done = 0;
	}
}

static void
run(int n)
{
	pthread_t threads[THREADS_MAX];
	int i;

	for (i = 0; i < n; i++)
		begin_thread(&threads[i], worker, NULL);
	for (i = 0; i < NJOBS; i++)
		submit(&jobs[i]);
	for (i = 0; i < NJOBS; i++)
		found += await(&jobs[i]);
	close_pool();
	for (i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
}

static int
check(int n)
{
	int i, good = 1;

	for (i = 0; i < NJOBS; i++)
		good &= jobs[i].done == 1;
	if (n == 1)
		expected = found;
	return good && found == expected && (limit != DEFAULT_LIMIT || found == DEFAULT_FOUND);
}

int
main(int argc, char **argv)
{
	static const struct work work = { prepare, run, check };
	char title[60];

	limit = argc > 1 ? atoi(argv[1]) : DEFAULT_LIMIT;
	if (limit < 1) {
		printf("usage: threadpool [LIMIT]\n");
		return EXIT_FAILURE;
	}
	(void)snprintf(title, sizeof(title), "primes below %d, in %d jobs", limit, NJOBS);
	return show_speedup(title, &work);
}
