/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock checker of debug kernels (kern/sync/lockcheck.c).  Mutexes call it; in release kernels
 * it is not there.
 */
#ifndef _KERN_LOCKCHECK_H_
#define _KERN_LOCKCHECK_H_

#include <kern/kern.h>

struct cpu_info;
struct kspin;
struct kmutex;
struct lwp;

#ifdef DEBUG
#define LOCKCHECK_HELD 8 /* locks that a CPU, or an LWP, holds at most */

/* One lock that is held, and by which instruction it was taken. */
struct lockheld {
	const void *lh_lock;
	uintptr_t lh_pc;
	uint8_t lh_class;
};

/* The locks that an LWP, or a CPU, holds. */
struct lockheld_list {
	uint32_t hl_count;
	struct lockheld hl_held[LOCKCHECK_HELD];
};

/* The class of the locks of this name, which is a constant string; made if it is new. */
uint8_t lockcheck_class(const char *name);

/* Before this CPU, or curlwp, waits for it: the order is checked.  Then it is held until left. */
void lockcheck_spin_enter(const struct kspin *m);
/* It was entered without waiting, in whatever order. */
void lockcheck_spin_tried(const struct kspin *m);
void lockcheck_spin_exit(const struct kspin *m);
void lockcheck_mutex_enter(const struct kmutex *m);
void lockcheck_mutex_exit(const struct kmutex *m);
/* curlwp leaves the CPU: nothing but the locks of the switch may be held. */
void lockcheck_switch(const struct lwp *l);
/* This CPU begins, or ends (NULL), to spin for it. */
void lockcheck_spin_wait(const struct kspin *m);
/* Of a machine that was stopped: the LWP that runs where the spin mutex is held for which this CPU spins; or NULL. */
struct lwp *lockcheck_spins_for(const struct cpu_info *ci);
/* The spin mutexes that a CPU holds: of a machine that was stopped. */
const struct lockheld_list *lockcheck_spins(const struct cpu_info *ci);
/* It is done with its system call: nothing may be held. */
void lockcheck_idle(const struct lwp *l);
#else
#define lockcheck_spin_enter(m) ((void)0)
#define lockcheck_spin_tried(m) ((void)0)
#define lockcheck_spin_exit(m) ((void)0)
#define lockcheck_mutex_enter(m) ((void)0)
#define lockcheck_mutex_exit(m) ((void)0)
#define lockcheck_switch(l) ((void)0)
#define lockcheck_spin_wait(m) ((void)0)
#define lockcheck_idle(l) ((void)0)
#endif

#endif
