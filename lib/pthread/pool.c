/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of threads.
 *
 * What it is.  A thread has a structure, from slabs that are never given back,
 * and one mapping for the rest:
 *
 *	| guard pages | stack ... | thread storage |
 *
 * The structure keeps its mapping when the thread is gone, if it is of the
 * usual size and not many are kept already, so that creating a thread again
 * takes no call of mmap.  A program that brings its own stack gets thread
 * storage from malloc: the stack is all its own.
 *
 * Why the structures stay.  A mutex names its owner, and who waits for it may
 * look at the owner to see whether it runs, at a time when the owner has
 * unlocked, exited and been joined.  What he then sees is of no use, but it
 * must be there.  It also lets a function that is given a thread tell one that
 * is from one that was: each slab is twice as large as the one before, so that
 * there are few to look through.
 *
 * Who frees.  The thread that joins, after _lwp_wait: then the LWP is off its
 * stack for good.  A detached thread cannot free the stack that it stands on:
 * it goes into the list `leaving', and whoever next creates or ends a thread looks
 * whether it is gone.  It is, when the kernel does not know its id any more,
 * as an LWP that has begun to exit never comes back to user mode.  The id may
 * have been given to another LWP by then: the thread stays on the list longer
 * than it need, and nothing worse.
 *
 * Locks.  pthread__lock covers all lists.  mmap is called without it, but for a
 * new slab, of which there are a dozen at most.
 *
 * What it does not handle.  An LWP that the program made by itself becomes a
 * thread when it first calls a function of this library.  Its structure comes
 * back if it ends with pthread_exit, and not if it ends with _lwp_exit.
 */
#include <errno.h>
#include <heddle/tls.h>
#include <lwp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>

#include "pthread_int.h"

#define FIRST_SLAB	16384
#define NSLABS		24
#define STACK_DEFAULT	(256 * 1024)
#define STACKS_KEPT	32
#define LOOK_AT		4		/* of the leaving, at a time */

struct liblock	pthread__lock = LIBLOCK_INITIALIZER;
int		pthread__nrunning = 1;

/* A list, first in, first out. */
struct fifo {
	struct __pthread_st	*f_first;
	struct __pthread_st	*f_last;
	unsigned int		f_n;
};

static struct fifo	bare;			/* t: free, without a stack */
static struct fifo	stacked;		/* t: free, with a usual stack */
static struct fifo	leaving;		/* t: detached and on its way out */

static struct __pthread_st *slabs[NSLABS];	/* t */
static unsigned int	nslabs;			/* t */

static void
put(struct fifo *f, struct __pthread_st *pt)
{
	pt->pt_next = NULL;
	if (f->f_first == NULL)
		f->f_first = pt;
	else
		f->f_last->pt_next = pt;
	f->f_last = pt;
	f->f_n++;
}

static struct __pthread_st *
get(struct fifo *f)
{
	struct __pthread_st *pt = f->f_first;

	if (pt != NULL) {
		f->f_first = pt->pt_next;
		f->f_n--;
	}
	return pt;
}

static size_t
slab_threads(unsigned int slab)
{
	return ((size_t)FIRST_SLAB << slab) / sizeof(struct __pthread_st);
}

/* Called with pthread__lock held. */
static void
slab_add(void)
{
	struct __pthread_st *slab;
	size_t i;

	if (nslabs == NSLABS)
		return;
	slab = mmap(NULL, (size_t)FIRST_SLAB << nslabs, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);
	if (slab == MAP_FAILED)
		return;
	slabs[nslabs] = slab;
	for (i = 0; i < slab_threads(nslabs); i++)
		put(&bare, &slab[i]);
	nslabs++;
}

bool
pthread__exists(pthread_t pt)
{
	size_t offset;
	unsigned int i;

	for (i = 0; i < nslabs; i++) {
		offset = (uintptr_t)pt - (uintptr_t)slabs[i];
		if (offset < slab_threads(i) * sizeof(*pt))
			return offset % sizeof(*pt) == 0 &&
			    pt->pt_state != PT_FREE;
	}
	return false;
}

/* A stack of this size, or none; in any case it may be used. */
static struct __pthread_st *
take(bool with_stack)
{
	struct __pthread_st *pt = NULL;

	__liblock_enter(&pthread__lock);
	if (with_stack)
		pt = get(&stacked);
	if (pt == NULL && bare.f_first == NULL)
		slab_add();
	if (pt == NULL)
		pt = get(&bare);
	__liblock_exit(&pthread__lock);
	return pt;
}

/* All but the mapping begins anew. */
static void
clear(struct __pthread_st *pt)
{
	pt->pt_cancel = 0;
	pt->pt_lwpctl = NULL;
	pt->pt_flags = 0;
	pt->pt_retval = NULL;
	pt->pt_cleanup = NULL;
	(void)memset(pt->pt_tsd, 0, sizeof(pt->pt_tsd));
	pt->pt_robust = NULL;
	pt->pt_rank = 0;
	if (pt->pt_ceilings != 0)	/* it ended with such a mutex */
		(void)memset(pt->pt_nceilings, 0, sizeof(pt->pt_nceilings));
	pt->pt_ceilings = 0;
	pt->pt_rdlocks = 0;
	pt->pt_name[0] = '\0';
}

static bool
is_usual(const pthread_attr_t *attr)
{
	return attr->pta_stack == NULL && attr->pta_stacksize == STACK_DEFAULT &&
	    attr->pta_guardsize == PAGE_SIZE;
}

/* The stack is as large as was asked for: thread storage comes on top. */
static bool
map_stack(struct __pthread_st *pt, const pthread_attr_t *attr)
{
	size_t guard = roundup2(attr->pta_guardsize, PAGE_SIZE), size;
	char *map;

	if (attr->pta_stacksize > SIZE_MAX / 4 || guard > SIZE_MAX / 4)
		return false;
	size = guard + roundup2(attr->pta_stacksize + __tls_size(), PAGE_SIZE);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_STACK, -1, 0);
	if (map == MAP_FAILED)
		return false;
	if (guard > 0 && mprotect(map, guard, PROT_NONE) == -1) {
		(void)munmap(map, size);
		return false;
	}
	pt->pt_map = map;
	pt->pt_mapsize = size;
	pt->pt_guardsize = guard;
	pt->pt_stack = map + guard;
	pt->pt_stacksize = rounddown(size - guard - __tls_size(), (size_t)16);
	return true;
}

static bool
own_stack(struct __pthread_st *pt, const pthread_attr_t *attr)
{
	pt->pt_tcb = _rtld_tls_allocate();
	pt->pt_guardsize = 0;
	pt->pt_stack = attr->pta_stack;
	pt->pt_stacksize = attr->pta_stacksize;
	pt->pt_flags = PTF_OWNSTACK;
	return pt->pt_tcb != NULL;
}

static bool
give_stack(struct __pthread_st *pt, const pthread_attr_t *attr)
{
	if (attr->pta_stack != NULL)
		return own_stack(pt, attr);
	if (pt->pt_map == NULL && !map_stack(pt, attr))
		return false;
	pt->pt_tcb = __tls_make(pt->pt_stack + pt->pt_stacksize);
	return true;
}

struct __pthread_st *
pthread__alloc_bare(void)
{
	struct __pthread_st *pt = take(false);

	if (pt == NULL)
		return NULL;
	clear(pt);
	pt->pt_guardsize = 0;
	pt->pt_stack = NULL;
	pt->pt_stacksize = 0;
	pt->pt_tcb = NULL;
	return pt;
}

static void
unmap(struct __pthread_st *pt)
{
	if (pt->pt_map != NULL)
		(void)munmap(pt->pt_map, pt->pt_mapsize);
	pt->pt_map = NULL;
}

/* Into one of the free lists.  The state says that it is free before it is. */
static void
release(struct __pthread_st *pt, bool keep)
{
	__liblock_enter(&pthread__lock);
	keep = keep && stacked.f_n < STACKS_KEPT;
	pt->pt_state = PT_FREE;
	if (keep)
		put(&stacked, pt);
	__liblock_exit(&pthread__lock);
	if (keep)
		return;
	unmap(pt);
	__liblock_enter(&pthread__lock);
	put(&bare, pt);
	__liblock_exit(&pthread__lock);
}

void
pthread__free(struct __pthread_st *pt)
{
	size_t usual = PAGE_SIZE + roundup2(STACK_DEFAULT + __tls_size(), PAGE_SIZE);

	if (pt->pt_flags & PTF_OWNSTACK)
		_rtld_tls_free(pt->pt_tcb);
	release(pt, pt->pt_map != NULL && pt->pt_mapsize == usual &&
	    pt->pt_guardsize == PAGE_SIZE);
}

void
pthread__bury(struct __pthread_st *pt)
{
	__liblock_enter(&pthread__lock);
	put(&leaving, pt);
	__liblock_exit(&pthread__lock);
}

/* Free some of the detached threads whose LWPs are gone. */
static void
reap(void)
{
	struct __pthread_st *pt;
	int i, saved = errno;

	for (i = 0; i < LOOK_AT; i++) {
		__liblock_enter(&pthread__lock);
		pt = get(&leaving);
		__liblock_exit(&pthread__lock);
		if (pt == NULL)
			break;
		if (_lwp_kill(pt->pt_lid, 0) == -1 && errno == ESRCH)
			pthread__free(pt);
		else
			pthread__bury(pt);
	}
	errno = saved;
}

struct __pthread_st *
pthread__alloc(const pthread_attr_t *attr)
{
	struct __pthread_st *pt;

	if (leaving.f_first != NULL)
		reap();
	pt = take(is_usual(attr));
	if (pt == NULL)
		return NULL;
	clear(pt);
	if (!give_stack(pt, attr)) {
		release(pt, false);
		return NULL;
	}
	return pt;
}

/*
 * In a child after fork.  The others' stacks are not needed: whatever queue
 * a waiter on one of them is in is forgotten too (waitq.c).
 */
void
pthread__forget_others(struct __pthread_st *self)
{
	struct __pthread_st *pt;
	unsigned int slab;
	size_t i;

	bare = stacked = leaving = (struct fifo){ NULL, NULL, 0 };
	for (slab = 0; slab < nslabs; slab++) {
		for (i = 0; i < slab_threads(slab); i++) {
			pt = &slabs[slab][i];
			if (pt == self)
				continue;
			unmap(pt);
			pt->pt_state = PT_FREE;
			put(&bare, pt);
		}
	}
}
