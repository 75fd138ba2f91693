/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turning trace points on and off: the no-op at each place that .trace_sites lists
 * becomes a jump, and system calls enter elsewhere (systrace.S).
 *
 * What goes wrong otherwise.  A processor that executes five bytes while they change may
 * see a mixture: so all others wait with interrupts off, away from any trace point, and
 * leave by an iret, which makes them fetch anew.  The text is mapped read-only, and no
 * page is ever mapped both writable and executable: CR0.WP, which makes that hold for the
 * kernel itself, is off on this one CPU, with interrupts off, for the stores.
 */
#include <kern/md.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>

#define NOP5 { 0x0f, 0x1f, 0x44, 0x00, 0x00 }
#define JMP_REL32 0xe9
#define SITE_BYTES 5

struct trace_site {
	uint8_t *ts_addr;
	const uint8_t *ts_target;
};
extern const struct trace_site __trace_sites_start[], __trace_sites_end[];

static void
site_patch(const struct trace_site *ts, bool on)
{
	static const uint8_t nop[SITE_BYTES] = NOP5;
	uint8_t code[SITE_BYTES] = NOP5;
	int32_t rel = (int32_t)(ts->ts_target - (ts->ts_addr + SITE_BYTES));

	if (on) {
		code[0] = JMP_REL32;
		memcpy(&code[1], &rel, sizeof(rel));
	}
	KASSERT(ts->ts_addr[0] == JMP_REL32 || memcmp(ts->ts_addr, nop, SITE_BYTES) == 0);
	memcpy(ts->ts_addr, code, SITE_BYTES);
}

/* While nobody else runs. */
static void
patch_sites(void *arg)
{
	const bool *on = arg;
	uint64_t cr0 = rcr0();

	lcr0(cr0 & ~(uint64_t)CR0_WP);
	for (const struct trace_site *ts = __trace_sites_start; ts < __trace_sites_end; ts++)
		site_patch(ts, *on);
	lcr0(cr0);
}

/* On every CPU, after that. */
static void
set_entry(void *arg)
{
	const bool *on = arg;

	wrmsr(MSR_LSTAR, (uint64_t)(*on ? syscall_entry_traced : syscall_entry));
}

void
md_trace_patch(bool on)
{
	mp_alone(patch_sites, set_entry, &on);
}
