/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A user address space as the processor sees it.  Theory: arch/x86_64/pmap.c.
 *
 * Lock letters: c = constant; v = vm_lock of the address space; a = atomic.
 */
#ifndef _MACHINE_PMAP_H_
#define _MACHINE_PMAP_H_

#include <machine/pt.h>

struct pmap {
	pte_t pm_top;              /* v: the top level table: its address, and its entries in use, as in any entry */
	paddr_t pm_root;           /* c: what CR3 gets */
	volatile uint64_t pm_cpus; /* a: bit i: CPU i has it loaded */
};

/*
 * Load the address space of the LWP that comes onto this CPU; NULL (a kernel
 * thread): leave what is loaded.  Interrupts off.
 */
void pmap_load(struct pmap *pm);

#endif
