/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * format_diff SEED CASES: our printf, scanf and strto* beside the host's, case by case.
 *
 * Our library is linked with a prefix before all its names (tests/host/format.t).  The first differences
 * are printed; the status is 1 if there are any.
 *
 * What is left out, as C17 leaves it open or the host does otherwise than C17 says (t_stdio looks at ours):
 * wide characters; "0x" and "1e" without a digit, and "nan(" without an end, as input items, %5c of fewer characters,
    and
 * the result if the input ends after a conversion that is not stored; errno for a number that is rounded up to the
 * smallest normal one; the value of a long double that is no double; "%#g" of what is rounded up to
 * 10^P, P being the precision, whose zeros glibc 2.36 forgets.
 */
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN	20

int	h_snprintf(char *, size_t, const char *, ...);
int	h_sscanf(const char *, const char *, ...);
double	h_strtod(const char *, char **);
float	h_strtof(const char *, char **);
long	h_strtol(const char *, char **, int);
unsigned long h_strtoul(const char *, char **, int);
int	*h___errno(void);
int	h__lwp_self(void);
int	h_main(void);

/* The one call that a string's FILE makes; and what the start of a program would call. */
int
h__lwp_self(void)
{
	return 1;
}

int
h_main(void)
{
	return 0;
}

static uint64_t	state;
static unsigned	differences;

static uint64_t
any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned
below(unsigned n)
{
	return (unsigned)(any() >> 11) % n;
}

static const char *
one_of(const char *const *words, unsigned n)
{
	return words[below(n)];
}
#define ONE_OF(words)	one_of(words, sizeof(words) / sizeof((words)[0]))

static int
differs(const char *what)
{
	if (++differences <= SHOWN)
		printf("# %s: ", what);
	return differences <= SHOWN;
}

static double
any_double(void)
{
	static const double corner[] = { 0.0, 0.5, 1.5, 2.5, 9.5, 0.05, 0.25, 0.125, 9.9999995, 99999.95, 999999.5,
	    1e5, 1e6, 1e-4, 1e-5,
		9.99995e-5, 1e15, 1e16, 1e17, 1e22, 1e23, 0.1, 0.3, 123456789.0, 4.9406564584124654e-324,
		    2.2250738585072014e-308,
		1.7976931348623157e308, 0x1.fffffffffffffp0, 0x1.8p0, 0x1.08p0, 0x1.18p0, 1024.0 };
	union {
		uint64_t	bits;
		double		value;
	} u;
	double x;

	switch (below(8)) {
	case 0:
		x = corner[below(sizeof(corner) / sizeof(corner[0]))];
		break;
	case 1:
		x = (double)below(2000000) / 1000.0;
		break;
	case 2:
		x = (double)(any() >> (1 + below(63)));
		break;
	case 3:
		x = (double)below(100000) / (double)(1U << below(20));
		break;
	case 4:
		x = below(8) == 0 ? (double)NAN : below(4) == 0 ? (double)INFINITY : (double)below(100);
		break;
	case 5:
		u.bits = any() & 0x000fffffffffffff;	/* subnormal */
		x = u.value;
		break;
	default:
		u.bits = any();
		return u.value;
	}
	return below(2) ? -x : x;
}

static uint64_t
any_integer(void)
{
	static const uint64_t corner[] = { 0, 1, 7, 8, 9, 10, 127, 128, 255, 256, 32767, 32768, 65535, 65536, INT32_MAX,
		(uint64_t)INT32_MAX + 1, UINT32_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX };
	uint64_t n = below(2) ? any() >> below(64) : corner[below(sizeof(corner) / sizeof(corner[0]))];

	return below(3) == 0 ? -n : n;
}

/* A conversion for printf: what follows the %, up to the length; at most two asterisks. */
static int
make_spec(char *p, const char *flags, int zero_allowed, int prec_allowed, int star[2])
{
	int n = 0, stars = 0;

	*p++ = '%';
	for (; *flags != '\0'; flags++) {
		if (below(4) == 0 && (*flags != '0' || zero_allowed))
			*p++ = *flags;
	}
	if (below(2)) {
		n = (int)below(25);
		if (below(4) == 0) {
			star[stars++] = below(3) == 0 ? -n : n;
			*p++ = '*';
		} else if (n > 0) {
			p += sprintf(p, "%d", n);
		}
	}
	if (prec_allowed && below(2)) {
		n = below(8) == 0 ? (int)below(60) : (int)below(18);
		*p++ = '.';
		if (below(4) == 0) {
			star[stars++] = below(5) == 0 ? -1 - n : n;
			*p++ = '*';
		} else if (below(6) != 0) {
			p += sprintf(p, "%d", n);
		}
	}
	*p = '\0';
	return stars;
}

