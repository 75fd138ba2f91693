/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start programs, connect them, and wait for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

#define MAX_JOBS	32

/* What runs in the background, or has stopped. */
static struct job {
	pid_t	pid;		/* 0: a free entry */
	bool	stopped;
	char	name[32];
} jobs[MAX_JOBS];

/* Ctrl-C goes to `pid`; 0: to nobody. */
static void
set_foreground(pid_t pid)
{
	int arg = pid;

	if (interactive)
		(void)ioctl(STDIN_FILENO, TIOCSPGRP, &arg);
}

static int
exit_status(int status)
{
	if (WIFSTOPPED(status))
		return BY_SIGNAL + WSTOPSIG(status);
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Make descriptor `to` the file `path`; ends the process if that fails. */
static void
redirect(const char *path, int flags, int to)
{
	int fd;

	if (path == NULL)
		return;
	fd = open(path, flags, 0666);
	if (fd < 0 || (fd != to && dup2(fd, to) < 0)) {
		fprintf(stderr, "sh: %s: %s\n", path, strerror(errno));
		fflush(stderr);
		_exit(1);
	}
	if (fd != to)
		close(fd);
}

static void
connect_to(int fd, int to)
{
	if (fd == to)
		return;
	if (dup2(fd, to) < 0) {
		fprintf(stderr, "sh: dup2: %s\n", strerror(errno));
		fflush(stderr);
		_exit(1);
	}
	close(fd);
}

/* The last thing a child does as a shell. */
static void __dead
become(const struct command *cmd)
{
	const char *name = cmd->argv[0];
	char path[LINE_LEN];
	int error = ENOENT;

	if (strchr(name, '/') != NULL) {
		execve(name, cmd->argv, environ);
		error = errno;
	} else {
		for (int i = 0; program_dirs[i] != NULL && error == ENOENT; i++) {
			snprintf(path, sizeof(path), "%s/%s", program_dirs[i], name);
			execve(path, cmd->argv, environ);
			error = errno;
		}
	}
	if (error == ENOENT)
		fprintf(stderr, "sh: %s: there is no such program (try \"help\")\n", name);
	else
		fprintf(stderr, "sh: %s: %s\n", name, strerror(error));
	fflush(stderr);
	_exit(error == ENOENT ? NOT_FOUND : NOT_RUNNABLE);
}

/* Start one program of a pipeline; its pid, or -1 with a message. */
static pid_t
start(const struct command *cmd, int in, int out, int unused, bool background)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		fprintf(stderr, "sh: fork: %s\n", strerror(errno));
	if (pid != 0)
		return pid;
	if (unused >= 0)
		close(unused);
	if (background && in == STDIN_FILENO && cmd->in == NULL && interactive)
		redirect("/dev/null", O_RDONLY, STDIN_FILENO);
	/* As its parent does: the program must not run before Ctrl-C can reach it. */
	if (!background && out == STDOUT_FILENO)
		set_foreground(getpid());
	interactive = false;
	connect_to(in, STDIN_FILENO);
	connect_to(out, STDOUT_FILENO);
	redirect(cmd->in, O_RDONLY, STDIN_FILENO);
	redirect(cmd->out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
	redirect(cmd->err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
	if (run_builtin(cmd, &status)) {
		fflush(stdout);
		_exit(status);
	}
	become(cmd);
}

/* Start all stages, each reading what the one before it writes; how many there are now. */
static int
start_stages(struct pipeline *pl, pid_t *pids)
{
	int in = STDIN_FILENO, n;

	for (n = 0; n < pl->nstages; n++) {
		int ends[2] = { -1, STDOUT_FILENO };

		if (n < pl->nstages - 1 && pipe(ends) != 0) {
			fprintf(stderr, "sh: pipe: %s\n", strerror(errno));
			break;
		}
		pids[n] = start(&pl->stages[n], in, ends[1], ends[0], pl->background);
		if (in != STDIN_FILENO)
			close(in);
		if (ends[1] != STDOUT_FILENO)
			close(ends[1]);
		in = ends[0];
		if (pids[n] < 0)
			break;
	}
	if (in > STDIN_FILENO)
		close(in);
	return n;
}

/* Wait until process `pid` ends or, if that can be told somebody, stops; what wait4 said of it. */
static int
wait_for(pid_t pid)
{
	int status = 0;

	while (wait4(pid, &status, interactive ? WUNTRACED : 0, NULL) < 0) {
		if (errno != EINTR)
			return W_EXITCODE(1, 0);
	}
	return status;
}

static void
report_signal(int status, const char *name)
{
	if (!WIFSIGNALED(status) || !interactive)
		return;
	if (WTERMSIG(status) == SIGINT)
		fprintf(stderr, "\n");
	else
		fprintf(stderr, "%s: killed by signal %d (%s)\n", name, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
}

static void
job_add(pid_t pid, const char *name, bool stopped)
{
	for (int i = 0; i < MAX_JOBS; i++) {
		if (jobs[i].pid != 0)
			continue;
		jobs[i].pid = pid;
		jobs[i].stopped = stopped;
		snprintf(jobs[i].name, sizeof(jobs[i].name), "%s", name);
		if (interactive)
			printf(stopped ? "\n[%d] %s: stopped; \"fg\" or \"bg\" lets it go on\n" : "[%d]\n",
			    (int)pid, name);
		return;
	}
	fprintf(stderr, "sh: too many jobs: %d is not waited for\n", (int)pid);
}

static void
job_ended(struct job *job, int status)
{
	if (interactive)
		printf("[%d] %s: ended, status %d\n", (int)job->pid, job->name,
		    exit_status(status));
	job->pid = 0;
}

/* The last stage first: it is the one that Ctrl-Z stops.  Then the others are jobs, too. */
static int
wait_stages(struct pipeline *pl, const pid_t *pids, int n)
{
	int status = wait_for(pids[n - 1]), other;
	bool stopped = WIFSTOPPED(status);

	report_signal(status, pl->stages[n - 1].argv[0]);
	if (stopped)
		job_add(pids[n - 1], pl->stages[n - 1].argv[0], true);
	for (int i = n - 2; i >= 0; i--) {
		if (stopped) {
			job_add(pids[i], pl->stages[i].argv[0], false);
			continue;
		}
		other = wait_for(pids[i]);
		if (WIFSTOPPED(other))
			job_add(pids[i], pl->stages[i].argv[0], true);
		else
			report_signal(other, pl->stages[i].argv[0]);
	}
	return status;
}

int
run_pipeline(struct pipeline *pl)
{
	pid_t pids[MAX_STAGES];
	int status = W_EXITCODE(1, 0), n, builtin_status;

	if (pl->nstages == 1 && !pl->background && pl->stages[0].in == NULL &&
	    pl->stages[0].out == NULL && pl->stages[0].err == NULL &&
	    run_builtin(&pl->stages[0], &builtin_status))
		return builtin_status;
	fflush(stdout);
	n = start_stages(pl, pids);
	if (n > 0 && !pl->background)
		set_foreground(pids[n - 1]);
	status = pl->background ? 0 : status;
	for (int i = 0; pl->background && i < n; i++)
		job_add(pids[i], pl->stages[i].argv[0], false);
	if (!pl->background) {
		if (n > 0)
			status = wait_stages(pl, pids, n);
		set_foreground(0);
	}
	return n < pl->nstages ? 1 : exit_status(status);
}

/* Job `pid`, or with 0 the last one that stopped, or else the last; NULL, with a message. */
static struct job *
job_find(pid_t pid)
{
	struct job *found = NULL;

	for (int i = 0; i < MAX_JOBS; i++) {
		if (jobs[i].pid == 0)
			continue;
		if (jobs[i].pid == pid)
			return &jobs[i];
		if (pid == 0 && (found == NULL || jobs[i].stopped >= found->stopped))
			found = &jobs[i];
	}
	if (found == NULL)
		fprintf(stderr, "sh: there is no such job (try \"jobs\")\n");
	return found;
}

/* Let a job go on, and wait for it if it is to be in the foreground. */
int
job_continue(pid_t pid, bool foreground)
{
	struct job *job = job_find(pid);
	int status;

	if (job == NULL)
		return 1;
	if (foreground)
		set_foreground(job->pid);
	job->stopped = false;
	if (kill(job->pid, SIGCONT) != 0)
		fprintf(stderr, "sh: %d: %s\n", (int)job->pid, strerror(errno));
	if (!foreground)
		return 0;
	status = wait_for(job->pid);
	set_foreground(0);
	if (WIFSTOPPED(status)) {
		job->stopped = true;
		printf("\n[%d] %s: stopped\n", (int)job->pid, job->name);
	} else {
		report_signal(status, job->name);
		job->pid = 0;
	}
	return exit_status(status);
}

/* Wait for all of them but those that have stopped; the status of the last. */
int
jobs_wait(void)
{
	int status = 0;

	for (int i = 0; i < MAX_JOBS; i++) {
		if (jobs[i].pid == 0 || jobs[i].stopped)
			continue;
		set_foreground(jobs[i].pid);
		status = wait_for(jobs[i].pid);
		jobs[i].stopped = WIFSTOPPED(status);
		if (!jobs[i].stopped)
			job_ended(&jobs[i], status);
	}
	set_foreground(0);
	return exit_status(status);
}

void
jobs_print(void)
{
	for (int i = 0; i < MAX_JOBS; i++) {
		if (jobs[i].pid != 0)
			printf("[%d] %s%s\n", (int)jobs[i].pid, jobs[i].name,
			    jobs[i].stopped ? ": stopped" : "");
	}
}

/* Take leave of those that have ended. */
void
jobs_collect(void)
{
	int status;

	for (int i = 0; i < MAX_JOBS; i++) {
		if (jobs[i].pid != 0 && wait4(jobs[i].pid, &status, WNOHANG, NULL) == jobs[i].pid)
			job_ended(&jobs[i], status);
	}
}
