/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatting, apart from where the text goes.
 */
#ifndef _LIB_STDIO_FORMAT_H_
#define _LIB_STDIO_FORMAT_H_

#include <stdarg.h>
#include <stddef.h>

/* Where the text goes. */
struct sink {
	void		(*sk_put)(struct sink *, const char *, size_t);
	size_t		sk_total;	/* bytes so far */
};

/* A conversion: what is between % and the letter. */
struct spec {
	int		sp_left;	/* - */
	int		sp_plus;	/* + */
	int		sp_space;
	int		sp_alt;		/* # */
	int		sp_zero;	/* 0 */
	int		sp_width;
	int		sp_prec;	/* -1 if there is none */
	char		sp_length;	/* h, H for hh, l, L, or 0 */
	char		sp_conv;	/* the letter */
};

/* The whole of printf; the number of bytes is in the sink. */
void	__format(struct sink *, const char *, va_list);

void	__sink_put(struct sink *, const char *, size_t);
void	__sink_pad(struct sink *, char, size_t);
/*
 * A number of `len' bytes follows: what comes before it, which is blanks, the
 * prefix, zeros.  The result is the number of blanks after it.
 */
size_t	__begin_number(struct sink *, const struct spec *, const char *prefix,
	    size_t len);
/* "-", "+", " " or nothing. */
const char *__sign(const struct spec *, int negative);
void	__format_float(struct sink *, struct spec *, double);

#endif /* !_LIB_STDIO_FORMAT_H_ */
