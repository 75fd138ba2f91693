/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 32 */
/*
 * The scheduler as programs see it: classes, order, affinity, preemption,
 * spreading over CPUs.
 */
#include "test.h"

#define RUNNERS		4
#define ROUNDS		10
#define HIGH		30	/* priority of the LWP that arranges things */

static atomic_bool	stop;
static atomic_int	ntrace;
static int		trace[RUNNERS * ROUNDS + RUNNERS];
static int		numbers[RUNNERS] = { 0, 1, 2, 3 };
static atomic_long	progress[RUNNERS];

/* Main on CPU 0 above all others, so that it decides who runs and when. */
static void
take_cpu0(void)
{
	bind_cpu(_lwp_self(), 0);
	set_class(_lwp_self(), SCHED_FIFO, HIGH);
}

static void
let_go(void)
{
	cpuset_t set;

	memset(&set, 0xff, sizeof(set));
	memset(set.bits + 1, 0, sizeof(set) - sizeof(set.bits[0]));
	set.bits[0] = (uint32_t)((1UL << heddle_ncpu()) - 1);
	set_class(_lwp_self(), SCHED_OTHER, -1);
	if (_sched_setaffinity(0, _lwp_self(), sizeof(set), &set) != 0)
		tap_bail("_sched_setaffinity: %s", strerror(errno));
}

static void
test_parameters(void)
{
	struct sched_param sp = { .sched_priority = 5 };
	int policy = -1, bad = 0;

	set_class(_lwp_self(), SCHED_RR, 63);
	tap_is_errno(_sched_getparam(0, _lwp_self(), &policy, &sp), 0, "sched parameters can be asked");
	tap_ok(policy == SCHED_RR && sp.sched_priority == 63, "sched and are what was set");
	set_class(_lwp_self(), SCHED_FIFO, 0);
	_sched_getparam(0, _lwp_self(), &policy, &sp);
	tap_ok(policy == SCHED_FIFO && sp.sched_priority == 0, "sched from the lowest priority to the highest");
	sp.sched_priority = 64;
	bad += error_of(_sched_setparam(0, _lwp_self(), SCHED_FIFO, &sp)) != EINVAL;
	sp.sched_priority = -2;
	bad += error_of(_sched_setparam(0, _lwp_self(), SCHED_RR, &sp)) != EINVAL;
	sp.sched_priority = 1;
	bad += error_of(_sched_setparam(0, _lwp_self(), 3, &sp)) != EINVAL;
	bad += error_of(_sched_setparam(0, _lwp_self(), 1000, &sp)) != EINVAL;
	bad += error_of(_sched_setparam(0, NO_SUCH_LWP, SCHED_RR, &sp)) != ESRCH;
	bad += error_of(_sched_getparam(0, NO_SUCH_LWP, &policy, &sp)) != ESRCH;
	bad += error_of(_sched_setparam(0, _lwp_self(), SCHED_RR, BAD_KERNEL)) != EFAULT;
	bad += error_of(_sched_getparam(0, _lwp_self(), &policy, BAD_KERNEL)) != EFAULT;
	tap_is_int(bad, 0, "sched bad classes, priorities, ids and pointers are refused");
	_sched_getparam(0, _lwp_self(), &policy, &sp);
	tap_is_int(policy, SCHED_FIFO, "sched and change nothing");
	let_go();
}

static void
test_affinity(void)
{
	cpuset_t set, got;
	struct kinfo_lwp kl;
	int bad = 0, n = heddle_ncpu();

	for (int round = 0; round < 3; round++) {
		for (int cpu = 0; cpu < n; cpu++) {
			bind_cpu(_lwp_self(), cpu);
			lwp_info(_lwp_self(), &kl);
			bad += kl.l_cpuid != (uint64_t)cpu;
			memset(&got, 0xff, sizeof(got));
			_sched_getaffinity(0, _lwp_self(), sizeof(got), &got);
			bad += got.bits[0] != 1U << cpu || got.bits[1] != 0;
		}
	}
	tap_is_int(bad, 0, "sched an LWP runs on the CPU that it is bound to, and is told so");
	memset(&set, 0, sizeof(set));
	tap_is_errno(_sched_setaffinity(0, _lwp_self(), sizeof(set), &set), EINVAL, "sched an empty set is refused");
	set.bits[n / 32] = 1U << n % 32;
	tap_is_errno(_sched_setaffinity(0, _lwp_self(), sizeof(set), &set), EINVAL,
	    "sched a CPU that is not there too");
	tap_is_errno(_sched_setaffinity(0, _lwp_self(), sizeof(set), BAD_KERNEL), EFAULT, "sched an unreadable set");
	set.bits[0] = 1;
	tap_is_errno(_sched_setaffinity(0, NO_SUCH_LWP, sizeof(set), &set), ESRCH, "sched an unknown LWP");
	let_go();
}

