/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __sysctl: what the kernel tells about itself, by numbered name.
 *
 * The protocol is NetBSD's.  *oldlenp is the room at oldp on entry and the full
 * length of the answer on return; an answer that did not fit is cut and the call fails
 * with ENOMEM, the length told all the same.  oldp NULL asks for the length alone.
 */
#include <kern/cpu.h>
#include <kern/evcnt.h>
#include <kern/invariants.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/random.h>
#include <kern/syscallargs.h>
#include <kern/trace.h>
#include <kern/version.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>
#include <sys/syslimits.h>
#include <sys/time.h>

#include "sysctl_impl.h"

#define RANDOM_MAX 256 /* bytes that one call gives */

int
sysctl_out(struct sysctl_req *rq, const void *data, size_t len)
{
	size_t count = umin(len, rq->rq_room);
	int error = 0;

	rq->rq_len = len;
	if (rq->rq_old == NULL)
		return 0;
	if (count > 0)
		error = copyout(data, rq->rq_old, count);
	return error == 0 && count < len ? ENOMEM : error;
}

static int
out_int(struct sysctl_req *rq, uint64_t value)
{
	int v = (int)umin(value, INT32_MAX);

	return sysctl_out(rq, &v, sizeof(v));
}

static int
out_int64(struct sysctl_req *rq, uint64_t value)
{
	return sysctl_out(rq, &value, sizeof(value));
}

static uint64_t
memory_bytes(void)
{
	struct page_stats ps;

	page_stats(&ps);
	return ps.ps_total * PAGE_SIZE;
}

static int
sysctl_physmem(struct sysctl_req *rq)
{
	return out_int(rq, memory_bytes());
}

static int
sysctl_physmem64(struct sysctl_req *rq)
{
	return out_int64(rq, memory_bytes());
}

static int
sysctl_ncpu(struct sysctl_req *rq)
{
	return out_int(rq, ncpu);
}

static int
sysctl_ncpuonline(struct sysctl_req *rq)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < ncpu; i++)
		n += cpus[i]->ci_online;
	return out_int(rq, n);
}

static int
sysctl_boottime(struct sysctl_req *rq)
{
	uint64_t ns = md_realtime_base_ns();
	struct timeval tv;

	memset(&tv, 0, sizeof(tv));
	tv.tv_sec = (time_t)(ns / 1000000000);
	tv.tv_usec = (suseconds_t)(ns % 1000000000 / 1000);
	return sysctl_out(rq, &tv, sizeof(tv));
}

static int
sysctl_urandom(struct sysctl_req *rq)
{
	int v;

	random_bytes(&v, sizeof(v));
	return sysctl_out(rq, &v, sizeof(v));
}

/* As many bytes as there is room for. */
static int
sysctl_arandom(struct sysctl_req *rq)
{
	char buf[RANDOM_MAX];
	size_t len = rq->rq_old != NULL ? umin(rq->rq_room, sizeof(buf)) : sizeof(buf);

	random_bytes(buf, len);
	return sysctl_out(rq, buf, len);
}

static int
sysctl_evcnt(struct sysctl_req *rq)
{
	struct heddle_evcnt he;

	evcnt_sum(&he);
	return sysctl_out(rq, &he, sizeof(he));
}

/* How many LWPs there are.  May sleep. */
static uint64_t
count_lwps(void)
{
	struct proc *p;
	uint64_t n = 0;

	mutex_enter(&proclist_lock);
	LIST_FOREACH(p, &allproc, p_list)
		n += atomic_load_relaxed(&p->p_nlwps);
	mutex_exit(&proclist_lock);
	return n;
}

