/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows with one or two LWPs.
 */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <ucontext.h>

#include "bench.h"

#define NS	1000000000L

/* null: the least that a system call can do. */

#define NULL_BATCH	100

static void
null_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		for (int j = 0; j < NULL_BATCH; j++)
			(void)_lwp_self();
		samples[i] = window_end() - t;
	}
}

void
row_null(const struct row *r)
{
	measure(r, null_loop, 300, NULL_BATCH);
}

/* pingpong: two LWPs wake each other and wait. */

static struct player	players[2];
static volatile bool	game_over;
static bool		folded;

static void
second_player(void *arg)
{
	struct player *me = arg;

	while (!me->ball)
		park(me);
	me->ball = 0;
	while (!game_over)
		throw_and_catch(me, folded);
}

static void
pingpong_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		throw_and_catch(&players[0], false);
		samples[i] = window_end() - t;
	}
}

static void
pingpong1_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		throw_and_catch(&players[0], true);
		samples[i] = window_end() - t;
	}
}

static void
play(const struct row *r, void (*loop)(int), bool fold, cpuid_t cpu)
{
	game_over = false;
	folded = fold;
	memset(players, 0, sizeof(players));
	players[0] = (struct player){ .other = &players[1], .id = main_id };
	players[1] = (struct player){ .other = &players[0] };
	players[1].id = spawn(second_player, &players[1], stack_of(0), LWP_SUSPENDED);
	bind(players[1].id, cpu);
	_lwp_continue(players[1].id);
	measure(r, loop, 2000, 1);
	game_over = true;
	players[1].ball = 1;
	_lwp_unpark(players[1].id, &players[1]);
	join(players[1].id);
}

void
row_pingpong(const struct row *r)
{
	play(r, pingpong_loop, false, (r->r_flags & MANY_CPUS) != 0);
}

void
row_pingpong1(const struct row *r)
{
	play(r, pingpong1_loop, true, 0);
}

/* yield: two LWPs that only yield; a sample is two switches. */

static void
yielder(void *arg __unused)
{
	while (!game_over)
		(void)sched_yield();
}

static void
yield_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		(void)sched_yield();
		samples[i] = window_end() - t;
	}
}

void
row_yield(const struct row *r)
{
	lwpid_t id;

	game_over = false;
	id = spawn(yielder, NULL, stack_of(0), 0);
	measure(r, yield_loop, 2000, 2);
	game_over = true;
	join(id);
}

/* create: create, exit and wait, one at a time, the stack being used again. */

static ucontext_t	create_context;

static void
nothing(void *arg __unused)
{
	(void)_lwp_exit();
}

static void
create_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();
		lwpid_t id;

		if (_lwp_create(&create_context, 0, &id) != 0 || _lwp_wait(id, NULL) != 0)
			die("create");
		samples[i] = window_end() - t;
	}
}

void
row_create(const struct row *r)
{
	static char stack[STACK] __aligned(16);

	_lwp_makecontext(&create_context, nothing, NULL, NULL, stack, sizeof(stack));
	measure(r, create_loop, 2000, 1);
}

/* early: an unpark of one that runs fills its token; its next park takes it. */

static void
early_unpark_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		(void)_lwp_unpark(main_id, &main_id);
		samples[i] = window_end() - t;
		park(&main_id);
	}
}

static void
early_park_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t;

		(void)_lwp_unpark(main_id, &main_id);
		t = window_begin();
		park(&main_id);
		samples[i] = window_end() - t;
	}
}

void
row_early_unpark(const struct row *r)
{
	measure(r, early_unpark_loop, 1000, 1);
}

void
row_early_park(const struct row *r)
{
	measure(r, early_park_loop, 1000, 1);
}

/* timedout: a park whose deadline is past. */

static void
timedout_loop(int n)
{
	struct timespec past = { 0, 1 };

	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		(void)_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, 0, &past, NULL);
		samples[i] = window_end() - t;
	}
}

void
row_timedout(const struct row *r)
{
	measure(r, timedout_loop, 1000, 1);
}

/*
 * timer: from the moment of a deadline, in idle, until the sleeper is back.
 *
 * When all CPUs are halted the clock jumps to the deadline, to the instruction.
 * The deadline is a time of CLOCK_MONOTONIC, the sample one of the counter: both
 * are read around each sleep, and one is turned into the other in between.  A read
 * is taken to lie in the middle of its system call, which is right to within half
 * of its length.
 */

struct both {
	double	ns, tsc;
};

static struct both
both_now(void)
{
	uint64_t t = stamp();
	int64_t ns = now_ns();

	return (struct both){ (double)ns, ((double)t + (double)stamp()) / 2 };
}

static void
timer_loop(int n)
{
	for (int i = 0; i < n; i++) {
		struct both a = both_now(), b;
		double deadline = a.ns + 1000000;
		struct timespec ts = { (int64_t)deadline / NS, (int64_t)deadline % NS };
		uint64_t t;

		(void)window_begin();
		(void)_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0, &ts, NULL);
		t = window_end();
		b = both_now();
		samples[i] = (uint64_t)((double)t - a.tsc - (deadline - a.ns) * (b.tsc - a.tsc) / (b.ns - a.ns));
	}
}

void
row_timer(const struct row *r)
{
	measure(r, timer_loop, 200, 1);
}

/* suspend: suspend and continue one that is parked. */

static void
suspend_loop(int n)
{
	lwpid_t id = sleepers[0].s_id;

	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		if (_lwp_suspend(id) != 0 || _lwp_continue(id) != 0)
			die("suspend");
		samples[i] = window_end() - t;
	}
}

void
row_suspend(const struct row *r)
{
	crowd_gather(1);
	measure(r, suspend_loop, 1000, 1);
	crowd_dismiss();
}

/* signal: one that an LWP sends itself, its handler, and back. */

static void
on_signal(int signo __unused)
{
}

static void
signal_loop(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		(void)_lwp_kill(main_id, SIGUSR1);
		samples[i] = window_end() - t;
	}
}

void
row_signal(const struct row *r)
{
	struct sigaction sa = { .sa_handler = on_signal };

	if (sigaction(SIGUSR1, &sa, NULL) != 0)
		die("sigaction");
	measure(r, signal_loop, 1000, 1);
}

/* fault: the first touch of a page. */

static void
fault_loop(int n)
{
	size_t size = (size_t)n * PAGE_SIZE;
	volatile char *p = map(size);

	for (int i = 0; i < n; i++) {
		uint64_t t = window_begin();

		p[(size_t)i * PAGE_SIZE] = 1;
		samples[i] = window_end() - t;
	}
	(void)munmap(__UNVOLATILE(p), size);
}

void
row_fault(const struct row *r)
{
	measure(r, fault_loop, 512, 1);
}
