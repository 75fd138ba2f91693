/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scanf family.
 *
 * What ends it.  A directive that finds other input than it wants is a mismatch; one that
 * finds no input at all is an input failure.  The result is EOF if the input fails before
 * any conversion is complete, be it one whose result is not stored.  An input item is
 * the longest piece of input that is, or could have become, what is wanted: "100ergs" has the
 * item "100e" for %f, and that is a mismatch.
 *
 * What it does not handle.  Wide characters, and arguments by number.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define SHORT_NUMBER	128		/* longer ones are allocated */

struct scan {
	FILE		*sc_file;
	int		sc_nread;	/* characters used so far */
	int		sc_left;	/* the width: how many more may be used */
	/* The conversion. */
	int		sc_suppress;	/* * */
	char		sc_length;	/* h, H for hh, l, L, or 0 */
	/* The text of a number. */
	char		*sc_text;
	size_t		sc_n;
	size_t		sc_size;	/* bytes there are for it */
	char		sc_short[SHORT_NUMBER];
};

/* What a step of scanf can come to. */
enum result { MATCHED, MISMATCH, INPUT_ENDED };

/* The next character, if the width allows it; EOF. */
static int
next(struct scan *sc)
{
	int c;

	if (sc->sc_left == 0)
		return EOF;
	c = getc_unlocked(sc->sc_file);
	if (c != EOF) {
		sc->sc_nread++;
		sc->sc_left--;
	}
	return c;
}

static void
back(struct scan *sc, int c)
{
	if (c == EOF)
		return;
	(void)ungetc(c, sc->sc_file);
	sc->sc_nread--;
	sc->sc_left++;
}

static void
skip_space(struct scan *sc)
{
	int c;

	sc->sc_left = -1;
	do {
		c = next(sc);
	} while (c != EOF && isspace(c));
	back(sc, c);
}

/* Room for one more character and the NUL. */
static int
make_room(struct scan *sc)
{
	char *text;

	if (sc->sc_n + 1 < sc->sc_size)
		return 1;
	text = realloc(sc->sc_text == sc->sc_short ? NULL : sc->sc_text,
	    sc->sc_size * 2);
	if (text == NULL)
		return 0;
	if (sc->sc_text == sc->sc_short)
		(void)memcpy(text, sc->sc_short, sc->sc_n);
	sc->sc_text = text;
	sc->sc_size *= 2;
	return 1;
}

/* Take the next character into the text if it is one of these. */
static int
accept(struct scan *sc, const char *set)
{
	int c = next(sc);

	if (c != EOF && c != '\0' && strchr(set, c) != NULL && make_room(sc)) {
		sc->sc_text[sc->sc_n++] = (char)c;
		return 1;
	}
	back(sc, c);
	return 0;
}

static int
accept_all(struct scan *sc, const char *set)
{
	int n = 0;

	while (accept(sc, set))
		n++;
	return n;
}

/* At the end of a number: what it was, if there were digits. */
static enum result
finish_number(struct scan *sc, int digits)
{
	sc->sc_text[sc->sc_n] = '\0';
	if (digits > 0)
		return MATCHED;
	return sc->sc_n == 0 && feof(sc->sc_file) ? INPUT_ENDED : MISMATCH;
}

static enum result
read_integer(struct scan *sc, int *base)
{
	const char *digits = "0123456789";
	int n = 0;

	sc->sc_n = 0;
	(void)accept(sc, "+-");
	if ((*base == 0 || *base == 16) && accept(sc, "0")) {
		n = 1;
		if (accept(sc, "xX")) {
			*base = 16;
			n = 0;
		} else if (*base == 0) {
			*base = 8;
		}
	}
	if (*base == 16)
		digits = "0123456789abcdefABCDEF";
	else if (*base == 8)
		digits = "01234567";
	return finish_number(sc, n + accept_all(sc, digits));
}

/* All of these letters, in this order, large or small. */
static int
accept_word(struct scan *sc, const char *word)
{
	for (; *word != '\0'; word++) {
		const char both[] = { *word, (char)toupper((unsigned char)*word), '\0' };

		if (!accept(sc, both))
			return 0;
	}
	return 1;
}

/* What may follow "nan". */
static int
accept_payload(struct scan *sc)
{
	if (!accept(sc, "("))
		return 1;
	(void)accept_all(sc, "0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	return accept(sc, ")");
}

