/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server, simulated: clients put requests into a bounded queue, workers take
 * them, look something up in a table (a read lock) or change it (a write lock),
 * work a while on the answer, and say so to the client, who waits with a
 * time limit.
 *
 * What it proves: every request is answered once, none is lost; the sum of what
 * the writers did is in the table; the queue is never longer than it may be.
 */
#include <semaphore.h>
#include <stdatomic.h>

#include "speedup.h"

#define NCLIENTS	8
#define NSLOTS		16
#define NROWS		32
#define DEFAULT_REQUESTS 100	/* of each client */
#define WORK		1500

static const char what[] __used = "@(#)webqueue [REQUESTS]: a server's queue, served by more and more threads";

struct request {
	int		number;		/* below 0: the worker is to leave */
	int		answer;
	sem_t		answered;
};

static struct request	*slots[NSLOTS];
static int		head, tail;
static pthread_mutex_t	queue_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t		room, filled;

static pthread_rwlock_t	table_lock = PTHREAD_RWLOCK_INITIALIZER;
static long		table[NROWS];
static atomic_int	wrong, late;
static int		nrequests;

static void
put(struct request *r)
{
	(void)sem_wait(&room);
	(void)pthread_mutex_lock(&queue_lock);
	if (slots[tail % NSLOTS] != NULL)
		atomic_fetch_add(&wrong, 1);
	slots[tail++ % NSLOTS] = r;
	(void)pthread_mutex_unlock(&queue_lock);
	(void)sem_post(&filled);
}

static struct request *
get(void)
{
	struct request *r;

	(void)sem_wait(&filled);
	(void)pthread_mutex_lock(&queue_lock);
	r = slots[head % NSLOTS];
	slots[head++ % NSLOTS] = NULL;
	(void)pthread_mutex_unlock(&queue_lock);
	(void)sem_post(&room);
	return r;
}

/* One in eight changes the table. */
static void
serve(struct request *r)
{
	volatile unsigned hash = (unsigned)r->number;
	int i;

	if (r->number % 8 == 0) {
		(void)pthread_rwlock_wrlock(&table_lock);
		table[r->number % NROWS]++;
	} else {
		(void)pthread_rwlock_rdlock(&table_lock);
		hash += (unsigned)table[r->number % NROWS];
	}
	(void)pthread_rwlock_unlock(&table_lock);
	for (i = 0; i < WORK; i++)
		hash = hash * 31 + 7;
	r->answer = r->number + 1;
}

static void *
worker(void *arg)
{
	struct request *r;

	while ((r = get())->number >= 0) {
		serve(r);
		(void)sem_post(&r->answered);
	}
	return arg;
}

static void *
client(void *arg)
{
	struct request r;
	struct timespec limit;
	int i;

	(void)sem_init(&r.answered, 0, 0);
	for (i = 0; i < nrequests; i++) {
		r.number = i;
		r.answer = 0;
		limit = clock_in(CLOCK_REALTIME, 5000000);
		put(&r);
		if (sem_timedwait(&r.answered, &limit) != 0) {
			atomic_fetch_add(&late, 1);
			(void)sem_wait(&r.answered);
		}
		if (r.answer != i + 1)
			atomic_fetch_add(&wrong, 1);
	}
	(void)sem_destroy(&r.answered);
	return arg;
}

static void
prepare(int n __unused)
{
	memset(table, 0, sizeof(table));
	memset(slots, 0, sizeof(slots));
	head = tail = 0;
	(void)sem_init(&room, 0, NSLOTS);
	(void)sem_init(&filled, 0, 0);
}

static void
run(int n)
{
	static struct request leave = { .number = -1 };
	pthread_t workers[THREADS_MAX];
	int i;

	for (i = 0; i < n; i++)
		begin_thread(&workers[i], worker, NULL);
	in_threads(NCLIENTS, client);
	for (i = 0; i < n; i++)
		put(&leave);
	for (i = 0; i < n; i++)
		(void)pthread_join(workers[i], NULL);
}

static int
check(int n __unused)
{
	long sum = 0;
	int i;

	for (i = 0; i < NROWS; i++)
		sum += table[i];
	return atomic_load(&wrong) == 0 && sum == (long)NCLIENTS * ((nrequests + 7) / 8);
}

int
main(int argc, char **argv)
{
	static const struct work work = { prepare, run, check };
	char title[80];
	int status;

	nrequests = argc > 1 ? atoi(argv[1]) : DEFAULT_REQUESTS;
	if (nrequests < 1) {
		printf("usage: webqueue [REQUESTS]\n");
		return EXIT_FAILURE;
	}
	(void)snprintf(title, sizeof(title), "%d clients with %d requests each", NCLIENTS, nrequests);
	status = show_speedup(title, &work);
	printf("%d answers took more than 5 ms\n", atomic_load(&late));
	return status;
}
