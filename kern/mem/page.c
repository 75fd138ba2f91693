/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical pages: who has them, how many refer to them, where the free ones are.
 *
 * What it is.  Every page of RAM has a struct vm_page, in an array indexed by
 * page number.  A page is in one of four places:
 *
 *	never used    in a range of page_ranges[]; its struct vm_page is garbage
 *	free          on the global list, refs 0
 *	cached        on a CPU's list, refs 0
 *	in use        refs > 0, belongs to whoever holds the references
 *
 * Ranges make the start cheap: nothing is written for a page before its first
 * use, not even in the array.  A CPU's list serves that CPU with interrupts off
 * and no lock; it trades with the global list by batches.
 *
 * Locks.  page_lock covers the ranges and the global list.  A CPU's list belongs
 * to that CPU with interrupts off.  page_lock is innermost: it is taken by a
 * CPU that holds any other lock but those of the scheduler.
 * Reference counts are atomic.  Only a holder of a reference may add one, so a
 * holder that sees 1 is alone and stays so until it shares the page itself.
 *
 * What it does not handle.  Pages in the caches of other CPUs (at most
 * 2 * PAGE_BATCH each) are not taken back when memory runs out.  RAM below 1 MiB
 * is left alone (CPU start-up code is there), and so is RAM above PAGE_TOP.
 * Runs of pages are only to be had from ranges never used: at boot.
 */
#include <kern/cpu.h>
#include <kern/kasan.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/mutex.h>

#include "mem_impl.h"

#define PAGE_BATCH 32
#define PAGE_RANGES 32
#define PAGE_BOTTOM (1UL << 20)
#define PAGE_TOP (1UL << 38)

struct vm_page {
	volatile uint32_t vp_refs; /* a */
	uint32_t vp_next;          /* page_lock, or the CPU's: next in the list, 0 = last */
};

/* A list of free pages by page number; 0 = empty. */
struct page_list {
	uint32_t pl_first;
	uint32_t pl_count;
};

/* o: only this CPU, interrupts off. */
struct page_cache {
	struct page_list pc_list; /* o */
	uint64_t pc_taken;        /* o: pages ever handed out here; read by anyone */
	uint64_t pc_freed;        /* o: pages ever taken back here; read by anyone */
} cacheline_aligned;

/* Page numbers [pr_next, pr_end) were never used. */
struct page_range {
	uint32_t pr_next; /* page_lock */
	uint32_t pr_end;  /* page_lock */
};

static struct vm_page *page_array;                 /* constant; entry of page number 0, which is not there */
static struct page_range page_ranges[PAGE_RANGES]; /* page_lock */
static size_t page_nranges;                        /* page_lock */
static struct page_list page_global;               /* page_lock */
static uint64_t page_total;                        /* page_lock */
static struct kspin page_lock;
static struct page_cache page_caches[MAXCPUS];

static inline struct vm_page *
page_of(paddr_t pa)
{
	return &page_array[pa >> PAGE_SHIFT];
}

static inline void
list_push(struct page_list *pl, uint32_t pfn)
{
	page_array[pfn].vp_next = pl->pl_first;
	pl->pl_first = pfn;
	pl->pl_count++;
}

static inline uint32_t
list_pop(struct page_list *pl)
{
	uint32_t pfn = pl->pl_first;

	pl->pl_first = page_array[pfn].vp_next;
	pl->pl_count--;
	return pfn;
}

/* A page that was never used; 0: there is none left.  Called with page_lock held. */
static uint32_t
range_take(void)
{
	struct page_range *pr;
	uint32_t pfn;

	while (page_nranges > 0) {
		pr = &page_ranges[page_nranges - 1];
		if (pr->pr_next < pr->pr_end) {
			pfn = pr->pr_next++;
			page_array[pfn].vp_refs = 0;
			return pfn;
		}
		page_nranges--;
	}
	return 0;
}

