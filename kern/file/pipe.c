/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pipes: a ring of bytes between who writes and who reads.
 *
 * Which lock covers what.  pi_lock, adaptive, covers the whole pipe, and is held while
 * bytes are copied from and to the user: the ring moves on only when they have
 * arrived.  Both ends sleep interruptibly.
 *
 * Why no wake-up is lost.  A reader sees "empty and a writer is there" and sleeps on
 * pi_readcv in one step under pi_lock; what changes that, a write or the close of the
 * last writer, happens under it.  Likewise for writers.
 *
 * A write that nobody will read gives EPIPE, and SIGPIPE.
 */
#include <kern/condvar.h>
#include <kern/file.h>
#include <kern/kern.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/signal.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "file_impl.h"

#define PIPE_SIZE 16384UL

/* Lock letters: p = pi_lock; c = constant. */
struct pipe {
	struct kmutex pi_lock;
	struct kcondvar pi_readcv;  /* p: there are bytes, or no writer any more */
	struct kcondvar pi_writecv; /* p: there is room, or no reader any more */
	char *pi_buf;               /* c: PIPE_SIZE bytes; the contents: p */
	size_t pi_head;             /* p: where the next byte is read */
	size_t pi_count;            /* p: bytes to be read */
	bool pi_reader;             /* p: the end is open */
	bool pi_writer;             /* p */
};

static struct pool *pipe_pool;

static int
pipe_ctor(void *obj)
{
	struct pipe *pi = obj;

	mutex_init(&pi->pi_lock, "pipe");
	cv_init(&pi->pi_readcv, "piperd");
	cv_init(&pi->pi_writecv, "pipewr");
	return 0;
}

void
pipe_init(void)
{
	pipe_pool = pool_create("pipe", sizeof(struct pipe), CACHELINE, pipe_ctor);
}

/* Take bytes out of the ring.  pi_lock held, the ring not empty. */
static int
pipe_take(struct pipe *pi, char *ubuf, size_t len, size_t *done)
{
	while (*done < len && pi->pi_count > 0) {
		size_t count = umin(umin(len - *done, pi->pi_count), PIPE_SIZE - pi->pi_head);
		int error = copyout(pi->pi_buf + pi->pi_head, ubuf + *done, count);
		if (error != 0)
			return error;
		pi->pi_head = (pi->pi_head + count) % PIPE_SIZE;
		pi->pi_count -= count;
		*done += count;
	}
	return 0;
}

static int
pipe_read(struct file *f, void *ubuf, size_t len, size_t *done)
{
	struct pipe *pi = f->f_data;
	int error = 0;

	mutex_enter(&pi->pi_lock);
	while (pi->pi_count == 0 && pi->pi_writer && error == 0) {
		if ((atomic_load_relaxed(&f->f_flag) & O_NONBLOCK) != 0)
			error = EAGAIN;
		else
			error = cv_wait_sig(&pi->pi_readcv, &pi->pi_lock);
	}
	if (error == 0) {
		error = pipe_take(pi, ubuf, len, done);
		cv_broadcast(&pi->pi_writecv);
	}
	mutex_exit(&pi->pi_lock);
	return error;
}

/* Put as many bytes into the ring as there is room for.  pi_lock held. */
static int
pipe_give(struct pipe *pi, const char *ubuf, size_t len, size_t *done)
{
	while (*done < len && pi->pi_count < PIPE_SIZE) {
		size_t at = (pi->pi_head + pi->pi_count) % PIPE_SIZE;
		size_t room = PIPE_SIZE - pi->pi_count;
		size_t count = umin(umin(len - *done, room), PIPE_SIZE - at);
		int error = copyin(ubuf + *done, pi->pi_buf + at, count);
		if (error != 0)
			return error;
		pi->pi_count += count;
		*done += count;
	}
	return 0;
}

/* Sleep until there is room for `need` bytes.  pi_lock held.  EPIPE, EAGAIN, EINTR, ERESTART. */
static int
pipe_wait_room(struct pipe *pi, size_t need, bool nonblock)
{
	int error = 0;

	while (error == 0 && pi->pi_reader && PIPE_SIZE - pi->pi_count < need)
		error = nonblock ? EAGAIN : cv_wait_sig(&pi->pi_writecv, &pi->pi_lock);
	return error == 0 && !pi->pi_reader ? EPIPE : error;
}

