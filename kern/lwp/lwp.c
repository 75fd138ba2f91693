/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LWP itself: its lock, its state, its memory.
 *
 * States
 *	LSIDL        being built, or an idle LWP that does not run
 *	LSRUN        on a run queue
 *	LSONPROC     has a CPU
 *	LSSLEEP      on a sleep queue
 *	LSSTOP       stopped with its process (job control)
 *	LSSUSPENDED  by _lwp_suspend
 *	LSZOMB       has left its CPU for ever
 *
 * The lock of an LWP is the lock of the place where it is (kern/lwp.h).
 *
 * Memory.  A struct lwp with its kernel stack is an object of lwp_pool.  It keeps
 * the stack, a valid l_mutex and a growing l_gen while it is free; its memory never
 * becomes anything else.  So a pointer to an LWP that was found without a lock may
 * be locked, and what it says then decides.
 *
 * Why a stale pointer does no harm.  Who exits takes its identity out of l_park, under the
 * lock.  A later life has another id or belongs to another process, or is the very
 * LWP that the id names now.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/sleepq.h>
#include <sys/errno.h>

static struct pool *lwp_pool;
static volatile uint32_t nlwps; /* atomic: LWPs that exist, kernel threads too */
uint32_t lwp_limit = LWP_LIMIT;

#ifdef DEBUG
#define S(stat) (1 << (stat))
/* lwp_next[from]: the states that may follow. */
static const uint16_t lwp_next[] = {
	[LSIDL] = S(LSRUN) | S(LSONPROC) | S(LSSUSPENDED),
	[LSRUN] = S(LSONPROC),
	[LSSLEEP] = S(LSRUN),
	[LSSTOP] = S(LSRUN),
	[LSZOMB] = S(LSIDL),
	[LSONPROC] = S(LSRUN) | S(LSSLEEP) | S(LSSTOP) | S(LSSUSPENDED) | S(LSZOMB) | S(LSIDL),
	[LSSUSPENDED] = S(LSRUN),
};
#undef S

bool
lwp_may_become(const struct lwp *l, int stat)
{
	if ((lwp_next[l->l_stat] & 1 << stat) == 0)
		panic("LWP %p: state %d cannot follow %d", (const void *)l, stat, l->l_stat);
	return true;
}
#endif

void
lwp_need_userret(struct lwp *l)
{
	KASSERT(lwp_locked(l));
	/* The flags were set before: whoever clears l_ast (userret) reads them after. */
	atomic_store_release(&l->l_ast, 1);
	if (l->l_stat == LSONPROC && l->l_cpu != curcpu())
		md_ipi_resched(l->l_cpu);
}

uint64_t
lwp_rtime(const struct lwp *l, uint64_t now)
{
	uint64_t begun;

	KASSERT(lwp_locked(l));
	if (l->l_stat != LSONPROC)
		return l->l_rtime;
	begun = l->l_cpu->ci_switch_time;
	return now <= begun ? l->l_rtime : l->l_rtime + (now - begun);
}

/* Once for each struct lwp: what stays with it from life to life. */
static int
lwp_ctor(void *obj)
{
	struct lwp *l = obj;

	memset(l, 0, sizeof(*l));
	if (kstack_alloc(&l->l_kstack) != 0)
		return ENOMEM;
	l->l_stat = LSIDL;
	l->l_cpu = cpus[0];
	l->l_mutex = &l->l_cpu->ci_lock;
	callout_init(&l->l_timeout, sleepq_timeout, l);
	cv_init(&l->l_exitcv, "lwpwait");
	return 0;
}

void
lwp_init(void)
{
	lwp_pool = pool_create("lwp", sizeof(struct lwp), CACHELINE, lwp_ctor);
	lwp_suspend_init();
}

/* What a new LWP inherits from its maker for the scheduler. */
struct inherit {
	uint8_t class;
	uint8_t priority;
	uint64_t affinity;
};

static struct inherit
lwp_inherit(struct lwp *l1)
{
	struct inherit in = { SCHED_OTHER, PRI_USER_TOP - 20, ~0UL };

	if ((lwp_flags(l1) & LW_SYSTEM) != 0)
		return in;
	/* Locked: somebody may be changing class and priority, and they go together. */
	lwp_lock_first(l1);
	in = (struct inherit){ l1->l_class, sched_basepri(l1), l1->l_affinity };
	lwp_unlock_last(l1);
	return in;
}

int
lwp_alloc(struct proc *p, struct lwp **newp)
{
	struct inherit in = lwp_inherit(curlwp);
	struct lwp *l;

	if (atomic_inc(&nlwps) >= lwp_limit) {
		atomic_dec(&nlwps);
		return EAGAIN;
	}
	l = pool_get(lwp_pool);
	if (l == NULL) {
		atomic_dec(&nlwps);
		return ENOMEM;
	}
	/* Nobody else writes it, and who has a stale pointer looks at l_park, which says: nobody. */
	KASSERT(l->l_stat == LSIDL && l->l_lid == 0 && l->l_park == 0);
	l->l_proc = p;
	l->l_gen++;
	l->l_flag = 0;
	l->l_rtime = 0;
	l->l_class = in.class;
	l->l_priority = in.priority;
	l->l_nceilings = 0;
	l->l_affinity = in.affinity;
	l->l_slice = SCHED_SLICE_NS;
	l->l_sigmask = curlwp->l_sigmask;
	l->l_ast = 0;
	l->l_sigpend = (sigset_t){ { 0 } };
	l->l_sigtrap.ksi_signo = 0;
	l->l_sigclaim.ksi_signo = 0;
	l->l_sigstk = (stack_t){ .ss_flags = SS_DISABLE };
	l->l_sigwait = NULL;
	l->l_nopreempt = 0;
	l->l_pflag = 0;
	l->l_prflag = 0;
	l->l_private = NULL;
	l->l_lwpctl = NULL;
	l->l_failalloc = 0;
	l->l_failonein = curlwp->l_failonein;
	l->l_failseed = curlwp->l_failseed ^ l->l_gen;
	l->l_nwaiters = 0;
	l->l_nsuspenders = 0;
	l->l_waitingfor = NULL;
	l->l_func = NULL;
	l->l_name[0] = '\0';
	l->l_sysent = p->p_emul->e_sysent;
	md_lwp_init(l);
	sched_place(l);
	*newp = l;
	return 0;
}

void
lwp_destroy(struct lwp *l)
{
	KASSERT(l->l_timeout.c_cpu == NULL);
	KASSERT(l->l_sleepq == NULL);
	KASSERT(l->l_lwpctl == NULL);
	KASSERT(l->l_stat == LSIDL && l->l_park == 0);
	l->l_lid = 0;
	md_lwp_free(l);
	pool_put(lwp_pool, l);
	atomic_dec(&nlwps);
}
