/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing bytes and strings.
 */
#include <errno.h>
#include <string.h>

#include "file.h"

size_t
fwrite(const void *restrict data, size_t size, size_t n, FILE *restrict f)
{
	size_t done;

	if (size == 0 || n == 0)
		return 0;
	flockfile(f);
	done = __file_write(f, data, size * n);
	funlockfile(f);
	return done / size;
}

int
fputs(const char *restrict s, FILE *restrict f)
{
	size_t len = strlen(s);

	return fwrite(s, 1, len, f) == len ? 0 : EOF;
}

int
putc_unlocked(int c, FILE *f)
{
	unsigned char byte = (unsigned char)c;

	return __file_write(f, &byte, 1) == 1 ? byte : EOF;
}

int
fputc(int c, FILE *f)
{
	int r;

	flockfile(f);
	r = putc_unlocked(c, f);
	funlockfile(f);
	return r;
}

int
putc(int c, FILE *f)
{
	return fputc(c, f);
}

int
putchar(int c)
{
	return fputc(c, stdout);
}

/* The line and its end are not torn apart. */
int
puts(const char *s)
{
	int r;

	flockfile(stdout);
	r = fputs(s, stdout);
	if (r != EOF)
		r = putc_unlocked('\n', stdout);
	funlockfile(stdout);
	return r;
}

void
perror(const char *what)
{
	int error = errno;

	if (what != NULL && *what != '\0')
		(void)fprintf(stderr, "%s: %s\n", what, strerror(error));
	else
		(void)fprintf(stderr, "%s\n", strerror(error));
}
