/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report of a panic or a hang, its queues: who is ready on each CPU, which timeouts are
 * pending, and where in its queue a sleeper stands.
 *
 * No locks, and every walk counts its steps: kern/subr/report.c.
 */
#include <kern/callout.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/report.h>
#include <kern/sleepq.h>

#include "report_impl.h"

void
report_place(const struct lwp *l)
{
	uintptr_t offset = (uintptr_t)l->l_mutex - (uintptr_t)sleeptab;
	const struct lwp *other;
	unsigned place = 1;

	if (offset < sizeof(sleeptab))
		kprintf(" (bucket %lu, ", (unsigned long)(offset / sizeof(sleeptab[0])));
	else
		kprintf(" (");
	if (l->l_sleepq == NULL) {
		kprintf("on no queue)");
		return;
	}
	TAILQ_FOREACH(other, l->l_sleepq, l_link) {
		if (other == l || place++ >= REPORT_STEPS)
			break;
	}
	if (other == l)
		kprintf("place %u)", place);
	else
		kprintf("not in its queue)");
}

/* ---- Run queues ---- */

static void
ready_line(const struct lwp *l, uint32_t priority)
{
	kprintf("    priority %u: ", priority);
	report_who(l);
	kprintf(", %ld us of its slice left\n", (long)(l->l_slice / 1000));
}

static void
report_runq(void *arg)
{
	const struct cpu_info *ci = arg;
	const struct runq *rq = &ci->ci_runq;
	const struct lwp *l;
	unsigned seen = 0;

	kprintf("  CPU %u: runs ", ci->ci_index);
	report_who(ci->ci_curlwp);
	kprintf(", %u ready\n", rq->rq_count);
	for (uint32_t pri = PRI_COUNT; pri-- > 0;) {
		if ((rq->rq_bitmap[pri / 64] >> (pri % 64) & 1) == 0)
			continue;
		TAILQ_FOREACH(l, &rq->rq_queue[pri], l_link) {
			if (seen++ >= REPORT_LINES)
				return;
			ready_line(l, pri);
		}
	}
}

void
report_runqs(void *unused)
{
	(void)unused;
	kprintf("run queues, the next one first\n");
	for (uint32_t i = 0; i < MAXCPUS; i++)
		if (cpus[i] != NULL)
			report_part(report_runq, cpus[i]);
}

/* ---- Callouts ---- */

static struct callout *
leftmost(struct callout *c, unsigned *steps)
{
	while (c != NULL && RB_LEFT(c, c_node) != NULL && (*steps)++ < REPORT_STEPS)
		c = RB_LEFT(c, c_node);
	return c;
}

/* RB_NEXT, which ends whatever the tree is bent into. */
static struct callout *
callout_after(struct callout *c, unsigned *steps)
{
	struct callout *below = c;

	if (RB_RIGHT(c, c_node) != NULL)
		return leftmost(RB_RIGHT(c, c_node), steps);
	for (c = RB_PARENT(c, c_node); c != NULL && (*steps)++ < REPORT_STEPS; c = RB_PARENT(c, c_node)) {
		if (RB_LEFT(c, c_node) == below)
			return c;
		below = c;
	}
	return NULL;
}

static void
callout_line(const struct cpu_info *ci, const struct callout *c)
{
	uintptr_t offset = 0;
	const char *name = ksyms_lookup((uintptr_t)c->c_func, &offset);

	kprintf("  CPU %u: at %lu us, ", ci->ci_index, (unsigned long)(c->c_deadline / 1000));
	if (c->c_func == sleepq_timeout) {
		kprintf("ends the sleep of ");
		report_who(c->c_arg);
		kprintf("\n");
	} else {
		kprintf("%s(%p)\n", name != NULL ? name : "?", c->c_arg);
	}
}

static void
report_callouts_of(void *arg)
{
	struct cpu_info *ci = arg;
	unsigned steps = 0, seen = 0;
	struct callout *c;

	c = leftmost(RB_ROOT(&ci->ci_callouts), &steps);
	while (c != NULL) {
		if (seen++ < REPORT_LINES)
			callout_line(ci, c);
		c = steps++ < REPORT_STEPS ? callout_after(c, &steps) : NULL;
	}
	if (seen > REPORT_LINES)
		kprintf("  CPU %u: and %u more\n", ci->ci_index, seen - REPORT_LINES);
}

void
report_callouts(void *unused)
{
	(void)unused;
	kprintf("timeouts, the earliest first; it is %lu us\n", (unsigned long)(md_monotonic_ns() / 1000));
	for (uint32_t i = 0; i < MAXCPUS; i++)
		if (cpus[i] != NULL)
			report_part(report_callouts_of, cpus[i]);
}
