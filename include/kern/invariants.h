/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must always be true (doc/invariants.md).
 */
#ifndef _KERN_INVARIANTS_H_
#define _KERN_INVARIANTS_H_

#include <kern/kern.h>

#ifdef DEBUG
/*
 * Check them all; a line on the console for each that is broken.  Returns how many are.
 * live: the machine runs; called with nothing held, may sleep.  Else it has been stopped, and no lock is taken.
 */
uint32_t invariants_check(bool live);
#endif

#endif