static enum result
read_float(struct scan *sc)
{
	const char *digits = "0123456789", *exponent = "eE";
	int n = 0;

	sc->sc_n = 0;
	(void)accept(sc, "+-");
	if (accept(sc, "iI"))
		return finish_number(sc, accept_word(sc, "nf") &&
		    (!accept(sc, "iI") || accept_word(sc, "nity")));
	if (accept(sc, "nN"))
		return finish_number(sc, accept_word(sc, "an") &&
		    accept_payload(sc));
	if (accept(sc, "0")) {
		n = 1;
		if (accept(sc, "xX")) {
			digits = "0123456789abcdefABCDEF";
			exponent = "pP";
			n = 0;
		}
	}
	n += accept_all(sc, digits);
	if (accept(sc, "."))
		n += accept_all(sc, digits);
	if (n > 0 && accept(sc, exponent)) {
		(void)accept(sc, "+-");
		n = accept_all(sc, "0123456789");
	}
	return finish_number(sc, n);
}

static void
store_integer(const struct scan *sc, void *p, uintmax_t n)
{
	switch (sc->sc_length) {
	case 'H':
		*(unsigned char *)p = (unsigned char)n;
		break;
	case 'h':
		*(unsigned short *)p = (unsigned short)n;
		break;
	case 'l':
		*(unsigned long *)p = n;
		break;
	default:
		*(unsigned int *)p = (unsigned int)n;
		break;
	}
}

static enum result
scan_integer(struct scan *sc, int base, int is_signed, void *p)
{
	enum result r = read_integer(sc, &base);

	if (r != MATCHED || p == NULL)
		return r;
	if (is_signed)
		store_integer(sc, p, (uintmax_t)strtol(sc->sc_text, NULL, base));
	else
		store_integer(sc, p, strtoul(sc->sc_text, NULL, base));
	return MATCHED;
}

static enum result
scan_float(struct scan *sc, void *p)
{
	enum result r = read_float(sc);

	if (r != MATCHED || p == NULL)
		return r;
	if (sc->sc_length == 'L')
		*(long double *)p = strtold(sc->sc_text, NULL);
	else if (sc->sc_length == 'l')
		*(double *)p = strtod(sc->sc_text, NULL);
	else
		*(float *)p = strtof(sc->sc_text, NULL);
	return MATCHED;
}

/* 256 flags. */
typedef unsigned char	charset[256];

static void
set_nonspace(charset set)
{
	int c;

	for (c = 0; c < 256; c++)
		set[c] = !isspace(c);
}

/* The set between [ and ]; what follows it. */
static const char *
parse_set(const char *fmt, charset set)
{
	int negate = *fmt == '^', first, last;
	const char *start;

	fmt += negate;
	(void)memset(set, negate, sizeof(charset));
	for (start = fmt; *fmt != '\0' && (*fmt != ']' || fmt == start); fmt++) {
		first = last = (unsigned char)*fmt;
		if (fmt[1] == '-' && fmt[2] != ']' && fmt[2] != '\0') {
			fmt += 2;
			last = (unsigned char)*fmt;
		}
		for (; first <= last; first++)
			set[first] = !negate;
	}
	return *fmt == ']' ? fmt + 1 : fmt;
}

/* Characters of the set: a string, or with `exactly', that many and no NUL. */
static enum result
scan_chars(struct scan *sc, const charset set, int exactly, char *p)
{
	int c, n = 0;

	while ((c = next(sc)) != EOF && set[c]) {
		if (p != NULL)
			p[n] = (char)c;
		n++;
	}
	back(sc, c);
	if (n == 0)
		return c == EOF ? INPUT_ENDED : MISMATCH;
	if (exactly && sc->sc_left > 0)
		return MISMATCH;
	if (p != NULL && !exactly)
		p[n] = '\0';
	return MATCHED;
}

static const char *
parse_length(const char *fmt, struct scan *sc)
{
	sc->sc_length = 0;
	if (fmt[0] == 'h' && fmt[1] == 'h') {
		sc->sc_length = 'H';
		return fmt + 2;
	}
	if (fmt[0] == 'l' && fmt[1] == 'l')
		fmt++;
	if (*fmt == 'h' || *fmt == 'L')
		sc->sc_length = *fmt++;
	else if (*fmt != '\0' && strchr("jlqtz", *fmt) != NULL) {
		sc->sc_length = 'l';
		fmt++;
	}
	return fmt;
}

/* *, width and length. */
static const char *
parse_spec(const char *fmt, struct scan *sc, int *width)
{
	char *end;

	sc->sc_suppress = *fmt == '*';
	fmt += sc->sc_suppress;
	*width = -1;
	if (isdigit((unsigned char)*fmt)) {
		*width = (int)strtol(fmt, &end, 10);
		fmt = end;
	}
	return parse_length(fmt, sc);
}