/* Bring up to a batch of pages into the CPU's empty list.  Interrupts off. */
static void
cache_fill(struct page_cache *pc)
{
	uint32_t pfn;

	spin_enter(&page_lock);
	while (pc->pc_list.pl_count < PAGE_BATCH) {
		pfn = page_global.pl_count > 0 ? list_pop(&page_global) : range_take();
		if (pfn == 0)
			break;
		list_push(&pc->pc_list, pfn);
	}
	spin_exit(&page_lock);
}

/* Move a batch from the CPU's list to the global one.  Interrupts off. */
static void
cache_drain(struct page_cache *pc)
{
	int i;

	spin_enter(&page_lock);
	for (i = 0; i < PAGE_BATCH; i++)
		list_push(&page_global, list_pop(&pc->pc_list));
	spin_exit(&page_lock);
}

paddr_t
page_take(bool clear)
{
	struct page_cache *pc;
	uint32_t pfn;
	paddr_t pa;
	bool on;

	on = md_intr_disable();
	pc = &page_caches[curcpu()->ci_index];
	if (predict_false(pc->pc_list.pl_count == 0))
		cache_fill(pc);
	if (predict_false(pc->pc_list.pl_count == 0)) {
		md_intr_restore(on);
		return 0;
	}
	pfn = list_pop(&pc->pc_list);
	pc->pc_taken++;
	md_intr_restore(on);

	KASSERT(page_array[pfn].vp_refs == 0);
	page_array[pfn].vp_refs = 1;
	pa = (paddr_t)pfn << PAGE_SHIFT;
	kasan_poison(md_direct_map(pa), PAGE_SIZE, 0);
	if (clear)
		md_page_zero(pa);
	return pa;
}

paddr_t
page_alloc(bool clear)
{
	if (predict_false(fail_alloc()))
		return 0;
	return page_take(clear);
}

/* Drop a reference.  true: nobody else holds one. */
static bool
page_unref(struct vm_page *vp)
{
	/* A count of one is ours alone: no other CPU looks at it. */
	if (atomic_load_acquire(&vp->vp_refs) == 1) {
		vp->vp_refs = 0;
		return true;
	}
	return atomic_dec(&vp->vp_refs) == 1;
}

bool
page_free(paddr_t pa)
{
	struct page_cache *pc;
	bool on;

	KASSERT((pa & PAGE_MASK) == 0 && pa >= PAGE_BOTTOM);
	KASSERT(page_refs(pa) > 0);
	if (!page_unref(page_of(pa)))
		return false;
	kasan_poison(md_direct_map(pa), PAGE_SIZE, KASAN_FREE_PAGE);
	on = md_intr_disable();
	pc = &page_caches[curcpu()->ci_index];
	if (predict_false(pc->pc_list.pl_count >= 2 * PAGE_BATCH))
		cache_drain(pc);
	list_push(&pc->pc_list, (uint32_t)(pa >> PAGE_SHIFT));
	pc->pc_freed++;
	md_intr_restore(on);
	return true;
}

void
page_ref(paddr_t pa)
{
	KASSERT(page_refs(pa) > 0);
	atomic_inc(&page_of(pa)->vp_refs);
}

uint32_t
page_refs(paddr_t pa)
{
	return atomic_load_acquire(&page_of(pa)->vp_refs);
}

/* Take n page numbers from the end of a range; 0: none is that long.  Called with page_lock held. */
static uint32_t
range_take_run(size_t n)
{
	struct page_range *pr;
	size_t i;

	for (i = 0; i < page_nranges; i++) {
		pr = &page_ranges[i];
		if (pr->pr_end - pr->pr_next >= n) {
			pr->pr_end -= (uint32_t)n;
			return pr->pr_end;
		}
	}
	return 0;
}

paddr_t
page_alloc_contig(size_t n)
{
	uint32_t pfn;
	size_t i;

	if (fail_alloc())
		return 0;
	spin_enter(&page_lock);
	pfn = range_take_run(n);
	if (pfn != 0)
		page_caches[curcpu()->ci_index].pc_taken += n;
	spin_exit(&page_lock);
	if (pfn == 0)
		return 0;
	for (i = 0; i < n; i++)
		page_array[pfn + i].vp_refs = 1;
	kasan_poison(md_direct_map((paddr_t)pfn << PAGE_SHIFT), n << PAGE_SHIFT, 0);
	return (paddr_t)pfn << PAGE_SHIFT;
}

