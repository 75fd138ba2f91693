/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: what a program may touch, and where.
 *
 * What it is.  A map of regions says which addresses exist and what may be done
 * with them; the page tables say which pages there are and what the processor
 * allows at this moment.  Nothing else knows of pages.  The two agree so:
 *
 *	- a page is in the page tables only inside a region;
 *	- the page tables never allow more than the region does, and they may
 *	  allow less: what is missing is put right by vm_fault();
 *	- a page that other address spaces hold too (references > 1) is never
 *	  writable, unless its region is shared or it is one of the kernel's.
 *
 * A page comes into being, cleared, when it is first touched (demand-zero).
 * fork gives both sides the same pages, none of them writable; who writes first
 * gets a copy, and who finds itself the last holder keeps the page.  Pages of
 * shared regions are all made at fork, so that both sides have the same ones.
 *
 * Pages that the kernel writes to while the program reads them (_lwp_ctl) are in
 * regions of their own kind.  The kernel holds them and reaches them by another address,
 * so the program may unmap or protect its side as it likes.  fork leaves them out.
 *
 * A file that is mapped shared cannot be written to, so its pages, which are copies, never become writable: its
 * region is of a kind that vm_protect leaves read-only.
 *
 * Neighbouring regions of one kind are merged, so that a map is as small as
 * what it describes.  An operation on part of a region cuts the region in two
 * first.  It needs new regions then, and gets them before it changes
 * anything: after an error the map is as it was.
 *
 * The uppermost USER_STACK_SIZE bytes are the stack of the first LWP, and nothing is
 * put within SPACE_GAP below it unless the program asks for exactly that place.
 *
 * Locks.  vm_lock covers the map and the page tables.  It is the innermost
 * adaptive mutex: a page fault takes it, with whatever the LWP holds that may be
 * held while user memory is touched.
 *
 * Why no CPU uses a page that is gone.  Pages are taken from the page tables, then
 * all CPUs that have them loaded forget them, then they are freed: the order is
 * pmap_remove's.  A fault meanwhile waits for vm_lock and finds no region.
 *
 * The size of an address space is that of its regions, whether their pages are there or not.  mmap keeps it below a
 * limit; so nothing has to be taken away from a program when memory that it was given is touched.
 *
 * What it does not handle.  Nothing is paged out.
 * Pages that a shared region gets after fork stay shared only if they were made
 * before it, which is all of them; a region that grows by mmap is a new one.
 */
#include <kern/md.h>
#include <sys/errno.h>

#include "vm_impl.h"

#define VM_REGIONS_MAX (1U << 18)
#define SPACE_GAP (1UL << 20)
#define SPACE_TOP (USER_STACK_BASE - SPACE_GAP)
#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

/* Regions got beforehand. */
struct stock {
	struct region *st_region[3];
	int st_count;
};

static int
region_cmp(const struct region *a, const struct region *b)
{
	return a->r_start < b->r_start ? -1 : a->r_start > b->r_start;
}

RB_GENERATE(region_tree, region, r_node, region_cmp)

struct region *
region_above(struct vmspace *vm, vaddr_t va)
{
	struct region *r = RB_ROOT(&vm->vm_regions), *best = NULL;

	while (r != NULL) {
		if (va < r->r_end) {
			best = r;
			r = RB_LEFT(r, r_node);
		} else {
			r = RB_RIGHT(r, r_node);
		}
	}
	return best;
}

/* The region with the highest address that starts below va; NULL: none. */
static struct region *
region_below(struct vmspace *vm, vaddr_t va)
{
	struct region *r = RB_ROOT(&vm->vm_regions), *best = NULL;

	while (r != NULL) {
		if (r->r_start < va) {
			best = r;
			r = RB_RIGHT(r, r_node);
		} else {
			r = RB_LEFT(r, r_node);
		}
	}
	return best;
}

