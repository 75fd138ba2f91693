/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_wait: whom one can wait for, deadlocks, and who gets a zombie.
 */
#include "test.h"

/* An LWP that makes one call of _lwp_wait and keeps what came of it. */
struct waiter {
	lwpid_t		id;
	lwpid_t		target;
	lwpid_t		departed;
	atomic_int	error;		/* -1: not back yet */
};

static void
wait_once(void *arg)
{
	struct waiter *w = arg;

	atomic_store(&w->error, error_of(_lwp_wait(w->target, &w->departed)));
}

/* Start one, and see it asleep in the wait. */
static void
start_waiter(struct waiter *w, lwpid_t target)
{
	w->target = target;
	w->departed = 0;
	atomic_store(&w->error, -1);
	w->id = spawn(wait_once, w);
	if (await_waiting(w->id) != 0)
		tap_bail("the waiter for %d does not wait", target);
}

/* An LWP that lives until told. */
struct target {
	lwpid_t		id;
	atomic_bool	go;
};

static void
live(void *arg)
{
	struct target *t = arg;

	while (!atomic_load(&t->go))
		park();
}

static void
start_target(struct target *t)
{
	atomic_store(&t->go, false);
	t->id = spawn(live, t);
}

static void
end_target(struct target *t)
{
	atomic_store(&t->go, true);
	_lwp_unpark(t->id, NULL);
}

static void
test_success(void)
{
	static struct waiter w;
	static struct target t;
	lwpid_t a, b, gone;
	int found;

	a = spawn(do_nothing, NULL);
	gone = 0;
	tap_is_errno(_lwp_wait(a, &gone), 0, "wait.1 by id");
	tap_is_int(gone, a, "wait.1 the id is stored");
	a = spawn(do_nothing, NULL);
	tap_is_errno(_lwp_wait(a, NULL), 0, "wait.1 departed may be NULL");
	a = spawn(do_nothing, NULL);
	b = spawn(do_nothing, NULL);
	found = _lwp_wait(0, &gone) == 0 && (gone == a || gone == b);
	b = gone == a ? b : a;
	found += _lwp_wait(0, &gone) == 0 && gone == b;
	tap_is_int(found, 2, "wait.1 0 waits for any");
	tap_is_errno(_lwp_wait(b, NULL), ESRCH, "wait.1 the id is free afterwards");
	start_target(&t);
	start_waiter(&w, t.id);
	end_target(&t);
	join(w.id);
	tap_ok(atomic_load(&w.error) == 0 && w.departed == t.id, "wait.1 a sleeping waiter gets it");
	start_target(&t);
	start_waiter(&w, 0);
	end_target(&t);
	join(w.id);
	tap_ok(atomic_load(&w.error) == 0 && w.departed == t.id, "wait.1 a sleeper for any too");
}

static void
test_nothing(void)
{
	static struct target t;

	tap_is_errno(_lwp_wait(0, NULL), ESRCH, "wait.2 any, and there is no other");
	tap_is_errno(_lwp_wait(NO_SUCH_LWP, NULL), ESRCH, "wait.2 an unknown id");
	tap_is_errno(_lwp_wait(-1, NULL), ESRCH, "wait.2 a negative id");
	tap_is_errno(_lwp_wait(INT32_MIN, NULL), ESRCH, "wait.2 the most negative id");
	tap_is_errno(_lwp_wait(INT32_MAX, NULL), ESRCH, "wait.2 the highest number");
	start_target(&t);
	_lwp_detach(t.id);
	tap_is_errno(_lwp_wait(0, NULL), ESRCH, "wait.2 any, and all others are detached");
	tap_is_errno(_lwp_wait(t.id, NULL), EINVAL, "wait.3 by id, and it is detached");
	end_target(&t);
	lwp_await_gone(t.id);
}

static void
test_detached_meanwhile(void)
{
	static struct waiter w;
	static struct target t;

	start_target(&t);
	start_waiter(&w, t.id);
	_lwp_detach(t.id);
	join(w.id);
	tap_is_int(atomic_load(&w.error), EINVAL, "wait.3 it becomes detached during the wait");
	end_target(&t);
	lwp_await_gone(t.id);
}

