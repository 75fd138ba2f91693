/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tab: fill in the name of a program, a builtin or a file.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "sh.h"

#define NAME_LEN	256
#define WIDTH		80

/* What is looked for, and what has been found so far. */
struct search {
	const char	*prefix;
	size_t		prefixlen;
	size_t		found;
	size_t		column;		/* while listing */
	char		common[NAME_LEN];	/* beginning that all have */
};

/* One that may be meant. */
static void
consider(struct search *s, const char *name, bool list)
{
	size_t same = 0;

	if (strncmp(name, s->prefix, s->prefixlen) != 0)
		return;
	if (list) {
		if (s->column > 0 && s->column + strlen(name) + 2 > WIDTH) {
			printf("\n");
			s->column = 0;
		}
		s->column += (size_t)printf("%s  ", name);
		return;
	}
	if (s->found++ == 0) {
		snprintf(s->common, sizeof(s->common), "%s", name);
		return;
	}
	while (s->common[same] != '\0' && s->common[same] == name[same])
		same++;
	s->common[same] = '\0';
}

static void
consider_directory(struct search *s, const char *path, bool list)
{
	DIR *dir = opendir(path);
	struct dirent *de;

	if (dir == NULL)
		return;
	while ((de = readdir(dir)) != NULL) {
		if (de->d_name[0] != '.')
			consider(s, de->d_name, list);
	}
	closedir(dir);
}

/* All that `s` may mean: names of programs, or of files in `dir` if that is not NULL. */
static void
consider_all(struct search *s, const char *dir, bool list)
{
	if (dir != NULL) {
		consider_directory(s, dir, list);
		return;
	}
	for (size_t i = 0; builtin_name(i) != NULL; i++)
		consider(s, builtin_name(i), list);
	for (int i = 0; program_dirs[i] != NULL; i++)
		consider_directory(s, program_dirs[i], list);
}

size_t
complete(const char *line, size_t len, char *more, size_t morelen, bool *listed)
{
	struct search s = { 0 };
	char word[NAME_LEN], *slash;
	size_t start = len;
	const char *dir = NULL;

	*listed = false;
	while (start > 0 && strchr(" |;&<>", line[start - 1]) == NULL)
		start--;
	snprintf(word, sizeof(word), "%.*s", (int)(len - start), line + start);
	s.prefix = word;
	if ((slash = strrchr(word, '/')) != NULL) {
		*slash = '\0';
		dir = slash == word ? "/" : word;
		s.prefix = slash + 1;
	}
	s.prefixlen = strlen(s.prefix);
	consider_all(&s, dir, false);
	if (s.found == 1)
		return (size_t)snprintf(more, morelen, "%s ", s.common + s.prefixlen);
	if (s.found > 1 && strlen(s.common) > s.prefixlen)
		return (size_t)snprintf(more, morelen, "%s", s.common + s.prefixlen);
	if (s.found > 1) {
		printf("\n");
		consider_all(&s, dir, true);
		printf("\n");
		*listed = true;
	}
	return 0;
}
