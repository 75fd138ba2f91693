/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the shell does itself.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <heddle/testlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

#define MAX_PROGRAM	(8L << 20)	/* larger files are not searched */
#define MAX_NAMES	256
#define MARK_LEN	4		/* of the at sign and (#) */

static int	builtin_bg(const struct command *);
static int	builtin_exit(const struct command *);
static int	builtin_fg(const struct command *);
static int	builtin_help(const struct command *);
static int	builtin_history(const struct command *);
static int	builtin_jobs(const struct command *);
static int	builtin_kill(const struct command *);
static int	builtin_wait(const struct command *);

static const struct builtin {
	const char	*name;
	int		(*run)(const struct command *);
	const char	*help;
} builtins[] = {
	{ "bg", builtin_bg, "bg [JOB]: let a stopped job go on in the background" },
	{ "exit", builtin_exit, "exit [STATUS]: leave the shell; the machine switches itself off" },
	{ "fg", builtin_fg, "fg [JOB]: let a job go on in the foreground" },
	{ "help", builtin_help, "help: this list" },
	{ "history", builtin_history, "history: the lines typed so far" },
	{ "jobs", builtin_jobs, "jobs: what runs in the background or has stopped" },
	{ "kill", builtin_kill, "kill [-SIGNAL] PID|PID.LID|%JOB...: send a signal, by name or number (TERM)" },
	{ "wait", builtin_wait, "wait: wait for all that runs in the background" }
};
#define NBUILTINS	(sizeof(builtins) / sizeof(builtins[0]))

static int
builtin_exit(const struct command *cmd)
{
	fflush(stdout);
	exit(cmd->argc > 1 ? atoi(cmd->argv[1]) : last_status);
}

static int
builtin_fg(const struct command *cmd)
{
	struct job *job = job_find(cmd->argc > 1 ? cmd->argv[1] : NULL);

	return job != NULL ? job_continue(job, true) : 1;
}

static int
builtin_bg(const struct command *cmd)
{
	struct job *job = job_find(cmd->argc > 1 ? cmd->argv[1] : NULL);

	return job != NULL ? job_continue(job, false) : 1;
}

/* "9", "KILL" or "SIGKILL"; -1: none of them. */
static int
signal_of(const char *s)
{
	int signo = isdigit((unsigned char)*s) ? atoi(s) : signalnumber(s);

	return signo == 0 && *s != '0' ? -1 : signo;
}

/* 0, or a status, with a message. */
static int
kill_one(const char *target, int signo)
{
	struct job *job;
	char *end;
	long pid = strtol(target, &end, 10);

	if (*target == '%') {
		if ((job = job_find(target)) == NULL)
			return 1;
		if (job_signal(job, signo) == 0)
			return 0;
	} else if (end != target && *end == '.' && isdigit((unsigned char)end[1])) {
		errno = heddle_lwpop((pid_t)pid, atoi(end + 1), HEDDLE_LWP_SIGNAL, signo);
		if (errno == 0)
			return 0;
	} else if (end == target || *end != '\0') {
		errno = EINVAL;
	} else if (kill((pid_t)pid, signo) == 0) {
		return 0;
	}
	fprintf(stderr, "kill: %s: %s\n", target, strerror(errno));
	return 1;
}

static int
builtin_kill(const struct command *cmd)
{
	int i = 1, signo = SIGTERM, status = 0;

	if (cmd->argc > 1 && cmd->argv[1][0] == '-')
		signo = signal_of(cmd->argv[i++] + 1);
	if (signo < 0 || i == cmd->argc) {
		fprintf(stderr, signo < 0 ? "kill: %s: there is no such signal\n" :
		    "usage: kill [-SIGNAL] PID|PID.LID|%%JOB...\n", cmd->argv[1]);
		return 2;
	}
	for (; i < cmd->argc; i++)
		status |= kill_one(cmd->argv[i], signo);
	return status;
}

static int
builtin_history(const struct command *cmd)
{
	(void)cmd;
	edit_history_print();
	return 0;
}

static int
builtin_jobs(const struct command *cmd)
{
	(void)cmd;
	jobs_print();
	return 0;
}

static int
builtin_wait(const struct command *cmd)
{
	(void)cmd;
	return jobs_wait();
}

/* The text behind the mark in a program's bytes, or NULL. */
static const char *
find_mark(const char *buf, size_t len)
{
	const char *p = buf, *end = buf + len;

	while ((p = memchr(p, '@', (size_t)(end - p))) != NULL && end - p > MARK_LEN) {
		if (memcmp(p + 1, "(#)", MARK_LEN - 1) == 0)
			return p + MARK_LEN;
		p++;
	}
	return NULL;
}

/*
 * Print what a program says of itself: the text behind the mark that what(1)
 * looks for, which every program here holds.
 */
static void
describe(const char *path, const char *name)
{
	int fd = open(path, O_RDONLY);
	const char *text = NULL;
	char *buf = NULL;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size < MAX_PROGRAM &&
	    (buf = malloc((size_t)st.st_size + 1)) != NULL &&
	    read(fd, buf, (size_t)st.st_size) == st.st_size) {
		buf[st.st_size] = '\0';
		text = find_mark(buf, (size_t)st.st_size);
	}
	printf("  %s\n", text != NULL ? text : name);
	free(buf);
	if (fd >= 0)
		close(fd);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
read_names(const char *path, char **names)
{
	DIR *dir = opendir(path);
	struct dirent *de;
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while (n < MAX_NAMES && (de = readdir(dir)) != NULL) {
		if (de->d_name[0] != '.' && (names[n] = strdup(de->d_name)) != NULL)
			n++;
	}
	closedir(dir);
	qsort(names, n, sizeof(names[0]), compare);
	return n;
}

static void
list_programs(const char *dir)
{
	static char *names[MAX_NAMES];
	size_t n = read_names(dir, names);
	char path[LINE_LEN];

	if (n > 0)
		printf("Programs in %s:\n", dir);
	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		describe(path, names[i]);
		free(names[i]);
	}
}

static int
builtin_help(const struct command *cmd)
{
	static char *names[MAX_NAMES];
	size_t n;

	(void)cmd;
	printf("The shell itself knows (a | b, a ; b, a && b, a || b, a &, < > >> 2> 2>&1, '...', \"...\", $?, $!):\n");
	for (size_t i = 0; i < NBUILTINS; i++)
		printf("  %s\n", builtins[i].help);
	list_programs(program_dirs[0]);
	n = read_names(program_dirs[1], names);
	printf("Test programs in %s (run them by name): %zu\n", program_dirs[1], n);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	printf("A JOB is a number of those that \"jobs\" shows, %%1 or %%%% for the last.\n");
	printf("Ctrl-C ends the job in the foreground, Ctrl-Z stops it; Ctrl-A x leaves QEMU.\n");
	return 0;
}

bool
run_builtin(const struct command *cmd, int *status)
{
	for (size_t i = 0; i < NBUILTINS; i++) {
		if (strcmp(cmd->argv[0], builtins[i].name) == 0) {
			*status = builtins[i].run(cmd);
			return true;
		}
	}
	return false;
}

const char *
builtin_name(size_t i)
{
	return i < NBUILTINS ? builtins[i].name : NULL;
}
