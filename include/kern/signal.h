/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals.  Theory: kern/lwp/signal.c (delivery), signal_send.c, signal_stop.c.
 */
#ifndef _KERN_SIGNAL_H_
#define _KERN_SIGNAL_H_

#include <kern/kern.h>
#include <sys/signal.h>

struct lwp;
struct proc;

/* What is known of a signal that is on its way: the kernel's short form of siginfo_t. */
struct ksiginfo {
	int ksi_signo;   /* 0: there is none */
	int ksi_code;    /* SI_*, or the fault's or the child's own code */
	pid_t ksi_pid;   /* the sender, or the child */
	int ksi_status;  /* the child's */
	vaddr_t ksi_addr; /* of a fault */
};

/* The disposition of one signal. */
struct sigact {
	struct sigaction sa_action;
	vaddr_t sa_tramp; /* where the handler returns to */
};

/* What a signal does whose disposition is SIG_DFL. */
enum sigdefault { SIGDFL_KILL, SIGDFL_IGNORE, SIGDFL_STOP, SIGDFL_CONT };

static inline bool
sigset_empty(const sigset_t *s)
{
	return (s->__bits[0] | s->__bits[1] | s->__bits[2] | s->__bits[3]) == 0;
}

/* The signals of a set as a number: bit signo - 1. */
static inline uint64_t
sigset_bits(const sigset_t *s)
{
	_Static_assert(NSIG <= 64, "two of its words hold all signals");
	return (uint64_t)s->__bits[1] << 32 | s->__bits[0];
}

/* The lowest signal of `s` that is not in `mask`; 0: none. */
static inline int
sigset_first(const sigset_t *s, const sigset_t *mask)
{
	uint64_t bits = sigset_bits(s) & ~sigset_bits(mask);

	return bits != 0 ? __builtin_ctzl(bits) + 1 : 0;
}

static inline enum sigdefault
sig_default(int signo)
{
	const uint64_t one = 1, stop = one << SIGSTOP | one << SIGTSTP | one << SIGTTIN | one << SIGTTOU;
	const uint64_t ignore = one << SIGURG | one << SIGCHLD | one << SIGIO | one << SIGWINCH | one << SIGINFO |
	    one << SIGPWR;

	if ((stop >> signo & 1) != 0)
		return SIGDFL_STOP;
	if ((ignore >> signo & 1) != 0)
		return SIGDFL_IGNORE;
	return signo == SIGCONT ? SIGDFL_CONT : SIGDFL_KILL;
}

/* --- kern/lwp/signal_send.c.  "Sends": never sleeps but for adaptive locks. --- */

/*
 * Send to a process.  Called with proclist_lock held (that keeps it alive, and a stop or
 * continuation is told to its parent) and its p_lock not.
 */
void psignal(struct proc *p, const struct ksiginfo *ksi);
/* Send `signo` to curlwp's process, as the kernel; not for job control.  Nothing held. */
void psignal_self(int signo);
/* kill(2): a process; 0: one's group; -g: group g; -1: all.  EINVAL, ESRCH. */
int proc_signal(pid_t pid, int signo);
int lwp_kill(struct proc *p, lwpid_t lid, int signo); /* _lwp_kill; p is curproc, or held: EINVAL, ESRCH */
/*
 * Has p been told to stop or to end, but has not done so yet?  A signal that is pending and does either is put in
 * force, but for one that only suspended LWPs can take.  proclist_lock held.
 */
bool sig_must_leave(struct proc *p);
/* Tell the parent of p that p has become a zombie.  proclist_lock held. */
void sig_child_exited(struct proc *p);

/*
 * `l` cannot take signals of the process now (it exits, suspends, has changed its mask):
 * let others take those it may have been chosen for.  p_lock held.
 */
void sig_pass_on(struct lwp *l);
/* If `l` has signals to take, get it to look.  p_lock held. */
void sig_recheck(struct lwp *l);
bool sig_caught(const struct proc *p, int signo);
bool sig_ignored(const struct proc *p, int signo);
/* Does this signal of job control stop p?  In an orphaned group only SIGSTOP does.  p_lock held. */
bool sig_may_stop(const struct proc *p, int signo);
/* Forget a pending signal, wherever in the process.  p_lock held. */
void sig_discard(struct proc *p, int signo);
/* Set LW_PENDSIG, and bring `l` to where it looks.  p_lock held. */
void sig_notify(struct lwp *l);

/* --- kern/lwp/signal.c: the receiver, curlwp.  Nothing held. --- */

/* The boundary: LW_PENDSIG is set.  Takes one signal, or clears the flag; one that kills sets LW_WEXIT. */
void sig_deliver(void);
/* The boundary: after sigsuspend, put the mask back if no handler's return will. */
void sig_restore_mask(void);
/*
 * A sleep ended with ERESTART.  EINTR: a handler has to run, or the process ends, so the call must
 * return.  0: nothing of the kind (any more); suspension and stop are over: sleep on.
 */
int sig_interrupt(void);
/* Sleep until `deadline` (0 = never): ETIMEDOUT, or EINTR as above.  Never ERESTART. */
int sig_sleep(uint64_t deadline, const char *wmesg);
void sig_setmask(struct lwp *l, const sigset_t *set);
void sig_suspend(const sigset_t *set);
/* Wait for one of `set` to be pending and take it.  EAGAIN: time is up; EINTR.  deadline 0: never. */
int sig_wait(const sigset_t *set, uint64_t deadline, struct ksiginfo *ksi);
void sig_exec(struct lwp *l);
void ksi_to_siginfo(const struct ksiginfo *ksi, siginfo_t *si);

/* --- kern/lwp/signal_stop.c --- */

/* Ask every LWP of p to stop.  p_lock held. */
void proc_stop(struct proc *p, int signo);
/* End the stop.  proclist_lock and p_lock held. */
void proc_continue(struct proc *p);
/* If all have stopped, note that it is to be told.  proclist_lock and p_lock held. */
void stop_check(struct proc *p);
/* Tell the parent what there is to tell.  proclist_lock held, no p_lock. */
void stop_tell(struct proc *p);
/* curlwp is asked to stop; returns when continued, or when it is to exit.  Nothing held. */
void lwp_stop_self(void);
/* Take the request back, end the stop.  p_lock held, l locked; lets l's lock go. */
void lwp_unstop(struct lwp *l);

#endif
