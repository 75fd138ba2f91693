/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs need of the C library beside threads.  Mathematics: values against
 * those of another library, to the last bit but one.  Environment, time, ends.
 */
#include <math.h>
#include <strings.h>

#include "test.h"

/* How many doubles lie between the two. */
static long
distance(double a, double b)
{
	long x, y;

	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b) ? 0 : 1000;
	memcpy(&x, &a, sizeof(x));
	memcpy(&y, &b, sizeof(y));
	return x > y ? x - y : y - x;
}

static const struct one {
	const char	*name;
	double		(*fn)(double);
	double		x, want;
} ones[] = {
	{ "sin", sin, 0x1.0000000000000p-1, 0x1.eaee8744b05f0p-2 },
	{ "sin", sin, -0x1.0000000000000p+0, -0x1.aed548f090ceep-1 },
	{ "sin", sin, 0x1.921fb54442d11p+1, 0x1.d1a62633145c0p-49 },
	{ "sin", sin, 0x1.f400000000000p+9, 0x1.a75cc150a206bp-1 },
	{ "sin", sin, 0x1.81cd6c8b43958p+13, -0x1.687d5890974a5p-1 },
	{ "sin", sin, 0x1.dcd6500000000p+29, 0x1.1778cae83c69bp-1 },
	{ "sin", sin, 0x1.12e0be826d695p-29, 0x1.12e0be826d695p-29 },
	{ "sin", sin, INFINITY, NAN },
	{ "cos", cos, 0x1.0000000000000p-1, 0x1.c1528065b7d50p-1 },
	{ "cos", cos, -0x1.0000000000000p+0, 0x1.14a280fb5068cp-1 },
	{ "cos", cos, 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54 },
	{ "cos", cos, 0x1.f400000000000p+9, 0x1.1ff026793f1bbp-1 },
	{ "cos", cos, 0x1.81cd6c8b43958p+13, 0x1.6b94c3bbe24b8p-1 },
	{ "cos", cos, 0x1.dcd6500000000p+29, 0x1.acff8c7364234p-1 },
	{ "cos", cos, INFINITY, NAN },
	{ "tan", tan, 0x1.0000000000000p-1, 0x1.17b4f5bf3474ap-1 },
	{ "tan", tan, -0x1.0000000000000p+0, -0x1.8eb245cbee3a6p+0 },
	{ "tan", tan, 0x1.8000000000000p+0, 0x1.c33ed50b88777p+3 },
	{ "tan", tan, 0x1.9100000000000p+6, -0x1.278694556d18fp-2 },
	{ "tan", tan, 0x1.01b2b29a4692bp-25, 0x1.01b2b29a4692cp-25 },
	{ "tan", tan, INFINITY, NAN },
	{ "asin", asin, 0x1.0000000000000p-1, 0x1.0c152382d7366p-1 },
	{ "asin", asin, -0x1.0000000000000p+0, -0x1.921fb54442d18p+0 },
	{ "asin", asin, 0x1.ffffde7210be9p-1, 0x1.91c306b2c13adp+0 },
	{ "asin", asin, 0x1.12e0be826d695p-30, 0x1.12e0be826d695p-30 },
	{ "acos", acos, 0x1.0000000000000p-1, 0x1.0c152382d7366p+0 },
	{ "acos", acos, -0x1.0000000000000p+0, 0x1.921fb54442d18p+1 },
	{ "acos", acos, 0x1.ffffde7210be9p-1, 0x1.72ba46065af16p-10 },
	{ "acos", acos, -0x1.0000000000000p-2, 0x1.d2cf5c7c70f0cp+0 },
	{ "atan", atan, 0x1.0000000000000p-1, 0x1.dac670561bb4fp-2 },
	{ "atan", atan, -0x1.4000000000000p+4, -0x1.8555a2787981fp+0 },
	{ "atan", atan, 0x1.dcd6500000000p+29, 0x1.921fb53ff74e9p+0 },
	{ "exp", exp, 0x1.0000000000000p+0, 0x1.5bf0a8b145769p+1 },
	{ "exp", exp, -0x1.0000000000000p+0, 0x1.78b56362cef38p-2 },
	{ "exp", exp, 0x1.999999999999ap-4, 0x1.1aec7b35a00d4p+0 },
	{ "exp", exp, 0x1.5e40000000000p+9, 0x1.8625c7d4f56c2p+1010 },
	{ "exp", exp, -0x1.7200000000000p+9, 0x0.0000000000055p-1022 },
	{ "exp", exp, -0x1.4400000000000p+4, 0x1.b93de1e27ca3bp-30 },
	{ "exp", exp, 0x1.b7cdfd9d7bdbbp-34, 0x1.000000006df38p+0 },
	{ "exp", exp, 1000, INFINITY },
	{ "exp", exp, -1000, 0 },
	{ "exp2", exp2, 0x1.0000000000000p-1, 0x1.6a09e667f3bcdp+0 },
	{ "exp2", exp2, 0x1.4000000000000p+3, 0x1.0000000000000p+10 },
	{ "exp2", exp2, -0x1.0c80000000000p+10, 0x0.0000000000001p-1022 },
	{ "exp2", exp2, 0x1.ff80000000000p+9, 0x1.0000000000000p+1023 },
	{ "expm1", expm1, 0x1.b7cdfd9d7bdbbp-34, 0x1.b7cdfd9dda4e3p-34 },
	{ "expm1", expm1, 0x1.3333333333333p-2, 0x1.6641632306a56p-2 },
	{ "expm1", expm1, -0x1.3333333333333p-2, -0x1.0966f2c7907f6p-2 },
	{ "expm1", expm1, 0x1.4000000000000p+2, 0x1.26d389970338fp+7 },
	{ "expm1", expm1, -0x1.9000000000000p+5, -0x1.0000000000000p+0 },
	{ "log", log, 0x1.0000000000000p+1, 0x1.62e42fefa39efp-1 },
	{ "log", log, 0x1.0000000000000p-1, -0x1.62e42fefa39efp-1 },
	{ "log", log, 0x1.56e1fc2f8f359p-997, -0x1.5963447f87fb5p+9 },
	{ "log", log, 0x1.7e43c8800759cp+996, 0x1.5963447f87fb5p+9 },
	{ "log", log, 0x1.000001ad7f29bp+0, 0x1.ad7f2847b6492p-24 },
	{ "log", log, 0, -INFINITY },
	{ "log", log, -1, NAN },
	{ "log2", log2, 0x1.0000000000000p+1, 0x1.0000000000000p+0 },
	{ "log2", log2, 0x1.6666666666666p-1, -0x1.0776228967d13p-1 },
	{ "log2", log2, 0x1.2a05f20000000p+33, 0x1.09c1165ec0627p+5 },
	{ "log2", log2, 0, -INFINITY },
	{ "log2", log2, -1, NAN },
	{ "log10", log10, 0x1.f400000000000p+9, 0x1.8000000000000p+1 },
	{ "log10", log10, 0x1.0624dd2f1a9fcp-10, -0x1.8000000000000p+1 },
	{ "log10", log10, 0x1.0000000000000p+1, 0x1.34413509f79ffp-2 },
	{ "log10", log10, 0, -INFINITY },
	{ "log10", log10, -1, NAN },
	{ "log1p", log1p, 0x1.19799812dea11p-40, 0x1.19799812de065p-40 },
	{ "log1p", log1p, 0x1.0000000000000p-1, 0x1.9f323ecbf984cp-2 },
	{ "log1p", log1p, -0x1.0000000000000p-1, -0x1.62e42fefa39efp-1 },
	{ "log1p", log1p, 0x1.86a0000000000p+16, 0x1.7069f7a2d94f6p+3 },
	{ "sqrt", sqrt, 0x1.0000000000000p+1, 0x1.6a09e667f3bcdp+0 },
	{ "sqrt", sqrt, 0x1.56e1fc2f8f359p-997, 0x1.a2fe76a3f9475p-499 },
	{ "sqrt", sqrt, 0x1.7e43c8800759cp+996, 0x1.38d352e5096afp+498 },
	{ "sqrt", sqrt, -1, NAN },
	{ "cbrt", cbrt, 0x1.b000000000000p+4, 0x1.8000000000000p+1 },
	{ "cbrt", cbrt, -0x1.0000000000000p+3, -0x1.0000000000000p+1 },
	{ "cbrt", cbrt, 0x1.0000000000000p+0, 0x1.0000000000000p+0 },
	{ "sinh", sinh, 0x1.0000000000000p+0, 0x1.2cd9fc44eb982p+0 },
	{ "sinh", sinh, -0x1.0624dd2f1a9fcp-10, -0x1.0624e00c1c9e3p-10 },
	{ "sinh", sinh, 0x1.4000000000000p+4, 0x1.ceb088b68e804p+27 },
	{ "cosh", cosh, 0x1.0000000000000p+0, 0x1.8b07551d9f550p+0 },
	{ "cosh", cosh, -0x1.0624dd2f1a9fcp-10, 0x1.000008637bdc1p+0 },
	{ "cosh", cosh, 0x1.4000000000000p+4, 0x1.ceb088b68e804p+27 },
	{ "tanh", tanh, 0x1.0000000000000p+0, 0x1.85efab514f394p-1 },
	{ "tanh", tanh, -0x1.0624dd2f1a9fcp-10, -0x1.0624d77516ce2p-10 },
	{ "tanh", tanh, 0x1.4000000000000p+4, 0x1.0000000000000p+0 },
	{ "asinh", asinh, 0x1.0000000000000p+0, 0x1.c34366179d427p-1 },
	{ "asinh", asinh, -0x1.0624dd2f1a9fcp-10, -0x1.0624da5218b95p-10 },
	{ "asinh", asinh, 0x1.2a05f20000000p+33, 0x1.7b810429a7c2ap+4 },
	{ "acosh", acosh, 0x1.8000000000000p+0, 0x1.ecc2caec5160ap-1 },
	{ "acosh", acosh, 0x1.2a05f20000000p+33, 0x1.7b810429a7c2ap+4 },
	{ "atanh", atanh, 0x1.0000000000000p-1, 0x1.193ea7aad030ap-1 },
	{ "atanh", atanh, -0x1.0624dd2f1a9fcp-10, -0x1.0624e2e91ed17p-10 },
	{ "floor", floor, 0x1.8000000000000p+0, 0x1.0000000000000p+0 },
	{ "floor", floor, -0x1.8000000000000p+0, -0x1.0000000000000p+1 },
	{ "floor", floor, 0x1.7e43c8800759cp+996, 0x1.7e43c8800759cp+996 },
	{ "floor", floor, -0x1.0000000000000p-1, -0x1.0000000000000p+0 },
	{ "ceil", ceil, 0x1.8000000000000p+0, 0x1.0000000000000p+1 },
	{ "ceil", ceil, -0x1.8000000000000p+0, -0x1.0000000000000p+0 },
	{ "ceil", ceil, 0x1.0000000000000p-2, 0x1.0000000000000p+0 },
	{ "trunc", trunc, 0x1.8000000000000p+0, 0x1.0000000000000p+0 },
	{ "trunc", trunc, -0x1.8000000000000p+0, -0x1.0000000000000p+0 },
	{ "round", round, 0x1.8000000000000p+0, 0x1.0000000000000p+1 },
	{ "round", round, -0x1.8000000000000p+0, -0x1.0000000000000p+1 },
	{ "round", round, 0x1.4000000000000p+1, 0x1.8000000000000p+1 },
	{ "round", round, 0x1.fffffffffffffp-2, 0 },
	{ "rint", rint, 0x1.8000000000000p+0, 0x1.0000000000000p+1 },
	{ "rint", rint, 0x1.4000000000000p+1, 0x1.0000000000000p+1 },
	{ "rint", rint, -0x1.8000000000000p-1, -0x1.0000000000000p+0 },
};

