/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_detach.
 */
#include "test.h"

static atomic_bool	go;

static void
live(void *arg)
{
	(void)arg;
	while (!atomic_load(&go))
		park();
}

static lwpid_t
start(void)
{
	atomic_store(&go, false);
	return spawn(live, NULL);
}

static void
end(lwpid_t id)
{
	atomic_store(&go, true);
	_lwp_unpark(id, NULL);
}

static void
detach_twice(void *arg)
{
	int *errors = arg;

	errors[0] = error_of(_lwp_detach(_lwp_self()));
	errors[1] = error_of(_lwp_detach(_lwp_self()));
}

static void
test_errors(void)
{
	static int errors[2] = { -1, -1 };
	lwpid_t id;

	tap_is_errno(_lwp_detach(NO_SUCH_LWP), ESRCH, "detach.1 an unknown id");
	tap_is_errno(_lwp_detach(0), ESRCH, "detach.1 id 0");
	tap_is_errno(_lwp_detach(-1), ESRCH, "detach.1 a negative id");
	id = start();
	tap_is_errno(_lwp_detach(id), 0, "detach.1 a live LWP");
	tap_is_errno(_lwp_detach(id), EINVAL, "detach.1 one that is detached already");
	end(id);
	lwp_await_gone(id);
	tap_is_errno(_lwp_detach(id), ESRCH, "detach.1 one that is gone");
	id = spawn(detach_twice, errors);
	lwp_await_gone(id);
	tap_ok(errors[0] == 0 && errors[1] == EINVAL, "detach.1 self is allowed, once");
}

static void
test_zombie(void)
{
	struct kinfo_lwp kl;
	lwpid_t id = spawn(do_nothing, NULL);

	lwp_await_zombie(id);
	tap_is_errno(_lwp_detach(id), 0, "detach.1 a zombie counts as existing");
	tap_is_int(lwp_info(id, &kl), ESRCH, "detach.2 and is freed at once");
	tap_is_errno(_lwp_detach(id), ESRCH, "detach.2 its id is unknown then");
	tap_is_errno(_lwp_wait(id, NULL), ESRCH, "detach.2 for wait too");
}

static struct {
	lwpid_t		target;
	atomic_int	error;
} waiter;
static atomic_int	einvals;

static void
wait_for_it(void *arg)
{
	int error = error_of(_lwp_wait(waiter.target, NULL));

	(void)arg;
	atomic_fetch_add(&einvals, error == EINVAL);
	atomic_store(&waiter.error, error);
}

static void
test_waiters(void)
{
	lwpid_t id = start(), w[3];

	atomic_store(&einvals, 0);
	for (int i = 0; i < 3; i++) {
		waiter.target = id;
		w[i] = spawn(wait_for_it, NULL);
		await_waiting(w[i]);
	}
	_lwp_detach(id);
	for (int i = 0; i < 3; i++)
		join(w[i]);
	tap_is_int(atomic_load(&einvals), 3, "detach.2 those who wait for it return EINVAL");
	end(id);
	lwp_await_gone(id);
}

/* In a child: the only one that could be waited for is detached. */
static void
any_looks_again(void *arg)
{
	lwpid_t id = start(), w;

	(void)arg;
	_lwp_detach(_lwp_self());
	waiter.target = 0;
	atomic_store(&waiter.error, -1);
	w = spawn(wait_for_it, NULL);
	await_waiting(w);
	_lwp_detach(id);
	AWAIT(atomic_load(&waiter.error) != -1);
	_exit(atomic_load(&waiter.error));
}

static void
test_any(void)
{
	tap_is_int(in_child(any_looks_again, NULL), W_EXITCODE(ESRCH, 0),
	    "detach.2 those in wait(0) look again, and there is nobody left");
}

/* Detach races with exit: it succeeds always, and the LWP is gone. */
static atomic_int	gate;

static void
exit_at_gate(void *arg)
{
	AWAIT(atomic_load(&gate) != 0);
	spin((unsigned)(long)arg);
}

static void
test_race(void)
{
	int bad = 0;

	for (int i = 0; i < 150; i++) {
		lwpid_t id;

		atomic_store(&gate, 0);
		id = spawn(exit_at_gate, (void *)(long)(i % 15 * 40));
		atomic_store(&gate, 1);
		spin((unsigned)(i / 15) * 60);
		bad += _lwp_detach(id) != 0;
		bad += lwp_await_gone(id) != 0;
	}
	tap_is_int(bad, 0, "detach.2 detach and exit at the same time: the LWP goes");
	tap_is_int(count_lwps(), 1, "detach.2 none is left");
}

int
main(void)
{
	test_errors();
	test_zombie();
	test_waiters();
	test_any();
	test_race();
	return tap_done();
}