static void
spinner(void *arg)
{
	int me = *(int *)arg;

	while (!atomic_load(&stop))
		atomic_fetch_add(&progress[me], 1);
}

/* Wait until LWP number n has come on. */
static void
await_progress(int n)
{
	long was = atomic_load(&progress[n]);

	AWAIT(atomic_load(&progress[n]) > was + 10);
}

static void
test_move(void)
{
	struct kinfo_lwp kl;
	lwpid_t id;

	atomic_store(&stop, false);
	id = spawn(spinner, &numbers[0]);
	for (int i = 0; i < 12; i++) {
		int cpu = i % heddle_ncpu();

		bind_cpu(id, cpu);
		await_progress(0);
		AWAIT(lwp_info(id, &kl) == 0 && kl.l_cpuid == (uint64_t)cpu);
	}
	atomic_store(&stop, true);
	join(id);
	tap_pass("sched a running LWP moves when its set of CPUs changes");
}

static void
yielder(void *arg)
{
	int me = *(int *)arg;

	for (int i = 0; i < ROUNDS; i++) {
		trace[atomic_fetch_add(&ntrace, 1)] = me;
		sched_yield();
	}
}

static void
test_yield_order(void)
{
	lwpid_t ids[RUNNERS];
	int bad = 0;

	take_cpu0();
	atomic_store(&ntrace, 0);
	for (int i = 0; i < RUNNERS; i++) {
		ids[i] = spawn(yielder, &numbers[i]);
		set_class(ids[i], SCHED_FIFO, 5);
	}
	for (int i = 0; i < RUNNERS; i++)
		join(ids[i]);
	for (int i = 0; i < RUNNERS * ROUNDS; i++)
		bad += trace[i] != trace[i % RUNNERS];
	bad += trace[0] == trace[1] || trace[1] == trace[2] || trace[2] == trace[3] || trace[0] == trace[2] ||
	    trace[0] == trace[3] || trace[1] == trace[3];
	tap_is_int(bad, 0, "sched yield: LWPs of one priority come by in turn");
	let_go();
}

static void
runner(void *arg)
{
	int64_t until = now_ns() + 25 * MSEC;
	int me = *(int *)arg;

	trace[atomic_fetch_add(&ntrace, 1)] = me;
	/* More than two time slices. */
	while (now_ns() < until)
		spin(10);
	trace[atomic_fetch_add(&ntrace, 1)] = me;
}

static void
test_fifo(void)
{
	lwpid_t ids[3];

	take_cpu0();
	atomic_store(&ntrace, 0);
	for (int i = 0; i < 3; i++) {
		ids[i] = spawn(runner, &numbers[i]);
		set_class(ids[i], SCHED_FIFO, i == 2 ? 9 : 5);
	}
	for (int i = 0; i < 3; i++)
		join(ids[i]);
	tap_ok(trace[0] == 2 && trace[1] == 2, "sched FIFO: the higher priority runs first, whenever it came");
	tap_ok(trace[2] == trace[3] && trace[4] == trace[5] && trace[2] != trace[4],
	    "sched FIFO: no time slice among equals (%d %d %d %d)", trace[2], trace[3], trace[4], trace[5]);
	let_go();
}

