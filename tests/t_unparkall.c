/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_unpark_all.
 */
#include "test.h"

#define MAX_PARKERS	40

static lwpid_t		ids[LWP_UNPARK_MAX];
static lwpid_t		parkers[MAX_PARKERS];
static atomic_int	back;

static void
park_once(void *arg)
{
	(void)arg;
	while (park() != 0)
		continue;
	atomic_fetch_add(&back, 1);
}

static void
start(int n)
{
	atomic_store(&back, 0);
	for (int i = 0; i < n; i++)
		parkers[i] = spawn(park_once, NULL);
	for (int i = 0; i < n; i++)
		lwp_await_parked(parkers[i]);
}

/* Whether the first n are all still parked. */
static bool
still_parked(int n)
{
	int parked = 0;

	for (int i = 0; i < n; i++)
		parked += lwp_await_parked(parkers[i]) == 0;
	return parked == n && atomic_load(&back) == 0;
}

static void
join_all(int n)
{
	for (int i = 0; i < n; i++)
		join(parkers[i]);
}

static void
test_arguments(void)
{
	static const size_t bad_counts[] = { 0, 1025, 1026, 65536, 1UL << 31, 1UL << 32, (1UL << 32) + 1,
	    (1UL << 32) + 1024, 1UL << 63, (size_t)-1 };
	int bad = 0;

	tap_is_int(_lwp_unpark_all(NULL, 0, NULL), 1024, "unparkall.1 NULL asks for the limit: 1024");
	tap_is_int(_lwp_unpark_all(NULL, 5000, NULL), 1024, "unparkall.1 whatever the number");
	ids[0] = _lwp_self();
	for (size_t i = 0; i < __arraycount(bad_counts); i++)
		bad += error_of(_lwp_unpark_all(ids, bad_counts[i], NULL)) != EINVAL;
	tap_is_int(bad, 0, "unparkall.1 0 or more than 1024 gives EINVAL, also beyond 32 bits");
	tap_ok(token_empty(), "unparkall.1 and unparks nobody");
}

static void
test_fault(void)
{
	static void *const unreadable[] = { BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP };
	char *edge = map_edge(1, PROT_READ | PROT_WRITE) + PAGE_SIZE;
	lwpid_t *list = (lwpid_t *)(void *)edge - 8;
	int bad = 0;

	for (size_t i = 0; i < __arraycount(unreadable); i++)
		bad += error_of(_lwp_unpark_all(unreadable[i], 8, NULL)) != EFAULT;
	tap_is_int(bad, 0, "unparkall.1 an unreadable array gives EFAULT");
	start(8);
	memcpy(list, parkers, 8 * sizeof(list[0]));
	tap_is_errno(_lwp_unpark_all(list, 9, NULL), EFAULT, "unparkall.1 one whose end is not mapped too");
	tap_is_errno(_lwp_unpark_all(list, 1024, NULL), EFAULT, "unparkall.1 by much");
	tap_ok(still_parked(8), "unparkall.1 and nobody was woken");
	tap_is_errno(_lwp_unpark_all(list, 8, NULL), 0, "unparkall.2 the same array as far as it is mapped");
	join_all(8);
	tap_is_int(atomic_load(&back), 8, "unparkall.2 wakes all");
}

static void
test_found(void)
{
	size_t found = 99;
	int n = 0;

	start(3);
	ids[n++] = NO_SUCH_LWP;
	ids[n++] = parkers[0];
	ids[n++] = 0;
	ids[n++] = -7;
	ids[n++] = parkers[1];
	ids[n++] = parkers[1];
	ids[n++] = _lwp_self();
	ids[n++] = parkers[2];
	tap_is_int(_lwp_unpark_all_found(ids, (size_t)n, NULL, &found), 0, "unparkall.2 gives 0");
	/* The second one may be gone when it is met again. */
	tap_ok(found == 5 || found == 4, "unparkall.2 ids not found are skipped, the others counted");
	join_all(3);
	tap_ok(token_full(), "unparkall.2 each as _lwp_unpark: who is not parked gets a token");
	found = 99;
	ids[0] = NO_SUCH_LWP;
	tap_is_int(_lwp_unpark_all_found(ids, 1, NULL, &found), 0, "unparkall.2 nobody found is no error");
	tap_is_int((long)found, 0, "unparkall.2 and counted as 0");
}

/* n targets, of which some are parked LWPs and the rest does not exist. */
static void
test_number(int n)
{
	int parked = n < MAX_PARKERS ? n : MAX_PARKERS;
	size_t found = 99;

	start(parked);
	for (int i = 0; i < n; i++)
		ids[i] = NO_SUCH_LWP - i;
	/* Spread over the array, the last place included. */
	for (int i = 0; i < parked; i++)
		ids[n - 1 - i * (n / parked)] = parkers[i];
	tap_is_int(_lwp_unpark_all_found(ids, (size_t)n, NULL, &found), 0, "unparkall.3 %d targets", n);
	tap_is_int((long)found, parked, "unparkall.2 of which %d are found", parked);
	join_all(parked);
	tap_is_int(atomic_load(&back), parked, "unparkall.2 and woken");
}

static void
test_self_many(void)
{
	size_t found = 0;

	for (int i = 0; i < LWP_UNPARK_MAX; i++)
		ids[i] = _lwp_self();
	tap_is_int(_lwp_unpark_all_found(ids, LWP_UNPARK_MAX, NULL, &found), 0, "unparkall.2 1024 times the same");
	tap_is_int((long)found, LWP_UNPARK_MAX, "unparkall.2 is found each time");
	tap_ok(token_full() && token_empty(), "unparkall.2 and gets one token");
}

int
main(void)
{
	test_arguments();
	test_fault();
	test_found();
	test_number(1);
	test_number(32);
	test_number(33);
	test_number(1024);
	test_self_many();
	return tap_done();
}
