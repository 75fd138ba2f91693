/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report of a panic or a hang: where every CPU is, and every LWP: its state,
 * what it waits for, who holds that, and where in the kernel it stands.
 *
 * It runs when the other CPUs have been stopped, perhaps in the middle of a change,
 * so it takes no locks, believes what it reads, and counts its steps: a list that was
 * bent into a ring does not keep it.  If it follows a bad pointer, the panic within the panic
 * ends the part that did (report_part), and the report goes on with the next.
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

#include "report_impl.h"

#define REPORT_LWPS REPORT_LINES
#define REPORT_FRAMES 24
#define REPORT_RECORDS 60 /* of the trace, if tracing is on */

/* ---- Parts, of which each can fail ---- */

struct part {
	void *pt_env[5]; /* the compiler's: frame, where to go on, stack */
	struct part *pt_outer;
};

static struct part *innermost; /* of those that have begun */

void __attribute__((noinline))
report_part(void (*fn)(void *), void *arg)
{
	struct part here = { .pt_outer = innermost };

	if (__builtin_setjmp(here.pt_env) == 0) {
		innermost = &here;
		fn(arg);
		innermost = here.pt_outer;
	}
}

void
report_resume(void)
{
	struct part *here = innermost;

	if (here == NULL)
		return;
	innermost = here->pt_outer;
	__builtin_longjmp(here->pt_env, 1);
}

/* ---- LWPs and processes ---- */

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

void
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
		    lwp_has_token(l) ? ", token full" : "");
	} else {
		kprintf(" on 0x%lx", l->l_wchan);
	}
	report_place(l);
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
report_lwp(void *arg)
{
	struct lwp *l = arg;
	unsigned frames = 0;

	kprintf("  ");
	report_who(l);
	kprintf(": %s, priority %u, class %u, %lu us of CPU time", state_name(l->l_stat), l->l_priority, l->l_class,
	    (unsigned long)(l->l_rtime / 1000));
	if (l->l_cpu != NULL)
		kprintf(", CPU %u", l->l_cpu->ci_index);
	if (l->l_flag != 0)
		kprintf(", flags 0x%x", l->l_flag);
	if (lwp_has_token(l))
		kprintf(", token full");
	if (l->l_stat == LSSLEEP)
		report_wait(l);
	report_awaited(l);
	kprintf("\n");
	if (!l->l_running && l->l_stat != LSIDL && l->l_stat != LSZOMB)
		md_backtrace(l, report_frame, &frames);
}

/* Call fn for every process, the kernel's too. */
static void
each_proc(void (*fn)(struct proc *, void *), void *arg)
{
	bool kernel = false;
	unsigned steps = 0;
	struct proc *p;

	LIST_FOREACH(p, &allproc, p_list) {
		if (steps++ > MAXPROC)
			break;
		kernel |= p == &proc0;
		fn(p, arg);
	}
	if (!kernel)
		fn(&proc0, arg);
}

struct each_lwp {
	void (*el_fn)(struct lwp *, void *);
	void *el_arg;
	struct proc *el_proc;
};

static void
each_lwp_of(void *arg)
{
	const struct each_lwp *el = arg;
	unsigned steps = 0;
	struct lwp *l;

	TAILQ_FOREACH(l, &el->el_proc->p_lwps, l_sibling) {
		if (steps++ >= REPORT_STEPS)
			break;
		el->el_fn(l, el->el_arg);
	}
}

static void
each_lwp_of_proc(struct proc *p, void *arg)
{
	struct each_lwp *el = arg;

	el->el_proc = p;
	report_part(each_lwp_of, el);
}

void
report_each_lwp(void (*fn)(struct lwp *, void *), void *arg)
{
	struct each_lwp el = { .el_fn = fn, .el_arg = arg };

	each_proc(each_lwp_of_proc, &el);
}

static void
report_member(struct lwp *l, void *seen)
{
	if ((*(unsigned *)seen)++ < REPORT_LWPS)
		report_part(report_lwp, l);
}

static void
report_proc(struct proc *p, void *seen)
{
	struct each_lwp el = { .el_fn = report_member, .el_arg = seen, .el_proc = p };

	kprintf("process %d \"%s\", parent %d, %s, %u LWPs (p_nrlwps %u), exiting %u, detached %u, in _lwp_wait %u\n",
	    p->p_pid, p->p_comm, p->p_parent != NULL ? p->p_parent->p_pid : -1,
	    p->p_stat == SACTIVE ? "active" : p->p_stat == SZOMB ? "zombie" : "new", p->p_nlwps, p->p_nrlwps,
	    p->p_nzlwps, p->p_ndlwps, p->p_nlwpwait);
	report_part(each_lwp_of, &el);
}

static void
report_procs(void *unused)
{
	unsigned seen = 0;

	(void)unused;
	each_proc(report_proc, &seen);
	if (seen > REPORT_LWPS)
		kprintf("and %u more LWPs\n", seen - REPORT_LWPS);
}

/* ---- The whole ---- */

static void
report_cpu(void *arg)
{
	struct cpu_info *ci = arg;
	unsigned frames = 0;

	kprintf("CPU %u%s: ", ci->ci_index, ci == curcpu() ? " (this one)" : "");
	if (ci->ci_curlwp != NULL)
		report_who(ci->ci_curlwp);
	kprintf("%s, %u spin mutexes held%s", ci->ci_online ? "" : ", offline", ci->ci_spin_depth,
	    ci->ci_want_resched ? ", is to choose again" : "");
	if (ci->ci_timer != 0)
		kprintf(", timer at %lu us", (unsigned long)(ci->ci_timer / 1000));
	kprintf("\n");
	if (ci == curcpu())
		md_backtrace(curlwp, report_frame, &frames);
	else
		md_backtrace_cpu(ci, report_frame, &frames);
}

static void
report_cpus(void *unused)
{
	(void)unused;
	report_part(report_cpu, curcpu());
	for (uint32_t i = 0; i < MAXCPUS; i++)
		if (cpus[i] != NULL && cpus[i] != curcpu())
			report_part(report_cpu, cpus[i]);
}

static void
report_invariants(void *unused)
{
	(void)unused;
#ifdef DEBUG
	(void)invariants_check(false);
#endif
}

static void
report_trace(void *unused)
{
	(void)unused;
	trace_report(REPORT_RECORDS);
}

void
report_machine(void)
{
	static void (*const parts[])(void *) = {
		report_cpus,
		report_procs,
		report_runqs,
		report_callouts,
		report_locks,
		waits_report,
		report_invariants,
		report_trace,
	};

	for (size_t i = 0; i < nitems(parts); i++)
		report_part(parts[i], NULL);
	kprintf("end of the report\n");
}
