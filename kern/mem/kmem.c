/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel memory that is no object of a pool of its own: odd sizes and kernel
 * stacks.
 *
 * What it is.  Up to half a page comes from pools of powers of two, up to a page
 * is a page in the direct map, more than that is single pages mapped in a row
 * at kernel addresses of their own.
 *
 * Kernel addresses.  The region VM_KERNEL_BASE is divided, once and for all, into
 * classes: 4096 ranges of 2 pages, 4096 of 4, and so on to 256, and a class for
 * stacks; a bitmap a class says which ranges are taken.  Every range begins
 * with a page that is never mapped: it stops who runs over the end of the range
 * before, and a stack that grows out of its own.
 *
 *	| guard | pages of range 0 ... | guard | pages of range 1 ... | ...
 *
 * A stack is made once for each struct lwp (it is part of what the pool of LWPs
 * keeps ready) and stays mapped, so that a new LWP costs no change of the page
 * tables.
 *
 * Locks.  kva_lock covers the bitmaps.  Innermost.
 *
 * What it does not handle.  No more than 4096 allocations of a size class above
 * a page at a time; KSTACK_MAX stacks; page tables of this region are kept.
 */
#include <kern/kasan.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/mutex.h>
#include <kern/pool.h>
#include <sys/errno.h>

#include "mem_impl.h"

#define KMEM_MINSHIFT 4 /* smallest pool: 16 bytes */
#define KMEM_NPOOLS 8   /* largest: 2048 bytes */

#define KVA_CLASSES 8 /* ranges of 2, 4, ... 256 pages */
#define KVA_RANGES 4096
#define KSTACK_MAX (1UL << 18)
#define KSTACK_PAGES (KSTACK_SIZE >> PAGE_SHIFT)
#define KVA_WORDS (KVA_CLASSES * KVA_RANGES / 64)

/* Addresses for ranges of one size.  Lock letters: c = constant; k = kva_lock. */
struct kva_class {
	vaddr_t kc_base;   /* c */
	size_t kc_stride;  /* c: bytes from range to range, guard page included */
	size_t kc_nwords;  /* c: of the bitmap */
	uint64_t *kc_bits; /* c: where it is; k: 1 = taken */
	size_t kc_hint;    /* k: no word before this one has a 0 */
};

static uint64_t kva_bits[KVA_WORDS + KSTACK_MAX / 64]; /* k */
static struct kva_class kva_classes[KVA_CLASSES];      /* class i: 2 << i pages */
static struct kva_class kva_stacks;
static struct kspin kva_lock;

static struct pool *kmem_pools[KMEM_NPOOLS]; /* constant */
static volatile uint64_t kstack_count;       /* a: stacks ever made */

/* An address for the pages of one range; 0: all are taken. */
static vaddr_t
kva_alloc(struct kva_class *kc)
{
	vaddr_t va = 0;
	size_t i;
	int bit;

	spin_enter(&kva_lock);
	for (i = kc->kc_hint; i < kc->kc_nwords && kc->kc_bits[i] == UINT64_MAX; i++)
		continue;
	kc->kc_hint = i;
	if (i < kc->kc_nwords) {
		bit = __builtin_ctzll(~kc->kc_bits[i]);
		kc->kc_bits[i] |= 1UL << bit;
		va = kc->kc_base + (i * 64 + (size_t)bit) * kc->kc_stride + PAGE_SIZE;
	}
	spin_exit(&kva_lock);
	return va;
}

static void
kva_free(struct kva_class *kc, vaddr_t va)
{
	size_t n = (va - kc->kc_base) / kc->kc_stride;

	KASSERT((va - kc->kc_base) % kc->kc_stride == PAGE_SIZE);
	spin_enter(&kva_lock);
	KASSERT((kc->kc_bits[n / 64] >> (n % 64) & 1) != 0);
	kc->kc_bits[n / 64] &= ~(1UL << (n % 64));
	kc->kc_hint = umin(kc->kc_hint, n / 64);
	spin_exit(&kva_lock);
}

/* Unmap and free the n pages at va, then the range.  Interrupts on, no spin lock held. */
static void
kva_unmap(struct kva_class *kc, vaddr_t va, size_t n)
{
	paddr_t pa, chain = 0;
	size_t i;

	/* The pages' own memory holds the list of them: nobody needs it any more. */
	for (i = 0; i < n; i++) {
		if (!pmap_kextract(va + (i << PAGE_SHIFT), &pa))
			panic("kernel page %#lx is not mapped", va + (i << PAGE_SHIFT));
		*(paddr_t *)md_direct_map(pa) = chain;
		chain = pa;
	}
	if (n > 0)
		pmap_kremove(va, n << PAGE_SHIFT);
	while (chain != 0) {
		pa = chain;
		chain = *(paddr_t *)md_direct_map(pa);
		page_free(pa);
	}
	kva_free(kc, va);
}

