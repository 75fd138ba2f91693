/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_suspend, _lwp_continue, and LWPs that are created suspended.
 */
#include "test.h"

#define ROUNDS	40

static atomic_long	counter;
static atomic_bool	stop;
static atomic_int	result;		/* of the call that the target makes, -1: not back yet */

static void
count(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop))
		atomic_fetch_add(&counter, 1);
}

static void
await_count(void)
{
	long was = atomic_load(&counter);

	AWAIT(atomic_load(&counter) > was);
}

/* Whether the counter stands still for as long as it takes others to come on a lot. */
static bool
stands_still(void)
{
	long was = atomic_load(&counter);

	for (int i = 0; i < 50; i++) {
		spin(200);
		sched_yield();
	}
	return atomic_load(&counter) == was;
}

static void
park_once(void *arg)
{
	atomic_store(&result, arg != NULL ? park_ns(*(int64_t *)arg) : park());
}

static lwpid_t
start_parked(int64_t *time)
{
	lwpid_t id;

	atomic_store(&result, -1);
	id = spawn(park_once, time);
	lwp_await_parked(id);
	return id;
}

static void
test_unknown(void)
{
	lwpid_t id = spawn(do_nothing, NULL);

	tap_is_errno(_lwp_suspend(NO_SUCH_LWP), ESRCH, "suspend.1 an unknown id");
	tap_is_errno(_lwp_suspend(0), ESRCH, "suspend.1 id 0");
	tap_is_errno(_lwp_suspend(-1), ESRCH, "suspend.1 a negative id");
	tap_is_errno(_lwp_continue(NO_SUCH_LWP), ESRCH, "continue.1 an unknown id");
	lwp_await_zombie(id);
	tap_is_errno(_lwp_suspend(id), ESRCH, "suspend.1 a zombie");
	tap_is_errno(_lwp_continue(id), ESRCH, "continue.1 a zombie");
	join(id);
	tap_is_errno(_lwp_suspend(id), ESRCH, "suspend.1 one that is gone");
	tap_is_errno(_lwp_continue(_lwp_self()), 0, "continue.2 of one that is not suspended: 0");
}

static void
test_running(void)
{
	int bad = 0, moved = 0;
	lwpid_t id;

	atomic_store(&stop, false);
	id = spawn(count, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		await_count();
		spin((unsigned)i * 50);
		bad += _lwp_suspend(id) != 0;
		moved += !stands_still();
		if (i % 3 == 0)
			bad += _lwp_suspend(id) != 0;
		bad += lwp_await(id, LSSUSPENDED, NULL) != 0;
		bad += _lwp_continue(id) != 0;
	}
	await_count();
	tap_is_int(bad, 0, "suspend.7 %d times suspended, some of them twice, and continued: 0", ROUNDS);
	tap_is_int(moved, 0, "suspend.2 on return it executes nothing, on whatever CPU it was");
	tap_pass("continue.2 and goes on when continued");
	atomic_store(&stop, true);
	join(id);
}

static int64_t	started;

/*
 * One that is suspended before its deadline, which is *time from `started' or
 * later.  If this takes too long it is tried again with a later deadline.
 */
static lwpid_t
suspend_before_deadline(int64_t *time)
{
	lwpid_t id;

	for (*time = 3 * MSEC; ; *time *= 2) {
		atomic_store(&result, -1);
		started = now_ns();
		id = spawn(park_once, time);
		while (atomic_load(&result) == -1 && !is_parked(id))
			sched_yield();
		if (_lwp_suspend(id) == 0 && atomic_load(&result) == -1 && now_ns() < started + *time)
			return id;
		_lwp_continue(id);
		join(id);
	}
}

static void
test_sleeping(void)
{
	int64_t time;
	lwpid_t id = start_parked(NULL);

	tap_is_errno(_lwp_suspend(id), 0, "suspend.3 a parked LWP");
	_lwp_continue(id);
	tap_ok(lwp_await_parked(id) == 0 && atomic_load(&result) == -1, "suspend.3 continued, it sleeps on");
	_lwp_suspend(id);
	tap_is_errno(_lwp_unpark(id, NULL), 0, "suspend.3 unparked while it is suspended");
	for (int i = 0; i < 100; i++)
		sched_yield();
	tap_is_int(atomic_load(&result), -1, "suspend.3 it does not come back before it is continued");
	_lwp_continue(id);
	join(id);
	tap_is_int(atomic_load(&result), 0, "suspend.3 and then with the result of the wake-up");
	id = suspend_before_deadline(&time);
	/* Its deadline passes. */
	AWAIT(now_ns() > started + 2 * time);
	tap_is_int(atomic_load(&result), -1, "suspend.3 a deadline passes while it is suspended");
	_lwp_continue(id);
	join(id);
	tap_is_int(atomic_load(&result), ETIMEDOUT, "suspend.3 which is what its park says then");
}

