/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_unpark: targets that are and are not there, the token, other sleeps.
 */
#include <fcntl.h>

#include "test.h"

#define MANY		2000
#define STACK_SIZE	2048

static atomic_int	result;		/* of the park, -1: not back yet */

static void
park_once(void *arg)
{
	(void)arg;
	atomic_store(&result, park());
}

static lwpid_t
start(void)
{
	lwpid_t id;

	atomic_store(&result, -1);
	id = spawn(park_once, NULL);
	lwp_await_parked(id);
	return id;
}

static void
test_targets(void)
{
	static const lwpid_t unknown[] = { 0, -1, INT32_MIN, INT32_MAX, NO_SUCH_LWP, 2000000, 1 << 30 };
	lwpid_t id;
	int bad = 0;

	for (size_t i = 0; i < __arraycount(unknown); i++)
		bad += error_of(_lwp_unpark(unknown[i], NULL)) != ESRCH;
	tap_is_int(bad, 0, "unpark.1 ids that nobody has give ESRCH");
	id = spawn(do_nothing, NULL);
	lwp_await_zombie(id);
	tap_is_errno(_lwp_unpark(id, NULL), ESRCH, "unpark.1 a zombie gives ESRCH");
	join(id);
	tap_is_errno(_lwp_unpark(id, NULL), ESRCH, "unpark.1 one that is gone gives ESRCH");
	tap_ok(token_empty(), "unpark.1 none of these left us a token");
	id = start();
	tap_is_errno(_lwp_unpark(id, NULL), 0, "unpark.1 a parked one: 0");
	join(id);
	tap_is_int(atomic_load(&result), 0, "unpark.1 and it runs again");
}

static void
test_token(void)
{
	for (int i = 0; i < 10; i++)
		_lwp_unpark(_lwp_self(), (void *)(long)i);
	tap_ok(token_full(), "unpark.1 an LWP that is not parked gets a token");
	tap_ok(token_empty(), "unpark.1 many unparks, one token");
}

/* An LWP that is in some other sleep, with a token. */
static int		pipe_ends[2];
static lwpid_t		wait_target;
static atomic_int	slept;		/* result of that sleep, -1: not back yet */
static atomic_int	token_after;

static void
nap(void *arg)
{
	struct timespec ts = { 0, 3 * MSEC };
	int64_t begin = now_ns();

	(void)arg;
	_lwp_unpark(_lwp_self(), NULL);
	atomic_store(&slept, error_of(nanosleep(&ts, NULL)) + (now_ns() - begin < 3 * MSEC ? 1000 : 0));
	atomic_store(&token_after, token_full());
}

static atomic_int	napped, unparked;

/* It has parked before, which makes no difference. */
static void
nap_long(void *arg)
{
	struct timespec ts = { 0, 30 * MSEC };
	int64_t begin;

	(void)arg;
	(void)park();
	begin = now_ns();
	atomic_store(&slept, error_of(nanosleep(&ts, NULL)) + (now_ns() - begin < 30 * MSEC ? 1000 : 0));
	atomic_store(&napped, 1);
	AWAIT(atomic_load(&unparked));
	atomic_store(&token_after, token_full());
}

static bool
is_napping(lwpid_t id)
{
	struct kinfo_lwp info;

	return lwp_info(id, &info) == 0 && info.l_stat == LSSLEEP && strcmp(info.l_wmesg, "nanoslp") == 0;
}

static void
wait_for_target(void *arg)
{
	(void)arg;
	atomic_store(&slept, error_of(_lwp_wait(wait_target, NULL)));
	atomic_store(&token_after, token_full());
}

static void
read_pipe(void *arg)
{
	char c;

	(void)arg;
	atomic_store(&slept, read(pipe_ends[0], &c, 1) == 1 ? 0 : errno);
	atomic_store(&token_after, token_full());
}

