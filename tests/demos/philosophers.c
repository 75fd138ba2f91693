/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dining philosophers: as many forks as philosophers around a table, and
 * each needs the two beside his plate to eat.
 *
 * If each takes the left fork first and then the right one, it can happen that
 * all hold their left fork and wait for their neighbour's: a cycle of waiting,
 * which nothing ends.  The cure is an order: forks are numbered, and everybody
 * takes the one with the lower number first.  A cycle would have to go down
 * somewhere, and nobody waits downwards.
 *
 * With -d the order is not kept, and a barrier makes sure that the bad moment
 * comes: each takes the right fork only when all have taken the left.  The
 * first LWP then looks at the others from outside, sees them all asleep, each
 * holding what its neighbour waits for, and says so.
 *
 * A bite is work for a CPU, chewing and thinking are sleep, and all take longer one time than another:
 * so they find each other's forks taken, wait, and are woken by who puts one back (`make trace').
 *
 * With -t they think longer, dine for ever if nobody says how many meals, and put the number of
 * those behind their names, so that `ps' shows who eats on: for `lwpctl suspend', say.  If Arendt
 * is suspended (LWP 2, whose forks have the lowest numbers), all eat on but, if she holds forks, her two
 * neighbours: both take that fork first, so while they wait for it they hold none.
 *
 * What it proves: with the order all have eaten as often as they wanted and
 * nobody ever had a neighbour's fork; without it, with -d, all are asleep for
 * ever.  `ps' shows the LWPs by name while they dine.
 */
#include <getopt.h>
#include <heddle/lock.h>
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <limits.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SEATS		8
#define DEFAULT_MEALS	12
#define BITE		60000		/* steps of a computation: some tenths of a millisecond */
#define CHEWING_NS	150000
#define THOUGHT_NS	150000
#define LONG_THOUGHT_NS	20000000	/* -t */

static const char what[] __used =
    "@(#)philosophers [-d | -t] [MEALS]: eight dine (-d: come to a deadlock; -t: for ever)";

static const char *const names[SEATS] = { "Arendt", "Diogenes", "Hypatia", "Kant", "Ockham", "Plato", "Spinoza",
	"Wollstonecraft" };

static struct hmutex	forks[SEATS];
static atomic_int	holder[SEATS];	/* 1 + who has the fork, 0: it lies there */
static atomic_int	wants[SEATS];	/* 1 + the fork he waits for or has got last */
static atomic_int	nleft;		/* how many have their left fork (-d) */
static atomic_int	clashes;
static int		meals, eaten[SEATS], deadlock, slow;
static volatile unsigned stomach[SEATS];
static lwpid_t		ids[SEATS];

static int
left(int seat)
{
	return seat;
}

static int
right(int seat)
{
	return (seat + 1) % SEATS;
}

/* What they do is never put in line: in gdb, `next' steps over a meal, and backtraces name all that goes on. */
static __noinline void
take(int seat, int fork)
{
	atomic_store(&wants[seat], 1 + fork);
	hmutex_lock(&forks[fork]);
	if (atomic_exchange(&holder[fork], 1 + seat) != 0)
		atomic_fetch_add(&clashes, 1);
}

static void
put_back(int fork)
{
	atomic_store(&holder[fork], 0);
	hmutex_unlock(&forks[fork]);
}

/* 1 to 8, the same in every run, and another one for each seat and meal. */
static int
portion(int seat, int course)
{
	return 1 + ((unsigned)(seat * 16 + course * 2 + eaten[seat] * 7) * 2654435761U >> 29);
}

static void
rest(long ns)
{
	struct timespec ts = { 0, ns };

	(void)nanosleep(&ts, NULL);
}

static __noinline void
eat(int seat)
{
	unsigned food = (unsigned)seat;

	for (int i = portion(seat, 0) * BITE; i > 0; i--)
		food = food * 1664525 + 1013904223;
	stomach[seat] = food;
	rest(portion(seat, 1) * CHEWING_NS);
	eaten[seat]++;
}

