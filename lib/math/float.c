/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of float: computed in double, rounded once more.
 */
#include <math.h>

/* A function of one float, or of two. */
#define FLOAT1(name)	float name##f(float x) { return (float)name(x); }
#define FLOAT2(name)	float name##f(float x, float y) { return (float)name(x, y); }

FLOAT1(acos)
FLOAT1(acosh)
FLOAT1(asin)
FLOAT1(asinh)
FLOAT1(atan)
FLOAT2(atan2)
FLOAT1(atanh)
FLOAT1(cbrt)
FLOAT1(ceil)
FLOAT2(copysign)
FLOAT1(cos)
FLOAT1(cosh)
FLOAT1(exp)
FLOAT1(exp2)
FLOAT1(expm1)
FLOAT1(fabs)
FLOAT2(fdim)
FLOAT1(floor)
FLOAT2(fmax)
FLOAT2(fmin)
FLOAT2(fmod)
FLOAT2(hypot)
FLOAT1(log)
FLOAT1(log10)
FLOAT1(log1p)
FLOAT1(log2)
FLOAT1(logb)
FLOAT1(nearbyint)
FLOAT2(pow)
FLOAT2(remainder)
FLOAT1(rint)
FLOAT1(round)
FLOAT1(sin)
FLOAT1(sinh)
FLOAT1(sqrt)
FLOAT1(tan)
FLOAT1(tanh)
FLOAT1(trunc)

float
frexpf(float x, int *exponent)
{
	return (float)frexp(x, exponent);
}

float
ldexpf(float x, int n)
{
	return (float)ldexp(x, n);
}

float
scalbnf(float x, int n)
{
	return (float)scalbn(x, n);
}

float
modff(float x, float *whole)
{
	double w, r = modf(x, &w);

	*whole = (float)w;
	return (float)r;
}
