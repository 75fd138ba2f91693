/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * Park against unpark, from all sides at once.
 *
 * The rule that is checked everywhere is a law of conservation: every 0 or
 * EALREADY matches exactly one unpark, and every unpark of a live LWP is
 * either still its token or was taken.  The moments of the two actions are
 * moved against each other by short spins, so that every order comes up.
 */
#include "test.h"

#define ROUNDS		2000
#define SPIN_STEP	15
#define SPIN_STEPS	40
#define NRING		6
#define NCROWD		8

static lwpid_t		parker;
static atomic_int	taken;		/* unparks that came through */
static atomic_int	spurious;	/* parks that ended as they should not */
static atomic_int	phase;
static atomic_bool	done;

/* --- One parks, one unparks, each unpark is seen before the next is made. --- */

static void
take_all(void *arg)
{
	int n = *(int *)arg;

	for (unsigned i = 0; atomic_load(&taken) < n; i++) {
		int error = i % 3 == 0 ? park_ns(1 + i % 50 * 1000) : park();

		if (error == 0 || error == EALREADY)
			atomic_fetch_add(&taken, 1);
		else if (error != ETIMEDOUT)
			atomic_fetch_add(&spurious, 1);
		spin(i * SPIN_STEP % 500);
	}
	if (!token_empty())
		atomic_fetch_add(&spurious, 1);
}

static void
test_handshake(void)
{
	int n = ROUNDS, bad = 0;

	atomic_store(&taken, 0);
	atomic_store(&spurious, 0);
	parker = spawn(take_all, &n);
	for (int i = 0; i < n; i++) {
		bad += _lwp_unpark(parker, NULL) != 0;
		AWAIT(atomic_load(&taken) > i);
		bad += atomic_load(&taken) != i + 1;
		spin((unsigned)i * 7 % 400);
	}
	join(parker);
	tap_is_int(bad, 0, "park.3 each of %d unparks ends one park, by sleep or by token", n);
	tap_is_int(atomic_load(&spurious), 0, "park.3 no park ends without one");
}

/* --- The deadline and the unpark come at the same time. --- */

#define MEET_NS		(100 * USEC)

static int64_t		deadline;
static atomic_int	turn;

static void
meet(void *arg)
{
	int n = *(int *)arg;

	for (int i = 1; i <= n; i++) {
		struct timespec ts;
		int error;

		AWAIT(atomic_load(&turn) == i);
		ts = (struct timespec){ deadline / NSEC, deadline % NSEC };
		error = error_of(_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0, NULL, NULL));
		/* The unparker says when it has unparked; then the token must fit the outcome. */
		AWAIT(atomic_load(&done));
		atomic_store(&done, false);
		if (error == ETIMEDOUT ? !token_full() : !token_empty())
			atomic_fetch_add(&spurious, 1);
		if (error != 0 && error != EALREADY && error != ETIMEDOUT)
			atomic_fetch_add(&spurious, 1);
		atomic_fetch_add(&taken, error != ETIMEDOUT);
		atomic_store(&phase, i);
	}
}

static void
test_deadline(void)
{
	int n = 150, lost = 0;

	atomic_store(&taken, 0);
	atomic_store(&spurious, 0);
	atomic_store(&done, false);
	atomic_store(&turn, 0);
	atomic_store(&phase, 0);
	parker = spawn(meet, &n);
	for (int i = 1; i <= n; i++) {
		deadline = now_ns() + MEET_NS;
		atomic_store(&turn, i);
		AWAIT(now_ns() >= deadline + (i % SPIN_STEPS - SPIN_STEPS / 2) * 1500);
		lost += _lwp_unpark(parker, NULL) != 0;
		atomic_store(&done, true);
		AWAIT(atomic_load(&phase) == i);
	}
	join(parker);
	tap_is_int(lost, 0, "park.3 the target is found each time");
	tap_is_int(atomic_load(&spurious), 0,
	    "park.3 with the deadline near: 0 or EALREADY if and only if the unpark is used up");
	tap_diag("%d of %d parks ended by the unpark, the others by the deadline", atomic_load(&taken), n);
}

/* --- Test and sleep are one step: an unpark without a deadline is never lost. --- */

static void
park_each_turn(void *arg)
{
	int n = *(int *)arg;

	for (int i = 1; i <= n; i++) {
		while (atomic_load(&turn) < i) {
			int error = park();

			if (error != 0 && error != EALREADY)
				atomic_fetch_add(&spurious, 1);
		}
		spin((unsigned)(i / SPIN_STEPS % SPIN_STEPS) * SPIN_STEP);
		atomic_store(&taken, i);
	}
}

static void
test_one_step(void)
{
	int n = ROUNDS;

	atomic_store(&taken, 0);
	atomic_store(&turn, 0);
	atomic_store(&spurious, 0);
	parker = spawn(park_each_turn, &n);
	for (int i = 1; i <= n; i++) {
		atomic_store(&turn, i);
		_lwp_unpark(parker, NULL);
		AWAIT(atomic_load(&taken) == i);
		spin((unsigned)(i % SPIN_STEPS) * SPIN_STEP);
	}
	join(parker);
	tap_is_int(atomic_load(&spurious), 0, "park.4 %d times an unpark near the way into sleep: none lost", n);
}

