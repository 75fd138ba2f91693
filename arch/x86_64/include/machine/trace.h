/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A branch that is not there: a five-byte no-op, which md_trace_patch (patch.c) makes a
 * jump to where the call of the trace stands, out of the way.
 */
#ifndef _MACHINE_TRACE_H_
#define _MACHINE_TRACE_H_

#include <stdbool.h>

/* Call fn(a, b) by its stub in systrace.S, which keeps all registers. */
#define MD_TRACE_KEEP(fn, a, b) \
	__asm__ volatile("call " #fn "_keep" : : "D"(a), "S"(b) : "memory")

static inline __attribute__((always_inline)) bool
md_trace_on(void)
{
	__asm__ goto("771: .byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\t"
		     ".pushsection .trace_sites, \"a\"\n\t"
		     ".quad 771b, %l[on]\n\t"
		     ".popsection"
	    : : : : on);
	return false;
on:
	return true;
}

#endif
