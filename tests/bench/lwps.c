/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LWPs for the benchmark: one at a time, and crowds of sleepers.
 */
#include <errno.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "bench.h"

struct sleeper	*sleepers;
struct crowd	crowd;

static char	*stacks;

void
bind(lwpid_t lid, cpuid_t cpu)
{
	cpuset_t *set = cpuset_create();

	if (set == NULL || cpuset_set(cpu, set) != 0 || _sched_setaffinity(0, lid, cpuset_size(set), set) != 0)
		die("_sched_setaffinity");
	cpuset_destroy(set);
}

lwpid_t
spawn(void (*fn)(void *), void *arg, char *stack, unsigned long flags)
{
	ucontext_t uc;
	lwpid_t id;

	_lwp_makecontext(&uc, fn, arg, NULL, stack, STACK);
	if (_lwp_create(&uc, flags, &id) != 0)
		die("_lwp_create");
	return id;
}

void
join(lwpid_t id)
{
	if (_lwp_wait(id, NULL) != 0)
		die("_lwp_wait");
}

char *
stack_of(int i)
{
	return stacks + (size_t)i * STACK;
}

void *
map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

void
crowd_init(void)
{
	stacks = map((size_t)CROWD_MAX * STACK);
	sleepers = map(CROWD_MAX * sizeof(*sleepers));
}

static void
sleeper_main(void *arg)
{
	struct sleeper *s = arg;

	for (;;) {
		while (!s->s_go)
			park(s);
		s->s_go = 0;
		if (crowd.stop)
			return;
		if (atomic_fetch_sub(&crowd.left, 1) == 1) {
			crowd.last = window_end();
			crowd.done = 1;
			unpark_main();
		}
	}
}

void
crowd_prepare(int n)
{
	for (int i = 0; i < n; i++) {
		stack_of(i)[STACK - 1] = 1;
		sleepers[i].s_go = 0;
	}
	crowd.stop = false;
	crowd.n = 0;
}

void
crowd_grow(int n)
{
	while (crowd.n < n) {
		int i = crowd.n++;

		sleepers[i].s_id = spawn(sleeper_main, &sleepers[i], stack_of(i), 0);
		if (i % 64 == 0)
			(void)sched_yield();
	}
	if (n != 0 && lwp_await_parked(sleepers[n - 1].s_id) != 0)
		die("waiting for the sleepers");
}

void
crowd_gather(int n)
{
	crowd_prepare(n);
	crowd_grow(n);
}

void
crowd_dismiss(void)
{
	crowd.stop = true;
	for (int i = 0; i < crowd.n; i++) {
		sleepers[i].s_go = 1;
		_lwp_unpark(sleepers[i].s_id, &sleepers[i]);
	}
	for (int i = 0; i < crowd.n; i++)
		join(sleepers[i].s_id);
}

void
crowd_await(void)
{
	while (!crowd.done)
		park(&main_id);
}
