/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explore SCENARIO ROUNDS: play a scenario again and again.  The schedules come from outside
 * (tools/explore): the plugin there sees explore_begin and explore_end.
 */
#include <err.h>
#include <signal.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>

#include "explore.h"

#define CHECK_EVERY	64	/* rounds, then the kernel's invariants are looked at */
#define WARM		8	/* rounds, then nothing more is taken for good */

lwpid_t			actors[ACTORS];
static atomic_uint	go, finished;
static const struct scenario *playing;

/* Where the plugin looks. */
__attribute__((noinline)) void explore_begin(void);
__attribute__((noinline)) void explore_end(void);

__attribute__((noinline)) void
explore_begin(void)
{
	__asm volatile("" : : : "memory");
}

__attribute__((noinline)) void
explore_end(void)
{
	__asm volatile("" : : : "memory");
}

void
count_park(struct parked *p, int error)
{
	p->tokens += error == 0 || error == EALREADY;
	p->eintrs += error == EINTR;
	p->timeouts += error == ETIMEDOUT;
	p->others += error != 0 && error != EALREADY && error != EINTR && error != ETIMEDOUT;
}

void
drain(struct parked *p)
{
	int error;

	while ((error = park_ns(100 * USEC)) != ETIMEDOUT)
		count_park(p, error);
}

lwpid_t
start(int slot, void (*fn)(void *), void *arg)
{
	static char stacks[4][16384] __attribute__((aligned(16)));
	ucontext_t uc;
	lwpid_t id;

	(void)getcontext(&uc);
	_lwp_makecontext(&uc, fn, arg, NULL, stacks[slot], sizeof(stacks[slot]));
	if (_lwp_create(&uc, 0, &id) == -1)
		err(1, "_lwp_create");
	return id;
}

static void
act(void *number)
{
	int me = (int)(intptr_t)number;

	for (unsigned round = 1; ; round++) {
		AWAIT(atomic_load(&go) >= round);
		playing->actor[me]();
		atomic_fetch_add(&finished, 1);
	}
}

static int
broken_invariants(void)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_INVARIANTS };
	size_t len = sizeof(int);
	int broken = 0;

	return sysctl(name, 2, &broken, &len, NULL, 0) == 0 ? broken : 0;
}

static const char *
play(unsigned round, unsigned others)
{
	const char *wrong;

	if (playing->prepare != NULL)
		playing->prepare();
	atomic_store(&finished, 0);
	explore_begin();
	atomic_store(&go, round);
	playing->actor[0]();
	AWAIT(atomic_load(&finished) == others);
	explore_end();
	wrong = playing->wrong();
	if (wrong == NULL && round % CHECK_EVERY == 0 && broken_invariants() != 0)
		wrong = "an invariant of the kernel is broken";
	return wrong;
}

static const char *
play_all(unsigned rounds, unsigned others)
{
	struct heddle_mem before = { 0 }, after;

	for (unsigned round = 1; round <= rounds; round++) {
		const char *wrong = play(round, others);

		if (round % 10 == 0)
			printf("# %u\n", round);
		if (wrong != NULL) {
			printf("VIOLATION in round %u: %s\n", round, wrong);
			return wrong;
		}
		if (round == WARM)
			heddle_mem(&before);
	}
	heddle_mem(&after);
	if (rounds > WARM && after.hm_objects != before.hm_objects) {
		printf("VIOLATION: %ld objects more than after round %d\n",
		    (long)(after.hm_objects - before.hm_objects), WARM);
		return "leak";
	}
	return NULL;
}

static const struct scenario *
find(const char *name)
{
	static const struct scenario *const lists[] = { scenarios, pthread_scenarios };

	for (int i = 0; i < 2; i++) {
		for (const struct scenario *s = lists[i]; s->name != NULL; s++) {
			if (name == NULL)
				puts(s->name);
			else if (strcmp(s->name, name) == 0)
				return s;
		}
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	unsigned others = 0;

	if (argc != 3) {
		(void)find(NULL);
		errx(2, "usage: explore SCENARIO ROUNDS");
	}
	playing = find(argv[1]);
	if (playing == NULL)
		errx(2, "no scenario %s", argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	actors[0] = _lwp_self();
	for (int i = 1; i < ACTORS && playing->actor[i] != NULL; i++, others++)
		actors[i] = spawn(act, (void *)(intptr_t)i);
	return play_all((unsigned)atoi(argv[2]), others) != NULL;
}
