/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables and the kernel's part of the address space.
 *
 *	0xffff800000000000  direct map of all RAM, not executable
 *	0xffffc00000000000  kernel stacks and mapped devices (pmap_kenter)
 *	0xffffffff80000000  the kernel image, 4 KiB pages
 *	0xffffffffc0000000  fixed device pages, see below
 */
#ifndef _MACHINE_PT_H_
#define _MACHINE_PT_H_

#define VM_DIRECT_BASE 0xffff800000000000
#define VM_DIRECT_SIZE 0x0000008000000000 /* 512 GiB: what one top-level entry covers */
#define VM_KERNEL_BASE 0xffffc00000000000 /* of pmap_kenter; one top-level entry */
#define VM_KERNEL_SIZE 0x0000008000000000
#define VM_IMAGE_BASE 0xffffffff80000000
#define VM_FIXED_BASE 0xffffffffc0000000

/* Pages of the fixed device area. */
#define FIXED_LAPIC 0
#define FIXED_IOAPIC 1
#define FIXED_VGA 2

#define PTE_P 0x001   /* present */
#define PTE_W 0x002   /* writable */
#define PTE_U 0x004   /* user */
#define PTE_PWT 0x008 /* write-through */
#define PTE_PCD 0x010 /* not cached */
#define PTE_A 0x020   /* accessed */
#define PTE_D 0x040   /* dirty */
#define PTE_PS 0x080  /* large page */
#define PTE_G 0x100   /* global */
#define PTE_NX 0x8000000000000000
#define PTE_FRAME 0x000ffffffffff000

#define PT_ENTRIES 512
#define PT_SHIFT1 12 /* page table */
#define PT_SHIFT2 21 /* page directory */
#define PT_SHIFT3 30 /* page-directory pointers */
#define PT_SHIFT4 39 /* top level */
#define PT_INDEX(va, shift) (((va) >> (shift)) & (PT_ENTRIES - 1))
#define PT_KERNEL_FIRST 256 /* from this entry on, the top level is the same in all address spaces */

#ifndef __ASSEMBLER__
#include <sys/types.h>

typedef uint64_t pte_t;

/* The kernel's own top level.  Entries PT_KERNEL_FIRST and up never change after boot. */
extern paddr_t kernel_pml4;

static inline void *
md_direct_map(paddr_t pa)
{
	return (void *)(pa + VM_DIRECT_BASE);
}

static inline paddr_t
md_direct_unmap(const void *va)
{
	return (paddr_t)va - VM_DIRECT_BASE;
}
#endif

#endif
