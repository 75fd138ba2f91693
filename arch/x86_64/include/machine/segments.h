/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments, what is left of them in 64-bit mode.
 *
 * The user selectors have NetBSD/amd64's values, which lie in the local
 * descriptor table; a context of a program that knows them is good here.
 * sysret wants user data and user code in a row, syscall kernel code and data.
 */
#ifndef _MACHINE_SEGMENTS_H_
#define _MACHINE_SEGMENTS_H_

/* Global descriptor table, one a CPU. */
#define GDT_KCODE 1
#define GDT_KDATA 2
#define GDT_LDT 4 /* two entries */
#define GDT_TSS 6 /* two entries */
#define GDT_COUNT 8

/* Local descriptor table, the same for all. */
#define LDT_UDATA 7
#define LDT_UCODE 8
#define LDT_COUNT 9

#define SEL_KCODE (GDT_KCODE * 8)
#define SEL_KDATA (GDT_KDATA * 8)
#define SEL_LDT (GDT_LDT * 8)
#define SEL_TSS (GDT_TSS * 8)
#define SEL_SYSRET_BASE ((LDT_UDATA - 1) * 8 + 7) /* sysret: ss = this + 8, cs = this + 16 */
#define SEL_UDATA (LDT_UDATA * 8 + 7)             /* 0x3f */
#define SEL_UCODE (LDT_UCODE * 8 + 7)             /* 0x47 */
#define SEL_RPL 3 /* mask; in a saved cs: not 0 = from user mode */

/* The descriptor table of boot.S. */
#define BOOT_SEL_CODE64 8
#define BOOT_SEL_DATA 16
#define BOOT_SEL_CODE32 24
#define BOOT_GDT_SIZE 32

/* Stacks that an entry switches to by itself (IST numbers). */
#define IST_NMI 1
#define IST_DF 2
#define IST_MC 3
#define IST_COUNT 3
#define IST_SIZE 8192

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Task state: where the processor finds its stacks. */
struct tss {
	uint32_t tss_reserved0;
	uint64_t tss_rsp[3];
	uint64_t tss_ist[8]; /* [0] is reserved */
	uint64_t tss_reserved1;
	uint16_t tss_reserved2;
	uint16_t tss_iobase;
} __attribute__((packed));

_Static_assert(sizeof(struct tss) == 104, "struct tss");
#endif

#endif
