/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of address ranges: sorted, apart from one another, whatever the boot loader's
 * memory map looks like.
 */
#include <kern/md.h>
#include <machine/bootinfo.h>

static void
range_insert(struct rangelist *rl, size_t at, paddr_t start, paddr_t end)
{
	/* More pieces than there is room for: the last, highest one is given up. */
	if (rl->rl_count == BOOTINFO_RANGES)
		rl->rl_count--;
	if (at >= BOOTINFO_RANGES)
		return;
	memmove(&rl->rl_range[at + 1], &rl->rl_range[at], (rl->rl_count - at) * sizeof(rl->rl_range[0]));
	rl->rl_range[at] = (struct md_memrange){ start, end };
	rl->rl_count++;
}

static void
range_delete(struct rangelist *rl, size_t at)
{
	rl->rl_count--;
	memmove(&rl->rl_range[at], &rl->rl_range[at + 1], (rl->rl_count - at) * sizeof(rl->rl_range[0]));
}

void
range_add(struct rangelist *rl, paddr_t start, paddr_t end)
{
	size_t i = 0;

	if (start >= end)
		return;
	while (i < rl->rl_count && rl->rl_range[i].mr_end < start)
		i++;
	/* Swallow all that it touches. */
	while (i < rl->rl_count && rl->rl_range[i].mr_start <= end) {
		start = umin(start, rl->rl_range[i].mr_start);
		end = umax(end, rl->rl_range[i].mr_end);
		range_delete(rl, i);
	}
	range_insert(rl, i, start, end);
}

void
range_remove(struct rangelist *rl, paddr_t start, paddr_t end)
{
	size_t i = 0;

	if (start >= end)
		return;
	while (i < rl->rl_count && rl->rl_range[i].mr_end <= start)
		i++;
	while (i < rl->rl_count && rl->rl_range[i].mr_start < end) {
		struct md_memrange *mr = &rl->rl_range[i];

		if (mr->mr_start < start && mr->mr_end > end) {
			range_insert(rl, i + 1, end, mr->mr_end);
			mr->mr_end = start;
		} else if (mr->mr_start < start) {
			mr->mr_end = start;
		} else if (mr->mr_end > end) {
			mr->mr_start = end;
		} else {
			range_delete(rl, i);
			continue;
		}
		i++;
	}
}

bool
range_holds(const struct rangelist *rl, paddr_t start, paddr_t end)
{
	for (size_t i = 0; i < rl->rl_count; i++)
		if (rl->rl_range[i].mr_start <= start && end <= rl->rl_range[i].mr_end)
			return true;
	return false;
}
