/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sysctl names that give arrays: LWPs, processes, pools, CPUs.
 *
 * A listing is built in kernel memory with the locks held that make it one picture
 * (proclist_lock -> p_lock -> each LWP's lock), and copied to the user when they are
 * released.  So its memory is allocated before, for as many elements as there were and
 * a few more; what then does not fit is counted, and the program asks again.
 *
 * Elements are cleared before they are filled in, so no stale bytes get out; they hold
 * no kernel addresses.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/sleepq.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>

#include "sysctl_impl.h"

#define LISTING_CHUNK 65536UL /* bytes allocated at once */
#define LISTING_SLOP 8        /* elements that may come while we allocate */
#define ELEMENT_MAX 4096UL    /* longest element that a program may ask for */
#define NS_PER_SEC 1000000000UL

struct listing {
	size_t li_stride;   /* bytes from element to element, as the program wants it */
	size_t li_size;     /* bytes of ours that go into one */
	size_t li_perchunk;
	size_t li_max;      /* elements that there is room for */
	size_t li_count;    /* elements that there are */
	size_t li_nchunks;
	char **li_chunk;    /* each LISTING_CHUNK bytes, cleared */
};

static void
listing_free(struct listing *li)
{
	if (li->li_chunk == NULL)
		return;
	for (size_t i = 0; i < li->li_nchunks; i++)
		kmem_free(li->li_chunk[i], LISTING_CHUNK);
	kmem_free(li->li_chunk, li->li_nchunks * sizeof(char *));
}

/*
 * Prepare a listing of elements of `size` bytes, which the program wants every `stride`
 * bytes; `now` is how many there are at present, `limit` how many it wants at most.
 * EINVAL: a bad stride; ENOMEM.
 */
static int
listing_init(struct listing *li, const struct sysctl_req *rq, int stride, size_t size, size_t now,
    size_t limit)
{
	memset(li, 0, sizeof(*li));
	if (stride <= 0 || (size_t)stride > ELEMENT_MAX)
		return EINVAL;
	li->li_stride = (size_t)stride;
	li->li_size = umin(size, li->li_stride);
	li->li_perchunk = LISTING_CHUNK / li->li_stride;
	if (rq->rq_old != NULL)
		li->li_max = umin(umin(rq->rq_room / li->li_stride, limit), now + LISTING_SLOP);
	li->li_nchunks = (li->li_max + li->li_perchunk - 1) / li->li_perchunk;
	if (li->li_nchunks == 0)
		return 0;
	li->li_chunk = kmem_alloc(li->li_nchunks * sizeof(char *));
	if (li->li_chunk == NULL)
		return ENOMEM;
	for (size_t i = 0; i < li->li_nchunks; i++) {
		li->li_chunk[i] = kmem_alloc(LISTING_CHUNK);
		if (li->li_chunk[i] == NULL) {
			listing_free(li);
			return ENOMEM;
		}
	}
	return 0;
}

/* Is there room for the next element?  If not, it is only counted. */
static bool
listing_wants(const struct listing *li)
{
	return li->li_count < li->li_max;
}

static void
listing_add(struct listing *li, const void *element)
{
	size_t i = li->li_count++;

	if (i < li->li_max)
		memcpy(li->li_chunk[i / li->li_perchunk] + i % li->li_perchunk * li->li_stride, element,
		    li->li_size);
}

/* Copy the listing out, and free it.  No lock held. */
static int
listing_out(struct listing *li, struct sysctl_req *rq)
{
	size_t left = umin(li->li_count, li->li_max), step = li->li_perchunk * li->li_stride;
	char *to = rq->rq_old;
	int error = 0;

	for (size_t i = 0; error == 0 && left > 0; i++) {
		size_t n = umin(left, li->li_perchunk);
		error = copyout(li->li_chunk[i], to, n * li->li_stride);
		to += step;
		left -= n;
	}
	listing_free(li);
	rq->rq_len = li->li_count * li->li_stride;
	if (rq->rq_old == NULL)
		rq->rq_len += LISTING_SLOP * li->li_stride;
	else if (error == 0 && li->li_count > li->li_max)
		error = ENOMEM;
	return error;
}

/* --- LWPs --- */

/* What l's lock covers. */
static void
fill_lwp_locked(struct kinfo_lwp *ki, const struct lwp *l, uint64_t now)
{
	uint64_t rtime = lwp_rtime(l, now);

	ki->l_stat = (int8_t)l->l_stat;
	ki->l_priority = l->l_priority;
	ki->l_usrpri = sched_basepri(l);
	ki->l_cpuid = l->l_cpu->ci_index;
	ki->l_rtime_sec = (uint32_t)(rtime / NS_PER_SEC);
	ki->l_rtime_usec = (uint32_t)(rtime % NS_PER_SEC / 1000);
	ki->l_flag = L_INMEM;
	if ((l->l_flag & LW_SYSTEM) != 0)
		ki->l_flag |= L_SYSTEM;
	if ((l->l_flag & LW_WSUSPEND) != 0)
		ki->l_flag |= L_WSUSPEND;
	if (l->l_stat != LSSLEEP)
		return;
	if ((l->l_flag & LW_SINTR) != 0)
		ki->l_flag |= L_SINTR;
	(void)strlcpy(ki->l_wmesg, l->l_wmesg, sizeof(ki->l_wmesg));
	if (l->l_syncobj == &syncobj_park)
		ki->l_wchan = l->l_wchan ^ (uintptr_t)l->l_proc;
	if (now > l->l_slept_at)
		ki->l_slptime = (uint32_t)((now - l->l_slept_at) / NS_PER_SEC);
}

/*
 * One that executes no user code (again) is shown so: also while it is still on its way off
 * the CPU, and when it was stopped where it sleeps (kern/lwp/signal_stop.c).  p_lock held, and l's.
 */
static void
fill_stopped(struct kinfo_lwp *ki, const struct lwp *l)
{
	bool asleep = l->l_stat == LSSLEEP && (l->l_flag & LW_SINTR) != 0;

	if ((l->l_flag & LW_EXITING) != 0)
		ki->l_stat = LSZOMB;
	else if ((l->l_flag & LW_SUSPENDED) != 0 && !asleep)
		ki->l_stat = LSSUSPENDED;
	else if ((l->l_prflag & LPR_STOPPED) != 0 || (asleep && (l->l_flag & LW_WSTOP) != 0))
		ki->l_stat = LSSTOP;
	else if ((l->l_proc->p_sflag & PS_STOPPED) != 0)
		ki->l_stat = LSSTOP; /* its sleep has ended since: it is on the way to the boundary */
}

/* p_lock held. */
static void
fill_lwp(struct kinfo_lwp *ki, struct lwp *l, uint64_t now)
{
	memset(ki, 0, sizeof(*ki));
	ki->l_lid = l->l_lid;
	ki->l_pid = (uint32_t)l->l_proc->p_pid;
	(void)strlcpy(ki->l_name, l->l_name, sizeof(ki->l_name));
	lwp_lock(l);
	fill_lwp_locked(ki, l, now);
	fill_stopped(ki, l);
	lwp_unlock(l);
	if ((l->l_prflag & LPR_DETACHED) != 0)
		ki->l_flag |= L_DETACHED;
}

static void
list_lwps_of(struct listing *li, struct proc *p)
{
	uint64_t now = md_monotonic_ns();
	struct kinfo_lwp ki;
	struct lwp *l;

	mutex_enter(&p->p_lock);
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (!listing_wants(li)) {
			li->li_count++;
			continue;
		}
		fill_lwp(&ki, l, now);
		listing_add(li, &ki);
	}
	mutex_exit(&p->p_lock);
}

