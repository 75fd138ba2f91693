/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event counters of park and unpark are exact.  (No other program parks
 * while a test runs.)
 */
#include "test.h"

#define N	25

static struct heddle_evcnt	before;

static void
mark(void)
{
	if (heddle_evcnt(&before) != 0)
		tap_bail("heddle_evcnt: %s", strerror(errno));
}

/* What has been counted since mark(): parked, early, targeted, broadcast, missed. */
static bool
counted(unsigned parked, unsigned early, unsigned targeted, unsigned broadcast, unsigned missed)
{
	struct heddle_evcnt now;
	bool ok;

	heddle_evcnt(&now);
	ok = now.he_parked - before.he_parked == parked && now.he_parked_early - before.he_parked_early == early &&
	    now.he_unparked_targeted - before.he_unparked_targeted == targeted &&
	    now.he_unparked_broadcast - before.he_unparked_broadcast == broadcast &&
	    now.he_missed - before.he_missed == missed;
	if (!ok) {
		tap_diag("parked %lu early %lu targeted %lu broadcast %lu missed %lu",
		    (unsigned long)(now.he_parked - before.he_parked),
		    (unsigned long)(now.he_parked_early - before.he_parked_early),
		    (unsigned long)(now.he_unparked_targeted - before.he_unparked_targeted),
		    (unsigned long)(now.he_unparked_broadcast - before.he_unparked_broadcast),
		    (unsigned long)(now.he_missed - before.he_missed));
	}
	return ok;
}

static void
park_once(void *arg)
{
	(void)arg;
	park();
}

static void
start(lwpid_t *ids, int n)
{
	for (int i = 0; i < n; i++)
		ids[i] = spawn(park_once, NULL);
	for (int i = 0; i < n; i++)
		lwp_await_parked(ids[i]);
}

static void
join_all(const lwpid_t *ids, int n)
{
	for (int i = 0; i < n; i++)
		join(ids[i]);
}

static void
test_tokens(void)
{
	mark();
	for (int i = 0; i < N; i++) {
		_lwp_unpark(_lwp_self(), NULL);
		park();
	}
	tap_ok(counted(0, N, 0, 0, N), "evcnt.1 %d tokens: so many missed, so many parked early", N);
	mark();
	for (int i = 0; i < N; i++)
		_lwp_unpark(_lwp_self(), NULL);
	tap_ok(counted(0, 0, 0, 0, N), "evcnt.1 each unpark of a full token counts as missed");
	mark();
	park();
	tap_ok(counted(0, 1, 0, 0, 0), "evcnt.1 and they are taken as one");
}

static void
test_timeouts(void)
{
	struct timespec past = { 1, 0 }, bad = { 0, NSEC };

	mark();
	for (int i = 0; i < 2; i++)
		park_ns(100 * MSEC);
	tap_ok(counted(2, 0, 0, 0, 0), "evcnt.1 a park that times out counts as parked, once");
	mark();
	_lwp_park(CLOCK_REALTIME, TIMER_ABSTIME, &past, 0, NULL, NULL);
	_lwp_park(CLOCK_REALTIME, 0, &bad, 0, NULL, NULL);
	_lwp_park(CLOCK_REALTIME, 0, NULL, NO_SUCH_LWP, NULL, NULL);
	_lwp_unpark(NO_SUCH_LWP, NULL);
	tap_ok(counted(0, 0, 0, 0, 0), "evcnt.1 failures and deadlines in the past count nothing");
}

static void
test_targeted(void)
{
	lwpid_t ids[N];

	mark();
	start(ids, N);
	tap_ok(counted(N, 0, 0, 0, 0), "evcnt.1 %d LWPs park: so many parked", N);
	for (int i = 0; i < N; i++)
		_lwp_unpark(ids[i], NULL);
	join_all(ids, N);
	tap_ok(counted(N, 0, N, 0, 0), "evcnt.1 and so many unparked, targeted");
	mark();
	start(ids, 1);
	_lwp_unpark(_lwp_self(), NULL);
	_lwp_park(CLOCK_MONOTONIC, 0, NULL, ids[0], NULL, NULL);
	join_all(ids, 1);
	tap_ok(counted(1, 1, 1, 0, 1), "evcnt.1 a folded unpark counts as targeted");
}

static void
test_broadcast(void)
{
	lwpid_t ids[N + 2];

	mark();
	start(ids, N);
	ids[N] = _lwp_self();
	ids[N + 1] = NO_SUCH_LWP;
	_lwp_unpark_all(ids, N + 2, NULL);
	join_all(ids, N);
	tap_ok(counted(N, 0, 0, N, 1), "evcnt.1 unpark_all: %d unparked, broadcast, and one missed", N);
	token_full();
}

/* On all CPUs at once: no count is lost. */
#define ROUNDS	2000
static atomic_int	nready;

static void
count_own(void *arg)
{
	int n = *(int *)arg;

	atomic_fetch_add(&nready, 1);
	AWAIT(atomic_load(&nready) == n);
	for (int i = 0; i < ROUNDS; i++) {
		_lwp_unpark(_lwp_self(), NULL);
		park();
	}
}

static void
test_all_cpus(void)
{
	int n = 2 * heddle_ncpu();
	lwpid_t ids[16];

	if (n > 16)
		n = 16;
	mark();
	for (int i = 0; i < n; i++)
		ids[i] = spawn(count_own, &n);
	join_all(ids, n);
	tap_ok(counted(0, (unsigned)n * ROUNDS, 0, 0, (unsigned)n * ROUNDS),
	    "evcnt.1 %d LWPs on %d CPUs: none is lost", n, heddle_ncpu());
}

/* Whatever the order is, parks and unparks balance. */
static atomic_int	ball;
static lwpid_t		players[2];

static void
play(void *arg)
{
	int me = *(int *)arg;

	for (int i = 0; i < ROUNDS; i++) {
		while (atomic_load(&ball) != me)
			park();
		atomic_store(&ball, !me);
		_lwp_unpark(players[!me], NULL);
	}
	/* Stay until the other's last unpark has found us. */
	while (atomic_load(&ball) < 2 && atomic_load(&ball) != me)
		park();
	atomic_store(&ball, 2);
	_lwp_unpark(players[!me], NULL);
}

static void
test_balance(void)
{
	static int numbers[2] = { 0, 1 };
	struct heddle_evcnt now;
	unsigned long unparks;

	mark();
	atomic_store(&ball, -1);
	for (int i = 0; i < 2; i++)
		players[i] = spawn(play, &numbers[i]);
	atomic_store(&ball, 0);
	_lwp_unpark(players[0], NULL);
	join_all(players, 2);
	heddle_evcnt(&now);
	unparks = now.he_unparked_targeted - before.he_unparked_targeted + now.he_missed - before.he_missed;
	tap_ok(unparks >= 2 * ROUNDS + 1 && unparks <= 2 * ROUNDS + 3,
	    "evcnt.1 a ping-pong of %d: %lu unparks, each counted once", ROUNDS, unparks);
	tap_ok(now.he_parked - before.he_parked >= now.he_unparked_targeted - before.he_unparked_targeted,
	    "evcnt.1 not more are woken than slept");
}

int
main(void)
{
	test_tokens();
	test_timeouts();
	test_targeted();
	test_broadcast();
	test_all_cpus();
	test_balance();
	return tap_done();
}
