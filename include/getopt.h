/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options on the command line, short ones and long ones.
 */
#ifndef _GETOPT_H_
#define _GETOPT_H_

#include <unistd.h>

#define no_argument		0
#define required_argument	1
#define optional_argument	2

struct option {
	const char	*name;
	int		has_arg;
	int		*flag;		/* where to store val, or NULL */
	int		val;
};

__BEGIN_DECLS
int	getopt_long(int, char *const *, const char *, const struct option *,
	    int *);
__END_DECLS

#endif /* !_GETOPT_H_ */
