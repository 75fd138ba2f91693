/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * POSIX threads: creation, end, joining, detaching, once, names, and that the library
 * is safe in all of them.
 */
#include <pthread.h>
#include <stdint.h>

#include "test_pthread.h"

#define MANY	40

static void *
echo(void *arg)
{
	return arg;
}

static void *
leave(void *arg)
{
	pthread_exit(arg);
}

static void *
get_self(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	return NULL;
}

static void
test_life(void)
{
	pthread_t t, seen = NULL, many[MANY];
	int wrong = 0;

	tap_ok(end(begin(echo, &wrong)) == &wrong,
	    "pthread_create.6 pthread_exit.5 pthread_create.5 pthread_join gives what the function returned");
	tap_ok(end(begin(leave, &wrong)) == &wrong, "pthread_exit.1 pthread_join.2 and what pthread_exit was given");
	t = begin(get_self, &seen);
	end(t);
	tap_ok(t == seen && pthread_equal(t, seen),
	    "pthread_self.1 pthread_create.4 pthread_equal.1 what pthread_create stored");
	tap_ok(!pthread_equal(t, pthread_self()), "pthread_equal.1 of two threads is 0");
	for (intptr_t i = 0; i < MANY; i++)
		many[i] = begin(echo, (void *)i);
	for (intptr_t i = MANY; i-- > 0; )
		wrong += end(many[i]) != (void *)i;
	tap_is_int(wrong, 0, "pthread_join.1 pthread_join.5 %d at once keep apart what they return", MANY);
	tap_is_int(pthread_join(pthread_self(), NULL), EDEADLK, "pthread_join.6 of the caller: EDEADLK");
	tap_is_int(pthread_join(t, NULL), ESRCH, "pthread_join.6 of one that was joined: ESRCH");
	tap_is_int(pthread_join((pthread_t)&wrong, NULL), ESRCH, "pthread_join.6 of nonsense: ESRCH");
	tap_is_int(pthread_detach(t), ESRCH, "pthread_detach.4 of one that was joined: ESRCH");
	tap_is_int(pthread_kill(t, 0), ESRCH, "pthread_kill.6 of one that was joined: ESRCH");
	tap_is_int(pthread_cancel(t), ESRCH, "pthread_cancel.5 of one that was joined: ESRCH");
}

static pthread_t	first;
static atomic_int	joiner;

static void *
join_first(void *arg)
{
	atomic_store(&joiner, _lwp_self());
	pthread_join(first, NULL);
	return arg;
}

static void *
join_other(void *arg)
{
	return (void *)(intptr_t)pthread_join(*(pthread_t *)arg, NULL);
}

static void *
join_when_told(void *arg)
{
	pthread_t *volatile *other = arg;

	AWAIT(*other != NULL);
	return join_other(*other);
}

static void
test_deadlock(void)
{
	static pthread_t *volatile target;
	pthread_t a, b;
	intptr_t ra;

	first = pthread_self();
	a = begin(join_first, NULL);
	AWAIT(atomic_load(&joiner) != 0);
	await_waiting(atomic_load(&joiner));
	tap_is_int(pthread_join(a, NULL), EDEADLK, "pthread_join.6 two that join each other: the second gets EDEADLK");
	tap_is_int(pthread_cancel(a), 0, "pthread_cancel.4 the first waits, and can be cancelled");
	tap_ok(end(a) == PTHREAD_CANCELED, "pthread_join.3 and then be joined");
	a = begin(join_when_told, (void *)&target);
	b = begin(join_other, &a);
	target = &b;
	ra = (intptr_t)end(b);
	tap_ok(ra == EDEADLK || ra == 0, "of two others, one gets EDEADLK: %s", ra != 0 ? "the second" : "the first");
}

static atomic_int	gone, go;

static void *
count_gone(void *arg)
{
	if (arg != NULL)
		AWAIT(atomic_load(&go));
	atomic_fetch_add(&gone, 1);
	return NULL;
}

static void
test_detach(void)
{
	pthread_attr_t attr;
	pthread_t t;

	t = begin(count_gone, &go);
	tap_is_int(pthread_detach(t), 0, "pthread_detach.3 of one that runs: 0");
	tap_is_int(pthread_detach(t), EINVAL, "pthread_detach.4 a second time: EINVAL");
	tap_is_int(pthread_join(t, NULL), EINVAL, "pthread_join.6 of a detached thread: EINVAL");
	atomic_store(&go, 1);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < MANY; i++) {
		if (pthread_create(&t, &attr, count_gone, NULL) != 0)
			tap_bail("pthread_create");
	}
	AWAIT(atomic_load(&gone) == MANY + 1);
	tap_pass("pthread_detach.2 pthread_attr_setdetachstate.1 detached threads run to their ends");
	t = begin(echo, NULL);
	while (pthread_kill(t, 0) == 0)
		sched_yield();
	tap_is_int(pthread_detach(t), 0, "pthread_detach of one that has ended");
	while (count_lwps() > 1)
		sched_yield();
	tap_pass("pthread_detach.1 no LWP of theirs is left");
}

static pthread_once_t	once = PTHREAD_ONCE_INIT;
static atomic_int	inits;

static void
init_slowly(void)
{
	for (int i = 0; i < 20; i++)
		sched_yield();
	atomic_fetch_add(&inits, 1);
}

static void *
call_once(void *arg)
{
	pthread_once(&once, init_slowly);
	if (atomic_load(&inits) != 1)
		atomic_fetch_add((atomic_int *)arg, 1);
	return NULL;
}

