/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_park, both calls: arguments, order of the tests, results.
 */
#include <limits.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>

#include "test.h"

/* An LWP that parks once, as told, and keeps what came of it. */
static struct parker {
	lwpid_t		id;
	clockid_t	clock;
	int		flags;
	struct timespec	*ts;
	const void	*hint;
	bool		old;		/* call 320 */
	atomic_int	error;		/* -1: not back yet */
} parker;

static void
park_once(void *arg)
{
	struct parker *p = arg;

	if (p->old)
		atomic_store(&p->error, error_of(_lwp_park320(p->ts, (ucontext_t *)BAD_KERNEL, p->hint)));
	else
		atomic_store(&p->error, error_of(_lwp_park(p->clock, p->flags, p->ts, 0, p->hint, NULL)));
}

/* Start it, and see it parked. */
static void
start(clockid_t clock, int flags, struct timespec *ts, bool old)
{
	parker.clock = clock;
	parker.flags = flags;
	parker.ts = ts;
	parker.hint = &parker;
	parker.old = old;
	atomic_store(&parker.error, -1);
	parker.id = spawn(park_once, &parker);
	if (lwp_await_parked(parker.id) != 0)
		tap_diag("it does not park: error %d", atomic_load(&parker.error));
}

/* Unpark it; what its park returned. */
static int
finish(void)
{
	_lwp_unpark(parker.id, parker.hint);
	join(parker.id);
	return atomic_load(&parker.error);
}

static void
fill_token(void)
{
	if (_lwp_unpark(_lwp_self(), NULL) != 0)
		tap_bail("unpark of self: %s", strerror(errno));
}

static void
test_wake(void)
{
	struct timespec ts;

	start(CLOCK_MONOTONIC, 0, NULL, false);
	tap_is_int(finish(), 0, "park.2 without a deadline it sleeps until unparked: 0");
	ts = (struct timespec){ 1000, 0 };
	start(CLOCK_MONOTONIC, 0, &ts, false);
	tap_is_int(finish(), 0, "park.2 with a relative deadline too");
	ts = clock_in(CLOCK_REALTIME, 1000 * NSEC);
	start(CLOCK_REALTIME, TIMER_ABSTIME, &ts, false);
	tap_is_int(finish(), 0, "park.2 with an absolute one too");
	tap_is_int(park_ns(MSEC), ETIMEDOUT, "park.2 or until the deadline: ETIMEDOUT");
}

static void
test_token(void)
{
	struct timespec ts;

	fill_token();
	tap_is_int(park(), EALREADY, "park.1 a full token: EALREADY, no sleep");
	tap_is_int(park_ns(USEC), ETIMEDOUT, "park.1 the token is then empty");
	fill_token();
	ts = clock_in(CLOCK_MONOTONIC, -1);
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0, NULL, NULL), ETIMEDOUT,
	    "park.1 a deadline that has passed comes before the token");
	tap_ok(token_full(), "park.1 and leaves it full");
	fill_token();
	ts = (struct timespec){ 0, NSEC };
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, &ts, 0, NULL, NULL), EINVAL, "park.1 arguments are checked first");
	tap_is_errno(_lwp_park(7, 0, NULL, 0, NULL, NULL), EINVAL, "park.1 the clock too");
	tap_is_errno(_lwp_park(0, 0, (struct timespec *)BAD_LOW, 0, NULL, NULL), EFAULT, "park.1 and the pointer");
	tap_ok(token_full(), "park.1 an error leaves the token full");
}

/* In what order 478 does things: arguments, unpark, deadline, token. */
static void
test_order(void)
{
	struct timespec ts = { 0, -1 };

	start(CLOCK_MONOTONIC, 0, NULL, false);
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, &ts, parker.id, NULL, NULL), EINVAL,
	    "park.1 with bad arguments");
	tap_is_errno(_lwp_park(2, 0, NULL, parker.id, NULL, NULL), EINVAL, "park.1 of any kind");
	tap_is_errno(_lwp_park(3, 2, NULL, parker.id, NULL, NULL), EINVAL, "park.1 whatever they are");
	tap_is_int(lwp_await_parked(parker.id), 0, "park.1 the other is not unparked");
	ts = clock_in(CLOCK_MONOTONIC, -NSEC);
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, parker.id, NULL, parker.hint), ETIMEDOUT,
	    "park.1 a deadline in the past is looked at");
	join(parker.id);
	tap_is_int(atomic_load(&parker.error), 0, "park.1 after the unpark");
	start(CLOCK_MONOTONIC, 0, NULL, false);
	fill_token();
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, NULL, parker.id, NULL, NULL), EALREADY, "park.1 the token also");
	join(parker.id);
	tap_is_int(atomic_load(&parker.error), 0, "park.1 after it");
}

