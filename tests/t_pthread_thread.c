/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX threads: creation, end, joining, detaching, attributes, once, names,
 * thread-specific data, and that the library is safe in all of them.
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

	tap_ok(end(begin(echo, &wrong)) == &wrong, "pthread_join gives what the function returned");
	tap_ok(end(begin(leave, &wrong)) == &wrong, "and what pthread_exit was given");
	t = begin(get_self, &seen);
	end(t);
	tap_ok(t == seen && pthread_equal(t, seen), "pthread_self is what pthread_create stored");
	tap_ok(!pthread_equal(t, pthread_self()), "pthread_equal of two threads is 0");
	for (intptr_t i = 0; i < MANY; i++)
		many[i] = begin(echo, (void *)i);
	for (intptr_t i = MANY; i-- > 0; )
		wrong += end(many[i]) != (void *)i;
	tap_is_int(wrong, 0, "%d at once keep apart what they return", MANY);
	tap_is_int(pthread_join(pthread_self(), NULL), EDEADLK, "pthread_join of the caller: EDEADLK");
	tap_is_int(pthread_join(t, NULL), ESRCH, "pthread_join of one that was joined: ESRCH");
	tap_is_int(pthread_join((pthread_t)&wrong, NULL), ESRCH, "pthread_join of nonsense: ESRCH");
	tap_is_int(pthread_detach(t), ESRCH, "pthread_detach of one that was joined: ESRCH");
	tap_is_int(pthread_kill(t, 0), ESRCH, "pthread_kill of one that was joined: ESRCH");
	tap_is_int(pthread_cancel(t), ESRCH, "pthread_cancel of one that was joined: ESRCH");
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
	tap_is_int(pthread_join(a, NULL), EDEADLK, "two that join each other: the second gets EDEADLK");
	tap_is_int(pthread_cancel(a), 0, "the first waits, and can be cancelled");
	tap_ok(end(a) == PTHREAD_CANCELED, "and then be joined");
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
	tap_is_int(pthread_detach(t), 0, "pthread_detach of one that runs");
	tap_is_int(pthread_detach(t), EINVAL, "a second time: EINVAL");
	tap_is_int(pthread_join(t, NULL), EINVAL, "pthread_join of a detached thread: EINVAL");
	atomic_store(&go, 1);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < MANY; i++) {
		if (pthread_create(&t, &attr, count_gone, NULL) != 0)
			tap_bail("pthread_create");
	}
	AWAIT(atomic_load(&gone) == MANY + 1);
	tap_pass("detached threads run to their ends");
	t = begin(echo, NULL);
	while (pthread_kill(t, 0) == 0)
		sched_yield();
	tap_is_int(pthread_detach(t), 0, "pthread_detach of one that has ended");
	while (count_lwps() > 1)
		sched_yield();
	tap_pass("no LWP of theirs is left");
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

	tap_is_int(pthread_attr_init(&attr), 0, "pthread_attr_init");
	tap_ok(pthread_attr_getdetachstate(&attr, &v) == 0 && v == PTHREAD_CREATE_JOINABLE, "joinable by default");
	tap_is_int(pthread_attr_setdetachstate(&attr, 7), EINVAL, "pthread_attr_setdetachstate: EINVAL");
	tap_is_int(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN - 1), EINVAL, "a stack too small: EINVAL");
	tap_is_int(pthread_attr_setstacksize(&attr, 150 * 1024), 0, "pthread_attr_setstacksize");
	tap_ok(pthread_attr_getstacksize(&attr, &size) == 0 && size == 150 * 1024, "pthread_attr_getstacksize");
	tap_ok(pthread_create(&t, &attr, use_stack, NULL) == 0 && end(t) == (void *)1, "the stack is as large as that");
	tap_ok(pthread_attr_setguardsize(&attr, 0) == 0 && pthread_create(&t, &attr, echo, NULL) == 0,
	    "without a guard");
	end(t);
	tap_is_int(pthread_attr_setstack(&attr, stack, sizeof(stack)), 0, "pthread_attr_setstack");
	tap_ok(pthread_attr_getstack(&attr, &addr, &size) == 0 && addr == stack && size == sizeof(stack),
	    "pthread_attr_getstack");
	tap_ok(pthread_create(&t, &attr, use_stack, stack) == 0 && end(t) == (void *)1,
	    "the thread runs on that stack");
	sp.sched_priority = SCHED_PRI_MAX + 1;
	tap_is_int(pthread_attr_setschedparam(&attr, &sp), EINVAL, "pthread_attr_setschedparam: EINVAL");
	tap_is_int(pthread_attr_setschedpolicy(&attr, 9), EINVAL, "pthread_attr_setschedpolicy: EINVAL");
	tap_is_int(pthread_attr_setscope(&attr, PTHREAD_SCOPE_PROCESS), ENOTSUP, "PTHREAD_SCOPE_PROCESS: ENOTSUP");
	tap_is_int(pthread_attr_destroy(&attr), 0, "pthread_attr_destroy");
	tap_is_int(pthread_create(&t, &attr, echo, NULL), EINVAL, "pthread_create with that: EINVAL");
	tap_ok(pthread_getattr_np(pthread_self(), &attr) == 0, "pthread_getattr_np");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, (size_t)1 << 60);
	tap_is_int(pthread_create(&t, &attr, echo, NULL), EAGAIN, "a stack that is not to be had: EAGAIN");
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
	tap_is_int(atomic_load(&inits), 1, "pthread_once: once");
	tap_is_int(atomic_load(&early), 0, "and nobody is back before it is done");
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

