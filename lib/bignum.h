/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Natural numbers, large enough to hold any double exactly: for printf and
 * strtod.
 *
 * The largest that is needed is about 2700 bits: the 801 digits that strtod
 * keeps, or 2^53 * 5^1074, or 5^1126.
 */
#ifndef _LIB_BIGNUM_H_
#define _LIB_BIGNUM_H_

#include <stdint.h>

#define BN_WORDS	96

struct bignum {
	unsigned int	bn_n;			/* words in use; the top one is not 0 */
	uint32_t	bn_w[BN_WORDS];		/* the lowest first */
};

void	__bn_set(struct bignum *, uint64_t);
/* b = b * m + a */
void	__bn_muladd(struct bignum *, uint32_t m, uint32_t a);
/* b = b * 5^n */
void	__bn_mulpow5(struct bignum *, unsigned int n);
/* b = b * 2^n */
void	__bn_shift(struct bignum *, unsigned int n);
/* b = b / d; the remainder. */
uint32_t __bn_divide(struct bignum *, uint32_t d);
/* a = a - b, which must not be the larger one. */
void	__bn_subtract(struct bignum *a, const struct bignum *b);
/* Below, at, or above 0 as a is below, equal to, or above b. */
int	__bn_compare(const struct bignum *a, const struct bignum *b);
/* Bits without leading zeros; 0 for 0. */
unsigned int __bn_bits(const struct bignum *);

#endif /* !_LIB_BIGNUM_H_ */
