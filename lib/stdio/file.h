/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A FILE from inside.
 *
 * It has one buffer, used for reading or for writing, never for both at once:
 *	reading		f_buf ... f_pos (next byte) ... f_end
 *	writing		f_buf ... f_pos (next free) ... f_buf + f_size
 * Before the first operation and after a flush it does neither.
 *
 * Locks.  f_owner and f_depth are a recursive lock over the FILE.  files_lock
 * covers the list; a FILE's lock may be taken holding it, not the reverse (but a program that has
 * locked one may open another, so that neither fork nor fflush waits for a FILE holding the list).
 */
#ifndef _LIB_STDIO_FILE_H_
#define _LIB_STDIO_FILE_H_

#include <stdio.h>

#define UNGET_MAX	8		/* bytes before f_buf, for ungetc */

struct __file {
	volatile lwpid_t f_owner;	/* who has the lock, 0 for nobody */
	unsigned int	f_depth;	/* how often; the owner's */
	int		f_fd;		/* -1 for a string */
	int		f_flags;	/* F_* */
	int		f_mode;		/* _IO?BF, or MODE_UNKNOWN */
	unsigned char	*f_buf;
	size_t		f_size;
	unsigned char	*f_pos;
	unsigned char	*f_end;		/* of what there is to be read */
	struct __file	*f_next;	/* files_lock: in the list */
};

#define F_CANREAD	0x01
#define F_CANWRITE	0x02
#define F_READING	0x04		/* the buffer holds input */
#define F_WRITING	0x08		/* the buffer holds output */
#define F_EOF		0x10
#define F_ERROR		0x20
#define F_OWNBUF	0x40		/* f_buf - UNGET_MAX is to be freed */
#define F_STATIC	0x80		/* the FILE itself is not */

#define MODE_UNKNOWN	(-1)		/* to be seen when it is first used */

/* In all of these the caller has the FILE's lock, and EOF means failure. */

/* Get ready to write, to read. */
int	__file_towrite(FILE *);
int	__file_toread(FILE *);
/* Write out what is in the buffer. */
int	__file_flush(FILE *);
/* Read into the empty buffer; the first byte. */
int	__file_fill(FILE *);
/* Leave input that was not used in the file. */
void	__file_forget(FILE *);
/* How many of the bytes were taken. */
size_t	__file_write(FILE *, const void *, size_t);

/* Add to the list, take out of it. */
void	__file_link(FILE *);
void	__file_unlink(FILE *);
/* The flags that a mode of fopen means; the flags of open in *oflags. */
int	__file_flags(const char *mode, int *oflags);

#endif /* !_LIB_STDIO_FILE_H_ */
