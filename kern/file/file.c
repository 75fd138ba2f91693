/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files, and opening by name.
 *
 * A struct file lives as long as somebody holds a reference: a descriptor, or a system
 * call that works on it.  The count is atomic; who drops the last reference closes the
 * file, and at that moment nobody else can get at it.
 */
#include <kern/file.h>
#include <kern/kern.h>
#include <kern/lwp.h>
#include <kern/node.h>
#include <kern/pool.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/stat.h>

#include "file_impl.h"

static struct pool *file_pool;

static int
file_ctor(void *obj)
{
	struct file *f = obj;

	mutex_init(&f->f_lock, "file");
	return 0;
}

void
file_init(void)
{
	file_pool = pool_create("file", sizeof(struct file), CACHELINE, file_ctor);
	filedesc_init();
	pipe_init();
	node_init();
}

int
file_alloc(const struct fileops *ops, void *data, uint32_t flag, struct file **fp)
{
	struct file *f = pool_get(file_pool);

	if (f == NULL)
		return ENFILE;
	f->f_count = 1;
	f->f_flag = flag;
	f->f_ops = ops;
	f->f_data = data;
	f->f_offset = 0;
	*fp = f;
	return 0;
}

void
file_ref(struct file *f)
{
	uint32_t old = atomic_inc(&f->f_count);

	KASSERT(old != 0);
	(void)old;
}

void
file_rele(struct file *f)
{
	/* Whatever others did with the file is over before it is closed: the decrement is a full barrier. */
	if (atomic_dec(&f->f_count) != 1)
		return;
	f->f_ops->fo_close(f);
	pool_put(file_pool, f);
}

bool
file_must_stop(void)
{
	return (lwp_flags(curlwp) & LW_WEXIT) != 0;
}

/* May a node that exists be opened so? */
static int
open_check(const struct node *n, int flags)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;

	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return EEXIST;
	if (S_ISDIR(n->n_mode))
		return writes || (flags & O_CREAT) != 0 ? EISDIR : 0;
	if ((flags & O_DIRECTORY) != 0)
		return ENOTDIR;
	if (S_ISREG(n->n_mode) && writes)
		return EROFS;
	return 0;
}

int
file_open(const char *path, int flags, struct file **fp)
{
	struct node *n;
	int error;

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return EINVAL;
	error = node_lookup(path, strlen(path), &n);
	if (error == ENOENT && (flags & O_CREAT) != 0)
		return EROFS;
	if (error == 0)
		error = open_check(n, flags);
	if (error != 0)
		return error;
	return file_alloc(n->n_ops, n, FFLAGS(flags & (O_ACCMODE | O_NONBLOCK | O_APPEND)), fp);
}
