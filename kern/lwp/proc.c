/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes: the list, pids, the memory of struct proc.
 *
 * Locks: proclist_lock covers the list of all processes, the family links and the
 * pids; it comes before any p_lock.
 *
 * A pid is found by walking the list: there are at most MAXPROC processes, and only
 * fork, wait4 and listings look.
 */
#include <kern/cpu.h>
#include <kern/file.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pgrp.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/sleepq.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/sched.h>

struct proc proc0;
struct proc *initproc;
struct kmutex proclist_lock;
struct proclist allproc;
uint32_t nprocs;

static struct pool *proc_pool;
static pid_t last_pid; /* proclist_lock */

static void
proc_setup(struct proc *p)
{
	memset(p, 0, sizeof(*p));
	mutex_init(&p->p_lock, "proc");
	cv_init(&p->p_lwpcv, "lwps");
	cv_init(&p->p_waitcv, "wait");
	cv_init(&p->p_sigwaitcv, "sigwait");
	itimer_setup(p);
	TAILQ_INIT(&p->p_lwps);
	LIST_INIT(&p->p_children);
	p->p_emul = &emul_native;
	p->p_stat = SIDL;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		p->p_rlimit[i].rlim_cur = p->p_rlimit[i].rlim_max = RLIM_INFINITY;
	/* All that there is: NetBSD's libpthread takes the limit for the size. */
	p->p_rlimit[RLIMIT_STACK].rlim_cur = p->p_rlimit[RLIMIT_STACK].rlim_max = USER_STACK_SIZE;
}

/* proc0: the kernel threads.  The only process that is not allocated. */
void
proc_init(void)
{
	proc_pool = pool_create("proc", sizeof(struct proc), CACHELINE, NULL);
	mutex_init(&proclist_lock, "proclist");
	LIST_INIT(&allproc);
	proc_setup(&proc0);
	proc0.p_sflag = PS_SYSTEM;
	proc0.p_stat = SACTIVE;
	strlcpy(proc0.p_comm, "system", sizeof(proc0.p_comm));
	if (lid_init(&proc0) != 0)
		panic("no memory for the first process");
	LIST_INSERT_HEAD(&allproc, &proc0, p_list);
	nprocs = 1;
}

struct proc *
proc_find(pid_t pid)
{
	struct proc *p;

	KASSERT(mutex_owned(&proclist_lock));
	LIST_FOREACH(p, &allproc, p_list) {
		if (p->p_pid == pid)
			return p;
	}
	return NULL;
}

/* The next free pid.  There are fewer processes than pids, so the search ends. */
static pid_t
pid_choose(void)
{
	do
		last_pid = last_pid < PID_MAX ? last_pid + 1 : 2;
	while (pgrp_pid_in_use(last_pid) || console_foreground() == last_pid);
	return last_pid;
}

int
proc_alloc(struct proc *parent, struct proc **pp)
{
	struct proc *p = pool_get(proc_pool);
	int error = 0;

	if (p == NULL)
		return ENOMEM;
	proc_setup(p);
	if (lid_init(p) != 0) {
		pool_put(proc_pool, p);
		return ENOMEM;
	}
	mutex_enter(&proclist_lock);
	if (nprocs >= MAXPROC)
		error = EAGAIN;
	else if (sig_must_leave(parent))
		error = ERESTARTALWAYS; /* else the child would escape a signal to the whole group */
	if (error != 0) {
		mutex_exit(&proclist_lock);
		lid_destroy(p);
		pool_put(proc_pool, p);
		return error;
	}
	nprocs++;
	p->p_pid = pid_choose();
	p->p_parent = parent;
	pgrp_inherit(p, parent);
	mutex_enter(&parent->p_lock);
	memcpy(p->p_rlimit, parent->p_rlimit, sizeof(p->p_rlimit));
	proc_unlock(parent);
	strlcpy(p->p_comm, parent->p_comm, sizeof(p->p_comm));
	LIST_INSERT_HEAD(&parent->p_children, p, p_siblings);
	LIST_INSERT_HEAD(&allproc, p, p_list);
	mutex_exit(&proclist_lock);
	*pp = p;
	return 0;
}

