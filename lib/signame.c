/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short names of signals: "INT" for SIGINT.
 */
#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[NSIG] = {
	[SIGHUP] = "HUP", [SIGINT] = "INT", [SIGQUIT] = "QUIT", [SIGILL] = "ILL", [SIGTRAP] = "TRAP",
	[SIGABRT] = "ABRT", [SIGEMT] = "EMT", [SIGFPE] = "FPE", [SIGKILL] = "KILL", [SIGBUS] = "BUS",
	[SIGSEGV] = "SEGV", [SIGSYS] = "SYS", [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
	[SIGURG] = "URG", [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP", [SIGCONT] = "CONT", [SIGCHLD] = "CHLD",
	[SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU", [SIGIO] = "IO", [SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ",
	[SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH", [SIGINFO] = "INFO",
	[SIGUSR1] = "USR1", [SIGUSR2] = "USR2", [SIGPWR] = "PWR"
};

const char *
signalname(int signo)
{
	return signo > 0 && signo < NSIG ? names[signo] : NULL;
}

/* With or without "SIG", in any case; 0: there is no such signal. */
int
signalnumber(const char *name)
{
	if (strncasecmp(name, "sig", 3) == 0)
		name += 3;
	for (int signo = 1; signo < NSIG; signo++) {
		if (names[signo] != NULL && strcasecmp(name, names[signo]) == 0)
			return signo;
	}
	return 0;
}
