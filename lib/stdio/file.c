/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three standard files, the list of all, and the buffer of each.
 */
#include <errno.h>
#include <lwp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../private.h"
#include "file.h"

#define EXIT_TRIES	10000		/* about a second */

static unsigned char	in_buf[UNGET_MAX + BUFSIZ];
static unsigned char	out_buf[UNGET_MAX + BUFSIZ];

static FILE err_file = {
	.f_fd = STDERR_FILENO,
	.f_flags = F_CANWRITE | F_STATIC,
	.f_mode = _IONBF,
};

static FILE out_file = {
	.f_fd = STDOUT_FILENO,
	.f_flags = F_CANWRITE | F_STATIC,
	.f_mode = MODE_UNKNOWN,
	.f_buf = out_buf + UNGET_MAX,
	.f_size = BUFSIZ,
	.f_next = &err_file,
};

static FILE in_file = {
	.f_fd = STDIN_FILENO,
	.f_flags = F_CANREAD | F_STATIC,
	.f_mode = MODE_UNKNOWN,
	.f_buf = in_buf + UNGET_MAX,
	.f_size = BUFSIZ,
	.f_next = &out_file,
};

FILE *const	stdin = &in_file;
FILE *const	stdout = &out_file;
FILE *const	stderr = &err_file;

static struct liblock	files_lock = LIBLOCK_INITIALIZER;
static FILE		*files = &in_file;

void
__file_link(FILE *f)
{
	__liblock_enter(&files_lock);
	f->f_next = files;
	files = f;
	__liblock_exit(&files_lock);
}

void
__file_unlink(FILE *f)
{
	FILE **p;

	__liblock_enter(&files_lock);
	for (p = &files; *p != f; )
		p = &(*p)->f_next;
	*p = f->f_next;
	__liblock_exit(&files_lock);
}

/*
 * The owner is known by its id, which costs a system call, and not by its
 * thread storage: printf then works in an LWP that has none.
 */
