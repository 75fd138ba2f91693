/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What we take from ACPI's tables, all read once at boot.
 */
#ifndef _MACHINE_ACPI_H_
#define _MACHINE_ACPI_H_

#include <sys/types.h>

#define ACPI_MAXCPUS 256
#define ACPI_ISAIRQS 16

/* Flags of an interrupt source override: polarity and trigger mode, 3 = low, level. */
#define ACPI_POLARITY(flags) ((flags) & 3)
#define ACPI_TRIGGER(flags) (((flags) >> 2) & 3)
#define ACPI_LOW 3
#define ACPI_LEVEL 3

struct acpi_info {
	size_t ac_ncpus;                    /* usable processors; 0 = there is no table */
	uint8_t ac_apicid[ACPI_MAXCPUS];
	paddr_t ac_ioapic;                  /* the I/O APIC of the ISA interrupts, 0 = unknown */
	uint32_t ac_ioapic_base;            /* its first interrupt */
	uint32_t ac_isa_gsi[ACPI_ISAIRQS];  /* where each ISA interrupt really is */
	uint16_t ac_isa_flags[ACPI_ISAIRQS];
	uint16_t ac_pmtimer;                /* ports; 0 = none */
	uint16_t ac_pm1a, ac_pm1b;
	uint8_t ac_s5a, ac_s5b;             /* sleep types of power off */
	bool ac_have_s5;
};

extern struct acpi_info acpi;

/* Read the tables.  Called while the boot page tables are loaded.  Whatever is damaged counts as missing. */
void acpi_init(paddr_t rsdp);

#endif
