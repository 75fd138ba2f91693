/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows with many LWPs.
 */
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "bench.h"

#define PAIRS_MAX	8

/* create.N: create, exit and wait while N others are parked. */
void
row_create_among(const struct row *r)
{
	crowd_gather(r->r_n);
	row_create(r);
	crowd_dismiss();
}

/* unpark.N: one of N that are parked, by chance. */

static void
unpark_loop(int n)
{
	uint32_t seed = 12345;

	for (int i = 0; i < n; i++) {
		struct sleeper *s;
		uint64_t t;

		seed = seed * 1103515245u + 12345u;
		s = &sleepers[(seed >> 8) % (uint32_t)crowd.n];
		crowd.done = 0;
		atomic_store(&crowd.left, 1);
		t = window_begin();
		s->s_go = 1;
		(void)_lwp_unpark(s->s_id, s);
		samples[i] = window_end() - t;
		crowd_await();
	}
}

void
row_unpark(const struct row *r)
{
	crowd_gather(r->r_n);
	measure(r, unpark_loop, 1000, 1);
	crowd_dismiss();
}

/* unparkall.N, ran.N: all N by one call; the call, and until all are back. */

static lwpid_t	targets[LWP_UNPARK_MAX];

static void
crowd_tell(void)
{
	crowd.done = 0;
	atomic_store(&crowd.left, crowd.n);
	for (int i = 0; i < crowd.n; i++)
		sleepers[i].s_go = 1;
}

static void
unparkall_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t;

		crowd_tell();
		t = window_begin();
		(void)_lwp_unpark_all(targets, (size_t)crowd.n, sleepers);
		samples[i] = window_end() - t;
		crowd_await();
	}
}

static void
ran_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t;

		crowd_tell();
		t = window_begin();
		(void)_lwp_unpark_all(targets, (size_t)crowd.n, sleepers);
		crowd_await();
		samples[i] = crowd.last - t;
	}
}

static void
all_at_once(const struct row *r, void (*loop)(int), int n)
{
	crowd_gather(r->r_n);
	for (int i = 0; i < r->r_n; i++)
		targets[i] = sleepers[i].s_id;
	measure(r, loop, n, r->r_n);
	crowd_dismiss();
}

void
row_unparkall(const struct row *r)
{
	all_at_once(r, unparkall_loop, r->r_n > 128 ? 12 : 40);
}

void
row_ran(const struct row *r)
{
	all_at_once(r, ran_loop, r->r_n > 128 ? 12 : 40);
}

/*
 * memory: bytes of the kernel's a parked LWP, as the crowd grows up to N.  Pools
 * keep what they have once got, so this must be the first row of a boot.
 */
void
row_memory(const struct row *r)
{
	struct heddle_mem empty, now;
	char name[32];

	crowd_prepare(r->r_n);
	(void)heddle_mem(&empty);
	for (int n = 256; n <= r->r_n; n *= 4) {
		crowd_grow(n);
		(void)heddle_mem(&now);
		samples[0] = (empty.hm_free - now.hm_free) * PAGE_SIZE;
		(void)snprintf(name, sizeof(name), "memory.%d", n);
		report(name, 1, n);
	}
	crowd_dismiss();
}

/*
 * pairs.N: N pairs play ping-pong, each on a CPU of its own, in all N times 1000
 * round trips; the instructions of all CPUs a round trip.  longpairs.N: so many more that
 * the host's clock can tell how long they take.
 */

#define PAIR_ROUNDS	1000
#define PAIR_ROUNDS_LONG 100000

static struct pair {
	struct player	player[2];
	volatile bool	over;
} pairs[PAIRS_MAX];

static int	pair_rounds;

static void
pair_second(void *arg)
{
	struct pair *p = arg;

	while (!p->player[1].ball)
		park(&p->player[1]);
	p->player[1].ball = 0;
	while (!p->over)
		throw_and_catch(&p->player[1], false);
}

static void
pair_first(void *arg)
{
	struct pair *p = arg;

	for (int i = 0; i < pair_rounds; i++)
		throw_and_catch(&p->player[0], false);
	if (atomic_fetch_sub(&crowd.left, 1) == 1) {
		crowd.last = window_end();
		crowd.done = 1;
		unpark_main();
	}
}

static void
pair_create(int i)
{
	static void (*const part[2])(void *) = { pair_first, pair_second };
	struct pair *p = &pairs[i];

	memset(p, 0, sizeof(*p));
	for (int k = 0; k < 2; k++) {
		struct player *me = &p->player[k];

		me->other = &p->player[!k];
		me->id = spawn(part[k], p, stack_of(2 * i + k), LWP_SUSPENDED);
		bind(me->id, (cpuid_t)i);
	}
	_lwp_continue(p->player[1].id);
	if (lwp_await_parked(p->player[1].id) != 0)
		die("waiting for a player");
}

static void
pair_end(struct pair *p)
{
	p->over = true;
	p->player[1].ball = 1;
	_lwp_unpark(p->player[1].id, &p->player[1]);
	join(p->player[0].id);
	join(p->player[1].id);
}

void
row_pairs(const struct row *r)
{
	uint64_t t;

	pair_rounds = (r->r_flags & LONG) != 0 ? PAIR_ROUNDS_LONG : PAIR_ROUNDS;
	for (int i = 0; i < r->r_n; i++)
		pair_create(i);
	crowd.done = 0;
	atomic_store(&crowd.left, r->r_n);
	loop_begin();
	t = window_begin();
	for (int i = r->r_n - 1; i >= 0; i--)
		_lwp_continue(pairs[i].player[0].id);
	crowd_await();
	samples[0] = crowd.last - t;
	loop_end(r, r->r_n * pair_rounds);
	for (int i = 0; i < r->r_n; i++)
		pair_end(&pairs[i]);
	report(r->r_name, 1, r->r_n * pair_rounds);
}
