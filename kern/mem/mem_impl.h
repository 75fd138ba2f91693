/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of kern/mem know of each other and nobody else needs.
 */
#ifndef _MEM_IMPL_H_
#define _MEM_IMPL_H_

#include <kern/page.h>

/* page_alloc without asking for an injected failure: for allocators that have asked. */
paddr_t page_take(bool clear);

/*
 * Whole pages at kernel addresses, cleared, with unmapped addresses after them.
 * NULL: no memory.  Never sleeps.  kva_unmap_pages gives them back; it waits
 * for other CPUs, so no spin lock is held.
 */
void *kva_map_pages(size_t npages);
void kva_unmap_pages(void *p, size_t npages);

#endif
