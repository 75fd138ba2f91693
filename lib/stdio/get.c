/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading bytes and lines.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

int
getc_unlocked(FILE *f)
{
	if ((f->f_flags & F_READING) && f->f_pos < f->f_end)
		return *f->f_pos++;
	return __file_fill(f);
}

int
fgetc(FILE *f)
{
	int c;

	flockfile(f);
	c = getc_unlocked(f);
	funlockfile(f);
	return c;
}

int
getc(FILE *f)
{
	return fgetc(f);
}

int
getchar(void)
{
	return fgetc(stdin);
}

/*
 * What was just read is given back by going back; the buffer, which may be a
 * constant string of sscanf's, is not written to.
 */
static int
push_back(FILE *f, unsigned char c)
{
	if (__file_toread(f) == EOF)
		return EOF;
	if (f->f_pos > f->f_buf && f->f_pos[-1] == c)
		f->f_pos--;
	else if (f->f_fd != -1 && f->f_pos > f->f_buf - UNGET_MAX)
		*--f->f_pos = c;
	else
		return EOF;
	f->f_flags &= ~F_EOF;
	return c;
}

int
ungetc(int c, FILE *f)
{
	int r;

	if (c == EOF)
		return EOF;
	flockfile(f);
	r = push_back(f, (unsigned char)c);
	funlockfile(f);
	return r;
}

size_t
fread(void *restrict data, size_t size, size_t n, FILE *restrict f)
{
	unsigned char *p = data;
	size_t total = size * n, done = 0, part;
	int c;

	if (total == 0)
		return 0;
	flockfile(f);
	while (done < total && (c = getc_unlocked(f)) != EOF) {
		p[done++] = (unsigned char)c;
		part = (size_t)(f->f_end - f->f_pos);
		if (part > total - done)
			part = total - done;
		(void)memcpy(p + done, f->f_pos, part);
		f->f_pos += part;
		done += part;
	}
	funlockfile(f);
	return done / size;
}

char *
fgets(char *restrict s, int size, FILE *restrict f)
{
	int c = 0, n = 0;

	if (size <= 0)
		return NULL;
	flockfile(f);
	while (n < size - 1 && c != '\n' && (c = getc_unlocked(f)) != EOF)
		s[n++] = (char)c;
	funlockfile(f);
	if (n == 0 && size > 1)
		return NULL;
	s[n] = '\0';
	return s;
}

/* Room for one more byte and the NUL. */
static int
grow(char **line, size_t *size, size_t n)
{
	size_t want = *size < 64 ? 128 : *size * 2;
	char *p;

	if (*line != NULL && n + 2 <= *size)
		return 0;
	p = realloc(*line, want);
	if (p == NULL)
		return -1;
	*line = p;
	*size = want;
	return 0;
}

ssize_t
getdelim(char **restrict line, size_t *restrict size, int delim,
    FILE *restrict f)
{
	ssize_t r = -1;
	size_t n = 0;
	int c = EOF;

	if (*line == NULL)
		*size = 0;
	flockfile(f);
	while (grow(line, size, n) == 0 && (c = getc_unlocked(f)) != EOF) {
		(*line)[n++] = (char)c;
		if (c == delim)
			break;
	}
	if (n > 0) {
		(*line)[n] = '\0';
		r = (ssize_t)n;
	}
	funlockfile(f);
	return r;
}

ssize_t
getline(char **restrict line, size_t *restrict size, FILE *restrict f)
{
	return getdelim(line, size, '\n', f);
}