static pthread_key_t	key, other;
static atomic_int	destroyed, rounds;

static void
destroy(void *value)
{
	if (value == &destroyed && pthread_getspecific(key) == NULL)
		atomic_fetch_add(&destroyed, 1);
}

static void
set_again(void *value)
{
	atomic_fetch_add(&rounds, 1);
	pthread_setspecific(other, value);
}

static void *
use_keys(void *arg)
{
	if (pthread_getspecific(key) != NULL || pthread_setspecific(key, &destroyed) != 0 ||
	    pthread_setspecific(other, arg) != 0)
		return NULL;
	sched_yield();
	return pthread_getspecific(key) == &destroyed ? arg : NULL;
}

static void
test_keys(void)
{
	pthread_key_t keys[PTHREAD_KEYS_MAX];
	int n = 0, wrong = 0, error;
	pthread_t t[4];

	tap_is_int(pthread_key_create(&key, destroy), 0, "pthread_key_create");
	tap_is_int(pthread_key_create(&other, set_again), 0, "another");
	pthread_setspecific(key, &n);
	for (int i = 0; i < 4; i++)
		t[i] = begin(use_keys, &t[i]);
	for (int i = 0; i < 4; i++)
		wrong += end(t[i]) != &t[i];
	tap_is_int(wrong, 0, "each thread has its own values, NULL at first");
	tap_ok(pthread_getspecific(key) == &n, "so has the first");
	tap_is_int(atomic_load(&destroyed), 4, "destructors run, and find NULL");
	tap_is_int(atomic_load(&rounds), 4 * PTHREAD_DESTRUCTOR_ITERATIONS, "again for values they set, so many times");
	tap_is_int(pthread_key_delete(key), 0, "pthread_key_delete");
	tap_is_int(pthread_key_delete(key), EINVAL, "a second time: EINVAL");
	tap_is_int(pthread_setspecific(key, &n), EINVAL, "pthread_setspecific of no key: EINVAL");
	while ((error = pthread_key_create(&keys[n], NULL)) == 0)
		wrong += pthread_getspecific(keys[n++]) != NULL;
	tap_ok(error == EAGAIN && n == PTHREAD_KEYS_MAX - 1, "PTHREAD_KEYS_MAX keys, then EAGAIN");
	tap_is_int(wrong, 0, "a new key has no value, also where an old one had");
	while (n > 0)
		pthread_key_delete(keys[--n]);
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
	    "the first may leave and be joined; with the last thread the program ends, by exit");
}

int
main(void)
{
	test_life();
	test_deadlock();
	test_detach();
	test_attr();
	test_guard();
	test_once();
	test_names();
	test_keys();
	test_library();
	test_last();
	return tap_done();
}
