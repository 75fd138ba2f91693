/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jobs: each pipeline is one, with a process group of its own when somebody sits at the terminal.
 * The group in the foreground has the terminal: Ctrl-C, Ctrl-\ and Ctrl-Z reach all its processes, and
 * only they may read.  Without a terminal all stay in the shell's group.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

#define MAX_JOBS	32

static struct job	jobs[MAX_JOBS];
static unsigned		turns;		/* how often a job has become the current one */
static pid_t		shell_pgid;
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
}

/* The signals of the terminal are for the jobs, not for the shell; Ctrl-C ends its `wait'. */
bool
jobs_start(void)
{
	struct sigaction sa = { .sa_handler = on_interrupt };

	/* In the background it waits until it is brought to the foreground. */
	while (tcgetpgrp(STDIN_FILENO) > 0 && tcgetpgrp(STDIN_FILENO) != getpgrp())
		kill(0, SIGTTIN);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	if (getpgrp() != getpid() && setpgid(0, 0) != 0)
		return false;
	shell_pgid = getpgrp();
	return tcsetpgrp(STDIN_FILENO, shell_pgid) == 0;
}

/*
 * Parent and child both do this, because either may go on first: the program must be in its group, and the
 * group in the foreground, before it runs.
 */
void
job_join(struct job *job, pid_t pid, bool background)
{
	if (!job_control)
		return;
	if (job->pgid == 0)
		job->pgid = pid;
	/* Fails in the parent when the child has called execve, or has ended: then it has done this itself. */
	(void)setpgid(pid, job->pgid);
	if (!background)
		(void)tcsetpgrp(STDIN_FILENO, job->pgid);
}

/* A program begins with the default actions. */
void
job_child_signals(bool background)
{
	static const int ours[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };

	for (size_t i = 0; job_control && i < sizeof(ours) / sizeof(ours[0]); i++)
		signal(ours[i], SIG_DFL);
	/* Without groups Ctrl-C would reach it. */
	if (!job_control && background) {
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
	}
}

static void
add_text(char *text, const char *s)
{
	size_t len = strlen(text);

	snprintf(text + len, JOB_TEXT - len, "%s", s);
}

/* NULL, with a message, if there are too many. */
struct job *
job_new(const struct pipeline *pl)
{
	struct job *job = jobs;

	while (job < &jobs[MAX_JOBS] && job->nprocs != 0)
		job++;
	if (job == &jobs[MAX_JOBS]) {
		fprintf(stderr, "sh: there are %d jobs already\n", MAX_JOBS);
		return NULL;
	}
	memset(job, 0, sizeof(*job));
	job->turn = ++turns;
	for (int i = 0; i < pl->nstages; i++) {
		for (int k = 0; k < pl->stages[i].argc; k++) {
			add_text(job->text, k > 0 ? " " : i > 0 ? " | " : "");
			add_text(job->text, pl->stages[i].argv[k]);
		}
	}
	return job;
}

void
job_add_process(struct job *job, pid_t pid)
{
	job->procs[job->nprocs++] = (struct job_process){ .pid = pid };
}

static int
number(const struct job *job)
{
	return (int)(job - jobs) + 1;
}

