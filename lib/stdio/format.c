/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language of printf: everything but floating point.
 *
 * What it does not handle.  Wide characters, and arguments by number (%1$d).
 */
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "format.h"

#define MAXDIGITS	22		/* 64 bits in octal */

void
__sink_put(struct sink *sk, const char *s, size_t n)
{
	if (n > 0)
		sk->sk_put(sk, s, n);
	sk->sk_total += n;
}

void
__sink_pad(struct sink *sk, char c, size_t n)
{
	char block[32];
	size_t part;

	(void)memset(block, c, sizeof(block));
	for (; n > 0; n -= part) {
		part = n < sizeof(block) ? n : sizeof(block);
		__sink_put(sk, block, part);
	}
}

size_t
__begin_number(struct sink *sk, const struct spec *sp, const char *prefix,
    size_t len)
{
	size_t nprefix = strlen(prefix), pad = 0;

	len += nprefix;
	if ((size_t)sp->sp_width > len)
		pad = (size_t)sp->sp_width - len;
	if (!sp->sp_left && !sp->sp_zero)
		__sink_pad(sk, ' ', pad);
	__sink_put(sk, prefix, nprefix);
	if (!sp->sp_left && sp->sp_zero)
		__sink_pad(sk, '0', pad);
	return sp->sp_left ? pad : 0;
}

static void
format_text(struct sink *sk, const struct spec *sp, const char *s, size_t len)
{
	size_t pad = (size_t)sp->sp_width > len ? (size_t)sp->sp_width - len : 0;

	if (!sp->sp_left)
		__sink_pad(sk, ' ', pad);
	__sink_put(sk, s, len);
	if (sp->sp_left)
		__sink_pad(sk, ' ', pad);
}

static void
format_string(struct sink *sk, const struct spec *sp, const char *s)
{
	size_t max = sp->sp_prec < 0 ? SIZE_MAX : (size_t)sp->sp_prec;

	if (s == NULL)
		s = "(null)";
	format_text(sk, sp, s, strnlen(s, max));
}

static void
format_integer(struct sink *sk, struct spec *sp, const char *prefix,
    uintmax_t n, unsigned int base)
{
	const char *alphabet = sp->sp_conv == 'X' ?
	    "0123456789ABCDEF" : "0123456789abcdef";
	char buf[MAXDIGITS], *p = buf + sizeof(buf);
	size_t len, zeros = 0, after;

	for (; n != 0; n /= base)
		*--p = alphabet[n % base];
	len = (size_t)(buf + sizeof(buf) - p);
	/* The precision is the fewest digits: one, if it is not given. */
	if (sp->sp_prec >= 0)
		sp->sp_zero = 0;
	else
		sp->sp_prec = 1;
	if ((size_t)sp->sp_prec > len)
		zeros = (size_t)sp->sp_prec - len;
	if (base == 8 && sp->sp_alt && zeros == 0)
		zeros = 1;
	after = __begin_number(sk, sp, prefix, zeros + len);
	__sink_pad(sk, '0', zeros);
	__sink_put(sk, p, len);
	__sink_pad(sk, ' ', after);
}

const char *
__sign(const struct spec *sp, int negative)
{
	if (negative)
		return "-";
	if (sp->sp_plus)
		return "+";
	return sp->sp_space ? " " : "";
}

static intmax_t
get_signed(char length, va_list *ap)
{
	switch (length) {
	case 'H':
		return (signed char)va_arg(*ap, int);
	case 'h':
		return (short)va_arg(*ap, int);
	case 'l':
		return va_arg(*ap, long);
	default:
		return va_arg(*ap, int);
	}
}

static uintmax_t
get_unsigned(char length, va_list *ap)
{
	switch (length) {
	case 'H':
		return (unsigned char)va_arg(*ap, int);
	case 'h':
		return (unsigned short)va_arg(*ap, int);
	case 'l':
		return va_arg(*ap, unsigned long);
	default:
		return va_arg(*ap, unsigned int);
	}
}

static void
format_signed(struct sink *sk, struct spec *sp, intmax_t n)
{
	format_integer(sk, sp, __sign(sp, n < 0),
	    n < 0 ? -(uintmax_t)n : (uintmax_t)n, 10);
}

static void
format_unsigned(struct sink *sk, struct spec *sp, uintmax_t n)
{
	const char *prefix = "";
	unsigned int base = 16;

	if (sp->sp_conv == 'u')
		base = 10;
	else if (sp->sp_conv == 'o')
		base = 8;
	else if (sp->sp_alt && n != 0)
		prefix = sp->sp_conv == 'X' ? "0X" : "0x";
	format_integer(sk, sp, prefix, n, base);
}

