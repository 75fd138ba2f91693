/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_wakeup: the end of a sleep, of this kind or the next.
 */
#include "test.h"

#define ROUNDS	300

static atomic_int	result;		/* errno of the sleep, -1: not back yet */
static atomic_int	after;		/* of a second one */
static atomic_bool	go;
static lwpid_t		wait_target;
static int		ends[2];

static void
parks(void *arg)
{
	(void)arg;
	atomic_store(&result, park());
	atomic_store(&after, park_ns(MSEC));
}

static void
naps(void *arg)
{
	struct timespec ts = { 1000, 0 };

	(void)arg;
	atomic_store(&result, error_of(nanosleep(&ts, NULL)));
}

static void
waits(void *arg)
{
	(void)arg;
	atomic_store(&result, error_of(_lwp_wait(wait_target, NULL)));
}

static void
reads(void *arg)
{
	char c;

	(void)arg;
	atomic_store(&result, error_of(read(ends[0], &c, 1)));
}

/* Start it and see it asleep; then wake it up; what its sleep returned. */
static int
wake_sleeper(void (*fn)(void *), int *error)
{
	lwpid_t id;

	atomic_store(&result, -1);
	id = spawn(fn, NULL);
	if (fn == parks)
		lwp_await_parked(id);
	else
		lwp_await(id, LSSLEEP, NULL);
	*error = error_of(_lwp_wakeup(id));
	join(id);
	return atomic_load(&result);
}

static void
live(void *arg)
{
	(void)arg;
	while (!atomic_load(&go))
		park();
}

static void
test_unknown(void)
{
	lwpid_t id = spawn(do_nothing, NULL);

	tap_is_errno(_lwp_wakeup(NO_SUCH_LWP), ESRCH, "wakeup.1 an unknown id");
	tap_is_errno(_lwp_wakeup(-1), ESRCH, "wakeup.1 a negative id");
	lwp_await_zombie(id);
	tap_is_errno(_lwp_wakeup(id), ESRCH, "wakeup.1 a zombie");
	join(id);
	tap_is_errno(_lwp_wakeup(id), ESRCH, "wakeup.1 one that is gone");
	tap_is_int(park_ns(MSEC), ETIMEDOUT, "wakeup.1 nothing is changed by that");
}

static void
test_sleepers(void)
{
	int error = -1;

	tap_is_int(wake_sleeper(parks, &error), EINTR, "wakeup.2 a park ends with EINTR");
	tap_is_int(error, 0, "wakeup.2 and the call gives 0");
	tap_is_int(atomic_load(&after), ETIMEDOUT, "wakeup.4 it leaves no token, and no second EINTR");
	tap_is_int(wake_sleeper(naps, &error), EINTR, "wakeup.2 a sleep by the clock ends with EINTR");
	atomic_store(&go, false);
	wait_target = spawn(live, NULL);
	tap_is_int(wake_sleeper(waits, &error), EINTR, "wait.7 a wait ends with EINTR");
	atomic_store(&go, true);
	_lwp_unpark(wait_target, NULL);
	tap_is_errno(_lwp_wait(wait_target, NULL), 0, "wait.7 and leaves what it waited for");
	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	tap_is_int(wake_sleeper(reads, &error), EINTR, "wakeup.2 a read from a pipe ends with EINTR");
	close(ends[0]);
	close(ends[1]);
}

static void
test_pending(void)
{
	lwpid_t me = _lwp_self();

	tap_is_errno(_lwp_wakeup(me), ENODEV, "wakeup.3 one that is not asleep: ENODEV");
	tap_is_int(park(), EINTR, "wakeup.3 its next sleep ends at once with EINTR");
	tap_is_int(park_ns(MSEC), ETIMEDOUT, "wakeup.3 and only that one");
	for (int i = 0; i < 5; i++)
		(void)_lwp_wakeup(me);
	tap_is_int(error_of(nanosleep(&(struct timespec){ 1000, 0 }, NULL)), EINTR, "wakeup.3 it may be any sleep");
	tap_is_int(park_ns(MSEC), ETIMEDOUT, "wakeup.3 at most one EINTR, however many calls");
	_lwp_unpark(me, NULL);
	(void)_lwp_wakeup(me);
	tap_is_int(park(), EALREADY, "wakeup.4 a token comes first");
	tap_is_int(park(), EINTR, "wakeup.4 and the cancel stays for the sleep that follows");
	tap_is_int(park_ns(MSEC), ETIMEDOUT, "wakeup.4 then neither is left");
}

/* Each wake-up, wherever the target is on its way into the sleep, gives exactly one EINTR. */
static atomic_int	turn, taken, wrong;

static void
take_turns(void *arg)
{
	(void)arg;
	for (int i = 1; i <= ROUNDS; i++) {
		int error;

		AWAIT(atomic_load(&turn) == i);
		spin((unsigned)(i % 15) * 20);
		error = park_ns(20 * NSEC);
		if (error != EINTR)
			atomic_fetch_add(&wrong, 1);
		/* When the call that woke us has returned, there must be nothing left of it. */
		AWAIT(atomic_load(&go));
		atomic_store(&go, false);
		if (i % 10 == 0 && park_ns(100 * USEC) != ETIMEDOUT)
			atomic_fetch_add(&wrong, 1);
		atomic_store(&taken, i);
	}
}

static void
test_race(void)
{
	int bad = 0;
	lwpid_t id;

	atomic_store(&go, false);
	id = spawn(take_turns, NULL);
	for (int i = 1; i <= ROUNDS; i++) {
		int error;

		atomic_store(&turn, i);
		spin((unsigned)(i / 15) * 20);
		error = error_of(_lwp_wakeup(id));
		bad += error != 0 && error != ENODEV && error != EBUSY;
		atomic_store(&go, true);
		AWAIT(atomic_load(&taken) == i);
	}
	join(id);
	tap_is_int(bad, 0, "wakeup.3 %d times near the way into a sleep: 0, ENODEV or EBUSY", ROUNDS);
	tap_is_int(atomic_load(&wrong), 0, "wakeup.3 and each time that sleep ends with EINTR, none is lost");
}

int
main(void)
{
	test_unknown();
	test_sleepers();
	test_pending();
	test_race();
	return tap_done();
}
