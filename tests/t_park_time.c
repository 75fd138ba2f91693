/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines: never early, not rounded to a tick, in order, on both clocks.
 */
#include "test.h"

#define TICK_NS		(10 * MSEC)	/* what a kernel with HZ 100 would round to */
#define NLWPS		24

static const int64_t	waits[] = { 1, 500, 1000, 20000, 100000, 1000000, 3333333, 12000000 };

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

/* Park for ns on a clock, absolute or relative; how late it returned, or a negative number. */
static int64_t
lateness(clockid_t clock, int flags, int64_t ns)
{
	int64_t deadline = clock_ns(clock) + ns;
	struct timespec ts = { ns / NSEC, ns % NSEC };

	if (flags == TIMER_ABSTIME)
		ts = (struct timespec){ deadline / NSEC, deadline % NSEC };
	if (_lwp_park(clock, flags, &ts, 0, NULL, NULL) != -1 || errno != ETIMEDOUT)
		return -NSEC;
	return clock_ns(clock) - deadline;
}

static void
test_never_early(clockid_t clock, int flags, const char *name)
{
	int64_t least = NSEC;
	int early = 0;

	for (size_t i = 0; i < __arraycount(waits); i++) {
		for (int n = 0; n < 5; n++) {
			int64_t late = lateness(clock, flags, waits[i]);

			early += late < 0;
			if (late < 0)
				tap_diag("%lld ns: early by %lld", (long long)waits[i], (long long)-late);
			else if (late < least)
				least = late;
		}
	}
	tap_is_int(early, 0, "park.8 %s: never early", name);
	tap_ok(least < TICK_NS / 2, "park.8 %s: not rounded to a tick (%lld ns late at best)", name, (long long)least);
}

/* Two sleeps that differ by less than any tick end in their order. */
static void
test_resolution(void)
{
	int64_t best = NSEC;

	/* The least time that a sleep of 100 us takes is well under a millisecond. */
	for (int i = 0; i < 50 && best > MSEC; i++) {
		int64_t start = now_ns();

		park_ns(100 * USEC);
		if (now_ns() - start < best)
			best = now_ns() - start;
	}
	tap_ok(best >= 100 * USEC && best < 5 * MSEC, "park.8 a park of 100 us takes %lld us", (long long)best / 1000);
}

static void
test_old_call(void)
{
	int early = 0;

	for (size_t i = 0; i < __arraycount(waits); i++) {
		int64_t deadline = clock_ns(CLOCK_REALTIME) + waits[i];
		struct timespec ts = { deadline / NSEC, deadline % NSEC };

		early += error_of(_lwp_park320(&ts, NULL, NULL)) != ETIMEDOUT || clock_ns(CLOCK_REALTIME) < deadline;
	}
	tap_is_int(early, 0, "park.8 320: never early");
}

/* Many deadlines at once, on all CPUs. */
static struct sleeper {
	lwpid_t		id;
	int64_t		deadline;
	int64_t		woke;
	int		error;
} sleepers[NLWPS];

static void
sleep_until(void *arg)
{
	struct sleeper *s = arg;
	struct timespec ts = { s->deadline / NSEC, s->deadline % NSEC };

	s->error = error_of(_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0, s, NULL));
	s->woke = now_ns();
}

static void
test_many(void)
{
	int64_t base = now_ns() + 20 * MSEC, worst = 0;
	int early = 0, wrong = 0;

	for (int i = 0; i < NLWPS; i++) {
		/* 7 and NLWPS have no common factor: not in the order of creation. */
		sleepers[i].deadline = base + i * 7 % NLWPS * MSEC;
		sleepers[i].id = spawn(sleep_until, &sleepers[i]);
	}
	for (int i = 0; i < NLWPS; i++) {
		join(sleepers[i].id);
		early += sleepers[i].woke < sleepers[i].deadline;
		wrong += sleepers[i].error != ETIMEDOUT;
		if (sleepers[i].woke - sleepers[i].deadline > worst)
			worst = sleepers[i].woke - sleepers[i].deadline;
	}
	tap_is_int(early, 0, "park.8 %d deadlines at once: none early", NLWPS);
	tap_is_int(wrong, 0, "park.2 all time out");
	tap_diag("the latest was %lld us late", (long long)worst / 1000);
}

/* A deadline that is reached does not take back an unpark that came before it. */
static void
test_early_timer(void)
{
	int bad = 0;

	/* A timer armed for a park that ended early must not end the next one. */
	for (int i = 0; i < 100; i++) {
		int64_t start;

		_lwp_unpark(_lwp_self(), NULL);
		/* If the deadline passes even before the token is looked at, that is still there. */
		if (park_ns(200 * USEC) != EALREADY)
			bad += !token_full();
		start = now_ns();
		bad += park_ns(MSEC) != ETIMEDOUT || now_ns() - start < MSEC;
	}
	tap_is_int(bad, 0, "park.8 the deadline of an earlier park does not end a later one");
}

static atomic_int	napping;
static struct timespec	*far_away;

static void
park_far(void *arg)
{
	int64_t start;

	*(int *)arg += error_of(_lwp_park(CLOCK_MONOTONIC, 0, far_away, 0, NULL, NULL)) != 0;
	atomic_store(&napping, 1);
	/* Woken before its deadline; the next one is nearer. */
	start = now_ns();
	*(int *)arg += park_ns(2 * MSEC) != ETIMEDOUT || now_ns() - start < 2 * MSEC;
}

static void
test_woken_then_nearer(void)
{
	static struct timespec ts;
	int bad = 0;

	far_away = &ts;
	for (int i = 0; i < 20; i++) {
		lwpid_t id;

		ts = (struct timespec){ 100000, 0 };
		id = spawn(park_far, &bad);
		lwp_await_parked(id);
		_lwp_unpark(id, NULL);
		join(id);
	}
	tap_is_int(bad, 0, "park.8 a deadline given up does not hide a nearer one");
}

static void
park_far_only(void *unused)
{
	struct timespec ts = { 100000, 0 };

	(void)unused;
	_lwp_park(CLOCK_MONOTONIC, 0, &ts, 0, NULL, NULL);
}

/* On one CPU both deadlines are in one queue. */
static void
test_far_and_near(void)
{
	lwpid_t id = spawn(park_far_only, NULL);
	int64_t start;
	int bad = 0;

	lwp_await_parked(id);
	for (int i = 0; i < 20; i++) {
		start = now_ns();
		bad += park_ns(MSEC) != ETIMEDOUT || now_ns() - start < MSEC;
	}
	_lwp_unpark(id, NULL);
	join(id);
	tap_is_int(bad, 0, "park.8 a deadline far away does not hide nearer ones");
}

int
main(void)
{
	test_never_early(CLOCK_MONOTONIC, 0, "monotonic, relative");
	test_never_early(CLOCK_MONOTONIC, TIMER_ABSTIME, "monotonic, absolute");
	test_never_early(CLOCK_REALTIME, 0, "real time, relative");
	test_never_early(CLOCK_REALTIME, TIMER_ABSTIME, "real time, absolute");
	test_resolution();
	test_old_call();
	test_many();
	test_early_timer();
	test_woken_then_nearer();
	test_far_and_near();
	return tap_done();
}