/* Three that never yield, of one class on one CPU; each must come on again and again. */
static void
test_slices(int class, int priority, const char *name)
{
	lwpid_t ids[3];

	bind_cpu(_lwp_self(), 0);
	if (class != SCHED_OTHER)
		set_class(_lwp_self(), SCHED_FIFO, HIGH);
	atomic_store(&stop, false);
	for (int i = 0; i < 3; i++) {
		ids[i] = spawn(spinner, &numbers[i]);
		set_class(ids[i], class, priority);
	}
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++) {
			long was = atomic_load(&progress[i]);

			/* Sleep, so that they have the CPU. */
			while (atomic_load(&progress[i]) == was)
				nanosleep(&(struct timespec){ 0, 2 * MSEC }, NULL);
		}
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 3; i++)
		join(ids[i]);
	tap_pass("sched %s: LWPs that never yield share a CPU", name);
	let_go();
}

static void
test_preemption(void)
{
	lwpid_t ids[RUNNERS];
	int n = heddle_ncpu() < RUNNERS ? heddle_ncpu() : RUNNERS;
	int64_t late = 0;

	/* All CPUs busy with spinners: one that sleeps still gets a CPU when its time comes. */
	atomic_store(&stop, false);
	for (int i = 0; i < n; i++)
		ids[i] = spawn(spinner, &numbers[i]);
	for (int i = 0; i < 10; i++) {
		int64_t deadline = now_ns() + 2 * MSEC;

		nanosleep(&(struct timespec){ 0, 2 * MSEC }, NULL);
		if (now_ns() - deadline > late)
			late = now_ns() - deadline;
	}
	atomic_store(&stop, true);
	for (int i = 0; i < n; i++)
		join(ids[i]);
	tap_pass("sched a sleeper preempts spinners (%lld us late at most)", (long long)late / 1000);
}

/* Ends the spinner; gets the CPU only if it preempts it. */
static void
high_runner(void *arg)
{
	if (arg == NULL)
		(void)park();
	else
		(void)park_ns(*(int64_t *)arg);
	atomic_store(&stop, true);
}

static lwpid_t	high;

static void
low_runner(void *arg)
{
	(void)arg;
	_lwp_unpark(high, NULL);
	while (!atomic_load(&stop))
		spin(10);
}

static void
low_spinner(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop))
		spin(10);
}

/* All on one CPU and in SCHED_FIFO: whoever does not preempt the spinner waits for ever. */
static void
test_wakeup_preempts(void)
{
	int64_t time = 3 * MSEC;
	lwpid_t low;

	for (int by_timer = 0; by_timer <= 1; by_timer++) {
		take_cpu0();
		atomic_store(&stop, false);
		high = spawn(high_runner, by_timer ? &time : NULL);
		set_class(high, SCHED_FIFO, 20);
		low = spawn(by_timer ? low_spinner : low_runner, NULL);
		set_class(low, SCHED_FIFO, 10);
		join(low);
		join(high);
		tap_pass("sched FIFO: woken by %s, the better one preempts a spinner",
		    by_timer ? "the clock" : "the spinner itself");
		let_go();
	}
}

/* As many spinners as CPUs, all created here: after a while each has a CPU of its own. */
static void
test_spread(void)
{
	int n = heddle_ncpu() < RUNNERS ? heddle_ncpu() : RUNNERS;
	lwpid_t ids[RUNNERS];
	int spread = 0;

	atomic_store(&stop, false);
	for (int i = 0; i < n; i++)
		ids[i] = spawn(spinner, &numbers[i]);
	for (int tries = 0; tries < 2000 && spread < n; tries++) {
		uint64_t cpus = 0;

		/* We sleep, so that there is a CPU for each of them. */
		nanosleep(&(struct timespec){ 0, MSEC }, NULL);
		spread = 0;
		for (int i = 0; i < n; i++) {
			struct kinfo_lwp kl;

			if (lwp_info(ids[i], &kl) == 0 && (cpus & 1UL << kl.l_cpuid) == 0)
				spread++;
			cpus |= 1UL << kl.l_cpuid;
		}
	}
	atomic_store(&stop, true);
	for (int i = 0; i < n; i++)
		join(ids[i]);
	tap_is_int(spread, n, "sched idle CPUs take work from busy ones");
}

/* --- An idle CPU takes whoever waits for a busy one, however it came to wait. --- */

