/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs next: the order in which LWPs that yield get one CPU.
 *
 * A run queue has a list for each priority, first come first served.  An LWP
 * of the class SCHED_FIFO keeps the CPU until it sleeps, yields, or one of
 * higher priority becomes runnable; when it yields it goes to the end of the
 * list of its priority.  So a few of them, bound to one CPU, must come by in
 * the same order again and again.
 *
 * What it proves: the order of the first round is the order of every round,
 * and one of lower priority does not run before the others have finished.
 */
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNNERS		4
#define ROUNDS		8
#define LOW		(RUNNERS)	/* number of the one with low priority */
#define TRACE_LEN	(RUNNERS * ROUNDS + 1)

static const char what[] __used = "@(#)yield: in which order LWPs that yield get a CPU";

static int		trace[TRACE_LEN];	/* who ran, in order */
static atomic_int	ntrace;
static lwpid_t		ids[RUNNERS + 1];

/* Bind an LWP to CPU 0 in class SCHED_FIFO; lid 0 would be all LWPs. */
static void
bind_fifo(lwpid_t lid, int priority)
{
	struct sched_param sp = { .sched_priority = priority };
	cpuset_t *set = cpuset_create();

	if (set == NULL || cpuset_set(0, set) != 0 ||
	    _sched_setaffinity(0, lid, cpuset_size(set), set) != 0 ||
	    _sched_setparam(0, lid, SCHED_FIFO, &sp) != 0) {
		perror("yield: binding");
		exit(EXIT_FAILURE);
	}
	cpuset_destroy(set);
}

static void
runner(void *arg)
{
	int me = *(int *)arg;

	for (int i = 0; i < (me == LOW ? 1 : ROUNDS); i++) {
		trace[atomic_fetch_add(&ntrace, 1)] = me;
		sched_yield();
	}
}

/* How many places of the trace are not as they should be. */
static int
check(void)
{
	int wrong = atomic_load(&ntrace) != TRACE_LEN || trace[TRACE_LEN - 1] != LOW;

	for (int i = 0; i < RUNNERS * ROUNDS; i++)
		wrong += trace[i] != trace[i % RUNNERS];
	for (int i = 0; i < RUNNERS; i++) {
		for (int j = 0; j < i; j++)
			wrong += trace[i] == trace[j];
	}
	return wrong;
}

int
main(void)
{
	static int numbers[RUNNERS + 1];
	int wrong;

	/* Above the others, so that they all stand in the queue before the first runs. */
	bind_fifo(_lwp_self(), 10);
	for (int i = 0; i <= RUNNERS; i++) {
		int n = (i + LOW) % (RUNNERS + 1);	/* the low one first */

		numbers[n] = n;
		if (thread_spawn(&ids[n], runner, &numbers[n], 0) != 0)
			return EXIT_FAILURE;
		bind_fifo(ids[n], n == LOW ? 3 : 5);
	}
	for (int i = 0; i <= RUNNERS; i++)
		thread_join(ids[i]);
	printf("%d LWPs of SCHED_FIFO priority 5 on CPU 0, %d turns each; number %d has priority 3\n",
	    RUNNERS, ROUNDS, LOW);
	for (int i = 0; i < TRACE_LEN; i++)
		printf("%s%d", i % RUNNERS == 0 ? "  " : "", trace[i]);
	printf("\n");
	wrong = check();
	printf(wrong != 0 ? "NOT as promised.\n" : "Proved: first come first served, high before low.\n");
	return wrong != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
