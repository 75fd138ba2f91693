/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bounded buffer: producers put items in, consumers take them out, and the
 * buffer has few places.
 *
 * Three things have to be waited for, each with a tool of its own.  A mutex
 * keeps two LWPs from being inside the buffer at once.  One semaphore counts
 * the free places: a producer waits on it before it puts.  Another counts the
 * items: a consumer waits on it before it takes.  The semaphores make LWPs
 * sleep for as long as there is nothing to do, so nobody spins.
 *
 * Mutex and semaphores are made of park and unpark (lib/lock.c): the kernel
 * knows neither.
 *
 * What it proves: every item that was put in was taken out, exactly once; no
 * more items than places were ever in the buffer; and those of one producer
 * come out in the order in which they went in.
 */
#include <heddle/lock.h>
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define PLACES		4
#define NPRODUCERS	3
#define NCONSUMERS	3
#define DEFAULT_ITEMS	3000
#define LAST		(-1)		/* tells a consumer to go home */

static const char what[] __used = "@(#)buffer [N]: producers and consumers around a bounded buffer";

/* An item: its number, and who made it. */
struct item {
	int	producer;
	int	number;
};

static struct item	places[PLACES];
static size_t		head, count, most;	/* under inside */
static struct hmutex	inside = HMUTEX_INITIALIZER;
static struct hsem	nfree = HSEM_INITIALIZER(PLACES), nitems = HSEM_INITIALIZER(0);

static int		items;			/* a producer makes so many */
static unsigned char	*taken[NPRODUCERS];	/* how often each was taken */
static int		newest[NPRODUCERS];	/* under inside: the last one taken */
static atomic_int	disorder;

static void
put(struct item it)
{
	hsem_wait(&nfree);
	hmutex_lock(&inside);
	places[(head + count) % PLACES] = it;
	count++;
	if (count > most)
		most = count;
	hmutex_unlock(&inside);
	hsem_post(&nitems);
}

static struct item
take(void)
{
	struct item it;

	hsem_wait(&nitems);
	hmutex_lock(&inside);
	it = places[head];
	head = (head + 1) % PLACES;
	count--;
	if (it.producer != LAST) {
		if (it.number != newest[it.producer] + 1)
			atomic_fetch_add(&disorder, 1);
		newest[it.producer] = it.number;
	}
	hmutex_unlock(&inside);
	hsem_post(&nfree);
	return it;
}

static void
producer(void *arg)
{
	int me = *(int *)arg;

	for (int i = 0; i < items; i++)
		put((struct item){ me, i });
}

static void
consumer(void *arg)
{
	struct item it;

	(void)arg;
	while ((it = take()).producer != LAST)
		__atomic_fetch_add(&taken[it.producer][it.number], 1, __ATOMIC_RELAXED);
}

static void
start(lwpid_t *id, void (*fn)(void *), int *arg)
{
	if (thread_spawn(id, fn, arg, 0) != 0) {
		fprintf(stderr, "buffer: no LWP\n");
		exit(EXIT_FAILURE);
	}
}

static void
run(void)
{
	lwpid_t producers[NPRODUCERS], consumers[NCONSUMERS];
	static int numbers[NPRODUCERS];

	for (int i = 0; i < NPRODUCERS; i++) {
		taken[i] = calloc((size_t)items, 1);
		newest[i] = -1;
		numbers[i] = i;
		if (taken[i] == NULL)
			exit(EXIT_FAILURE);
		start(&producers[i], producer, &numbers[i]);
	}
	for (int i = 0; i < NCONSUMERS; i++)
		start(&consumers[i], consumer, NULL);
	for (int i = 0; i < NPRODUCERS; i++)
		thread_join(producers[i]);
	for (int i = 0; i < NCONSUMERS; i++)
		put((struct item){ LAST, 0 });
	for (int i = 0; i < NCONSUMERS; i++)
		thread_join(consumers[i]);
}

int
main(int argc, char **argv)
{
	int missing = 0, wrong;
	struct heddle_evcnt before, after;

	items = argc > 1 ? atoi(argv[1]) : DEFAULT_ITEMS;
	if (items <= 0) {
		fprintf(stderr, "usage: buffer [N], N > 0\n");
		return 2;
	}
	heddle_evcnt(&before);
	run();
	heddle_evcnt(&after);
	for (int p = 0; p < NPRODUCERS; p++) {
		for (int i = 0; i < items; i++)
			missing += taken[p][i] != 1;
	}
	wrong = missing != 0 || atomic_load(&disorder) != 0 || most > PLACES || count != 0;
	printf("%d producers, %d consumers, %d places: %d items\n", NPRODUCERS, NCONSUMERS, PLACES,
	    NPRODUCERS * items);
	printf("  lost or doubled %d, out of order %d, most at a time %zu, left over %zu\n", missing,
	    atomic_load(&disorder), most, count);
	printf("  LWPs went to sleep %llu times to wait for one another\n",
	    (unsigned long long)(after.he_parked - before.he_parked));
	printf(wrong ? "NOT as promised.\n" : "Proved: each item came through, once and in order.\n");
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
