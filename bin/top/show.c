/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A picture as lines of text: the busiest LWPs, or the run queues.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/lwp.h>

#include "top.h"

#define LINE	256

static size_t	left, width;	/* lines that there is still room for, columns; 0: no limit */
static bool	limited, erase;

void
show_limits(size_t rows, size_t cols, bool screen)
{
	limited = rows != 0;
	left = rows;
	width = cols;
	erase = screen;
}

/* A line, cut to the width.  On a screen what stood there before is erased. */
static void __printflike(1, 2)
line(const char *fmt, ...)
{
	char buf[LINE];
	va_list ap;

	if (limited && left-- == 0) {
		left = 0;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (width != 0 && strlen(buf) > width)
		buf[width] = '\0';
	/* The last line of a screen has no newline: it would scroll. */
	printf("%s%s%s", buf, erase ? "\033[K" : "", erase && limited && left == 0 ? "" : "\n");
}

static const char *
state_name(int stat)
{
	static const char *const names[] = {
		[LSIDL] = "idl", [LSRUN] = "run", [LSSLEEP] = "sleep", [LSSTOP] = "stop",
		[LSZOMB] = "zomb", [LSONPROC] = "onproc", [LSSUSPENDED] = "suspnd"
	};

	if (stat < 0 || (size_t)stat >= __arraycount(names) || names[stat] == NULL)
		return "?";
	return names[stat];
}

/* part of whole in tenths of a percent */
static unsigned
permille(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : (unsigned)(part * 1000 / whole);
}

static uint64_t
per_second(uint64_t now, uint64_t before, uint64_t ns)
{
	return ns == 0 ? 0 : (now - before) * 1000000000 / ns;
}

static uint64_t
since(const struct picture *p, const struct picture *before)
{
	return before != NULL ? p->p_time - before->p_time : p->p_time;
}

/* Is it what a CPU runs when there is nothing to run? */
static bool
is_idle(const struct row *r)
{
	return r->r_kl.l_pid == 0 && strncmp(r->r_kl.l_name, "idle/", 5) == 0;
}

static void
show_head(const struct picture *p)
{
	size_t running = 0, ready = 0, asleep = 0, other = 0;

	for (size_t i = 0; i < p->p_nrows; i++) {
		if (is_idle(&p->p_rows[i]))
			continue;
		switch (p->p_rows[i].r_kl.l_stat) {
		case LSONPROC:
			running++;
			break;
		case LSRUN:
			ready++;
			break;
		case LSSLEEP:
			asleep++;
			break;
		default:
			other++;
			break;
		}
	}
	line("up %llu.%llu s, %zu processes, %zu LWPs: %zu running, %zu ready, %zu asleep, %zu others",
	    (unsigned long long)(p->p_time / 1000000000), (unsigned long long)(p->p_time / 100000000 % 10),
	    p->p_nprocs, running + ready + asleep + other, running, ready, asleep, other);
	line("memory %llu MiB, %llu free", (unsigned long long)(p->p_mem.hm_total / 256),
	    (unsigned long long)(p->p_mem.hm_free / 256));
}

static void
show_cpu(const struct heddle_cpu *hc, const struct heddle_cpu *old, uint64_t ns)
{
	uint64_t idle = hc->hc_idle_ns - old->hc_idle_ns;
	unsigned busy = permille(idle < ns ? ns - idle : 0, ns);

	line("CPU %2d %3u.%u %% busy, %llu ready; /s: %llu switches (%llu forced), %llu stolen, %llu IPIs, %llu timer",
	    hc->hc_id, busy / 10, busy % 10, (unsigned long long)hc->hc_runnable,
	    (unsigned long long)per_second(hc->hc_switches, old->hc_switches, ns),
	    (unsigned long long)per_second(hc->hc_preempted, old->hc_preempted, ns),
	    (unsigned long long)per_second(hc->hc_stolen, old->hc_stolen, ns),
	    (unsigned long long)per_second(hc->hc_ipis, old->hc_ipis, ns),
	    (unsigned long long)per_second(hc->hc_timer_intrs, old->hc_timer_intrs, ns));
}

static void
show_cpus(const struct picture *p, const struct picture *before)
{
	static const struct heddle_cpu none;

	for (size_t i = 0; i < p->p_ncpus; i++)
		show_cpu(&p->p_cpus[i], before != NULL ? &before->p_cpus[i] : &none, since(p, before));
}

static int
by_use(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->r_ran_ns != y->r_ran_ns)
		return x->r_ran_ns > y->r_ran_ns ? -1 : 1;
	if (x->r_kl.l_pid != y->r_kl.l_pid)
		return x->r_kl.l_pid > y->r_kl.l_pid ? -1 : 1;
	return (x->r_kl.l_lid > y->r_kl.l_lid) - (x->r_kl.l_lid < y->r_kl.l_lid);
}

