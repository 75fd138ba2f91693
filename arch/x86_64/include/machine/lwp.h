/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's part of an LWP.
 */
#ifndef _MACHINE_LWP_H_
#define _MACHINE_LWP_H_

#include <machine/frame.h>
#include <stdint.h>

struct fpstate;
struct pmap;

/* All of it belongs to the LWP itself, or to who builds it before it runs. */
struct md_lwp {
	uint64_t md_rsp;         /* kernel stack pointer while it is not running */
	struct trapframe *md_tf; /* its user registers, at the top of the kernel stack */
	struct pmap *md_pmap;    /* its address space; NULL = kernel thread, or has none any more */
	uint32_t md_fplive;      /* its vector state is in the registers of its CPU */
	struct fpstate *md_fp;   /* its vector state otherwise; NULL = it never used any */
};

#endif
