/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct proc: a process, the common part of its LWPs.
 *
 * Lock letters
 *   p   p_lock
 *   P   proclist_lock (taken before p_lock)
 *   c   constant from publication to the end
 *   a   atomic
 *   m   vm_lock of the address space
 *   F   the lock of the descriptor table
 *   T   fired_lock (itimer.c)
 */
#ifndef _KERN_PROC_H_
#define _KERN_PROC_H_

#include <kern/callout.h>
#include <kern/condvar.h>
#include <kern/emul.h>
#include <kern/lwp.h>
#include <kern/mutex.h>
#include <kern/signal.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/signal.h>

struct vmspace;
struct filedesc;

#define MAXPROC 1024
#define PID_MAX 30000
#define PROC_NAMELEN 32

#define NITIMERS 3 /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */

/* An interval timer.  Its clock is the monotonic one, or the CPU time of its process. */
struct itimer {
	struct callout it_callout; /* p: when to look at it */
	uint64_t it_deadline;      /* p: when it runs out, ns of its clock; 0 = never */
	uint64_t it_interval;      /* p: 0 = once */
};

struct proc {
	pid_t p_pid;                    /* c */
	struct kmutex p_lock;
	struct kcondvar p_lwpcv;        /* p: something about LWPs changed */
	struct kcondvar p_waitcv;       /* P: something about children changed */
	const struct emul *p_emul;      /* c (execve changes it while single) */

	/* LWPs. */
	TAILQ_HEAD(, lwp) p_lwps;       /* p */
	struct lidtab *p_lidtab;        /* p; the slots are read without, see lwpid.c */
	uint32_t p_nlwps;               /* p: in p_lwps, zombies and LSIDL too */
	uint32_t p_nrlwps;              /* p: running, runnable or asleep; not stopped, suspended, exiting, LSIDL */
	uint32_t p_nzlwps;              /* p: exiting or zombie */
	uint32_t p_ndlwps;              /* p: detached */
	uint32_t p_nlwpwait;            /* p: in _lwp_wait */
	uint64_t p_rtime;               /* p: ns of CPU time of its LWPs that are gone */
	uint32_t p_nidlwps;             /* p: being built */
	uint32_t p_nwsuspend;           /* p: live and asked to suspend */
	uint32_t p_nwaitany;            /* p: of p_nlwpwait, those in _lwp_wait(0) */

	struct lwpctl_table *p_lwpctl;  /* p: the pages of _lwp_ctl blocks, NULL: none yet */

	uint32_t p_sflag;               /* p: PS_* */
	uint8_t p_stat;                 /* P+p: SIDL, SACTIVE, SZOMB */
	int p_xstat;                    /* P+p: wait status once SZOMB */
	/* Signals. */
	sigset_t p_sigpend;             /* p: sent to the process, for any LWP that can take them */
	struct ksiginfo p_siginfo[NSIG]; /* p: of those in p_sigpend */
	struct sigact p_sigacts[NSIG];  /* p */
	struct kcondvar p_sigwaitcv;    /* p: a signal that sigtimedwait waits for is there */
	uint32_t p_nsigwait;            /* p: LWPs in sigtimedwait */
	int p_stopsig;                  /* p: the signal that stopped it */
	struct itimer p_itimer[NITIMERS]; /* p: interval timers */
	TAILQ_ENTRY(proc) p_itlink;     /* T */
	bool p_itfired;                 /* T: one is to be looked at, the thread has not seen it */
	int p_report;                   /* P+p: wait status of a stop or continuation, 0 = none */

	/* Family. */
	struct proc *p_parent;          /* P */
	LIST_HEAD(, proc) p_children;   /* P */
	LIST_ENTRY(proc) p_siblings;    /* P */
	LIST_ENTRY(proc) p_list;        /* P: allproc */
	volatile pid_t p_pgid;          /* P to change; a: its process group (pgrp.c) */
	volatile pid_t p_sid;           /* P to change; a: its session */
	bool p_pgorphan;                /* P+p: its group is orphaned */
	uint32_t p_nholds;              /* P: who keeps its memory from being freed (proc_hold) */

