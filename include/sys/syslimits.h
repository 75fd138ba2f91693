/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits that the kernel sets.
 */
#ifndef _SYS_SYSLIMITS_H_
#define _SYS_SYSLIMITS_H_

#define ARG_MAX		(256 * 1024)	/* bytes of arguments to exec */
#define CHILD_MAX	160		/* processes of a user */
#define IOV_MAX		1024		/* elements of an iovec array */
#define NAME_MAX	511		/* bytes of a file name */
#define NGROUPS_MAX	16
#define OPEN_MAX	128		/* open files of a process */
#define PATH_MAX	1024		/* bytes of a path, with the NUL */
#define PIPE_BUF	512		/* bytes written to a pipe as one */

#endif /* !_SYS_SYSLIMITS_H_ */
