/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread storage: __thread variables of all kinds, in all kinds of LWPs.
 */
#include <heddle/tls.h>

#include "test.h"

#define NLWPS	5
#define STACK	16384

static __thread int		small = 5;
static __thread char		text[40] = "initialised";
static __thread char		zeros[3000];
static __thread long		aligned __aligned(64) = 64;
static __thread atomic_long	counter;

static atomic_int		wrong;
static void			*addresses[NLWPS];

static void
check(bool ok)
{
	if (!ok)
		atomic_fetch_add(&wrong, 1);
}

static void
use(void *arg)
{
	int me = *(int *)arg, dirty = 0;

	check(small == 5 && strcmp(text, "initialised") == 0 && aligned == 64 && atomic_load(&counter) == 0);
	check((uintptr_t)&aligned % 64 == 0);
	for (size_t i = 0; i < sizeof(zeros); i++)
		dirty += zeros[i] != 0;
	check(dirty == 0);
	addresses[me] = &small;
	for (int i = 0; i < 200; i++) {
		small = me * 1000 + i;
		zeros[i * 7] = (char)me;
		atomic_fetch_add(&counter, 1);
		sched_yield();
		check(small == me * 1000 + i && zeros[i * 7] == (char)me && atomic_load(&counter) == i + 1);
	}
}

static void
test_spawned(void)
{
	static int numbers[NLWPS];
	lwpid_t ids[NLWPS];

	for (int i = 0; i < NLWPS; i++) {
		numbers[i] = i;
		ids[i] = spawn(use, &numbers[i]);
	}
	for (int i = 0; i < NLWPS; i++)
		join(ids[i]);
	tap_is_int(atomic_load(&wrong), 0, "each LWP starts with the initial values and keeps its own");
	for (int i = 0; i < NLWPS; i++) {
		for (int j = 0; j < i; j++)
			check(addresses[i] != addresses[j]);
		check(addresses[i] != &small);
	}
	tap_is_int(atomic_load(&wrong), 0, "at addresses of its own");
	tap_ok(small == 5 && atomic_load(&counter) == 0, "the first LWP's are untouched");
}

static void
test_by_hand(void)
{
	static char stack[STACK] __aligned(16);
	struct tls_tcb *tcb = _rtld_tls_allocate();
	static ucontext_t uc;
	static int zero;
	lwpid_t id;

	_lwp_makecontext(&uc, use, &zero, NULL, stack, sizeof(stack));
	if (_lwp_create(&uc, 0, &id) != 0)
		tap_bail("_lwp_create: %s", strerror(errno));
	_lwp_wait(id, NULL);
	tap_ok(atomic_load(&wrong) == 0 && (char *)addresses[0] > stack && (char *)addresses[0] < stack + sizeof(stack),
	    "private.1 _lwp_makecontext without a private pointer puts a block on the stack");
	_lwp_makecontext(&uc, use, &zero, tcb, stack, sizeof(stack));
	if (_lwp_create(&uc, 0, &id) != 0)
		tap_bail("_lwp_create: %s", strerror(errno));
	_lwp_wait(id, NULL);
	tap_ok(atomic_load(&wrong) == 0 && tcb->tcb_self == tcb, "private.1 and with one it uses that");
	_rtld_tls_free(tcb);
}

static void
in_a_child(void *arg)
{
	(void)arg;
	check(small == 77 && strcmp(text, "changed") == 0);
	small = 88;
	join(spawn(use, &(int){ 0 }));
	_exit(atomic_load(&wrong));
}

static void
test_fork(void)
{
	small = 77;
	strcpy(text, "changed");
	tap_is_int(in_child(in_a_child, NULL), 0, "a child process has its parent's, its LWPs begin afresh");
	tap_is_int(small, 77, "what it changes is its own");
}

static void
fail_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < 300; i++) {
		errno = 0;
		check(_lwp_unpark(NO_SUCH_LWP, NULL) == -1 && errno == ESRCH);
		sched_yield();
		check(errno == ESRCH);
	}
}

static void
fail_otherwise(void *arg)
{
	(void)arg;
	for (int i = 0; i < 300; i++) {
		errno = 0;
		check(close(-1) == -1 && errno == EBADF);
		sched_yield();
		check(errno == EBADF);
	}
}

static void
test_errno(void)
{
	lwpid_t a = spawn(fail_often, NULL), b = spawn(fail_otherwise, NULL);

	join(a);
	join(b);
	tap_is_int(atomic_load(&wrong), 0, "errno is each LWP's own");
}

int
main(void)
{
	test_spawned();
	test_by_hand();
	test_fork();
	test_errno();
	return tap_done();
}