#define BOTH_CPUS	3U
#define ALL_FOUR	0xfU
#define PATIENCE	(20 * NSEC)

static void
allow_cpus(lwpid_t id, uint32_t bits)
{
	cpuset_t set = { { bits } };

	if (_sched_setaffinity(0, id, sizeof(set), &set) != 0)
		tap_bail("_sched_setaffinity: %s", strerror(errno));
}

/* Occupy this CPU, without a system call, until LWP 0 of `progress' comes on. */
static bool
busy_until_progress(long was)
{
	int64_t end = now_ns() + PATIENCE;

	while (atomic_load(&progress[0]) == was && now_ns() < end)
		spin(10);
	return atomic_load(&progress[0]) != was;
}

static void
suspended_spinner(void *arg)
{
	_lwp_suspend(_lwp_self());
	spinner(arg);
}

static void
parked_spinner(void *arg)
{
	park();
	spinner(arg);
}

/* `fn' stops on CPU 0 and may run on both; `wake' makes it go on while we keep CPU 0 busy. */
static void
wake_beside(void (*fn)(void *), int (*wake)(lwpid_t), int stat, const char *text)
{
	long was = atomic_load(&progress[0]);
	lwpid_t id;
	bool ran;

	atomic_store(&stop, false);
	bind_cpu(_lwp_self(), 0);
	id = spawn(fn, &numbers[0]);
	lwp_await(id, stat, NULL);
	allow_cpus(id, BOTH_CPUS);
	set_class(_lwp_self(), SCHED_FIFO, HIGH);
	wake(id);
	ran = busy_until_progress(was);
	atomic_store(&stop, true);
	set_class(_lwp_self(), SCHED_OTHER, -1);
	join(id);
	tap_ok(ran, "sched %s beside a busy CPU runs on an idle one", text);
	let_go();
}

static int
unpark(lwpid_t id)
{
	return _lwp_unpark(id, NULL);
}

/* One of a real-time class goes where a time-sharing one runs, if its own CPU is better occupied. */
static void
test_real_time_beside(void)
{
	long was = atomic_load(&progress[0]);
	lwpid_t low, id;
	bool ran;

	atomic_store(&stop, false);
	bind_cpu(_lwp_self(), 0);
	id = spawn(parked_spinner, &numbers[0]);
	lwp_await_parked(id);
	set_class(id, SCHED_FIFO, 10);
	allow_cpus(id, BOTH_CPUS);
	low = spawn(spinner, &numbers[1]);
	bind_cpu(low, 1);
	await_progress(1);
	set_class(_lwp_self(), SCHED_FIFO, HIGH);
	_lwp_unpark(id, NULL);
	ran = busy_until_progress(was);
	atomic_store(&stop, true);
	set_class(_lwp_self(), SCHED_OTHER, -1);
	join(id);
	join(low);
	tap_ok(ran, "sched FIFO: one that cannot have its CPU takes one from a time-sharing LWP");
	let_go();
}

static atomic_bool	occupied;

static void
occupy(void *arg)
{
	(void)arg;
	atomic_store(&occupied, true);
	while (!atomic_load(&stop))
		spin(10);
}

/* One is driven from CPU 0 by a better one, and CPU 1 is idle. */
static void
test_driven_away(void)
{
	int64_t end = now_ns() + PATIENCE;
	lwpid_t id, better;
	long was;

	atomic_store(&stop, false);
	atomic_store(&occupied, false);
	id = spawn(spinner, &numbers[0]);
	bind_cpu(id, 0);
	await_progress(0);
	allow_cpus(id, BOTH_CPUS);
	better = spawn(occupy, NULL);
	bind_cpu(better, 0);
	set_class(better, SCHED_FIFO, 10);
	AWAIT(atomic_load(&occupied));
	was = atomic_load(&progress[0]);
	/* We sleep: but for us CPU 1 has nothing to do. */
	while (atomic_load(&progress[0]) <= was + 1 && now_ns() < end)
		nanosleep(&(struct timespec){ 0, MSEC }, NULL);
	tap_ok(atomic_load(&progress[0]) > was + 1, "sched one that is driven from its CPU goes on on an idle one");
	atomic_store(&stop, true);
	join(id);
	join(better);
}

