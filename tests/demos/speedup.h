/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same work by 1, 2, 4, ... threads, up to twice as many as there are CPUs,
 * and how much less time it takes.
 *
 * What it proves is in each program: that the result is the same, however
 * many threads there are.  Times are shown and not judged, as the emulator may have
 * fewer processors than the machine, or share them.
 */
#ifndef SPEEDUP_H
#define SPEEDUP_H

#include <heddle/testlib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX	32

static inline void
begin_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	int error = pthread_create(thread, NULL, fn, arg);

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

/* The shortest of some attempts: what disturbs makes it longer only. */
static inline int64_t
least_time(const struct work *w, int n, int *good)
{
	int64_t begun, took, least = INT64_MAX;
	int i;

	for (i = 0; i < 3; i++) {
		w->prepare(n);
		begun = now_ns();
		w->run(n);
		took = now_ns() - begun;
		*good &= w->check(n) != 0;
		if (took < least)
			least = took;
	}
	return least;
}

/* The exit status of the program. */
static inline int
show_speedup(const char *title, const struct work *w)
{
	int n, most = 2 * heddle_ncpu(), good = 1;
	int64_t took, alone = 0;

	printf("%s; %d CPUs\nthreads       ms  speed-up\n", title, heddle_ncpu());
	for (n = 1; n <= most && n <= THREADS_MAX; n *= 2) {
		took = least_time(w, n, &good);
		if (n == 1)
			alone = took;
		printf("%7d %8.1f %9.2f\n", n, (double)took / 1e6, (double)alone / (double)took);
	}
	printf("the result is %s\n", good ? "the same each time" : "WRONG");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif /* !SPEEDUP_H */
