/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's tables: the processors, the interrupt wiring, the clock, the power switch.
 *
 * The tables are read once, while the boot page tables map all physical memory
 * below 4 GiB; what lies above does not count.  A table is used only if it is inside
 * that memory and its checksum is right.  Without tables there is one CPU and the PC's
 * customary wiring.
 */
#include <kern/md.h>
#include <machine/acpi.h>
#include <machine/machdep.h>

#define ACPI_LIMIT 0x100000000UL /* what the boot page tables map */
#define ACPI_TABLE_MAX (1U << 20)

#define MADT_LAPIC 0
#define MADT_IOAPIC 1
#define MADT_OVERRIDE 2
#define MADT_LAPIC_ENABLED 1

#define DEFAULT_IOAPIC 0xfec00000

/* AML of the package that _S5_ is: up to two integers are looked at. */
#define AML_BYTE 0x0a
#define AML_PACKAGE 0x12

struct acpi_rsdp {
	char r_signature[8];
	uint8_t r_checksum;
	char r_oem[6];
	uint8_t r_revision;
	uint32_t r_rsdt;
	uint32_t r_length;
	uint64_t r_xsdt;
	uint8_t r_checksum2, r_reserved[3];
} __attribute__((packed));

struct acpi_header {
	char h_signature[4];
	uint32_t h_length;
	uint8_t h_revision, h_checksum;
	char h_oem[6], h_oem_table[8];
	uint32_t h_oem_revision, h_creator, h_creator_revision;
} __attribute__((packed));

struct acpi_fadt {
	struct acpi_header f_header;
	uint32_t f_facs, f_dsdt;
	uint8_t f_unused1[20];
	uint32_t f_pm1a_event, f_pm1b_event, f_pm1a_control, f_pm1b_control, f_pm2_control, f_pm_timer;
} __attribute__((packed));

struct acpi_madt {
	struct acpi_header m_header;
	uint32_t m_lapic, m_flags;
} __attribute__((packed));

struct madt_entry {
	uint8_t e_type, e_length;
	union {
		struct {
			uint8_t processor, apicid;
			uint32_t flags;
		} __attribute__((packed)) e_lapic;
		struct {
			uint8_t id, reserved;
			uint32_t address, base;
		} __attribute__((packed)) e_ioapic;
		struct {
			uint8_t bus, irq;
			uint32_t gsi;
			uint16_t flags;
		} __attribute__((packed)) e_override;
	};
} __attribute__((packed));

struct acpi_info acpi;

static bool
sum_is_zero(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (len-- > 0)
		sum = (uint8_t)(sum + *b++);
	return sum == 0;
}

/* `len` bytes of physical memory, or NULL if we cannot reach them. */
static const void *
acpi_map(uint64_t pa, size_t len)
{
	if (pa == 0 || pa >= ACPI_LIMIT || len > ACPI_LIMIT - pa)
		return NULL;
	return md_direct_map(pa);
}

/* The table at `pa`, if it is one of at least `minlen` bytes, sound, and has this signature. */
static const void *
acpi_table(uint64_t pa, const char *signature, size_t minlen)
{
	const struct acpi_header *h = acpi_map(pa, sizeof(*h));

	if (h == NULL || memcmp(h->h_signature, signature, sizeof(h->h_signature)) != 0)
		return NULL;
	if (h->h_length < umax(minlen, sizeof(*h)) || h->h_length > ACPI_TABLE_MAX)
		return NULL;
	if (acpi_map(pa, h->h_length) == NULL || !sum_is_zero(h, h->h_length))
		return NULL;
	return h;
}

static void
madt_lapic(const struct madt_entry *e)
{
	if ((e->e_lapic.flags & MADT_LAPIC_ENABLED) != 0 && acpi.ac_ncpus < ACPI_MAXCPUS)
		acpi.ac_apicid[acpi.ac_ncpus++] = e->e_lapic.apicid;
}

/* Of several, the one that has the ISA interrupts. */
static void
madt_ioapic(const struct madt_entry *e)
{
	if (e->e_ioapic.base == 0)
		acpi.ac_ioapic = e->e_ioapic.address;
}

static void
madt_override(const struct madt_entry *e)
{
	if (e->e_override.bus != 0 || e->e_override.irq >= ACPI_ISAIRQS)
		return;
	acpi.ac_isa_gsi[e->e_override.irq] = e->e_override.gsi;
	acpi.ac_isa_flags[e->e_override.irq] = e->e_override.flags;
}