static void
test_once(void)
{
	static atomic_int early;
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		t[i] = begin(call_once, &early);
	for (int i = 0; i < 4; i++)
		end(t[i]);
	tap_is_int(atomic_load(&inits), 1, "pthread_once.1 pthread_once.5 once");
	tap_is_int(atomic_load(&early), 0, "pthread_once.2 and nobody is back before it is done");
}

static void
test_names(void)
{
	char name[PTHREAD_MAX_NAMELEN_NP];
	struct kinfo_lwp kl;

	tap_is_int(pthread_setname_np(pthread_self(), "worker %s", __UNCONST("bee")), 0, "pthread_setname_np");
	tap_ok(pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 && strcmp(name, "worker bee") == 0,
	    "pthread_getname_np: %s", name);
	tap_ok(lwp_info(_lwp_self(), &kl) == 0 && strcmp(kl.l_name, "worker bee") == 0, "the kernel shows it");
	tap_is_int(pthread_setname_np(pthread_self(), "a name of %s", __UNCONST("far more bytes than the limit")),
	    EINVAL, "a longer one: EINVAL");
}

static __thread int	own = 5;
static FILE		*file;

/* Everybody uses errno, malloc and one FILE. */
static void *
use_library(void *arg)
{
	intptr_t me = (intptr_t)arg, wrong = 0;
	char *p[8];

	own += (int)me;
	for (int i = 0; i < 150; i++) {
		errno = (int)me;
		for (int j = 0; j < 8; j++) {
			p[j] = malloc((size_t)(16 + 40 * j));
			memset(p[j], (int)me, (size_t)(16 + 40 * j));
		}
		fprintf(file, "%ld %d\n", (long)me, i);
		for (int j = 0; j < 8; j++) {
			wrong += p[j][0] != (char)me || p[j][15 + 40 * j] != (char)me;
			free(p[j]);
		}
		wrong += errno != (int)me || own != 5 + (int)me;
	}
	return (void *)wrong;
}

static void *
run_writers(void *arg)
{
	intptr_t wrong = 0;
	pthread_t t[4];

	for (intptr_t k = 0; k < 4; k++)
		t[k] = begin(use_library, (void *)k);
	for (int k = 0; k < 4; k++)
		wrong += (intptr_t)end(t[k]);
	fclose(file);
	(void)arg;
	return (void *)wrong;
}

static void
test_library(void)
{
	int fds[2], lines = 0, bad = 0, who, i, next[4] = { 0 };
	pthread_t t;
	FILE *in;

	if (pipe(fds) != 0)
		tap_bail("pipe");
	file = fdopen(fds[1], "w");
	in = fdopen(fds[0], "r");
	t = begin(run_writers, NULL);
	for (; fscanf(in, "%d %d", &who, &i) == 2; lines++)
		bad += who < 0 || who > 3 || next[who & 3]++ != i;
	fclose(in);
	tap_ok(end(t) == NULL, "errno, __thread variables and what malloc gives are each thread's own");
	tap_is_int(bad, 0, "lines that four threads print to one FILE are whole and in order");
	tap_is_int(lines, 4 * 150, "and all there");
}

static void *
exit_last(void *arg)
{
	pthread_join(first, NULL);
	(void)arg;
	return NULL;
}

static void
say_goodbye(void)
{
	_exit(atomic_load(&gone) == 99 ? 7 : 8);
}

static void
first_leaves(void *arg)
{
	(void)arg;
	first = pthread_self();
	atexit(say_goodbye);
	atomic_store(&gone, 99);
	begin(exit_last, NULL);
	pthread_exit(NULL);
}

static void
test_last(void)
{
	int status = in_child(first_leaves, NULL);

	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 7,
	    "pthread_exit.6 the first may leave and be joined; with the last thread the program ends, by exit");
}

static double
third(double x)
{
	volatile double one = 1;

	return one / x;
}

/* The rounding of the thread that made it: up, in SSE's control word. */
static void *
get_rounding(void *arg)
{
	uint32_t mxcsr;

	__asm volatile ("stmxcsr %0" : "=m" (mxcsr));
	*(double *)arg = third(3);
	return (void *)(uintptr_t)(mxcsr & 0x6000);
}

static void
test_create(void)
{
	uint32_t mxcsr, up;
	double here = third(3), there = 0;
	pthread_t t = NULL;
	intptr_t rounding;

	tap_is_int(pthread_create(&t, NULL, echo, &here), 0, "pthread_create.12 0");
	tap_ok(end(t) == &here, "pthread_create.1 pthread_create.2 without attributes it can be joined");
	__asm volatile ("stmxcsr %0" : "=m" (mxcsr));
	up = (mxcsr & ~0x6000U) | 0x4000;
	__asm volatile ("ldmxcsr %0" : : "m" (up));
	rounding = end_int(begin(get_rounding, &there));
	__asm volatile ("ldmxcsr %0" : : "m" (mxcsr));
	tap_ok(rounding == 0x4000 && there > here, "pthread_create.9 the floating-point environment is inherited");
}

static pthread_once_t	again = PTHREAD_ONCE_INIT;

static void
test_once_init(void)
{
	atomic_store(&inits, 0);
	tap_ok(pthread_once(&again, init_slowly) == 0 && atomic_load(&inits) == 1, "pthread_once.4 PTHREAD_ONCE_INIT");
}

int
main(void)
{
	test_life();
	test_deadlock();
	test_detach();
	test_once();
	test_names();
	test_library();
	test_last();
	test_create();
	test_once_init();
	return tap_done();
}
