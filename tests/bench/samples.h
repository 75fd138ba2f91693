/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Samples, and the table made of them: what the benchmark programs of Heddle
 * (bench.c) and of Linux (linux/init.c) have in common, so that both measure
 * through the same window.
 *
 * A window is from one read of the time-stamp counter to another.  Under QEMU's
 * -icount shift=0 the counter counts executed instructions, and their difference
 * is what was executed from the first read on, without the second one.  The
 * addresses of both reads are kept in two sections of the program's file that are
 * not loaded; tools/profile takes them from there, so that what it counts is what
 * the window is, to the instruction.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <stdint.h>

#define SAMPLES_MAX	4096

#define RDTSC(section) "1: rdtsc; .pushsection " section ", \"\", @progbits; .quad 1b; .popsection"

static inline __attribute__((__always_inline__)) uint64_t
window_begin(void)
{
	uint32_t lo, hi;

	__asm__ volatile(RDTSC(".window_begin") : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline __attribute__((__always_inline__)) uint64_t
window_end(void)
{
	uint32_t lo, hi;

	__asm__ volatile(RDTSC(".window_end") : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* A time that bounds no window. */
static inline uint64_t
stamp(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

extern uint64_t samples[SAMPLES_MAX];

/* Touches them: the first touch of a page is a fault. */
void	samples_prepare(void);
/* A row of the table: n samples, each of them of div operations. */
void	report(const char *name, int n, int div);

#endif /* !SAMPLES_H */
