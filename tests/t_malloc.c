/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory allocator, in one LWP and in several.
 */
#include "test.h"

#define NSLOTS	300
#define ROUNDS	20000
#define NLWPS	4

struct slot {
	unsigned char	*p;
	size_t		size;
	unsigned char	fill;
};

static size_t
random_size(unsigned *seed)
{
	unsigned r = (unsigned)rand_r(seed);

	/* Mostly small, some of pages, a few large. */
	if (r % 100 < 80)
		return r / 100 % 200;
	if (r % 100 < 98)
		return r / 100 % 9000;
	return r / 100 % 300000;
}

static int
intact(const struct slot *s)
{
	for (size_t i = 0; i < s->size; i++) {
		if (s->p[i] != s->fill)
			return 0;
	}
	return 1;
}

/* Allocate, resize and free at random; how often something was not as it was left. */
static int
churn(struct slot *slots, unsigned seed, int rounds)
{
	int wrong = 0;

	for (int n = 0; n < rounds; n++) {
		struct slot *s = &slots[(unsigned)rand_r(&seed) % NSLOTS];
		size_t size = random_size(&seed), keep = size < s->size ? size : s->size;
		unsigned char *p;

		if (s->p != NULL && n % 4 == 0) {
			wrong += !intact(s);
			free(s->p);
			s->p = NULL;
			s->size = 0;
			continue;
		}
		if ((p = realloc(s->p, size + 1)) == NULL)
			return -1;
		for (size_t i = 0; i < keep; i++)
			wrong += s->p != NULL && p[i] != s->fill;
		wrong += (uintptr_t)p % 16 != 0;
		s->p = p;
		s->size = size;
		s->fill = (unsigned char)n;
		memset(p, s->fill, size);
	}
	for (int i = 0; i < NSLOTS; i++) {
		wrong += !intact(&slots[i]);
		free(slots[i].p);
	}
	return wrong;
}

static void
test_basics(void)
{
	/* The compiler knows these functions too well. */
	volatile size_t everything = (size_t)-1, half = 1UL << 33, space = 1UL << 47;
	void *volatile kept;
	void *p, *q;
	int dirty = 0;

	kept = malloc(0);
	free(kept);
	free(NULL);
	kept = malloc(everything);
	tap_ok(kept == NULL && errno == ENOMEM, "malloc of too much: NULL and ENOMEM");
	kept = malloc(space);
	tap_ok(kept == NULL, "malloc of more than there is");
	kept = calloc(half, half);
	tap_ok(kept == NULL, "calloc whose product overflows");
	kept = reallocarray(NULL, half, half);
	tap_ok(kept == NULL, "reallocarray too");
	p = malloc(1000);
	memset(p, 0xff, 1000);
	free(p);
	p = calloc(10, 100);
	for (int i = 0; i < 1000; i++)
		dirty += ((unsigned char *)p)[i];
	tap_is_int(dirty, 0, "calloc clears memory that was used before");
	kept = p;
	tap_ok(realloc(kept, everything) == NULL, "a realloc that fails leaves the block");
	free(kept);
	for (size_t align = 16; align <= 32768; align *= 2) {
		if (posix_memalign(&p, align, 100) != 0 || (uintptr_t)p % align != 0)
			dirty++;
		q = aligned_alloc(align, align);
		dirty += q == NULL || (uintptr_t)q % align != 0;
		memset(p, 1, 100);
		memset(q, 2, align);
		free(p);
		free(q);
	}
	tap_is_int(dirty, 0, "alignments from 16 to 32768");
}

static void
test_random(void)
{
	static struct slot slots[NSLOTS];

	tap_is_int(churn(slots, 1, ROUNDS), 0, "%d operations at random: all blocks keep their bytes", ROUNDS);
}

static struct slot	many[NLWPS][NSLOTS];
static int		results[NLWPS];

static void
churner(void *arg)
{
	int me = *(int *)arg;

	results[me] = churn(many[me], (unsigned)me + 2, ROUNDS / 4);
}

/* What one allocates another frees. */
static void *_Atomic	mailbox[64];
static atomic_bool	done;

static void
receiver(void *arg)
{
	unsigned i = 0;

	while (!atomic_load(&done) || i % 64 != 0) {
		unsigned char *p = atomic_exchange(&mailbox[i++ % 64], NULL);

		if (p == NULL) {
			sched_yield();
			continue;
		}
		if (p[0] != p[1])
			++*(int *)arg;
		free(p);
	}
}

static void
test_lwps(void)
{
	static int numbers[NLWPS] = { 0, 1, 2, 3 };
	lwpid_t ids[NLWPS];
	int bad = 0;

	for (int i = 0; i < NLWPS; i++)
		ids[i] = spawn(churner, &numbers[i]);
	for (int i = 0; i < NLWPS; i++) {
		join(ids[i]);
		bad += results[i];
	}
	tap_is_int(bad, 0, "the same in %d LWPs at once", NLWPS);
	ids[0] = spawn(receiver, &bad);
	for (int i = 0; i < 3000; i++) {
		unsigned char *p = malloc((size_t)(2 + i % 500));

		p[0] = p[1] = (unsigned char)i;
		p = atomic_exchange(&mailbox[i % 64], p);
		free(p);
	}
	atomic_store(&done, true);
	join(ids[0]);
	for (int i = 0; i < 64; i++)
		free(mailbox[i]);
	tap_is_int(bad, 0, "blocks may be freed by another LWP");
}

int
main(void)
{
	test_basics();
	test_random();
	test_lwps();
	return tap_done();
}