/* --- Asleep uninterruptibly, which only a debug kernel does on demand. --- */

static atomic_int	verdict;	/* of the call that suspends, -1: not back yet */

static void
block(void *arg)
{
	(void)arg;
	atomic_store(&result, heddle_block(60 * 1000 * 1000));
}

static void
suspend_it(void *arg)
{
	atomic_store(&verdict, error_of(_lwp_suspend(*(lwpid_t *)arg)));
}

/* One that blocks, and one that waits until that is suspended. */
static void
start_blocked(lwpid_t *target, lwpid_t *suspender)
{
	atomic_store(&result, -1);
	atomic_store(&verdict, -1);
	*target = spawn(block, NULL);
	if (lwp_await(*target, LSSLEEP, "block") != 0)
		tap_bail("it does not block");
	*suspender = spawn(suspend_it, target);
	if (lwp_await(*suspender, LSSLEEP, "lwps") != 0)
		tap_fail("suspend.4 who suspends it does not wait");
}

static void
test_uninterruptible(void)
{
	lwpid_t target, suspender;
	struct kinfo_lwp kl;

	if (heddle_block(0) == ENOSYS) {
		tap_skip(1, "a release kernel");
		return;
	}
	start_blocked(&target, &suspender);
	for (int i = 0; i < 100; i++)
		sched_yield();
	tap_is_int(atomic_load(&verdict), -1, "suspend.4 who suspends one that sleeps uninterruptibly waits");
	tap_ok(lwp_info(target, &kl) == 0 && kl.l_stat == LSSLEEP && strcmp(kl.l_wmesg, "block") == 0 &&
	    (kl.l_flag & L_SINTR) == 0, "suspend.4 as long as that sleep takes");
	tap_is_errno(_lwp_wakeup(target), EBUSY, "wakeup.3 which _lwp_wakeup does not end: EBUSY");
	heddle_block(0);
	join(suspender);
	tap_is_int(atomic_load(&verdict), 0, "suspend.4 and returns 0 when it is over");
	tap_ok(lwp_info(target, &kl) == 0 && kl.l_stat == LSSUSPENDED, "suspend.4 then the target is suspended");
	for (int i = 0; i < 100; i++)
		sched_yield();
	tap_is_int(atomic_load(&result), -1, "suspend.4 before it reaches user code");
	_lwp_continue(target);
	join(target);
	tap_is_int(atomic_load(&result), 0, "suspend.4 continued, its call has its own result");

	start_blocked(&target, &suspender);
	tap_is_errno(_lwp_continue(target), 0, "continue.2 the suspension is taken back on its way");
	join(suspender);
	tap_is_int(atomic_load(&verdict), 0, "continue.2 and who waits for it waits no more");
	heddle_block(0);
	join(target);
	tap_is_int(atomic_load(&result), 0, "continue.2 the target never stops");

	start_blocked(&target, &suspender);
	tap_is_errno(_lwp_wakeup(suspender), 0, "suspend.7 who waits is woken by _lwp_wakeup");
	join(suspender);
	tap_is_int(atomic_load(&verdict), EINTR, "suspend.7 and its call fails");
	heddle_block(0);
	join(target);
	tap_is_int(atomic_load(&result), 0, "suspend.7 then it has changed nothing");
}

static void
suspend_self(void *arg)
{
	(void)arg;
	atomic_store(&result, error_of(_lwp_suspend(_lwp_self())));
}

