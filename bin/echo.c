/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Write the arguments, with spaces between them and a newline after the last
 * (-n: without it).
 */
#include <stdio.h>
#include <string.h>
#include <sys/cdefs.h>

static const char what[] __used = "@(#)echo [-n] [WORD ...]: write the words";

int
main(int argc, char **argv)
{
	int first = 1;
	const char *end = "\n";

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		end = "";
		first = 2;
	}
	for (int i = first; i < argc; i++)
		printf("%s%s", i > first ? " " : "", argv[i]);
	printf("%s", end);
	return fflush(stdout) == 0 ? 0 : 1;
}