static void
detach_and_exit(void *arg)
{
	struct target *t = arg;

	live(t);
	_lwp_detach(t->id);
}

static void
test_detached_then_gone(void)
{
	static struct waiter w;
	static struct target t;
	int bad = 0;

	for (int i = 0; i < 20; i++) {
		atomic_store(&t.go, false);
		t.id = spawn(detach_and_exit, &t);
		start_waiter(&w, t.id);
		end_target(&t);
		join(w.id);
		bad += atomic_load(&w.error) != EINVAL;
	}
	tap_is_int(bad, 0, "wait.3 it detaches itself and is gone before the waiter runs");
}

/* Link i of a chain waits for link i + 1, and the last for the first. */
#define MAX_CHAIN	5
static struct link {
	lwpid_t		id;
	int		error;
	atomic_bool	go;
} chain[MAX_CHAIN];
static int		chain_len;
static atomic_bool	chain_ready;

static void
chain_link(void *arg)
{
	struct link *me = arg, *next = &chain[(me - chain + 1) % chain_len];

	AWAIT(atomic_load(&chain_ready));
	while (!atomic_load(&me->go))
		park();
	me->error = error_of(_lwp_wait(next->id, NULL));
}

/* Close a chain of n; how many links did not get what they should. */
static int
close_chain(int n)
{
	int bad = 0;

	chain_len = n;
	atomic_store(&chain_ready, false);
	for (int i = 0; i < n; i++) {
		atomic_store(&chain[i].go, false);
		chain[i].error = -1;
		chain[i].id = spawn(chain_link, &chain[i]);
	}
	atomic_store(&chain_ready, true);
	for (int i = 0; i < n; i++) {
		atomic_store(&chain[i].go, true);
		_lwp_unpark(chain[i].id, NULL);
		if (i < n - 1)
			bad += await_waiting(chain[i].id) != 0;
	}
	/* The last one got EDEADLK and exited; that ended the others one by one, except the first. */
	/* Not by a wait: then all would wait, and that is refused too. */
	AWAIT(atomic_load(&chain[0].error) != -1);
	join(chain[0].id);
	for (int i = 0; i < n - 1; i++)
		bad += chain[i].error != 0;
	return bad + (chain[n - 1].error != EDEADLK);
}

static void
wait_for_main(void *arg)
{
	struct waiter *w = arg;

	await_waiting(1);
	wait_once(w);
}

static void
wait_for_self(void *arg)
{
	*(int *)arg = error_of(_lwp_wait(_lwp_self(), NULL));
}

static void
test_deadlock(void)
{
	static struct waiter w;
	int error = 0;

	tap_is_errno(_lwp_wait(_lwp_self(), NULL), EDEADLK, "wait.4 oneself");
	join(spawn(wait_for_self, &error));
	tap_is_int(error, EDEADLK, "wait.4 oneself, in another LWP");
	tap_is_int(close_chain(2), 0, "wait.4 a cycle of 2");
	tap_is_int(close_chain(3), 0, "wait.4 a cycle of 3");
	tap_is_int(close_chain(5), 0, "wait.4 a cycle of 5");
	w.target = 1;
	w.id = spawn(wait_for_main, &w);
	tap_is_errno(_lwp_wait(w.id, NULL), 0, "wait.4 the first of two who wait for each other goes on");
	tap_is_int(atomic_load(&w.error), EDEADLK, "wait.4 when the second is refused");
}