static int
sysctl_mem(struct sysctl_req *rq)
{
	struct heddle_mem hm;
	struct page_stats ps;

	memset(&hm, 0, sizeof(hm));
	hm.hm_nlwps = count_lwps();
	hm.hm_nprocs = atomic_load_relaxed(&nprocs);
	hm.hm_objects = pool_objects();
	page_stats(&ps);
	hm.hm_total = ps.ps_total;
	hm.hm_free = ps.ps_free;
	hm.hm_pool = pool_pages();
	hm.hm_user = vm_user_pages();
	hm.hm_kstack = kstack_pages() + pmap_ktables() + trace_pages();
	hm.hm_kernel = hm.hm_total - hm.hm_free - hm.hm_pool - hm.hm_user - hm.hm_kstack;
	return sysctl_out(rq, &hm, sizeof(hm));
}

static int
sysctl_lwpop(struct sysctl_req *rq)
{
	struct heddle_lwpop ho;
	int error;

	if (rq->rq_new == NULL || rq->rq_newlen != sizeof(ho))
		return EINVAL;
	error = copyin(rq->rq_new, &ho, sizeof(ho));
	return error != 0 ? error : lwp_outside(ho.ho_pid, ho.ho_lid, ho.ho_op, ho.ho_signo);
}

/* Have all invariants checked.  May sleep. */
static int
sysctl_invariants(struct sysctl_req *rq)
{
#ifdef DEBUG
	return out_int(rq, rq->rq_old != NULL ? invariants_check(true) : 0);
#else
	(void)rq;
	return ENOSYS;
#endif
}

/* A name of two components, or its first two; what it gives is a function's, or a constant. */
struct sysctl_entry {
	int se_top, se_name;
	int (*se_func)(struct sysctl_req *rq);
	const char *se_string;
	int se_int;
	bool se_longer;  /* the function looks at the components that follow */
	bool se_settable;
};

static const struct sysctl_entry sysctl_table[] = {
	{ CTL_KERN, KERN_OSTYPE, .se_string = HEDDLE_OSTYPE },
	{ CTL_KERN, KERN_OSRELEASE, .se_string = HEDDLE_RELEASE },
	{ CTL_KERN, KERN_OSREV, .se_int = HEDDLE_REVISION },
	{ CTL_KERN, KERN_VERSION, .se_string = HEDDLE_BANNER },
	{ CTL_KERN, KERN_MAXPROC, .se_int = MAXPROC },
	{ CTL_KERN, KERN_ARGMAX, .se_int = ARG_MAX },
	{ CTL_KERN, KERN_HOSTNAME, .se_string = "heddle" },
	{ CTL_KERN, KERN_POSIX1, .se_int = 200112 },
	{ CTL_KERN, KERN_JOB_CONTROL, .se_int = 1 },
	{ CTL_KERN, KERN_BOOTTIME, .se_func = sysctl_boottime },
	{ CTL_KERN, KERN_IOV_MAX, .se_int = IOV_MAX },
	{ CTL_KERN, KERN_MONOTONIC_CLOCK, .se_int = 200112 },
	{ CTL_KERN, KERN_URND, .se_func = sysctl_urandom },
	{ CTL_KERN, KERN_LWP, .se_func = sysctl_lwps, .se_longer = true },
	{ CTL_KERN, KERN_POSIX_THREADS, .se_int = 200112 },
	{ CTL_KERN, KERN_ARND, .se_func = sysctl_arandom },
	{ CTL_HW, HW_NCPU, .se_func = sysctl_ncpu },
	{ CTL_HW, HW_BYTEORDER, .se_int = __BYTE_ORDER__ },
	{ CTL_HW, HW_PHYSMEM, .se_func = sysctl_physmem },
	{ CTL_HW, HW_USERMEM, .se_func = sysctl_physmem },
	{ CTL_HW, HW_PAGESIZE, .se_int = PAGE_SIZE },
	{ CTL_HW, HW_PHYSMEM64, .se_func = sysctl_physmem64 },
	{ CTL_HW, HW_USERMEM64, .se_func = sysctl_physmem64 },
	{ CTL_HW, HW_NCPUONLINE, .se_func = sysctl_ncpuonline },
	{ CTL_VENDOR, HEDDLE_PROC, .se_func = sysctl_procs, .se_longer = true },
	{ CTL_VENDOR, HEDDLE_EVCNT, .se_func = sysctl_evcnt },
	{ CTL_VENDOR, HEDDLE_MEM, .se_func = sysctl_mem },
	{ CTL_VENDOR, HEDDLE_POOL, .se_func = sysctl_pools, .se_longer = true },
	{ CTL_VENDOR, HEDDLE_FAILALLOC, .se_func = sysctl_failalloc, .se_settable = true },
	{ CTL_VENDOR, HEDDLE_NOSYS, .se_func = sysctl_nosys },
	{ CTL_VENDOR, HEDDLE_BLOCK, .se_func = sysctl_block, .se_settable = true },
	{ CTL_VENDOR, HEDDLE_VERSION, .se_string = HEDDLE_BANNER },
	{ CTL_VENDOR, HEDDLE_LWPOP, .se_func = sysctl_lwpop, .se_settable = true },
	{ CTL_VENDOR, HEDDLE_SCHED, .se_func = sysctl_cpus, .se_longer = true },
	{ CTL_VENDOR, HEDDLE_INVARIANTS, .se_func = sysctl_invariants },
	{ CTL_VENDOR, HEDDLE_SELFTEST, .se_func = sysctl_selftest, .se_settable = true },
	{ CTL_VENDOR, HEDDLE_TRACE, .se_func = sysctl_trace, .se_settable = true },
	{ CTL_VENDOR, HEDDLE_TRACELOG, .se_func = sysctl_tracelog, .se_longer = true },
};

