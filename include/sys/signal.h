/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals: numbers, actions, masks.
 */
#ifndef _SYS_SIGNAL_H_
#define _SYS_SIGNAL_H_

#include <sys/siginfo.h>
#include <sys/sigtypes.h>
#include <sys/types.h>

#define NSIG		64	/* one more than the highest number */

#define SIGHUP		1	/* hang up */
#define SIGINT		2	/* interrupt */
#define SIGQUIT		3	/* quit */
#define SIGILL		4	/* illegal instruction */
#define SIGTRAP		5	/* trace trap */
#define SIGABRT		6	/* abort */
#define SIGIOT		SIGABRT
#define SIGEMT		7	/* emulated instruction */
#define SIGFPE		8	/* arithmetic exception */
#define SIGKILL		9	/* kill; cannot be caught, blocked or ignored */
#define SIGBUS		10	/* bus error */
#define SIGSEGV		11	/* segmentation violation */
#define SIGSYS		12	/* bad system call */
#define SIGPIPE		13	/* write on a pipe that nobody reads */
#define SIGALRM		14	/* alarm clock */
#define SIGTERM		15	/* terminate */
#define SIGURG		16	/* urgent condition on a channel */
#define SIGSTOP		17	/* stop; cannot be caught, blocked or ignored */
#define SIGTSTP		18	/* stop from the terminal */
#define SIGCONT		19	/* continue */
#define SIGCHLD		20	/* a child exited or stopped */
#define SIGTTIN		21	/* background read from the terminal */
#define SIGTTOU		22	/* background write to the terminal */
#define SIGIO		23	/* input or output possible */
#define SIGXCPU		24	/* CPU time limit */
#define SIGXFSZ		25	/* file size limit */
#define SIGVTALRM	26	/* virtual time alarm */
#define SIGPROF		27	/* profiling alarm */
#define SIGWINCH	28	/* window size changed */
#define SIGINFO		29	/* status request */
#define SIGUSR1		30
#define SIGUSR2		31
#define SIGPWR		32	/* power failure */
#define SIGRTMIN	33
#define SIGRTMAX	63

typedef void		(*sig_t)(int);

#define SIG_DFL		((void (*)(int))0)
#define SIG_IGN		((void (*)(int))1)
#define SIG_ERR		((void (*)(int))-1)

struct sigaction {
	union {
		void	(*_sa_handler)(int);
		void	(*_sa_sigaction)(int, siginfo_t *, void *);
	}		_sa_u;
	sigset_t	sa_mask;	/* blocked while the handler runs */
	int		sa_flags;	/* SA_* */
};
#define sa_handler	_sa_u._sa_handler
#define sa_sigaction	_sa_u._sa_sigaction

#define SA_ONSTACK	0x0001	/* run on the alternate stack */
#define SA_RESTART	0x0002	/* restart the interrupted call */
#define SA_RESETHAND	0x0004	/* back to SIG_DFL on delivery */
#define SA_NOCLDSTOP	0x0008	/* no SIGCHLD when a child stops */
#define SA_NODEFER	0x0010	/* do not block the signal itself */
#define SA_NOCLDWAIT	0x0020	/* children leave no zombie */
#define SA_SIGINFO	0x0040	/* the handler takes three arguments */

/* How sigprocmask combines the masks. */
#define SIG_BLOCK	1
#define SIG_UNBLOCK	2
#define SIG_SETMASK	3

_Static_assert(sizeof(struct sigaction) == 32, "struct sigaction");

#endif /* !_SYS_SIGNAL_H_ */
