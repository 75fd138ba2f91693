/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same work by 1, 2, 4, ... threads, up to twice as many as there are CPUs or 8,
 * and how much less time it takes.
 *
 * What it proves is in each program: that the result is the same, however
 * many threads there are.  Times are shown and not judged, as the emulator may have
 * fewer processors than the machine, or share them.  So the CPU time of the thread that used most
 * is shown too: what the work takes when each thread has a processor, and waits for nobody.
 */
#ifndef SPEEDUP_H
#define SPEEDUP_H

#include <errno.h>
#include <heddle/testlib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX	32

static atomic_llong	busiest;	/* ns of CPU time, of the threads that have ended */

struct begun {
	void	*(*fn)(void *);
	void	*arg;
};

static inline void *
timed_thread(void *arg)
{
	struct begun b = *(struct begun *)arg;
	struct timespec ts;
	long long used, seen = 0;
	void *result;

	free(arg);
	result = b.fn(b.arg);
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	used = ts.tv_sec * 1000000000LL + ts.tv_nsec;
	while (used > seen && !atomic_compare_exchange_weak(&busiest, &seen, used))
		continue;
	return result;
}

static inline void
begin_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	struct begun *b = malloc(sizeof(*b));
	int error = ENOMEM;

	if (b != NULL) {
		*b = (struct begun){ fn, arg };
		error = pthread_create(thread, NULL, timed_thread, b);
	}
	if (error != 0) {
		printf("pthread_create: %s\n", strerror(error));
		exit(EXIT_FAILURE);
	}
}

/* Runs fn(number) in threads 0 to n - 1, and waits for them. */
static inline void
in_threads(int n, void *(*fn)(void *))
{
	pthread_t threads[THREADS_MAX];
	int i;

	for (i = 0; i < n; i++)
		begin_thread(&threads[i], fn, (void *)(intptr_t)i);
	for (i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
}

/* What is done with n threads; only `run' is timed.  `check' tells whether the result is right. */
struct work {
	void	(*prepare)(int n);
	void	(*run)(int n);
	int	(*check)(int n);
};

/* ns */
struct took {
	int64_t	all, busiest;
};

/* The shortest of some attempts: what disturbs makes it longer only. */
static inline struct took
least_time(const struct work *w, int n, int *good)
{
	struct took least = { INT64_MAX, INT64_MAX };
	int64_t begun, took;
	int i;

	for (i = 0; i < 3; i++) {
		w->prepare(n);
		atomic_store(&busiest, 0);
		begun = now_ns();
		w->run(n);
		took = now_ns() - begun;
		*good &= w->check(n) != 0;
		if (took < least.all)
			least.all = took;
		if (atomic_load(&busiest) < least.busiest)
			least.busiest = atomic_load(&busiest);
	}
	return least;
}

/* The exit status of the program. */
static inline int
show_speedup(const char *title, const struct work *w)
{
	int n, most = heddle_ncpu() > 4 ? 2 * heddle_ncpu() : 8, good = 1;
	struct took took, alone = { 0, 0 };

	printf("%s; %d CPUs\nthreads       ms  speed-up    busiest thread, ms  of all 1/\n", title, heddle_ncpu());
	for (n = 1; n <= most && n <= THREADS_MAX; n *= 2) {
		took = least_time(w, n, &good);
		if (n == 1)
			alone = took;
		printf("%7d %8.1f %9.2f %20.1f %9.2f\n", n, (double)took.all / 1e6,
		    (double)alone.all / (double)took.all, (double)took.busiest / 1e6,
		    (double)alone.busiest / (double)took.busiest);
	}
	printf("the result is %s\n", good ? "the same each time" : "WRONG");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif /* !SPEEDUP_H */