/* --- A ring: each passes a baton to the next, in one call. --- */

static struct member {
	lwpid_t		id;
	atomic_int	batons;		/* given to it so far */
	int		passed;
} ring[NRING];
static int		laps;

static void
pass_on(void *arg)
{
	struct member *me = arg, *next = &ring[(me - ring + 1) % NRING];

	AWAIT(atomic_load(&done));
	for (int i = 1; i <= laps; i++) {
		while (atomic_load(&me->batons) < i)
			park();
		me->passed++;
		atomic_fetch_add(&next->batons, 1);
		if (i == laps || i % 2 == 0)
			_lwp_unpark(next->id, me);
		else
			(void)_lwp_park(CLOCK_MONOTONIC, 0, NULL, next->id, me, next);
	}
}

static void
test_ring(void)
{
	int wrong = 0;

	laps = 300;
	atomic_store(&done, false);
	for (int i = 0; i < NRING; i++) {
		atomic_store(&ring[i].batons, 0);
		ring[i].passed = 0;
		ring[i].id = spawn(pass_on, &ring[i]);
	}
	atomic_fetch_add(&ring[0].batons, 1);
	atomic_store(&done, true);
	for (int i = 0; i < NRING; i++) {
		join(ring[i].id);
		wrong += ring[i].passed != laps;
	}
	tap_is_int(wrong, 0, "park.9 a baton goes %d times round a ring of %d", laps, NRING);
	tap_is_int(atomic_load(&ring[0].batons), laps + 1, "park.3 and comes back");
}

/* --- A crowd: each gives to all others, and waits until its gift is taken. --- */

#define GIFTS		300
#define LOST_NS		(20 * NSEC)	/* nobody waits that long unless a wake-up was lost */

static struct person {
	lwpid_t		id;
	atomic_int	gifts[NCROWD];	/* from each of the others */
	unsigned	random;
} crowd[NCROWD];

static void
thank_all(struct person *me)
{
	for (int i = 0; i < NCROWD; i++) {
		if (atomic_exchange(&me->gifts[i], 0) != 0)
			_lwp_unpark(crowd[i].id, me);
	}
}

static void
mill_about(void *arg)
{
	struct person *me = arg;
	int self = (int)(me - crowd);

	AWAIT(atomic_load(&phase) != 0);
	for (int i = 0; i < GIFTS; i++) {
		struct person *to = &crowd[(self + 1 + rand_r(&me->random) % (NCROWD - 1)) % NCROWD];

		atomic_store(&to->gifts[self], 1);
		_lwp_unpark(to->id, to);
		for (thank_all(me); atomic_load(&to->gifts[self]) != 0; thank_all(me)) {
			spin((unsigned)rand_r(&me->random) % 100);
			if (park_ns(LOST_NS) == ETIMEDOUT)
				atomic_fetch_add(&spurious, 1);
		}
	}
	/* The last one wakes those who only stay to say thanks. */
	if (atomic_fetch_add(&taken, 1) == NCROWD - 1) {
		for (int i = 0; i < NCROWD; i++)
			_lwp_unpark(crowd[i].id, NULL);
	}
	for (; atomic_load(&taken) < NCROWD; thank_all(me)) {
		if (park_ns(LOST_NS) == ETIMEDOUT)
			atomic_fetch_add(&spurious, 1);
	}
}

static void
test_crowd(void)
{
	atomic_store(&phase, 0);
	atomic_store(&taken, 0);
	atomic_store(&spurious, 0);
	for (int i = 0; i < NCROWD; i++) {
		crowd[i].random = (unsigned)i * 7919 + 1;
		crowd[i].id = spawn(mill_about, &crowd[i]);
	}
	atomic_store(&phase, 1);
	for (int i = 0; i < NCROWD; i++)
		join(crowd[i].id);
	tap_is_int(atomic_load(&spurious), 0, "park.3 %d LWPs unpark one another %d times each: none is lost", NCROWD,
	    GIFTS);
}

/* --- Unpark an LWP that exits, and ids that are used again. --- */

static void
exit_soon(void *arg)
{
	spin((unsigned)(long)arg * SPIN_STEP);
}

static void
test_exiting(void)
{
	int wrong = 0, found = 0;

	for (int i = 0; i < 150; i++) {
		lwpid_t id = spawn(exit_soon, (void *)(long)(i % SPIN_STEPS));
		int error;

		while ((error = error_of(_lwp_unpark(id, NULL))) == 0) {
			found++;
			sched_yield();
		}
		wrong += error != ESRCH;
		join(id);
		wrong += error_of(_lwp_unpark(id, NULL)) != ESRCH;
	}
	tap_is_int(wrong, 0, "unpark.1 of LWPs that exit: 0 and then ESRCH (%d found)", found);
	tap_ok(token_empty(), "unpark.1 and nobody else gets the token");
}

int
main(void)
{
	test_handshake();
	test_deadline();
	test_one_step();
	test_ring();
	test_crowd();
	test_exiting();
	return tap_done();
}