/* ENOENT: no such name; ENOTDIR: the name goes on below one that is whole. */
static int
sysctl_find(const struct sysctl_req *rq, const struct sysctl_entry **sep)
{
	for (size_t i = 0; i < nitems(sysctl_table); i++) {
		const struct sysctl_entry *se = &sysctl_table[i];
		if (se->se_top != rq->rq_name[0] || se->se_name != rq->rq_name[1])
			continue;
		if (rq->rq_namelen > 2 && !se->se_longer)
			return ENOTDIR;
		*sep = se;
		return 0;
	}
	return ENOENT;
}

static int
sysctl_answer(struct sysctl_req *rq)
{
	const struct sysctl_entry *se;
	int error;

	error = sysctl_find(rq, &se);
	if (error != 0)
		return error;
	if (rq->rq_new != NULL && !se->se_settable)
		return EPERM;
	if (se->se_func != NULL)
		return se->se_func(rq);
	if (se->se_string != NULL)
		return sysctl_out(rq, se->se_string, strlen(se->se_string) + 1);
	return sysctl_out(rq, &se->se_int, sizeof(se->se_int));
}

int
sys___sysctl(struct lwp *l, const struct sys___sysctl_args *uap, register_t *retval)
{
	int name[CTL_MAXNAME];
	struct sysctl_req rq = {
		.rq_lwp = l,
		.rq_name = name,
		.rq_namelen = uap->namelen,
		.rq_old = uap->oldp,
		.rq_new = uap->newp,
		.rq_newlen = uap->newlen,
	};
	int error, error2 = 0;

	(void)retval;
	if (uap->namelen < 2 || uap->namelen > CTL_MAXNAME)
		return EINVAL;
	error = copyin(uap->name, name, uap->namelen * sizeof(name[0]));
	if (error == 0 && uap->oldlenp != NULL)
		error = copyin(uap->oldlenp, &rq.rq_room, sizeof(rq.rq_room));
	if (error != 0)
		return error;
	error = sysctl_answer(&rq);
	if (uap->oldlenp != NULL && (error == 0 || error == ENOMEM))
		error2 = copyout(&rq.rq_len, uap->oldlenp, sizeof(rq.rq_len));
	return error != 0 ? error : error2;
}
