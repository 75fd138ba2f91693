/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the boot loader left in memory, brought into one form.
 *
 * GRUB leaves a list of tags (multiboot2), QEMU's -kernel a fixed structure (PVH).
 * All of it is copied, so that its memory is free afterwards, and nothing is believed
 * about lengths and addresses.  The boot page tables, which map the physical memory
 * below 4 GiB, are loaded while this runs.
 */
#include <kern/md.h>
#include <kern/page.h>
#include <machine/bootinfo.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>

#define LOW_LIMIT 0x100000UL     /* 1 MiB */
#define BASE_MEMORY 0xa0000UL    /* above it, the PC has its holes */
#define BOOT_LIMIT 0x100000000UL /* what the boot page tables map */
#define MB2_SIZE_MAX 0x100000U
#define MEMORY_USABLE 1

enum {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_LOADER = 2,
	MB2_MODULE = 3,
	MB2_MEMORY = 6,
	MB2_FRAMEBUFFER = 8,
	MB2_ACPI_OLD = 14,
	MB2_ACPI_NEW = 15,
};
#define MB2_EGA_TEXT 2

struct mb2_info {
	uint32_t i_size, i_reserved;
};

struct mb2_tag {
	uint32_t t_type, t_size;
};

struct mb2_module {
	struct mb2_tag m_tag;
	uint32_t m_start, m_end;
};

struct mb2_memory {
	struct mb2_tag m_tag;
	uint32_t m_entry_size, m_version;
};

struct mb2_framebuffer {
	struct mb2_tag f_tag;
	uint64_t f_addr;
	uint32_t f_pitch, f_width, f_height;
	uint8_t f_bpp, f_type;
};

/* An entry of the memory map; PVH's and multiboot2's agree. */
struct memory_entry {
	uint64_t e_start, e_len;
	uint32_t e_type, e_reserved;
};

struct pvh_info {
	uint32_t p_magic, p_version, p_flags, p_nmodules;
	uint64_t p_modules, p_cmdline, p_rsdp;
	uint64_t p_memory; /* from version 1 on */
	uint32_t p_nmemory, p_reserved;
};

struct pvh_module {
	uint64_t m_start, m_size, m_cmdline, m_reserved;
} __attribute__((packed, aligned(4))); /* QEMU puts it at any multiple of 4 */

struct bootinfo bootinfo;

/* `len` bytes at a physical address, or NULL if we cannot reach them. */
static const void *
boot_map(uint64_t pa, size_t len)
{
	if (pa == 0 || pa >= BOOT_LIMIT || len > BOOT_LIMIT - pa)
		return NULL;
	return md_direct_map(pa);
}

/* A string of at most `max` bytes; what does not fit is cut off. */
static void
copy_string(char *to, size_t size, const char *from, size_t max)
{
	size_t len = from != NULL ? strnlen(from, umin(size - 1, max)) : 0;

	memcpy(to, from, len);
	to[len] = '\0';
}

/*
 * Of entries that overlap, the one that denies counts: first all that is
 * usable goes in, then all else is taken out.  Beyond the direct map nothing counts.
 */
static void
read_memory(const char *entries, size_t count, size_t width)
{
	for (int usable = 1; usable >= 0; usable--) {
		for (size_t i = 0; i < count; i++) {
			const struct memory_entry *e = (const void *)(entries + i * width);
			uint64_t start = umin(e->e_start, VM_DIRECT_SIZE);
			uint64_t end = start + umin(e->e_len, VM_DIRECT_SIZE - start);

			if ((e->e_type == MEMORY_USABLE) != usable)
				continue;
			if (usable)
				range_add(&bootinfo.bi_ram, round_page(start), trunc_page(end));
			else
				range_remove(&bootinfo.bi_ram, trunc_page(start), round_page(end));
		}
	}
}

static void
mb2_memory(const struct mb2_memory *m)
{
	if (m->m_entry_size >= sizeof(struct memory_entry) && m->m_tag.t_size >= sizeof(*m))
		read_memory((const char *)(m + 1), (m->m_tag.t_size - sizeof(*m)) / m->m_entry_size, m->m_entry_size);
}

static void
mb2_tag(const struct mb2_tag *tag)
{
	const char *text = (const char *)(tag + 1);
	size_t len = tag->t_size - sizeof(*tag);
	const struct mb2_module *module = (const void *)tag;
	const struct mb2_framebuffer *fb = (const void *)tag;

	switch (tag->t_type) {
	case MB2_CMDLINE:
		copy_string(bootinfo.bi_cmdline, sizeof(bootinfo.bi_cmdline), text, len);
		break;
	case MB2_LOADER:
		copy_string(bootinfo.bi_loader, sizeof(bootinfo.bi_loader), text, len);
		break;
	case MB2_MODULE:
		if (tag->t_size < sizeof(*module) || bootinfo.bi_ramdisk_end != 0)
			break;
		bootinfo.bi_ramdisk_start = module->m_start;
		bootinfo.bi_ramdisk_end = module->m_end;
		break;
	case MB2_MEMORY:
		mb2_memory((const void *)tag);
		break;
	case MB2_FRAMEBUFFER:
		bootinfo.bi_vga_text = tag->t_size >= sizeof(*fb) && fb->f_type == MB2_EGA_TEXT;
		break;
	case MB2_ACPI_OLD:
	case MB2_ACPI_NEW:
		/* The new one comes after the old one, and is better.  It is in the tag itself. */
		bootinfo.bi_rsdp = md_direct_unmap(text);
		break;
	default:
		break;
	}
}

