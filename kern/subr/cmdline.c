/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's command line.
 *
 * Words are separated by blanks; "..." keeps blanks in a word, and a backslash takes
 * the next character as it is (GRUB writes quotes in that way).  The words before the
 * first bare -- are the kernel's, name or name=value, the last one of a name counts;
 * what follows is kept as it is and becomes the arguments of process 1.
 *
 * The line comes from outside and may be anything: one that is too long, or that has
 * bytes no keyboard makes, is cut there, with a message.
 *
 * Everything is written once, by the boot CPU, before there are others.
 */
#include <kern/cons.h>
#include <kern/kern.h>

#define CMDLINE_MAX 2048
#define CMDLINE_WORD 256 /* longest word of the kernel's own, with the NUL */

static char cmdline[CMDLINE_MAX];
static const char *init_args = "";

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && !is_blank(c)) || c == 0x7f;
}

/*
 * Take the next word off *at and put it, without its quotes, into buf (cut if it is
 * too long; *cut may be NULL).  False: there is none.
 */
static bool
next_word(const char **at, char *buf, size_t len, bool *cut)
{
	const char *s = *at;
	bool quoted = false;
	size_t n = 0;

	while (is_blank(*s))
		s++;
	if (*s == '\0')
		return false;
	for (; *s != '\0' && (quoted || !is_blank(*s)); s++) {
		if (*s == '"') {
			quoted = !quoted;
			continue;
		}
		if (*s == '\\' && s[1] != '\0')
			s++;
		if (n + 1 < len)
			buf[n] = *s;
		n++;
	}
	buf[umin(n, len - 1)] = '\0';
	if (cut != NULL)
		*cut = n >= len;
	*at = s;
	return true;
}

bool
cmdline_word(const char **at, char *buf, size_t len)
{
	return next_word(at, buf, len, NULL);
}

/* Is there an end to every quotation? */
static bool
quotes_match(const char *s)
{
	bool quoted = false;

	for (; *s != '\0'; s++) {
		if (*s == '"')
			quoted = !quoted;
		else if (*s == '\\' && s[1] != '\0')
			s++;
	}
	return !quoted;
}

/* End the kernel's words at the first --, and remember what is behind it. */
static void
split_init_args(void)
{
	const char *at = cmdline, *word;
	char buf[CMDLINE_WORD];
	bool cut;

	for (;;) {
		while (is_blank(*at))
			at++;
		word = at;
		if (!next_word(&at, buf, sizeof(buf), &cut))
			return;
		if (cut)
			kwarn("heddle: command line: word \"%s...\" is too long, cut\n", buf);
		/* Bare: a quoted "--" is an ordinary word. */
		if (strncmp(word, "--", 2) == 0 && at == word + 2)
			break;
	}
	cmdline[word - cmdline] = '\0';
	init_args = at;
}

void
cmdline_init(const char *line)
{
	size_t n;

	for (n = 0; n < CMDLINE_MAX - 1 && line[n] != '\0' && !is_control(line[n]); n++)
		cmdline[n] = line[n];
	cmdline[n] = '\0';
	init_args = cmdline + n;
	if (line[n] != '\0')
		kwarn("heddle: command line cut after %zu bytes: %s\n", n,
		    n == CMDLINE_MAX - 1 ? "too long" : "a byte that is no text");
	if (!quotes_match(cmdline))
		kwarn("heddle: command line: a quotation has no end\n");
	split_init_args();
	cons_set_quiet(cmdline_flag("quiet"));
}

/*
 * The text behind `name` in the last of the kernel's words that begins with it and
 * goes on with `next`; NULL if none.  The word itself is in buf.
 */
static const char *
find_word(const char *name, char next, char *buf, size_t len)
{
	const char *at = cmdline, *found = NULL;
	size_t namelen = strlen(name);
	char word[CMDLINE_WORD];

	while (next_word(&at, word, sizeof(word), NULL)) {
		if (strncmp(word, name, namelen) != 0 || word[namelen] != next)
			continue;
		(void)strlcpy(buf, word + namelen, len);
		found = buf;
	}
	return found;
}

bool
cmdline_flag(const char *name)
{
	char rest[1];

	return find_word(name, '\0', rest, sizeof(rest)) != NULL;
}

const char *
cmdline_value(const char *name, char *buf, size_t len)
{
	char rest[CMDLINE_WORD];

	if (find_word(name, '=', rest, sizeof(rest)) == NULL)
		return NULL;
	(void)strlcpy(buf, rest + 1, len);
	return buf;
}

const char *
cmdline_init_args(void)
{
	return init_args;
}
