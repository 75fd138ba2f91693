/* SPDX-License-Identifier: BSD-2-Clause */
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
	return tap_done();
}
