/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Object pools: fixed-size objects with a cache on every CPU.  The memory of a
 * pool's objects is never used for anything else (type-stable).
 */
#ifndef _KERN_POOL_H_
#define _KERN_POOL_H_

#include <kern/kern.h>

struct pool;

/*
 * A pool of objects of `size` bytes aligned to `align` (a power of two, at most a
 * page; 0: 16).  ctor (may be NULL) makes a fresh object, whose memory is cleared,
 * ready once, returns 0 or ENOMEM; what it made stays made while the object is
 * free (a lock, a kernel stack), so that get and put are cheap.  Boot only;
 * panics when there are too many pools.
 */
struct pool *pool_create(const char *name, size_t size, size_t align, int (*ctor)(void *obj));
/*
 * NULL: no memory, or the injected failure.  Never sleeps.  Contents: with a
 * ctor, as ctor or the last user left it; without one, undefined (debug kernels
 * fill free objects with 0xdd and panic if that was written to).
 */
void *pool_get(struct pool *p);
void pool_put(struct pool *p, void *obj);

/*
 * Memory for odd sizes (descriptor tables, argument copies), aligned to 16 bytes.
 * Up to 1 MiB; cleared.  NULL: no memory, or more than that.  Never sleeps; but
 * for more than a page call them with interrupts on and no spin lock held, as
 * other CPUs have to forget addresses.  kmem_free(NULL, n) does nothing.
 */
#define KMEM_MAX (1UL << 20)
void *kmem_alloc(size_t size);
void kmem_free(void *p, size_t size);

struct heddle_pool;
/* Fill up to n entries; returns how many pools there are. */
size_t pool_report(struct heddle_pool *out, size_t n);
/* Pages that pools hold. */
uint64_t pool_pages(void);
/* Objects in use, all pools together. */
uint64_t pool_objects(void);

/*
 * A kernel stack with unmapped memory below, for good: it stays with a struct lwp
 * from life to life.  0 or ENOMEM.
 */
#ifdef SANITIZER
#define KSTACK_SIZE 16384UL /* checks make larger frames */
#else
#define KSTACK_SIZE 8192UL
#endif
int kstack_alloc(vaddr_t *stack);
/* Pages of all kernel stacks. */
uint64_t kstack_pages(void);

/* After page_init. */
void pool_subsystem_init(void);

#endif
