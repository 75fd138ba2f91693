/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two LWPs throw a ball to and fro with park and unpark.
 *
 * Each LWP has one unpark token.  _lwp_unpark() wakes its target if that
 * sleeps in park, else it fills the token; _lwp_park() takes the token, or
 * sleeps until an unpark comes.  So it does not matter who is quicker: an
 * unpark that comes before the park is kept, and the park returns at once.
 *
 * The ball, not the return from park, is the truth.  A park may return for
 * other reasons (a deadline, later a signal), so a player parks in a loop
 * until the ball is his.
 *
 * The game is played twice: first with two system calls a throw, unpark and
 * park; then with one, a park that unparks another LWP on its way to sleep.
 *
 * What it proves: after N round trips each has caught the ball N times, and by
 * the kernel's counters every throw either woke its target or left a token.
 */
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_ROUNDS	10000

static const char what[] __used = "@(#)pingpong [N]: two LWPs throw a ball by park and unpark, N round trips";

static lwpid_t		ids[2];
static unsigned long	caught[2];
static atomic_int	ball;		/* whose it is */
static unsigned long	rounds;
static int		folded;		/* throw and wait in one call */

static void
catch(int me)
{
	while (atomic_load(&ball) != me)
		(void)_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, &ids[me], NULL);
	caught[me]++;
}

/* The other has the ball now; wake it, and with `folded' begin to wait for the ball. */
static void
throw(int me)
{
	int other = !me;

	atomic_store(&ball, other);
	if (folded)
		(void)_lwp_park(CLOCK_MONOTONIC, 0, NULL, ids[other], &ids[me], &ids[other]);
	else
		(void)_lwp_unpark(ids[other], &ids[other]);
}

static void
second_player(void *arg)
{
	(void)arg;
	for (unsigned long i = 0; i < rounds; i++) {
		catch(1);
		if (i < rounds - 1)
			throw(1);
	}
	/* The last throw must not wait: the ball does not come back. */
	atomic_store(&ball, 0);
	(void)_lwp_unpark(ids[0], &ids[0]);
}

/* One game; how many of the counts are wrong. */
static int
game(const char *name, int fold)
{
	struct heddle_evcnt before, after;
	int64_t start;
	unsigned long long woken, kept;

	folded = fold;
	memset(caught, 0, sizeof(caught));
	atomic_store(&ball, 0);
	ids[0] = _lwp_self();
	if (thread_spawn(&ids[1], second_player, NULL, 0) != 0 || heddle_evcnt(&before) != 0) {
		perror("pingpong");
		exit(EXIT_FAILURE);
	}
	start = now_ns();
	for (unsigned long i = 0; i < rounds; i++) {
		throw(0);
		catch(0);
	}
	start = now_ns() - start;
	if (thread_join(ids[1]) != 0)
		return 1;
	heddle_evcnt(&after);
	woken = after.he_unparked_targeted - before.he_unparked_targeted;
	kept = after.he_missed - before.he_missed;
	printf("%s: %lu round trips, %lld ns each\n", name, rounds, (long long)(start / (int64_t)rounds));
	printf("  caught: %lu and %lu; of %lu throws %llu woke the other, %llu left a token\n", caught[0],
	    caught[1], 2 * rounds, woken, kept);
	return (caught[0] != rounds) + (caught[1] != rounds) + (woken + kept != 2 * rounds);
}

int
main(int argc, char **argv)
{
	int wrong;

	rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : DEFAULT_ROUNDS;
	if (rounds == 0) {
		fprintf(stderr, "usage: pingpong [N], N > 0\n");
		return 2;
	}
	wrong = game("unpark, then park", 0);
	wrong += game("unpark and park in one call", 1);
	printf(wrong == 0 ? "Proved: no throw was lost, none counted twice.\n" :
	    "NOT as promised: the counts do not agree.\n");
	return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
