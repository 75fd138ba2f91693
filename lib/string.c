/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings: copying and comparing.  kern/subr/string.c, which the library shares with
 * the kernel, has the most used ones.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

char *
stpcpy(char *restrict dst, const char *restrict src)
{
	while ((*dst = *src++) != '\0')
		dst++;
	return dst;
}

char *
strcpy(char *restrict dst, const char *restrict src)
{
	(void)stpcpy(dst, src);
	return dst;
}

char *
stpncpy(char *restrict dst, const char *restrict src, size_t n)
{
	size_t len = strnlen(src, n);

	(void)memcpy(dst, src, len);
	(void)memset(dst + len, 0, n - len);
	return dst + len;
}

char *
strncpy(char *restrict dst, const char *restrict src, size_t n)
{
	(void)stpncpy(dst, src, n);
	return dst;
}

char *
strcat(char *restrict dst, const char *restrict src)
{
	(void)stpcpy(dst + strlen(dst), src);
	return dst;
}

char *
strncat(char *restrict dst, const char *restrict src, size_t n)
{
	char *end = dst + strlen(dst);
	size_t len = strnlen(src, n);

	(void)memcpy(end, src, len);
	end[len] = '\0';
	return dst;
}

size_t
strlcat(char *restrict dst, const char *restrict src, size_t size)
{
	size_t n = strnlen(dst, size);

	return n + strlcpy(dst + n, src, size - n);
}

char *
strndup(const char *s, size_t max)
{
	size_t len = strnlen(s, max);
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	(void)memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
strdup(const char *s)
{
	return strndup(s, strlen(s));
}

/* There is one order only. */
size_t
strxfrm(char *restrict dst, const char *restrict src, size_t size)
{
	return strlcpy(dst, src, size);
}

int
strcoll(const char *a, const char *b)
{
	return strcmp(a, b);
}

int
strncasecmp(const char *a, const char *b, size_t n)
{
	int p, q;

	for (; n > 0; n--, a++, b++) {
		p = tolower((unsigned char)*a);
		q = tolower((unsigned char)*b);
		if (p != q || p == '\0')
			return p - q;
	}
	return 0;
}

int
strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, (size_t)-1);
}

int
ffs(int i)
{
	return __builtin_ffs(i);
}