/* Both, with 0, 1 or 2 numbers for asterisks before the argument. */
#define BOTH(value)									\
	do {										\
		if (stars == 0) {							\
			theirs = snprintf(a, size, fmt, value);				\
			ours = h_snprintf(b, size, fmt, value);				\
		} else if (stars == 1) {						\
			theirs = snprintf(a, size, fmt, star[0], value);		\
			ours = h_snprintf(b, size, fmt, star[0], value);		\
		} else {								\
			theirs = snprintf(a, size, fmt, star[0], star[1], value);	\
			ours = h_snprintf(b, size, fmt, star[0], star[1], value);	\
		}									\
	} while (0)

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static void
try_printf(void)
{
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "j", "z", "t" };
	static const char *const texts[] = { "", "a", "loom", "a longer text than the others" };
	char fmt[64], a[1500], b[1500], *end;
	int star[2] = { 0, 0 }, stars, theirs, ours;
	size_t size = sizeof(a);
	uint64_t n = any_integer();
	double x = any_double();
	unsigned kind = below(10);
	const char *length;

	if ((kind < 4 || kind >= 8) && below(4) == 0)
		size = below(20);
	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	fmt[0] = '<';
	if (kind < 4) {
		char conv = "diuoxX"[below(6)];

		stars = make_spec(fmt + 1, conv == 'd' || conv == 'i' ? "-+ 0" : conv == 'u' ? "-0" : "-#0", 1, 1,
		    star);
		end = fmt + strlen(fmt);
		length = ONE_OF(lengths);
		sprintf(end, "%s%c|%%%%>", length, conv);
		if (length[0] == 'h' || length[0] == '\0')
			BOTH((int)n);
		else
			BOTH((long)n);
	} else if (kind < 8) {
		stars = make_spec(fmt + 1, "-+ #0", 1, 1, star);
		end = fmt + strlen(fmt);
		sprintf(end, "%c>", "eEfFgGaA"[below(8)]);
		BOTH(x);
	} else if (kind == 8) {
		stars = make_spec(fmt + 1, "-", 0, 1, star);
		strcat(fmt, "s>");
		length = ONE_OF(texts);
		BOTH(length);
	} else {
		stars = make_spec(fmt + 1, "-", 0, 0, star);
		strcat(fmt, below(2) ? "c>" : "p>");
		BOTH((void *)(uintptr_t)(fmt[strlen(fmt) - 2] == 'c' ? (unsigned char)(n | 1) : n | 1));
	}
	if (kind >= 4 && kind < 8 && strchr(fmt, '#') != NULL && strchr("gG", fmt[strlen(fmt) - 2]) != NULL &&
	    size > 1400 &&
	    (strstr(a, "1.e+") != NULL || strstr(a, "1.E+") != NULL))
		return;
	if ((theirs != ours || memcmp(a, b, size) != 0) && differs("printf"))
		printf("\"%s\" (%d, %d) %#lx %a size %zu: %d \"%.60s\", not %d \"%.60s\"\n", fmt, star[0], star[1],
		    (long)n, x, size,
		    ours, b, theirs, a);
}

/* What %n stores. */
static void
try_count(void)
{
	signed char c[2] = { 0, 0 };
	short s[2] = { 0, 0 };
	long l[2] = { 0, 0 };
	int i[2] = { 0, 0 }, w = (int)below(300);
	char buf[8];

	snprintf(buf, sizeof(buf), "%*d%hhn%hn%n%ln", w, 1, &c[0], &s[0], &i[0], &l[0]);
	h_snprintf(buf, sizeof(buf), "%*d%hhn%hn%n%ln", w, 1, &c[1], &s[1], &i[1], &l[1]);
	if ((c[0] != c[1] || s[0] != s[1] || i[0] != i[1] || l[0] != l[1]) && differs("%n"))
		printf("width %d: %d, not %d\n", w, i[1], i[0]);
}

/* Text in which there is much for scanf to find, and to stumble over. */
static void
make_text(char *p, size_t size)
{
	static const char *const words[] = { " ",
	    "\t\n", "0", "7", "12", "-", "+", ".", "E5", "0x", "0xf", "abc", "1e3", "-4.25",
		"99999999999999999999",
		    "x", "]", "^", "%", "inf", "-INF", "infinity", "nan", "NAN", "in", "0x1.8p3", "p2", "08", "5-" };
	size_t n = 0, len;
	unsigned count = below(7);

	for (*p = '\0'; count > 0; count--) {
		const char *w = ONE_OF(words);

		len = strlen(w);
		if (n + len + 1 > size)
			break;
		strcpy(p + n, w);
		n += len;
	}
}

struct got {
	union {
		char		text[64];
		double		d;
		float		f;
		long		l;
		int		i;
		short		s;
		signed char	c;
	} v[3];
	int	n;
};