static enum result
scan_number(struct scan *sc, char conv, void *p)
{
	switch (conv) {
	case 'd':
		return scan_integer(sc, 10, 1, p);
	case 'i':
		return scan_integer(sc, 0, 1, p);
	case 'o':
		return scan_integer(sc, 8, 0, p);
	case 'u':
		return scan_integer(sc, 10, 0, p);
	case 'p':
		sc->sc_length = 'l';
		return scan_integer(sc, 16, 0, p);
	case 'X':
	case 'x':
		return scan_integer(sc, 16, 0, p);
	default:
		return strchr("aefgAEFG", conv) != NULL ?
		    scan_float(sc, p) : MISMATCH;
	}
}

static enum result
scan_literal(struct scan *sc, int wanted)
{
	int c;

	sc->sc_left = -1;
	c = next(sc);
	if (c == wanted)
		return MATCHED;
	back(sc, c);
	return c == EOF ? INPUT_ENDED : MISMATCH;
}

/* One conversion that uses input; *fmt is after the letter. */
static enum result
convert(struct scan *sc, char conv, const char **fmt, int width, void *p)
{
	charset set;

	if (strchr("c[", conv) == NULL)
		skip_space(sc);
	sc->sc_left = width;
	switch (conv) {
	case 'c':
		(void)memset(set, 1, sizeof(set));
		if (width == -1)
			sc->sc_left = 1;
		return scan_chars(sc, set, 1, p);
	case 's':
		set_nonspace(set);
		return scan_chars(sc, set, 0, p);
	case '[':
		*fmt = parse_set(*fmt, set);
		return scan_chars(sc, set, 0, p);
	default:
		return scan_number(sc, conv, p);
	}
}

/* The part after a %; completed conversions are counted, and those that were stored. */
static enum result
step(struct scan *sc, const char **fmt, va_list *ap, int *completed, int *matched)
{
	enum result r;
	int width;
	char conv;
	void *p;

	*fmt = parse_spec(*fmt, sc, &width);
	conv = **fmt;
	if (conv == '\0')
		return MISMATCH;
	(*fmt)++;
	if (conv == '%') {
		skip_space(sc);
		return scan_literal(sc, '%');
	}
	p = sc->sc_suppress ? NULL : va_arg(*ap, void *);
	if (conv == 'n') {
		if (p != NULL)
			store_integer(sc, p, (uintmax_t)sc->sc_nread);
		return MATCHED;
	}
	r = convert(sc, conv, fmt, width, p);
	if (r == MATCHED) {
		(*completed)++;
		*matched += p != NULL;
	}
	return r;
}

int
vfscanf(FILE *restrict f, const char *restrict fmt, va_list args)
{
	struct scan sc = { .sc_file = f, .sc_size = SHORT_NUMBER };
	const char *p = fmt;
	enum result r = MATCHED;
	int completed = 0, matched = 0;
	va_list ap;

	sc.sc_text = sc.sc_short;
	va_copy(ap, args);
	flockfile(f);
	while (*p != '\0' && r == MATCHED) {
		if (isspace((unsigned char)*p)) {
			p++;
			skip_space(&sc);
		} else if (*p != '%') {
			r = scan_literal(&sc, (unsigned char)*p++);
		} else {
			p++;
			r = step(&sc, &p, &ap, &completed, &matched);
		}
	}
	funlockfile(f);
	va_end(ap);
	if (sc.sc_text != sc.sc_short)
		free(sc.sc_text);
	return r == INPUT_ENDED && completed == 0 ? EOF : matched;
}

int
vsscanf(const char *restrict s, const char *restrict fmt, va_list ap)
{
	unsigned char *p = __UNCONST(s);
	FILE f = {
		.f_fd = -1,
		.f_flags = F_CANREAD | F_READING,
		.f_mode = _IOFBF,
		.f_buf = p,
		.f_pos = p,
		.f_end = p + strlen(s),
	};

	return vfscanf(&f, fmt, ap);
}

int
vscanf(const char *restrict fmt, va_list ap)
{
	return vfscanf(stdin, fmt, ap);
}

int
fscanf(FILE *restrict f, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfscanf(f, fmt, ap);
	va_end(ap);
	return n;
}

int
sscanf(const char *restrict s, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsscanf(s, fmt, ap);
	va_end(ap);
	return n;
}

int
scanf(const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfscanf(stdin, fmt, ap);
	va_end(ap);
	return n;
}
