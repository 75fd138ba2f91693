/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the LWP calls cost.
 *
 * Each row of the table is a function: it prepares, warms up with a quarter of
 * the samples, and measures.  A sample is the difference of two reads of the
 * time-stamp counter; under "tools/heddle-run --icount" that is the number of
 * instructions executed, by all CPUs, and is the same at every run.  "make bench"
 * runs this and shows the result beside Linux's; doc/performance.md explains it.
 *
 * Everything is done in class SCHED_FIFO at one priority, bound to CPU 0 where
 * not said otherwise: so an LWP that is woken does not run before the waker waits.
 *
 * Beside every loop, context switches, interprocessor and timer interrupts and
 * time halted are counted.  A loop on one CPU in which the CPU has halted, or was
 * interrupted by its timer more than once in a hundred operations, has measured
 * something else than it was meant to, unless the row is marked as one that idles:
 * then the program fails.  (The kernel ends time slices, also where all are
 * SCHED_FIFO: that is an interrupt every 10 ms at most, which no median sees.)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysctl.h>

#include "bench.h"

#define PRIORITY	10

static const char what[] __used = "@(#)bench [ROW]...: what the LWP calls cost, in ticks of the TSC";

lwpid_t		main_id;
static int	failed;

void __dead
die(const char *doing)
{
	printf("bench: %s: %s\n", doing, strerror(errno));
	exit(EXIT_FAILURE);
}

/* What is counted beside a loop. */

static struct {
	struct heddle_evcnt	ev;
	uint64_t		idle_ns;
} before;

static uint64_t
idle_ns(void)
{
	static struct heddle_cpu cpus[256];
	const int name[] = { CTL_VENDOR, HEDDLE_SCHED, sizeof(cpus[0]) };
	size_t len = sizeof(cpus);
	uint64_t sum = 0;

	if (sysctl(name, 3, cpus, &len, NULL, 0) != 0)
		die("sysctl HEDDLE_SCHED");
	for (size_t i = 0; i < len / sizeof(cpus[0]); i++)
		sum += cpus[i].hc_idle_ns;
	return sum;
}

void
loop_begin(void)
{
	before.idle_ns = idle_ns();
	(void)heddle_evcnt(&before.ev);
}

void
loop_end(const struct row *r, int ops)
{
	struct heddle_evcnt now;
	uint64_t idle, timers;

	(void)heddle_evcnt(&now);
	idle = idle_ns() - before.idle_ns;
	timers = now.he_timer_intrs - before.ev.he_timer_intrs;
	printf("# %s: %.2f switches, %.2f IPIs an operation; %lu timer interrupts, %lu ns halted\n", r->r_name,
	    (double)(now.he_switches - before.ev.he_switches) / ops,
	    (double)(now.he_ipis - before.ev.he_ipis) / ops, (unsigned long)timers, (unsigned long)idle);
	if (r->r_flags == 0 && (idle != 0 || timers * 100 > (uint64_t)ops)) {
		printf("# %s: WRONG: halted, or interrupted by the timer, where that is not meant\n", r->r_name);
		failed = 1;
	}
}

void
measure(const struct row *r, void (*loop)(int), int n, int div)
{
	loop(n / 4);
	loop_begin();
	loop(n);
	loop_end(r, n * div);
	report(r->r_name, n, div);
}

static const struct row rows[] = {
	{ "memory.4096", row_memory, 4096, IDLES },
	{ "null", row_null, 0, 0 },
	{ "pingpong", row_pingpong, 0, 0 },
	{ "pingpong1", row_pingpong1, 0, 0 },
	{ "yield", row_yield, 0, 0 },
	{ "create", row_create, 0, 0 },
	{ "create.16", row_create_among, 16, 0 },
	{ "create.256", row_create_among, 256, 0 },
	{ "create.4096", row_create_among, 4096, 0 },
	{ "unparkall.1", row_unparkall, 1, 0 },
	{ "unparkall.32", row_unparkall, 32, 0 },
	{ "unparkall.128", row_unparkall, 128, 0 },
	{ "unparkall.1024", row_unparkall, 1024, 0 },
	{ "ran.1", row_ran, 1, 0 },
	{ "ran.32", row_ran, 32, 0 },
	{ "ran.128", row_ran, 128, 0 },
	{ "ran.1024", row_ran, 1024, 0 },
	{ "unpark.1", row_unpark, 1, 0 },
	{ "unpark.16", row_unpark, 16, 0 },
	{ "unpark.256", row_unpark, 256, 0 },
	{ "unpark.4096", row_unpark, 4096, 0 },
	{ "early.unpark", row_early_unpark, 0, 0 },
	{ "early.park", row_early_park, 0, 0 },
	{ "timedout", row_timedout, 0, 0 },
	{ "timer", row_timer, 0, IDLES },
	{ "suspend", row_suspend, 0, 0 },
	{ "signal", row_signal, 0, 0 },
	{ "fault", row_fault, 0, 0 },
	{ "lock", row_lock, 0, 0 },
	{ "mutex", row_mutex, 0, 0 },
	{ "cond", row_cond, 0, 0 },
};

/* Those that need another machine: they are run when they are asked for by their whole names. */
static const struct row more_rows[] = {
	{ "memory.65536", row_memory, 65536, IDLES },
	{ "create.65536", row_create_among, 65536, 0 },
	{ "unpark.65536", row_unpark, 65536, 0 },
	{ "pingpong2cpu", row_pingpong, 0, MANY_CPUS },
	{ "pairs.1", row_pairs, 1, MANY_CPUS },
	{ "pairs.2", row_pairs, 2, MANY_CPUS },
	{ "pairs.4", row_pairs, 4, MANY_CPUS },
	{ "pairs.8", row_pairs, 8, MANY_CPUS },
	{ "longpairs.1", row_pairs, 1, MANY_CPUS | LONG },
	{ "longpairs.2", row_pairs, 2, MANY_CPUS | LONG },
	{ "longpairs.4", row_pairs, 4, MANY_CPUS | LONG },
	{ "longpairs.8", row_pairs, 8, MANY_CPUS | LONG },
};

static void
prepare(void)
{
	struct sched_param sp = { .sched_priority = PRIORITY };
	struct rlimit rl;

	main_id = _lwp_self();
	crowd_init();
	samples_prepare();
	bind(0, 0);
	if (_sched_setparam(0, 0, SCHED_FIFO, &sp) != 0)
		die("_sched_setparam");
	if (getrlimit(RLIMIT_NTHR, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NTHR, &rl);
	}
}

/* A row is asked for by its name, or with many others by the part before the point. */
static bool
is_asked_for(const struct row *r, char **argv, bool by_part)
{
	size_t len = strcspn(r->r_name, ".");

	for (; *argv != NULL; argv++) {
		if (strcmp(*argv, r->r_name) == 0 ||
		    (by_part && strlen(*argv) == len && strncmp(*argv, r->r_name, len) == 0))
			return true;
	}
	return false;
}

static void
run(const struct row *table, size_t n, char **asked)
{
	for (size_t i = 0; i < n; i++) {
		if (asked[0] == NULL ? table == rows : is_asked_for(&table[i], asked, table == rows))
			table[i].r_run(&table[i]);
	}
}

int
main(int argc __unused, char **argv)
{
	prepare();
	printf("# bench: begin\nname\tn\tmin\tmedian\tmean\tp95\tmax\n");
	run(rows, __arraycount(rows), argv + 1);
	run(more_rows, __arraycount(more_rows), argv + 1);
	printf("# bench: end\n");
	return failed;
}
