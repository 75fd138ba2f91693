/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes: the processor's, or where it has none those of a small generator.
 *
 * The generator is SplitMix64 (Steele, Lea, Flood 2014), started from the clock: its
 * numbers are well spread, and anyone who knows the time of the first call can work
 * them out.  They are no good for secrets.
 */
#include <kern/kern.h>
#include <kern/md.h>
#include <kern/random.h>

static volatile uint64_t random_state; /* a: each taker adds a step and has the sum to itself */

static uint64_t
random_next(void)
{
	const uint64_t step = 0x9e3779b97f4a7c15UL;
	uint64_t none = 0, x;

	if (atomic_load_relaxed(&random_state) == 0)
		(void)atomic_cas(&random_state, &none, md_realtime_base_ns() + md_monotonic_ns());
	x = __atomic_add_fetch(&random_state, step, __ATOMIC_RELAXED);
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
	return x ^ x >> 31;
}

void
random_bytes(void *buf, size_t len)
{
	char *at = buf;

	if (md_entropy(buf, len))
		return;
	while (len > 0) {
		uint64_t x = random_next();
		size_t count = umin(len, sizeof(x));
		memcpy(at, &x, count);
		at += count;
		len -= count;
	}
}