static const struct two {
	const char	*name;
	double		(*fn)(double, double);
	double		x, y, want;
} twos[] = {
	{ "pow", pow, 0x1.0000000000000p+1, 0x1.0000000000000p-1, 0x1.6a09e667f3bcdp+0 },
	{ "pow", pow, 0x1.4000000000000p+3, -0x1.2c00000000000p+8, 0x1.56e1fc2f8f359p-997 },
	{ "pow", pow, 0x1.000001ad7f29bp+0, 0x1.312d000000000p+23, 0x1.5bf0a790ce6f2p+1 },
	{ "pow", pow, -0x1.0000000000000p+1, 0x1.8000000000000p+1, -0x1.0000000000000p+3 },
	{ "pow", pow, -0x1.0000000000000p+1, -0x1.0000000000000p+1, 0x1.0000000000000p-2 },
	{ "pow", pow, 0x1.8000000000000p+1, 0x1.2c40000000000p+9, 0x1.b48b2442c167fp+951 },
	{ "pow", pow, 0x1.999999999999ap-4, 0x1.2c00000000000p+8, 0x1.56e1fc2f8f3bdp-997 },
	{ "atan2", atan2, 0x1.0000000000000p+0, -0x1.0000000000000p+0, 0x1.2d97c7f3321d2p+1 },
	{ "atan2", atan2, -0x1.0000000000000p+0, -0x1.0000000000000p+1, -0x1.56c6e7397f5aep+1 },
	{ "atan2", atan2, 0x0.0p+0, -0x1.0000000000000p+0, 0x1.921fb54442d18p+1 },
	{ "fmod", fmod, 0x1.4000000000000p+3, 0x1.8000000000000p+1, 0x1.0000000000000p+0 },
	{ "fmod", fmod, -0x1.5000000000000p+3, 0x1.8000000000000p+1, -0x1.8000000000000p+0 },
	{ "fmod", fmod, 0x1.7e43c8800759cp+996, 0x1.c000000000000p+2, 0x1.0000000000000p+0 },
	{ "remainder", remainder, 0x1.4000000000000p+3, 0x1.0000000000000p+2, 0x1.0000000000000p+1 },
	{ "remainder", remainder, 0x1.6000000000000p+3, 0x1.0000000000000p+2, -0x1.0000000000000p+0 },
	{ "remainder", remainder, 0x1.4000000000000p+2, 0x1.8000000000000p+1, -0x1.0000000000000p+0 },
	{ "hypot", hypot, 0x1.8000000000000p+1, 0x1.0000000000000p+2, 0x1.4000000000000p+2 },
	{ "hypot", hypot, 0x1.7e43c8800759cp+996, 0x1.7e43c8800759cp+996, 0x1.0e4d50f99b211p+997 },
	{ "hypot", hypot, 0x1.87e92154ef7acp-665, 0x1.87e92154ef7acp-665, 0x1.151f68876f410p-664 },
	{ "pow", pow, 0, -1, INFINITY },
	{ "pow", pow, -8, 1.0 / 3, NAN },
	{ "pow", pow, -INFINITY, 3, -INFINITY },
	{ "pow", pow, NAN, 0, 1 },
	{ "pow", pow, 0.5, -INFINITY, INFINITY },
	{ "fmod", fmod, 1, 0, NAN },
	{ "fmax", fmax, NAN, 2, 2 },
	{ "fmin", fmin, 1, 2, 1 },
	{ "copysign", copysign, 3, -0.0, -3 },
	{ "nextafter", nextafter, 1, 2, 0x1.0000000000001p0 },
};

