/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening and controlling files.
 */
#ifndef _SYS_FCNTL_H_
#define _SYS_FCNTL_H_

#include <sys/types.h>

#define O_RDONLY	0x00000000
#define O_WRONLY	0x00000001
#define O_RDWR		0x00000002
#define O_ACCMODE	0x00000003	/* mask of the three above */
#define O_NONBLOCK	0x00000004	/* do not wait */
#define O_APPEND	0x00000008	/* write at the end */
#define O_SHLOCK	0x00000010
#define O_EXLOCK	0x00000020
#define O_ASYNC		0x00000040
#define O_SYNC		0x00000080
#define O_NOFOLLOW	0x00000100	/* not through a symbolic link */
#define O_CREAT		0x00000200	/* create if it is not there */
#define O_TRUNC		0x00000400	/* cut to length 0 */
#define O_EXCL		0x00000800	/* fail if it is there */
#define O_NOCTTY	0x00008000
#define O_DSYNC		0x00010000
#define O_RSYNC		0x00020000
#define O_DIRECTORY	0x00200000	/* fail if it is not a directory */
#define O_CLOEXEC	0x00400000	/* close on exec */

#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_SETFL		4
#define F_GETOWN	5
#define F_SETOWN	6
#define F_GETLK		7
#define F_SETLK		8
#define F_SETLKW	9
#define F_CLOSEM	10
#define F_MAXFD		11
#define F_DUPFD_CLOEXEC	12

#define FD_CLOEXEC	1		/* flag of F_GETFD and F_SETFD */

#ifndef SEEK_SET
#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#endif

#ifndef _KERNEL
__BEGIN_DECLS
int	fcntl(int, int, ...);
int	open(const char *, int, ...);
__END_DECLS
#endif

#endif /* !_SYS_FCNTL_H_ */
