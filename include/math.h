/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mathematics.  Errors show in the result (NaN, infinity) and never in errno.
 * The functions of double are computed in the 64-bit precision of the x87 and
 * rounded once; those of float are computed in double.
 */
#ifndef _MATH_H_
#define _MATH_H_

#include <sys/cdefs.h>

typedef float		float_t;
typedef double		double_t;

#define HUGE_VAL	__builtin_huge_val()
#define HUGE_VALF	__builtin_huge_valf()
#define INFINITY	__builtin_inff()
#define NAN		__builtin_nanf("")

#define M_E		2.7182818284590452354
#define M_LOG2E		1.4426950408889634074
#define M_LOG10E	0.43429448190325182765
#define M_LN2		0.69314718055994530942
#define M_LN10		2.30258509299404568402
#define M_PI		3.14159265358979323846
#define M_PI_2		1.57079632679489661923
#define M_PI_4		0.78539816339744830962
#define M_1_PI		0.31830988618379067154
#define M_2_PI		0.63661977236758134308
#define M_2_SQRTPI	1.12837916709551257390
#define M_SQRT2		1.41421356237309504880
#define M_SQRT1_2	0.70710678118654752440

#define FP_NAN		0
#define FP_INFINITE	1
#define FP_ZERO		2
#define FP_SUBNORMAL	3
#define FP_NORMAL	4
#define FP_ILOGB0	(-__INT_MAX__ - 1)
#define FP_ILOGBNAN	__INT_MAX__

#define MATH_ERRNO	1
#define MATH_ERREXCEPT	2
#define math_errhandling MATH_ERREXCEPT

#define fpclassify(x)	__builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL,	\
	    FP_SUBNORMAL, FP_ZERO, x)
#define isfinite(x)	__builtin_isfinite(x)
#define isinf(x)	__builtin_isinf(x)
#define isnan(x)	__builtin_isnan(x)
#define isnormal(x)	__builtin_isnormal(x)
#define signbit(x)	__builtin_signbit(x)
#define isgreater(x, y)	__builtin_isgreater(x, y)
#define isgreaterequal(x, y) __builtin_isgreaterequal(x, y)
#define isless(x, y)	__builtin_isless(x, y)
#define islessequal(x, y) __builtin_islessequal(x, y)
#define islessgreater(x, y) __builtin_islessgreater(x, y)
#define isunordered(x, y) __builtin_isunordered(x, y)

__BEGIN_DECLS
double	acos(double);
float	acosf(float);
double	acosh(double);
float	acoshf(float);
double	asin(double);
float	asinf(float);
double	asinh(double);
float	asinhf(float);
double	atan(double);
float	atanf(float);
double	atan2(double, double);
float	atan2f(float, float);
double	atanh(double);
float	atanhf(float);
double	cbrt(double);
float	cbrtf(float);
double	ceil(double);
float	ceilf(float);
double	copysign(double, double);
float	copysignf(float, float);
double	cos(double);
float	cosf(float);
double	cosh(double);
float	coshf(float);
double	exp(double);
float	expf(float);
double	exp2(double);
float	exp2f(float);
double	expm1(double);
float	expm1f(float);
double	fabs(double);
float	fabsf(float);
double	fdim(double, double);
float	fdimf(float, float);
double	floor(double);
float	floorf(float);
double	fmax(double, double);
float	fmaxf(float, float);
double	fmin(double, double);
float	fminf(float, float);
double	fmod(double, double);
float	fmodf(float, float);
double	hypot(double, double);
float	hypotf(float, float);
double	log(double);
float	logf(float);
double	log10(double);
float	log10f(float);
double	log1p(double);
float	log1pf(float);
double	log2(double);
float	log2f(float);
double	logb(double);
float	logbf(float);
double	nearbyint(double);
float	nearbyintf(float);
double	pow(double, double);
float	powf(float, float);
double	remainder(double, double);
float	remainderf(float, float);
double	rint(double);
float	rintf(float);
double	round(double);
float	roundf(float);
double	sin(double);
float	sinf(float);
double	sinh(double);
float	sinhf(float);
double	sqrt(double);
float	sqrtf(float);
double	tan(double);
float	tanf(float);
double	tanh(double);
float	tanhf(float);
double	trunc(double);
float	truncf(float);
double	frexp(double, int *);
float	frexpf(float, int *);
int	ilogb(double);
double	ldexp(double, int);
float	ldexpf(float, int);
long	lrint(double);
long	lround(double);
double	modf(double, double *);
float	modff(float, float *);
double	nextafter(double, double);
double	scalbln(double, long);
double	scalbn(double, int);
float	scalbnf(float, int);
__END_DECLS

#endif /* !_MATH_H_ */
