/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List directories: names, or with -l type, size and name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/stat.h>
#include <unistd.h>

#define COLUMNS		80
#define MAX_NAMES	1024
#define MAX_PATH	1024

static const char what[] __used = "@(#)ls [-l] [DIRECTORY ...]: list files";

static int long_list;

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "d 0 bin" or "- 4711 hello": what one file is. */
static void
print_long(const char *dir, const char *name)
{
	char path[MAX_PATH];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s%s%s", dir, dir[0] != '\0' ? "/" : "", name);
	memset(&st, 0, sizeof(st));
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		printf("? %10s %s\n", "", name);
	} else {
		printf("%c %10lld %s\n", S_ISDIR(st.st_mode) ? 'd' : S_ISCHR(st.st_mode) ? 'c' : '-',
		    (long long)st.st_size, name);
	}
	if (fd >= 0)
		close(fd);
}

/* Names down the columns, as many columns as fit. */
static void
print_columns(char *const *names, size_t n)
{
	size_t width = 1, rows, columns;

	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) + 2 > width)
			width = strlen(names[i]) + 2;
	}
	columns = width < COLUMNS ? COLUMNS / width : 1;
	rows = (n + columns - 1) / columns;
	for (size_t r = 0; r < rows; r++) {
		for (size_t i = r; i < n; i += rows)
			printf("%-*s", i + rows < n ? (int)width : 0, names[i]);
		putchar('\n');
	}
}

/* The names of an open directory, sorted; the caller frees each. */
static size_t
read_names(DIR *dir, char **names)
{
	struct dirent *de;
	size_t n = 0;

	while (n < MAX_NAMES && (de = readdir(dir)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		names[n] = strdup(de->d_name);
		if (names[n] == NULL)
			break;
		n++;
	}
	qsort(names, n, sizeof(names[0]), compare);
	return n;
}

static int
list(const char *path)
{
	static char *names[MAX_NAMES];
	DIR *dir = opendir(path);
	size_t n;

	if (dir == NULL && errno == ENOTDIR) {
		if (long_list)
			print_long("", path);
		else
			printf("%s\n", path);
		return 0;
	}
	if (dir == NULL) {
		fprintf(stderr, "ls: %s: %s\n", path, strerror(errno));
		return 1;
	}
	n = read_names(dir, names);
	closedir(dir);
	if (!long_list)
		print_columns(names, n);
	for (size_t i = 0; i < n; i++) {
		if (long_list)
			print_long(path, names[i]);
		free(names[i]);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	int first = 1, status = 0;

	if (argc > 1 && strcmp(argv[1], "-l") == 0) {
		long_list = 1;
		first = 2;
	}
	if (first == argc)
		return list("/");
	for (int i = first; i < argc; i++) {
		if (argc - first > 1)
			printf("%s:\n", argv[i]);
		status |= list(argv[i]);
	}
	return status;
}