void
proc_free(struct proc *p)
{
	KASSERT(TAILQ_EMPTY(&p->p_lwps));
	KASSERT(p->p_lwpctl == NULL);
	mutex_enter(&proclist_lock);
	while (p->p_nholds != 0)
		cv_wait(&p->p_waitcv, &proclist_lock); /* it has no children any more */
	LIST_REMOVE(p, p_siblings);
	LIST_REMOVE(p, p_list);
	nprocs--;
	mutex_exit(&proclist_lock);
	lid_destroy(p);
	pool_put(proc_pool, p);
}

uint64_t
proc_cputime(struct proc *p)
{
	uint64_t now = md_monotonic_ns(), sum = p->p_rtime;
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_lock));
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		lwp_lock(l);
		sum += lwp_rtime(l, now);
		lwp_unlock(l);
	}
	return sum;
}

int
proc_hold(pid_t pid, struct proc **pp)
{
	struct proc *p;
	int error = 0;

	mutex_enter(&proclist_lock);
	p = proc_find(pid);
	if (p == NULL || p->p_stat != SACTIVE)
		error = ESRCH;
	else if ((p->p_sflag & PS_SYSTEM) != 0)
		error = EPERM;
	else
		p->p_nholds++;
	mutex_exit(&proclist_lock);
	*pp = p;
	return error;
}

void
proc_rele(struct proc *p)
{
	mutex_enter(&proclist_lock);
	if (--p->p_nholds == 0 && p->p_stat != SACTIVE)
		cv_broadcast(&p->p_waitcv);
	mutex_exit(&proclist_lock);
}

/*
 * state.3: the counters equal a recount of the list.  A process with very many LWPs
 * is recounted only now and then: each recount walks them all.
 */
#ifdef DEBUG
#define CHECK_ALWAYS 128

static void
proc_recount(struct proc *p)
{
	uint32_t n = 0, z = 0, d = 0, w = 0, idl = 0, sus = 0, off = 0;
	struct lwp *l;

	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		bool exiting = (lwp_flags(l) & LW_EXITING) != 0;

		KASSERT(l->l_proc == p);
		n++;
		z += exiting;
		d += (l->l_prflag & (LPR_DETACHED | LPR_IDL)) == LPR_DETACHED;
		w += (l->l_prflag & LPR_WAIT) != 0;
		idl += (l->l_prflag & LPR_IDL) != 0;
		sus += !exiting && (l->l_prflag & LPR_IDL) == 0 && (lwp_flags(l) & LW_WSUSPEND) != 0;
		off += exiting || (l->l_prflag & (LPR_IDL | LPR_STOPPED)) != 0 ||
		    (lwp_flags(l) & LW_SUSPENDED) != 0;
	}
	if (n != p->p_nlwps || z != p->p_nzlwps || d != p->p_ndlwps || w != p->p_nlwpwait ||
	    idl != p->p_nidlwps || sus != p->p_nwsuspend || n - off != p->p_nrlwps)
		panic("process %d: counted %u LWPs, %u exiting, %u detached, %u waiting, %u new, "
		      "%u suspended; kept %u %u %u %u %u %u, %u running", p->p_pid, n, z, d, w,
		    idl, sus, p->p_nlwps, p->p_nzlwps, p->p_ndlwps, p->p_nlwpwait, p->p_nidlwps,
		    p->p_nwsuspend, p->p_nrlwps);
}
#endif

void
proc_check(struct proc *p)
{
	KASSERT(mutex_owned(&p->p_lock));
#ifdef DEBUG
	static uint32_t turn;

	if (p->p_nlwps <= CHECK_ALWAYS || ++turn % (p->p_nlwps / CHECK_ALWAYS) == 0)
		proc_recount(p);
#endif
}

void
proc_unlock(struct proc *p)
{
	proc_check(p);
	mutex_exit(&p->p_lock);
}
