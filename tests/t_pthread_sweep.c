/* SPDX-License-Identifier: BSD-2-Clause */
/* icount: 1 2 */
/*
 * POSIX threads: cancellation at every offset.
 *
 * In deterministic time an instruction takes a nanosecond.  A thread wakes at a set moment, goes to a point of
 * cancellation and waits there for ever; it is cancelled a number of nanoseconds after that moment, which
 * grows from round to round, until it is past all that leads into the wait.  On one CPU the one that cancels
 * is a real-time thread, so that its timer interrupts the other at that instruction; on two it runs beside it.
 * Whenever it comes: the thread ends, its cleanup handler has run, and nobody is left with a mutex.
 */
#include "cancel_points.h"

#define LEAD_NS		(100 * USEC)	/* from the start of a round until the thread wakes */
#define STEP		11		/* nanoseconds from offset to offset, a prime */
#define WIDTH		6000		/* longer than any way from the wake-up into the wait */
#define REAL_TIME	20

static int64_t		begin_at;
static atomic_int	cleaned, id, there;
static int		early, asleep;	/* cancelled before it was awake; when it slept in the point */

static void
clean(void *arg)
{
	atomic_fetch_add((atomic_int *)arg, 1);
}

static void
sleep_until(int64_t when)
{
	struct timespec ts = { when / NSEC, when % NSEC };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void *
go_there(void *arg)
{
	const struct point *p = arg;

	pthread_cleanup_push(clean, &cleaned);
	atomic_store(&id, _lwp_self());
	sleep_until(begin_at);
	atomic_store(&there, 1);
	p->fn();
	pthread_cleanup_pop(0);
	return NULL;
}

/* What the sweep meets, so that it is known not to miss it. */
static void
look(void)
{
	struct kinfo_lwp kl;

	if (!atomic_load(&there))
		early++;
	else if (lwp_info(atomic_load(&id), &kl) == 0 && kl.l_stat == LSSLEEP)
		asleep++;
}

static bool
cancelled_after(const struct point *p, int64_t offset, bool looking)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	atomic_store(&cleaned, 0);
	atomic_store(&there, 0);
	begin_at = now_ns() + LEAD_NS;
	t = begin_with(&attr, go_there, __UNCONST(p));
	if (heddle_ncpu() > 1)
		bind_cpu(_lwp_self(), 0);
	sleep_until(begin_at + offset);
	if (looking)
		look();
	return pthread_cancel(t) == 0 && end(t) == PTHREAD_CANCELED && atomic_load(&cleaned) == 1;
}

static void
sweep(const struct point *p)
{
	int64_t offset, failed = -1;

	early = asleep = 0;
	for (offset = 0; offset < WIDTH && failed == -1; offset += STEP) {
		if (!cancelled_after(p, offset, false))
			failed = offset;
	}
	tap_is_int(failed, -1, "pthread_cancel.2 %s: cancelled at each of %d offsets", p->name, WIDTH / STEP);
	cancelled_after(p, 0, true);
	cancelled_after(p, WIDTH, true);
	tap_ok(early == 1 && asleep == 1, "which begin before it and end in its wait");
}

int
main(void)
{
	struct sched_param sp = { REAL_TIME };

	prepare_points();
	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &sp) != 0)
		tap_bail("pthread_setschedparam");
	for (size_t i = 0; i < __arraycount(points); i++) {
		if (points[i].waits)
			sweep(&points[i]);
	}
	tap_is_int(pthread_mutex_trylock(&m), 0, "and nobody has the mutex");
	pthread_mutex_unlock(&m);
	kill(child, SIGKILL);
	return tap_done();
}
