/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions of the x87 that compute functions.  Their results have 64
 * bits, eleven more than a double, which is room enough for one operation
 * before and one after to lose a little.
 */
#ifndef _LIB_MATH_X87_H_
#define _LIB_MATH_X87_H_

/* Of an angle of at most a quarter of a turn. */
static inline long double
x87_sin(long double x)
{
	__asm("fsin" : "+t"(x));
	return x;
}

static inline long double
x87_cos(long double x)
{
	__asm("fcos" : "+t"(x));
	return x;
}

/* The angle of the point (x, y). */
static inline long double
x87_atan2(long double y, long double x)
{
	long double r;

	__asm("fpatan" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}

/* y * log2(x) */
static inline long double
x87_ylog2(long double y, long double x)
{
	long double r;

	__asm("fyl2x" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}

/* y * log2(1 + x), for |x| below 0.29. */
static inline long double
x87_ylog2p1(long double y, long double x)
{
	long double r;

	__asm("fyl2xp1" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}

/* 2^x - 1, for |x| of at most 1. */
static inline long double
x87_exp2m1(long double x)
{
	__asm("f2xm1" : "+t"(x));
	return x;
}

/* x * 2^n, n an integer. */
static inline long double
x87_scale(long double x, long double n)
{
	long double r;

	__asm("fscale" : "=t"(r) : "0"(x), "u"(n));
	return r;
}

/* To an integer, the nearest one, if the program has not changed the rounding. */
static inline long double
x87_rint(long double x)
{
	__asm("frndint" : "+t"(x));
	return x;
}

static inline long double
x87_sqrt(long double x)
{
	__asm("fsqrt" : "+t"(x));
	return x;
}

#define C2	0x0400			/* the remainder is not complete yet */

/* The remainder of a division whose quotient is cut, exactly. */
static inline long double
x87_fmod(long double x, long double y)
{
	unsigned short status;

	do
		__asm("fprem\n\tfnstsw %1" : "+t"(x), "=a"(status) : "u"(y));
	while (status & C2);
	return x;
}

/* And rounded to the nearest. */
static inline long double
x87_remainder(long double x, long double y)
{
	unsigned short status;

	do
		__asm("fprem1\n\tfnstsw %1" : "+t"(x), "=a"(status) : "u"(y));
	while (status & C2);
	return x;
}

#endif /* !_LIB_MATH_X87_H_ */