static int
exit_status(int status)
{
	if (WIFSTOPPED(status))
		return BY_SIGNAL + WSTOPSIG(status);
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The status of a pipeline is that of its last command. */
static int
last_of(const struct job *job)
{
	return job->procs[job->nprocs - 1].status;
}

static bool
is_done(const struct job *job)
{
	for (int i = 0; i < job->nprocs; i++) {
		if (!job->procs[i].done)
			return false;
	}
	return true;
}

/* Some have stopped, and none runs. */
static bool
is_stopped(const struct job *job)
{
	bool stopped = false;

	for (int i = 0; i < job->nprocs; i++) {
		if (!job->procs[i].done && !job->procs[i].stopped)
			return false;
		stopped = stopped || job->procs[i].stopped;
	}
	return stopped;
}

/* What wait4 said of process `pid`; its job, or NULL. */
static struct job *
note(pid_t pid, int status)
{
	for (struct job *job = jobs; job < &jobs[MAX_JOBS]; job++) {
		for (int i = 0; i < job->nprocs; i++) {
			struct job_process *jp = &job->procs[i];

			if (jp->pid != pid || jp->done)
				continue;
			jp->stopped = WIFSTOPPED(status);
			jp->done = WIFEXITED(status) || WIFSIGNALED(status);
			if (!WIFCONTINUED(status))
				jp->status = status;
			return job;
		}
	}
	return NULL;
}

static void
print_state(const struct job *job)
{
	int status = last_of(job);
	char state[64];

	if (!is_done(job))
		snprintf(state, sizeof(state), "%s", is_stopped(job) ? "stopped" : "running");
	else if (WIFSIGNALED(status))
		snprintf(state, sizeof(state), "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(state, sizeof(state), "ended, status %d", WEXITSTATUS(status));
	printf("[%d] %-8s %s\n", number(job), state, job->text);
}

/* One in the foreground was killed: say by what, unless that is plain to see. */
static void
report_killed(const struct job *job)
{
	for (int i = 0; i < job->nprocs; i++) {
		int status = job->procs[i].status;

		if (!WIFSIGNALED(status) || WTERMSIG(status) == SIGPIPE)
			continue;
		if (WTERMSIG(status) == SIGINT)
			fprintf(stderr, "\n");
		else
			fprintf(stderr, "%s: killed by signal %d (%s)\n", job->text, WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
		return;
	}
}

/* Wait until it has ended or stopped.  False: Ctrl-C was pressed, or there is nothing to wait for. */
static bool
await(struct job *job)
{
	int status;
	pid_t pid;

	interrupted = 0;
	while (!is_done(job) && !is_stopped(job)) {
		pid = wait4(WAIT_ANY, &status, job_control ? WUNTRACED | WCONTINUED : 0, NULL);
		if (pid > 0)
			(void)note(pid, status);
		else if (errno != EINTR || interrupted)
			return false;
	}
	return true;
}

/* Wait for a job in the foreground; then the terminal is the shell's again.  Its status. */
int
job_wait(struct job *job)
{
	int status;

	(void)await(job);
	if (job_control)
		(void)tcsetpgrp(STDIN_FILENO, shell_pgid);
	status = exit_status(last_of(job));
	if (is_stopped(job)) {
		for (int i = 0; i < job->nprocs; i++) {
			if (job->procs[i].stopped)
				status = exit_status(job->procs[i].status);
		}
		job->turn = ++turns;
		printf("\n");
		print_state(job);
		return status;
	}
	if (interactive)
		report_killed(job);
	job->nprocs = 0;
	return status;
}

void
job_print_started(const struct job *job)
{
	if (interactive)
		printf("[%d] %d\n", number(job), (int)job->procs[job->nprocs - 1].pid);
}

/* %N, %% or %NAME..., or the number alone; NULL: the current one.  NULL, with a message, if there is none. */
struct job *
job_find(const char *name)
{
	struct job *found = NULL;
	bool current;

	if (name != NULL && *name == '%')
		name++;
	current = name == NULL || *name == '\0' || strcmp(name, "%") == 0 || strcmp(name, "+") == 0;
	for (struct job *job = jobs; job < &jobs[MAX_JOBS]; job++) {
		if (job->nprocs == 0)
			continue;
		if (current ? found == NULL || job->turn > found->turn :
		    atoi(name) == number(job) || strncmp(job->text, name, strlen(name)) == 0)
			found = job;
	}
	if (found == NULL)
		fprintf(stderr, "sh: there is no such job (try \"jobs\")\n");
	return found;
}

/* Send to all its processes; to one that is stopped so that it acts on it.  0, or -1 with errno. */
int
job_signal(struct job *job, int signo)
{
	int error = 0;

	if (job->pgid != 0) {
		error = kill(-job->pgid, signo);
		if (error == 0 && is_stopped(job) && (signo == SIGTERM || signo == SIGHUP || signo == SIGINT)) {
			error = kill(-job->pgid, SIGCONT);
			signo = SIGCONT;
		}
		for (int i = 0; i < job->nprocs && error == 0 && (signo == SIGCONT || signo == SIGKILL); i++)
			job->procs[i].stopped = false; /* `wait' need not see it first */
		return error;
	}
	for (int i = 0; i < job->nprocs; i++) {
		if (!job->procs[i].done && kill(job->procs[i].pid, signo) != 0)
			error = -1;
	}
	return error;
}

/* Let a job go on, and wait for it if it is to be in the foreground. */
int
job_continue(struct job *job, bool foreground)
{
	if (!job_control) {
		fprintf(stderr, "sh: there is no terminal to give to a job\n");
		return 1;
	}
	job->turn = ++turns;
	for (int i = 0; i < job->nprocs; i++)
		job->procs[i].stopped = false;
	/* The terminal first, so that it may read; its name last: what is pressed then finds it going on. */
	if (foreground)
		(void)tcsetpgrp(STDIN_FILENO, job->pgid);
	if (kill(-job->pgid, SIGCONT) != 0)
		fprintf(stderr, "sh: %s: %s\n", job->text, strerror(errno));
	printf("%s%s\n", job->text, foreground ? "" : " &");
	fflush(stdout);
	return foreground ? job_wait(job) : 0;
}

/* Wait for all of them but those that have stopped; Ctrl-C ends it.  The status of the last. */
int
jobs_wait(void)
{
	int status = 0;

	for (struct job *job = jobs; job < &jobs[MAX_JOBS]; job++) {
		if (job->nprocs == 0 || is_stopped(job))
			continue;
		if (!await(job) && interrupted)
			return BY_SIGNAL + SIGINT;
		status = exit_status(last_of(job));
		if (interactive)
			print_state(job);
		if (!is_stopped(job))
			job->nprocs = 0;
	}
	return status;
}

void
jobs_print(void)
{
	for (const struct job *job = jobs; job < &jobs[MAX_JOBS]; job++) {
		if (job->nprocs != 0)
			print_state(job);
	}
}

/* Before a prompt: what has become of those in the background. */
void
jobs_collect(void)
{
	int status, options = WNOHANG | WUNTRACED | WCONTINUED;
	struct job *job;
	pid_t pid;

	while ((pid = wait4(WAIT_ANY, &status, options, NULL)) > 0) {
		job = note(pid, status);
		if (job != NULL && WIFSTOPPED(status) && is_stopped(job))
			print_state(job);
	}
	for (job = jobs; job < &jobs[MAX_JOBS]; job++) {
		if (job->nprocs != 0 && is_done(job)) {
			print_state(job);
			job->nprocs = 0;
		}
	}
}
