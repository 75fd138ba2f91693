/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings: looking for something in them, and taking them apart.
 */
#include <string.h>
#include <strings.h>

char *
strchrnul(const char *s, int c)
{
	while (*s != '\0' && *s != (char)c)
		s++;
	return __UNCONST(s);
}

char *
strrchr(const char *s, int c)
{
	return memrchr(s, c, strlen(s) + 1);
}

/* 256 bits, those of the characters of a string set. */
struct charset {
	unsigned long	bits[4];
};

static struct charset
make_set(const char *s)
{
	struct charset set = { { 0, 0, 0, 0 } };
	unsigned char c;

	for (; (c = (unsigned char)*s) != '\0'; s++)
		set.bits[c / 64] |= 1UL << c % 64;
	return set;
}

static int
in_set(const struct charset *set, char ch)
{
	unsigned char c = (unsigned char)ch;

	return (set->bits[c / 64] >> c % 64) & 1;
}

size_t
strspn(const char *s, const char *accept)
{
	struct charset set = make_set(accept);
	size_t n = 0;

	while (in_set(&set, s[n]))
		n++;
	return n;
}

size_t
strcspn(const char *s, const char *reject)
{
	struct charset set = make_set(reject);
	size_t n = 0;

	while (s[n] != '\0' && !in_set(&set, s[n]))
		n++;
	return n;
}

char *
strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s != '\0' ? __UNCONST(s) : NULL;
}

char *
strstr(const char *big, const char *little)
{
	size_t len = strlen(little);

	if (len == 0)
		return __UNCONST(big);
	for (; (big = strchr(big, *little)) != NULL; big++) {
		if (strncmp(big, little, len) == 0)
			return __UNCONST(big);
	}
	return NULL;
}

char *
strsep(char **stringp, const char *delim)
{
	char *s = *stringp, *end;

	if (s == NULL)
		return NULL;
	end = s + strcspn(s, delim);
	if (*end == '\0') {
		*stringp = NULL;
	} else {
		*end = '\0';
		*stringp = end + 1;
	}
	return s;
}

char *
strtok_r(char *restrict s, const char *restrict delim, char **restrict last)
{
	char *end;

	if (s == NULL)
		s = *last;
	s += strspn(s, delim);
	end = s + strcspn(s, delim);
	*last = end;
	if (s == end)
		return NULL;
	if (*end != '\0') {
		*end = '\0';
		*last = end + 1;
	}
	return s;
}

char *
strtok(char *restrict s, const char *restrict delim)
{
	static char *last;

	return strtok_r(s, delim, &last);
}

char *
strcasestr(const char *big, const char *little)
{
	size_t len = strlen(little);

	for (;; big++) {
		if (strncasecmp(big, little, len) == 0)
			return __UNCONST(big);
		if (*big == '\0')
			return NULL;
	}
}
