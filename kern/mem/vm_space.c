/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces as wholes: made, copied for a child, dropped.
 *
 * Fork.  Under the parent's vm_lock its page tables lose all rights to write, the
 * child gets references to the same pages, and every CPU that runs one of the
 * parent's LWPs is told.  They go on; who of them writes faults, waits for
 * vm_lock, and then gets a copy, as the child does (vm_fault.c).  A CPU that has
 * not been told yet may still write; the child, which has not run yet, has
 * that too.  A write that depends on one that had to wait has to wait itself:
 * so the child has the memory of a moment that could have been.
 *
 * If memory runs out half-way, the child is dropped like any address space.
 * The parent's pages then have one reference again, and become writable again
 * one by one, when somebody writes.
 */
#include <kern/pool.h>
#include <sys/errno.h>

#include "vm_impl.h"

static struct pool *vmspace_pool; /* constant */
static struct pool *region_pool;  /* constant */

void
vm_init(void)
{
	vmspace_pool = pool_create("vmspace", sizeof(struct vmspace), 0, NULL);
	region_pool = pool_create("region", sizeof(struct region), 0, NULL);
}

struct region *
region_new(void)
{
	return pool_get(region_pool);
}

void
region_free(struct region *r)
{
	pool_put(region_pool, r);
}

struct vmspace *
vmspace_alloc(void)
{
	struct vmspace *vm = pool_get(vmspace_pool);

	if (vm == NULL)
		return NULL;
	memset(vm, 0, sizeof(*vm));
	vm->vm_pmap = pmap_create();
	if (vm->vm_pmap == NULL) {
		pool_put(vmspace_pool, vm);
		return NULL;
	}
	mutex_init(&vm->vm_lock, "vm_lock");
	RB_INIT(&vm->vm_regions);
	vm->vm_skipped = SIZE_MAX; /* nothing is known about gaps */
	vm->vm_limit = UINT64_MAX;
	return vm;
}

void
vmspace_free(struct vmspace *vm)
{
	struct region *r;

	mutex_enter(&vm->vm_lock);
	vm_drop_pages(vm, 0, VM_MAXUSER_ADDRESS);
	while ((r = RB_ROOT(&vm->vm_regions)) != NULL)
		region_remove(vm, r);
	mutex_exit(&vm->vm_lock);
	KASSERT(vm->vm_npages == 0 && vm->vm_nbytes == 0 && vm->vm_nregions == 0);
	pmap_destroy(vm->vm_pmap);
	pool_put(vmspace_pool, vm);
}

/* A page leaves an address space; no CPU can reach it any more. */
static void
page_dropped(paddr_t pa, void *arg)
{
	struct vmspace *vm = arg;

	vm->vm_npages--;
	user_page_free(pa);
}

void
vm_drop_pages(struct vmspace *vm, vaddr_t start, vaddr_t end)
{
	KASSERT(mutex_owned(&vm->vm_lock));
	pmap_remove(vm->vm_pmap, start, end, page_dropped, vm);
}

/* Make every page of a shared region, so that the child gets the same ones.  ENOMEM. */
static int
fork_populate(struct vmspace *vm, struct region *r)
{
	vaddr_t va;
	int error = 0;

	for (va = r->r_start; va < r->r_end && error == 0; va += PAGE_SIZE)
		error = vm_page_ready(vm, r, va, 0, NULL);
	return error;
}

static int
fork_region(struct vmspace *vm, struct region *r, struct vmspace *child)
{
	struct region *copy;

	if (r->r_kind == REGION_KERNEL)
		return 0;
	copy = region_new();
	if (copy == NULL)
		return ENOMEM;
	copy->r_start = r->r_start;
	copy->r_end = r->r_end;
	copy->r_prot = r->r_prot;
	copy->r_kind = r->r_kind;
	region_insert(child, copy);
	return r->r_kind == REGION_SHARED ? fork_populate(vm, r) : 0;
}

struct fork_pages {
	struct vmspace *fp_child;
	struct region *fp_region; /* the child's region that the last page was in, or the next one */
	int fp_error;
};

/* Is va, which is not below the one before, in a region that the child has? */
static bool
fork_wants(struct fork_pages *fp, vaddr_t va)
{
	while (fp->fp_region != NULL && va >= fp->fp_region->r_end)
		fp->fp_region = RB_NEXT(region_tree, &fp->fp_child->vm_regions, fp->fp_region);
	return fp->fp_region != NULL && va >= fp->fp_region->r_start;
}

/* Let the child have a page too. */
static void
fork_page(vaddr_t va, paddr_t pa, int prot, void *arg)
{
	struct fork_pages *fp = arg;

	if (fp->fp_error != 0 || !fork_wants(fp, va))
		return;
	fp->fp_error = pmap_enter(fp->fp_child->vm_pmap, va, pa, prot);
	if (fp->fp_error != 0)
		return;
	page_ref(pa);
	fp->fp_child->vm_npages++;
}

/* Copy the map and share the pages.  ENOMEM, with the child half-made.  vm_lock of vm held. */
static int
fork_fill(struct vmspace *vm, struct vmspace *child)
{
	struct fork_pages fp = { .fp_child = child };
	struct region *r;
	int error;

	KASSERT(mutex_owned(&vm->vm_lock));
	RB_FOREACH(r, region_tree, &vm->vm_regions) {
		error = fork_region(vm, r, child);
		if (error != 0)
			return error;
	}
	child->vm_top = vm->vm_top;
	/* A region that was left out is a gap that nobody knows of. */
	child->vm_skipped = child->vm_nregions == vm->vm_nregions ? vm->vm_skipped : SIZE_MAX;
	fp.fp_region = RB_MIN(region_tree, &child->vm_regions);
	pmap_share(vm->vm_pmap, 0, VM_MAXUSER_ADDRESS, fork_page, &fp);
	return fp.fp_error;
}

struct vmspace *
vmspace_fork(struct vmspace *vm)
{
	struct vmspace *child = vmspace_alloc();
	int error;

	if (child == NULL)
		return NULL;
	mutex_enter(&vm->vm_lock);
	error = fork_fill(vm, child);
	mutex_exit(&vm->vm_lock);
	if (error == 0)
		return child;
	vmspace_free(child);
	return NULL;
}

struct pmap *
vmspace_pmap(struct vmspace *vm)
{
	return vm->vm_pmap;
}

uint64_t
vm_resident(struct vmspace *vm)
{
	return atomic_load_relaxed(&vm->vm_npages);
}

void
vm_set_limit(struct vmspace *vm, uint64_t limit)
{
	mutex_enter(&vm->vm_lock);
	vm->vm_limit = limit;
	mutex_exit(&vm->vm_lock);
}

uint64_t
vm_size(struct vmspace *vm)
{
	return atomic_load_relaxed(&vm->vm_nbytes);
}
