/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the kernel's functions, for backtraces.
 *
 * The table is put into the linked kernel by tools/genksyms: a count, that many
 * pairs (address as an offset from the kernel's base, offset of the name in the
 * strings), sorted by address, and the strings.  It is read in panics, so it is not
 * trusted: nothing outside it is touched whatever it says.
 */
#include <kern/kern.h>
#include <machine/pt.h> /* VM_IMAGE_BASE: the address that the table counts from */

struct ksym {
	uint32_t ks_offset; /* from VM_IMAGE_BASE */
	uint32_t ks_name;   /* in the strings */
};

/* Bounds of the table: the linker script's. */
extern const uint32_t ksyms_start[];
extern const char ksyms_end[];

/* The entries of the table; *count may be 0. */
static const struct ksym *
ksyms_table(size_t *count)
{
	size_t room = (size_t)(ksyms_end - (const char *)ksyms_start);

	*count = 0;
	if (room >= sizeof(uint32_t))
		*count = umin(ksyms_start[0], (room - sizeof(uint32_t)) / sizeof(struct ksym));
	return (const struct ksym *)(ksyms_start + 1);
}

/* The string at `offset` of those behind the entries; NULL if it is not whole. */
static const char *
ksyms_string(const struct ksym *table, size_t count, uint32_t offset)
{
	const char *strings = (const char *)(table + count);
	size_t room = (size_t)(ksyms_end - strings);

	if (offset >= room || strnlen(strings + offset, room - offset) == room - offset)
		return NULL;
	return strings + offset;
}

const char *
ksyms_lookup(uintptr_t addr, uintptr_t *offset)
{
	size_t count, lo = 0, hi;
	const struct ksym *table = ksyms_table(&count);
	uintptr_t where = addr - VM_IMAGE_BASE;

	if (count == 0 || addr < VM_IMAGE_BASE || where < table[0].ks_offset)
		return NULL;
	/* table[lo] is not above `where`, table[hi] (if there is one) is. */
	for (hi = count; hi - lo > 1;) {
		size_t mid = lo + (hi - lo) / 2;
		if (table[mid].ks_offset <= where)
			lo = mid;
		else
			hi = mid;
	}
	*offset = where - table[lo].ks_offset;
	return ksyms_string(table, count, table[lo].ks_name);
}
