/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct lwp: one thread of execution, user or kernel.
 *
 * Lock letters
 *   l   *l_mutex, the lock of the place where the LWP is (see below)
 *   p   l_proc->p_lock
 *   o   only the LWP itself (curlwp)
 *   c   constant from publication to the end
 *   a   atomic, or written under l and read without
 *   f   the free lists of LWPs (while the LWP does not exist)
 *
 * l_mutex: an LWP has no lock of its own.
 *   LSIDL, LSRUN, LSONPROC, LSSUSPENDED, LSSTOP, LSZOMB   ci_lock of l_cpu
 *   LSSLEEP                                               its bucket's lock
 * It changes only under the old lock, with the new one held.  lwp_lock() takes
 * what it points to and looks again.  While an LWP leaves a CPU, its lock is held
 * until it is off its stack: whoever gets the lock of an LWP that is not LSONPROC
 * may believe that it is on no CPU.
 *
 * The memory of a struct lwp is never used for anything else (type-stable), so a
 * stale pointer may be locked; what it then says about process, id and state decides.
 */
#ifndef _KERN_LWP_H_
#define _KERN_LWP_H_

#include <kern/callout.h>
#include <kern/condvar.h>
#include <kern/cpu.h>
#include <kern/mutex.h>
#include <kern/signal.h>
#include <kern/spin.h>
#include <kern/trace.h>
#include <machine/lwp.h>
#include <sys/lwp.h>
#include <sys/queue.h>
#include <sys/sched.h>
#include <sys/signal.h>

struct lwpctl;
struct proc;
struct syncobj;

#define LWP_NAMELEN 16

struct lwp {
	/* Known to assembly (arch/x86_64/genassym.c). */
	struct md_lwp l_md;                /* the machine's own part: c, o */
	volatile uint32_t l_ast;           /* a: look at flags on the way to user mode */
	uint32_t l_nopreempt;              /* o: > 0: not to be preempted in the kernel */
	const struct sysent *l_sysent;     /* o: the process's system-call table */
	struct proc *l_proc;               /* c (l+p to change when freed) */

	/* Scheduling. */
	struct kspin *volatile l_mutex;    /* l: the lock that covers this LWP */
	uint8_t l_stat;                    /* l: LSIDL ... LSSUSPENDED; only lwp_setstat writes it */
	uint8_t l_class;                   /* l: SCHED_OTHER, SCHED_FIFO, SCHED_RR */
	uint8_t l_priority;                /* l: 0 .. 223 */
	uint8_t l_basepri;                 /* l: with l_nceilings, the priority without them */
	uint32_t l_nceilings;              /* l: priority ceilings in force (_sched_protect) */
	volatile bool l_running;           /* l: on a CPU at this instant (contract: LP_RUNNING) */
	uint32_t l_flag;                   /* l: LW_* */
	struct lwpctl *l_lwpctl;           /* o to change: its block, in the direct map; NULL: none */
	TAILQ_ENTRY(lwp) l_link;           /* l: on the run queue or sleep queue */
	struct cpu_info *l_cpu;            /* l: where it runs or ran last */
	uint64_t l_affinity;               /* l: bit i: may run on CPU i */
	int64_t l_slice;                   /* l: ns left of the time slice */
	uint64_t l_rtime;                  /* l: ns of CPU time used so far */
	uint64_t l_slept_at;               /* l: when the sleep began, ns */

	/* Sleeping. */
	struct sleepq *l_sleepq;           /* l: the queue it is on, NULL = none */
	uintptr_t l_wchan;                 /* l: what it waits for, 0 = nothing */
	const char *l_wmesg;               /* l: for listings */
	const struct syncobj *l_syncobj;   /* l: the kind of sleep */
	int l_wakereason;                  /* l: the waker's verdict; the sleeper only reads it */
	uint64_t l_park;                   /* a: who it is, and its unpark token: lwp_park.c */
	struct callout l_timeout;          /* o arms and stops; ends a sleep with ETIMEDOUT */