static void
test_folded(void)
{
	lwpid_t me = _lwp_self();

	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, NULL, NO_SUCH_LWP, NULL, NULL), ESRCH,
	    "park.9 an unpark that fails: its error, no sleep");
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, NULL, -5, NULL, NULL), ESRCH, "park.9 a negative id too");
	fill_token();
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, NULL, NO_SUCH_LWP, NULL, NULL), ESRCH, "park.9 before the token");
	tap_ok(token_full(), "park.9 which it keeps");
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, NULL, me, NULL, NULL), EALREADY,
	    "park.9 oneself: a token, and back");
	tap_ok(token_empty(), "park.9 which is spent");
	start(CLOCK_MONOTONIC, 0, NULL, false);
	tap_is_errno(_lwp_park(CLOCK_MONOTONIC, 0, &(struct timespec){ 0, USEC }, parker.id, NULL, NULL), ETIMEDOUT,
	    "park.9 unpark another and sleep");
	join(parker.id);
	tap_is_int(atomic_load(&parker.error), 0, "park.9 the other was woken");
}

static void
test_old(void)
{
	struct timespec ts;
	struct timespec now;

	start(0, 0, NULL, true);
	tap_is_int(finish(), 0, "park.5 320 without a deadline, uc ignored");
	ts = clock_in(CLOCK_REALTIME, 1000 * NSEC);
	start(0, 0, &ts, true);
	tap_is_int(finish(), 0, "park.5 with one far away");
	ts = clock_in(CLOCK_REALTIME, 3 * MSEC);
	tap_is_errno(_lwp_park320(&ts, NULL, NULL), ETIMEDOUT, "park.5 its deadline is absolute, CLOCK_REALTIME");
	clock_gettime(CLOCK_REALTIME, &now);
	tap_ok(timespeccmp(&now, &ts, >=), "park.5 and is slept for");
	ts = (struct timespec){ 5, 0 };
	tap_is_errno(_lwp_park320(&ts, NULL, NULL), ETIMEDOUT, "park.5 5 seconds are long past");
	fill_token();
	tap_is_errno(_lwp_park320(NULL, NULL, NULL), EALREADY, "park.5 it takes the token");
	ts.tv_nsec = NSEC;
	tap_is_errno(_lwp_park320(&ts, NULL, NULL), EINVAL, "park.7 320: tv_nsec 10^9");
	tap_is_errno(_lwp_park320((struct timespec *)BAD_KERNEL, NULL, NULL), EFAULT, "park.7 320: ts unreadable");
}

static void
test_clock_and_flags(void)
{
	static const int clocks[] = { 1, 2, 4, -1, INT_MAX, INT_MIN, CLOCK_THREAD_CPUTIME_ID };
	static const int flags[] = { 2, 3, 4, -1, INT_MIN, 0x10000 };
	struct timespec ts = { 0, 1 };
	int bad = 0;

	for (size_t i = 0; i < __arraycount(clocks); i++) {
		bad += error_of(_lwp_park(clocks[i], 0, &ts, 0, NULL, NULL)) != EINVAL;
		bad += error_of(_lwp_park(clocks[i], TIMER_ABSTIME, NULL, 0, NULL, NULL)) != EINVAL;
	}
	tap_is_int(bad, 0, "park.6 other clocks give EINVAL");
	bad = 0;
	for (size_t i = 0; i < __arraycount(flags); i++) {
		bad += error_of(_lwp_park(CLOCK_MONOTONIC, flags[i], &ts, 0, NULL, NULL)) != EINVAL;
		bad += error_of(_lwp_park(CLOCK_REALTIME, flags[i], NULL, 0, NULL, NULL)) != EINVAL;
	}
	tap_is_int(bad, 0, "park.6 other flags give EINVAL");
	tap_is_int(ts.tv_nsec, 1, "park.6 and leave ts as it was");
}

static void
test_write_back(void)
{
	static struct timespec ts;
	struct timespec before;

	ts = (struct timespec){ 1000, 7 };
	start(CLOCK_MONOTONIC, 0, &ts, false);
	finish();
	tap_ok(ts.tv_sec >= 900 && (ts.tv_sec < 1000 || (ts.tv_sec == 1000 && ts.tv_nsec < 7)) && ts.tv_nsec >= 0 &&
	    ts.tv_nsec < NSEC, "park.6 relative: the time left is written back");
	ts = (struct timespec){ 0, MSEC };
	_lwp_park(CLOCK_REALTIME, 0, &ts, 0, NULL, NULL);
	tap_ok(ts.tv_sec == 0 && ts.tv_nsec == 0, "park.6 which is 0 after the deadline");
	before = ts = clock_in(CLOCK_MONOTONIC, MSEC);
	_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0, NULL, NULL);
	tap_ok(memcmp(&ts, &before, sizeof(ts)) == 0, "park.6 an absolute one is left as it is");
	ts = (struct timespec){ 50, 5 };
	fill_token();
	tap_ok(_lwp_park(CLOCK_MONOTONIC, 0, &ts, 0, NULL, NULL) == -1 && errno == EALREADY && ts.tv_sec >= 40 &&
	    ts.tv_sec <= 50, "park.6 with a token there is time left, and the error stays");
}

