/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time: the processor's time-stamp counter (TSC) counts it, the local APIC's timer
 * interrupts at a deadline.
 *
 * Both are calibrated together against a clock of known frequency: ACPI's timer, or
 * the PIT's second counter where there is none.  That clock ticks slowly beside the
 * TSC, so its ticks are timed, not its value: an edge lies between two reads of
 * the clock, and of some edges the one that is known best is taken, for between two
 * reads the host may have been busy elsewhere.  One millisecond is enough if the edges
 * are known to a ten-thousandth of it; if not, the time is doubled, to 32 ms at most.
 *
 * A time in counter ticks becomes nanoseconds by one multiplication with a fixed-point
 * number, and a deadline becomes ticks by another.  The TSC is the same on all
 * CPUs: mp.c leaves out a CPU where it is not.
 */
#include <kern/cpu.h>
#include <kern/md.h>
#include <machine/acpi.h>
#include <machine/cpufunc.h>
#include <machine/intr.h>
#include <machine/machdep.h>

#define NS_PER_S 1000000000UL
#define FIXED_SHIFT 32 /* of the multipliers */

#define PMTIMER_HZ 3579545
#define PMTIMER_MASK 0xffffff /* it has at least 24 bits */
#define PIT_HZ 1193182
#define PIT_MASK 0xffff
#define PIT_COUNTER2 0x42
#define PIT_COMMAND 0x43
#define PIT_START2 0xb0 /* counter 2, two bytes, count down once */
#define PIT_LATCH2 0x80
#define PIT_GATE 0x61
#define PIT_GATE_ON 0x01
#define PIT_SPEAKER 0x02

#define CALIBRATE_HZ 1000    /* one divided by the time it takes, */
#define CALIBRATE_DOUBLED 5  /* which may be doubled so often */
#define CALIBRATE_GOOD 10000 /* one divided by the error that is good enough */
#define EDGES 12             /* looked at, at either end */
#define EDGE_READS 100000    /* without a tick: the clock stands */
#define LAPIC_START 0xffffffffU

/* One reading of all three. */
struct sample {
	uint64_t s_tsc;
	uint32_t s_clock;
	uint32_t s_lapic;
	uint64_t s_width; /* how far apart the reads are that the tick lies between */
};

static uint64_t clock_tsc0;  /* TSC at monotonic 0 */
static uint64_t clock_ns;    /* ns a TSC tick, fixed-point */
static uint64_t clock_tsc;   /* TSC ticks a ns, fixed-point */
static uint64_t clock_lapic; /* LAPIC timer ticks a ns, fixed-point */

static uint32_t
pmtimer_read(void)
{
	return inl(acpi.ac_pmtimer) & PMTIMER_MASK;
}

/* The PIT counts down; we count up. */
static uint32_t
pit_read(void)
{
	uint32_t lo;

	outb(PIT_COMMAND, PIT_LATCH2);
	lo = inb(PIT_COUNTER2);
	return ~(lo | (uint32_t)inb(PIT_COUNTER2) << 8) & PIT_MASK;
}

static void
pit_start(void)
{
	outb(PIT_GATE, (inb(PIT_GATE) & ~PIT_SPEAKER) | PIT_GATE_ON);
	outb(PIT_COMMAND, PIT_START2);
	outb(PIT_COUNTER2, 0xff);
	outb(PIT_COUNTER2, 0xff);
}

static const struct refclock {
	uint32_t (*rc_read)(void);
	uint32_t rc_mask;
	uint32_t rc_hz;
} pmtimer = { pmtimer_read, PMTIMER_MASK, PMTIMER_HZ }, pit = { pit_read, PIT_MASK, PIT_HZ };

static uint64_t
fixed_ratio(uint64_t a, uint64_t b)
{
	/* More only if the host kept us waiting for seconds: then there are bits to spare. */
	for (; a >> FIXED_SHIFT != 0; a >>= 1)
		b >>= 1;
	return b != 0 ? (a << FIXED_SHIFT) / b : 0;
}

