/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process 1.  Without arguments it starts the shell on the console; with
 * arguments it runs them as one command.  In the meantime it reaps the
 * processes whose parents are gone.  When the shell or the command ends, so
 * does init, with the same status, and the kernel switches the machine off.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL		"/bin/sh"
#define NOT_FOUND	127	/* status of a command that could not be started */
#define BY_SIGNAL	128	/* and the signal's number, of one that was killed */

static const char what[] __used = "@(#)init [COMMAND]: process 1; starts the shell, reaps orphans";

static char *const shell_argv[] = { (char *)__UNCONST("sh"), NULL };
static char *const environment[] = {
	(char *)__UNCONST("PATH=/bin:/tests"),
	(char *)__UNCONST("HOME=/"),
	NULL
};

/* The child's part: become the command, or say why not. */
static void __dead
become(const char *path, char *const *argv)
{
	/* A session with the console as its terminal; what we run is in its foreground. */
	if (setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0)
		fprintf(stderr, "init: no controlling terminal: %s\n", strerror(errno));
	environ = __UNCONST(environment);
	execvp(path, argv);
	fprintf(stderr, "init: cannot run %s: %s\n", path, strerror(errno));
	if (strcmp(path, SHELL) == 0)
		fprintf(stderr, "init: the ramdisk has no usable shell; "
		    "was the kernel given the ramdisk of this build?\n");
	fflush(stderr);
	_exit(NOT_FOUND);
}

/* Reap until process `pid` has ended; its exit status. */
static int
reap_until(pid_t pid)
{
	int status;
	pid_t gone;

	while ((gone = wait4(WAIT_ANY, &status, 0, NULL)) != pid) {
		if (gone < 0 && errno != EINTR) {
			fprintf(stderr, "init: wait4: %s\n", strerror(errno));
			return 1;
		}
	}
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	pid_t pid = fork();

	if (pid < 0) {
		fprintf(stderr, "init: fork: %s\n", strerror(errno));
		return 1;
	}
	if (pid == 0) {
		if (argc > 1)
			become(argv[1], argv + 1);
		become(SHELL, shell_argv);
	}
	return reap_until(pid);
}