/* --- Two that lose their CPUs at one instant, and two CPUs that are idle. --- */

#define INSTANT		(30 * MSEC)	/* from here: both sleep by then */
#define LATE		(4 * NSEC)
#define TWO_ROUNDS	25

static atomic_int	arrived;
static struct timespec	instant;

/* Takes CPU 0 or 1 at the instant, and keeps it. */
static void
driver(void *arg)
{
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &instant, NULL);
	atomic_fetch_add(&arrived, 1);
	occupy(arg);
}

/* The same, and tells whether both that were driven away came on.  No system call, which could wake a CPU. */
static void
watching_driver(void *arg)
{
	bool *both = arg;
	long was0, was1;
	int64_t end;

	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &instant, NULL);
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < 2)
		spin(10);
	was0 = atomic_load(&progress[0]);
	was1 = atomic_load(&progress[1]);
	end = now_ns() + LATE;
	do
		*both = atomic_load(&progress[0]) > was0 + 1 && atomic_load(&progress[1]) > was1 + 1;
	while (!*both && now_ns() < end);
	atomic_store(&stop, true);
}

static bool
drive_two_away(void)
{
	lwpid_t ids[4];
	bool both = false;

	atomic_store(&stop, false);
	atomic_store(&arrived, 0);
	for (int i = 0; i < 2; i++) {
		ids[i] = spawn(spinner, &numbers[i]);
		bind_cpu(ids[i], i);
		await_progress(i);
	}
	instant = clock_in(CLOCK_MONOTONIC, INSTANT);
	for (int i = 2; i < 4; i++) {
		ids[i] = i == 2 ? spawn(watching_driver, &both) : spawn(driver, NULL);
		bind_cpu(ids[i], i - 2);
		set_class(ids[i], SCHED_FIFO, 10);
	}
	for (int i = 0; i < 2; i++)
		allow_cpus(ids[i], ALL_FOUR);
	/* Until it is over we sleep: a CPU that we left would look for work. */
	for (int i = 2; i < 4; i++)
		join(ids[i]);
	for (int i = 0; i < 2; i++)
		join(ids[i]);
	return both;
}

static void
test_two_at_once(void)
{
	int bad = 0;

	if (heddle_ncpu() < 4) {
		tap_skip(1, "there are fewer than four CPUs");
		return;
	}
	for (int i = 0; i < TWO_ROUNDS && bad == 0; i++)
		bad += !drive_two_away();
	tap_is_int(bad, 0, "sched two that are driven from their CPUs at once go on on two idle ones");
}

static void
test_idle_cpus(void)
{
	if (heddle_ncpu() < 2) {
		tap_skip(4, "there is one CPU");
		return;
	}
	wake_beside(suspended_spinner, _lwp_continue, LSSUSPENDED, "an LWP that is continued");
	wake_beside(parked_spinner, unpark, LSSLEEP, "an LWP that is unparked");
	test_real_time_beside();
	test_driven_away();
}

/* --- One that has sunk has its turn all the same. --- */

#define HOGS		2		/* each makes the other one sink */
#define HOGS_SINK	(400 * MSEC)
#define SHORT_LIFE	(15 * MSEC)	/* more than a slice: who waits for it rises */

static void
live_short(void *arg)
{
	int64_t end = now_ns() + SHORT_LIFE;

	(void)arg;
	while (now_ns() < end)
		continue;
}

static bool
all_came_on(const long was[HOGS])
{
	int n = 0;

	for (int i = 0; i < HOGS; i++)
		n += atomic_load(&progress[i]) != was[i];
	return n == HOGS;
}

/*
 * On one CPU, LWPs that live for a moment, and who makes them and waits for them: none of them sinks.  Those that
 * compute have sunk.
 */
