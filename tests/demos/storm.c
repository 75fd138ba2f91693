/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A storm of LWPs: they are created, exit and are waited for as fast as it
 * goes, some dozens of them at any time.
 *
 * An LWP that exits is not gone: it stays as a zombie, keeping its id, until
 * somebody waits for it; otherwise its id could already mean another LWP when
 * somebody comes to ask for it.  Only a detached one vanishes by itself.  The
 * storm has both kinds.
 *
 * What it proves: every LWP ran exactly once and was waited for exactly once;
 * no id was given to two LWPs at a time; and when all is over the kernel has
 * as many free pages, objects and LWPs as before.
 */
#include <heddle/testlib.h>
#include <lwp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define DEFAULT_LWPS	5000
#define AT_ONCE		32
#define STACK_SIZE	4096
#define WAVES		3
#define MAX_TRIES	20

static const char what[] __used = "@(#)storm [N]: N LWPs created, exited and waited for; nothing leaks";

/* What belongs to one of the LWPs that exist at a time. */
static struct slot {
	char		stack[STACK_SIZE] __aligned(16);
	lwpid_t		id;
	atomic_int	runs;
} slots[AT_ONCE];

static atomic_ulong	detached_done;

static void
joinable(void *arg)
{
	struct slot *s = arg;

	atomic_fetch_add(&s->runs, _lwp_self() == s->id);
}

static void
detached(void *arg)
{
	(void)arg;
	atomic_fetch_add(&detached_done, 1);
	for (;;)
		_lwp_exit();
}

static void
create(struct slot *s, void (*fn)(void *), unsigned long flags)
{
	static ucontext_t uc;

	getcontext(&uc);
	_lwp_makecontext(&uc, fn, s, NULL, s->stack, sizeof(s->stack));
	if (_lwp_create(&uc, flags, &s->id) != 0) {
		perror("storm: _lwp_create");
		exit(EXIT_FAILURE);
	}
}

/* A wave of joinable LWPs; how many of them did not behave. */
static unsigned long
wave(void)
{
	unsigned long bad = 0;
	lwpid_t gone;

	for (int i = 0; i < AT_ONCE; i++) {
		atomic_store(&slots[i].runs, 0);
		create(&slots[i], joinable, 0);
		for (int j = 0; j < i; j++)
			bad += slots[i].id == slots[j].id;
	}
	/* The odd ones by name, then whoever is left. */
	for (int i = 1; i < AT_ONCE; i += 2)
		bad += _lwp_wait(slots[i].id, &gone) != 0 || gone != slots[i].id;
	for (int i = 0; i < AT_ONCE; i += 2)
		bad += _lwp_wait(0, &gone) != 0;
	for (int i = 0; i < AT_ONCE; i++)
		bad += atomic_load(&slots[i].runs) != 1;
	return bad;
}

/* Detached ones, one after another because they share a stack. */
static unsigned long
drizzle(void)
{
	unsigned long before = atomic_load(&detached_done);
	unsigned long bad = 0;

	for (unsigned long i = 0; i < AT_ONCE; i++) {
		create(&slots[0], detached, LWP_DETACHED);
		bad += lwp_await_gone(slots[0].id) != 0;
	}
	return bad + (atomic_load(&detached_done) - before != AT_ONCE);
}

/*
 * Whether waves leave the kernel as it was.  It keeps some memory of LWPs that
 * are gone, with their stacks, for the next ones, so the first waves may leave
 * more behind; but a leak would grow with every wave.
 */
static int
leaves_nothing(unsigned long *bad)
{
	struct heddle_mem before, after;
	int same = 0;

	for (int tries = 0; tries < MAX_TRIES && !same; tries++) {
		heddle_mem(&before);
		for (int i = 0; i < WAVES; i++)
			*bad += wave() + drizzle();
		heddle_mem(&after);
		same = before.hm_objects == after.hm_objects && before.hm_nlwps == after.hm_nlwps &&
		    before.hm_free == after.hm_free;
	}
	printf("  after %d more: free pages %llu before, %llu after; objects %llu, %llu; LWPs %llu, %llu\n",
	    WAVES * 2 * AT_ONCE, (unsigned long long)before.hm_free, (unsigned long long)after.hm_free,
	    (unsigned long long)before.hm_objects, (unsigned long long)after.hm_objects,
	    (unsigned long long)before.hm_nlwps, (unsigned long long)after.hm_nlwps);
	return same;
}

int
main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : DEFAULT_LWPS, bad = 0, done = 0;
	int64_t start = now_ns();
	int clean;

	while (done < n) {
		bad += wave();
		done += AT_ONCE;
	}
	start = now_ns() - start;
	printf("%lu LWPs, %d at a time: %lld ns for create, run, exit and wait of one\n", done, AT_ONCE,
	    (long long)(start / (int64_t)done));
	clean = leaves_nothing(&bad);
	printf("  went wrong: %lu\n", bad);
	printf(bad != 0 || !clean ? "NOT as promised.\n" :
	    "Proved: each ran once, was waited for once, and left nothing.\n");
	return bad != 0 || !clean ? EXIT_FAILURE : EXIT_SUCCESS;
}
