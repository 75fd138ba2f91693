/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known about a file.
 */
#ifndef _SYS_STAT_H_
#define _SYS_STAT_H_

#include <sys/timespec.h>
#include <sys/types.h>

struct stat {
	dev_t		st_dev;		/* device it lives on */
	mode_t		st_mode;	/* type and permissions */
	ino_t		st_ino;		/* number on that device */
	nlink_t		st_nlink;	/* names */
	uid_t		st_uid;		/* owner */
	gid_t		st_gid;		/* group */
	dev_t		st_rdev;	/* device that it is */
	struct timespec	st_atim;	/* last access */
	struct timespec	st_mtim;	/* last change of the data */
	struct timespec	st_ctim;	/* last change of this information */
	struct timespec	st_birthtim;	/* creation */
	off_t		st_size;	/* bytes */
	blkcnt_t	st_blocks;	/* blocks of S_BLKSIZE bytes */
	blksize_t	st_blksize;	/* best size for input and output */
	uint32_t	st_flags;
	uint32_t	st_gen;
	uint32_t	st_spare[2];
};

#define st_atime	st_atim.tv_sec
#define st_mtime	st_mtim.tv_sec
#define st_ctime	st_ctim.tv_sec
#define st_birthtime	st_birthtim.tv_sec

#define S_BLKSIZE	512

#define S_IFMT		0170000		/* the type */
#define S_IFIFO		0010000		/* pipe */
#define S_IFCHR		0020000		/* character device */
#define S_IFDIR		0040000		/* directory */
#define S_IFBLK		0060000		/* block device */
#define S_IFREG		0100000		/* regular file */
#define S_IFLNK		0120000		/* symbolic link */
#define S_IFSOCK	0140000		/* socket */

#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISBLK(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISSOCK(m)	(((m) & S_IFMT) == S_IFSOCK)

#define S_ISUID		0004000
#define S_ISGID		0002000
#define S_ISVTX		0001000
#define S_IRWXU		0000700
#define S_IRUSR		0000400
#define S_IWUSR		0000200
#define S_IXUSR		0000100
#define S_IRWXG		0000070
#define S_IRGRP		0000040
#define S_IWGRP		0000020
#define S_IXGRP		0000010
#define S_IRWXO		0000007
#define S_IROTH		0000004
#define S_IWOTH		0000002
#define S_IXOTH		0000001

_Static_assert(sizeof(struct stat) == 152, "struct stat");
_Static_assert(offsetof(struct stat, st_ino) == 16, "struct stat");
_Static_assert(offsetof(struct stat, st_atim) == 48, "struct stat");
_Static_assert(offsetof(struct stat, st_size) == 112, "struct stat");

#ifndef _KERNEL
__BEGIN_DECLS
int	fstat(int, struct stat *);
__END_DECLS
#endif

#endif /* !_SYS_STAT_H_ */