	struct vmspace *p_vmspace;      /* c (execve changes it while single) */
	struct filedesc *p_fd;          /* c */
	vaddr_t p_psstrings;            /* c after exec */
	struct rlimit p_rlimit[RLIM_NLIMITS]; /* p */
	char p_comm[PROC_NAMELEN];      /* p */
};

/* p_stat */
#define SIDL 1
#define SACTIVE 2
#define SZOMB 5

/* p_sflag */
#define PS_WEXIT 0x2000         /* exiting: no new LWP, everyone leaves */
#define PS_EXEC 0x4000          /* execve is getting rid of the other LWPs */
#define PS_SYSTEM 0x1           /* the kernel's own process */
#define PS_STOP 0x8000          /* its LWPs stop, or have stopped */
#define PS_STOPPED 0x10000      /* all of them have */
#define PS_TELL 0x20000         /* the parent has to be told of p_report */
#define PS_EXECED 0x40000       /* it has called execve since it was forked */

extern struct proc proc0;              /* the kernel threads */
extern struct proc *initproc;          /* process 1 */
extern struct kmutex proclist_lock;
LIST_HEAD(proclist, proc);
extern struct proclist allproc;        /* P */
extern uint32_t nprocs;                /* P */

void proc_init(void);
/* A new process in SIDL with parent `parent`, a pid, empty lists.  EAGAIN, ENOMEM, ERESTARTALWAYS. */
int proc_alloc(struct proc *parent, struct proc **pp);
void proc_free(struct proc *p);        /* undo, or reap a zombie; nothing held */
/* The process with this pid; proclist_lock held. */
struct proc *proc_find(pid_t pid);

/* CPU time of all the LWPs that p has or had, in ns.  p_lock held. */
uint64_t proc_cputime(struct proc *p);
/*
 * Find a live process of programs and keep its memory until proc_rele, soon: who reaps it waits.  ESRCH; EPERM: the
 * kernel's own.  Nothing held.
 */
int proc_hold(pid_t pid, struct proc **pp);
void proc_rele(struct proc *p);        /* nothing held; may sleep */

/* Release p_lock; in debug kernels first recount the LWPs (state.3). */
void proc_unlock(struct proc *p);
void proc_check(struct proc *p);

/* End the process of curlwp.  status: exit code; signo: 0 or the signal.  Never returns. */
void exit1(int status, int signo) __attribute__((noreturn));
/* End another process (or this one) as by signal `signo`: all its LWPs leave.  p_lock held. */
void proc_kill_locked(struct proc *p, int signo);

/*
 * Wait for a child: pid, -1 for any, 0 for one of the caller's group, -g for one of group g, that
 * has ended or, with WUNTRACED or WCONTINUED, has stopped or gone on.  status, usage: user
 * addresses or NULL.  *res: the pid, 0 with WNOHANG and nothing to report.
 * ECHILD, EINTR, ERESTART, EFAULT (the zombie is still there).
 */
int proc_wait(pid_t pid, int *status, int options, struct rusage *usage, pid_t *res);
/* --- kern/lwp/itimer.c: setitimer --- */
void itimer_init(void);                /* at boot, by a thread */
void itimer_setup(struct proc *p);     /* of a new process */
void itimer_stop(struct proc *p);      /* of one that ends; nothing held */
/*
 * One of them (ITIMER_*): what is left (ns of its clock, 0 = not running) and the interval; and
 * armed anew (0 left = stop).  p_lock held.
 */
void itimer_get(struct proc *p, int which, uint64_t *left, uint64_t *interval);
void itimer_set(struct proc *p, int which, uint64_t left, uint64_t interval);

/*
 * A child with a copy of the calling LWP; *child is its pid.  EAGAIN, ENOMEM; ERESTARTALWAYS: a stop or the end is
 * due.
 */
int proc_fork(pid_t *child);

/* execve for curproc: replaces the image.  argv/envp are user addresses. */
int exec_user(const char *path_user, char *const *argv_user, char *const *envp_user);
/* Start process 1 from kernel strings. */
void start_init(void);

#endif