int
ftrylockfile(FILE *f)
{
	lwpid_t self = _lwp_self(), nobody = 0;

	if (f->f_owner != self && !__atomic_compare_exchange_n(&f->f_owner,
	    &nobody, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return EBUSY;
	f->f_depth++;
	return 0;
}

void
flockfile(FILE *f)
{
	unsigned int n;

	for (n = 0; ftrylockfile(f) != 0; n++)
		__liblock_backoff(n);
}

void
funlockfile(FILE *f)
{
	if (--f->f_depth == 0)
		__atomic_store_n(&f->f_owner, 0, __ATOMIC_RELEASE);
}

/* The FILEs from the first to `end' that the caller has. */
static void
unlock_until(const FILE *end)
{
	lwpid_t self = _lwp_self();
	FILE *f;

	for (f = files; f != end; f = f->f_next) {
		if (f->f_owner == self)
			funlockfile(f);
	}
}

/*
 * All FILEs, or none if one is busy that may have something to write.  One that only
 * reads may be kept for ever by an LWP that waits for input, and is left out.
 */
static int
lock_all(void)
{
	FILE *f;

	for (f = files; f != NULL; f = f->f_next) {
		if (ftrylockfile(f) != 0 && (f->f_flags & F_CANWRITE)) {
			unlock_until(f);
			return EBUSY;
		}
	}
	return 0;
}

/* The list is let go meanwhile: who has the busy one may want to open another. */
void
__stdio_prefork(void)
{
	unsigned int n;

	for (n = 0;; n++) {
		__liblock_enter(&files_lock);
		if (lock_all() == 0)
			return;
		__liblock_exit(&files_lock);
		__liblock_backoff(n);
	}
}

/*
 * In the child: the id that the owner is known by may be another; a FILE that somebody was reading
 * is nobody's, and what he had in the buffer is lost.
 */
static void
adopt_files(lwpid_t was)
{
	FILE *f;

	for (f = files; f != NULL; f = f->f_next) {
		if (f->f_owner == was) {
			f->f_depth--;
			f->f_owner = f->f_depth > 0 ? _lwp_self() : 0;
		} else {
			f->f_depth = 0;
			f->f_flags &= ~(F_READING | F_EOF);
			f->f_pos = f->f_end = f->f_buf;
			f->f_owner = 0;
		}
	}
}

void
__stdio_postfork(lwpid_t was)
{
	if (was != 0)
		adopt_files(was);
	else
		unlock_until(NULL);
	__liblock_exit(&files_lock);
}

/*
 * A FILE that only reads may be kept for ever by an LWP that waits for input,
 * so that at the end of the program it is left alone.  One that writes is
 * worth waiting for, but not longer than any write takes.
 */
static int
lock_at_exit(FILE *f)
{
	unsigned int n, tries = f->f_flags & F_CANWRITE ? EXIT_TRIES : 1;

	for (n = 0; n < tries; n++) {
		if (ftrylockfile(f) == 0)
			return 0;
		__liblock_backoff(n);
	}
	return EBUSY;
}

static int
flush_at_exit(FILE *f)
{
	int r;

	if (lock_at_exit(f) != 0)
		return 0;
	r = __file_flush(f);
	__file_forget(f);
	funlockfile(f);
	return r;
}

/* The first busy FILE that may have something to write, which is not flushed then; or NULL. */
static FILE *
flush_free(int *r)
{
	FILE *f;

	for (f = files; f != NULL; f = f->f_next) {
		if (ftrylockfile(f) == 0) {
			if (__file_flush(f) == EOF)
				*r = EOF;
			funlockfile(f);
		} else if (f->f_flags & F_CANWRITE) {
			break;
		}
	}
	return f;
}

/* As in a fork: the list is let go while one is busy, and one that is read by somebody is left alone. */
int
__stdio_flush_all(int at_exit)
{
	unsigned int n;
	FILE *f;
	int r = 0;

	__liblock_enter(&files_lock);
	if (at_exit) {
		for (f = files; f != NULL; f = f->f_next)
			r |= flush_at_exit(f);
	}
	for (n = 0; !at_exit && flush_free(&r) != NULL; n++) {
		__liblock_exit(&files_lock);
		__liblock_backoff(n);
		__liblock_enter(&files_lock);
	}
	__liblock_exit(&files_lock);
	return r != 0 ? EOF : 0;
}

/* A terminal is written line by line, anything else when the buffer is full. */
static void
choose_mode(FILE *f)
{
	int saved = errno;

	if (f->f_mode == MODE_UNKNOWN)
		f->f_mode = isatty(f->f_fd) ? _IOLBF : _IOFBF;
	errno = saved;
}

static int
fail(FILE *f, int error)
{
	errno = error;
	f->f_flags |= F_ERROR;
	return EOF;
}

int
__file_towrite(FILE *f)
{
	if (f->f_flags & F_WRITING)
		return 0;
	if (!(f->f_flags & F_CANWRITE))
		return fail(f, EBADF);
	__file_forget(f);
	choose_mode(f);
	f->f_flags |= F_WRITING;
	f->f_pos = f->f_buf;
	return 0;
}

int
__file_toread(FILE *f)
{
	if (f->f_flags & F_READING)
		return 0;
	if (!(f->f_flags & F_CANREAD))
		return fail(f, EBADF);
	if (__file_flush(f) == EOF)
		return EOF;
	choose_mode(f);
	f->f_flags |= F_READING;
	f->f_pos = f->f_end = f->f_buf;
	return 0;
}

/* How many bytes went out: all, or there is an error. */
static size_t
write_all(FILE *f, const unsigned char *p, size_t n)
{
	size_t done = 0;
	ssize_t r;

	while (done < n) {
		r = __sys_write(f->f_fd, p + done, n - done);
		if (r == -1 && errno != EINTR) {
			f->f_flags |= F_ERROR;
			break;
		}
		if (r > 0)
			done += (size_t)r;
	}
	return done;
}

/* What could not be written is thrown away, or it would be in the way. */
int
__file_flush(FILE *f)
{
	size_t n;

	if (!(f->f_flags & F_WRITING))
		return 0;
	n = (size_t)(f->f_pos - f->f_buf);
	f->f_pos = f->f_buf;
	f->f_flags &= ~F_WRITING;
	return write_all(f, f->f_buf, n) == n ? 0 : EOF;
}

void
__file_forget(FILE *f)
{
	int saved = errno;

	if (!(f->f_flags & F_READING))
		return;
	if (f->f_fd != -1 && f->f_pos != f->f_end)
		(void)lseek(f->f_fd, f->f_pos - f->f_end, SEEK_CUR);
	f->f_flags &= ~(F_READING | F_EOF);
	f->f_pos = f->f_end = f->f_buf;
	errno = saved;
}

/* Who is asked for input should have seen the question. */
static void
show_prompt(const FILE *f)
{
	if (f != stdin || ftrylockfile(stdout) != 0)
		return;
	if (stdout->f_mode == _IOLBF)
		(void)__file_flush(stdout);
	funlockfile(stdout);
}

int
__file_fill(FILE *f)
{
	ssize_t r = 0;

	if (__file_toread(f) == EOF)
		return EOF;
	if (f->f_pos < f->f_end)
		return *f->f_pos++;
	if (f->f_fd != -1) {
		show_prompt(f);
		r = __sys_read(f->f_fd, f->f_buf, f->f_size);
	}
	if (r <= 0) {
		f->f_flags |= r == 0 ? F_EOF : F_ERROR;
		return EOF;
	}
	f->f_pos = f->f_buf;
	f->f_end = f->f_buf + r;
	return *f->f_pos++;
}

size_t
__file_write(FILE *f, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t done, room;

	if (n == 0 || __file_towrite(f) == EOF)
		return 0;
	if (f->f_mode == _IONBF)
		return write_all(f, p, n);
	for (done = 0; done < n; done += room) {
		room = (size_t)(f->f_buf + f->f_size - f->f_pos);
		if (room > n - done)
			room = n - done;
		(void)memcpy(f->f_pos, p + done, room);
		f->f_pos += room;
		if (f->f_pos == f->f_buf + f->f_size &&
		    (__file_flush(f) == EOF || __file_towrite(f) == EOF))
			return done;
	}
	if (f->f_mode == _IOLBF && memrchr(data, '\n', n) != NULL &&
	    __file_flush(f) == EOF)
		return 0;
	return n;
}
