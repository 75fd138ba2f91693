/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Children that say by a pipe how far they are, in test programs.
 */
#ifndef _TEST_CHILD_H_
#define _TEST_CHILD_H_

#include "test.h"

static int	to_parent[2];	/* the pipe */

static inline void
say(char c)
{
	write(to_parent[1], &c, 1);
}

/* The next byte from a child; 0: nobody is left who could say anything. */
static inline char
hear(void)
{
	char c = 0;

	while (read(to_parent[0], &c, 1) == -1 && errno == EINTR)
		continue;
	return c;
}

/* What wait4 says of a child; -1: it fails. */
static inline int
status_of(pid_t pid, int options)
{
	int status = -1;

	while (wait4(pid, &status, options, NULL) == -1) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

#endif /* !_TEST_CHILD_H_ */
