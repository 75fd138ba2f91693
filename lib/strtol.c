/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text to integers.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

static unsigned int
digit_value(char ch)
{
	int c = (unsigned char)ch;

	if (isdigit(c))
		return (unsigned int)(c - '0');
	if (isalpha(c))
		return (unsigned int)(tolower(c) - 'a' + 10);
	return UINT_MAX;
}

/*
 * The number without its sign; `negative' and `overflow' tell the rest.  All
 * the functions below are this one with different limits, as long, long long
 * and intmax_t are the same.
 */
static unsigned long
parse(const char *s, char **end, unsigned int base, int *negative,
    int *overflow)
{
	const char *digits, *start = s;
	unsigned long n = 0;

	*overflow = 0;
	while (isspace((unsigned char)*s))
		s++;
	*negative = *s == '-';
	if (*s == '+' || *s == '-')
		s++;
	if ((base == 0 || base == 16) && s[0] == '0' &&
	    (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16) {
		s += 2;
		base = 16;
	}
	if (base == 0)
		base = *s == '0' ? 8 : 10;
	for (digits = s; digit_value(*s) < base; s++) {
		if (__builtin_mul_overflow(n, base, &n) ||
		    __builtin_add_overflow(n, digit_value(*s), &n))
			*overflow = 1;
	}
	if (end != NULL)
		*end = __UNCONST(s == digits ? start : s);
	return n;
}

static int
bad_base(const char *s, char **end, int base)
{
	if (base == 0 || (base >= 2 && base <= 36))
		return 0;
	if (end != NULL)
		*end = __UNCONST(s);
	errno = EINVAL;
	return 1;
}

long
strtol(const char *restrict s, char **restrict end, int base)
{
	int negative, overflow;
	unsigned long n, limit;

	if (bad_base(s, end, base))
		return 0;
	n = parse(s, end, (unsigned int)base, &negative, &overflow);
	limit = (unsigned long)LONG_MAX + (negative != 0);
	if (overflow || n > limit) {
		errno = ERANGE;
		n = limit;
	}
	return (long)(negative ? -n : n);
}

unsigned long
strtoul(const char *restrict s, char **restrict end, int base)
{
	int negative, overflow;
	unsigned long n;

	if (bad_base(s, end, base))
		return 0;
	n = parse(s, end, (unsigned int)base, &negative, &overflow);
	if (overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return negative ? -n : n;
}

long long
strtoll(const char *restrict s, char **restrict end, int base)
{
	return strtol(s, end, base);
}

unsigned long long
strtoull(const char *restrict s, char **restrict end, int base)
{
	return strtoul(s, end, base);
}

intmax_t
strtoimax(const char *restrict s, char **restrict end, int base)
{
	return strtol(s, end, base);
}

uintmax_t
strtoumax(const char *restrict s, char **restrict end, int base)
{
	return strtoul(s, end, base);
}

int
atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long
atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long
atoll(const char *s)
{
	return strtol(s, NULL, 10);
}