/* All live LWPs in _lwp_wait with nothing to reap, of which one is refused. */
static void
test_all_wait(void)
{
	static struct waiter w;
	lwpid_t z;

	w.target = 0;
	atomic_store(&w.error, -1);
	w.id = spawn(wait_for_main, &w);
	tap_is_errno(_lwp_wait(w.id, NULL), 0, "wait.4 one waits for another");
	tap_is_int(atomic_load(&w.error), EDEADLK, "wait.4 which waits for any: all would wait");
	/* With a zombie to reap it is no deadlock. */
	z = spawn(do_nothing, NULL);
	lwp_await_zombie(z);
	atomic_store(&w.error, -1);
	w.id = spawn(wait_for_main, &w);
	tap_is_errno(_lwp_wait(w.id, NULL), 0, "wait.4 the same");
	tap_ok(atomic_load(&w.error) == 0 && w.departed == z, "wait.4 but with a zombie to reap");
}

/* The last LWP that does not wait exits, detached: one of the waiters must be told. */
static lwpid_t		leaver;
static atomic_int	results[2];

static void
leave(void *arg)
{
	struct target *t = arg;

	_lwp_detach(_lwp_self());
	live(t);
}

static void
wait_any(void *arg)
{
	atomic_store(&results[(long)arg], error_of(_lwp_wait(0, NULL)));
}

static void
stuck(void *arg)
{
	static struct target t;
	lwpid_t other;

	(void)arg;
	atomic_store(&t.go, false);
	leaver = t.id = spawn(leave, &t);
	other = spawn(wait_any, (void *)0L);
	await_waiting(other);
	end_target(&t);
	atomic_store(&results[1], error_of(_lwp_wait(other, NULL)));
	/* Either the other was refused, and we reaped it, or we were. */
	_exit(atomic_load(&results[1]) == 0 && atomic_load(&results[0]) == EDEADLK ? 0 :
	    atomic_load(&results[1]) == EDEADLK ? 0 : 1);
}

static void
test_stuck(void)
{
	int bad = 0;

	for (int i = 0; i < 20; i++)
		bad += in_child(stuck, NULL) != 0;
	tap_is_int(bad, 0, "wait.4 the last one who does not wait leaves: a waiter is refused");
}

static void
set_fifo(lwpid_t id, int priority)
{
	struct sched_param sp = { .sched_priority = priority };

	if (_sched_setparam(0, id, SCHED_FIFO, &sp) != 0)
		tap_bail("_sched_setparam: %s", strerror(errno));
}

/* Who waits for any has the higher priority: on one CPU he comes first. */
static void
test_precedence(void)
{
	static struct waiter by_id, any;
	static struct target t, u;
	int bad = 0;

	for (int i = 0; i < 20; i++) {
		start_target(&t);
		start_target(&u);
		if (i % 2 == 0)
			start_waiter(&any, 0);
		start_waiter(&by_id, t.id);
		/* Else the one for any would get it instead, when it exits. */
		_lwp_detach(by_id.id);
		if (i % 2 != 0)
			start_waiter(&any, 0);
		set_fifo(any.id, 20);
		set_fifo(by_id.id, 5);
		end_target(&t);
		AWAIT(atomic_load(&by_id.error) != -1);
		bad += atomic_load(&by_id.error) != 0 || by_id.departed != t.id;
		AWAIT(atomic_load(&any.error) != -1 || await_waiting(any.id) == 0);
		bad += atomic_load(&any.error) != -1;
		end_target(&u);
		join(any.id);
		bad += atomic_load(&any.error) != 0 || any.departed != u.id;
		lwp_await_gone(by_id.id);
	}
	tap_is_int(bad, 0, "wait.5 who waits by id comes before who waits for any");
}

static void
test_fault(void)
{
	static void *const bad[] = { BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP };
	char *readonly = map_edge(1, PROT_READ);
	lwpid_t id = spawn(do_nothing, NULL), gone = 0;
	int wrong = 0;

	tap_is_errno(_lwp_wait(id, (lwpid_t *)BAD_LOW), EFAULT, "wait.6 departed unwritable, zombie or not yet");
	tap_is_int(lwp_await_zombie(id), 0, "wait.6 the zombie is still there");
	for (size_t i = 0; i < __arraycount(bad); i++) {
		wrong += error_of(_lwp_wait(id, bad[i])) != EFAULT;
		wrong += error_of(_lwp_wait(0, bad[i])) != EFAULT;
	}
	wrong += error_of(_lwp_wait(id, (lwpid_t *)(void *)readonly)) != EFAULT;
	wrong += error_of(_lwp_wait(0, (lwpid_t *)(void *)readonly)) != EFAULT;
	tap_is_int(wrong, 0, "wait.6 however often one tries");
	tap_is_errno(_lwp_wait(0, &gone), 0, "wait.6 it can then be reaped");
	tap_is_int(gone, id, "wait.6 by its id");
}