static void
test_math(void)
{
	long far, most = 0;
	double whole;
	int e;

	for (size_t i = 0; i < __arraycount(ones); i++) {
		const struct one *o = &ones[i];

		far = distance(o->fn(o->x), o->want);
		if (far > 1)
			tap_diag("%s(%g) is %.17g, not %.17g", o->name, o->x, o->fn(o->x), o->want);
		most = MAX(most, far);
	}
	tap_ok(most <= 1,
	    "functions of one argument: %zu values are at most %ld last bits off", __arraycount(ones), most);
	most = 0;
	for (size_t i = 0; i < __arraycount(twos); i++) {
		const struct two *t = &twos[i];

		far = distance(t->fn(t->x, t->y), t->want);
		if (far > 1)
			tap_diag("%s(%g, %g) is %.17g, not %.17g", t->name, t->x, t->y, t->fn(t->x, t->y), t->want);
		most = MAX(most, far);
	}
	tap_ok(most <= 1,
	    "functions of two arguments: %zu values are at most %ld last bits off", __arraycount(twos), most);
	tap_ok(frexp(-48, &e) == -0.75 && e == 6 && ldexp(0.75, 3) == 6 && scalbn(1, -1074) == 0x1p-1074 &&
	    ilogb(0.1) == -4,
	    "frexp, ldexp, scalbn, ilogb");
	tap_ok(modf(-2.25, &whole) == -0.25 && whole == -2 && lround(-2.5) == -3 && lrint(2.5) == 2,
	    "modf, lround, lrint");
	tap_ok(sqrtf(2) == 0x1.6a09e6p0f && sinf(1) == 0x1.aed548p-1f && powf(2, 0.5f) == 0x1.6a09e6p0f,
	    "functions of float");
	tap_ok(signbit(trunc(-0.5)) && signbit(ceil(-0.5)) && fpclassify(0x1p-1070) == FP_SUBNORMAL,
	    "signs of zeros, classes");
}
static void
test_environment(void)
{
	char own[] = "OWN=1";

	tap_ok(setenv("NEW", "a", 0) == 0 && strcmp(getenv("NEW"), "a") == 0, "setenv of a new one");
	tap_ok(setenv("NEW", "b", 0) == 0 && strcmp(getenv("NEW"), "a") == 0, "without overwriting");
	tap_ok(setenv("NEW", "long value", 1) == 0 && strcmp(getenv("NEW"), "long value") == 0, "and with");
	tap_is_errno(setenv("A=B", "", 1), EINVAL, "no name: EINVAL");
	tap_ok(putenv(own) == 0 && getenv("OWN") == own + 4, "putenv takes the string itself");
	tap_ok(unsetenv("NEW") == 0 && getenv("NEW") == NULL && getenv("OWN") != NULL, "unsetenv");
}

static void
end_quickly(void)
{
	_exit(5);
}

static void
quit(void *arg)
{
	(void)arg;
	atexit(abort);
	at_quick_exit(end_quickly);
	quick_exit(3);
}

static void
test_rest(void)
{
	time_t t = 1700000000;
	char text[26];

	tap_is_str(ctime_r(&t, text), "Tue Nov 14 22:13:20 2023\n", "ctime_r");
	tap_is_str(strcasestr("one TWO three", "two"), "TWO three", "strcasestr");
	tap_ok(strcasestr("abc", "abcd") == NULL && strxfrm(text, "abc", 2) == 3, "strcasestr, strxfrm");
	tap_is_int(WEXITSTATUS(in_child(quit, NULL)), 5, "quick_exit calls its own handlers");
}

int
main(void)
{
	test_math();
	test_environment();
	test_rest();
	return tap_done();
}