static __noinline void
dine(int seat)
{
	int first = left(seat), second = right(seat);

	/* The cure. */
	if (!deadlock && first > second) {
		first = right(seat);
		second = left(seat);
	}
	take(seat, first);
	if (deadlock) {
		atomic_fetch_add(&nleft, 1);
		while (atomic_load(&nleft) < SEATS)
			sched_yield();
	}
	take(seat, second);
	eat(seat);
	put_back(second);
	put_back(first);
}

static __noinline void
think(int seat)
{
	char name[16];

	if (slow) {
		snprintf(name, sizeof(name), "%.8s %d", names[seat], eaten[seat]);
		(void)_lwp_setname(0, name);
	}
	rest(slow ? LONG_THOUGHT_NS : portion(seat, 2) * THOUGHT_NS);
}

static void
philosopher(void *arg)
{
	int seat = *(int *)arg;

	(void)_lwp_setname(0, names[seat]);
	for (int i = 0; i < meals; i++) {
		dine(seat);
		think(seat);
	}
}

/* Show that each philosopher sleeps and waits for the next; how many do not.  Never in line, for breakpoints. */
static __noinline int
report_deadlock(void)
{
	int wrong = 0;

	for (int seat = 0; seat < SEATS; seat++) {
		int fork = atomic_load(&wants[seat]) - 1, by = atomic_load(&holder[fork]) - 1;
		struct kinfo_lwp kl;

		wrong += lwp_await_parked(ids[seat]) != 0 || lwp_info(ids[seat], &kl) != 0;
		printf("  LWP %d, %s, holds fork %d, sleeps (%s) until fork %d is free: %s has it\n",
		    ids[seat], kl.l_name, left(seat), kl.l_wmesg, fork, names[by]);
		wrong += by != right(seat) || fork != right(seat) || eaten[seat] != 0;
	}
	return wrong;
}

static int
report_dinner(void)
{
	int wrong = 0;

	for (int seat = 0; seat < SEATS; seat++) {
		wrong += thread_join(ids[seat]) != 0;
		printf("  LWP %d, %s, has eaten %d times\n", ids[seat], names[seat], eaten[seat]);
		wrong += eaten[seat] != meals;
	}
	printf("  a fork was in two hands %d times\n", atomic_load(&clashes));
	return wrong + atomic_load(&clashes);
}

/* False: not as they should be. */
static int
options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "dt")) != -1) {
		if (c == 'd')
			deadlock = 1;
		else if (c == 't')
			slow = 1;
		else
			return 0;
	}
	meals = optind < argc ? atoi(argv[optind]) : slow ? INT_MAX : DEFAULT_MEALS;
	return meals > 0;
}

int
main(int argc, char **argv)
{
	static int seats[SEATS];
	int wrong;

	if (!options(argc, argv)) {
		fprintf(stderr, "usage: philosophers [-d | -t] [MEALS]\n");
		return 2;
	}
	/* All forks are on the table before anybody sits down. */
	for (int i = 0; i < SEATS; i++)
		hmutex_init(&forks[i]);
	for (int i = 0; i < SEATS; i++) {
		seats[i] = i;
		if (thread_spawn(&ids[i], philosopher, &seats[i], 0) != 0) {
			fprintf(stderr, "philosophers: no LWP\n");
			return EXIT_FAILURE;
		}
	}
	if (deadlock) {
		while (atomic_load(&nleft) < SEATS)
			sched_yield();
		for (int i = 0; i < SEATS; i++)
			(void)lwp_await_parked(ids[i]);
		printf("They sit there for ever:\n");
		wrong = report_deadlock();
	} else {
		if (meals == INT_MAX)
			printf("%d philosophers, until somebody ends them.\n", SEATS);
		else
			printf("%d philosophers, %d meals each:\n", SEATS, meals);
		wrong = report_dinner();
	}
	if (wrong != 0)
		printf("NOT as promised.\n");
	else
		printf(deadlock ? "Proved: each waits for the next, so nobody will ever eat.\n" :
		    "Proved: with an order among the forks all have eaten.\n");
	return wrong != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