static void
wait_badly(void *arg)
{
	struct waiter *w = arg;

	atomic_store(&w->error, error_of(_lwp_wait(w->target, (lwpid_t *)BAD_KERNEL)));
}

static void
test_fault_asleep(void)
{
	static struct waiter w;
	static struct target t;

	start_target(&t);
	w.target = t.id;
	w.id = spawn(wait_badly, &w);
	await_waiting(w.id);
	end_target(&t);
	join(w.id);
	tap_is_int(atomic_load(&w.error), EFAULT, "wait.6 also after a sleep");
	tap_is_errno(_lwp_wait(t.id, NULL), 0, "wait.6 which leaves the zombie");
}

static void
test_two(void)
{
	static struct waiter w[2];
	static struct target t;
	int bad = 0;

	for (int i = 0; i < 20; i++) {
		start_target(&t);
		start_waiter(&w[0], t.id);
		start_waiter(&w[1], t.id);
		end_target(&t);
		join(w[0].id);
		join(w[1].id);
		bad += !((atomic_load(&w[0].error) == 0 && atomic_load(&w[1].error) == ESRCH) ||
		    (atomic_load(&w[0].error) == ESRCH && atomic_load(&w[1].error) == 0));
	}
	tap_is_int(bad, 0, "wait.8 two wait for one: one gets 0, the other ESRCH");
}

/* The id may already be another LWP's when the second waiter looks: it must not take that one. */
static void
test_many_waiters(void)
{
	enum { N = 6 };
	static struct waiter w[N];
	static struct target t;
	int good = 0, none = 0;

	start_target(&t);
	for (int i = 0; i < N; i++)
		start_waiter(&w[i], t.id);
	end_target(&t);
	for (int i = 0; i < N; i++) {
		join(w[i].id);
		good += atomic_load(&w[i].error) == 0;
		none += atomic_load(&w[i].error) == ESRCH;
	}
	tap_ok(good == 1 && none == N - 1, "wait.8 of %d waiters one gets 0 (%d), the others ESRCH (%d)", N, good,
	    none);
}

/* LWPs that never come to be are nothing to wait for. */
static atomic_bool	stop;

static void
create_in_vain(void *arg)
{
	static char stack[4096];
	ucontext_t uc;

	(void)arg;
	_lwp_detach(_lwp_self());
	_lwp_makecontext(&uc, do_nothing, NULL, NULL, stack, sizeof(stack));
	while (!atomic_load(&stop)) {
		(void)_lwp_create(&uc, 0, (lwpid_t *)BAD_LOW);
		sched_yield();
	}
}

static void
test_half_built(void)
{
	lwpid_t id = spawn(create_in_vain, NULL);
	struct kinfo_lwp kl;
	int bad = 0;

	AWAIT(lwp_info(id, &kl) == 0 && (kl.l_flag & L_DETACHED) != 0);
	for (int i = 0; i < 300; i++) {
		bad += error_of(_lwp_wait(0, NULL)) != ESRCH;
		sched_yield();
	}
	atomic_store(&stop, true);
	lwp_await_gone(id);
	tap_is_int(bad, 0, "wait.2 any, while others fail to create LWPs: there is nothing to wait for");
}

int
main(void)
{
	test_success();
	test_nothing();
	test_half_built();
	test_detached_meanwhile();
	test_detached_then_gone();
	test_deadlock();
	test_all_wait();
	test_stuck();
	test_precedence();
	test_fault();
	test_fault_asleep();
	test_two();
	test_many_waiters();
	return tap_done();
}
