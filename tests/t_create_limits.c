/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits on LWPs, and many of them at once.
 */
#include <sys/resource.h>

#include "test.h"

#define LIMIT		20
#define MANY		2000
#define STACK_SIZE	2048

static char		*stacks;
static lwpid_t		ids[MANY];
static atomic_int	nrun;
static atomic_bool	may_go;

static void
sleeper(void *arg)
{
	(void)arg;
	atomic_fetch_add(&nrun, 1);
	while (!atomic_load(&may_go))
		park();
}

/* LWP number i, on a small stack of its own; errno. */
static int
create(int i)
{
	static ucontext_t uc;

	_lwp_makecontext(&uc, sleeper, NULL, NULL, stacks + (size_t)i * STACK_SIZE, STACK_SIZE);
	return error_of(_lwp_create(&uc, 0, &ids[i]));
}

/* Let the first n go and reap them; how many could not be. */
static int
end(int n)
{
	int bad = 0;

	atomic_store(&may_go, true);
	for (int i = 0; i < n; i++)
		bad += _lwp_unpark(ids[i], NULL) != 0 && errno != ESRCH;
	for (int i = 0; i < n; i++)
		bad += _lwp_wait(ids[i], NULL) != 0;
	atomic_store(&may_go, false);
	atomic_store(&nrun, 0);
	return bad;
}

static void
test_rlimit(void)
{
	struct rlimit old, new;
	int n = 0, error = 0;

	if (getrlimit(RLIMIT_NTHR, &old) != 0)
		tap_bail("getrlimit: %s", strerror(errno));
	new = old;
	new.rlim_cur = LIMIT;
	if (setrlimit(RLIMIT_NTHR, &new) != 0)
		tap_bail("setrlimit: %s", strerror(errno));
	while (n < 2 * LIMIT && (error = create(n)) == 0)
		n++;
	tap_is_int(error, EAGAIN, "create.6 RLIMIT_NTHR gives EAGAIN");
	tap_is_int(n, LIMIT, "create.6 when there are as many, the first of each process not counted");
	tap_is_int(count_lwps(), n + 1, "create.6 the one refused does not exist");
	tap_is_int(end(n), 0, "create.6 the others are as usual");
	tap_is_int(create(0), 0, "create.6 when some are gone there is room again");
	end(1);
	setrlimit(RLIMIT_NTHR, &old);
}

static void
test_many(void)
{
	int n = 0, error = 0, parked = 0;

	while (n < MANY && (error = create(n)) == 0)
		n++;
	tap_ok(n == MANY, "create.6 %d LWPs exist at once (error %d)", n, error);
	AWAIT(atomic_load(&nrun) == n);
	for (int i = 0; i < n; i += 100)
		parked += lwp_await_parked(ids[i]) == 0;
	tap_is_int(parked, (n + 99) / 100, "create.2 they run and park");
	tap_is_int(count_lwps(), n + 1, "create.2 all are listed");
	tap_is_int(end(n), 0, "wait.1 all are waited for");
	tap_is_int(count_lwps(), 1, "wait.1 none is left");
}

/* Create for as long as there is room; leaves without waiting. */
static void
fill(void *arg)
{
	lwpid_t id;
	long n = 0;
	int error;
	ucontext_t uc;

	(void)arg;
	/* They share a stack: none of them ever returns from its park. */
	do {
		_lwp_makecontext(&uc, sleeper, NULL, NULL, stacks + (size_t)(n % MANY) * STACK_SIZE, STACK_SIZE);
		error = error_of(_lwp_create(&uc, 0, &id));
		n++;
	} while (error == 0 && n < 20000);
	_exit(error == EAGAIN || error == ENOMEM || error == 0 ? 0 : 1);
}

static void
test_full(void)
{
	int status = in_child(fill, NULL);

	tap_is_int(status, 0, "create.6 at the end of limits or memory: EAGAIN or ENOMEM");
	tap_is_int(create(0), 0, "create.6 and afterwards there is room again");
	tap_is_int(end(1), 0, "create.6 for an LWP as any other");
}

int
main(void)
{
	stacks = mmap(NULL, (size_t)MANY * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	if (stacks == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	test_rlimit();
	test_many();
	test_full();
	return tap_done();
}
