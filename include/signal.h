/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals.
 */
#ifndef _SIGNAL_H_
#define _SIGNAL_H_

#include <sys/signal.h>

typedef int	sig_atomic_t;

struct timespec;

__BEGIN_DECLS
int	kill(pid_t, int);
int	pthread_kill(pthread_t, int);
int	pthread_sigmask(int, const sigset_t *restrict, sigset_t *restrict);
int	raise(int);
int	sigaction(int, const struct sigaction *restrict,
	    struct sigaction *restrict);
int	sigaltstack(const stack_t *restrict, stack_t *restrict);
int	sigaddset(sigset_t *, int);
int	sigdelset(sigset_t *, int);
int	sigemptyset(sigset_t *);
int	sigfillset(sigset_t *);
int	sigismember(const sigset_t *, int);
sig_t	signal(int, sig_t);
const char *signalname(int);
int	signalnumber(const char *);
int	sigpending(sigset_t *);
int	sigsuspend(const sigset_t *);
int	sigtimedwait(const sigset_t *restrict, siginfo_t *restrict,
	    const struct timespec *restrict);
int	sigwait(const sigset_t *restrict, int *restrict);
int	sigwaitinfo(const sigset_t *restrict, siginfo_t *restrict);
int	sigprocmask(int, const sigset_t *restrict, sigset_t *restrict);
__END_DECLS

#endif /* !_SIGNAL_H_ */
