/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states of LWPs, as the kernel reports them.  That every change of state
 * is legal, and that a process's counters agree with its list, debug kernels
 * check by themselves at every step of all tests.
 */
#include "test.h"

static atomic_bool	go, running;
static int		hint;

static void
park_on_hint(void *arg)
{
	(void)arg;
	while (!atomic_load(&go))
		_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, &hint, NULL);
}

static void
spin_until_told(void *arg)
{
	(void)arg;
	atomic_store(&running, true);
	while (!atomic_load(&go))
		spin(10);
}

static void
nap(void *arg)
{
	(void)arg;
	nanosleep(&(struct timespec){ 100000, 0 }, NULL);
}

static void
wait_for(void *arg)
{
	_lwp_wait(*(lwpid_t *)arg, NULL);
}

static struct kinfo_lwp
info(lwpid_t id)
{
	struct kinfo_lwp kl;

	memset(&kl, 0xff, sizeof(kl));
	if (lwp_info(id, &kl) != 0)
		tap_diag("lwp_info(%d) fails", id);
	return kl;
}

static void
test_sleeping(void)
{
	struct kinfo_lwp kl;
	static lwpid_t id;
	lwpid_t waiter;

	atomic_store(&go, false);
	id = spawn(park_on_hint, NULL);
	lwp_await_parked(id);
	kl = info(id);
	tap_is_int(kl.l_stat, LSSLEEP, "state.1 a parked LWP is LSSLEEP");
	tap_is_str(kl.l_wmesg, "parked", "state.1 and says so");
	tap_is_int((long)kl.l_wchan, (long)&hint, "state.1 its wait channel is the hint");
	tap_ok((kl.l_flag & L_SINTR) != 0, "state.1 it can be interrupted");
	waiter = spawn(wait_for, &id);
	await_waiting(waiter);
	tap_is_int(info(waiter).l_stat, LSSLEEP, "state.1 one that waits for it too");
	tap_is_int((long)info(waiter).l_wchan, 0, "state.1 its wait channel, in the kernel, is not told");
	atomic_store(&go, true);
	_lwp_unpark(id, NULL);
	join(waiter);
	id = spawn(nap, NULL);
	tap_is_int(lwp_await(id, LSSLEEP, NULL), 0, "state.1 one that sleeps by the clock is LSSLEEP");
	_lwp_wakeup(id);
	tap_is_int(lwp_await_zombie(id), 0, "state.1 and one that has exited LSZOMB");
	join(id);
}

static void
test_running(void)
{
	struct kinfo_lwp kl = info(_lwp_self());
	lwpid_t id;

	tap_is_int(kl.l_stat, LSONPROC, "state.1 the LWP that asks is LSONPROC");
	tap_ok(kl.l_cpuid < (uint64_t)heddle_ncpu(), "state.1 on CPU %d", (int)kl.l_cpuid);
	tap_is_str(kl.l_wmesg, "", "state.1 and waits for nothing");
	tap_is_int(kl.l_pid, getpid(), "state.1 in this process");
	/* Two of one CPU: only one of them can run. */
	atomic_store(&go, false);
	atomic_store(&running, false);
	bind_cpu(_lwp_self(), 0);
	set_class(_lwp_self(), SCHED_FIFO, 20);
	id = spawn(spin_until_told, NULL);
	set_class(id, SCHED_FIFO, 10);
	for (int i = 0; i < 10; i++)
		sched_yield();
	tap_is_int(info(id).l_stat, LSRUN, "state.1 one that has to wait for the CPU is LSRUN");
	tap_is_int((long)info(id).l_cpuid, 0, "state.1 on the CPU's queue");
	tap_ok(!atomic_load(&running), "state.1 it has not run");
	atomic_store(&go, true);
	join(id);
	tap_ok(atomic_load(&running), "state.1 until the CPU was free");
	set_class(_lwp_self(), SCHED_OTHER, -1);
}

static void
test_other_cpu(void)
{
	lwpid_t id;

	if (heddle_ncpu() < 2) {
		tap_skip(2, "there is one CPU");
		return;
	}
	atomic_store(&go, false);
	atomic_store(&running, false);
	bind_cpu(_lwp_self(), 0);
	id = spawn(spin_until_told, NULL);
	bind_cpu(id, 1);
	AWAIT(atomic_load(&running));
	tap_is_int(lwp_await(id, LSONPROC, NULL), 0, "state.1 one that runs on another CPU is LSONPROC");
	tap_is_int((long)info(id).l_cpuid, 1, "state.1 there");
	atomic_store(&go, true);
	join(id);
}

