/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bodies that attract each other: in each step every thread computes the forces
 * on its bodies, which takes the places of all, and then moves them.  Between
 * the two, and between steps, all meet at a barrier.
 *
 * What it proves: the places in the end are those of one thread, to the last bit;
 * a thread that went through the barrier too early would have read places of
 * another step.
 */
#include <math.h>

#include "speedup.h"

#define NBODIES		64
#define DEFAULT_STEPS	100
#define DT		0.001

static const char what[] __used = "@(#)nbody [STEPS]: bodies that attract each other, by more and more threads";

static struct body {
	double	at[3], speed[3], mass;
} bodies[NBODIES], result[NBODIES];
static int		steps, nthreads;
static pthread_barrier_t meet;

static void
prepare(int n)
{
	unsigned seed = 12345;
	int i, k;

	nthreads = n;
	(void)pthread_barrier_init(&meet, NULL, (unsigned)n);
	for (i = 0; i < NBODIES; i++) {
		for (k = 0; k < 3; k++) {
			seed = seed * 1103515245 + 12345;
			bodies[i].at[k] = (double)(seed >> 8) / (1 << 24);
			bodies[i].speed[k] = 0;
		}
		bodies[i].mass = 1.0 / (i + 1);
	}
}

static void
pull(struct body *b)
{
	int j, k;

	for (j = 0; j < NBODIES; j++) {
		double d[3], square = 0.01, force;

		for (k = 0; k < 3; k++) {
			d[k] = bodies[j].at[k] - b->at[k];
			square += d[k] * d[k];
		}
		force = bodies[j].mass * DT / (square * sqrt(square));
		for (k = 0; k < 3; k++)
			b->speed[k] += force * d[k];
	}
}

static void *
mover(void *arg)
{
	int me = (int)(intptr_t)arg, step, i, k;

	for (step = 0; step < steps; step++) {
		for (i = me; i < NBODIES; i += nthreads)
			pull(&bodies[i]);
		(void)pthread_barrier_wait(&meet);
		for (i = me; i < NBODIES; i += nthreads) {
			for (k = 0; k < 3; k++)
				bodies[i].at[k] += bodies[i].speed[k] * DT;
		}
		(void)pthread_barrier_wait(&meet);
	}
	return NULL;
}

static void
run(int n)
{
	in_threads(n, mover);
}

static int
check(int n)
{
	(void)pthread_barrier_destroy(&meet);
	if (n == 1)
		memcpy(result, bodies, sizeof(result));
	return memcmp(result, bodies, sizeof(result)) == 0;
}

int
main(int argc, char **argv)
{
	static const struct work work = { prepare, run, check };
	char title[60];

	steps = argc > 1 ? atoi(argv[1]) : DEFAULT_STEPS;
	if (steps < 1) {
		printf("usage: nbody [STEPS]\n");
		return EXIT_FAILURE;
	}
	(void)snprintf(title, sizeof(title), "%d steps of %d bodies", steps, NBODIES);
	return show_speedup(title, &work);
}
