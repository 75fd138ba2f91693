/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console shell.
 *
 * main.c reads lines and runs them, edit.c is the line editor, complete.c
 * fills in names, parse.c makes commands of a line, run.c starts programs, job.c waits for
 * them and gives them the terminal, builtin.c has what the shell does itself.
 */
#ifndef _SH_H_
#define _SH_H_

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LINE_LEN	1024
#define MAX_WORDS	64
#define MAX_STAGES	8
#define MAX_REDIRS	8
#define JOB_TEXT	80

#define NOT_FOUND	127	/* status of a program that is not there */
#define NOT_RUNNABLE	126	/* of one that is, but cannot be run */
#define BY_SIGNAL	128	/* and the number of the signal that ended it */

/* < > >> 2> 2>> 2>&1 >&2 */
struct redirection {
	int		fd;
	int		flags;		/* open's */
	const char	*path;		/* NULL: fd is to be what `from' is */
	int		from;
};

/* One program of a pipeline. */
struct command {
	char		*argv[MAX_WORDS + 1];
	int		argc;
	struct redirection redirs[MAX_REDIRS];	/* in the order in which they were written */
	int		nredirs;
};

/* How a pipeline is joined to the next. */
enum joint {
	JOIN_END,			/* it is the last */
	JOIN_ALWAYS,			/* ; and & */
	JOIN_AND,			/* && */
	JOIN_OR				/* || */
};

struct pipeline {
	struct command	stages[MAX_STAGES];
	int		nstages;	/* 0: an empty one */
	bool		background;
	enum joint	joint;
	char		text[2 * LINE_LEN];	/* the words */
	size_t		textlen;
};

/* A process of a job. */
struct job_process {
	pid_t		pid;
	int		status;		/* what wait4 said last */
	bool		stopped;
	bool		done;
};

/* A pipeline that has been started. */
struct job {
	struct job_process procs[MAX_STAGES];
	int		nprocs;		/* 0: a free entry */
	pid_t		pgid;		/* 0: it has no group of its own */
	unsigned	turn;		/* the current job has the highest */
	char		text[JOB_TEXT];
};

extern int last_status;			/* $? */
extern pid_t last_background;		/* $! */
extern bool interactive;		/* somebody types, and is told what happens */
extern bool job_control;		/* each job has a group, and the terminal when it is in the foreground */

/* The directories that programs are looked for in, in this order, ended by NULL. */
extern const char *const program_dirs[];

/* main.c */
void	run_line(const char *);

/* parse.c: take the next pipeline from *linep; NULL, or what is wrong with it. */
const char *parse_pipeline(const char **linep, struct pipeline *);

/* edit.c */
bool	edit_start(void);		/* false: standard input is no terminal */
bool	edit_line(const char *prompt, char *line, size_t len);	/* false: end of file */
void	edit_history_print(void);

/* complete.c: what may follow the first `len` bytes of `line`; lists it if there is a choice. */
size_t	complete(const char *line, size_t len, char *more, size_t morelen, bool *listed);

/* run.c */
int	run_pipeline(struct pipeline *);

/* job.c */
bool	jobs_start(void);		/* false: no terminal to control */
struct job *job_new(const struct pipeline *);
void	job_join(struct job *, pid_t, bool background);
void	job_child_signals(bool background);
void	job_add_process(struct job *, pid_t);
void	job_print_started(const struct job *);
int	job_wait(struct job *);
struct job *job_find(const char *name);
int	job_signal(struct job *, int signo);
int	job_continue(struct job *, bool foreground);
int	jobs_wait(void);
void	jobs_print(void);
void	jobs_collect(void);

/* builtin.c: true, with the status, if it is one. */
bool	run_builtin(const struct command *, int *status);
const char *builtin_name(size_t i);	/* NULL after the last */

#endif /* !_SH_H_ */
