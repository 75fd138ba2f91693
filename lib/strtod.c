/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text to floating point, correctly rounded.
 *
 * Why it rounds right.  A number's digits and exponent are turned into a
 * fraction of two natural numbers, num/den * 2^exp, without any error.  The
 * two are shifted until the fraction is in [1, 2); then long division, a bit
 * at a time, gives as many bits as the format has, and what is left of num,
 * compared with den, says exactly whether the rest is below, at, or above
 * half a unit.  At half, the even neighbour is taken.
 *
 * Digits beyond the first 800 can matter only by not all being zero, as no
 * double, and no middle between two, has more than 768; so they are replaced
 * by a single 1.
 *
 * What it does not handle.  A long double gets the precision of a double.
 */
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "bignum.h"

#define DEC_DIGITS	800		/* digits that are kept */
#define HEX_DIGITS	32
#define EXP_LIMIT	1000000L	/* exponents beyond it are all alike */

/*
 * A binary format: bits of precision, range of the exponent.  Its exponent
 * field lies above precision - 1 bits of mantissa.
 */
struct format {
	int		fm_bits;
	long		fm_emin;
	long		fm_emax;
};

static const struct format double_format = { DBL_MANT_DIG, -1022, 1023 };
static const struct format float_format = { FLT_MANT_DIG, -126, 127 };

/* What was read: digits * base^exp; the base of exp is 2 if it is hex. */
struct number {
	struct bignum	nu_digits;
	int		nu_hex;
	int		nu_ndigits;	/* kept, without leading zeros */
	int		nu_more;	/* one that is not 0 was dropped */
	long		nu_exp;
};

static uint64_t
infinity(const struct format *fm)
{
	return (uint64_t)(fm->fm_emax - fm->fm_emin + 2) << (fm->fm_bits - 1);
}

/*
 * num/den * 2^exp as the bits of the format, without the sign.  num and den
 * are destroyed.
 */
static uint64_t
divide(const struct format *fm, struct bignum *num, struct bignum *den,
    long exp)
{
	long e = (long)__bn_bits(num) - (long)__bn_bits(den), nbits;
	uint64_t q = 0;
	int rest, tiny;

	if (e > 0)
		__bn_shift(den, (unsigned int)e);
	else
		__bn_shift(num, (unsigned int)-e);
	if (__bn_compare(num, den) < 0) {
		__bn_shift(num, 1);
		e--;
	}
	e += exp;
	tiny = e < fm->fm_emin;
	nbits = fm->fm_bits;
	if (tiny) {
		nbits -= fm->fm_emin - e;
		e = fm->fm_emin;
	}
	for (; nbits > 0; nbits--) {
		q <<= 1;
		if (__bn_compare(num, den) >= 0) {
			__bn_subtract(num, den);
			q |= 1;
		}
		__bn_shift(num, 1);
	}
	rest = nbits < 0 ? -1 : __bn_compare(num, den);
	if (tiny && (nbits < 0 || num->bn_n > 0))
		errno = ERANGE;
	/* A carry out of the mantissa goes into the exponent, as it should. */
	q += (uint64_t)(e - fm->fm_emin) << (fm->fm_bits - 1);
	if (rest > 0 || (rest == 0 && (q & 1) != 0))
		q++;
	return q;
}

static uint64_t
convert(const struct format *fm, struct number *nu)
{
	struct bignum den;
	long exp = nu->nu_exp, magnitude;
	uint64_t bits;

	if (nu->nu_ndigits == 0)
		return 0;
	if (nu->nu_more) {
		__bn_muladd(&nu->nu_digits, nu->nu_hex ? 16 : 10, 1);
		exp -= nu->nu_hex ? 4 : 1;
		nu->nu_ndigits++;
	}
	/* Far out of range: not worth the large numbers. */
	magnitude = exp + nu->nu_ndigits * (nu->nu_hex ? 4 : 1);
	if (magnitude > (nu->nu_hex ? 1100 : 320)) {
		errno = ERANGE;
		return infinity(fm);
	}
	if (magnitude < (nu->nu_hex ? -1200 : -330)) {
		errno = ERANGE;
		return 0;
	}
	__bn_set(&den, 1);
	if (!nu->nu_hex && exp >= 0)
		__bn_mulpow5(&nu->nu_digits, (unsigned int)exp);
	else if (!nu->nu_hex)
		__bn_mulpow5(&den, (unsigned int)-exp);
	bits = divide(fm, &nu->nu_digits, &den, exp);
	if (bits < infinity(fm))
		return bits;
	errno = ERANGE;
	return infinity(fm);
}

