/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The printf family: formatting into files, descriptors and memory.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "format.h"

#define SMALL_BUFFER	256		/* for a FILE that has none */

struct file_sink {
	struct sink	fs_sink;
	FILE		*fs_file;
	int		fs_failed;
};

static void
file_put(struct sink *sk, const char *s, size_t n)
{
	struct file_sink *fs = (struct file_sink *)sk;

	if (!fs->fs_failed && __file_write(fs->fs_file, s, n) != n)
		fs->fs_failed = 1;
}

struct memory_sink {
	struct sink	ms_sink;
	char		*ms_buf;
	size_t		ms_size;
};

static void
memory_put(struct sink *sk, const char *s, size_t n)
{
	struct memory_sink *ms = (struct memory_sink *)sk;
	size_t room;

	if (sk->sk_total >= ms->ms_size)
		return;
	room = ms->ms_size - sk->sk_total;
	(void)memcpy(ms->ms_buf + sk->sk_total, s, n < room ? n : room);
}

/* The result of a printf that made so many bytes. */
static int
count(size_t total)
{
	if (total <= INT_MAX)
		return (int)total;
	errno = EOVERFLOW;
	return -1;
}

/* Called with the FILE's lock held. */
static int
print(FILE *f, const char *fmt, va_list ap)
{
	struct file_sink fs = { { file_put, 0 }, f, 0 };

	__format(&fs.fs_sink, fmt, ap);
	return fs.fs_failed ? -1 : count(fs.fs_sink.sk_total);
}

/*
 * With a buffer for the time being, so that the text is written as a whole and
 * not in its pieces.
 */
static int
print_unbuffered(FILE *f, const char *fmt, va_list ap)
{
	unsigned char buf[SMALL_BUFFER], *old = f->f_buf;
	size_t oldsize = f->f_size;
	int n;

	(void)__file_flush(f);
	f->f_buf = buf;
	f->f_size = sizeof(buf);
	f->f_mode = _IOFBF;
	n = print(f, fmt, ap);
	if (__file_flush(f) == EOF)
		n = -1;
	f->f_mode = _IONBF;
	f->f_buf = old;
	f->f_size = oldsize;
	return n;
}

int
vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	int n = -1;

	flockfile(f);
	if (__file_towrite(f) != EOF) {
		if (f->f_mode == _IONBF)
			n = print_unbuffered(f, fmt, ap);
		else
			n = print(f, fmt, ap);
	}
	funlockfile(f);
	return n;
}

int
vdprintf(int fd, const char *restrict fmt, va_list ap)
{
	unsigned char buf[SMALL_BUFFER];
	FILE f = {
		.f_fd = fd,
		.f_flags = F_CANWRITE,
		.f_mode = _IOFBF,
		.f_buf = buf,
		.f_size = sizeof(buf),
	};
	int n;

	n = print(&f, fmt, ap);
	return __file_flush(&f) == EOF ? -1 : n;
}

int
vsnprintf(char *restrict buf, size_t size, const char *restrict fmt, va_list ap)
{
	struct memory_sink ms = {
		{ memory_put, 0 }, buf, size > 0 ? size - 1 : 0,
	};
	size_t total;

	__format(&ms.ms_sink, fmt, ap);
	total = ms.ms_sink.sk_total;
	if (size > 0)
		buf[total < size ? total : size - 1] = '\0';
	return count(total);
}

int
vasprintf(char **restrict text, const char *restrict fmt, va_list ap)
{
	int n = vsnprintf(NULL, 0, fmt, ap);

	*text = NULL;
	if (n == -1)
		return -1;
	*text = malloc((size_t)n + 1);
	if (*text == NULL)
		return -1;
	return vsnprintf(*text, (size_t)n + 1, fmt, ap);
}

int
vprintf(const char *restrict fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

int
vsprintf(char *restrict buf, const char *restrict fmt, va_list ap)
{
	return vsnprintf(buf, INT_MAX, fmt, ap);
}

int
printf(const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(stdout, fmt, ap);
	va_end(ap);
	return n;
}

int
fprintf(FILE *restrict f, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(f, fmt, ap);
	va_end(ap);
	return n;
}

int
dprintf(int fd, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vdprintf(fd, fmt, ap);
	va_end(ap);
	return n;
}

int
snprintf(char *restrict buf, size_t size, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int
sprintf(char *restrict buf, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, INT_MAX, fmt, ap);
	va_end(ap);
	return n;
}

int
asprintf(char **restrict text, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(text, fmt, ap);
	va_end(ap);
	return n;
}
