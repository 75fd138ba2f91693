/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults: giving a program the page that its region promises.
 *
 * What it is.  The processor refused an access.  Either the map refuses it too,
 * and the program gets a signal; or the page tables lag behind the map, and are
 * brought forward by one page:
 *
 *	no page there                     a cleared one
 *	page allows too little            the rights of the region
 *	write, page held by others too    a copy (shared regions: as above)
 *	page allows it by now             nothing: another LWP was quicker, or
 *	                                  this CPU had old rights in its TLB
 *
 * Races.  All of it happens under vm_lock.  Two LWPs that fault on one page come
 * one after the other, and the second finds the last line of the table.  Who faults on
 * a page that is being unmapped finds no region.  For a copy, pmap_enter first
 * takes the old page from all CPUs and then shows the new one: at no time
 * do two LWPs of the process read different pages at one address.  The old page
 * does not change while it is copied: with two references nobody may write to it.
 *
 * Out of memory the fault fails with ENOMEM, with nothing changed, and the
 * caller ends the program.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/proc.h>
#include <sys/errno.h>

#include "vm_impl.h"

static volatile uint64_t user_pages cacheline_aligned; /* a */

void
user_page_count(void)
{
	atomic_inc(&user_pages);
}

void
user_page_free(paddr_t pa)
{
	if (page_free(pa))
		atomic_dec(&user_pages);
}

uint64_t
vm_user_pages(void)
{
	return atomic_load_relaxed(&user_pages);
}

/* A cleared page at va, where there is none. */
static int
page_add(struct vmspace *vm, struct region *r, vaddr_t va, paddr_t *pa)
{
	int error;

	*pa = page_alloc(true);
	if (*pa == 0)
		return ENOMEM;
	error = pmap_enter(vm->vm_pmap, va, *pa, vm_rights(r->r_prot));
	if (error != 0) {
		page_free(*pa);
		return error;
	}
	vm->vm_npages++;
	user_page_count();
	return 0;
}

/* A copy of the page `old` in its place at va. */
static int
page_copy(struct vmspace *vm, struct region *r, vaddr_t va, paddr_t old, paddr_t *pa)
{
	int error;

	*pa = page_alloc(false);
	if (*pa == 0)
		return ENOMEM;
	md_page_copy(*pa, old);
	error = pmap_enter(vm->vm_pmap, va, *pa, vm_rights(r->r_prot));
	if (error != 0) {
		page_free(*pa);
		return error;
	}
	user_page_count();
	user_page_free(old);
	return 0;
}

int
vm_page_ready(struct vmspace *vm, struct region *r, vaddr_t va, int access, paddr_t *pa)
{
	int has, rights = vm_rights(r->r_prot);
	paddr_t at, copy;
	int error;

	KASSERT(mutex_owned(&vm->vm_lock));
	if (!pmap_extract(vm->vm_pmap, va, &at, &has)) {
		error = page_add(vm, r, va, &at);
	} else if ((has & access) == access) {
		error = 0;
	} else if (r->r_kind != REGION_PRIVATE || page_refs(at) == 1) {
		error = pmap_enter(vm->vm_pmap, va, at, rights);
	} else if ((access & PMAP_WRITE) == 0) {
		error = pmap_enter(vm->vm_pmap, va, at, rights & ~PMAP_WRITE);
	} else {
		error = page_copy(vm, r, va, at, &copy);
		at = copy;
	}
	if (error == 0 && pa != NULL)
		*pa = at;
	return error;
}

int
vm_fault(struct proc *p, vaddr_t va, int access)
{
	struct vmspace *vm = p->p_vmspace;
	struct region *r;
	int error;

	if (vm == NULL || va >= VM_MAXUSER_ADDRESS)
		return EFAULT;
	EV(ev_faults);
	mutex_enter(&vm->vm_lock);
	r = region_above(vm, va);
	if (r == NULL || va < r->r_start)
		error = EFAULT;
	else if ((vm_rights(r->r_prot) & access) != access)
		error = EACCES;
	else
		error = vm_page_ready(vm, r, trunc_page(va), access, NULL);
	mutex_exit(&vm->vm_lock);
	return error;
}

/* Put bytes into the one page that va is in.  vm_lock held. */
static int
write_page(struct vmspace *vm, vaddr_t va, const void *src, size_t len)
{
	struct region *r = region_above(vm, va);
	paddr_t pa;
	int error;

	if (r == NULL || va < r->r_start)
		return EFAULT;
	error = vm_page_ready(vm, r, trunc_page(va), PMAP_WRITE, &pa);
	if (error == 0)
		memcpy((char *)md_direct_map(pa) + (va & PAGE_MASK), src, len);
	return error;
}

int
vm_write_locked(struct vmspace *vm, vaddr_t addr, const void *src, size_t len)
{
	size_t done, n;
	int error = 0;

	KASSERT(mutex_owned(&vm->vm_lock));
	for (done = 0; done < len && error == 0; done += n) {
		n = umin(len - done, PAGE_SIZE - ((addr + done) & PAGE_MASK));
		error = write_page(vm, addr + done, (const char *)src + done, n);
	}
	return error;
}

int
vm_write(struct vmspace *vm, vaddr_t addr, const void *src, size_t len)
{
	int error;

	mutex_enter(&vm->vm_lock);
	error = vm_write_locked(vm, addr, src, len);
	mutex_exit(&vm->vm_lock);
	return error;
}
