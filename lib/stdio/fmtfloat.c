/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Floating point in printf: %e, %f, %g and %a.
 *
 * Why it rounds right.  A double is m * 2^e, a natural number times a power
 * of two.  If e is negative, 2^e = 5^-e * 10^e: so m * 5^-e, a natural number
 * too, holds all the decimal digits of the double, of which there are at most
 * 767, and only the point has to be put in.  Those digits are exact; what is
 * cut off after the last digit that is wanted is compared with 5000... exactly,
 * and a tie goes to the even digit, as IEEE 754 rounds.
 *
 * What it does not handle.  A long double is printed as the double nearest to
 * it.  The rounding mode of the processor is taken to be the usual one.
 */
#include <stdint.h>
#include <string.h>

#include "../bignum.h"
#include "format.h"

#define MAXDIGITS	780		/* 767, and some for the last division */
#define GROUP		1000000000u	/* digits are divided out by nines */
#define GROUP_DIGITS	9
#define FRACTION_BITS	52
#define BIAS		1023

/* digits[0].digits[1]digits[2]... * 10^exp; no digits is 0. */
struct decimal {
	char		de_buf[MAXDIGITS];
	char		*de_digits;
	int		de_n;
	int		de_exp;
};

/* (-1)^negative * mantissa * 2^exp */
struct parts {
	int		negative;
	int		exp;
	uint64_t	mantissa;
};

static struct parts
take_apart(double x)
{
	union {
		double		value;
		uint64_t	bits;
	} u = { .value = x };
	int field = (int)(u.bits >> FRACTION_BITS & 0x7ff);
	struct parts pt;

	pt.negative = u.bits >> 63 != 0;
	pt.mantissa = u.bits & (((uint64_t)1 << FRACTION_BITS) - 1);
	if (field != 0)
		pt.mantissa |= (uint64_t)1 << FRACTION_BITS;
	pt.exp = (field != 0 ? field : 1) - BIAS - FRACTION_BITS;
	return pt;
}

static void
make_decimal(struct decimal *de, struct parts pt)
{
	char *end = de->de_buf + sizeof(de->de_buf), *p = end;
	int point = 0, shift, i;
	struct bignum b;
	uint32_t group;

	if (pt.mantissa != 0 && pt.exp < 0) {
		/* Common powers of two, so that 0.5 does not need 53 digits. */
		shift = __builtin_ctzl(pt.mantissa);
		if (shift > -pt.exp)
			shift = -pt.exp;
		pt.mantissa >>= shift;
		pt.exp += shift;
	}
	__bn_set(&b, pt.mantissa);
	if (pt.exp < 0) {
		__bn_mulpow5(&b, (unsigned int)-pt.exp);
		point = -pt.exp;
	} else {
		__bn_shift(&b, (unsigned int)pt.exp);
	}
	while (b.bn_n > 0) {
		group = __bn_divide(&b, GROUP);
		for (i = 0; i < GROUP_DIGITS; i++, group /= 10)
			*--p = (char)('0' + group % 10);
	}
	while (p < end && *p == '0')
		p++;
	de->de_digits = p;
	de->de_n = (int)(end - p);
	de->de_exp = de->de_n > 0 ? de->de_n - 1 - point : 0;
}

/* Whether what begins with digit n is below, at, or above a half. */
static int
compare_half(const struct decimal *de, long n)
{
	long i;

	if (n < 0 || n >= de->de_n)
		return -1;
	if (de->de_digits[n] != '5')
		return de->de_digits[n] < '5' ? -1 : 1;
	for (i = n + 1; i < de->de_n; i++) {
		if (de->de_digits[i] != '0')
			return 1;
	}
	return 0;
}

