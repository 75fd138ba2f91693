/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a signal handler is told about its signal.
 */
#ifndef _SYS_SIGINFO_H_
#define _SYS_SIGINFO_H_

#include <sys/types.h>

typedef union sigval {
	int		sival_int;
	void		*sival_ptr;
} sigval_t;

struct _ksiginfo {
	int		_signo;
	int		_code;
	int		_errno;
	int		_pad;		/* the union is 8-byte aligned */
	union {
		struct {
			pid_t		_pid;
			uid_t		_uid;
			sigval_t	_value;
		} _rt;
		struct {
			pid_t		_pid;
			uid_t		_uid;
			int		_status;
			clock_t		_utime;
			clock_t		_stime;
		} _child;
		struct {
			void		*_addr;
			int		_trap;
		} _fault;
		struct {
			long		_band;
			int		_fd;
		} _poll;
	} _reason;
};

typedef union siginfo {
	char			si_pad[128];
	struct _ksiginfo	_info;
} siginfo_t;

#define si_signo	_info._signo
#define si_code		_info._code
#define si_errno	_info._errno
#define si_value	_info._reason._rt._value
#define si_pid		_info._reason._child._pid
#define si_uid		_info._reason._child._uid
#define si_status	_info._reason._child._status
#define si_utime	_info._reason._child._utime
#define si_stime	_info._reason._child._stime
#define si_addr		_info._reason._fault._addr
#define si_trap		_info._reason._fault._trap
#define si_band		_info._reason._poll._band
#define si_fd		_info._reason._poll._fd

/* si_code of any signal */
#define SI_USER		0	/* kill */
#define SI_QUEUE	(-1)	/* sigqueue */
#define SI_TIMER	(-2)	/* a timer expired */
#define SI_ASYNCIO	(-3)
#define SI_MESGQ	(-4)
#define SI_LWP		(-5)	/* _lwp_kill */
#define SI_NOINFO	32767	/* nothing is known */

/* SIGILL */
#define ILL_ILLOPC	1	/* illegal opcode */
#define ILL_ILLOPN	2	/* illegal operand */
#define ILL_ILLADR	3	/* illegal addressing mode */
#define ILL_ILLTRP	4	/* illegal trap */
#define ILL_PRVOPC	5	/* privileged opcode */
#define ILL_PRVREG	6	/* privileged register */
#define ILL_COPROC	7	/* coprocessor error */
#define ILL_BADSTK	8	/* internal stack error */

/* SIGFPE */
#define FPE_INTDIV	1	/* integer division by zero */
#define FPE_INTOVF	2	/* integer overflow */
#define FPE_FLTDIV	3	/* floating-point division by zero */
#define FPE_FLTOVF	4	/* overflow */
#define FPE_FLTUND	5	/* underflow */
#define FPE_FLTRES	6	/* inexact result */
#define FPE_FLTINV	7	/* invalid operation */
#define FPE_FLTSUB	8	/* subscript out of range */

/* SIGSEGV */
#define SEGV_MAPERR	1	/* nothing is mapped there */
#define SEGV_ACCERR	2	/* the mapping does not allow it */

/* SIGBUS */
#define BUS_ADRALN	1	/* misaligned address */
#define BUS_ADRERR	2	/* no such physical address */
#define BUS_OBJERR	3	/* hardware error of the object */

/* SIGTRAP */
#define TRAP_BRKPT	1	/* breakpoint */
#define TRAP_TRACE	2	/* single step */

/* SIGCHLD */
#define CLD_EXITED	1	/* exited */
#define CLD_KILLED	2	/* killed by a signal */
#define CLD_DUMPED	3	/* killed, and dumped core */
#define CLD_TRAPPED	4	/* a traced child trapped */
#define CLD_STOPPED	5	/* stopped */
#define CLD_CONTINUED	6	/* continued */

_Static_assert(sizeof(siginfo_t) == 128, "siginfo_t");
_Static_assert(offsetof(struct _ksiginfo, _reason) == 16, "siginfo_t");

#endif /* !_SYS_SIGINFO_H_ */
