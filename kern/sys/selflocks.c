/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks used wrongly on purpose: see selftest.c.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/mutex.h>
#include <kern/sleepq.h>
#include <kern/spin.h>
#include <sys/errno.h>
#include <sys/heddle.h>

#include "sysctl_impl.h"

#ifdef DEBUG
static struct kspin spin_a, spin_b;
static struct kmutex mutex_m, mutex_n, mutex_o;

static void __attribute__((noinline))
second_order(void)
{
	spin_enter(&spin_b);
	spin_enter(&spin_a);
	spin_exit(&spin_a);
	spin_exit(&spin_b);
}

static void __attribute__((noinline))
first_order(void)
{
	spin_enter(&spin_a);
	spin_enter(&spin_b);
	spin_exit(&spin_b);
	spin_exit(&spin_a);
}

static void
both(struct kmutex *first, struct kmutex *second)
{
	mutex_enter(first);
	mutex_enter(second);
	mutex_exit(second);
	mutex_exit(first);
}

static void
ring(void)
{
	both(&mutex_m, &mutex_n);
	both(&mutex_n, &mutex_o);
	both(&mutex_o, &mutex_m);
}

/* With spin_a held. */
static void
under_spin(int fault)
{
	int word;

	spin_enter(&spin_a);
	switch (fault) {
	case HEDDLE_FAULT_TWICE:
		spin_enter(&spin_a);
		break;
	case HEDDLE_FAULT_MUTEX_SPIN:
		mutex_enter(&mutex_m);
		break;
	case HEDDLE_FAULT_SLEEP_SPIN:
		(void)sleep_until(0, "fault");
		break;
	case HEDDLE_FAULT_COPY_SPIN:
		(void)copyin(NULL, &word, sizeof(word));
		break;
	default:
		md_intr_enable();
		break;
	}
	spin_exit(&spin_a);
}

/* LWP 1 holds a mutex and waits for the end of LWP 2, which waits for the mutex. */
static int
deadlock(void)
{
	lwpid_t departed;

	if (curlwp->l_lid != 1) {
		while (mutex_owner(&mutex_m) == NULL)
			sched_yield_cpu();
		mutex_enter(&mutex_m);
		return 0;
	}
	mutex_init(&mutex_m, "test m");
	mutex_enter(&mutex_m);
	return lwp_wait(2, &departed);
}

int
selflocks(int fault)
{
	if (fault == HEDDLE_FAULT_DEADLOCK)
		return deadlock();
	spin_init(&spin_a, "test a");
	spin_init(&spin_b, "test b");
	mutex_init(&mutex_m, "test m");
	mutex_init(&mutex_n, "test n");
	mutex_init(&mutex_o, "test o");
	switch (fault) {
	case HEDDLE_FAULT_ORDER:
		second_order();
		first_order();
		break;
	case HEDDLE_FAULT_ORDER3:
		ring();
		break;
	case HEDDLE_FAULT_NOT_HELD:
		spin_exit(&spin_a);
		break;
	case HEDDLE_FAULT_NOT_HELD_M:
		mutex_exit(&mutex_m);
		break;
	case HEDDLE_FAULT_TWICE_M:
		both(&mutex_m, &mutex_m);
		break;
	case HEDDLE_FAULT_KEPT:
		mutex_enter(&mutex_m);
		sched_yield_cpu();
		lwp_lock(curlwp);
		lwp_need_userret(curlwp);
		lwp_unlock(curlwp);
		break;
	default:
		under_spin(fault);
		break;
	}
	return 0;
}
#endif