static void
test_self(void)
{
	lwpid_t id;

	tap_is_errno(_lwp_suspend(_lwp_self()), EDEADLK, "suspend.5 the only LWP");
	atomic_store(&result, -1);
	id = spawn(suspend_self, NULL);
	tap_is_int(lwp_await(id, LSSUSPENDED, NULL), 0, "suspend.6 one that suspends itself is suspended");
	tap_is_int(atomic_load(&result), -1, "suspend.6 before its call returns");
	tap_is_errno(_lwp_suspend(_lwp_self()), EDEADLK, "suspend.5 the only one that is not suspended");
	_lwp_continue(id);
	join(id);
	tap_is_int(atomic_load(&result), 0, "suspend.6 the call returns 0 when it is continued");
}

/* Two at once: whoever comes second is refused, and helps the first. */
static atomic_int	arrived;
static bool		each_itself;
static lwpid_t		both[2];

static void
suspend_both(void *arg)
{
	int me = *(int *)arg, error;

	/* The first LWP would count as one that is left. */
	lwp_await_gone(1);
	atomic_fetch_add(&arrived, 1);
	AWAIT(atomic_load(&arrived) == 2);
	spin((unsigned)me * 40);
	error = error_of(_lwp_suspend(each_itself ? both[me] : both[!me]));
	if (error != 0 && error != EDEADLK && error != ESRCH)
		_exit(error);
	/* Whoever gets here first finds the other's request accepted, be it in force or not, or nothing at all. */
	_lwp_continue(both[!me]);
}

/* In a child, whose first LWP leaves, so that there are these two. */
static void
two_at_once(void *arg)
{
	static int numbers[2] = { 0, 1 };

	each_itself = *(bool *)arg;
	for (int i = 0; i < 2; i++) {
		if (thread_spawn(&both[i], suspend_both, &numbers[i], 0) != 0)
			_exit(99);
	}
	_lwp_detach(_lwp_self());
	_lwp_exit();
}

static void
test_two(void)
{
	int bad = 0;

	/* Each ends by its last LWP's exit; if both were suspended it would not end. */
	for (int i = 0; i < ROUNDS; i++)
		bad += in_child(two_at_once, &(bool){ true }) != 0;
	tap_is_int(bad, 0, "suspend.5 two that suspend themselves at once do not both succeed");
	bad = 0;
	for (int i = 0; i < ROUNDS; i++)
		bad += in_child(two_at_once, &(bool){ false }) != 0;
	tap_is_int(bad, 0, "suspend.5 two that suspend each other at once neither");
}

static lwpid_t	wanted;

static void
suspend_wanted(void *arg)
{
	atomic_store((atomic_int *)arg, error_of(_lwp_suspend(wanted)));
}

/*
 * Two wait for the suspension of one that does not get the CPU; the first, whose request it was, is cancelled.  For
 * the second it is still to come into force.
 */
static void
test_given_up(void)
{
	static atomic_int results[2];
	struct kinfo_lwp kl;
	cpuset_t set;
	lwpid_t ids[2];
	int bad = 0;

	_sched_getaffinity(0, _lwp_self(), sizeof(set), &set);
	bind_cpu(_lwp_self(), 0);
	atomic_store(&stop, false);
	wanted = spawn(count, NULL);
	set_class(_lwp_self(), SCHED_FIFO, 10);
	for (int i = 0; i < 2; i++) {
		ids[i] = spawn(suspend_wanted, &results[i]);
		bad += lwp_await_asleep(ids[i], "lwps") != 0;
	}
	bad += _lwp_wakeup(ids[0]) != 0;
	join(ids[0]);
	bad += atomic_load(&results[0]) != EINTR;
	join(ids[1]);
	bad += atomic_load(&results[1]) != 0;
	bad += lwp_info(wanted, &kl) != 0 || kl.l_stat != LSSUSPENDED;
	tap_is_int(bad, 0, "suspend.2 one of two who ask gives up: the other one's request stands");
	_lwp_continue(wanted);
	atomic_store(&stop, true);
	join(wanted);
	set_class(_lwp_self(), SCHED_OTHER, -1);
	_sched_setaffinity(0, _lwp_self(), sizeof(set), &set);
}

static atomic_int	gate;

static void
exit_at_gate(void *arg)
{
	AWAIT(atomic_load(&gate) != 0);
	spin((unsigned)(long)arg);
}