/* A write of up to PIPE_BUF bytes goes in whole or not at all. */
static int
pipe_write(struct file *f, const void *ubuf, size_t len, size_t *done)
{
	bool nonblock = (atomic_load_relaxed(&f->f_flag) & O_NONBLOCK) != 0;
	size_t need = len <= PIPE_BUF ? len : 1;
	struct pipe *pi = f->f_data;
	int error = 0;

	mutex_enter(&pi->pi_lock);
	while (error == 0 && *done < len) {
		error = pipe_wait_room(pi, need, nonblock);
		if (error == 0)
			error = pipe_give(pi, ubuf, len, done);
		cv_broadcast(&pi->pi_readcv);
	}
	mutex_exit(&pi->pi_lock);
	if (error == EPIPE)
		psignal_self(SIGPIPE);
	return error;
}

static int
pipe_stat(struct file *f, struct stat *st)
{
	struct pipe *pi = f->f_data;

	mutex_enter(&pi->pi_lock);
	st->st_size = (off_t)pi->pi_count;
	mutex_exit(&pi->pi_lock);
	st->st_mode = S_IFIFO | 0600;
	st->st_nlink = 1;
	st->st_blksize = PIPE_SIZE;
	return 0;
}

static int
pipe_ioctl(struct file *f, unsigned long cmd, void *uarg)
{
	struct pipe *pi = f->f_data;
	int count;

	if (cmd != FIONREAD)
		return ENOTTY;
	mutex_enter(&pi->pi_lock);
	count = (int)pi->pi_count;
	mutex_exit(&pi->pi_lock);
	return copyout(&count, uarg, sizeof(count));
}

static void
pipe_free(struct pipe *pi)
{
	kmem_free(pi->pi_buf, PIPE_SIZE);
	pool_put(pipe_pool, pi);
}

/* One end is closed; with the second one the pipe goes. */
static void
pipe_close(struct file *f)
{
	struct pipe *pi = f->f_data;
	bool last;

	mutex_enter(&pi->pi_lock);
	if ((f->f_flag & FREAD) != 0)
		pi->pi_reader = false;
	else
		pi->pi_writer = false;
	last = !pi->pi_reader && !pi->pi_writer;
	cv_broadcast(&pi->pi_readcv);
	cv_broadcast(&pi->pi_writecv);
	mutex_exit(&pi->pi_lock);
	if (last)
		pipe_free(pi);
}

static const struct fileops pipe_ops = {
	.fo_read = pipe_read,
	.fo_write = pipe_write,
	.fo_seek = node_noseek,
	.fo_stat = pipe_stat,
	.fo_ioctl = pipe_ioctl,
	.fo_close = pipe_close,
};

static struct pipe *
pipe_alloc(void)
{
	struct pipe *pi = pool_get(pipe_pool);

	if (pi == NULL)
		return NULL;
	pi->pi_buf = kmem_alloc(PIPE_SIZE);
	if (pi->pi_buf == NULL) {
		pool_put(pipe_pool, pi);
		return NULL;
	}
	pi->pi_head = 0;
	pi->pi_count = 0;
	pi->pi_reader = true;
	pi->pi_writer = true;
	return pi;
}

int
pipe_open(struct file **rfp, struct file **wfp)
{
	struct pipe *pi = pipe_alloc();
	int error;

	if (pi == NULL)
		return ENFILE;
	error = file_alloc(&pipe_ops, pi, FREAD, rfp);
	if (error != 0)
		goto free_pipe;
	error = file_alloc(&pipe_ops, pi, FWRITE, wfp);
	if (error != 0)
		goto close_reader;
	return 0;
close_reader:
	/* Closing the only open end frees the pipe. */
	pi->pi_writer = false;
	file_rele(*rfp);
	return error;
free_pipe:
	pipe_free(pi);
	return error;
}