/* Keep n digits, which may be 0 (0.7 to an integer) or less. */
static void
round_decimal(struct decimal *de, long n)
{
	long i;
	int half;

	if (n >= de->de_n)
		return;
	half = compare_half(de, n);
	if (n < 0)
		n = 0;
	if (half == 0)
		half = n > 0 && (de->de_digits[n - 1] - '0') % 2 != 0;
	de->de_n = (int)n;
	if (half <= 0)
		return;
	for (i = n; i > 0; i--) {
		if (de->de_digits[i - 1] != '9') {
			de->de_digits[i - 1]++;
			return;
		}
		de->de_digits[i - 1] = '0';
	}
	/* All nines, or none: a one in front, which gains a place. */
	*--de->de_digits = '1';
	de->de_n++;
	de->de_exp++;
}

static void
strip_zeros(struct decimal *de)
{
	while (de->de_n > 0 && de->de_digits[de->de_n - 1] == '0')
		de->de_n--;
}

/* What there is of digits first to last (exclusive); the rest are zeros. */
static void
put_digits(struct sink *sk, const struct decimal *de, long first, long last)
{
	long n;

	if (first < 0) {
		n = (last < 0 ? last : 0) - first;
		__sink_pad(sk, '0', (size_t)n);
		first += n;
	}
	n = (de->de_n < last ? de->de_n : last) - first;
	if (n > 0) {
		__sink_put(sk, de->de_digits + first, (size_t)n);
		first += n;
	}
	if (last > first)
		__sink_pad(sk, '0', (size_t)(last - first));
}

/* Letter, sign, at least mindigits digits; how many bytes they are. */
static size_t
make_exponent(char *buf, char letter, long exp, int mindigits)
{
	char digits[8], *p = digits + sizeof(digits);
	size_t n;

	buf[0] = letter;
	buf[1] = exp < 0 ? '-' : '+';
	for (exp = exp < 0 ? -exp : exp; exp > 0 || mindigits > 0; exp /= 10) {
		*--p = (char)('0' + exp % 10);
		mindigits--;
	}
	n = (size_t)(digits + sizeof(digits) - p);
	(void)memcpy(buf + 2, p, n);
	return n + 2;
}

/*
 * Digit i has the weight 10^(exp - i): so the last one before the point is
 * digit exp, which does not exist, and is 0, if exp is negative.
 */
static void
put_fixed(struct sink *sk, const struct spec *sp, const struct decimal *de,
    const char *sign, long prec)
{
	long exp = de->de_exp, first = exp < 0 ? exp : 0;
	int point = prec > 0 || sp->sp_alt;
	size_t after;

	after = __begin_number(sk, sp, sign,
	    (size_t)(exp + 1 - first + point + prec));
	put_digits(sk, de, first, exp + 1);
	__sink_put(sk, ".", (size_t)point);
	put_digits(sk, de, exp + 1, exp + 1 + prec);
	__sink_pad(sk, ' ', after);
}

static void
put_exponential(struct sink *sk, const struct spec *sp,
    const struct decimal *de, const char *sign, long prec)
{
	/* The letter is as large or small as that of the conversion. */
	char letter = (char)('E' | (sp->sp_conv & ('a' - 'A')));
	int point = prec > 0 || sp->sp_alt;
	size_t after, ntail;
	char tail[12];

	ntail = make_exponent(tail, letter, de->de_n > 0 ? de->de_exp : 0, 2);
	after = __begin_number(sk, sp, sign,
	    (size_t)(1 + point + prec) + ntail);
	put_digits(sk, de, 0, 1);
	__sink_put(sk, ".", (size_t)point);
	put_digits(sk, de, 1, 1 + prec);
	__sink_put(sk, tail, ntail);
	__sink_pad(sk, ' ', after);
}

/* %g: the shorter of the two, without the zeros at the end. */
static void
put_general(struct sink *sk, const struct spec *sp, struct decimal *de,
    const char *sign, long prec)
{
	long digits;

	if (prec == 0)
		prec = 1;
	round_decimal(de, prec);
	digits = prec;
	if (!sp->sp_alt) {
		strip_zeros(de);
		digits = de->de_n > 0 ? de->de_n : 1;
	}
	if (de->de_n == 0)
		de->de_exp = 0;
	if (de->de_exp < -4 || de->de_exp >= prec)
		put_exponential(sk, sp, de, sign, digits - 1);
	else if (digits > de->de_exp + 1)
		put_fixed(sk, sp, de, sign, digits - 1 - de->de_exp);
	else
		put_fixed(sk, sp, de, sign, 0);
}