/* Note what can be used of a piece of RAM. */
static void
range_add(const struct md_memrange *mr)
{
	paddr_t start = umax(mr->mr_start, PAGE_BOTTOM);
	paddr_t end = umin(mr->mr_end, PAGE_TOP);

	if (start >= end || page_nranges == PAGE_RANGES)
		return;
	page_ranges[page_nranges++] = (struct page_range){
		.pr_next = (uint32_t)(start >> PAGE_SHIFT),
		.pr_end = (uint32_t)(end >> PAGE_SHIFT),
	};
	page_total += (end - start) >> PAGE_SHIFT;
}

/* Place the page array, for page numbers [first, last), in the RAM that it describes. */
static void
array_place(uint32_t first, uint32_t last)
{
	size_t n = round_page((last - first) * sizeof(struct vm_page)) >> PAGE_SHIFT;
	uint32_t pfn = range_take_run(n);
	struct vm_page *at;

	if (pfn == 0)
		panic("no memory for the page array (%zu pages)", n);
	page_total -= n;
	at = md_direct_map((paddr_t)pfn << PAGE_SHIFT);
	page_array = (struct vm_page *)((uintptr_t)at - first * sizeof(struct vm_page));
}

#ifdef KASAN
/* The checker's shadow, for page numbers below `last`; all pages of the ranges are free. */
static void
shadow_place(uint32_t last)
{
	size_t n = (last + 7) / 8;
	uint32_t pfn = range_take_run(n);

	if (pfn == 0)
		panic("no memory for the shadow (%zu pages)", n);
	page_total -= n;
	for (size_t i = 0; i < n; i++)
		md_page_zero((paddr_t)(pfn + i) << PAGE_SHIFT);
	kasan_init(md_direct_map((paddr_t)pfn << PAGE_SHIFT), (paddr_t)last << PAGE_SHIFT);
	for (size_t i = 0; i < page_nranges; i++)
		kasan_poison(md_direct_map((paddr_t)page_ranges[i].pr_next << PAGE_SHIFT),
		    (size_t)(page_ranges[i].pr_end - page_ranges[i].pr_next) << PAGE_SHIFT, KASAN_FREE_PAGE);
}
#else
#define shadow_place(last) ((void)0)
#endif

void
page_init(void)
{
	const struct md_memrange *mr;
	uint32_t first = UINT32_MAX, last = 0;
	size_t i, n;

	spin_init(&page_lock, "page");
	mr = md_memory(&n);
	for (i = 0; i < n; i++)
		range_add(&mr[i]);
	for (i = 0; i < page_nranges; i++) {
		first = (uint32_t)umin(first, page_ranges[i].pr_next);
		last = (uint32_t)umax(last, page_ranges[i].pr_end);
	}
	if (last == 0)
		panic("no memory");
	array_place(first, last);
	shadow_place(last);
}

void
page_stats(struct page_stats *ps)
{
	uint64_t used = 0;
	int i;

	for (i = 0; i < MAXCPUS; i++) {
		used += atomic_load_relaxed(&page_caches[i].pc_taken);
		used -= atomic_load_relaxed(&page_caches[i].pc_freed);
	}
	ps->ps_total = page_total;
	ps->ps_free = page_total - used;
}

#ifdef DEBUG
/* A linear congruential generator; the upper bits are the better ones. */
static uint32_t
fail_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

bool
fail_alloc(void)
{
	struct lwp *l = curlwp;

	if (predict_true((l->l_failalloc | l->l_failonein) == 0))
		return false;
	if (l->l_failalloc != 0 && --l->l_failalloc == 0)
		return true;
	return l->l_failonein != 0 && fail_random(&l->l_failseed) % l->l_failonein == 0;
}
#endif
