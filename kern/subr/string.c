/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes and strings: those functions that the kernel and the C library both need.
 * The library compiles this file too (mk/user.mk).
 *
 * memcpy, memmove and memset go by words of eight bytes, eight of them a turn, and do
 * the odd bytes at the end with one word that overlaps what is done already.  They are
 * weak: a machine that has better instructions defines its own, which are linked instead.
 *
 * A compiler that sees a loop copy bytes may make a call of memcpy of it: not here.
 */
#include <stdint.h>
#include <string.h>

#ifdef __clang__
#define no_idioms __attribute__((no_builtin))
#else
#define no_idioms __attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif
#define weak __attribute__((weak))

#define WORD sizeof(uint64_t)
#define TURN (8 * WORD)

/* Words and halves at any address, of memory of any type. */
typedef uint64_t word_t __attribute__((may_alias, aligned(1)));
typedef uint32_t half_t __attribute__((may_alias, aligned(1)));

static inline uint64_t
get_word(const char *p)
{
	return *(const word_t *)p;
}

static inline void
put_word(char *p, uint64_t w)
{
	*(word_t *)p = w;
}

/* Up to 7 bytes; all are read before one is written. */
static inline void
move_odd(char *d, const char *s, size_t len)
{
	if (len >= 4) {
		uint32_t first = *(const half_t *)s, last = *(const half_t *)(s + len - 4);
		*(half_t *)d = first;
		*(half_t *)(d + len - 4) = last;
	} else if (len > 0) {
		char first = s[0], middle = s[len / 2], last = s[len - 1];
		d[0] = first;
		d[len / 2] = middle;
		d[len - 1] = last;
	}
}

/* Eight words; all are read before one is written. */
static inline void
move_turn(char *d, const char *s)
{
	uint64_t a = get_word(s), b = get_word(s + 8), c = get_word(s + 16), e = get_word(s + 24);
	uint64_t f = get_word(s + 32), g = get_word(s + 40), h = get_word(s + 48), i = get_word(s + 56);

	put_word(d, a);
	put_word(d + 8, b);
	put_word(d + 16, c);
	put_word(d + 24, e);
	put_word(d + 32, f);
	put_word(d + 40, g);
	put_word(d + 48, h);
	put_word(d + 56, i);
}

/* From the front; right if dst is below src, or they do not overlap. */
static inline no_idioms void *
move_forward(void *dst, const void *src, size_t len)
{
	const char *s = src;
	char *d = dst;
	uint64_t last;

	if (len < WORD) {
		move_odd(d, s, len);
		return dst;
	}
	last = get_word(s + len - WORD);
	for (; len >= TURN; len -= TURN, s += TURN, d += TURN)
		move_turn(d, s);
	for (; len >= WORD; len -= WORD, s += WORD, d += WORD)
		put_word(d, get_word(s));
	/* d + len is the end: this word ends there. */
	put_word(d + len - WORD, last);
	return dst;
}

weak no_idioms void *
memcpy(void *dst, const void *src, size_t len)
{
	return move_forward(dst, src, len);
}

weak no_idioms void *
memmove(void *dst, const void *src, size_t len)
{
	const char *s = (const char *)src + len;
	char *d = (char *)dst + len;
	uint64_t first;

	if ((uintptr_t)dst - (uintptr_t)src >= len)
		return move_forward(dst, src, len);
	if (len < WORD) {
		move_odd(dst, src, len);
		return dst;
	}
	first = get_word(src);
	for (; len >= TURN; len -= TURN) {
		s -= TURN;
		d -= TURN;
		move_turn(d, s);
	}
	for (; len >= WORD; len -= WORD) {
		s -= WORD;
		d -= WORD;
		put_word(d, get_word(s));
	}
	put_word(dst, first);
	return dst;
}

weak no_idioms void *
memset(void *dst, int c, size_t len)
{
	uint64_t w = (unsigned char)c * 0x0101010101010101UL;
	char *d = dst;

	if (len < WORD) {
		for (size_t i = 0; i < len; i++)
			d[i] = (char)c;
		return dst;
	}
	put_word(d + len - WORD, w);
	for (; len >= TURN; len -= TURN, d += TURN)
		for (size_t i = 0; i < TURN; i += WORD)
			put_word(d + i, w);
	for (; len >= WORD; len -= WORD, d += WORD)
		put_word(d, w);
	return dst;
}

int
memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;

	for (; len >= WORD; len -= WORD, p += WORD, q += WORD)
		if (get_word((const char *)p) != get_word((const char *)q))
			break;
	for (; len > 0; len--, p++, q++)
		if (*p != *q)
			return *p < *q ? -1 : 1;
	return 0;
}

size_t
strlen(const char *s)
{
	const char *end = s;

	while (*end != '\0')
		end++;
	return (size_t)(end - s);
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

int
strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int
strncmp(const char *a, const char *b, size_t len)
{
	for (; len > 0; len--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (*a == '\0')
			break;
	}
	return 0;
}

char *
strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (*s == '\0')
			return NULL;
	return (char *)(uintptr_t)s;
}

size_t
strlcpy(char *dst, const char *src, size_t len)
{
	size_t n = strlen(src);

	if (len > 0) {
		size_t count = n < len - 1 ? n : len - 1;
		memcpy(dst, src, count);
		dst[count] = '\0';
	}
	return n;
}