static void
test_invalid_times(void)
{
	static const long nsec[] = { -1, NSEC, NSEC + 1, LONG_MAX, LONG_MIN };
	static void *const unreadable[] = { BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP };
	char *edge = map_edge(1, PROT_READ | PROT_WRITE) + PAGE_SIZE;
	int bad = 0;

	for (size_t i = 0; i < __arraycount(nsec); i++) {
		for (int flags = 0; flags <= TIMER_ABSTIME; flags++) {
			struct timespec ts = { flags != 0 ? LONG_MAX : 0, nsec[i] };

			bad += error_of(_lwp_park(CLOCK_MONOTONIC, flags, &ts, 0, NULL, NULL)) != EINVAL;
			ts.tv_sec = -1;
			bad += error_of(_lwp_park(CLOCK_REALTIME, flags, &ts, 0, NULL, NULL)) != EINVAL;
		}
	}
	tap_is_int(bad, 0, "park.7 tv_nsec outside 0 to 10^9 - 1 gives EINVAL");
	bad = 0;
	for (size_t i = 0; i < __arraycount(unreadable); i++)
		bad += error_of(_lwp_park(CLOCK_MONOTONIC, 0, unreadable[i], 0, NULL, NULL)) != EFAULT;
	bad += error_of(_lwp_park(CLOCK_MONOTONIC, 0, (struct timespec *)(void *)(edge - 8), 0, NULL, NULL)) != EFAULT;
	tap_is_int(bad, 0, "park.7 ts unreadable gives EFAULT");
}

static void
test_past(void)
{
	static const time_t past[] = { 0, -1, -1000000, LONG_MIN };
	int bad = 0;

	fill_token();
	for (size_t i = 0; i < __arraycount(past); i++) {
		for (int flags = 0; flags <= TIMER_ABSTIME; flags++) {
			struct timespec ts = { past[i], 0 };

			bad += error_of(_lwp_park(CLOCK_MONOTONIC, flags, &ts, 0, NULL, NULL)) != ETIMEDOUT;
			ts = (struct timespec){ past[i], 0 };
			bad += error_of(_lwp_park(CLOCK_REALTIME, flags, &ts, 0, NULL, NULL)) != ETIMEDOUT;
		}
	}
	tap_is_int(bad, 0, "park.7 zero or negative time left gives ETIMEDOUT at once");
	tap_ok(token_full(), "park.1 and the token is kept");
}

static void
test_short_and_long(void)
{
	static const time_t far[] = { 1000000000L, 9223372036L, 9223372037L, 1L << 40, LONG_MAX };
	static struct timespec ts;
	int bad = 0;

	for (long ns = 1; ns <= 999; ns += 7)
		bad += park_ns(ns) != ETIMEDOUT;
	tap_is_int(bad, 0, "park.7 times under a microsecond end");
	bad = 0;
	for (size_t i = 0; i < __arraycount(far); i++) {
		for (int flags = 0; flags <= TIMER_ABSTIME; flags++) {
			ts = (struct timespec){ far[i], NSEC - 1 };
			start(flags != 0 && i % 2 != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, flags, &ts, false);
			if (finish() != 0) {
				tap_diag("tv_sec %ld flags %d: error %d", (long)far[i], flags,
				    atomic_load(&parker.error));
				bad++;
			}
		}
	}
	tap_is_int(bad, 0, "park.7 times that overflow nothing: they are slept for until unparked");
}

/* With somebody parked there is more for the kernel to look at than at the end of a test. */
static int
broken_invariants(void)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_INVARIANTS };
	size_t len = sizeof(int);
	int broken = 0;

	return sysctl(name, 2, &broken, &len, NULL, 0) == 0 ? broken : 0;
}

static void
test_hints(void)
{
	static const unsigned long hints[] = { 0, 1, 64, 4096, 0x7f7fffffffffUL, 0xffffffff80000000UL, ~0UL };
	int bad = 0;

	for (size_t i = 0; i < __arraycount(hints); i++) {
		for (size_t j = 0; j < __arraycount(hints); j++) {
			parker.hint = (void *)hints[i];
			parker.clock = CLOCK_MONOTONIC;
			parker.flags = 0;
			parker.ts = NULL;
			parker.old = (i + j) % 2 == 0;
			atomic_store(&parker.error, -1);
			parker.id = spawn(park_once, &parker);
			bad += lwp_await_parked(parker.id) != 0;
			if (j == 0)
				bad += broken_invariants();
			bad += _lwp_unpark(parker.id, (void *)hints[j]) != 0;
			join(parker.id);
			bad += atomic_load(&parker.error) != 0;
		}
	}
	tap_is_int(bad, 0, "park.10 any hint wakes a parker with any hint");
}

int
main(void)
{
	test_wake();
	test_token();
	test_order();
	test_folded();
	test_old();
	test_clock_and_flags();
	test_write_back();
	test_invalid_times();
	test_past();
	test_short_and_long();
	test_hints();
	return tap_done();
}