static void
test_exiting(void)
{
	int bad = 0, late = 0;

	for (int i = 0; i < ROUNDS * 3; i++) {
		lwpid_t id;
		int error;

		atomic_store(&gate, 0);
		id = spawn(exit_at_gate, (void *)(long)(i % 20 * 30));
		atomic_store(&gate, 1);
		spin((unsigned)(i / 20) * 100);
		error = error_of(_lwp_suspend(id));
		bad += error != 0 && error != ESRCH;
		late += error == ESRCH;
		if (error == 0)
			bad += _lwp_continue(id) != 0;
		join(id);
	}
	tap_is_int(bad, 0, "suspend.8 of one that exits: 0 or ESRCH (%d times), and no hang", late);
}

/* --- Created suspended. --- */

static void
set_result(void *arg)
{
	(void)arg;
	atomic_store(&result, 1);
}

static lwpid_t
create_suspended(void (*fn)(void *), unsigned long flags)
{
	static char stack[16384] __aligned(16);
	static ucontext_t uc;
	lwpid_t id;

	atomic_store(&result, -1);
	_lwp_makecontext(&uc, fn, NULL, NULL, stack, sizeof(stack));
	if (_lwp_create(&uc, LWP_SUSPENDED | flags, &id) != 0)
		tap_bail("_lwp_create: %s", strerror(errno));
	return id;
}

static void
test_created(void)
{
	lwpid_t id = create_suspended(set_result, 0);
	char name[LWP_NAMELEN];

	tap_ok(_lwp_setname(id, "sleeper") == 0 && _lwp_getname(id, name, sizeof(name)) == 0 && strcmp(name,
	    "sleeper") == 0,
	    "create.7 LWP_SUSPENDED: it is found by its id");
	tap_is_int(lwp_await(id, LSSUSPENDED, NULL), 0, "create.7 it is suspended");
	for (int i = 0; i < 100; i++)
		sched_yield();
	tap_is_int(atomic_load(&result), -1, "create.7 it executes nothing");
	tap_is_errno(_lwp_suspend(id), 0, "suspend.7 suspending it once more is no error");
	tap_is_errno(_lwp_continue(id), 0, "create.7 until _lwp_continue");
	tap_is_errno(_lwp_wait(id, NULL), 0, "create.7 then it runs and exits");
	tap_is_int(atomic_load(&result), 1, "create.7 as any other");
	id = create_suspended(park_once, 0);
	_lwp_unpark(id, NULL);
	_lwp_continue(id);
	_lwp_wait(id, NULL);
	tap_is_int(atomic_load(&result), EALREADY, "create.7 a token given to it before is there when it runs");
	id = create_suspended(set_result, LWP_DETACHED);
	tap_is_errno(_lwp_wait(id, NULL), EINVAL, "create.8 suspended and detached");
	_lwp_continue(id);
	tap_is_int(lwp_await_gone(id), 0, "create.8 it vanishes when it has run");
}

static void
exit_with_suspended(void *arg)
{
	(void)arg;
	(void)create_suspended(set_result, 0);
	_lwp_suspend(start_parked(NULL));
	atomic_store(&stop, false);
	_lwp_suspend(spawn(count, NULL));
	_exit(17);
}

static void
exec_with_suspended(void *arg)
{
	char *args[] = { "true", NULL };

	(void)arg;
	(void)create_suspended(set_result, 0);
	_lwp_suspend(start_parked(NULL));
	execve("/bin/true", args, environ);
	_exit(1);
}

static void
wait_for(void *arg)
{
	atomic_store(&result, error_of(_lwp_wait(*(lwpid_t *)arg, NULL)));
}

static void
test_ends(void)
{
	lwpid_t id, waiter;

	tap_is_int(in_child(exit_with_suspended, NULL), W_EXITCODE(17, 0),
	    "suspend.9 a process exits whatever is suspended in it");
	tap_is_int(in_child(exec_with_suspended, NULL), 0, "suspend.9 and execs");
	id = create_suspended(do_nothing, 0);
	waiter = spawn(wait_for, &id);
	tap_is_int(await_waiting(waiter), 0, "suspend.2 one waits for a suspended one");
	_lwp_continue(id);
	join(waiter);
	tap_is_int(atomic_load(&result), 0, "continue.2 until that is continued, and has exited");
}

int
main(void)
{
	test_unknown();
	test_running();
	test_sleeping();
	test_uninterruptible();
	test_self();
	test_two();
	test_given_up();
	test_exiting();
	test_created();
	test_ends();
	return tap_done();
}