static void
mb2_read(paddr_t pa)
{
	const struct mb2_info *info = boot_map(pa, sizeof(*info));
	const char *p, *end;

	if (info == NULL || info->i_size < sizeof(*info) || info->i_size > MB2_SIZE_MAX ||
	    boot_map(pa, info->i_size) == NULL)
		boot_fail("the boot loader's information (multiboot2) is damaged");
	p = (const char *)(info + 1);
	end = (const char *)info + info->i_size;
	while ((size_t)(end - p) >= sizeof(struct mb2_tag)) {
		const struct mb2_tag *tag = (const void *)p;

		if (tag->t_type == MB2_END)
			return;
		if (tag->t_size < sizeof(*tag) || tag->t_size > (size_t)(end - p))
			boot_fail("the boot loader's information (multiboot2) has a damaged tag");
		mb2_tag(tag);
		p += umin(roundup2((size_t)tag->t_size, 8), (size_t)(end - p));
	}
}

static void
pvh_read(paddr_t pa)
{
	const struct pvh_info *info = boot_map(pa, sizeof(*info));
	const struct pvh_module *module;
	const char *memory;
	size_t len;

	if (info == NULL || info->p_magic != PVH_MAGIC)
		boot_fail("the boot loader's information (PVH) is missing");
	if (info->p_version < 1)
		boot_fail("the boot loader's information (PVH) is of version 0, without a memory map");
	len = umin(info->p_nmemory, BOOTINFO_RANGES) * sizeof(struct memory_entry);
	memory = boot_map(info->p_memory, len);
	if (memory != NULL)
		read_memory(memory, len / sizeof(struct memory_entry), sizeof(struct memory_entry));
	module = info->p_nmodules != 0 ? boot_map(info->p_modules, sizeof(*module)) : NULL;
	if (module != NULL) {
		bootinfo.bi_ramdisk_start = module->m_start;
		bootinfo.bi_ramdisk_end = module->m_start + umin(module->m_size, ~module->m_start);
	}
	copy_string(bootinfo.bi_cmdline, sizeof(bootinfo.bi_cmdline), boot_map(info->p_cmdline, 1),
	    BOOT_LIMIT - umin(info->p_cmdline, BOOT_LIMIT));
	strlcpy(bootinfo.bi_loader, "PVH direct boot", sizeof(bootinfo.bi_loader));
	bootinfo.bi_rsdp = info->p_rsdp;
	bootinfo.bi_vga_text = true;
}

/* A page that the other CPUs can start in; the highest, for firmware likes the lowest. */
static void
choose_trampoline(void)
{
	struct rangelist *rl = &bootinfo.bi_free;

	for (size_t i = rl->rl_count; i-- > 0;) {
		paddr_t end = umin(rl->rl_range[i].mr_end, BASE_MEMORY);

		if (rl->rl_range[i].mr_start >= end)
			continue;
		bootinfo.bi_trampoline = end - PAGE_SIZE;
		range_remove(rl, end - PAGE_SIZE, end);
		return;
	}
}

/* What is RAM and nobody's.  Page 0 stays unused: its address means "none". */
static void
find_free(void)
{
	paddr_t start = bootinfo.bi_ramdisk_start, end = bootinfo.bi_ramdisk_end;

	bootinfo.bi_free = bootinfo.bi_ram;
	range_remove(&bootinfo.bi_free, 0, PAGE_SIZE);
	range_remove(&bootinfo.bi_free, (paddr_t)__boot_start, IMAGE_PA(__image_end));
	if (start < end && range_holds(&bootinfo.bi_ram, start, end))
		range_remove(&bootinfo.bi_free, trunc_page(start), round_page(end));
	else
		bootinfo.bi_ramdisk_start = bootinfo.bi_ramdisk_end = 0;
	choose_trampoline();
}

void
bootinfo_init(uint32_t magic, paddr_t info)
{
	if (magic == MULTIBOOT2_MAGIC)
		mb2_read(info);
	else if (magic == PVH_MAGIC)
		pvh_read(info);
	else
		boot_fail("the boot loader speaks neither multiboot2 nor PVH");
	if (bootinfo.bi_ram.rl_count == 0)
		boot_fail("the boot loader gave no memory map");
	find_free();
	fwcfg_cmdline(bootinfo.bi_cmdline, sizeof(bootinfo.bi_cmdline));
}

paddr_t
boot_page(void)
{
	struct rangelist *rl = &bootinfo.bi_free;

	for (size_t i = 0; i < rl->rl_count; i++) {
		paddr_t pa = rl->rl_range[i].mr_start;

		if (pa < LOW_LIMIT || pa >= BOOT_LIMIT)
			continue;
		range_remove(rl, pa, pa + PAGE_SIZE);
		memset(md_direct_map(pa), 0, PAGE_SIZE);
		return pa;
	}
	boot_fail("there is not enough memory");
}

const struct md_memrange *
md_memory(size_t *n)
{
	*n = bootinfo.bi_free.rl_count;
	return bootinfo.bi_free.rl_range;
}

const void *
md_ramdisk(size_t *len)
{
	*len = bootinfo.bi_ramdisk_end - bootinfo.bi_ramdisk_start;
	return *len != 0 ? md_direct_map(bootinfo.bi_ramdisk_start) : NULL;
}

const char *
md_cmdline(void)
{
	return bootinfo.bi_cmdline;
}

const char *
md_bootloader(void)
{
	return bootinfo.bi_loader;
}
