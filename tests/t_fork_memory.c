/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork while other LWPs of the parent write: copies, and what other CPUs see of
 * them.  What one LWP does to memory is in t_mm.c.
 */
#include "test.h"

#define PAGES	100
#define FORKS	30
#define RW	(PROT_READ | PROT_WRITE)

static atomic_bool stop;

static char *
map(size_t pages, int flags)
{
	char *p = mmap(NULL, pages * PAGE_SIZE, RW, MAP_ANON | flags, -1, 0);

	if (p == MAP_FAILED)
		tap_bail("mmap of %zu pages: %s", pages, strerror(errno));
	return p;
}

/* One counter a page: in shared memory the first half was touched before fork, the rest was not. */
static char *shared, *private;

static void
add_one_everywhere(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < PAGES; i++) {
		shared[i * PAGE_SIZE]++;
		private[i * PAGE_SIZE]++;
	}
}

static void
test_shared(void)
{
	int wrong_shared = 0, wrong_private = 0;

	shared = map(PAGES, MAP_SHARED);
	private = map(PAGES, MAP_PRIVATE);
	for (size_t i = 0; i < PAGES / 2; i++)
		shared[i * PAGE_SIZE] = private[i * PAGE_SIZE] = 1;
	in_child(add_one_everywhere, NULL);
	in_child(add_one_everywhere, NULL);
	for (size_t i = 0; i < PAGES; i++) {
		wrong_shared += shared[i * PAGE_SIZE] != (i < PAGES / 2) + 2;
		wrong_private += private[i * PAGE_SIZE] != (i < PAGES / 2);
	}
	tap_is_int(wrong_shared, 0, "MAP_SHARED memory is the same in parent and children");
	tap_is_int(wrong_private, 0, "MAP_PRIVATE memory is not");
	munmap(shared, PAGES * PAGE_SIZE);
	munmap(private, PAGES * PAGE_SIZE);
}

/* Two counters in pages far apart, one always increased before the other. */
static volatile long *first, *second;

static void
count_up(void *arg)
{
	(void)arg;
	while (!stop) {
		(*first)++;
		(*second)++;
	}
}

/* In the child: they belong together, and nobody moves them any more. */
static void
look_at_counters(void *arg)
{
	long a = *first, b = *second;

	(void)arg;
	if (a != b && a != b + 1)
		_exit(1);
	sched_yield();
	if (a != *first || b != *second)
		_exit(2);
}

static void
test_snapshot(bool down)
{
	char *p = map(6 * PAGES, MAP_PRIVATE);
	char *end = p + (6 * PAGES - 1) * PAGE_SIZE;
	int wrong = 0;
	lwpid_t id;

	memset(p, 0, 6 * PAGES * PAGE_SIZE);
	first = (long *)(void *)(down ? end : p);
	second = (long *)(void *)(down ? p : end);
	stop = false;
	id = spawn(count_up, NULL);
	for (int i = 0; i < FORKS; i++)
		wrong += in_child(look_at_counters, NULL) != 0;
	stop = true;
	join(id);
	tap_is_int(wrong, 0, "a child has the memory of one moment (%s addresses first)", down ? "high" : "low");
	tap_is_int(*first - *second, 0, "and its parent loses nothing");
	munmap(p, 6 * PAGES * PAGE_SIZE);
}

/* What the page held at least when it was last written to. */
static _Atomic long published;
static _Atomic long stale;

static void
watch(void *arg)
{
	volatile long *page = arg;
	long least;

	while (!stop) {
		least = published;
		stale += *page < least;
	}
}

static void
test_copy_seen(void)
{
	volatile long *page = (long *)(void *)map(1, MAP_PRIVATE);
	lwpid_t id;

	stale = 0;
	stop = false;
	id = spawn(watch, (void *)(uintptr_t)page);
	for (long i = 1; i <= 3 * FORKS; i++) {
		in_child(do_nothing, NULL);
		*page = i;
		published = i;
	}
	stop = true;
	join(id);
	tap_is_int(stale, 0, "no LWP reads a page after its copy was written to");
	munmap((void *)(uintptr_t)page, PAGE_SIZE);
}

/* Map, find zeros, write, protect, unmap, over and over; `arg` is memory that stays. */
static void
map_and_unmap(void *arg)
{
	char *mine = arg, *p;

	for (int round = 0; round < FORKS; round++) {
		p = map(20, MAP_PRIVATE);
		for (size_t i = 0; i < 20; i++) {
			stale += p[i * PAGE_SIZE] != 0;
			p[i * PAGE_SIZE] = 1;
			mine[i * PAGE_SIZE]++;
		}
		mprotect(p + 5 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
		munmap(p, 10 * PAGE_SIZE);
		munmap(p + 10 * PAGE_SIZE, 10 * PAGE_SIZE);
	}
}

static void
test_together(void)
{
	enum { N = 4 };
	char *mine = map(20 * N, MAP_PRIVATE);
	lwpid_t id[N];
	int wrong = 0;

	stale = 0;
	for (int i = 0; i < N; i++)
		id[i] = spawn(map_and_unmap, mine + (size_t)i * 20 * PAGE_SIZE);
	for (int i = 0; i < FORKS / 2; i++)
		in_child(do_nothing, NULL);
	for (int i = 0; i < N; i++)
		join(id[i]);
	for (size_t i = 0; i < 20 * N; i++)
		wrong += mine[i * PAGE_SIZE] != FORKS;
	tap_is_int(stale, 0, "%d LWPs map and unmap while their process forks: new pages are cleared", N);
	tap_is_int(wrong, 0, "and what they write to copied pages is kept");
	munmap(mine, 20 * N * PAGE_SIZE);
}

int
main(void)
{
	test_shared();
	test_snapshot(false);
	test_snapshot(true);
	test_copy_seen();
	test_together();
	return tap_done();
}
