/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums of the event counters, which every CPU keeps for itself.
 *
 * A sum is exact once the events have stopped.  While they go on each counter is
 * read whole (it is one aligned word), but not all at the same instant.
 */
#include <kern/cpu.h>
#include <kern/evcnt.h>
#include <kern/kern.h>
#include <sys/heddle.h>

static void
evcnt_add(struct heddle_evcnt *out, const struct evcnt_cpu *ev)
{
	out->he_parked += atomic_load_relaxed(&ev->ev_parked);
	out->he_parked_early += atomic_load_relaxed(&ev->ev_early);
	out->he_unparked_targeted += atomic_load_relaxed(&ev->ev_unpark);
	out->he_unparked_broadcast += atomic_load_relaxed(&ev->ev_unpark_all);
	out->he_raced += atomic_load_relaxed(&ev->ev_raced);
	out->he_missed += atomic_load_relaxed(&ev->ev_missed);
	out->he_switches += atomic_load_relaxed(&ev->ev_switches);
	out->he_ipis += atomic_load_relaxed(&ev->ev_ipis);
	out->he_timer_intrs += atomic_load_relaxed(&ev->ev_timers);
}

void
evcnt_sum(struct heddle_evcnt *out)
{
	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; i < MAXCPUS; i++)
		if (cpus[i] != NULL)
			evcnt_add(out, &cpus[i]->ci_ev);
}
