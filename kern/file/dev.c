/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /dev/null and /dev/zero.
 */
#include <kern/kern.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/node.h>
#include <sys/errno.h>

#include "file_impl.h"

#define ZERO_CHUNK 4096

static const char zeros[ZERO_CHUNK];

static int
null_read(struct file *f, void *ubuf, size_t len, size_t *done)
{
	(void)f;
	(void)ubuf;
	(void)len;
	*done = 0;
	return 0;
}

static int
null_write(struct file *f, const void *ubuf, size_t len, size_t *done)
{
	(void)f;
	(void)ubuf;
	*done = len;
	return 0;
}

static int
zero_read(struct file *f, void *ubuf, size_t len, size_t *done)
{
	size_t count;
	int error;

	(void)f;
	for (*done = 0; *done < len; *done += count) {
		count = umin(len - *done, ZERO_CHUNK);
		error = copyout(zeros, (char *)ubuf + *done, count);
		if (error != 0)
			return error;
		if (file_must_stop())
			return EINTR;
	}
	return 0;
}

const struct fileops null_ops = {
	.fo_read = null_read,
	.fo_write = null_write,
	.fo_seek = node_noseek,
	.fo_stat = node_stat,
	.fo_ioctl = node_noioctl,
	.fo_close = node_close,
};

const struct fileops zero_ops = {
	.fo_read = zero_read,
	.fo_write = null_write,
	.fo_seek = node_noseek,
	.fo_stat = node_stat,
	.fo_ioctl = node_noioctl,
	.fo_close = node_close,
};
