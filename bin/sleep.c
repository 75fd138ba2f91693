/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleep for a number of seconds, which may have a fraction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/cdefs.h>
#include <time.h>

static const char what[] __used = "@(#)sleep SECONDS[.FRACTION]: do nothing for that long";

#define NSEC_PER_SEC	1000000000L

/* "12.5" into a timespec; false if it is not a number. */
static int
parse(const char *s, struct timespec *ts)
{
	char *end;
	long unit = NSEC_PER_SEC;

	if (*s < '0' || *s > '9')
		return 0;
	ts->tv_sec = strtol(s, &end, 10);
	ts->tv_nsec = 0;
	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9'; end++) {
			unit /= 10;
			ts->tv_nsec += (*end - '0') * unit;
		}
	}
	return *end == '\0';
}

int
main(int argc, char **argv)
{
	struct timespec ts;

	if (argc != 2 || !parse(argv[1], &ts)) {
		fprintf(stderr, "usage: sleep SECONDS[.FRACTION]\n");
		return 2;
	}
	if (nanosleep(&ts, NULL) != 0) {
		perror("sleep");
		return 1;
	}
	return 0;
}
