/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the machine.
 */
#include <kern/md.h>
#include <machine/acpi.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>

/* QEMU's isa-debug-exit: writing v ends QEMU with status 2 * v + 1. */
#define DEBUG_EXIT_PORT 0xf4
#define DEBUG_EXIT_MAX 126
#define DEBUG_EXIT_PANIC 127

#define PM1_SLEEP_TYPE_SHIFT 10
#define PM1_SLEEP_ENABLE 0x2000
#define Q35_PM1A 0x604 /* where QEMU's q35 has it if ACPI does not say */

static void __attribute__((noreturn))
halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void
acpi_poweroff(void)
{
	uint16_t sleep = PM1_SLEEP_ENABLE;

	if (!acpi.ac_have_s5 || acpi.ac_pm1a == 0) {
		outw(Q35_PM1A, sleep);
		return;
	}
	outw(acpi.ac_pm1a, (uint16_t)(sleep | acpi.ac_s5a << PM1_SLEEP_TYPE_SHIFT));
	if (acpi.ac_pm1b != 0)
		outw(acpi.ac_pm1b, (uint16_t)(sleep | acpi.ac_s5b << PM1_SLEEP_TYPE_SHIFT));
}

void
md_poweroff(int status)
{
	(void)md_intr_disable();
	outb(DEBUG_EXIT_PORT, (uint8_t)umin(1 + (unsigned int)status, DEBUG_EXIT_MAX));
	acpi_poweroff();
	kprintf("heddle: the machine does not power off by itself\n");
	halt();
}

/* Without the exit device the report stays on the screen. */
void
md_panic_exit(void)
{
	outb(DEBUG_EXIT_PORT, DEBUG_EXIT_PANIC);
	halt();
}