static int
by_priority(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->r_kl.l_priority != y->r_kl.l_priority)
		return x->r_kl.l_priority > y->r_kl.l_priority ? -1 : 1;
	return by_use(a, b);
}

/* The rows in another order, to be freed; the idle LWPs left out. */
static const struct row **
sorted(const struct picture *p, size_t *n, int (*order)(const void *, const void *))
{
	const struct row **rows = calloc(p->p_nrows + 1, sizeof(*rows));

	*n = 0;
	for (size_t i = 0; rows != NULL && i < p->p_nrows; i++) {
		if (!is_idle(&p->p_rows[i]))
			rows[(*n)++] = &p->p_rows[i];
	}
	if (rows != NULL)
		qsort(rows, *n, sizeof(*rows), order);
	return rows;
}

static void
show_row(const struct row *r, uint64_t ns)
{
	const struct kinfo_lwp *kl = &r->r_kl;
	unsigned use = permille(r->r_ran_ns, ns);

	line("%5u %5d %-6s %-8.8s %3u %3u %4u.%u %5u.%03u %s%s%s", kl->l_pid, kl->l_lid, state_name(kl->l_stat),
	    kl->l_wmesg, (unsigned)kl->l_cpuid, kl->l_priority, use / 10, use % 10, kl->l_rtime_sec,
	    kl->l_rtime_usec / 1000, r->r_comm, kl->l_name[0] != '\0' ? ": " : "", kl->l_name);
}

void
show_lwps(const struct picture *p, const struct picture *before)
{
	size_t n;
	const struct row **list = sorted(p, &n, by_use);

	show_head(p);
	show_cpus(p, before);
	line("%s", "");
	line("  PID   LID STATE  WAIT     CPU PRI   %%CPU      TIME COMMAND: NAME");
	for (size_t i = 0; list != NULL && i < n; i++)
		show_row(list[i], since(p, before));
	free(list);
}

/* The LWPs that are ready on a CPU, the next one first, and before them the one that it runs. */
static void
show_queue(const struct picture *p, const struct picture *before, int cpu, const struct row *const *list, size_t n)
{
	const struct heddle_cpu *hc = &p->p_cpus[cpu];
	bool idle = true;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			const struct kinfo_lwp *kl = &list[i]->r_kl;

			if (kl->l_stat != (pass == 0 ? LSONPROC : LSRUN) || kl->l_cpuid != (uint64_t)cpu)
				continue;
			show_row(list[i], since(p, before));
			idle = false;
		}
	}
	if (idle)
		line("%s", hc->hc_online ? "            idle" : "            off line");
}

void
show_queues(const struct picture *p, const struct picture *before)
{
	static const struct heddle_cpu none;
	size_t n;
	const struct row **list = sorted(p, &n, by_priority);

	show_head(p);
	line("  PID   LID STATE  WAIT     CPU PRI   %%CPU      TIME COMMAND: NAME");
	for (size_t i = 0; list != NULL && i < p->p_ncpus; i++) {
		line("%s", "");
		show_cpu(&p->p_cpus[i], before != NULL ? &before->p_cpus[i] : &none, since(p, before));
		show_queue(p, before, (int)i, list, n);
	}
	free(list);
}
