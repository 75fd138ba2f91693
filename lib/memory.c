/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of memory.
 *
 * The compiler calls memcpy, memmove, memset and memcmp by itself, also for
 * code that looks like them; this file is compiled so that it does not do so
 * here (mk/user.mk).  Eight bytes are moved at a time, aligned or not: the
 * processor does not mind.
 */
#include <stdint.h>
#include <string.h>

struct word {
	uint64_t	w;
} __attribute__((__packed__, __may_alias__));

void *
memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	char *d = dst;
	const char *s = src;

	for (; n >= 8; n -= 8, d += 8, s += 8)
		((struct word *)d)->w = ((const struct word *)s)->w;
	for (; n > 0; n--)
		*d++ = *s++;
	return dst;
}

/*
 * Forwards if the destination is below the source: then what is written has
 * been read already, also within a word, as a word is read whole before it is
 * written.  Else backwards.
 */
void *
memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if ((uintptr_t)d <= (uintptr_t)s) {
		for (; n >= 8; n -= 8, d += 8, s += 8)
			((struct word *)d)->w = ((const struct word *)s)->w;
		for (; n > 0; n--)
			*d++ = *s++;
		return dst;
	}
	for (; n >= 8; n -= 8)
		((struct word *)(d + n - 8))->w =
		    ((const struct word *)(s + n - 8))->w;
	for (; n > 0; n--)
		d[n - 1] = s[n - 1];
	return dst;
}

void *
memset(void *dst, int c, size_t n)
{
	uint64_t pattern = (unsigned char)c * 0x0101010101010101UL;
	char *d = dst;

	for (; n >= 8; n -= 8, d += 8)
		((struct word *)d)->w = pattern;
	for (; n > 0; n--)
		*d++ = (char)c;
	return dst;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n >= 8; n -= 8, p += 8, q += 8) {
		if (((const struct word *)p)->w != ((const struct word *)q)->w)
			break;
	}
	for (; n > 0; n--, p++, q++) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

void *
memchr(const void *mem, int c, size_t n)
{
	const unsigned char *p = mem;

	for (; n > 0; n--, p++) {
		if (*p == (unsigned char)c)
			return __UNCONST(p);
	}
	return NULL;
}

void *
memrchr(const void *mem, int c, size_t n)
{
	const unsigned char *p = mem;

	while (n > 0) {
		if (p[--n] == (unsigned char)c)
			return __UNCONST(p + n);
	}
	return NULL;
}

void *
memccpy(void *restrict dst, const void *restrict src, int c, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	for (; n > 0; n--) {
		if ((*d++ = *s++) == (unsigned char)c)
			return d;
	}
	return NULL;
}

void *
memmem(const void *big, size_t n, const void *little, size_t len)
{
	const unsigned char *p = big;

	for (; n >= len; p++, n--) {
		if (memcmp(p, little, len) == 0)
			return __UNCONST(p);
		if (n == 0)
			break;
	}
	return NULL;
}

void
bzero(void *dst, size_t n)
{
	(void)memset(dst, 0, n);
}
