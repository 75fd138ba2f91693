/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of memory: what kern/subr/string.c, which the library shares with the
 * kernel, does not have.
 */
#include <string.h>

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

/* Not left out by the compiler when nobody looks at the memory any more. */
void *
explicit_memset(void *dst, int c, size_t n)
{
	(void)memset(dst, c, n);
	__asm volatile ("" : : "r" (dst) : "memory");
	return dst;
}

void
bzero(void *dst, size_t n)
{
	(void)memset(dst, 0, n);
}
