/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a line to pipelines.  A word is anything without unquoted blanks or
 * operators; '...' takes all as it is, "..." all but $ and \, and \ the next
 * character.  $? is the last status, $$ the shell's process id, $! that of the last program in
 * the background, $NAME comes from the environment.  Operators: | ; & && ||
 * < > >> 2> 2>> 2>&1 >&2 and # for a comment.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

enum token {
	TOK_WORD, TOK_END, TOK_SEMI, TOK_AMP, TOK_AND, TOK_OR, TOK_PIPE, TOK_REDIR
};

#define OUT_FLAGS	(O_WRONLY | O_CREAT | O_TRUNC)
#define ADD_FLAGS	(O_WRONLY | O_CREAT | O_APPEND)

/* Where one begins with another, the longer one stands first. */
static const struct operator {
	const char *text;
	enum token token;
	struct redirection redir;
} operators[] = {
	{ "&&", TOK_AND, { 0 } }, { "||", TOK_OR, { 0 } }, { ";", TOK_SEMI, { 0 } },
	{ "2>&1", TOK_REDIR, { .fd = STDERR_FILENO, .from = STDOUT_FILENO } },
	{ ">&2", TOK_REDIR, { .fd = STDOUT_FILENO, .from = STDERR_FILENO } },
	{ "2>>", TOK_REDIR, { .fd = STDERR_FILENO, .flags = ADD_FLAGS, .from = -1 } },
	{ "2>", TOK_REDIR, { .fd = STDERR_FILENO, .flags = OUT_FLAGS, .from = -1 } },
	{ ">>", TOK_REDIR, { .fd = STDOUT_FILENO, .flags = ADD_FLAGS, .from = -1 } },
	{ ">", TOK_REDIR, { .fd = STDOUT_FILENO, .flags = OUT_FLAGS, .from = -1 } },
	{ "<", TOK_REDIR, { .fd = STDIN_FILENO, .flags = O_RDONLY, .from = -1 } },
	{ "&", TOK_AMP, { 0 } }, { "|", TOK_PIPE, { 0 } }
};

static bool
add_char(struct pipeline *pl, char c)
{
	if (pl->textlen >= sizeof(pl->text))
		return false;
	pl->text[pl->textlen++] = c;
	return true;
}

static bool
add_string(struct pipeline *pl, const char *s)
{
	while (*s != '\0') {
		if (!add_char(pl, *s++))
			return false;
	}
	return true;
}

/* *p is behind a $; put in what it stands for. */
static bool
add_variable(struct pipeline *pl, const char **p)
{
	char name[64];
	size_t n = 0;
	const char *value;

	if (**p == '?' || **p == '$' || **p == '!') {
		snprintf(name, sizeof(name), "%d", **p == '?' ? last_status :
		    (int)(**p == '$' ? getpid() : last_background));
		(*p)++;
		return add_string(pl, name);
	}
	while ((isalnum((unsigned char)**p) || **p == '_') && n < sizeof(name) - 1)
		name[n++] = *(*p)++;
	name[n] = '\0';
	if (n == 0)
		return add_char(pl, '$');
	value = getenv(name);
	return value == NULL || add_string(pl, value);
}

/* *p is behind an opening quote; take all up to the closing one. */
static const char *
add_quoted(struct pipeline *pl, const char **p, char quote)
{
	bool ok = true;

	while (**p != quote) {
		if (**p == '\0')
			return "a quote is not closed";
		if (quote == '"' && **p == '\\' && strchr("\"\\$", (*p)[1]) != NULL && (*p)[1] != '\0') {
			ok = add_char(pl, (*p)[1]);
			*p += 2;
		} else if (quote == '"' && **p == '$') {
			(*p)++;
			ok = add_variable(pl, p);
		} else {
			ok = add_char(pl, *(*p)++);
		}
		if (!ok)
			return "line too long";
	}
	(*p)++;
	return NULL;
}

static const char *
add_word(struct pipeline *pl, const char **p)
{
	while (**p != '\0' && strchr(" \t|;&<>", **p) == NULL) {
		char c = *(*p)++;
		bool ok = true;
		const char *error = NULL;

		if (c == '\'' || c == '"')
			error = add_quoted(pl, p, c);
		else if (c == '$')
			ok = add_variable(pl, p);
		else if (c == '\\' && **p != '\0')
			ok = add_char(pl, *(*p)++);
		else
			ok = add_char(pl, c);
		if (error != NULL)
			return error;
		if (!ok)
			return "line too long";
	}
	return add_char(pl, '\0') ? NULL : "line too long";
}

/* What comes next; operators are stepped over (and *op is the one), a word is not. */
static enum token
next_token(const char **p, const struct operator **op)
{
	while (**p == ' ' || **p == '\t')
		(*p)++;
	if (**p == '\0' || **p == '#')
		return TOK_END;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(*p, operators[i].text, len) == 0) {
			*p += len;
			*op = &operators[i];
			return operators[i].token;
		}
	}
	return TOK_WORD;
}

static const char *
take_argument(struct pipeline *pl, const char **p)
{
	struct command *cmd = &pl->stages[pl->nstages - 1];

	if (cmd->argc == MAX_WORDS)
		return "too many words";
	cmd->argv[cmd->argc++] = pl->text + pl->textlen;
	return add_word(pl, p);
}

/* A redirection, and the name of its file if it has one. */
static const char *
take_redirection(struct pipeline *pl, const char **p, const struct redirection *rd)
{
	struct command *cmd = &pl->stages[pl->nstages - 1];
	const struct operator *op;

	if (cmd->nredirs == MAX_REDIRS)
		return "too many redirections";
	cmd->redirs[cmd->nredirs] = *rd;
	if (rd->from < 0) {
		if (next_token(p, &op) != TOK_WORD)
			return "a file name is missing";
		cmd->redirs[cmd->nredirs].path = pl->text + pl->textlen;
	}
	cmd->nredirs++;
	return rd->from < 0 ? add_word(pl, p) : NULL;
}

/* Take words and redirections up to the operator that ends the command. */
static const char *
take_command(struct pipeline *pl, const char **p, enum token *endp)
{
	const struct operator *op;
	const char *error = NULL;

	while (error == NULL) {
		enum token token = next_token(p, &op);

		if (token == TOK_REDIR) {
			error = take_redirection(pl, p, &op->redir);
		} else if (token == TOK_WORD) {
			error = take_argument(pl, p);
		} else {
			*endp = token;
			break;
		}
	}
	return error;
}

static enum joint
joint_of(enum token end, const char *rest)
{
	const struct operator *op;

	if (end == TOK_AND)
		return JOIN_AND;
	if (end == TOK_OR)
		return JOIN_OR;
	return end == TOK_END || next_token(&rest, &op) == TOK_END ? JOIN_END : JOIN_ALWAYS;
}

const char *
parse_pipeline(const char **linep, struct pipeline *pl)
{
	enum token end = TOK_PIPE;
	const char *error;

	memset(pl, 0, sizeof(*pl));
	while (end == TOK_PIPE) {
		if (pl->nstages == MAX_STAGES)
			return "too many commands in a pipeline";
		pl->nstages++;
		if ((error = take_command(pl, linep, &end)) != NULL)
			return error;
		if (pl->stages[pl->nstages - 1].argc > 0)
			continue;
		if (pl->nstages == 1 && end == TOK_END) {
			pl->nstages = 0;
			return NULL;
		}
		return "a command is missing";
	}
	pl->background = end == TOK_AMP;
	pl->joint = joint_of(end, *linep);
	if ((end == TOK_AND || end == TOK_OR) && **linep == '\0')
		return "a command is missing";
	return NULL;
}
