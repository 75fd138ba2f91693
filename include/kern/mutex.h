/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutual exclusion: spin mutexes (short, interrupts off, usable in interrupt
 * handlers) and adaptive mutexes (may sleep; threads only).
 *
 * A spin mutex is held with interrupts off and for a bounded time, and nothing
 * sleeps or touches user memory holding one.  Each CPU counts the spin mutexes
 * it holds (ci_spin_depth); the outermost one remembers whether interrupts were
 * on.  An LWP's lock is handed across a context switch: it is taken by the LWP
 * that leaves the CPU and released by the one that arrives.
 *
 * An adaptive mutex has an owner.  Who finds it taken spins while the owner is
 * on a CPU (it will be done soon), and otherwise sleeps on the mutex's address.
 */
#ifndef _KERN_MUTEX_H_
#define _KERN_MUTEX_H_

#include <kern/kern.h>
#include <kern/lockcheck.h>

struct lwp;

/* Spin mutex.  Lock order is documented where the mutex lives. */
struct kspin {
	volatile uint32_t ks_locked; /* 1 while held */
#ifdef DEBUG
	uint32_t ks_cpu;   /* index + 1 of the CPU that holds it; 0 = nobody */
	uint8_t ks_class;  /* of the lock checker */
	const char *ks_name;
#endif
};

/*
 * Adaptive mutex.  km_owner is the owner's struct lwp address, bit 0 set while
 * LWPs sleep for it; 0 = free.
 */
struct kmutex {
	volatile uintptr_t km_owner;
	const char *km_name;
#ifdef DEBUG
	uint8_t km_class; /* of the lock checker */
#endif
};

#define KMUTEX_WAITERS 1UL

/* Prepare a mutex.  `name` is a string constant, shown by reports. */
void spin_init(struct kspin *m, const char *name);
void mutex_init(struct kmutex *m, const char *name);

/* Spin mutex: spin_enter and spin_exit are in <kern/spin.h>. */
bool spin_owned(const struct kspin *m); /* for assertions; always true in release kernels */

/* Adaptive mutex: may sleep (uninterruptibly).  Not recursive. */
void mutex_enter(struct kmutex *m);
void mutex_exit(struct kmutex *m);
bool mutex_owned(const struct kmutex *m);
/* Who has it, NULL: nobody.  A hint: it may be another one already. */
struct lwp *mutex_owner(const struct kmutex *m);
#ifdef DEBUG
/* Is this the lock of a queue of those who sleep for mutexes? */
bool mutex_is_chain(const struct kspin *m);
#endif

#endif