static void
try_scanf(void)
{
	static const char *const convs[] = { "d",
	    "i", "u", "o", "x", "X", "hhd", "hd", "ld", "lld", "jd", "zu", "lx", "f", "e", "g", "a",
		"lf",
		    "lg", "s", "c", "[a-f0-9]", "[^ ]", "[]]", "[^]]", "[-+.0-9]", "n", "*d", "*s", "*c", "*f", "%",
		    "p" };
	static const char *const between[] = { "", "", " ", "x", "-", "%%" };
	char text[64], fmt[80] = "", *hex;
	struct got a, b;
	int ra, rb, widths = 0, skipped = 0;

	for (unsigned i = 0; i < 3; i++) {
		char width[8] = "";
		const char *conv = ONE_OF(convs);

		if (below(3) == 0 && strchr("n%*c", conv[0]) == NULL) {
			sprintf(width, "%u", 1 + below(6));
			widths = 1;
		}
		skipped |= conv[0] == '*';
		sprintf(fmt + strlen(fmt), "%%%s%s%s", width, conv, ONE_OF(between));
	}
	strcat(fmt, "%n");
	do {
		make_text(text, sizeof(text));
		hex = strstr(text, "0x");
	} while ((widths && strpbrk(text, "eE") != NULL) ||
	    (hex != NULL && (widths || !isxdigit((unsigned char)hex[2]) || strstr(hex + 2, "0x") != NULL)));
	memset(&a, 0x55, sizeof(a));
	memset(&b, 0x55, sizeof(b));
	{
		void *pa[4], *pb[4];
		unsigned n = 0;

		/* The arguments there are: those conversions that store. */
		for (const char *p = fmt; (p = strchr(p, '%')) != NULL; p++) {
			if (p[1] == '%') {
				p++;
				continue;
			}
			if (p[1] == '*')
				continue;
			if (p[1] == 'n' && p[2] == '\0')
				break;
			pa[n] = &a.v[n];
			pb[n] = &b.v[n];
			n++;
		}
		for (unsigned i = n; i < 4; i++) {
			pa[i] = i == n ? &a.n : NULL;
			pb[i] = i == n ? &b.n : NULL;
		}
		ra = sscanf(text, fmt, pa[0], pa[1], pa[2], pa[3]);
		rb = h_sscanf(text, fmt, pb[0], pb[1], pb[2], pb[3]);
	}
	if (skipped && ra == EOF && rb == 0)
		return;
	if ((ra != rb || memcmp(&a, &b, sizeof(a)) != 0) && differs("scanf"))
		printf("\"%s\" of \"%s\": %d (%d), not %d (%d)\n", fmt, text, rb, b.n, ra, a.n);
}

static void
try_strto(void)
{
	char text[200], *ea, *eb;
	double da, db;
	float fa, fb;
	long la, lb;
	int base = (int)below(37), errors[2];

	if (base == 1)
		base = 0;
	if (below(2)) {
		static const char *const forms[] = { "%.3g", "%.17g", "%.20e", "%.25f", "%a", "%.4a" };

		snprintf(text, sizeof(text), ONE_OF(forms), any_double());
	} else if (below(2)) {
		snprintf(text, sizeof(text), "%lu%lue%d", any(), any(), (int)below(700) - 350);
	} else {
		make_text(text, sizeof(text));
	}
	errno = *h___errno() = 0;
	da = strtod(text, &ea);
	db = h_strtod(text, &eb);
	errors[0] = errno != 0;
	errors[1] = fabs(da) == DBL_MIN ? errors[0] : *h___errno() != 0;
	if ((ea != eb || errors[0] != errors[1] || (isnan(da) ? !isnan(db) : memcmp(&da, &db, sizeof(da)) != 0)) &&
	    differs("strtod"))
		printf("\"%s\": %a +%td error %d, not %a +%td error %d\n", text, db, eb - text, errors[1], da,
		    ea - text, errors[0]);
	errno = *h___errno() = 0;
	fa = strtof(text, &ea);
	fb = h_strtof(text, &eb);
	errors[0] = errno != 0;
	errors[1] = fabsf(fa) == FLT_MIN ? errors[0] : *h___errno() != 0;
	if ((ea != eb || errors[0] != errors[1] || (isnan(fa) ? !isnan(fb) : memcmp(&fa, &fb, sizeof(fa)) != 0)) &&
	    differs("strtof"))
		printf("\"%s\": %a +%td error %d, not %a +%td error %d\n", text, (double)fb, eb - text, errors[1],
		    (double)fa, ea - text,
		    errors[0]);
	errno = *h___errno() = 0;
	la = strtol(text, &ea, base);
	lb = h_strtol(text, &eb, base);
	errors[0] = errno != 0;
	errors[1] = *h___errno() != 0;
	if ((ea != eb || la != lb || errors[0] != errors[1]) && differs("strtol"))
		printf("\"%s\" base %d: %ld +%td, not %ld +%td\n", text, base, lb, eb - text, la, ea - text);
	if ((strtoul(text, &ea, base) != h_strtoul(text, &eb, base) || ea != eb) && differs("strtoul"))
		printf("\"%s\" base %d\n", text, base);
}

int
main(int argc, char **argv)
{
	static void (*const tries[])(void) = { try_printf, try_printf, try_scanf, try_strto, try_count };
	long cases = argc == 3 ? atol(argv[2]) : 0;

	state = argc == 3 ? strtoull(argv[1], NULL, 10) * 2 + 1 : 1;
	for (long i = 0; i < cases; i++)
		tries[i % 5]();
	printf("# %ld cases, %u differences\n", cases, differences);
	return cases <= 0 || differences != 0;
}
