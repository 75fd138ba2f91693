/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers: a sequence that srand repeats, and the kernel's.
 *
 * The sequence is splitmix64: a counter that goes up by a constant, and a
 * function that mixes its bits.  An atomic addition is all that it needs to be
 * safe under LWPs.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <time.h>

#define STEP		0x9e3779b97f4a7c15UL
#define ARND_MAX	256		/* bytes that one sysctl gives */

static uint64_t		state;

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
	return x ^ x >> 31;
}

static uint64_t
next(void)
{
	return mix(__atomic_add_fetch(&state, STEP, __ATOMIC_RELAXED));
}

int
rand(void)
{
	return (int)(next() >> 33);
}

long
random(void)
{
	return (long)(next() >> 33);
}

void
srand(unsigned int seed)
{
	__atomic_store_n(&state, seed, __ATOMIC_RELAXED);
}

void
srandom(unsigned int seed)
{
	srand(seed);
}

int
rand_r(unsigned int *seed)
{
	*seed += (unsigned int)STEP;
	return (int)(mix(*seed) >> 33);
}

/* If the kernel gives none, the clock and the sequence must do. */
static void
fallback(void *buf, size_t len)
{
	struct timespec ts = { 0, 0 };
	uint64_t x;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	x = mix(next() ^ (uint64_t)ts.tv_nsec ^ (uint64_t)ts.tv_sec << 32);
	(void)memcpy(buf, &x, MIN(len, sizeof(x)));
}

void
arc4random_buf(void *buf, size_t len)
{
	static const int name[] = { CTL_KERN, KERN_ARND };
	char *p = buf;
	size_t n;

	for (; len > 0; len -= n, p += n) {
		n = MIN(len, (size_t)ARND_MAX);
		if (sysctl(name, 2, p, &n, NULL, 0) == -1 || n == 0) {
			n = MIN(len, sizeof(uint64_t));
			fallback(p, n);
		}
	}
}

uint32_t
arc4random(void)
{
	uint32_t x;

	arc4random_buf(&x, sizeof(x));
	return x;
}

/* Below n, all alike: what would favour the small ones is drawn again. */
uint32_t
arc4random_uniform(uint32_t n)
{
	uint32_t x, min;

	if (n < 2)
		return 0;
	min = -n % n;
	do {
		x = arc4random();
	} while (x < min);
	return x % n;
}