static void
madt_read(const struct acpi_madt *madt)
{
	static const struct {
		void (*read)(const struct madt_entry *);
		uint8_t length;
	} kinds[] = {
		[MADT_LAPIC] = { madt_lapic, 8 },
		[MADT_IOAPIC] = { madt_ioapic, 12 },
		[MADT_OVERRIDE] = { madt_override, 10 },
	};
	const char *p = (const char *)(madt + 1);
	const char *end = (const char *)madt + madt->m_header.h_length;

	while (end - p >= 2) {
		const struct madt_entry *e = (const struct madt_entry *)p;

		if (e->e_length < 2 || e->e_length > end - p)
			return;
		if (e->e_type < nitems(kinds) && e->e_length >= kinds[e->e_type].length)
			kinds[e->e_type].read(e);
		p += e->e_length;
	}
}

/* An integer of AML: 0, 1, or a byte with a prefix.  Returns what follows it. */
static const uint8_t *
aml_byte(const uint8_t *p, const uint8_t *end, uint8_t *value)
{
	if (p + 1 < end && *p == AML_BYTE)
		p++;
	*value = p < end ? *p : 0;
	return p + 1;
}

/* "_S5_" names a package: length, number of elements, and the two sleep types. */
static void
dsdt_read(const struct acpi_header *dsdt)
{
	const uint8_t *p = (const uint8_t *)(dsdt + 1);
	const uint8_t *end = (const uint8_t *)dsdt + dsdt->h_length;

	for (; end - p > 8; p++) {
		if (*p != '_' || memcmp(p, "_S5_", 4) != 0 || p[4] != AML_PACKAGE)
			continue;
		/* The length takes one byte, and as many more as its upper two bits say. */
		p += 5 + 1 + (p[5] >> 6) + 1;
		p = aml_byte(p, end, &acpi.ac_s5a);
		(void)aml_byte(p, end, &acpi.ac_s5b);
		acpi.ac_have_s5 = true;
		return;
	}
}

static void
fadt_read(const struct acpi_fadt *fadt)
{
	const struct acpi_header *dsdt = acpi_table(fadt->f_dsdt, "DSDT", 0);

	acpi.ac_pmtimer = (uint16_t)fadt->f_pm_timer;
	acpi.ac_pm1a = (uint16_t)fadt->f_pm1a_control;
	acpi.ac_pm1b = (uint16_t)fadt->f_pm1b_control;
	if (dsdt != NULL)
		dsdt_read(dsdt);
}

static void
table_read(uint64_t pa)
{
	const void *table;

	if ((table = acpi_table(pa, "APIC", sizeof(struct acpi_madt))) != NULL)
		madt_read(table);
	else if ((table = acpi_table(pa, "FACP", sizeof(struct acpi_fadt))) != NULL)
		fadt_read(table);
}

/* The root table: addresses of 4 bytes in the old one (RSDT), of 8 in the new one (XSDT). */
static void
root_read(const struct acpi_header *root, size_t width)
{
	const char *p = (const char *)(root + 1);
	size_t count = (root->h_length - sizeof(*root)) / width;

	for (; count > 0; count--, p += width) {
		uint64_t pa = 0;

		memcpy(&pa, p, width);
		table_read(pa);
	}
}

void
acpi_init(paddr_t pa)
{
	const struct acpi_rsdp *rsdp = acpi_map(pa, sizeof(*rsdp));
	const struct acpi_header *root = NULL;

	acpi.ac_ioapic = DEFAULT_IOAPIC;
	for (unsigned int irq = 0; irq < ACPI_ISAIRQS; irq++)
		acpi.ac_isa_gsi[irq] = irq;
	if (rsdp == NULL || memcmp(rsdp->r_signature, "RSD PTR ", 8) != 0 ||
	    !sum_is_zero(rsdp, offsetof(struct acpi_rsdp, r_length)))
		return;
	if (rsdp->r_revision >= 2)
		root = acpi_table(rsdp->r_xsdt, "XSDT", 0);
	if (root != NULL) {
		root_read(root, 8);
		return;
	}
	root = acpi_table(rsdp->r_rsdt, "RSDT", 0);
	if (root != NULL)
		root_read(root, 4);
}
