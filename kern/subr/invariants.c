/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariants of doc/invariants.md, checked by one walk over every process, LWP, CPU and
 * queue.  Debug kernels only.
 *
 * Of a machine that runs, each part is looked at under the locks that cover it, so it need not be quiet:
 * what an invariant says holds whenever nobody holds the locks that it names.  Of a
 * machine that was stopped (a panic) no lock is taken, and a CPU that was stopped in the middle of a
 * change may leave something half done: the report says which locks were held.
 *
 * Locks, one after the other: proclist_lock -> p_lock -> an LWP's; a CPU's; a bucket's.
 */
#include <kern/cpu.h>
#include <kern/invariants.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/mutex.h>
#include <kern/page.h>
#include <kern/proc.h>
#include <kern/sleepq.h>
#include <kern/spin.h>

#ifdef DEBUG
#define STEPS 1000000 /* of a list, before it is taken for a ring */
#define ON_ITS_WAY_NS 2000000000UL /* an idle CPU that was told to come has come, also on a busy host */

struct walk {
	bool w_live;      /* locks are taken */
	uint32_t w_found; /* violations */
	uint32_t w_procs, w_children;
};

/* Invariant number n does not hold. */
static void __attribute__((format(printf, 3, 4)))
wrong(struct walk *w, int n, const char *fmt, ...)
{
	va_list ap;

	w->w_found++;
	kprintf("invariant inv.%d broken: ", n);
	va_start(ap, fmt);
	kvprintf(fmt, ap);
	va_end(ap);
	kprintf("\n");
}

#define MUST(w, n, cond, ...)                                                   \
	do {                                                                    \
		if (predict_false(!(cond)))                                     \
			wrong(w, n, __VA_ARGS__);                               \
	} while (0)

static void
lock(const struct walk *w, struct kspin *m)
{
	if (w->w_live)
		spin_enter(m);
}

static void
unlock(const struct walk *w, struct kspin *m)
{
	if (w->w_live)
		spin_exit(m);
}

/* Is what stands before l in its queue followed by l? */
static bool
is_linked(const struct lwp *l)
{
	return l->l_link.tqe_prev != NULL && *l->l_link.tqe_prev == l;
}

/* ---- LWPs ---- */

static int
pid_of(const struct lwp *l)
{
	return l->l_proc != NULL ? l->l_proc->p_pid : -1;
}

#define WHO "LWP %d.%d"
#define NAME(l) pid_of(l), (l)->l_lid

static void
check_sleeper(struct walk *w, const struct lwp *l)
{
	const struct kspin *bucket = &sleeptab_bucket(l->l_wchan)->sb_lock;

	MUST(w, 8, l->l_sleepq != NULL && is_linked(l), WHO " sleeps and is on no sleep queue", NAME(l));
	MUST(w, 9, l->l_wchan != 0 && l->l_wmesg != NULL && l->l_syncobj != NULL,
	    WHO " sleeps, and for nothing", NAME(l));
	if (l->l_syncobj == &syncobj_mutex) {
		MUST(w, 10, mutex_is_chain(l->l_mutex), WHO " sleeps for a mutex and no chain covers it", NAME(l));
		MUST(w, 11, (l->l_flag & LW_SINTR) == 0, WHO " sleeps for a mutex, interruptibly", NAME(l));
	} else {
		MUST(w, 10, l->l_mutex == bucket, WHO " sleeps, not covered by the bucket of its channel", NAME(l));
	}
	MUST(w, 12, l->l_syncobj != &syncobj_park || !lwp_has_token(l), WHO " is parked with a full token", NAME(l));
}

static void
check_awake(struct walk *w, const struct lwp *l)
{
	MUST(w, 13, l->l_sleepq == NULL && l->l_wchan == 0 && (l->l_flag & LW_SINTR) == 0,
	    WHO " in state %d has a sleep queue, a channel or LW_SINTR", NAME(l), l->l_stat);
	MUST(w, 14, l->l_mutex == &l->l_cpu->ci_lock, WHO " in state %d is not covered by its CPU", NAME(l),
	    l->l_stat);
}

