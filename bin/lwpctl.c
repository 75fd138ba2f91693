/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Suspend, continue, wake, unpark and signal any LWP of any process, to see what happens.
 */
#include <errno.h>
#include <heddle/testlib.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/heddle.h>

static const char what[] __used =
    "@(#)lwpctl suspend|continue|wakeup|unpark|signal NAME  PID.LID...: what the LWP calls do, to any LWP";

static const struct {
	const char	*name;
	int		op;
} ops[] = {
	{ "suspend", HEDDLE_LWP_SUSPEND },
	{ "continue", HEDDLE_LWP_CONTINUE },
	{ "wakeup", HEDDLE_LWP_WAKEUP },
	{ "unpark", HEDDLE_LWP_UNPARK },
	{ "signal", HEDDLE_LWP_SIGNAL }
};

static int
usage(void)
{
	fprintf(stderr, "usage: lwpctl suspend|continue|wakeup|unpark PID.LID...\n"
			"       lwpctl signal SIGNAL PID.LID...\n");
	return 2;
}

static int
op_of(const char *name)
{
	for (size_t i = 0; i < __arraycount(ops); i++) {
		if (strcmp(name, ops[i].name) == 0)
			return ops[i].op;
	}
	return 0;
}

/* "7.3"; false if it is anything else. */
static int
parse(const char *s, pid_t *pid, lwpid_t *lid)
{
	long number;
	char *end;

	number = strtol(s, &end, 10);
	if (end == s || *end != '.' || number < 0 || number > INT_MAX)
		return 0;
	*pid = (pid_t)number;
	s = end + 1;
	number = strtol(s, &end, 10);
	*lid = (lwpid_t)number;
	return end != s && *end == '\0' && number >= 0 && number <= INT_MAX;
}

static const char *
explain(int op, int error)
{
	switch (error) {
	case ESRCH:
		return "there is no such LWP";
	case EPERM:
		return "it is the kernel's";
	case ENODEV:
		return "it was not asleep: its next sleep will be cut short";
	case EBUSY:
		return "its sleep cannot be interrupted: the next one that can will be cut short";
	case EDEADLK:
		return "nobody would be left";
	case EINVAL:
		return op == HEDDLE_LWP_SIGNAL ? "there is no such signal" : strerror(error);
	default:
		return strerror(error);
	}
}

static int
apply(int op, int signo, const char *target)
{
	lwpid_t lid;
	pid_t pid;
	int error;

	if (!parse(target, &pid, &lid)) {
		fprintf(stderr, "lwpctl: \"%s\" is not PID.LID, as in 7.3\n", target);
		return 2;
	}
	error = heddle_lwpop(pid, lid, op, signo);
	if (error == 0)
		return 0;
	fprintf(stderr, "lwpctl: %s: %s\n", target, explain(op, error));
	return 1;
}

int
main(int argc, char **argv)
{
	int op = argc > 2 ? op_of(argv[1]) : 0, i = 2, signo = 0, status = 0;

	if (op == HEDDLE_LWP_SIGNAL) {
		signo = signalnumber(argv[i]);
		if (signo == 0)
			signo = atoi(argv[i]);
		if (signo == 0) {
			fprintf(stderr, "lwpctl: \"%s\" is no signal\n", argv[i]);
			return 2;
		}
		i++;
	}
	if (op == 0 || i == argc)
		return usage();
	for (; i < argc; i++) {
		int one = apply(op, signo, argv[i]);

		if (one > status)
			status = one;
	}
	return status;
}
