/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of numbers: rounding, remainders, exponents, signs.
 */
#include <math.h>
#include <stdint.h>

#include "x87.h"

#define WHOLE		0x1p52		/* from here on all are integers */
#define EXPONENT(bits)	((int)((bits) >> 52 & 0x7ff))
#define BIAS		1023

static uint64_t
bits_of(double x)
{
	uint64_t bits;

	__builtin_memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static double
from_bits(uint64_t bits)
{
	double x;

	__builtin_memcpy(&x, &bits, sizeof(x));
	return x;
}

double
fabs(double x)
{
	return from_bits(bits_of(x) & ~(UINT64_C(1) << 63));
}

double
copysign(double x, double y)
{
	return signbit(y) ? -fabs(x) : fabs(x);
}

/* A zero keeps its sign, and what rounds to zero gets its own. */
double
trunc(double x)
{
	if (!(fabs(x) < WHOLE))
		return x;
	return copysign((double)(long)x, x);
}

double
floor(double x)
{
	double t = trunc(x);

	return t > x ? t - 1 : t;
}

double
ceil(double x)
{
	double t = trunc(x);

	return t < x ? copysign(t + 1, x) : t;
}

double
round(double x)
{
	double t = trunc(x);

	return fabs(x - t) >= 0.5 ? t + copysign(1, x) : t;
}

double
rint(double x)
{
	if (!(fabs(x) < WHOLE))
		return x;
	return copysign((double)x87_rint(x), x);
}

double
nearbyint(double x)
{
	return rint(x);
}

long
lrint(double x)
{
	return (long)rint(x);
}

long
lround(double x)
{
	return (long)round(x);
}

double
modf(double x, double *whole)
{
	*whole = trunc(x);
	return copysign(isinf(x) ? 0 : x - *whole, x);
}

double
fmod(double x, double y)
{
	if (y == 0 || !isfinite(x) || isnan(y))
		return NAN;
	return isinf(y) ? x : (double)x87_fmod(x, y);
}

double
remainder(double x, double y)
{
	if (y == 0 || !isfinite(x) || isnan(y))
		return NAN;
	return isinf(y) ? x : (double)x87_remainder(x, y);
}

double
scalbln(double x, long n)
{
	if (n > 5000)
		n = 5000;
	if (n < -5000)
		n = -5000;
	return (double)x87_scale(x, n);
}

double
scalbn(double x, int n)
{
	return scalbln(x, n);
}

double
ldexp(double x, int n)
{
	return scalbln(x, n);
}

int
ilogb(double x)
{
	if (x == 0)
		return FP_ILOGB0;
	if (!isfinite(x))
		return FP_ILOGBNAN;
	if (EXPONENT(bits_of(x)) == 0)
		return EXPONENT(bits_of(x * 0x1p54)) - BIAS - 54;
	return EXPONENT(bits_of(x)) - BIAS;
}

double
logb(double x)
{
	if (x == 0)
		return -HUGE_VAL;
	return isfinite(x) ? ilogb(x) : x * x;
}

double
frexp(double x, int *exponent)
{
	*exponent = 0;
	if (x == 0 || !isfinite(x))
		return x;
	*exponent = ilogb(x) + 1;
	return scalbln(x, -*exponent);
}

double
nextafter(double x, double y)
{
	uint64_t bits = bits_of(x);

	if (isnan(x) || isnan(y))
		return x + y;
	if (x == y)
		return y;
	if (x == 0)
		return copysign(0x1p-1074, y);
	return from_bits((x < y) == (x > 0) ? bits + 1 : bits - 1);
}

/* A NaN counts as nothing. */
double
fmax(double x, double y)
{
	if (isnan(x))
		return y;
	return isnan(y) || x > y ? x : y;
}

double
fmin(double x, double y)
{
	if (isnan(x))
		return y;
	return isnan(y) || x < y ? x : y;
}

double
fdim(double x, double y)
{
	if (isnan(x) || isnan(y))
		return x + y;
	return x > y ? x - y : 0;
}