	/* As a member of its process. */
	lwpid_t l_lid;                     /* c */
	uint32_t l_gen;                    /* c (but for execve): counts the lives of this struct lwp, and of its id */
	uint32_t l_prflag;                 /* p: LPR_* */
	TAILQ_ENTRY(lwp) l_sibling;        /* p */
	struct lwp *l_waitingfor;          /* p: the LWP it waits for in _lwp_wait */
	uint32_t l_nwaiters;               /* p: LWPs that wait for exactly this one */
	uint32_t l_nsuspenders;            /* p: those that wait for its suspension */
	struct kcondvar l_exitcv;          /* p: these sleep here */
	char l_name[LWP_NAMELEN];          /* p */

	/* Its own. */
	void *l_private;                   /* o: thread pointer (%fs base on x86) */

	/* Signals. */
	sigset_t l_sigmask;                /* p to change, by itself; o or p to read */
	sigset_t l_sigpend;                /* p: sent to this LWP (_lwp_kill) */
	struct ksiginfo l_sigtrap;         /* p: a fault of its own */
	struct ksiginfo l_sigclaim;        /* p: a signal of the process that it will take next */
	sigset_t l_sigoldmask;             /* o: with LP_OLDMASK, the mask before sigsuspend */
	stack_t l_sigstk;                  /* o: the alternate stack */
	const sigset_t *l_sigwait;         /* p: what it waits for in sigtimedwait, or NULL */

#ifdef DEBUG
	struct lockheld_list l_held;       /* o: adaptive mutexes that it holds */
#endif
	uint32_t l_failalloc;              /* o: fail the n-th allocation from now (debug) */
	uint32_t l_failonein;              /* o: fail one in so many, 0 = none (debug) */
	uint32_t l_failseed;               /* o: which of them */
	uint32_t l_pflag;                  /* o: LP_* */
	void (*l_func)(void *);            /* c: a kernel thread's function */
	void *l_arg;                       /* c */

	vaddr_t l_kstack;                  /* c: lowest address of the kernel stack */
	SLIST_ENTRY(lwp) l_free;           /* f */
};

/* l_flag: all under l. */
#define LW_SINTR 0x0080      /* the sleep is interruptible */
#define LW_SYSTEM 0x0200     /* a kernel thread */
#define LW_IDLE 0x0001       /* an idle LWP */
#define LW_WSTOP 0x10000     /* l+p: stop before going to user mode */
#define LW_WSUSPEND 0x20000  /* l+p: suspend before going to user mode */
#define LW_WEXIT 0x100000    /* exit before going to user mode */
#define LW_EXITING 0x400000  /* l+p: has begun to exit, or is a zombie: no longer live */
#define LW_SUSPENDED 0x40000 /* l+p: and that is in force: no user instruction can follow */
#define LW_PENDSIG 0x1000000 /* l+p: look for signals */
#define LW_CANCELLED 0x2000000 /* the next interruptible sleep fails with EINTR */
/* What userret has to look at. */
#define LW_USERRET (LW_WEXIT | LW_WSTOP | LW_WSUSPEND | LW_PENDSIG)

/* l_park: lid_key() while it is live, else 0; and in the two bits that this leaves: */
#define LWP_TOKEN 0x2UL      /* the unpark token is full */
#define LWP_PARKING 0x1UL    /* asleep in park, or on the way into it or out of it */
#define LWP_PARKBITS (LWP_TOKEN | LWP_PARKING)

/* l_prflag: all under p. */
#define LPR_DETACHED 0x1     /* nobody may wait for it */
#define LPR_WAIT 0x2         /* in _lwp_wait */
#define LPR_TDETACHED 0x4    /* the LWP it waits for was detached */
#define LPR_WAITANY 0x8      /* in _lwp_wait(0) */
#define LPR_COUNTED 0x10     /* counts against RLIMIT_NTHR */
#define LPR_IDL 0x20         /* being built, not published */
#define LPR_ASKED 0x400      /* its request to suspend is as yet nobody's but those who wait for it */
#define LPR_STOPPED 0x80     /* it has stopped with its process; cleared under l+p */

