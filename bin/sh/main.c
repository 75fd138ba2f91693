/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell's main loop: a line from the terminal, a file or the -c argument,
 * pipeline by pipeline.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>
#include <sys/heddle.h>
#include <unistd.h>

#include "sh.h"

static const char what[] __used = "@(#)sh [-c COMMAND | FILE]: the shell";

int last_status;
bool interactive, job_control;
const char *const program_dirs[] = { "/bin", "/tests", NULL };

void
run_line(const char *line)
{
	static struct pipeline pl;
	bool skip = false;

	do {
		const char *error = parse_pipeline(&line, &pl);

		if (error != NULL) {
			fprintf(stderr, "sh: %s\n", error);
			last_status = 2;
			return;
		}
		if (!skip && pl.nstages > 0)
			last_status = run_pipeline(&pl);
		if (interactive && last_status == BY_SIGNAL + SIGINT)
			return; /* Ctrl-C is meant for the whole line */
		skip = (pl.joint == JOIN_AND && last_status != 0) ||
		    (pl.joint == JOIN_OR && last_status == 0);
	} while (pl.joint != JOIN_END);
}

/*
 * A line byte by byte, because what follows it may be meant for the program
 * that it starts.  False at the end of the file.
 */
static bool
read_line(int fd, char *line, size_t len)
{
	size_t n = 0;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c == '\n') {
			line[n] = '\0';
			return true;
		}
		if (n < len - 1)
			line[n++] = c;
	}
	line[n] = '\0';
	return n > 0;
}

static void
run_file(int fd)
{
	static char line[LINE_LEN];

	while (read_line(fd, line, sizeof(line)))
		run_line(line);
}

static void
greet(void)
{
	int name[] = { CTL_VENDOR, HEDDLE_VERSION };
	char version[128];
	size_t len = sizeof(version);

	if (sysctl(name, 2, version, &len, NULL, 0) == 0)
		printf("%.*s\n", (int)len, version);
	printf("Type \"help\" for what there is, \"exit\" to switch the machine off.\n");
}

static void
run_terminal(void)
{
	static char line[LINE_LEN];

	interactive = true;
	job_control = jobs_start();
	greet();
	for (;;) {
		jobs_collect();
		if (!edit_line("heddle$ ", line, sizeof(line)))
			break;
		run_line(line);
	}
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc > 2 && strcmp(argv[1], "-c") == 0) {
		run_line(argv[2]);
	} else if (argc > 1 && argv[1][0] == '-') {
		fprintf(stderr, "usage: sh [-c COMMAND | FILE]\n");
		return 2;
	} else if (argc > 1) {
		if ((fd = open(argv[1], O_RDONLY | O_CLOEXEC)) < 0) {
			fprintf(stderr, "sh: %s: %s\n", argv[1], strerror(errno));
			return NOT_FOUND;
		}
		run_file(fd);
	} else if (edit_start()) {
		run_terminal();
	} else {
		run_file(STDIN_FILENO);
	}
	return last_status;
}