/* How many LWPs match.  proclist_lock held. */
static size_t
count_lwps(pid_t pid)
{
	struct proc *p;
	size_t n = 0;

	LIST_FOREACH(p, &allproc, p_list)
		if (pid == -1 || p->p_pid == pid)
			n += atomic_load_relaxed(&p->p_nlwps);
	return n;
}

static void
list_lwps(struct listing *li, pid_t pid, bool *found)
{
	struct proc *p;

	*found = pid == -1;
	mutex_enter(&proclist_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		if (pid != -1 && p->p_pid != pid)
			continue;
		*found = true;
		list_lwps_of(li, p);
	}
	mutex_exit(&proclist_lock);
}

/* {CTL_KERN, KERN_LWP, pid, element size, most elements}; pid -1: of all processes. */
int
sysctl_lwps(struct sysctl_req *rq)
{
	struct listing li;
	size_t now;
	bool found;
	int error;

	if (rq->rq_namelen != 5 || rq->rq_name[4] < 0)
		return EINVAL;
	mutex_enter(&proclist_lock);
	now = count_lwps(rq->rq_name[2]);
	mutex_exit(&proclist_lock);
	error = listing_init(&li, rq, rq->rq_name[3], sizeof(struct kinfo_lwp), now,
	    (size_t)rq->rq_name[4]);
	if (error != 0)
		return error;
	list_lwps(&li, rq->rq_name[2], &found);
	error = listing_out(&li, rq);
	return found ? error : ESRCH;
}

/* --- Processes --- */