/* l_pflag: only curlwp. */
#define LP_OLDMASK 0x1       /* in sigsuspend: l_sigoldmask is to come back */

#define LWP_LIMIT 131072
extern uint32_t lwp_limit;   /* how many LWPs the system takes */

/* The LWP that runs here: constant for the code that asks, so no lock. */
#define curproc (curlwp->l_proc)

/* --- kern/lwp/lwp.c: the lock, the state, the memory --- */

/* m, which was l's lock, is held: if it no longer is that, take the one that is. */
static inline void
lwp_relock(struct lwp *l, struct kspin *m)
{
	while (predict_false(m != atomic_load_relaxed(&l->l_mutex))) {
		/* One lock is counted and interrupts are off, whichever it is. */
		EV(ev_raced);
		spin_release(m);
		m = atomic_load_relaxed(&l->l_mutex);
		spin_take(m, curcpu());
	}
}
/* Take l's lock, whatever it is at the moment.  l need not be alive. */
static inline void
lwp_lock(struct lwp *l)
{
	struct kspin *m = atomic_load_relaxed(&l->l_mutex);

	spin_enter(m);
	lwp_relock(l, m);
}
/* The same with nothing held and interrupts on (spin_enter_first). */
static inline void
lwp_lock_first(struct lwp *l)
{
	struct kspin *m = atomic_load_relaxed(&l->l_mutex);

	spin_enter_first(m);
	lwp_relock(l, m);
}
static inline void
lwp_unlock_last(struct lwp *l)
{
	spin_exit_last(l->l_mutex);
}
static inline void
lwp_unlock(struct lwp *l)
{
	spin_exit(l->l_mutex);
}
static inline bool
lwp_locked(const struct lwp *l)
{
	return spin_owned(l->l_mutex);
}
/*
 * l_flag without l's lock.  Those of its bits that are l+p are exact with p_lock held; the others
 * may change at any time, and who acts on them looks again with the lock.
 */
static inline uint32_t
lwp_flags(const struct lwp *l)
{
	return atomic_load_relaxed(&l->l_flag);
}
static inline bool
lwp_has_token(const struct lwp *l)
{
	return (atomic_load_relaxed(&l->l_park) & LWP_TOKEN) != 0;
}
/* Give l another lock.  Called with both held; returns with both held. */
static inline void
lwp_setlock(struct lwp *l, struct kspin *m)
{
	KASSERT(spin_owned(l->l_mutex));
	KASSERT(spin_owned(m));
	atomic_store_release(&l->l_mutex, m);
}

/* Debug kernels: may `stat` follow?  Panics if not. */
bool lwp_may_become(const struct lwp *l, int stat);

/* The one function that changes l_stat (state.1).  Called with l locked. */
static inline void
lwp_setstat(struct lwp *l, int stat)
{
	KASSERT(lwp_locked(l));
	KASSERT(lwp_may_become(l, stat));
	TRACE_KEEP(trace_state, l, stat);
	l->l_stat = (uint8_t)stat;
}

/* Get l to look at its flags before it next runs user code.  Called with l locked. */
void lwp_need_userret(struct lwp *l);

/* CPU time used until `now` (monotonic ns), in ns.  Called with l locked. */
uint64_t lwp_rtime(const struct lwp *l, uint64_t now);

void lwp_init(void);

/*
 * A new LWP in LSIDL: memory, kernel stack, machine state; in no list, without an
 * id.  ENOMEM, or EAGAIN: the system-wide limit.  Never sleeps.  Undone by lwp_destroy.
 */
int lwp_alloc(struct proc *p, struct lwp **newp);
/* Free an LWP that is LSIDL, on no CPU and no list.  Never sleeps. */
void lwp_destroy(struct lwp *l);

/* --- kern/lwp/lwpid.c: the id table of a process --- */
struct lidtab;
int lid_alloc(struct proc *p, struct lwp *l); /* p_lock held; EAGAIN, ENOMEM; sets l_lid, not yet findable */
void lid_publish(struct proc *p, struct lwp *l);     /* p_lock held */
void lid_free(struct proc *p, lwpid_t lid);          /* p_lock held */
int lid_init(struct proc *p);                        /* ENOMEM */
void lid_destroy(struct proc *p);                    /* no LWP left */
void lid_reset(struct proc *p, struct lwp *l);       /* p_lock held; l, the only LWP, becomes 1 */
/* Any LWP of p with this id, live or zombie.  Called with p_lock held. */
struct lwp *lid_find(struct proc *p, lwpid_t lid);

