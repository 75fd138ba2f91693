/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the trace lies.  Read from outside, too: by tools/heddlelib/tracefile.py, which
 * knows these offsets, and by gdb's command `trace`.
 */
#ifndef _TRACE_IMPL_H_
#define _TRACE_IMPL_H_

#include <kern/cpu.h>
#include <kern/trace.h>

#define TRACE_MAGIC "HTRACE01"
#define TRACE_NAMES 8192

/* A CPU's; written by it alone, with interrupts off. */
struct trace_ring {
	uint64_t r_head;            /* records ever written; the next goes to r_head modulo ti_nrecs */
	paddr_t r_pa;               /* c: of the records */
	struct trace_record *r_rec; /* c; NULL: this CPU has no ring */
	uint64_t r_off_since;       /* interrupts are off since, ns; 0 = they are on, or unknown */
	uint64_t r_off_max;         /* the longest that they were, ns */
	uint8_t r_why;              /* TRACE_SW_* of the next switch */
	uint8_t r_intr;             /* TRACE_INTR_* of the last interrupt */
} cacheline_aligned;

struct trace_info {
	char ti_magic[8];
	uint32_t ti_ncpu;     /* rings */
	uint32_t ti_nrecs;    /* records in each, a power of two; 0: never turned on */
	uint32_t ti_recsize;  /* sizeof(struct trace_record) */
	uint32_t ti_ringsize; /* sizeof(struct trace_ring) */
	uint32_t ti_on;
	uint32_t ti_pad;
	uint64_t ti_base;     /* address of trace_base */
	struct trace_ring ti_ring[MAXCPUS];
	struct trace_ring ti_names; /* TRACE_NAMES records: the names once more */
};
extern struct trace_info trace_info;
/* Messages (names of sleeps and locks) are told by their distance from here; 0: none. */
extern const char trace_base[1];

#endif
