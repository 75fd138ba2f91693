/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signal sets and signal actions.
 */
#include <errno.h>
#include <lwp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define SIGTRAMP_VERSION	2	/* siginfo, %r15 = context */

void	__sigtramp_siginfo_2(void);		/* sigtramp.S */
int	__sigaction_sigtramp(int, const struct sigaction *, struct sigaction *,
	    const void *, int);

static int
valid(int signo)
{
	if (signo > 0 && signo < NSIG)
		return 1;
	errno = EINVAL;
	return 0;
}

int
sigemptyset(sigset_t *set)
{
	(void)memset(set, 0, sizeof(*set));
	return 0;
}

int
sigfillset(sigset_t *set)
{
	(void)memset(set, 0xff, sizeof(*set));
	return 0;
}

int
sigaddset(sigset_t *set, int signo)
{
	if (!valid(signo))
		return -1;
	__sigaddset(set, signo);
	return 0;
}

int
sigdelset(sigset_t *set, int signo)
{
	if (!valid(signo))
		return -1;
	__sigdelset(set, signo);
	return 0;
}

int
sigismember(const sigset_t *set, int signo)
{
	return valid(signo) ? __sigismember(set, signo) : -1;
}

/* The kernel is told where the handler returns to, signal by signal. */
int
sigaction(int signo, const struct sigaction *restrict action,
    struct sigaction *restrict old)
{
	return __sigaction_sigtramp(signo, action, old,
	    (const void *)(uintptr_t)__sigtramp_siginfo_2, SIGTRAMP_VERSION);
}

sig_t
signal(int signo, sig_t handler)
{
	struct sigaction action, old;

	action.sa_handler = handler;
	action.sa_flags = SA_RESTART;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(signo, &action, &old) == -1)
		return SIG_ERR;
	return old.sa_handler;
}

int
raise(int signo)
{
	return _lwp_kill(_lwp_self(), signo);
}

int
pause(void)
{
	sigset_t set;

	(void)sigprocmask(SIG_BLOCK, NULL, &set);
	return sigsuspend(&set);
}
