/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event counters, one set a CPU, summed on read.  A counter is written by its
 * own CPU only, in one instruction (md_count) or with interrupts off, so an increment needs no lock
 * and none is lost.
 */
#ifndef _KERN_EVCNT_H_
#define _KERN_EVCNT_H_

#include <stdint.h>

struct evcnt_cpu {
	uint64_t ev_parked;        /* park slept */
	uint64_t ev_early;         /* park found the token */
	uint64_t ev_unpark;        /* _lwp_unpark (or 478's) woke a parked LWP */
	uint64_t ev_unpark_all;    /* _lwp_unpark_all woke a parked LWP */
	uint64_t ev_raced;         /* the target moved while its lock was being taken */
	uint64_t ev_missed;        /* token set on an LWP that was not parked */
	uint64_t ev_switches;      /* context switches */
	uint64_t ev_preempts;      /* of these, involuntary */
	uint64_t ev_steals;        /* LWPs taken from another CPU's run queue */
	uint64_t ev_ipis;          /* interprocessor interrupts sent */
	uint64_t ev_timers;        /* timer interrupts */
	uint64_t ev_timeouts;      /* callouts run */
	uint64_t ev_faults;        /* page faults served */
	uint64_t ev_idle_ns;       /* time spent halted */
};

struct heddle_evcnt;

/* Sum over all CPUs. */
void evcnt_sum(struct heddle_evcnt *out);

#endif
