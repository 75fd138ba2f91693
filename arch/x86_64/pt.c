/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own page tables, made once.
 *
 * Nothing is both writable and executable.  The image is mapped by 4 KiB pages: text
 * to be executed, constants to be read, data to be written.  The direct map has all
 * RAM, by the largest pages that fit, to be read and written but not executed;
 * where it covers the image's text and constants, it is read-only too.
 *
 * The tables are built in the direct map of the boot page tables, from memory below
 * 4 GiB, and every process's top level shares the upper half of ours.
 */
#include <kern/md.h>
#include <kern/page.h>
#include <machine/acpi.h>
#include <machine/bootinfo.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>

#define PT_RO (PTE_P | PTE_A | PTE_G)
#define PT_RW (PT_RO | PTE_W | PTE_D)
#define PT_DEVICE (PT_RW | PTE_PCD | PTE_PWT | PTE_NX)
#define VGA_TEXT_PA 0xb8000

paddr_t kernel_pml4;

/* The table that entry `pte` points to, made if it is not there. */
static pte_t *
table_of(pte_t *pte)
{
	if (*pte == 0)
		*pte = boot_page() | PTE_P | PTE_W | PTE_A;
	return md_direct_map(*pte & PTE_FRAME);
}

/* The largest page with which [va, va + len) can begin: its shift. */
static unsigned int
page_shift(vaddr_t va, paddr_t pa, size_t len)
{
	uint64_t bits = va | pa;

	if (cpu_features.cf_gbpages && bits % (1UL << PT_SHIFT3) == 0 && len >= 1UL << PT_SHIFT3)
		return PT_SHIFT3;
	if (bits % (1UL << PT_SHIFT2) == 0 && len >= 1UL << PT_SHIFT2)
		return PT_SHIFT2;
	return PT_SHIFT1;
}

static void
map_page(vaddr_t va, unsigned int shift, pte_t pte)
{
	pte_t *table = md_direct_map(kernel_pml4);

	for (unsigned int s = PT_SHIFT4; s > shift; s -= 9)
		table = table_of(&table[PT_INDEX(va, s)]);
	table[PT_INDEX(va, shift)] = shift == PT_SHIFT1 ? pte : pte | PTE_PS;
}

static void
map(vaddr_t va, paddr_t pa, size_t len, pte_t flags)
{
	while (len > 0) {
		unsigned int shift = page_shift(va, pa, len);
		size_t size = 1UL << shift;

		map_page(va, shift, pa | flags);
		va += size;
		pa += size;
		len -= size;
	}
}

static void
map_direct(paddr_t start, paddr_t end, pte_t flags)
{
	if (start < end)
		map(VM_DIRECT_BASE + start, start, end - start, flags | PTE_NX);
}

/* RAM [start, end), minding the part of it that must not be written. */
static void
map_ram(paddr_t start, paddr_t end)
{
	paddr_t ro_start = IMAGE_PA(__text_start), ro_end = IMAGE_PA(__rodata_end);

	map_direct(start, umin(end, ro_start), PT_RW);
	map_direct(umax(start, ro_start), umin(end, ro_end), PT_RO);
	map_direct(umax(start, ro_end), end, PT_RW);
}

static void
map_image(const char *start, const char *end, pte_t flags)
{
	map((vaddr_t)start, IMAGE_PA(start), (size_t)(end - start), flags);
}

static void
map_fixed(unsigned int page, paddr_t pa)
{
	map((vaddr_t)pt_fixed(page), trunc_page(pa), PAGE_SIZE, PT_DEVICE);
}

void
pt_init(void)
{
	const struct rangelist *ram = &bootinfo.bi_ram; /* boot_page takes from bi_free only */
	pte_t *pml4;

	kernel_pml4 = boot_page();
	for (size_t i = 0; i < ram->rl_count; i++)
		map_ram(ram->rl_range[i].mr_start, ram->rl_range[i].mr_end);
	map_image(__text_start, __text_end, PT_RO);
	map_image(__rodata_start, __rodata_end, PT_RO | PTE_NX);
	map_image(__data_start, __image_end, PT_RW | PTE_NX);
	map_fixed(FIXED_LAPIC, rdmsr(MSR_APICBASE) & PTE_FRAME);
	map_fixed(FIXED_IOAPIC, acpi.ac_ioapic);
	map_fixed(FIXED_VGA, VGA_TEXT_PA);

	/* pmap_kenter's part: its table is made now, so that all address spaces share it. */
	pml4 = md_direct_map(kernel_pml4);
	(void)table_of(&pml4[PT_INDEX(VM_KERNEL_BASE, PT_SHIFT4)]);
	pt_load();
}

void
pt_load(void)
{
	lcr3(kernel_pml4);
}
