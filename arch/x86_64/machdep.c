/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first C code: from boot.S to kern_main, step by step.
 */
#include <kern/cpu.h>
#include <kern/md.h>
#include <kern/page.h>
#include <machine/acpi.h>
#include <machine/bootinfo.h>
#include <machine/intr.h>
#include <machine/machdep.h>

static struct cpu_info boot_cpu;
static char boot_ist[IST_COUNT * IST_SIZE] __attribute__((aligned(PAGE_SIZE)));

void
md_console_putc(int c)
{
	uart_putc(c);
	vga_putc(c);
}

/* Not by kprintf, which may have been silenced, or want what is not there yet. */
void
boot_fail(const char *why)
{
	static const char name[] = "heddle: ";

	for (const char *p = name; *p != '\0'; p++)
		md_console_putc(*p);
	for (; *why != '\0'; why++)
		md_console_putc(*why);
	md_console_putc('\r');
	md_console_putc('\n');
	md_panic_exit();
}

/*
 * The order matters: exceptions can be reported as soon as there is a CPU structure
 * and a console; boot information and ACPI tables are read while the boot page
 * tables are loaded; the local APIC can be reached once our own are.
 */
void
machine_main(uint32_t magic, uint32_t info)
{
	boot_cpu.ci_md.mc_stacks = (vaddr_t)boot_ist;
	gdt_init_cpu(&boot_cpu);
	uart_init();
	intr_init();
	cpu_identify();
	smap_patch();
	cpu_setup();
	bootinfo_init(magic, info);
	acpi_init(bootinfo.bi_rsdp);
	pt_init();
	vga_init();
	lapic_init_cpu();
	clock_init();
	kern_main();
}
