/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Angles.
 *
 * sin, cos and tan subtract a multiple of pi/2 first.  pi/2 is taken in three parts,
 * the first of 33 bits, so that its multiples are exact up to 2^31: for arguments below
 * that nothing is lost, also where the rest is very small.
 *
 * What it does not handle.  Larger arguments are reduced by a pi of 64 bits, and
 * lose as many bits as they are larger.
 */
#include <math.h>

#include "x87.h"

#define LARGE		2147483648.0
#define PI_2_HIGH	0x1.921fb544p0L			/* 33 bits of pi/2 */
#define PI_2_LOW	0x1.0b4611a62633145cp-34L	/* the 64 that follow */
#define PI_2_REST	0x1.b839a252049c1114p-104L	/* and 64 more */
#define TWO_PI		6.28318530717958647692528676655900577L

/* The angle in the eighth of a turn around a quarter; which quarter. */
static long double
reduce(double x, int *quarter)
{
	long double r = x, n;

	if (fabs(x) >= LARGE)
		r = x87_fmod(r, TWO_PI);
	n = x87_rint(r * (2 / (long double)M_PI));
	*quarter = (int)((long)n & 3);
	return r - n * PI_2_HIGH - n * PI_2_LOW - n * PI_2_REST;
}

double
sin(double x)
{
	long double r;
	int quarter;

	if (!isfinite(x))
		return x - x;
	if (x == 0)
		return x;
	r = reduce(x, &quarter);
	r = quarter & 1 ? x87_cos(r) : x87_sin(r);
	return (double)(quarter & 2 ? -r : r);
}

double
cos(double x)
{
	long double r;
	int quarter;

	if (!isfinite(x))
		return x - x;
	r = reduce(x, &quarter);
	r = quarter & 1 ? x87_sin(r) : x87_cos(r);
	return (double)(quarter == 1 || quarter == 2 ? -r : r);
}

double
tan(double x)
{
	long double r, s, c;
	int quarter;

	if (!isfinite(x))
		return x - x;
	if (x == 0)
		return x;
	r = reduce(x, &quarter);
	s = x87_sin(r);
	c = x87_cos(r);
	return (double)(quarter & 1 ? -c / s : s / c);
}

double
atan2(double y, double x)
{
	return (double)x87_atan2(y, x);
}

double
atan(double x)
{
	return (double)x87_atan2(x, 1);
}

/* The other side of the triangle: without loss near 1. */
static long double
other(double x)
{
	return x87_sqrt((1 - (long double)x) * (1 + (long double)x));
}

double
asin(double x)
{
	return (double)x87_atan2(x, other(x));
}

double
acos(double x)
{
	return (double)x87_atan2(other(x), x);
}