void
region_insert(struct vmspace *vm, struct region *r)
{
	KASSERT(r->r_start < r->r_end);
	RB_INSERT(region_tree, &vm->vm_regions, r);
	vm->vm_nregions++;
	vm->vm_nbytes += r->r_end - r->r_start;
}

void
region_remove(struct vmspace *vm, struct region *r)
{
	RB_REMOVE(region_tree, &vm->vm_regions, r);
	vm->vm_nregions--;
	vm->vm_nbytes -= r->r_end - r->r_start;
	region_free(r);
}

/* The region that va cuts in two, NULL: none. */
static struct region *
region_cut_by(struct vmspace *vm, vaddr_t va)
{
	struct region *r = region_above(vm, va);

	return r != NULL && r->r_start < va ? r : NULL;
}

static void
stock_empty(struct stock *st)
{
	while (st->st_count > 0)
		region_free(st->st_region[--st->st_count]);
}

/*
 * Get the regions that it takes to cut at start and end and to insert `extra`
 * more.  ENOMEM, with nothing got.  vm_lock held.
 */
static int
stock_fill(struct stock *st, struct vmspace *vm, vaddr_t start, vaddr_t end, int extra)
{
	int n = extra + (region_cut_by(vm, start) != NULL) + (region_cut_by(vm, end) != NULL);

	KASSERT(mutex_owned(&vm->vm_lock));
	st->st_count = 0;
	if (vm->vm_nregions + (uint32_t)n > VM_REGIONS_MAX)
		return ENOMEM;
	while (st->st_count < n) {
		st->st_region[st->st_count] = region_new();
		if (st->st_region[st->st_count] == NULL) {
			stock_empty(st);
			return ENOMEM;
		}
		st->st_count++;
	}
	return 0;
}

static struct region *
stock_take(struct stock *st)
{
	KASSERT(st->st_count > 0);
	return st->st_region[--st->st_count];
}

/* Have no region reach across va. */
static void
region_cut(struct vmspace *vm, vaddr_t va, struct stock *st)
{
	struct region *r = region_cut_by(vm, va), *upper;

	if (r == NULL)
		return;
	upper = stock_take(st);
	upper->r_start = va;
	upper->r_end = r->r_end;
	upper->r_prot = r->r_prot;
	upper->r_kind = r->r_kind;
	vm->vm_nbytes -= r->r_end - va;
	r->r_end = va;
	region_insert(vm, upper);
}

/* Merge what can be merged of the regions that touch [start, end]. */
static void
region_merge(struct vmspace *vm, vaddr_t start, vaddr_t end)
{
	struct region *r = region_above(vm, start - 1), *next;

	while (r != NULL && r->r_start < end) {
		next = RB_NEXT(region_tree, &vm->vm_regions, r);
		if (next == NULL || next->r_start > end)
			return;
		if (r->r_end != next->r_start || r->r_prot != next->r_prot ||
		    r->r_kind != next->r_kind) {
			r = next;
			continue;
		}
		vm->vm_nbytes += next->r_end - r->r_end;
		r->r_end = next->r_end;
		region_remove(vm, next);
	}
}

/* Unmap [start, end), with a stock for two cuts.  vm_lock held. */
static void
range_clear(struct vmspace *vm, vaddr_t start, vaddr_t end, struct stock *st)
{
	struct region *r, *next;
	bool found = false;

	region_cut(vm, start, st);
	region_cut(vm, end, st);
	for (r = region_above(vm, start); r != NULL && r->r_start < end; r = next) {
		next = RB_NEXT(region_tree, &vm->vm_regions, r);
		region_remove(vm, r);
		found = true;
	}
	if (found)
		vm_drop_pages(vm, start, end);
}

/* Is all of [start, end) in regions? */
static bool
range_mapped(struct vmspace *vm, vaddr_t start, vaddr_t end)
{
	struct region *r = region_above(vm, start);

	while (r != NULL && r->r_start <= start && r->r_end < end) {
		start = r->r_end;
		r = RB_NEXT(region_tree, &vm->vm_regions, r);
	}
	return r != NULL && r->r_start <= start;
}

