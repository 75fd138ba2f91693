/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parallel sort: each thread sorts a piece, then pairs of pieces are merged, by
 * half as many threads each time; a barrier stands between the rounds.
 *
 * What it proves: the array is in order, and has the elements it had.
 */
#include "speedup.h"

#define DEFAULT_COUNT	100000

static const char what[] __used = "@(#)psort [COUNT]: sort numbers by more and more threads";

static int		count, nthreads;
static unsigned		*numbers, *scratch;
static pthread_barrier_t round_over;

static unsigned
next_random(unsigned *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static int
compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* Where piece i begins. */
static int
edge(int i)
{
	return (int)((long)count * (i < nthreads ? i : nthreads) / nthreads);
}

static void
merge(int low, int middle, int high)
{
	int a = low, b = middle, to;

	for (to = low; to < high; to++) {
		if (b == high || (a < middle && numbers[a] <= numbers[b]))
			scratch[to] = numbers[a++];
		else
			scratch[to] = numbers[b++];
	}
	memcpy(numbers + low, scratch + low, (size_t)(high - low) * sizeof(*numbers));
}

static void *
sorter(void *arg)
{
	int me = (int)(intptr_t)arg, width;

	qsort(numbers + edge(me), (size_t)(edge(me + 1) - edge(me)), sizeof(*numbers), compare);
	for (width = 1; width < nthreads; width *= 2) {
		(void)pthread_barrier_wait(&round_over);
		if (me % (2 * width) == 0)
			merge(edge(me), edge(me + width), edge(me + 2 * width));
	}
	return NULL;
}

static unsigned	sum;

static void
prepare(int n)
{
	unsigned seed = 1;
	int i;

	nthreads = n;
	for (i = 0, sum = 0; i < count; i++)
		sum += numbers[i] = next_random(&seed);
	(void)pthread_barrier_init(&round_over, NULL, (unsigned)n);
}

static void
run(int n)
{
	in_threads(n, sorter);
}

static int
check(int n)
{
	unsigned after = 0;
	int i, good = n == nthreads;

	(void)pthread_barrier_destroy(&round_over);
	for (i = 0; i < count; i++) {
		after += numbers[i];
		good &= i == 0 || numbers[i - 1] <= numbers[i];
	}
	return good && sum == after;
}

int
main(int argc, char **argv)
{
	static const struct work work = { prepare, run, check };
	char title[60];

	count = argc > 1 ? atoi(argv[1]) : DEFAULT_COUNT;
	numbers = calloc((size_t)count + 1, sizeof(*numbers));
	scratch = calloc((size_t)count + 1, sizeof(*scratch));
	if (count < 1 || numbers == NULL || scratch == NULL) {
		printf("usage: psort [COUNT]\n");
		return EXIT_FAILURE;
	}
	(void)snprintf(title, sizeof(title), "sort of %d numbers", count);
	return show_speedup(title, &work);
}