/* What its state alone wants.  p_lock and l's lock held. */
static void
check_state(struct walk *w, const struct lwp *l)
{
	uint32_t flag = l->l_flag;

	switch (l->l_stat) {
	case LSIDL:
		MUST(w, 15, (l->l_prflag & LPR_IDL) != 0 || (flag & LW_IDLE) != 0,
		    WHO " is new, and published", NAME(l));
		break;
	case LSRUN:
		MUST(w, 16, is_linked(l), WHO " waits to run, on no run queue", NAME(l));
		break;
	case LSONPROC:
		MUST(w, 17, l->l_cpu->ci_curlwp == l && l->l_running, WHO " runs, and CPU %u runs another", NAME(l),
		    l->l_cpu->ci_index);
		break;
	case LSSLEEP:
		break;
	case LSSTOP:
		MUST(w, 18, (l->l_prflag & LPR_STOPPED) != 0, WHO " has stopped, and is not marked so", NAME(l));
		break;
	case LSSUSPENDED:
		MUST(w, 19, (flag & (LW_WSUSPEND | LW_SUSPENDED)) == (LW_WSUSPEND | LW_SUSPENDED),
		    WHO " is suspended, flags 0x%x", NAME(l), flag);
		break;
	case LSZOMB:
		MUST(w, 20, (flag & LW_EXITING) != 0, WHO " is a zombie, and has not begun to exit", NAME(l));
		break;
	default:
		wrong(w, 21, WHO ": state %d", NAME(l), l->l_stat);
		break;
	}
}

static void
check_lwp(struct walk *w, struct lwp *l)
{
	if (w->w_live)
		lwp_lock(l);
	if (l->l_stat == LSSLEEP)
		check_sleeper(w, l);
	else
		check_awake(w, l);
	check_state(w, l);
	if (w->w_live)
		lwp_unlock(l);
	if (w->w_live && (l->l_prflag & LPR_IDL) == 0)
		MUST(w, 3, lid_find(l->l_proc, l->l_lid) == l, WHO " is not found by its id", NAME(l));
}

/* ---- Processes ---- */

/* Recounted from the list of its LWPs. */
struct recount {
	uint32_t rc_all, rc_zombies, rc_detached, rc_waiting, rc_new, rc_suspend, rc_off;
};

static void
count_lwp(struct recount *rc, const struct lwp *l)
{
	uint32_t flag = lwp_flags(l), prflag = l->l_prflag;
	bool exiting = (flag & LW_EXITING) != 0, idl = (prflag & LPR_IDL) != 0;

	rc->rc_all++;
	rc->rc_zombies += exiting;
	rc->rc_detached += !idl && (prflag & LPR_DETACHED) != 0;
	rc->rc_waiting += (prflag & LPR_WAIT) != 0;
	rc->rc_new += idl;
	rc->rc_suspend += !exiting && !idl && (flag & LW_WSUSPEND) != 0;
	rc->rc_off += exiting || idl || (prflag & LPR_STOPPED) != 0 || (flag & LW_SUSPENDED) != 0;
}

static void
check_counts(struct walk *w, const struct proc *p, const struct recount *rc)
{
	const struct {
		const char *name;
		uint32_t kept, counted;
	} counts[] = {
		{ "p_nlwps", p->p_nlwps, rc->rc_all },
		{ "p_nzlwps", p->p_nzlwps, rc->rc_zombies },
		{ "p_ndlwps", p->p_ndlwps, rc->rc_detached },
		{ "p_nlwpwait", p->p_nlwpwait, rc->rc_waiting },
		{ "p_nidlwps", p->p_nidlwps, rc->rc_new },
		{ "p_nwsuspend", p->p_nwsuspend, rc->rc_suspend },
		{ "p_nrlwps", p->p_nrlwps, rc->rc_all - rc->rc_off },
	};

	for (size_t i = 0; i < nitems(counts); i++)
		MUST(w, 1, counts[i].kept == counts[i].counted, "process %d: %s is %u, counted %u", p->p_pid,
		    counts[i].name, counts[i].kept, counts[i].counted);
}

static void
check_proc(struct walk *w, struct proc *p)
{
	struct recount rc = { 0 };
	const struct proc *child;
	struct lwp *l;

	w->w_procs++;
	LIST_FOREACH(child, &p->p_children, p_siblings) {
		MUST(w, 4, child->p_parent == p, "process %d is a child of %d, and knows another parent",
		    child->p_pid, p->p_pid);
		if (w->w_children++ > MAXPROC)
			break;
	}
	if (w->w_live)
		mutex_enter(&p->p_lock);
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		MUST(w, 2, l->l_proc == p, WHO " is in the list of process %d", NAME(l), p->p_pid);
		if (rc.rc_all > STEPS || l->l_proc != p)
			break;
		count_lwp(&rc, l);
		check_lwp(w, l);
	}
	check_counts(w, p, &rc);
	if (w->w_live)
		mutex_exit(&p->p_lock);
}

static void
check_procs(struct walk *w)
{
	struct proc *p;

	if (w->w_live)
		mutex_enter(&proclist_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		check_proc(w, p);
		if (w->w_procs > MAXPROC)
			break;
	}
	MUST(w, 5, w->w_procs == nprocs && w->w_children + 1 == nprocs,
	    "%u processes, %u children of processes, nprocs is %u", w->w_procs, w->w_children, nprocs);
	if (w->w_live)
		mutex_exit(&proclist_lock);
}

/* ---- CPUs and queues ---- */