/* How many of the bytes [start, end) are in regions? */
static size_t
range_bytes(struct vmspace *vm, vaddr_t start, vaddr_t end)
{
	struct region *r = region_above(vm, start);
	size_t n = 0;

	for (; r != NULL && r->r_start < end; r = RB_NEXT(region_tree, &vm->vm_regions, r))
		n += umin(r->r_end, end) - umax(r->r_start, start);
	return n;
}

/* Would [start, end), mapped anew, make it too large? */
static bool
beyond_limit(struct vmspace *vm, vaddr_t start, vaddr_t end)
{
	size_t more = end - start - range_bytes(vm, start, end);

	return more != 0 && (vm->vm_nbytes > vm->vm_limit || more > vm->vm_limit - vm->vm_nbytes);
}

static bool
range_free(struct vmspace *vm, vaddr_t start, vaddr_t end)
{
	struct region *r = region_above(vm, start);

	return r == NULL || r->r_start >= end;
}

/*
 * Where is room?  Addresses are given out from SPACE_TOP downwards.  So that a
 * map of many regions is not walked every time, vm_top and vm_skipped say what
 * former searches saw: no gap between vm_top and SPACE_TOP is larger than
 * vm_skipped.  Who asks for less than that starts again from SPACE_TOP, and
 * space_freed() raises vm_top above a gap that has become larger.
 */
static bool
space_search(struct vmspace *vm, size_t size, size_t align, vaddr_t *va)
{
	vaddr_t limit = vm->vm_top, bottom, at;
	struct region *r = region_below(vm, limit);

	for (;;) {
		bottom = r != NULL ? r->r_end : VM_MIN_ADDRESS;
		if (bottom < limit && limit - bottom >= size) {
			at = rounddown2(limit - size, align);
			if (at >= bottom) {
				vm->vm_skipped = umax(vm->vm_skipped, limit - at - size);
				vm->vm_top = at;
				*va = at;
				return true;
			}
		}
		if (bottom < limit)
			vm->vm_skipped = umax(vm->vm_skipped, limit - bottom);
		if (r == NULL)
			return false;
		limit = r->r_start;
		r = RB_PREV(region_tree, &vm->vm_regions, r);
	}
}

static bool
space_find(struct vmspace *vm, size_t size, size_t align, vaddr_t *va)
{
	if (size > vm->vm_skipped && vm->vm_top < SPACE_TOP && space_search(vm, size, align, va))
		return true;
	vm->vm_top = SPACE_TOP;
	vm->vm_skipped = 0;
	return space_search(vm, size, align, va);
}

/* Addresses below `end` have become free. */
static void
space_freed(struct vmspace *vm, vaddr_t end)
{
	struct region *r;
	vaddr_t limit = SPACE_TOP;

	if (end <= vm->vm_top)
		return;
	r = region_above(vm, end);
	if (r != NULL)
		limit = umin(limit, r->r_start);
	vm->vm_top = umax(vm->vm_top, limit);
}

/* EINVAL unless [addr, addr + len) is a range of whole user pages; *end is its end, len rounded up. */
static int
range_check(vaddr_t addr, size_t len, vaddr_t *end)
{
	if (len == 0 || (addr & PAGE_MASK) != 0 || addr < VM_MIN_ADDRESS)
		return EINVAL;
	if (addr > VM_MAXUSER_ADDRESS || len > VM_MAXUSER_ADDRESS - addr)
		return EINVAL;
	*end = addr + round_page(len);
	return 0;
}

static int
prot_check(int prot)
{
	if ((prot & ~PROT_ALL) != 0)
		return EINVAL;
	if ((prot & PROT_WRITE) != 0 && (prot & PROT_EXEC) != 0)
		return EACCES;
	return 0;
}

