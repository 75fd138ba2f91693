/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the boot loader told us, whichever it was.
 */
#ifndef _MACHINE_BOOTINFO_H_
#define _MACHINE_BOOTINFO_H_

#include <kern/md.h>

#define MULTIBOOT2_MAGIC 0x36d76289
#define PVH_MAGIC 0x336ec578

#define BOOTINFO_RANGES 128
#define BOOTINFO_CMDLINE 4096 /* more than cmdline.c takes, so that it sees a line that is too long */

struct rangelist {
	size_t rl_count;
	struct md_memrange rl_range[BOOTINFO_RANGES]; /* sorted, apart from one another */
};

struct bootinfo {
	struct rangelist bi_ram;  /* all RAM: what the direct map covers */
	struct rangelist bi_free; /* of it, what nothing occupies */
	paddr_t bi_ramdisk_start; /* start == end: none */
	paddr_t bi_ramdisk_end;
	paddr_t bi_rsdp;          /* ACPI's root pointer, 0 = none */
	paddr_t bi_trampoline;    /* a page below 1 MiB, 0 = none */
	bool bi_vga_text;         /* the screen is VGA text */
	char bi_loader[64];
	char bi_cmdline[BOOTINFO_CMDLINE];
};

extern struct bootinfo bootinfo;

/* Fill bootinfo.  Ends with a message if it cannot be used. */
void bootinfo_init(uint32_t magic, paddr_t info);
/* Take a cleared page for good, before the page allocator runs.  It is below 4 GiB. */
paddr_t boot_page(void);
/* The command line that QEMU was given for us, if any, replaces the loader's. */
void fwcfg_cmdline(char *buf, size_t len);

/* Lists of address ranges; range.c. */
void range_add(struct rangelist *rl, paddr_t start, paddr_t end);
void range_remove(struct rangelist *rl, paddr_t start, paddr_t end);
bool range_holds(const struct rangelist *rl, paddr_t start, paddr_t end);

#endif
