/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt descriptor table, the same for all CPUs, and the old interrupt
 * controllers, which are put out of the way.
 */
#include <kern/md.h>
#include <machine/cpufunc.h>
#include <machine/intr.h>
#include <machine/machdep.h>
#include <machine/trap.h>

#define PIC1_COMMAND 0x20
#define PIC1_DATA 0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA 0xa1
#define PIC_INIT 0x11 /* edge, cascade, four words follow */
#define PIC_8086 0x01

#define GATE_INTERRUPT 0x8e /* present, ring 0, interrupts go off */
#define GATE_USER 0x60      /* a program may name the vector in an int instruction */

struct gate {
	uint16_t g_offset0;
	uint16_t g_selector;
	uint8_t g_ist;
	uint8_t g_type;
	uint16_t g_offset1;
	uint32_t g_offset2;
	uint32_t g_reserved;
};

static struct gate idt[VEC_COUNT];

static void
gate_set(unsigned int vector, uint8_t type, uint8_t ist)
{
	uint64_t entry = (uint64_t)trap_stubs + vector * TRAP_STUB_SIZE;

	idt[vector] = (struct gate){
		.g_offset0 = (uint16_t)entry,
		.g_selector = SEL_KCODE,
		.g_ist = ist,
		.g_type = type,
		.g_offset1 = (uint16_t)(entry >> 16),
		.g_offset2 = (uint32_t)(entry >> 32),
	};
}

/* Their vectors are moved off the exceptions, for a stray interrupt comes even masked. */
static void
pic_disable(void)
{
	outb(PIC1_COMMAND, PIC_INIT);
	outb(PIC2_COMMAND, PIC_INIT);
	outb(PIC1_DATA, VEC_PIC);
	outb(PIC2_DATA, VEC_PIC + 8);
	outb(PIC1_DATA, 1 << 2);
	outb(PIC2_DATA, 2);
	outb(PIC1_DATA, PIC_8086);
	outb(PIC2_DATA, PIC_8086);
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
}

void
intr_init(void)
{
	for (unsigned int vector = 0; vector < VEC_COUNT; vector++)
		gate_set(vector, GATE_INTERRUPT, 0);
	gate_set(T_NMI, GATE_INTERRUPT, IST_NMI);
	gate_set(T_BPTFLT, GATE_INTERRUPT | GATE_USER, 0);
	gate_set(T_OFLOW, GATE_INTERRUPT | GATE_USER, 0);
	gate_set(T_DOUBLEFLT, GATE_INTERRUPT, IST_DF);
	gate_set(T_MCHK, GATE_INTERRUPT, IST_MC);
	pic_disable();
	idt_load();
}

void
idt_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr = { sizeof(idt) - 1, (uint64_t)idt };

	__asm__ volatile("lidt %0" : : "m"(idtr));
}
