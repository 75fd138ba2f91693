/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for child processes: the status word and the options.
 */
#ifndef _SYS_WAIT_H_
#define _SYS_WAIT_H_

#include <sys/types.h>

#define _WSTATUS(x)	((x) & 0177)
#define _WSTOPPED	0177		/* _WSTATUS of a stopped process */
#define _WCONTINUED	0xffff		/* the whole word, of a continued one */

#define WIFEXITED(x)	(_WSTATUS(x) == 0)
#define WEXITSTATUS(x)	(((x) >> 8) & 0xff)
#define WIFSIGNALED(x)	(_WSTATUS(x) != _WSTOPPED && _WSTATUS(x) != 0)
#define WTERMSIG(x)	_WSTATUS(x)
#define WIFSTOPPED(x)	(_WSTATUS(x) == _WSTOPPED && !WIFCONTINUED(x))
#define WIFCONTINUED(x)	((x) == _WCONTINUED)
#define WSTOPSIG(x)	(((x) >> 8) & 0xff)
#define WCOREFLAG	0200
#define WCOREDUMP(x)	((x) & WCOREFLAG)
#define W_EXITCODE(status, sig)	((status) << 8 | (sig))
#define W_STOPCODE(sig)		((sig) << 8 | _WSTOPPED)

#define WNOHANG		0x00000001	/* return 0 if none is ready */
#define WUNTRACED	0x00000002	/* stopped children too */
#define WCONTINUED	0x00000010	/* continued children too */
#define WNOWAIT		0x00010000	/* leave the child as it is */

#define WAIT_ANY	(-1)		/* any child */
#define WAIT_MYPGRP	0		/* any of our process group */

#ifndef _KERNEL
struct rusage;

__BEGIN_DECLS
pid_t	wait(int *);
pid_t	wait4(pid_t, int *, int, struct rusage *);
pid_t	waitpid(pid_t, int *, int);
__END_DECLS
#endif

#endif /* !_SYS_WAIT_H_ */