static void
test_other_sleeps(void)
{
	lwpid_t id;
	int bad = 0;

	join(spawn(nap, NULL));
	tap_is_int(atomic_load(&slept), 0, "unpark.3 a sleep by the clock does not see the token");
	tap_ok(atomic_load(&token_after), "unpark.3 and does not spend it");
	id = spawn(nap_long, NULL);
	(void)lwp_await_parked(id);
	bad += _lwp_unpark(id, NULL) != 0;
	AWAIT(atomic_load(&napped) || is_napping(id));
	for (int i = 0; i < 3; i++)
		bad += _lwp_unpark(id, NULL) != 0 || _lwp_unpark_all(&id, 1, NULL) != 0;
	atomic_store(&unparked, 1);
	join(id);
	tap_ok(bad == 0 && atomic_load(&slept) == 0 && atomic_load(&token_after),
	    "unpark.3 nor is it ended by what comes while it lasts, which fills the token");
	wait_target = start();
	atomic_store(&slept, -1);
	id = spawn(wait_for_target, NULL);
	await_waiting(id);
	for (int i = 0; i < 5; i++)
		bad += _lwp_unpark(id, NULL) != 0;
	bad += await_waiting(id) != 0 || atomic_load(&slept) != -1;
	tap_is_int(bad, 0, "unpark.3 an LWP that waits for another goes on waiting");
	_lwp_unpark(wait_target, NULL);
	join(id);
	tap_ok(atomic_load(&slept) == 0 && atomic_load(&token_after), "unpark.3 and keeps the token");
	if (pipe(pipe_ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	atomic_store(&slept, -1);
	id = spawn(read_pipe, NULL);
	lwp_await(id, LSSLEEP, NULL);
	_lwp_unpark(id, NULL);
	lwp_await(id, LSSLEEP, NULL);
	tap_is_int(atomic_load(&slept), -1, "unpark.3 one that reads from a pipe goes on reading");
	bad = write(pipe_ends[1], "x", 1) != 1;
	join(id);
	tap_ok(bad == 0 && atomic_load(&slept) == 0 && atomic_load(&token_after), "unpark.3 and keeps it too");
}

/* Unparking never sleeps and does not depend on how many are parked: also with many. */
static lwpid_t		ids[MANY];
static atomic_int	woken, wrong;

static void
park_and_count(void *arg)
{
	if (park() != 0)
		atomic_fetch_add(&wrong, 1);
	if (_lwp_self() != *(lwpid_t *)arg)
		atomic_fetch_add(&wrong, 1);
	atomic_fetch_add(&woken, 1);
}

static void
test_many(void)
{
	char *stacks = mmap(NULL, (size_t)MANY * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	static ucontext_t uc;
	int bad = 0, n = 0;

	for (; n < MANY; n++) {
		_lwp_makecontext(&uc, park_and_count, &ids[n], NULL, stacks + (size_t)n * STACK_SIZE, STACK_SIZE);
		if (_lwp_create(&uc, 0, &ids[n]) != 0)
			break;
	}
	tap_is_int(await_all_parked(n), 0, "unpark.2 %d LWPs are parked", n);
	/* Each one by name, in an order that is not theirs; only that one goes. */
	for (int i = 0; i < n; i++) {
		bad += _lwp_unpark(ids[i * 7L % n], NULL) != 0;
		if (i % 200 == 0) {
			AWAIT(atomic_load(&woken) >= i + 1);
			bad += atomic_load(&woken) != i + 1;
		}
	}
	for (int i = 0; i < n; i++)
		bad += _lwp_wait(ids[i], NULL) != 0;
	tap_is_int(bad, 0, "unpark.2 each unpark makes one of them run");
	tap_ok(atomic_load(&woken) == n && atomic_load(&wrong) == 0, "unpark.1 and that is the one meant");
	munmap(stacks, (size_t)MANY * STACK_SIZE);
}

/* The id of another process's LWP means nothing here. */
static void
unpark_parent(void *arg)
{
	_exit(error_of(_lwp_unpark(*(lwpid_t *)arg, NULL)));
}

static void
test_other_process(void)
{
	lwpid_t id = start();

	tap_is_int(in_child(unpark_parent, &id), W_EXITCODE(ESRCH, 0),
	    "unpark.1 an LWP of another process is not found");
	tap_is_int(lwp_await_parked(id), 0, "unpark.1 and sleeps on");
	_lwp_unpark(id, NULL);
	join(id);
}

int
main(void)
{
	test_targets();
	test_token();
	test_other_sleeps();
	test_many();
	test_other_process();
	return tap_done();
}
