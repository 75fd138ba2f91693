/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Powers, exponentials, logarithms, roots, hyperbolic functions.
 *
 * All exponentials are 2 to a power t of 64 bits.  |t| is below 1100 where the
 * result is a double at all, so the last bit of t is worth 2^-54 at most, and
 * so much of the result is lost: half of its last bit.
 */
#include <math.h>

#include "x87.h"

#define LOG2_E		1.44269504088896340735992468100189214L
#define LN_2		0.693147180559945309417232121458176568L
#define LOG10_2		0.301029995663981195213738894724493027L
#define T_MAX		1100.0L		/* 2 to this is infinite, to its negative 0 */
#define P1_MAX		0.29		/* what fyl2xp1 takes */

static double
power_of_2(long double t)
{
	long double n;

	if (t != t)
		return (double)t;
	if (t > T_MAX)
		return HUGE_VAL;
	if (t < -T_MAX)
		return 0;
	n = x87_rint(t);
	return (double)x87_scale(x87_exp2m1(t - n) + 1, n);
}

double
exp(double x)
{
	return power_of_2(x * LOG2_E);
}

double
exp2(double x)
{
	return power_of_2(x);
}

/* e^x - 1 with all its bits also near 0. */
static long double
long_expm1(double x)
{
	long double t = x * LOG2_E;

	if (fabs(x) < 0.5)
		return x87_exp2m1(t);
	return (long double)power_of_2(t) - 1;
}

double
expm1(double x)
{
	return x == 0 ? x : (double)long_expm1(x);
}

double
log2(double x)
{
	return (double)x87_ylog2(1, x);
}

double
log(double x)
{
	return (double)x87_ylog2(LN_2, x);
}

double
log10(double x)
{
	return (double)x87_ylog2(LOG10_2, x);
}

static long double
long_log1p(long double x)
{
	if (x > -P1_MAX && x < P1_MAX)
		return x87_ylog2p1(LN_2, x);
	return x87_ylog2(LN_2, 1 + x);
}

double
log1p(double x)
{
	return (double)long_log1p(x);
}

static int
is_integer(double x)
{
	return trunc(x) == x;
}

static int
is_odd(double x)
{
	return is_integer(x) && fabs(x) < 0x1p53 && ((long)x & 1);
}

/* The cases in which there is no logarithm to take. */
static double
odd_pow(double x, double y)
{
	double r;

	if (x == 0 || isinf(x)) {
		r = (x == 0) == (y > 0) ? 0 : HUGE_VAL;
		return signbit(x) && is_odd(y) ? -r : r;
	}
	/* y is infinite. */
	if (fabs(x) == 1)
		return 1;
	return (fabs(x) > 1) == (y > 0) ? HUGE_VAL : 0;
}

double
pow(double x, double y)
{
	double r;

	if (y == 0 || x == 1)
		return 1;
	if (isnan(x) || isnan(y))
		return x + y;
	if (x == 0 || isinf(x) || isinf(y))
		return odd_pow(x, y);
	if (x < 0 && !is_integer(y))
		return NAN;
	r = power_of_2(x87_ylog2(y, fabs(x)));
	return x < 0 && is_odd(y) ? -r : r;
}

double
sqrt(double x)
{
	__asm("sqrtsd %0, %0" : "+x"(x));
	return x;
}

/* One step of Newton's makes good what the division by 3 has lost. */
double
cbrt(double x)
{
	long double r, a = fabs(x);

	if (x == 0 || !isfinite(x))
		return x + x;
	r = power_of_2(x87_ylog2(1 / 3.0L, a));
	r -= (r - a / (r * r)) / 3;
	return (double)(x < 0 ? -r : r);
}

double
hypot(double x, double y)
{
	if (isinf(x) || isinf(y))
		return HUGE_VAL;
	return (double)x87_sqrt((long double)x * x + (long double)y * y);
}

double
sinh(double x)
{
	long double e = long_expm1(fabs(x)), r;

	if (x == 0 || !isfinite(x))
		return x;
	r = isinf((double)e) ? x87_scale(power_of_2(fabs(x) * LOG2_E - 1), 0) : (e + e / (e + 1)) / 2;
	return (double)(x < 0 ? -r : r);
}

double
cosh(double x)
{
	long double e = power_of_2(fabs(x) * LOG2_E - 1);

	if (isinf((double)e) || isnan(x))
		return (double)e;
	return (double)(e + 0.25L / e);
}

double
tanh(double x)
{
	long double e;

	if (x == 0 || isnan(x))
		return x;
	if (fabs(x) > 30)
		return x < 0 ? -1 : 1;
	e = long_expm1(2 * x);
	return (double)(e / (e + 2));
}

double
asinh(double x)
{
	long double a = fabs(x), r;

	if (x == 0 || !isfinite(x))
		return x;
	r = long_log1p(a + a * a / (1 + x87_sqrt(a * a + 1)));
	return (double)(x < 0 ? -r : r);
}

double
acosh(double x)
{
	long double a = (long double)x - 1;

	if (x < 1)
		return NAN;
	if (!isfinite(x))
		return x;
	return (double)long_log1p(a + x87_sqrt(a * (a + 2)));
}

double
atanh(double x)
{
	long double a = x;

	if (x == 0)
		return x;
	return (double)(long_log1p(2 * a / (1 - a)) / 2);
}
