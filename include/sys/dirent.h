/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An entry of a directory, as the kernel gives it.
 */
#ifndef _SYS_DIRENT_H_
#define _SYS_DIRENT_H_

#include <sys/types.h>

#define MAXNAMLEN	511

/* d_reclen bytes on, which is a multiple of 8, begins the next one. */
struct dirent {
	ino_t		d_fileno;
	uint16_t	d_reclen;
	uint16_t	d_namlen;		/* without the NUL */
	uint8_t		d_type;			/* DT_* */
	char		d_name[MAXNAMLEN + 1];
};
#define d_ino		d_fileno

#define DT_UNKNOWN	0
#define DT_FIFO		1
#define DT_CHR		2
#define DT_DIR		4
#define DT_BLK		6
#define DT_REG		8
#define DT_LNK		10

/* Bytes of an entry whose name has n. */
#define _DIRENT_RECLEN(n)	\
	((offsetof(struct dirent, d_name) + (n) + 1 + 7) & ~(size_t)7)

_Static_assert(offsetof(struct dirent, d_name) == 13, "struct dirent");

#endif /* !_SYS_DIRENT_H_ */