static void
check_runq(struct walk *w, struct cpu_info *ci)
{
	const struct runq *rq = &ci->ci_runq;
	uint32_t total = 0;
	struct lwp *l;

	for (uint32_t pri = 0; pri < PRI_COUNT; pri++) {
		bool bit = (rq->rq_bitmap[pri / 64] >> (pri % 64) & 1) != 0;

		MUST(w, 6, bit != TAILQ_EMPTY(&rq->rq_queue[pri]), "CPU %u: the bit of priority %u is %s",
		    ci->ci_index, pri, bit ? "set, the queue empty" : "clear, the queue not empty");
		TAILQ_FOREACH(l, &rq->rq_queue[pri], l_link) {
			if (total++ > STEPS)
				break;
			MUST(w, 7, l->l_stat == LSRUN && l->l_priority == pri && l->l_cpu == ci &&
			    l->l_mutex == &ci->ci_lock,
			    "CPU %u: " WHO " is on queue %u: state %d, priority %u, CPU %u", ci->ci_index, NAME(l), pri,
			    l->l_stat, l->l_priority, l->l_cpu->ci_index);
		}
	}
	MUST(w, 22, total == rq->rq_count, "CPU %u: rq_count is %u, counted %u", ci->ci_index, rq->rq_count, total);
}

static void
check_cpu(struct walk *w, struct cpu_info *ci)
{
	const struct lwp *l;
	uint32_t n;

	if (!ci->ci_online)
		return;
	lock(w, &ci->ci_lock);
	l = ci->ci_curlwp;
	MUST(w, 23, ci->ci_idlelwp->l_priority == PRI_IDLE, "CPU %u: the idle LWP has priority %u", ci->ci_index,
	    ci->ci_idlelwp->l_priority);
	MUST(w, 23, l->l_stat == LSONPROC && l->l_cpu == ci && l->l_mutex == &ci->ci_lock,
	    "CPU %u runs " WHO ": state %d, CPU %u", ci->ci_index, NAME(l), l->l_stat, l->l_cpu->ci_index);
	check_runq(w, ci);
	unlock(w, &ci->ci_lock);
	lock(w, &ci->ci_callout_lock);
	n = callout_misplaced(ci);
	MUST(w, 24, n == 0, "CPU %u: %u callouts are out of order, or another CPU's", ci->ci_index, n);
	unlock(w, &ci->ci_callout_lock);
}

/*
 * An LWP that waits to run while a CPU that may run it is idle is on its way: that CPU has been
 * told.  So what is found has to be gone a moment later.
 */
static void
check_waiting(struct walk *w, struct cpu_info *ci)
{
	const struct lwp *l, *first = NULL;
	uint64_t rtime = 0, end = md_monotonic_ns() + ON_ITS_WAY_NS;

	if (!w->w_live)
		return; /* some CPUs were stopped before others */
	for (;;) {
		spin_enter(&ci->ci_lock);
		l = sched_beside_idle(ci);
		if (first == NULL && l != NULL) {
			first = l;
			rtime = l->l_rtime;
		}
		if (l == NULL || l != first || l->l_rtime != rtime || md_monotonic_ns() > end)
			break;
		spin_exit(&ci->ci_lock);
		md_pause();
	}
	MUST(w, 27, l == NULL || l != first || l->l_rtime != rtime,
	    WHO " waits for CPU %u while one that may run it is idle", NAME(l), ci->ci_index);
	spin_exit(&ci->ci_lock);
}

static void
check_bucket(struct walk *w, struct sleepbucket *sb)
{
	uint32_t steps = 0;
	struct lwp *l;

	lock(w, &sb->sb_lock);
	TAILQ_FOREACH(l, &sb->sb_parked, l_link) {
		if (steps++ > STEPS)
			break;
		MUST(w, 25, l->l_stat == LSSLEEP && l->l_mutex == &sb->sb_lock && l->l_syncobj == &syncobj_park,
		    WHO " is on a bucket's queue in state %d", NAME(l), l->l_stat);
	}
	unlock(w, &sb->sb_lock);
}

static void
check_pages(struct walk *w)
{
	struct page_stats ps;

	page_stats(&ps);
	MUST(w, 26, ps.ps_free <= ps.ps_total, "%lu of %lu pages are free", (unsigned long)ps.ps_free,
	    (unsigned long)ps.ps_total);
}

uint32_t
invariants_check(bool live)
{
	struct walk w = { .w_live = live };

	check_procs(&w);
	for (uint32_t i = 0; i < ncpu; i++) {
		check_cpu(&w, cpus[i]);
		check_waiting(&w, cpus[i]);
	}
	for (int i = 0; i < SLEEPTAB_SIZE; i++)
		check_bucket(&w, &sleeptab[i]);
	check_pages(&w);
	return w.w_found;
}
#endif