static void
format_pointer(struct sink *sk, struct spec *sp, void *p)
{
	sp->sp_alt = 1;
	sp->sp_conv = 'x';
	if (p == NULL)
		format_text(sk, sp, "0x0", 3);
	else
		format_unsigned(sk, sp, (uintptr_t)p);
}

static void
store_count(struct sink *sk, const struct spec *sp, void *p)
{
	switch (sp->sp_length) {
	case 'H':
		*(signed char *)p = (signed char)sk->sk_total;
		break;
	case 'h':
		*(short *)p = (short)sk->sk_total;
		break;
	case 'l':
		*(long *)p = (long)sk->sk_total;
		break;
	default:
		*(int *)p = (int)sk->sk_total;
		break;
	}
}

/* A number or an asterisk; an asterisk's number may be negative. */
static const char *
parse_number(const char *fmt, va_list *ap, int *value)
{
	*value = 0;
	if (*fmt == '*') {
		*value = va_arg(*ap, int);
		return fmt + 1;
	}
	for (; isdigit((unsigned char)*fmt); fmt++) {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, *fmt - '0', value))
			*value = INT_MAX - 1;
	}
	return fmt;
}

static const char *
parse_flags(const char *fmt, struct spec *sp)
{
	for (;; fmt++) {
		if (*fmt == '-')
			sp->sp_left = 1;
		else if (*fmt == '+')
			sp->sp_plus = 1;
		else if (*fmt == ' ')
			sp->sp_space = 1;
		else if (*fmt == '#')
			sp->sp_alt = 1;
		else if (*fmt == '0')
			sp->sp_zero = 1;
		else
			return fmt;
	}
}

/* long, long long, intmax_t, size_t and ptrdiff_t are all the same. */
static const char *
parse_length(const char *fmt, struct spec *sp)
{
	if (fmt[0] == 'h' && fmt[1] == 'h') {
		sp->sp_length = 'H';
		return fmt + 2;
	}
	if (fmt[0] == 'l' && fmt[1] == 'l')
		fmt++;
	switch (*fmt) {
	case 'h':
	case 'L':
		sp->sp_length = *fmt;
		return fmt + 1;
	case 'j':
	case 'l':
	case 'q':
	case 't':
	case 'z':
		sp->sp_length = 'l';
		return fmt + 1;
	default:
		return fmt;
	}
}

/* What follows a %, up to and without the letter. */
static const char *
parse_spec(const char *fmt, va_list *ap, struct spec *sp)
{
	*sp = (struct spec){ .sp_prec = -1 };
	fmt = parse_flags(fmt, sp);
	fmt = parse_number(fmt, ap, &sp->sp_width);
	if (sp->sp_width < 0) {
		sp->sp_left = 1;
		sp->sp_width = sp->sp_width == INT_MIN ? 0 : -sp->sp_width;
	}
	if (*fmt == '.') {
		fmt = parse_number(fmt + 1, ap, &sp->sp_prec);
		if (sp->sp_prec < 0)
			sp->sp_prec = -1;
	}
	return parse_length(fmt, sp);
}

static void
convert(struct sink *sk, struct spec *sp, va_list *ap)
{
	char c;

	switch (sp->sp_conv) {
	case 'd':
	case 'i':
		format_signed(sk, sp, get_signed(sp->sp_length, ap));
		break;
	case 'o':
	case 'u':
	case 'X':
	case 'x':
		format_unsigned(sk, sp, get_unsigned(sp->sp_length, ap));
		break;
	case 'A':
	case 'a':
	case 'E':
	case 'e':
	case 'F':
	case 'f':
	case 'G':
	case 'g':
		__format_float(sk, sp, sp->sp_length == 'L' ?
		    (double)va_arg(*ap, long double) : va_arg(*ap, double));
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		format_text(sk, sp, &c, 1);
		break;
	case 's':
		format_string(sk, sp, va_arg(*ap, const char *));
		break;
	case 'p':
		format_pointer(sk, sp, va_arg(*ap, void *));
		break;
	case 'n':
		store_count(sk, sp, va_arg(*ap, void *));
		break;
	default:
		/* Not a conversion: the letter itself, which %% wants too. */
		__sink_put(sk, &sp->sp_conv, 1);
		break;
	}
}

void
__format(struct sink *sk, const char *fmt, va_list args)
{
	struct spec sp;
	const char *percent;
	va_list ap;

	va_copy(ap, args);
	for (;;) {
		percent = strchrnul(fmt, '%');
		__sink_put(sk, fmt, (size_t)(percent - fmt));
		if (*percent == '\0')
			break;
		fmt = parse_spec(percent + 1, &ap, &sp);
		if (*fmt == '\0')
			break;
		sp.sp_conv = *fmt++;
		convert(sk, &sp, &ap);
	}
	va_end(ap);
}