/* Map n pages at an address of a class.  0: no memory. */
static vaddr_t
kva_map(struct kva_class *kc, size_t n, bool clear)
{
	vaddr_t va = kva_alloc(kc);
	paddr_t pa;
	size_t i;

	if (va == 0)
		return 0;
	for (i = 0; i < n; i++) {
		pa = page_take(clear);
		if (pa == 0)
			break;
		if (pmap_kenter(va + (i << PAGE_SHIFT), pa, PMAP_READ | PMAP_WRITE) != 0) {
			page_free(pa);
			break;
		}
	}
	if (i == n)
		return va;
	kva_unmap(kc, va, i);
	return 0;
}

static struct kva_class *
kva_class_of(size_t npages)
{
	struct kva_class *kc = kva_classes;

	KASSERT(npages > 1 && npages <= 2UL << (KVA_CLASSES - 1));
	for (; kc->kc_stride < (npages + 1) << PAGE_SHIFT; kc++)
		continue;
	return kc;
}

void *
kva_map_pages(size_t npages)
{
	return (void *)kva_map(kva_class_of(npages), npages, true);
}

void
kva_unmap_pages(void *p, size_t npages)
{
	kva_unmap(kva_class_of(npages), (vaddr_t)p, npages);
}

/* The pool for objects of this size, at most half a page. */
static int
kmem_index(size_t size)
{
	int i = 0;

	while ((1UL << (KMEM_MINSHIFT + i)) < size)
		i++;
	return i;
}

void *
kmem_alloc(size_t size)
{
	paddr_t pa;
	void *p;
	int i;

	if (size <= PAGE_SIZE / 2) {
		i = kmem_index(size);
		p = pool_get(kmem_pools[i]);
		if (p != NULL) {
			kasan_allow(p, size, 1UL << (KMEM_MINSHIFT + i));
			memset(p, 0, size);
		}
		return p;
	}
	if (size > KMEM_MAX || fail_alloc())
		return NULL;
	if (size > PAGE_SIZE) {
		p = kva_map_pages(round_page(size) >> PAGE_SHIFT);
	} else {
		pa = page_take(true);
		p = pa == 0 ? NULL : md_direct_map(pa);
	}
	if (p != NULL)
		kasan_allow(p, size, round_page(size));
	return p;
}

void
kmem_free(void *p, size_t size)
{
	if (p == NULL)
		return;
	if (size <= PAGE_SIZE / 2)
		pool_put(kmem_pools[kmem_index(size)], p);
	else if (size <= PAGE_SIZE)
		page_free(md_direct_unmap(p));
	else
		kva_unmap_pages(p, round_page(size) >> PAGE_SHIFT);
}

int
kstack_alloc(vaddr_t *stack)
{
	if (fail_alloc())
		return ENOMEM;
	*stack = kva_map(&kva_stacks, KSTACK_PAGES, false);
	if (*stack == 0)
		return ENOMEM;
	atomic_inc(&kstack_count);
	return 0;
}

uint64_t
kstack_pages(void)
{
	return atomic_load_relaxed(&kstack_count) * KSTACK_PAGES;
}

/* Lay out a class behind what is taken of the region and the bitmaps. */
static void
kva_class_init(struct kva_class *kc, size_t npages, size_t nranges, vaddr_t *base, uint64_t **bits)
{
	kc->kc_base = *base;
	kc->kc_stride = (npages + 1) << PAGE_SHIFT;
	kc->kc_nwords = nranges / 64;
	kc->kc_bits = *bits;
	*base += kc->kc_stride * nranges;
	*bits += kc->kc_nwords;
}

void
pool_subsystem_init(void)
{
	static const char *const names[KMEM_NPOOLS] = { "kmem-16", "kmem-32", "kmem-64", "kmem-128",
		"kmem-256", "kmem-512", "kmem-1024", "kmem-2048" };
	uint64_t *bits = kva_bits;
	vaddr_t base = VM_KERNEL_BASE;
	int i;

	spin_init(&kva_lock, "kva");
	for (i = 0; i < KVA_CLASSES; i++)
		kva_class_init(&kva_classes[i], 2UL << i, KVA_RANGES, &base, &bits);
	kva_class_init(&kva_stacks, KSTACK_PAGES, KSTACK_MAX, &base, &bits);
	KASSERT(base <= VM_KERNEL_BASE + VM_KERNEL_SIZE);

	for (i = 0; i < KMEM_NPOOLS; i++)
		kmem_pools[i] = pool_create(names[i], 1UL << (KMEM_MINSHIFT + i), 16, NULL);
}
