/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report of a panic or a hang: where every CPU is, and every LWP: its state,
 * what it waits for, who holds that, and where in the kernel it stands.
 *
 * It runs when the other CPUs have been stopped, perhaps in the middle of a change,
 * so it takes no locks, believes what it reads, and counts its steps: a list that was
 * bent into a ring does not keep it.  If it faults, the panic within the panic ends it.
 *
 * What it does not handle: more LWPs than anybody reads.  After REPORT_LWPS of them
 * the rest is only counted.
 */
#include <kern/cpu.h>
#include <kern/invariants.h>
#include <kern/kern.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/mutex.h>
#include <kern/proc.h>
#include <kern/report.h>
#include <kern/sleepq.h>
#include <kern/trace.h>

#define REPORT_LWPS 200
#define REPORT_FRAMES 24
#define REPORT_RECORDS 60 /* of the trace, if tracing is on */
#define REPORT_STEPS 1000000 /* of a list, before it is taken for a ring */

static void
report_frame(uintptr_t pc, void *arg)
{
	unsigned *frames = arg;
	uintptr_t offset;
	const char *name;

	if ((*frames)++ >= REPORT_FRAMES)
		return;
	/* A return address may be the first byte of the next function. */
	name = ksyms_lookup(pc - 1, &offset);
	if (name != NULL)
		kprintf("    %p %s+0x%lx\n", (void *)pc, name, offset + 1);
	else
		kprintf("    %p\n", (void *)pc);
}

static const char *
state_name(int stat)
{
	static const char *const names[] = {
		[LSIDL] = "idl",
		[LSRUN] = "run",
		[LSSLEEP] = "sleep",
		[LSSTOP] = "stop",
		[LSZOMB] = "zombie",
		[LSONPROC] = "onproc",
		[LSSUSPENDED] = "suspend",
	};

	if (stat < 0 || (size_t)stat >= nitems(names) || names[stat] == NULL)
		return "?";
	return names[stat];
}

/* "pid.lid (program/name)" */
static void
report_who(const struct lwp *l)
{
	const struct proc *p = l->l_proc;

	kprintf("%d.%d (%s%s%s)", p != NULL ? p->p_pid : -1, l->l_lid, p != NULL ? p->p_comm : "?",
	    l->l_name[0] != '\0' ? "/" : "", l->l_name);
}

/* What a sleeper waits for, as far as its kind of sleep says it. */
static void
report_wait(const struct lwp *l)
{
	kprintf(", waits in \"%s\"", l->l_wmesg != NULL ? l->l_wmesg : "?");
	if (l->l_syncobj == &syncobj_mutex) {
		const struct kmutex *m = (const struct kmutex *)l->l_wchan;

		kprintf(" for mutex %p \"%s\"", (const void *)m, m->km_name);
	} else if (l->l_syncobj == &syncobj_park) {
		kprintf(" on hint 0x%lx%s", l->l_wchan ^ (uintptr_t)l->l_proc,
		    l->l_token ? ", token full" : "");
	} else {
		kprintf(" on 0x%lx", l->l_wchan);
	}
}

/* Who could end its wait, if that is known. */
static void
report_awaited(const struct lwp *l)
{
	const struct lwp *other = waits_for(l);

	if (other == NULL)
		return;
	kprintf(", waits for ");
	report_who(other);
}

static void
report_lwp(struct lwp *l)
{
	unsigned frames = 0;

	kprintf("  ");
	report_who(l);
	kprintf(": %s, priority %u", state_name(l->l_stat), l->l_priority);
	if (l->l_cpu != NULL)
		kprintf(", CPU %u", l->l_cpu->ci_index);
	if (l->l_flag != 0)
		kprintf(", flags 0x%x", l->l_flag);
	if (l->l_stat == LSSLEEP)
		report_wait(l);
	report_awaited(l);
	kprintf("\n");
	if (!l->l_running && l->l_stat != LSIDL && l->l_stat != LSZOMB)
		md_backtrace(l, report_frame, &frames);
}

/* Returns how many LWPs were seen, `seen` included. */
static unsigned
report_proc(struct proc *p, unsigned seen)
{
	struct lwp *l;
	unsigned steps = 0;

	kprintf("process %d \"%s\", %u LWPs\n", p->p_pid, p->p_comm, p->p_nlwps);
	if (mutex_owner(&p->p_lock) != NULL) {
		kprintf("  p_lock is held by ");
		report_who(mutex_owner(&p->p_lock));
		kprintf("\n");
	}
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (steps++ >= REPORT_STEPS)
			break;
		if (seen++ < REPORT_LWPS)
			report_lwp(l);
	}
	return seen;
}

static void
report_procs(void)
{
	bool kernel = false;
	unsigned seen = 0, steps = 0;
	struct proc *p;

	LIST_FOREACH(p, &allproc, p_list) {
		if (steps++ > MAXPROC)
			break;
		kernel |= p == &proc0;
		seen = report_proc(p, seen);
	}
	if (!kernel)
		seen = report_proc(&proc0, seen);
	if (seen > REPORT_LWPS)
		kprintf("and %u more LWPs\n", seen - REPORT_LWPS);
}

static void
report_cpu(struct cpu_info *ci)
{
	unsigned frames = 0;

	kprintf("CPU %u%s: ", ci->ci_index, ci == curcpu() ? " (this one)" : "");
	if (ci->ci_curlwp != NULL)
		report_who(ci->ci_curlwp);
	kprintf(", %u runnable, %u spin mutexes held\n", ci->ci_runq.rq_count, ci->ci_spin_depth);
	if (ci == curcpu())
		md_backtrace(curlwp, report_frame, &frames);
	else
		md_backtrace_cpu(ci, report_frame, &frames);
}

void
report_machine(void)
{
	report_cpu(curcpu());
	for (uint32_t i = 0; i < MAXCPUS; i++)
		if (cpus[i] != NULL && cpus[i] != curcpu())
			report_cpu(cpus[i]);
	report_procs();
	waits_report();
#ifdef DEBUG
	(void)invariants_check(false);
#endif
	trace_report(REPORT_RECORDS);
	kprintf("end of the report\n");
}
