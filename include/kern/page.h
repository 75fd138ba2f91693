/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical pages.
 */
#ifndef _KERN_PAGE_H_
#define _KERN_PAGE_H_

#include <kern/kern.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (PAGE_SIZE - 1)
#define trunc_page(x) ((x) & ~PAGE_MASK)
#define round_page(x) (((x) + PAGE_MASK) & ~PAGE_MASK)

/* Hand the RAM of md_memory() to the allocator.  Boot only; panics without any. */
void page_init(void);
/*
 * One page, with one reference.  Cleared if asked; otherwise its bytes are stale
 * and must not reach a program.  0: no memory (or the injected failure of debug
 * kernels).  Never sleeps; any context with no bucket or ci_lock held.
 */
paddr_t page_alloc(bool clear);
/* Drop a reference.  true: it was the last, and the page is free.  Never sleeps. */
bool page_free(paddr_t pa);
/* n pages in a row, for tables at boot; their bytes are stale.  0: none. */
paddr_t page_alloc_contig(size_t n);
/* Another reference, for sharing (copy-on-write).  The caller holds one. */
void page_ref(paddr_t pa);
/* Who holds a reference and sees 1 is alone: only a holder can make more. */
uint32_t page_refs(paddr_t pa);

struct page_stats {
	uint64_t ps_total; /* pages that the allocator was given */
	uint64_t ps_free;  /* exact while nobody allocates */
};
void page_stats(struct page_stats *ps);

/*
 * Debug kernels: true when the running LWP's injected failure (l_failalloc) is
 * due now.  Every allocator asks once for an allocation, at its outermost entry.
 */
#ifdef DEBUG
bool fail_alloc(void);
#else
static inline bool
fail_alloc(void)
{
	return false;
}
#endif

#endif