/* The alignment that the flags of mmap ask for. */
static int
align_of(int flags, size_t *align)
{
	unsigned int shift = (unsigned int)flags >> MAP_ALIGNMENT_SHIFT;

	*align = PAGE_SIZE;
	if (shift == 0)
		return 0;
	if (shift < PAGE_SHIFT || shift >= 64)
		return EINVAL;
	*align = 1UL << shift;
	return *align >= VM_MAXUSER_ADDRESS ? ENOMEM : 0;
}

/* Decide where a mapping goes.  vm_lock held. */
static int
place_find(struct vmspace *vm, vaddr_t *addr, size_t size, size_t align)
{
	vaddr_t hint = round_page(*addr), end;

	if (range_check(hint, size, &end) == 0 && end <= SPACE_TOP && (hint & (align - 1)) == 0 &&
	    range_free(vm, hint, end)) {
		*addr = hint;
		return 0;
	}
	if (size > SPACE_TOP)
		return ENOMEM;
	return space_find(vm, size, align, addr) ? 0 : ENOMEM;
}

/* Bytes that a mapping begins with; none: it is all zeros. */
struct contents {
	const void *co_data;
	size_t co_len;
};

/*
 * Put a region at [start, end), in place of what is there, and the contents into it.  ENOMEM: what
 * was there may be gone.  vm_lock held.
 */
static int
range_set(struct vmspace *vm, vaddr_t start, vaddr_t end, int prot, enum region_kind kind,
    const struct contents *co)
{
	struct stock st;
	struct region *r;
	int error;

	error = stock_fill(&st, vm, start, end, 1);
	if (error != 0)
		return error;
	range_clear(vm, start, end, &st);
	r = stock_take(&st);
	r->r_start = start;
	r->r_end = end;
	r->r_prot = (uint8_t)prot;
	r->r_kind = (uint8_t)kind;
	region_insert(vm, r);
	KASSERT(st.st_count == 0);
	if (co->co_len != 0)
		error = vm_write_locked(vm, start, co->co_data, umin(co->co_len, end - start));
	if (error != 0) {
		region_remove(vm, r);
		vm_drop_pages(vm, start, end);
		space_freed(vm, end);
		return error;
	}
	region_merge(vm, start, end);
	return 0;
}

static int
map(struct vmspace *vm, vaddr_t *addr, size_t len, int prot, int flags, enum region_kind kind,
    const struct contents *co)
{
	size_t size = round_page(len), align;
	vaddr_t at = *addr, end;
	int error;

	if (len == 0)
		return EINVAL;
	if ((error = prot_check(prot)) != 0 || (error = align_of(flags, &align)) != 0)
		return error;
	if ((flags & MAP_FIXED) != 0) {
		if ((error = range_check(at, len, &end)) != 0)
			return error;
		if ((at & (align - 1)) != 0)
			return EINVAL;
	} else if (size < len) {
		return ENOMEM;
	}

	mutex_enter(&vm->vm_lock);
	if ((flags & MAP_FIXED) == 0)
		error = place_find(vm, &at, size, align);
	if (error == 0 && beyond_limit(vm, at, at + size))
		error = ENOMEM;
	if (error == 0)
		error = range_set(vm, at, at + size, prot, kind, co);
	mutex_exit(&vm->vm_lock);
	if (error == 0)
		*addr = at;
	return error;
}

static const struct contents zeros;

int
vm_map(struct vmspace *vm, vaddr_t *addr, size_t len, int prot, int flags)
{
	return map(vm, addr, len, prot, flags, (flags & MAP_SHARED) != 0 ? REGION_SHARED : REGION_PRIVATE, &zeros);
}

int
vm_map_data(struct vmspace *vm, vaddr_t *addr, size_t len, int prot, int flags, const void *data, size_t datalen)
{
	const struct contents co = { data, datalen };

	KASSERT((flags & MAP_SHARED) == 0 || (prot & PROT_WRITE) == 0);
	return map(vm, addr, len, prot, flags, (flags & MAP_SHARED) != 0 ? REGION_FILE : REGION_PRIVATE, &co);
}

