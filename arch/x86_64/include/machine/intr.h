/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts: vectors and controllers.
 */
#ifndef _MACHINE_INTR_H_
#define _MACHINE_INTR_H_

/* The higher the first digit, the more urgent. */
#define VEC_EXCEPTIONS 0x20 /* below: the processor's own */
#define VEC_PIC 0x20        /* 16 vectors where the old controllers' strays land */
#define VEC_COM1 0x34
#define VEC_TIMER 0xe0
#define VEC_RESCHED 0xe1
#define VEC_CALL 0xe2
#define VEC_SPURIOUS 0xff
#define VEC_COUNT 256

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

struct cpu_info;

/* intr.c */
void intr_init(void);
void idt_load(void);

/* ioapic.c */
/* Deliver legacy interrupt `irq` as `vector` to the boot CPU.  false: there is no way. */
bool ioapic_route(unsigned int irq, uint8_t vector);

/* lapic.c */
void lapic_init_cpu(void);
uint32_t lapic_id(void);
void lapic_eoi(void);
void lapic_ipi(const struct cpu_info *ci, uint8_t vector);
void lapic_nmi_others(void);
void lapic_init_ap(uint32_t apicid);
void lapic_start_ap(uint32_t apicid, paddr_t trampoline);
/* The timer in ticks: count down from `ticks` and interrupt; 0 = off.  Interrupts off. */
void lapic_timer_start(uint32_t ticks);
/* Every `ticks`, and back to once. */
void lapic_timer_periodic(uint32_t ticks);
void lapic_timer_once(void);
uint32_t lapic_timer_left(void);
void lapic_timer_deadline(uint64_t tsc);

/* mp.c */
void mp_ipi_call(void);
bool mp_stopping(void);
/* This CPU ends here; tf is where it stood. */
void mp_stop_here(struct trapframe *tf) __attribute__((noreturn));
/* First C function of another CPU; see boot/trampoline.S. */
void ap_main(struct cpu_info *ci) __attribute__((noreturn));
#endif

#endif