static void
test_list(void)
{
	lwpid_t ids[5];
	struct kinfo_lwp *list;
	size_t n = 0, found = 0, addresses = 0;

	atomic_store(&go, false);
	for (int i = 0; i < 5; i++)
		ids[i] = spawn(park_on_hint, NULL);
	_lwp_detach(ids[4]);
	list = lwp_list(getpid(), &n);
	tap_is_int((long)n, 6, "state.1 the list has all LWPs of the process");
	for (size_t i = 0; i < n; i++) {
		for (int j = 0; j < 5; j++)
			found += list[i].l_lid == ids[j];
		addresses += list[i].l_addr != 0 || list[i].l_laddr != 0 || list[i].l_forw != 0 || list[i].l_back != 0;
	}
	free(list);
	tap_is_int((long)found, 5, "state.1 each once");
	tap_is_int((long)addresses, 0, "state.1 and tells no kernel addresses");
	tap_ok((info(ids[4]).l_flag & L_DETACHED) != 0 && (info(ids[3]).l_flag & L_DETACHED) == 0,
	    "state.1 and which are detached");
	atomic_store(&go, true);
	for (int i = 0; i < 5; i++)
		_lwp_unpark(ids[i], NULL);
	for (int i = 0; i < 4; i++)
		join(ids[i]);
	lwp_await_gone(ids[4]);
}

/* Read the list while LWPs come and go, so that debug kernels recount all the time. */
static void
come_and_go(void *arg)
{
	(void)arg;
	while (!atomic_load(&go))
		join(spawn(do_nothing, NULL));
}

static void
test_consistent(void)
{
	lwpid_t ids[4];
	int bad = 0;

	atomic_store(&go, false);
	for (int i = 0; i < 4; i++)
		ids[i] = spawn(come_and_go, NULL);
	for (int round = 0; round < 200; round++) {
		size_t n = 0;
		struct kinfo_lwp *list = lwp_list(getpid(), &n);

		if (round % 50 == 49)
			tap_diag("%d lists", round + 1); /* not a hang: on a busy host they take their time */
		bad += list == NULL || n < 5 || n > 9;
		for (size_t i = 0; list != NULL && i < n; i++) {
			bad += list[i].l_lid <= 0 || list[i].l_stat < LSIDL || list[i].l_stat > LSONPROC;
			for (size_t j = 0; j < i; j++)
				bad += list[i].l_lid == list[j].l_lid;
		}
		free(list);
	}
	atomic_store(&go, true);
	for (int i = 0; i < 4; i++)
		join(ids[i]);
	tap_is_int(bad, 0, "state.3 lists taken while LWPs come and go are consistent");
	tap_is_int(count_lwps(), 1, "state.3 and end with one");
}

/* Sleeping and waking change no counter of the process. */
static void
test_counters(void)
{
	int name[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc) };
	static struct heddle_proc hp[64];
	size_t len = sizeof(hp), n;
	lwpid_t id, zombie;

	atomic_store(&go, false);
	id = spawn(park_on_hint, NULL);
	zombie = spawn(do_nothing, NULL);
	lwp_await_parked(id);
	lwp_await_zombie(zombie);
	if (sysctl(name, 3, hp, &len, NULL, 0) != 0)
		tap_bail("sysctl: %s", strerror(errno));
	for (n = 0; n < len / sizeof(hp[0]) && hp[n].hp_pid != getpid(); n++)
		continue;
	tap_ok(n < len / sizeof(hp[0]) && hp[n].hp_nlwps == 3 && hp[n].hp_nzlwps == 1,
	    "state.2 the process has 3 LWPs, asleep or not, of which 1 is a zombie");
	atomic_store(&go, true);
	_lwp_unpark(id, NULL);
	join(id);
	join(zombie);
}

int
main(void)
{
	test_sleeping();
	test_running();
	test_other_cpu();
	test_list();
	test_consistent();
	test_counters();
	return tap_done();
}
