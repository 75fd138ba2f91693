/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console shell.
 *
 * main.c reads lines and runs them, edit.c is the line editor, complete.c
 * fills in names, parse.c makes commands of a line, run.c starts programs and
 * waits for them, builtin.c has what the shell does itself.
 */
#ifndef _SH_H_
#define _SH_H_

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LINE_LEN	1024
#define MAX_WORDS	64
#define MAX_STAGES	8

#define NOT_FOUND	127	/* status of a program that is not there */
#define NOT_RUNNABLE	126	/* of one that is, but cannot be run */
#define BY_SIGNAL	128	/* and the number of the signal that ended it */

/* One program of a pipeline. */
struct command {
	char		*argv[MAX_WORDS + 1];
	int		argc;
	const char	*in;		/* < file, or NULL */
	const char	*out;		/* > file, or NULL */
	const char	*err;		/* 2> file, or NULL */
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

extern int last_status;			/* $? */
extern bool interactive;

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
int	jobs_wait(void);
int	job_continue(pid_t, bool foreground);
void	jobs_print(void);
void	jobs_collect(void);

/* builtin.c: true, with the status, if it is one. */
bool	run_builtin(const struct command *, int *status);
const char *builtin_name(size_t i);	/* NULL after the last */

#endif /* !_SH_H_ */
