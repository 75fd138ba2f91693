/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC: this CPU's timer, its interrupts, and messages to other CPUs.
 * It is used through its registers in memory (xAPIC).
 */
#include <kern/cpu.h>
#include <kern/md.h>
#include <machine/cpufunc.h>
#include <machine/intr.h>
#include <machine/machdep.h>

#define LAPIC_ID 0x020
#define LAPIC_TPR 0x080
#define LAPIC_EOI 0x0b0
#define LAPIC_SVR 0x0f0
#define LAPIC_ICRLO 0x300
#define LAPIC_ICRHI 0x310
#define LAPIC_LVTT 0x320
#define LAPIC_LVTLINT0 0x350
#define LAPIC_LVTLINT1 0x360
#define LAPIC_LVTERR 0x370
#define LAPIC_TICR 0x380
#define LAPIC_TCCR 0x390
#define LAPIC_TDCR 0x3e0

#define SVR_ENABLE 0x100
#define LVT_NMI 0x00400
#define LVT_MASKED 0x10000
#define LVTT_PERIODIC 0x20000
#define LVTT_DEADLINE 0x40000
#define TDCR_BY_1 0xb

#define ICR_NMI 0x00400
#define ICR_INIT 0x00500
#define ICR_STARTUP 0x00600
#define ICR_PENDING 0x01000
#define ICR_ASSERT 0x04000
#define ICR_OTHERS 0xc0000 /* all but this CPU */

static uint32_t
lapic_read(unsigned int reg)
{
	return *(volatile uint32_t *)((volatile char *)pt_fixed(FIXED_LAPIC) + reg);
}

static void
lapic_write(unsigned int reg, uint32_t v)
{
	*(volatile uint32_t *)((volatile char *)pt_fixed(FIXED_LAPIC) + reg) = v;
}

uint32_t
lapic_id(void)
{
	return lapic_read(LAPIC_ID) >> 24;
}

/*
 * Enable it.  NMIs from outside come in at LINT1; LINT0 would be the old interrupt
 * controllers.
 */
void
lapic_init_cpu(void)
{
	lapic_write(LAPIC_SVR, SVR_ENABLE | VEC_SPURIOUS);
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVTLINT0, LVT_MASKED);
	lapic_write(LAPIC_LVTLINT1, LVT_NMI);
	lapic_write(LAPIC_LVTERR, LVT_MASKED);
	lapic_write(LAPIC_TDCR, TDCR_BY_1);
	lapic_timer_once();
	lapic_eoi();
}

void
lapic_timer_once(void)
{
	lapic_write(LAPIC_LVTT, VEC_TIMER | (cpu_features.cf_tscdeadline ? LVTT_DEADLINE : 0));
	lapic_write(LAPIC_TICR, 0);
}

void
lapic_timer_periodic(uint32_t ticks)
{
	lapic_write(LAPIC_LVTT, VEC_TIMER | LVTT_PERIODIC);
	lapic_write(LAPIC_TICR, ticks);
}

void
lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

void
lapic_timer_start(uint32_t ticks)
{
	lapic_write(LAPIC_TICR, ticks);
}

uint32_t
lapic_timer_left(void)
{
	return lapic_read(LAPIC_TCCR);
}

void
lapic_timer_deadline(uint64_t tsc)
{
	wrmsr(MSR_TSC_DEADLINE, tsc);
}

/* The command register is two words: an interrupt between them must not send one too. */
static void
lapic_command(uint32_t apicid, uint32_t command)
{
	bool intr = md_intr_disable();

	while ((lapic_read(LAPIC_ICRLO) & ICR_PENDING) != 0)
		md_pause();
	lapic_write(LAPIC_ICRHI, apicid << 24);
	lapic_write(LAPIC_ICRLO, command);
	md_intr_restore(intr);
}

void
lapic_ipi(const struct cpu_info *ci, uint8_t vector)
{
	lapic_command(ci->ci_md.mc_apicid, ICR_ASSERT | vector);
}

void
lapic_nmi_others(void)
{
	lapic_command(0, ICR_OTHERS | ICR_ASSERT | ICR_NMI);
}

void
lapic_init_ap(uint32_t apicid)
{
	lapic_command(apicid, ICR_ASSERT | ICR_INIT);
}

void
lapic_start_ap(uint32_t apicid, paddr_t trampoline)
{
	lapic_command(apicid, ICR_ASSERT | ICR_STARTUP | (uint32_t)(trampoline >> PT_SHIFT1));
}