/* proclist_lock and p_lock held. */
static void
fill_proc(struct heddle_proc *hp, struct proc *p)
{
	struct vmspace *vm = atomic_load_relaxed(&p->p_vmspace);

	memset(hp, 0, sizeof(*hp));
	hp->hp_pid = p->p_pid;
	hp->hp_ppid = p->p_parent != NULL ? p->p_parent->p_pid : 0;
	hp->hp_stat = p->p_stat;
	hp->hp_nlwps = (int32_t)p->p_nlwps;
	hp->hp_nzlwps = (int32_t)p->p_nzlwps;
	hp->hp_xstat = p->p_stat == SZOMB ? p->p_xstat : 0;
	hp->hp_rtime_ns = proc_cputime(p);
	(void)strlcpy(hp->hp_comm, p->p_comm, sizeof(hp->hp_comm));
	if (vm != NULL) {
		hp->hp_vsize = vm_size(vm);
		hp->hp_rsspages = vm_resident(vm);
	}
}

static void
list_procs(struct listing *li)
{
	struct heddle_proc hp;
	struct proc *p;

	mutex_enter(&proclist_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		mutex_enter(&p->p_lock);
		fill_proc(&hp, p);
		mutex_exit(&p->p_lock);
		listing_add(li, &hp);
	}
	mutex_exit(&proclist_lock);
}

/* {CTL_VENDOR, HEDDLE_PROC, element size} */
int
sysctl_procs(struct sysctl_req *rq)
{
	struct listing li;
	int error;

	if (rq->rq_namelen != 3)
		return EINVAL;
	error = listing_init(&li, rq, rq->rq_name[2], sizeof(struct heddle_proc),
	    atomic_load_relaxed(&nprocs), SIZE_MAX);
	if (error != 0)
		return error;
	list_procs(&li);
	return listing_out(&li, rq);
}

/* --- Pools --- */

/* {CTL_VENDOR, HEDDLE_POOL, element size} */
int
sysctl_pools(struct sysctl_req *rq)
{
	size_t n = pool_report(NULL, 0), size = n * sizeof(struct heddle_pool);
	struct heddle_pool *pools;
	struct listing li;
	int error;

	if (rq->rq_namelen != 3)
		return EINVAL;
	error = listing_init(&li, rq, rq->rq_name[2], sizeof(*pools), n, SIZE_MAX);
	if (error != 0)
		return error;
	pools = kmem_alloc(size);
	if (pools == NULL) {
		listing_free(&li);
		return ENOMEM;
	}
	(void)pool_report(pools, n);
	for (size_t i = 0; i < n; i++)
		listing_add(&li, &pools[i]);
	kmem_free(pools, size);
	return listing_out(&li, rq);
}

/* --- CPUs --- */

static void
fill_cpu(struct heddle_cpu *hc, struct cpu_info *ci)
{
	const struct lwp *l;

	memset(hc, 0, sizeof(*hc));
	hc->hc_id = (int32_t)ci->ci_index;
	hc->hc_online = ci->ci_online;
	spin_enter(&ci->ci_lock);
	/* It cannot leave the CPU while ci_lock is held, so it is somebody's. */
	l = ci->ci_curlwp;
	hc->hc_pid = l->l_proc->p_pid;
	hc->hc_lid = l->l_lid;
	hc->hc_runnable = ci->ci_runq.rq_count;
	spin_exit(&ci->ci_lock);
	hc->hc_switches = atomic_load_relaxed(&ci->ci_ev.ev_switches);
	hc->hc_preempted = atomic_load_relaxed(&ci->ci_ev.ev_preempts);
	hc->hc_stolen = atomic_load_relaxed(&ci->ci_ev.ev_steals);
	hc->hc_idle_ns = atomic_load_relaxed(&ci->ci_ev.ev_idle_ns);
	hc->hc_ipis = atomic_load_relaxed(&ci->ci_ev.ev_ipis);
	hc->hc_timer_intrs = atomic_load_relaxed(&ci->ci_ev.ev_timers);
}

/* {CTL_VENDOR, HEDDLE_SCHED, element size} */
int
sysctl_cpus(struct sysctl_req *rq)
{
	struct heddle_cpu hc;
	struct listing li;
	int error;

	if (rq->rq_namelen != 3)
		return EINVAL;
	error = listing_init(&li, rq, rq->rq_name[2], sizeof(hc), ncpu, SIZE_MAX);
	if (error != 0)
		return error;
	for (uint32_t i = 0; i < ncpu; i++) {
		fill_cpu(&hc, cpus[i]);
		listing_add(&li, &hc);
	}
	return listing_out(&li, rq);
}