static int
digit_value(char c, int hex)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	if (hex && isxdigit((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return -1;
}

static void
add_digit(struct number *nu, int digit, int after_point)
{
	int step = nu->nu_hex ? 4 : 1;

	if (nu->nu_ndigits < (nu->nu_hex ? HEX_DIGITS : DEC_DIGITS)) {
		__bn_muladd(&nu->nu_digits, nu->nu_hex ? 16 : 10,
		    (uint32_t)digit);
		if (nu->nu_ndigits > 0 || digit != 0)
			nu->nu_ndigits++;
		if (after_point)
			nu->nu_exp -= step;
	} else {
		nu->nu_more |= digit;
		if (!after_point)
			nu->nu_exp += step;
	}
}

/* Digits with a point among them; where they end, or NULL if there are none. */
static const char *
parse_digits(const char *s, struct number *nu)
{
	int any = 0, point = 0, digit;

	for (;; s++) {
		if (*s == '.' && !point) {
			point = 1;
		} else if ((digit = digit_value(*s, nu->nu_hex)) >= 0) {
			any = 1;
			add_digit(nu, digit, point);
		} else {
			return any ? s : NULL;
		}
	}
}

/* An exponent, if one follows; where it ends. */
static const char *
parse_exponent(const char *s, struct number *nu)
{
	const char *p = s;
	int negative;
	long exp = 0;

	if (tolower((unsigned char)*p++) != (nu->nu_hex ? 'p' : 'e'))
		return s;
	negative = *p == '-';
	if (*p == '+' || *p == '-')
		p++;
	if (!isdigit((unsigned char)*p))
		return s;
	for (; isdigit((unsigned char)*p); p++) {
		if (exp < EXP_LIMIT)
			exp = exp * 10 + (*p - '0');
	}
	nu->nu_exp += negative ? -exp : exp;
	return p;
}

static const char *
parse_number(const char *s, const struct format *fm, uint64_t *bits)
{
	struct number nu = { .nu_hex = 0 };
	const char *p = NULL;

	__bn_set(&nu.nu_digits, 0);
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		nu.nu_hex = 1;
		p = parse_digits(s + 2, &nu);
	}
	if (p == NULL) {
		nu.nu_hex = 0;
		p = parse_digits(s, &nu);
	}
	if (p == NULL)
		return NULL;
	p = parse_exponent(p, &nu);
	*bits = convert(fm, &nu);
	return p;
}

/* "inf", "infinity", "nan" or "nan(anything)". */
static const char *
parse_word(const char *s, const struct format *fm, uint64_t *bits)
{
	const char *p;

	*bits = infinity(fm);
	if (strncasecmp(s, "infinity", 8) == 0)
		return s + 8;
	if (strncasecmp(s, "inf", 3) == 0)
		return s + 3;
	if (strncasecmp(s, "nan", 3) != 0)
		return NULL;
	*bits |= (uint64_t)1 << (fm->fm_bits - 2);
	s += 3;
	if (*s != '(')
		return s;
	for (p = s + 1; isalnum((unsigned char)*p) || *p == '_'; p++)
		continue;
	return *p == ')' ? p + 1 : s;
}

/* The bits without the sign, which is the result. */
static int
parse(const char *s, char **end, const struct format *fm, uint64_t *bits)
{
	const char *start = s, *p;
	int negative;

	while (isspace((unsigned char)*s))
		s++;
	negative = *s == '-';
	if (*s == '+' || *s == '-')
		s++;
	if ((p = parse_word(s, fm, bits)) == NULL)
		p = parse_number(s, fm, bits);
	if (p == NULL) {
		*bits = 0;
		negative = 0;
		p = start;
	}
	if (end != NULL)
		*end = __UNCONST(p);
	return negative;
}

double
strtod(const char *restrict s, char **restrict end)
{
	union {
		uint64_t	bits;
		double		value;
	} u;
	int negative = parse(s, end, &double_format, &u.bits);

	return negative ? -u.value : u.value;
}

float
strtof(const char *restrict s, char **restrict end)
{
	union {
		uint32_t	bits;
		float		value;
	} u;
	uint64_t bits;
	int negative = parse(s, end, &float_format, &bits);

	u.bits = (uint32_t)bits;
	return negative ? -u.value : u.value;
}

long double
strtold(const char *restrict s, char **restrict end)
{
	return strtod(s, end);
}

double
atof(const char *s)
{
	return strtod(s, NULL);
}
