/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct vmspace and what vm_map.c, vm_space.c and vm_fault.c share.
 *
 * Lock letters: m = vm_lock; c = constant; h = vm_lock to write, anyone reads it as a hint.
 */
#ifndef _VM_IMPL_H_
#define _VM_IMPL_H_

#include <kern/md.h>
#include <kern/vm.h>
#include <sys/queue.h>
#include <sys/tree.h>

/* What becomes of a region's pages in a fork, and when one of them is written to. */
enum region_kind {
	REGION_PRIVATE, /* the child gets them copy-on-write */
	REGION_SHARED,  /* the child has the same ones */
	REGION_FILE,    /* a file's that cannot be written to: nor can they, so that they may be a copy */
	REGION_KERNEL,  /* the kernel holds them too and writes to them: never copied, and not the child's */
};

/* Addresses [r_start, r_end) of one kind. */
struct region {
	RB_ENTRY(region) r_node; /* m */
	vaddr_t r_start;         /* m */
	vaddr_t r_end;           /* m */
	uint8_t r_prot;          /* m: PROT_* */
	uint8_t r_kind;          /* m: REGION_* */
};

RB_HEAD(region_tree, region);

struct vmspace {
	struct kmutex vm_lock;
	struct pmap *vm_pmap;          /* c; its page tables: m */
	struct region_tree vm_regions; /* m: by address, not overlapping */
	uint32_t vm_nregions;          /* m */
	uint64_t vm_npages;            /* h: pages in the page tables */
	uint64_t vm_nbytes;            /* h: sum of the regions */
	uint64_t vm_limit;             /* m: what mmap does not let it grow beyond (RLIMIT_AS) */
	vaddr_t vm_top;                /* m: see space_find */
	size_t vm_skipped;             /* m: see space_find */
};

RB_PROTOTYPE(region_tree, region, r_node, region_cmp)

/* The region with the lowest address that ends above va; NULL: none.  vm_lock held. */
struct region *region_above(struct vmspace *vm, vaddr_t va);
struct region *region_new(void);
void region_free(struct region *r);
void region_insert(struct vmspace *vm, struct region *r);
void region_remove(struct vmspace *vm, struct region *r);
/* Drop the pages of [start, end). */
void vm_drop_pages(struct vmspace *vm, vaddr_t start, vaddr_t end);

/* What the page tables may allow in a region of protection `prot`: x86 and its like cannot but let read. */
static inline int
vm_rights(int prot)
{
	return (prot & PROT_READ ? PMAP_READ : 0) | (prot & PROT_WRITE ? PMAP_READ | PMAP_WRITE : 0) |
	    (prot & PROT_EXEC ? PMAP_READ | PMAP_EXEC : 0);
}

/* vm_write with vm_lock held. */
int vm_write_locked(struct vmspace *vm, vaddr_t addr, const void *src, size_t len);

/*
 * Make the page at va, of region r, ready for `access`, which r allows or the
 * caller overrides.  *pa (may be NULL) says where it is.  ENOMEM.  vm_lock held.
 */
int vm_page_ready(struct vmspace *vm, struct region *r, vaddr_t va, int access, paddr_t *pa);

#endif
