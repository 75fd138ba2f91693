/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_exit: zombies, detached LWPs, the last LWP of a process.
 */
#include "test.h"

static void
exits_deep(void *arg)
{
	(void)arg;
	_lwp_exit();
	/* Not reached: this is what would tell. */
	_exit(99);
}

static void
detaches_itself(void *arg)
{
	(void)arg;
	if (_lwp_detach(_lwp_self()) != 0)
		_exit(98);
}

static void
test_zombie(void)
{
	struct kinfo_lwp kl;
	lwpid_t id = spawn(do_nothing, NULL), gone = 0;

	tap_is_int(lwp_await_zombie(id), 0, "exit.1 an LWP that has exited is a zombie");
	tap_ok(lwp_info(id, &kl) == 0 && kl.l_lid == id, "exit.1 it keeps its id");
	tap_is_errno(_lwp_unpark(id, NULL), ESRCH, "exit.1 but is not live: unpark gives ESRCH");
	tap_is_errno(_lwp_wait(id, &gone), 0, "exit.1 until it is waited for");
	tap_is_int(gone, id, "exit.1 under its id");
	tap_is_int(lwp_info(id, &kl), ESRCH, "exit.1 then it is gone");
	id = spawn(exits_deep, NULL);
	join(id);
	tap_pass("exit.1 _lwp_exit does not return");
	id = spawn(do_nothing, NULL);
	lwp_await_zombie(id);
	tap_is_errno(_lwp_detach(id), 0, "exit.1 or until it is detached");
	tap_is_int(lwp_info(id, &kl), ESRCH, "exit.1 then it is gone too");
	id = spawn(detaches_itself, NULL);
	tap_is_int(lwp_await_gone(id), 0, "exit.1 a detached one vanishes");
}

/* What follows is the whole of a child process. */

static void
exit_alone(void *arg)
{
	(void)arg;
	_lwp_exit();
}

static lwpid_t	first;

static void
exit_after_first(void *arg)
{
	lwp_await_zombie(first);
	if (arg != NULL)
		_exit((int)(long)arg);
}

/* The first LWP exits, another lives on; it leaves by _lwp_exit, or by exit with `arg'. */
static void
exit_first(void *arg)
{
	first = _lwp_self();
	spawn(exit_after_first, arg);
	_lwp_exit();
}

static void
exit_first_detached(void *arg)
{
	first = _lwp_self();
	_lwp_detach(first);
	spawn(do_nothing, arg);
	_lwp_exit();
}

static void
spin_for_ever(void *arg)
{
	for (;;)
		*(volatile int *)arg += 1;
}

/* Many LWPs in many states, then exit(arg). */
static void
exit_with_company(void *arg)
{
	static int counters[4];
	lwpid_t waited = spawn(keep_parking, NULL), zombie = spawn(do_nothing, NULL);

	for (int i = 0; i < 4; i++)
		spawn(spin_for_ever, &counters[i]);
	for (int i = 0; i < 10; i++)
		lwp_await_parked(spawn(keep_parking, NULL));
	lwp_await_parked(waited);
	lwp_await_zombie(zombie);
	_exit((int)(long)arg);
}

static void
wait_for_ever(void *arg)
{
	_lwp_wait(*(lwpid_t *)arg, NULL);
}

static void
nap_for_ever(void *arg)
{
	struct timespec ts = { 1000000, 0 };

	(void)arg;
	nanosleep(&ts, NULL);
}

static void
exit_with_waiters(void *arg)
{
	static lwpid_t target;
	lwpid_t id;

	target = spawn(keep_parking, NULL);
	id = spawn(wait_for_ever, &target);
	await_waiting(id);
	id = spawn(nap_for_ever, NULL);
	lwp_await(id, LSSLEEP, NULL);
	_exit((int)(long)arg);
}

static void
exit_from_other(void *arg)
{
	_exit((int)(long)arg);
}

static void
main_parks(void *arg)
{
	spawn(exit_from_other, arg);
	keep_parking(NULL);
}

/* All call exit at once: the first one's status counts. */
static atomic_bool	gate;

static void
exit_at_gate(void *arg)
{
	while (!atomic_load(&gate))
		spin(1);
	_exit((int)(long)arg);
}

static void
all_exit(void *arg)
{
	for (int i = 0; i < 8; i++)
		spawn(exit_at_gate, arg);
	atomic_store(&gate, true);
	exit_at_gate(arg);
}

/* One creates while another exits. */
static void
create_for_ever(void *arg)
{
	lwpid_t id;

	(void)arg;
	for (;;) {
		if (thread_spawn(&id, do_nothing, NULL, 0) == 0)
			thread_join(id);
	}
}

static void
exit_while_creating(void *arg)
{
	spawn(create_for_ever, NULL);
	spawn(create_for_ever, NULL);
	spin((unsigned)(long)arg * 997 % 100000);
	_exit(5);
}

static void
test_process(void)
{
	int bad = 0;

	tap_is_int(in_child(exit_alone, NULL), W_EXITCODE(0, 0), "exit.2 the only LWP exits: status 0");
	tap_is_int(in_child(exit_first, NULL), W_EXITCODE(0, 0), "exit.2 the last live LWP exits: status 0");
	tap_is_int(in_child(exit_first, (void *)7L), W_EXITCODE(7, 0),
	    "exit.2 a process lives on without its first LWP");
	tap_is_int(in_child(exit_first_detached, NULL), W_EXITCODE(0, 0),
	    "exit.2 the first LWP may be detached");
	tap_is_int(in_child(exit_with_company, (void *)9L), W_EXITCODE(9, 0),
	    "create.10 a process exits with running, sleeping and dead LWPs");
	tap_is_int(in_child(exit_with_waiters, (void *)4L), W_EXITCODE(4, 0),
	    "create.10 and with LWPs that wait and sleep");
	tap_is_int(in_child(main_parks, (void *)6L), W_EXITCODE(6, 0), "create.10 any LWP can end it");
	for (int i = 0; i < 20; i++)
		bad += in_child(all_exit, (void *)3L) != W_EXITCODE(3, 0);
	tap_is_int(bad, 0, "create.10 all can call exit at once");
	bad = 0;
	for (long i = 0; i < 40; i++)
		bad += in_child(exit_while_creating, (void *)i) != W_EXITCODE(5, 0);
	tap_is_int(bad, 0, "create.10 an exit ends those that are being created");
}

int
main(void)
{
	test_zombie();
	test_process();
	return tap_done();
}
