/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on large natural numbers.
 */
#include "bignum.h"

#define WORD_BITS	32
#define POW5_13		1220703125u	/* 5^13, the largest in a word */

static void
trim(struct bignum *b)
{
	while (b->bn_n > 0 && b->bn_w[b->bn_n - 1] == 0)
		b->bn_n--;
}

void
__bn_set(struct bignum *b, uint64_t value)
{
	b->bn_w[0] = (uint32_t)value;
	b->bn_w[1] = (uint32_t)(value >> WORD_BITS);
	b->bn_n = 2;
	trim(b);
}

void
__bn_muladd(struct bignum *b, uint32_t m, uint32_t a)
{
	uint64_t carry = a;
	unsigned int i;

	for (i = 0; i < b->bn_n; i++) {
		carry += (uint64_t)b->bn_w[i] * m;
		b->bn_w[i] = (uint32_t)carry;
		carry >>= WORD_BITS;
	}
	if (carry != 0)
		b->bn_w[b->bn_n++] = (uint32_t)carry;
}

void
__bn_mulpow5(struct bignum *b, unsigned int n)
{
	uint32_t rest = 1;

	for (; n >= 13; n -= 13)
		__bn_muladd(b, POW5_13, 0);
	for (; n > 0; n--)
		rest *= 5;
	__bn_muladd(b, rest, 0);
}

void
__bn_shift(struct bignum *b, unsigned int n)
{
	unsigned int words = n / WORD_BITS, bits = n % WORD_BITS, i;

	if (b->bn_n == 0)
		return;
	__bn_muladd(b, (uint32_t)1 << bits, 0);
	for (i = b->bn_n; i > 0; i--)
		b->bn_w[i - 1 + words] = b->bn_w[i - 1];
	for (i = 0; i < words; i++)
		b->bn_w[i] = 0;
	b->bn_n += words;
}

uint32_t
__bn_divide(struct bignum *b, uint32_t d)
{
	uint64_t rest = 0;
	unsigned int i;

	for (i = b->bn_n; i > 0; i--) {
		rest = rest << WORD_BITS | b->bn_w[i - 1];
		b->bn_w[i - 1] = (uint32_t)(rest / d);
		rest %= d;
	}
	trim(b);
	return (uint32_t)rest;
}

void
__bn_subtract(struct bignum *a, const struct bignum *b)
{
	uint64_t borrow = 0, d;
	unsigned int i;

	for (i = 0; i < a->bn_n; i++) {
		d = (uint64_t)a->bn_w[i] - (i < b->bn_n ? b->bn_w[i] : 0) -
		    borrow;
		a->bn_w[i] = (uint32_t)d;
		borrow = d >> 63;
	}
	trim(a);
}

int
__bn_compare(const struct bignum *a, const struct bignum *b)
{
	unsigned int i;

	if (a->bn_n != b->bn_n)
		return a->bn_n < b->bn_n ? -1 : 1;
	for (i = a->bn_n; i > 0; i--) {
		if (a->bn_w[i - 1] != b->bn_w[i - 1])
			return a->bn_w[i - 1] < b->bn_w[i - 1] ? -1 : 1;
	}
	return 0;
}

unsigned int
__bn_bits(const struct bignum *b)
{
	if (b->bn_n == 0)
		return 0;
	return b->bn_n * WORD_BITS -
	    (unsigned int)__builtin_clz(b->bn_w[b->bn_n - 1]);
}
