/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel tells of LWPs, processes, CPUs and memory, as one picture.
 *
 * The parts are asked for one after the other, so an LWP may be in one and its process not in
 * the other any more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <time.h>

#include "top.h"

/* An array that the kernel gives, in memory of our own; `count`: where the name holds the most elements, or NULL. */
static void *
fetch(int *name, u_int namelen, int *count, size_t size, size_t *n)
{
	size_t len = 0;
	void *buf = NULL;

	/* It may grow between the question how long it is and the answer. */
	do {
		free(buf);
		buf = NULL;
		if (sysctl(name, namelen, NULL, &len, NULL, 0) != 0)
			return NULL;
		len += len / 8 + 8 * size;
		if (count != NULL)
			*count = (int)(len / size);
		if ((buf = malloc(len)) == NULL)
			return NULL;
	} while (sysctl(name, namelen, buf, &len, NULL, 0) != 0 && errno == ENOMEM);
	*n = len / size;
	return buf;
}

static const char *
comm_of(const struct picture *p, int pid)
{
	for (size_t i = 0; i < p->p_nprocs; i++) {
		if (p->p_procs[i].hp_pid == pid)
			return p->p_procs[i].hp_comm;
	}
	return "?";
}

static uint64_t
rtime_ns(const struct kinfo_lwp *kl)
{
	return kl->l_rtime_sec * 1000000000ULL + kl->l_rtime_usec * 1000ULL;
}

static int
by_number(const void *a, const void *b)
{
	const struct kinfo_lwp *x = &((const struct row *)a)->r_kl, *y = &((const struct row *)b)->r_kl;

	if (x->l_pid != y->l_pid)
		return x->l_pid < y->l_pid ? -1 : 1;
	return (x->l_lid > y->l_lid) - (x->l_lid < y->l_lid);
}

/* The CPU time of each LWP since `before`: its rows are in the order of numbers, as ours. */
static void
compare(struct picture *p, const struct picture *before)
{
	for (size_t i = 0; i < p->p_nrows; i++) {
		struct row *r = &p->p_rows[i];
		const struct row *old = NULL;

		if (before != NULL)
			old = bsearch(r, before->p_rows, before->p_nrows, sizeof(*r), by_number);
		r->r_ran_ns = rtime_ns(&r->r_kl);
		/* An id that is used again begins at 0. */
		if (old != NULL && rtime_ns(&old->r_kl) <= r->r_ran_ns)
			r->r_ran_ns -= rtime_ns(&old->r_kl);
		r->r_comm = comm_of(p, (int)r->r_kl.l_pid);
	}
}

static int
take_lwps(struct picture *p)
{
	int name[] = { CTL_KERN, KERN_LWP, -1, sizeof(struct kinfo_lwp), 0 };
	size_t n;
	struct kinfo_lwp *kl = fetch(name, __arraycount(name), &name[4], sizeof(*kl), &n);

	if (kl == NULL)
		return -1;
	p->p_rows = calloc(n + 1, sizeof(*p->p_rows));
	if (p->p_rows == NULL) {
		free(kl);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		p->p_rows[i].r_kl = kl[i];
	p->p_nrows = n;
	free(kl);
	qsort(p->p_rows, n, sizeof(*p->p_rows), by_number);
	return 0;
}

static int
take_machine(struct picture *p)
{
	int cpus[] = { CTL_VENDOR, HEDDLE_SCHED, sizeof(struct heddle_cpu) };
	int mem[] = { CTL_VENDOR, HEDDLE_MEM };
	size_t len = sizeof(p->p_cpus), memlen = sizeof(p->p_mem);

	if (sysctl(cpus, __arraycount(cpus), p->p_cpus, &len, NULL, 0) != 0)
		return -1;
	p->p_ncpus = len / sizeof(p->p_cpus[0]);
	return sysctl(mem, __arraycount(mem), &p->p_mem, &memlen, NULL, 0);
}

int
picture_take(struct picture *p, const struct picture *before)
{
	int name[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc) };
	struct timespec ts;

	memset(p, 0, sizeof(*p));
	clock_gettime(CLOCK_MONOTONIC, &ts);
	p->p_time = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	p->p_procs = fetch(name, __arraycount(name), NULL, sizeof(struct heddle_proc), &p->p_nprocs);
	if (p->p_procs == NULL || take_lwps(p) != 0 || take_machine(p) != 0) {
		picture_free(p);
		return -1;
	}
	compare(p, before);
	return 0;
}

void
picture_free(struct picture *p)
{
	free(p->p_rows);
	free(p->p_procs);
	memset(p, 0, sizeof(*p));
}