/*
 * The live LWP with this id, locked; NULL if none.  For the calling process no other lock
 * is needed, and it costs the same whatever the number of LWPs (unpark.2); for another one p_lock is held.
 */
struct lwp *lid_find_locked(struct proc *p, lwpid_t lid);

/* --- kern/lwp/lwp_life.c: create, exit, wait, detach --- */

/*
 * A new LWP in p, fully built, with an id, in the process's list, LSIDL and not
 * found by id.  EAGAIN: a limit; ENOMEM.  May sleep.  Undone by lwp_abandon.
 * flags: LWP_DETACHED.
 */
int lwp_create(struct lwp *l1, struct proc *p, int flags, struct lwp **newp);
void lwp_abandon(struct lwp *l);
/*
 * Make it found by id and start it, or leave it suspended; EINTR (and l is gone) when the process is being ended.
 * The first LWP of a process makes it SACTIVE: then proclist_lock is held.
 */
int lwp_publish(struct lwp *l, bool suspended);
void lwp_exit(void) __attribute__((noreturn));
int lwp_wait(lwpid_t lid, lwpid_t *departed); /* departed: user address or NULL */
int lwp_detach(lwpid_t lid);

/*
 * --- kern/lwp/lwp_suspend.c: the system calls of these names.  p is curproc, or held (proc_hold) ---
 */
int lwp_suspend(struct proc *p, lwpid_t lid);  /* may sleep; ESRCH, EDEADLK (curproc only), EINTR, ERESTART */
int lwp_continue(struct proc *p, lwpid_t lid); /* ESRCH */
int lwp_wakeup(struct proc *p, lwpid_t lid);   /* never sleeps; not curproc: p_lock held; ESRCH, ENODEV, EBUSY */
void lwp_suspend_self(void);   /* from userret only */
void lwp_suspend_init(void);   /* at boot, before the first sleep */

/* The final step of an exit: become a zombie and leave.  p_lock released, preemption off. */
void lwp_switch_away(struct lwp *l, bool reap) __attribute__((noreturn));
void lwp_reap(struct lwp *l);          /* free a zombie; p_lock held */

/* Mark every other LWP of curproc for exit and wait until they are gone.  p_lock held. */
void exit_lwps(struct proc *p);

/* --- kern/lwp/lwpctl.c: the block that an LWP shares with the program --- */
/* Give curlwp its block, and its address in the program to *uaddr (user).  ENOMEM, EFAULT: nothing has changed. */
int lwpctl_attach(struct lwpctl **uaddr);
/* curlwp never runs user code again.  p_lock held: before its id can be another's. */
void lwpctl_exited(void);
/* Drop all blocks of curproc, whose only LWP is curlwp. */
void lwpctl_free_all(void);
/* The switch: l leaves or gets a CPU.  Called with l locked. */
void lwpctl_off(struct lwp *l);
void lwpctl_on(struct lwp *l, const struct cpu_info *ci);

/* --- kern/lwp/lwp_outside.c --- */
/* An operation (HEDDLE_LWP_*, <sys/heddle.h>) on an LWP of any process.  Those of its call, and EPERM, EINVAL. */
int lwp_outside(pid_t pid, lwpid_t lid, int op, int signo);

/* --- kern/lwp/userret.c --- */
/* Everything that is due before user code runs.  Called with interrupts on, no locks. */
void userret(void);

/* --- kern/lwp/kthread.c --- */
/* A kernel thread.  ci != NULL binds it to a CPU.  0 or ENOMEM. */
int kthread_create(const char *name, int priority, struct cpu_info *ci, void (*func)(void *),
    void *arg, struct lwp **newp);
void kthread_exit(void) __attribute__((noreturn));

#endif
