/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start the programs of a pipeline and connect them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

pid_t last_background;

static void __dead
fail(const char *what)
{
	fprintf(stderr, "sh: %s: %s\n", what, strerror(errno));
	fflush(stderr);
	_exit(1);
}

/* Make descriptor `to` what `fd` is; `fd` is not needed any more. */
static void
connect_to(int fd, int to)
{
	if (fd == to)
		return;
	if (dup2(fd, to) < 0)
		fail("dup2");
	close(fd);
}

static void
redirect(const struct redirection *rd)
{
	int fd;

	if (rd->path == NULL) {
		if (dup2(rd->from, rd->fd) < 0)
			fail("dup2");
		return;
	}
	fd = open(rd->path, rd->flags, 0666);
	if (fd < 0)
		fail(rd->path);
	connect_to(fd, rd->fd);
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

/* Start one program of a job; its pid, or -1 with a message. */
static pid_t
start(const struct command *cmd, struct job *job, int in, int out, int unused, bool background)
{
	static const struct redirection nothing = { .fd = STDIN_FILENO, .flags = O_RDONLY, .path = "/dev/null" };
	pid_t pid = fork();
	int status;

	if (pid < 0)
		fprintf(stderr, "sh: fork: %s\n", strerror(errno));
	if (pid != 0)
		return pid;
	job_join(job, getpid(), background);
	job_child_signals(background);
	if (unused >= 0)
		close(unused);
	connect_to(in, STDIN_FILENO);
	connect_to(out, STDOUT_FILENO);
	/* Without groups nothing else keeps it from taking what is meant for the shell. */
	if (background && !job_control && in == STDIN_FILENO)
		redirect(&nothing);
	for (int i = 0; i < cmd->nredirs; i++)
		redirect(&cmd->redirs[i]);
	interactive = job_control = false;
	if (run_builtin(cmd, &status)) {
		fflush(stdout);
		_exit(status);
	}
	become(cmd);
}

/* Start all stages, each reading what the one before it writes.  False: not all of them. */
static bool
start_stages(struct pipeline *pl, struct job *job)
{
	int in = STDIN_FILENO;
	pid_t pid = 0;

	for (int n = 0; n < pl->nstages && pid >= 0; n++) {
		int ends[2] = { -1, STDOUT_FILENO };

		if (n < pl->nstages - 1 && pipe(ends) != 0) {
			fprintf(stderr, "sh: pipe: %s\n", strerror(errno));
			pid = -1;
			break;
		}
		pid = start(&pl->stages[n], job, in, ends[1], ends[0], pl->background);
		if (in != STDIN_FILENO)
			close(in);
		if (ends[1] != STDOUT_FILENO)
			close(ends[1]);
		in = ends[0];
		if (pid > 0) {
			job_join(job, pid, pl->background);
			job_add_process(job, pid);
		}
	}
	if (in > STDIN_FILENO)
		close(in);
	return pid > 0;
}

int
run_pipeline(struct pipeline *pl)
{
	struct job *job;
	int status;
	bool all;

	if (pl->nstages == 1 && !pl->background && pl->stages[0].nredirs == 0 &&
	    run_builtin(&pl->stages[0], &status))
		return status;
	fflush(stdout);
	if ((job = job_new(pl)) == NULL)
		return 1;
	all = start_stages(pl, job);
	if (job->nprocs == 0)
		return 1;
	if (!pl->background) {
		status = job_wait(job);
		return all ? status : 1;
	}
	last_background = job->procs[job->nprocs - 1].pid;
	job_print_started(job);
	return all ? 0 : 1;
}