static void
test_sunk(void)
{
	int64_t start;
	lwpid_t hogs[HOGS];
	long was[HOGS];

	bind_cpu(_lwp_self(), 0);
	atomic_store(&stop, false);
	for (int i = 0; i < HOGS; i++)
		hogs[i] = spawn(spinner, &numbers[i]);
	nanosleep(&(struct timespec){ 0, HOGS_SINK }, NULL);
	start = now_ns();
	for (int i = 0; i < HOGS; i++)
		was[i] = atomic_load(&progress[i]);
	/* Their turns come after 16 slices each, which is about 11 lives. */
	for (int i = 0; i < 100 && !all_came_on(was); i++)
		join(spawn(live_short, NULL));
	tap_ok(all_came_on(was), "sched who has sunk has its turn, whoever else there is");
	tap_diag("after %d ms", (int)((now_ns() - start) / MSEC));
	atomic_store(&stop, true);
	for (int i = 0; i < HOGS; i++)
		join(hogs[i]);
}

/* --- One who is preempted in the middle of waking another, and the idle CPU that he was about to tell. --- */

#define CUTS		150
#define CUT_IN		(MSEC / 2)
#define CUT_STEPS	20	/* so many points before the cut at which he begins */
#define CUT_STEP	500	/* ns between them */

static _Atomic int64_t	cut_at;		/* when he will be preempted; -1: never again */
static atomic_int	waked, woken;	/* rounds */
static atomic_ulong	wakings;	/* before this round */
static atomic_int	left_asleep;

/* Unparks of the whole machine.  Nothing in it reaches another CPU. */
static uint64_t
unparks(void)
{
	struct heddle_evcnt he;

	heddle_evcnt(&he);
	return he.he_unparked_targeted;
}

static void
sleeping_beside(void *arg)
{
	(void)arg;
	while (atomic_load(&cut_at) != -1) {
		_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, NULL, NULL);
		atomic_store(&woken, atomic_load(&waked));
	}
}

/* Takes CPU 0, and if there is one who has been woken keeps it until he runs. */
static void
cutter(void *arg)
{
	struct timespec ts;
	int64_t end;

	(void)arg;
	for (int i = 0; i < CUTS && atomic_load(&left_asleep) == 0; i++) {
		ts = clock_in(CLOCK_MONOTONIC, CUT_IN);
		atomic_store(&cut_at, ts.tv_sec * NSEC + ts.tv_nsec);
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		if (unparks() == atomic_load(&wakings))
			continue;
		end = now_ns() + LATE;
		while (atomic_load(&woken) != atomic_load(&waked) && now_ns() < end)
			continue;
		if (atomic_load(&woken) != atomic_load(&waked))
			atomic_fetch_add(&left_asleep, 1);
	}
	atomic_store(&cut_at, -1);
}

static void
test_cut_short(void)
{
	lwpid_t sleeper, other;
	int64_t at, was = 0;

	if (heddle_ncpu() < 2) {
		tap_skip(1, "there is one CPU");
		return;
	}
	atomic_store(&wakings, unparks());
	sleeper = spawn(sleeping_beside, NULL);
	bind_cpu(sleeper, 1);
	bind_cpu(_lwp_self(), 0);
	other = spawn(cutter, NULL);
	set_class(other, SCHED_FIFO, 10);
	for (int i = 0; ; i++) {
		while ((at = atomic_load(&cut_at)) == was)
			continue;
		if (at == -1)
			break;
		was = at;
		lwp_await_parked(sleeper);
		atomic_store(&wakings, unparks());
		atomic_fetch_add(&waked, 1);
		while (now_ns() < at - i % CUT_STEPS * CUT_STEP)
			continue;
		_lwp_unpark(sleeper, NULL);
	}
	_lwp_unpark(sleeper, NULL);
	join(other);
	join(sleeper);
	tap_is_int(atomic_load(&left_asleep), 0, "sched a waker that is preempted has told the other CPU before");
	let_go();
}

int
main(void)
{
	test_parameters();
	test_affinity();
	test_move();
	test_yield_order();
	test_fifo();
	test_slices(SCHED_RR, 7, "RR");
	test_slices(SCHED_OTHER, -1, "time-sharing");
	test_preemption();
	test_wakeup_preempts();
	test_spread();
	test_idle_cpus();
	test_two_at_once();
	test_sunk();
	test_cut_short();
	return tap_done();
}
