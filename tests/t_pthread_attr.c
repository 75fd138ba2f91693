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

int
main(void)
{
	test_attr();
	test_guard();
	return tap_done();
}