static void
format_decimal(struct sink *sk, const struct spec *sp, struct parts pt)
{
	const char *sign = __sign(sp, pt.negative);
	long prec = sp->sp_prec < 0 ? 6 : sp->sp_prec;
	struct decimal de;

	make_decimal(&de, pt);
	switch (sp->sp_conv) {
	case 'F':
	case 'f':
		round_decimal(&de, de.de_exp + 1 + prec);
		put_fixed(sk, sp, &de, sign, prec);
		break;
	case 'E':
	case 'e':
		round_decimal(&de, 1 + prec);
		put_exponential(sk, sp, &de, sign, prec);
		break;
	default:
		put_general(sk, sp, &de, sign, prec);
		break;
	}
}

/* Keep prec hexadecimal digits after the point; ties go to the even one. */
static uint64_t
round_hex(uint64_t mantissa, int prec)
{
	int drop = FRACTION_BITS - 4 * prec;
	uint64_t unit, rest;

	if (prec >= FRACTION_BITS / 4)
		return mantissa;
	unit = (uint64_t)1 << drop;
	rest = mantissa & (unit - 1);
	mantissa -= rest;
	if (rest > unit / 2 || (rest == unit / 2 && (mantissa & unit) != 0))
		mantissa += unit;
	return mantissa;
}

static void
format_hex(struct sink *sk, const struct spec *sp, struct parts pt)
{
	int upper = sp->sp_conv == 'A', i, n = 0;
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[1 + FRACTION_BITS / 4], tail[12], prefix[4];
	long exp = pt.mantissa != 0 ? pt.exp + FRACTION_BITS : 0, prec;
	size_t ntail, after;
	int point;

	if (sp->sp_prec >= 0)
		pt.mantissa = round_hex(pt.mantissa, sp->sp_prec);
	for (i = FRACTION_BITS; i >= 0; i -= 4)
		digits[n++] = alphabet[pt.mantissa >> i & 0xf];
	while (n > 1 && digits[n - 1] == '0')
		n--;
	prec = sp->sp_prec >= 0 ? sp->sp_prec : n - 1;
	point = prec > 0 || sp->sp_alt;
	ntail = make_exponent(tail, upper ? 'P' : 'p', exp, 1);
	(void)strlcpy(prefix, __sign(sp, pt.negative), sizeof(prefix));
	(void)strlcat(prefix, upper ? "0X" : "0x", sizeof(prefix));
	after = __begin_number(sk, sp, prefix,
	    (size_t)(1 + point + prec) + ntail);
	__sink_put(sk, digits, 1);
	__sink_put(sk, ".", (size_t)point);
	__sink_put(sk, digits + 1, (size_t)(n - 1));
	__sink_pad(sk, '0', (size_t)(prec - (n - 1)));
	__sink_put(sk, tail, ntail);
	__sink_pad(sk, ' ', after);
}

static void
format_special(struct sink *sk, struct spec *sp, double x)
{
	int upper = sp->sp_conv >= 'A' && sp->sp_conv <= 'Z';
	const char *text;
	size_t after;

	if (__builtin_isnan(x))
		text = upper ? "NAN" : "nan";
	else
		text = upper ? "INF" : "inf";
	sp->sp_zero = 0;
	after = __begin_number(sk, sp, __sign(sp, __builtin_signbit(x) != 0), 3);
	__sink_put(sk, text, 3);
	__sink_pad(sk, ' ', after);
}

void
__format_float(struct sink *sk, struct spec *sp, double x)
{
	if (__builtin_isnan(x) || __builtin_isinf(x))
		format_special(sk, sp, x);
	else if (sp->sp_conv == 'a' || sp->sp_conv == 'A')
		format_hex(sk, sp, take_apart(x));
	else
		format_decimal(sk, sp, take_apart(x));
}
