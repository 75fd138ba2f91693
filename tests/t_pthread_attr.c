/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: attributes of threads, their stacks.
 */
#include "test_pthread.h"

static void *
echo(void *arg)
{
	return arg;
}

static void *
use_stack(void *arg)
{
	volatile char big[100 * 1024];
	char *low = arg;

	for (size_t i = 0; i < sizeof(big); i += 1024)
		big[i] = 1;
	return (void *)(intptr_t)(low == NULL || ((char *)big > low && (char *)big < low + 200 * 1024));
}

static void
test_attr(void)
{
	static char stack[200 * 1024] __aligned(16);
	pthread_attr_t attr;
	struct sched_param sp;
	size_t size;
	void *addr;
	pthread_t t;
	int v;

	tap_is_int(pthread_attr_init(&attr), 0, "pthread_attr_init.4 0");
	tap_ok(pthread_attr_getdetachstate(&attr, &v) == 0 && v == PTHREAD_CREATE_JOINABLE,
	    "pthread_attr_init.1 joinable by default");
	tap_is_int(pthread_attr_setdetachstate(&attr, 7), EINVAL, "pthread_attr_setdetachstate.4 EINVAL");
	tap_is_int(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN - 1), EINVAL,
	    "pthread_attr_setstacksize.4 a stack too small: EINVAL");
	tap_is_int(pthread_attr_setstacksize(&attr, 150 * 1024), 0, "pthread_attr_setstacksize.3 0");
	tap_ok(pthread_attr_getstacksize(&attr, &size) == 0 && size == 150 * 1024,
	    "pthread_attr_setstacksize.1 is told");
	tap_ok(pthread_create(&t, &attr, use_stack, NULL) == 0 && end(t) == (void *)1,
	    "pthread_attr_setstacksize.2 pthread_attr_init.2 the stack is as large as that");
	tap_ok(pthread_attr_setguardsize(&attr, 0) == 0 && pthread_create(&t, &attr, echo, NULL) == 0,
	    "without a guard");
	end(t);
	tap_is_int(pthread_attr_setstack(&attr, stack, sizeof(stack)), 0, "pthread_attr_setstack.5 0");
	tap_ok(pthread_attr_getstack(&attr, &addr, &size) == 0 && addr == stack && size == sizeof(stack),
	    "pthread_attr_setstack.1 pthread_attr_setstack.3 is told");
	tap_ok(pthread_create(&t, &attr, use_stack, stack) == 0 && end(t) == (void *)1,
	    "pthread_attr_setstack.2 pthread_attr_setstack.4 the thread runs on that stack");
	sp.sched_priority = SCHED_PRI_MAX + 1;
	tap_is_int(pthread_attr_setschedparam(&attr, &sp), EINVAL, "pthread_attr_setschedparam.3 EINVAL");
	tap_is_int(pthread_attr_setschedpolicy(&attr, 9), EINVAL, "pthread_attr_setschedpolicy.4 EINVAL");
	tap_is_int(pthread_attr_setscope(&attr, PTHREAD_SCOPE_PROCESS), ENOTSUP,
	    "pthread_attr_setscope.5 PTHREAD_SCOPE_PROCESS: ENOTSUP");
	tap_is_int(pthread_attr_destroy(&attr), 0, "pthread_attr_destroy.3 0");
	tap_is_int(pthread_create(&t, &attr, echo, NULL), EINVAL,
	    "pthread_create.13 with destroyed attributes: EINVAL");
	tap_ok(pthread_getattr_np(pthread_self(), &attr) == 0, "pthread_getattr_np");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, (size_t)1 << 60);
	tap_is_int(pthread_create(&t, &attr, echo, NULL), EAGAIN,
	    "pthread_create.13 a stack that is not to be had: EAGAIN");
}

static void *
overflow(void *arg)
{
	static void *(*volatile again)(void *) = overflow;
	volatile char page[PAGE_SIZE];

	page[0] = (char)(uintptr_t)arg;
	return (char *)again((void *)(uintptr_t)page) + page[0];
}

static void
overflow_in_child(void *arg)
{
	(void)arg;
	end(begin(overflow, NULL));
}

static void
test_guard(void)
{
	int status = in_child(overflow_in_child, NULL);

	tap_ok(WIFSIGNALED(status), "who runs over the end of the stack is stopped by the guard page");
}

static void *
until_told(void *arg)
{
	AWAIT(atomic_load((atomic_int *)arg));
	return arg;
}

static void *
tell(void *arg)
{
	atomic_fetch_add((atomic_int *)arg, 1);
	return NULL;
}

/* What the others of this file have left over. */
static void
test_rest(void)
{
	struct sched_param sp = { 11 };
	static atomic_int go;
	pthread_attr_t attr;
	atomic_int told = 0;
	pthread_t t[2];
	int v = -1;

	pthread_attr_init(&attr);
	tap_is_int(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), 0, "pthread_attr_setdetachstate.3 0");
	t[0] = begin_with(&attr, until_told, &go);
	tap_is_int(pthread_join(t[0], NULL), EINVAL, "pthread_attr_setdetachstate.2 joining a detached one: EINVAL");
	tap_is_int(pthread_detach(t[0]), EINVAL, "pthread_attr_setdetachstate.2 detaching it: EINVAL");
	atomic_store(&go, 1);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_JOINABLE);
	tap_ok(pthread_attr_setschedparam(&attr, &sp) == 0 && pthread_attr_getschedparam(&attr, &sp) == 0 &&
	    sp.sched_priority == 11, "pthread_attr_setschedparam.2 0");
	tap_ok(pthread_attr_setschedpolicy(&attr, SCHED_RR) == 0 && pthread_attr_getschedpolicy(&attr, &v) == 0 &&
	    v == SCHED_RR, "pthread_attr_setschedpolicy.3 0");
	tap_ok(pthread_attr_setscope(&attr, PTHREAD_SCOPE_SYSTEM) == 0 && pthread_attr_getscope(&attr, &v) == 0 &&
	    v == PTHREAD_SCOPE_SYSTEM, "pthread_attr_setscope.1 pthread_attr_setscope.2 pthread_attr_setscope.3 0");
	tap_is_int(pthread_attr_setscope(&attr, 99), EINVAL, "pthread_attr_setscope.4 EINVAL");
	tap_is_int(pthread_attr_setstack(&attr, &attr, PTHREAD_STACK_MIN - 1), EINVAL,
	    "pthread_attr_setstack.6 too small: EINVAL");
	tap_is_int(pthread_attr_setstack(&attr, (char *)&told + 1, 65536), EINVAL,
	    "pthread_attr_setstack.7 not aligned: EINVAL");
	for (int i = 0; i < 2; i++)
		t[i] = begin_with(&attr, tell, &told);
	pthread_attr_destroy(&attr);
	end(t[0]);
	end(t[1]);
	tap_is_int(atomic_load(&told), 2,
	    "pthread_attr_init.3 pthread_create.3 one object for two threads, destroyed while they run");
	tap_is_int(pthread_attr_setscope(&attr, PTHREAD_SCOPE_SYSTEM), EINVAL,
	    "pthread_attr_destroy.1 what was destroyed is invalid");
	tap_ok(pthread_attr_init(&attr) == 0 && pthread_attr_setscope(&attr, PTHREAD_SCOPE_SYSTEM) == 0,
	    "pthread_attr_destroy.2 and can be initialised again");
	pthread_attr_destroy(&attr);
}

int
main(void)
{
	test_attr();
	test_guard();
	test_rest();
	return tap_done();
}