int
vm_map_kernel_page(struct vmspace *vm, paddr_t pa, vaddr_t *addr)
{
	int error;

	*addr = 0;
	mutex_enter(&vm->vm_lock);
	error = place_find(vm, addr, PAGE_SIZE, PAGE_SIZE);
	if (error == 0)
		error = pmap_enter(vm->vm_pmap, *addr, pa, vm_rights(PROT_READ));
	if (error == 0) {
		page_ref(pa);
		vm->vm_npages++;
		error = range_set(vm, *addr, *addr + PAGE_SIZE, PROT_READ, REGION_KERNEL,
		    &zeros);
		if (error != 0)
			vm_drop_pages(vm, *addr, *addr + PAGE_SIZE);
	}
	mutex_exit(&vm->vm_lock);
	return error;
}

/* vm_lock held.  ENOMEM. */
static int
range_unmap(struct vmspace *vm, vaddr_t start, vaddr_t end)
{
	struct stock st;
	int error;

	error = stock_fill(&st, vm, start, end, 0);
	if (error == 0) {
		range_clear(vm, start, end, &st);
		space_freed(vm, end);
	}
	return error;
}

int
vm_unmap(struct vmspace *vm, vaddr_t addr, size_t len)
{
	vaddr_t end;
	int error;

	error = range_check(addr, len, &end);
	if (error != 0)
		return error;
	mutex_enter(&vm->vm_lock);
	error = range_unmap(vm, addr, end);
	mutex_exit(&vm->vm_lock);
	return error;
}

void
vm_unmap_kernel_page(struct vmspace *vm, vaddr_t addr, paddr_t pa)
{
	paddr_t at;
	int has;

	mutex_enter(&vm->vm_lock);
	if (pmap_extract(vm->vm_pmap, addr, &at, &has) && at == pa)
		(void)range_unmap(vm, addr, addr + PAGE_SIZE);
	mutex_exit(&vm->vm_lock);
}

/* Is there anything of this kind in [start, end)? */
static bool
range_has(struct vmspace *vm, vaddr_t start, vaddr_t end, enum region_kind kind)
{
	struct region *r = region_above(vm, start);

	while (r != NULL && r->r_start < end && r->r_kind != kind)
		r = RB_NEXT(region_tree, &vm->vm_regions, r);
	return r != NULL && r->r_start < end;
}

/* Change [start, end), all of it mapped, with a stock for two cuts.  vm_lock held. */
static void
range_protect(struct vmspace *vm, vaddr_t start, vaddr_t end, int prot, struct stock *st)
{
	struct region *r;
	int lost = 0;

	region_cut(vm, start, st);
	region_cut(vm, end, st);
	for (r = region_above(vm, start); r != NULL && r->r_start < end;
	    r = RB_NEXT(region_tree, &vm->vm_regions, r)) {
		lost |= r->r_prot & ~prot;
		r->r_prot = (uint8_t)prot;
	}
	/* What was gained comes by faults. */
	if (lost != 0)
		pmap_protect(vm->vm_pmap, start, end, vm_rights(prot));
	region_merge(vm, start, end);
}

int
vm_protect(struct vmspace *vm, vaddr_t addr, size_t len, int prot)
{
	struct stock st;
	vaddr_t end;
	int error;

	if ((error = range_check(addr, len, &end)) != 0 || (error = prot_check(prot)) != 0)
		return error;
	mutex_enter(&vm->vm_lock);
	if (!range_mapped(vm, addr, end))
		error = ENOMEM;
	else if ((prot & PROT_WRITE) != 0 && range_has(vm, addr, end, REGION_FILE))
		error = EACCES;
	else
		error = stock_fill(&st, vm, addr, end, 0);
	if (error == 0)
		range_protect(vm, addr, end, prot, &st);
	mutex_exit(&vm->vm_lock);
	return error;
}
