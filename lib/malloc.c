/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * malloc.
 *
 * What it is.  Memory comes from mmap in chunks that begin at a multiple of 64
 * KiB, with a header at the beginning.  A chunk is either cut into objects of
 * one size (small), or holds one object (large: 8 KiB and more).  As every
 * object begins in the first 64 KiB of its chunk, clearing the low bits of its
 * address gives the header, and so free knows all it has to know.
 *
 * Above 64 bytes, small objects come in four sizes to each doubling, so that at
 * most a fifth of one is waste.  A chunk's free objects are linked through their
 * first word; those that were never used are not linked but counted, so that
 * their pages are not touched.  Of each size, the chunks that have something
 * free are in a list; a chunk that becomes wholly free goes back to the
 * kernel, unless it is the only one in the list.
 *
 * Why it is safe under LWPs.  The lists and the headers of small chunks are
 * touched only under `lock'.  An object belongs to one LWP at a time: from
 * malloc until free it is on no list.  The header of a large chunk is written
 * before anybody has the object, and then only read.  mmap and munmap are
 * called without the lock.
 *
 * What it does not handle.  Alignments above 32 KiB.  An LWP that is suspended
 * or dies inside malloc keeps the lock.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>

#include "private.h"

#define CHUNK_SHIFT	16
#define CHUNK_SIZE	((size_t)1 << CHUNK_SHIFT)
#define HEADER_SIZE	64
#define MAGIC		0x48656461u
#define GRAIN		16		/* alignment of every object */
#define SMALL_MAX	8192
#define NSIZES		32		/* small sizes */
#define LARGE		NSIZES		/* ch_class of a large chunk */
#define ALIGN_MAX	(CHUNK_SIZE / 2)

/* A free object; the second word tells that it is free. */
struct object {
	struct object	*ob_next;
	uintptr_t	ob_mark;
};

#define MARK(ob)	((uintptr_t)(ob) ^ 0x6672656564210a5aUL)

struct chunk {
	uint32_t	ch_magic;
	uint32_t	ch_class;	/* index of the size, or LARGE */
	size_t		ch_size;	/* bytes mapped */
	struct chunk	*ch_next;	/* in the list of its size */
	struct chunk	*ch_prev;
	struct object	*ch_free;	/* objects that were freed */
	uint32_t	ch_fresh;	/* objects that were never used */
	uint32_t	ch_inuse;	/* objects handed out */
};
_Static_assert(sizeof(struct chunk) <= HEADER_SIZE, "chunk header");

static struct liblock	lock = LIBLOCK_INITIALIZER;
static struct chunk	*partial[NSIZES];	/* chunks with free objects */

void
__malloc_prefork(void)
{
	__liblock_enter(&lock);
}

void
__malloc_postfork(lwpid_t was __unused)
{
	__liblock_exit(&lock);
}

static __dead void
die(const char *what, void *p)
{
	(void)dprintf(STDERR_FILENO, "%s: %s: %p\n", getprogname(), what, p);
	abort();
}

/*
 * Sizes 16, 32, 48, 64, then steps of a quarter of the power of two below: 80,
 * 96, 112, 128, 160, ...
 */
static unsigned int
class_of(size_t size)
{
	unsigned int shift;

	if (size <= 64)
		return size == 0 ? 0 : (unsigned int)((size - 1) / GRAIN);
	shift = 63 - (unsigned int)__builtin_clzl(size - 1);
	return (shift - 5) * 4 + (unsigned int)((size - 1) >> (shift - 2) & 3);
}

static size_t
class_size(unsigned int class)
{
	if (class < 4)
		return (class + 1) * GRAIN;
	return (size_t)(class % 4 + 5) << (class / 4 + 3);
}

static uint32_t
class_capacity(unsigned int class)
{
	return (uint32_t)((CHUNK_SIZE - HEADER_SIZE) / class_size(class));
}

static struct chunk *
chunk_of(void *p)
{
	struct chunk *ch;

	ch = (struct chunk *)((uintptr_t)p & ~(uintptr_t)(CHUNK_SIZE - 1));
	if ((uintptr_t)p % GRAIN != 0 || ch->ch_magic != MAGIC)
		die("not a pointer from malloc", p);
	return ch;
}

static struct chunk *
chunk_map(size_t size, unsigned int class)
{
	struct chunk *ch;

	ch = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_ALIGNED(CHUNK_SHIFT), -1, 0);
	if (ch == MAP_FAILED) {
		errno = ENOMEM;
		return NULL;
	}
	ch->ch_magic = MAGIC;
	ch->ch_class = class;
	ch->ch_size = size;
	return ch;
}

static void
chunk_unmap(struct chunk *ch)
{
	ch->ch_magic = 0;
	(void)munmap(ch, ch->ch_size);
}

/* Called with the lock held. */
static void
list_insert(struct chunk *ch)
{
	struct chunk **head = &partial[ch->ch_class];

	ch->ch_prev = NULL;
	ch->ch_next = *head;
	if (*head != NULL)
		(*head)->ch_prev = ch;
	*head = ch;
}

/* Called with the lock held. */
static void
list_remove(struct chunk *ch)
{
	if (ch->ch_prev != NULL)
		ch->ch_prev->ch_next = ch->ch_next;
	else
		partial[ch->ch_class] = ch->ch_next;
	if (ch->ch_next != NULL)
		ch->ch_next->ch_prev = ch->ch_prev;
}

/* Take an object of a chunk that has one free.  Called with the lock held. */
static void *
object_take(struct chunk *ch)
{
	struct object *ob = ch->ch_free;

	if (ob != NULL) {
		ch->ch_free = ob->ob_next;
	} else {
		ch->ch_fresh--;
		ob = (struct object *)((char *)ch + HEADER_SIZE +
		    ch->ch_fresh * class_size(ch->ch_class));
	}
	ob->ob_mark = 0;
	ch->ch_inuse++;
	if (ch->ch_free == NULL && ch->ch_fresh == 0)
		list_remove(ch);
	return ob;
}

/*
 * Give an object back.  Called with the lock held.  Returns a chunk to unmap,
 * which is then in no list, or NULL.
 */
static struct chunk *
object_give(struct chunk *ch, struct object *ob)
{
	int was_full = ch->ch_free == NULL && ch->ch_fresh == 0;

	if (ob->ob_mark == MARK(ob))
		die("freed twice", ob);
	ob->ob_mark = MARK(ob);
	ob->ob_next = ch->ch_free;
	ch->ch_free = ob;
	ch->ch_inuse--;
	if (was_full)
		list_insert(ch);
	if (ch->ch_inuse > 0 || (ch->ch_prev == NULL && ch->ch_next == NULL))
		return NULL;
	list_remove(ch);
	return ch;
}

static void *
malloc_small(size_t size)
{
	unsigned int class = class_of(size);
	struct chunk *ch;
	void *p;

	__liblock_enter(&lock);
	if (partial[class] == NULL) {
		/* Others may do the same meanwhile: then there are more. */
		__liblock_exit(&lock);
		ch = chunk_map(CHUNK_SIZE, class);
		if (ch == NULL)
			return NULL;
		ch->ch_fresh = class_capacity(class);
		__liblock_enter(&lock);
		list_insert(ch);
	}
	p = object_take(partial[class]);
	__liblock_exit(&lock);
	return p;
}

static void *
malloc_large(size_t size, size_t offset)
{
	struct chunk *ch;

	if (size > PTRDIFF_MAX - offset - PAGE_SIZE) {
		errno = ENOMEM;
		return NULL;
	}
	ch = chunk_map(roundup2(offset + size, PAGE_SIZE), LARGE);
	return ch != NULL ? (char *)ch + offset : NULL;
}

void *
malloc(size_t size)
{
	if (size <= SMALL_MAX)
		return malloc_small(size);
	return malloc_large(size, HEADER_SIZE);
}

void
free(void *p)
{
	struct chunk *ch;

	if (p == NULL)
		return;
	ch = chunk_of(p);
	if (ch->ch_class != LARGE) {
		__liblock_enter(&lock);
		ch = object_give(ch, p);
		__liblock_exit(&lock);
	}
	if (ch != NULL)
		chunk_unmap(ch);
}

/* Bytes from p to the end of its object. */
static size_t
usable_size(void *p)
{
	struct chunk *ch = chunk_of(p);

	if (ch->ch_class != LARGE)
		return class_size(ch->ch_class);
	return ch->ch_size - (size_t)((char *)p - (char *)ch);
}

void *
calloc(size_t n, size_t size)
{
	size_t total;
	void *p;

	if (__builtin_mul_overflow(n, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	p = malloc(total);
	/* The kernel has cleared a large one. */
	if (p != NULL && total <= SMALL_MAX)
		(void)memset(p, 0, total);
	return p;
}

/* Stays where it is unless it must grow, or would waste more than half. */
void *
realloc(void *old, size_t size)
{
	size_t have;
	void *p;

	if (old == NULL)
		return malloc(size);
	have = usable_size(old);
	if (size <= have && size >= have / 2)
		return old;
	p = malloc(size);
	if (p == NULL)
		return NULL;
	(void)memcpy(p, old, MIN(size, have));
	free(old);
	return p;
}

void *
reallocarray(void *old, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, total);
}

void *
aligned_alloc(size_t align, size_t size)
{
	if (align == 0 || !powerof2(align) || align > ALIGN_MAX) {
		errno = EINVAL;
		return NULL;
	}
	if (align <= GRAIN)
		return malloc(size);
	return malloc_large(size, MAX(align, (size_t)HEADER_SIZE));
}

int
posix_memalign(void **pp, size_t align, size_t size)
{
	int saved = errno, error;
	void *p;

	if (align % sizeof(void *) != 0)
		return EINVAL;
	p = aligned_alloc(align, size);
	error = errno;
	errno = saved;
	if (p == NULL)
		return error;
	*pp = p;
	return 0;
}