static uint64_t
fixed_mul(uint64_t a, uint64_t fixed)
{
	return (uint64_t)((unsigned __int128)a * fixed >> FIXED_SHIFT);
}

/* Wait for the next tick.  false: none came. */
static bool
clock_edge(const struct refclock *rc, struct sample *s)
{
	uint64_t before = rdtsc();
	uint32_t first = rc->rc_read();

	for (unsigned int i = 0; i < EDGE_READS; i++) {
		uint32_t now = rc->rc_read();
		uint64_t after = rdtsc();

		if (now != first) {
			s->s_lapic = lapic_timer_left();
			s->s_tsc = before + (after - before) / 2;
			s->s_width = after - before;
			s->s_clock = now;
			return true;
		}
		before = after;
	}
	return false;
}

/* The best of several edges. */
static bool
clock_sample(const struct refclock *rc, struct sample *best)
{
	struct sample s;

	best->s_width = UINT64_MAX;
	for (unsigned int i = 0; i < EDGES; i++) {
		if (!clock_edge(rc, &s))
			return false;
		if (s.s_width < best->s_width)
			*best = s;
	}
	return true;
}

/* From two samples, all that is needed. */
static bool
clock_set(const struct refclock *rc, const struct sample *a, const struct sample *b)
{
	uint64_t ns = ((b->s_clock - a->s_clock) & rc->rc_mask) * NS_PER_S / rc->rc_hz;

	clock_ns = fixed_ratio(ns, b->s_tsc - a->s_tsc);
	clock_tsc = fixed_ratio(b->s_tsc - a->s_tsc, ns);
	clock_lapic = fixed_ratio(a->s_lapic - b->s_lapic, ns);
	return clock_ns != 0 && clock_lapic != 0;
}

static bool
clock_calibrate(const struct refclock *rc)
{
	uint32_t want = rc->rc_hz / CALIBRATE_HZ;
	struct sample a, b;

	lapic_timer_periodic(LAPIC_START);
	if (!clock_sample(rc, &a))
		return false;
	for (unsigned int i = 0; i <= CALIBRATE_DOUBLED; i++, want *= 2) {
		while (((rc->rc_read() - a.s_clock) & rc->rc_mask) < want)
			md_pause();
		if (!clock_sample(rc, &b))
			return false;
		if ((a.s_width + b.s_width) * (CALIBRATE_GOOD / 2) <= b.s_tsc - a.s_tsc)
			break;
	}
	lapic_timer_once();
	return clock_set(rc, &a, &b);
}

void
clock_init(void)
{
	bool done = acpi.ac_pmtimer != 0 && clock_calibrate(&pmtimer);

	if (!done) {
		pit_start();
		done = clock_calibrate(&pit);
	}
	if (!done)
		boot_fail("there is no clock to calibrate the processor's by (ACPI timer or PIT)");
	clock_tsc0 = rdtsc();
}

uint64_t
md_monotonic_ns(void)
{
	return fixed_mul(rdtsc() - clock_tsc0, clock_ns);
}

uint32_t
clock_lapic_ticks(uint64_t ns)
{
	return (uint32_t)umin(fixed_mul(umin(ns, UINT32_MAX), clock_lapic) + 1, UINT32_MAX);
}

#define FAR_NS (1UL << 40)

/* Rounded up: an interrupt that came early would have to be asked for again. */
void
md_timer_set(uint64_t deadline)
{
	uint64_t now;

	if (cpu_features.cf_tscdeadline) {
		/* What is very far would wrap: it fires early, and is set again then. */
		deadline = umin(deadline, md_monotonic_ns() + FAR_NS);
		lapic_timer_deadline(deadline != 0 ? clock_tsc0 + fixed_mul(deadline, clock_tsc) + 1 : 0);
		return;
	}
	if (deadline == 0) {
		lapic_timer_start(0);
		return;
	}
	now = md_monotonic_ns();
	/* What is too far for the counter fires early, and is set again then. */
	if (deadline > now)
		lapic_timer_start(clock_lapic_ticks(deadline - now));
	else
		lapic_timer_start(1);
}
