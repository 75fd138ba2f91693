/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening, closing, positions, and the state of a FILE.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../private.h"
#include "file.h"

#define FILE_BUFSIZ	4096

/* 0 if there is no such mode. */
int
__file_flags(const char *mode, int *oflags)
{
	int flags;

	switch (*mode++) {
	case 'r':
		flags = F_CANREAD;
		*oflags = 0;
		break;
	case 'w':
		flags = F_CANWRITE;
		*oflags = O_CREAT | O_TRUNC;
		break;
	case 'a':
		flags = F_CANWRITE;
		*oflags = O_CREAT | O_APPEND;
		break;
	default:
		return 0;
	}
	for (; *mode != '\0'; mode++) {
		if (*mode == '+')
			flags = F_CANREAD | F_CANWRITE;
		else if (*mode == 'e')
			*oflags |= O_CLOEXEC;
		else if (*mode == 'x')
			*oflags |= O_EXCL;
		else if (*mode != 'b')
			return 0;
	}
	if (flags == (F_CANREAD | F_CANWRITE))
		*oflags |= O_RDWR;
	else
		*oflags |= flags == F_CANREAD ? O_RDONLY : O_WRONLY;
	return flags;
}

static FILE *
file_new(int fd, int flags)
{
	FILE *f = calloc(1, sizeof(*f));
	unsigned char *buf = malloc(UNGET_MAX + FILE_BUFSIZ);

	if (f == NULL || buf == NULL) {
		free(f);
		free(buf);
		return NULL;
	}
	f->f_fd = fd;
	f->f_flags = flags | F_OWNBUF;
	f->f_mode = MODE_UNKNOWN;
	f->f_buf = buf + UNGET_MAX;
	f->f_size = FILE_BUFSIZ;
	__file_link(f);
	return f;
}

FILE *
fdopen(int fd, const char *mode)
{
	int oflags, flags = __file_flags(mode, &oflags);

	if (flags == 0) {
		errno = EINVAL;
		return NULL;
	}
	return file_new(fd, flags);
}

FILE *
fopen(const char *restrict path, const char *restrict mode)
{
	int oflags, flags = __file_flags(mode, &oflags), fd;
	FILE *f;

	if (flags == 0) {
		errno = EINVAL;
		return NULL;
	}
	fd = __sys_open(path, oflags, 0666);
	if (fd == -1)
		return NULL;
	f = file_new(fd, flags);
	if (f == NULL)
		(void)__sys_close(fd);
	return f;
}

static void
free_buffer(FILE *f)
{
	if (f->f_flags & F_OWNBUF)
		free(f->f_buf - UNGET_MAX);
	f->f_flags &= ~F_OWNBUF;
}

int
fclose(FILE *f)
{
	int r;

	flockfile(f);
	r = __file_flush(f);
	__file_forget(f);
	funlockfile(f);
	__file_unlink(f);
	if (__sys_close(f->f_fd) == -1)
		r = EOF;
	free_buffer(f);
	if (!(f->f_flags & F_STATIC))
		free(f);
	return r;
}

/* NULL for all that are open. */
int
fflush(FILE *f)
{
	int r;

	if (f == NULL)
		return __stdio_flush_all(0);
	flockfile(f);
	r = __file_flush(f);
	funlockfile(f);
	return r;
}

/* A buffer of the caller's must leave room for ungetc. */
int
setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t size)
{
	if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF)
		return EOF;
	flockfile(f);
	(void)__file_flush(f);
	__file_forget(f);
	if (buf != NULL && size > UNGET_MAX) {
		free_buffer(f);
		f->f_buf = (unsigned char *)buf + UNGET_MAX;
		f->f_size = size - UNGET_MAX;
	}
	if (f->f_buf == NULL)
		mode = _IONBF;
	f->f_mode = mode;
	funlockfile(f);
	return 0;
}

void
setbuf(FILE *restrict f, char *restrict buf)
{
	(void)setvbuf(f, buf, buf != NULL ? _IOFBF : _IONBF, BUFSIZ);
}

int
setlinebuf(FILE *f)
{
	return setvbuf(f, NULL, _IOLBF, 0);
}

int
fseeko(FILE *f, off_t offset, int whence)
{
	off_t r;

	flockfile(f);
	r = __file_flush(f);
	__file_forget(f);
	if (r == 0)
		r = lseek(f->f_fd, offset, whence);
	if (r != -1)
		f->f_flags &= ~F_EOF;
	funlockfile(f);
	return r == -1 ? -1 : 0;
}

int
fseek(FILE *f, long offset, int whence)
{
	return fseeko(f, offset, whence);
}

off_t
ftello(FILE *f)
{
	off_t pos;

	flockfile(f);
	pos = lseek(f->f_fd, 0, SEEK_CUR);
	if (pos != -1 && (f->f_flags & F_READING))
		pos -= f->f_end - f->f_pos;
	else if (pos != -1 && (f->f_flags & F_WRITING))
		pos += f->f_pos - f->f_buf;
	funlockfile(f);
	return pos;
}

long
ftell(FILE *f)
{
	return ftello(f);
}

void
rewind(FILE *f)
{
	(void)fseeko(f, 0, SEEK_SET);
	clearerr(f);
}

int
feof(FILE *f)
{
	return (f->f_flags & F_EOF) != 0;
}

int
ferror(FILE *f)
{
	return (f->f_flags & F_ERROR) != 0;
}

void
clearerr(FILE *f)
{
	flockfile(f);
	f->f_flags &= ~(F_EOF | F_ERROR);
	funlockfile(f);
}

int
fileno(FILE *f)
{
	return f->f_fd;
}
