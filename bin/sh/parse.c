/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a line to pipelines.  A word is anything without unquoted blanks or
 * operators; '...' takes all as it is, "..." all but $ and \, and \ the next
 * character.  $? is the last status, $$ the shell's process id, $NAME comes
 * from the environment.  Operators: | ; & && || < > 2> and # for a comment.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

enum token {
	TOK_WORD, TOK_END, TOK_SEMI, TOK_AMP, TOK_AND, TOK_OR, TOK_PIPE, TOK_IN, TOK_OUT, TOK_ERR
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

	if (**p == '?' || **p == '$') {
		snprintf(name, sizeof(name), "%d", **p == '?' ? last_status : (int)getpid());
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

/* What comes next; operators are stepped over, a word is not. */
static enum token
next_token(const char **p)
{
	static const struct {
		const char *text;
		enum token token;
	} operators[] = {
		{ "&&", TOK_AND }, { "||", TOK_OR }, { "2>", TOK_ERR }, { ";", TOK_SEMI },
		{ "&", TOK_AMP }, { "|", TOK_PIPE }, { "<", TOK_IN }, { ">", TOK_OUT }
	};

	while (**p == ' ' || **p == '\t')
		(*p)++;
	if (**p == '\0' || **p == '#')
		return TOK_END;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(*p, operators[i].text, len) == 0) {
			*p += len;
			return operators[i].token;
		}
	}
	return TOK_WORD;
}

/* A word that is an argument, or the name of a file to redirect to. */
static const char *
take_word(struct pipeline *pl, const char **p, enum token redirect)
{
	struct command *cmd = &pl->stages[pl->nstages - 1];
	const char *start = pl->text + pl->textlen;
	const char *error = add_word(pl, p);

	if (error != NULL)
		return error;
	if (redirect == TOK_IN)
		cmd->in = start;
	else if (redirect == TOK_OUT)
		cmd->out = start;
	else if (redirect == TOK_ERR)
		cmd->err = start;
	else if (cmd->argc == MAX_WORDS)
		return "too many words";
	else
		cmd->argv[cmd->argc++] = (char *)start;
	return NULL;
}

/* Take words and redirections up to the operator that ends the command. */
static const char *
take_command(struct pipeline *pl, const char **p, enum token *endp)
{
	for (;;) {
		enum token token = next_token(p);
		const char *error;

		if (token == TOK_IN || token == TOK_OUT || token == TOK_ERR) {
			if (next_token(p) != TOK_WORD)
				return "a file name is missing";
		} else if (token != TOK_WORD) {
			*endp = token;
			return NULL;
		}
		if ((error = take_word(pl, p, token)) != NULL)
			return error;
	}
}

static enum joint
joint_of(enum token end, const char *rest)
{
	if (end == TOK_AND)
		return JOIN_AND;
	if (end == TOK_OR)
		return JOIN_OR;
	return end == TOK_END || next_token(&rest) == TOK_END ? JOIN_END : JOIN_ALWAYS;
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
