/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The I/O APIC: interrupts of devices, of which we have one, the serial port.
 */
#include <kern/md.h>
#include <machine/acpi.h>
#include <machine/intr.h>
#include <machine/machdep.h>

#define IOAPIC_SELECT 0x00
#define IOAPIC_WINDOW 0x10

#define IOAPIC_VERSION 0x01
#define IOAPIC_ENTRY(n) (0x10 + 2 * (n))
#define ENTRY_MASKED 0x10000
#define ENTRY_LEVEL 0x08000
#define ENTRY_LOW 0x02000

static uint32_t
ioapic_read(uint32_t reg)
{
	volatile char *base = pt_fixed(FIXED_IOAPIC);

	*(volatile uint32_t *)(base + IOAPIC_SELECT) = reg;
	return *(volatile uint32_t *)(base + IOAPIC_WINDOW);
}

static void
ioapic_write(uint32_t reg, uint32_t v)
{
	volatile char *base = pt_fixed(FIXED_IOAPIC);

	*(volatile uint32_t *)(base + IOAPIC_SELECT) = reg;
	*(volatile uint32_t *)(base + IOAPIC_WINDOW) = v;
}

/* How many inputs it has; 0 if there is none at that address. */
static uint32_t
ioapic_inputs(void)
{
	uint32_t version = ioapic_read(IOAPIC_VERSION);

	if (version == 0 || version == UINT32_MAX)
		return 0;
	return (version >> 16 & 0xff) + 1;
}

bool
ioapic_route(unsigned int irq, uint8_t vector)
{
	uint32_t input = acpi.ac_isa_gsi[irq] - acpi.ac_ioapic_base;
	uint32_t inputs = ioapic_inputs();
	uint32_t entry = vector;

	if (input >= inputs)
		return false;
	/* What nobody asked for stays silent, whatever the firmware left there. */
	for (uint32_t i = 0; i < inputs; i++)
		ioapic_write(IOAPIC_ENTRY(i), ENTRY_MASKED);
	if (ACPI_POLARITY(acpi.ac_isa_flags[irq]) == ACPI_LOW)
		entry |= ENTRY_LOW;
	if (ACPI_TRIGGER(acpi.ac_isa_flags[irq]) == ACPI_LEVEL)
		entry |= ENTRY_LEVEL;
	ioapic_write(IOAPIC_ENTRY(input) + 1, lapic_id() << 24);
	ioapic_write(IOAPIC_ENTRY(input), entry);
	return true;
}
