/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files and directories of the ramdisk: read-only, straight out of the image.
 *
 * f_lock covers the offset, so that two LWPs that read one file get different
 * bytes.  It is held while bytes are copied to the user: only LWPs that share
 * the open file wait for each other.
 */
#include <kern/file.h>
#include <kern/kern.h>
#include <kern/md.h>
#include <kern/node.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/stat.h>

#include "file_impl.h"

#define NODE_BLKSIZE 4096
#define NODE_DEV 1 /* st_dev of all that is in the tree */

static int
nodefile_read(struct file *f, void *ubuf, size_t len, size_t *done)
{
	const struct node *n = f->f_data;
	int error = 0;

	mutex_enter(&f->f_lock);
	if ((uint64_t)f->f_offset < n->n_size) {
		size_t count = umin(len, n->n_size - (uint64_t)f->f_offset);
		error = copyout((const char *)n->n_data + f->f_offset, ubuf, count);
		if (error == 0) {
			f->f_offset += (off_t)count;
			*done = count;
		}
	}
	mutex_exit(&f->f_lock);
	return error;
}

static int
nodefile_seek(struct file *f, off_t off, int whence, off_t *res)
{
	const struct node *n = f->f_data;
	off_t base = 0;
	int error = 0;

	mutex_enter(&f->f_lock);
	if (whence == SEEK_CUR)
		base = f->f_offset;
	else if (whence == SEEK_END)
		base = (off_t)n->n_size;
	else if (whence != SEEK_SET)
		error = EINVAL;
	if (error == 0 && (__builtin_add_overflow(base, off, &off) || off < 0))
		error = EINVAL;
	if (error == 0)
		*res = f->f_offset = off;
	mutex_exit(&f->f_lock);
	return error;
}

int
node_stat(struct file *f, struct stat *st)
{
	const struct node *n = f->f_data;

	st->st_dev = NODE_DEV;
	st->st_mode = n->n_mode;
	st->st_ino = n->n_ino;
	st->st_nlink = S_ISDIR(n->n_mode) ? 2 : 1;
	st->st_rdev = n->n_rdev;
	st->st_atime = st->st_mtime = st->st_ctime = st->st_birthtime = n->n_mtime;
	st->st_size = (off_t)n->n_size;
	st->st_blocks = (blkcnt_t)((n->n_size + S_BLKSIZE - 1) / S_BLKSIZE);
	st->st_blksize = NODE_BLKSIZE;
	return 0;
}

int
node_noseek(struct file *f, off_t off, int whence, off_t *res)
{
	(void)f;
	(void)off;
	(void)whence;
	(void)res;
	return ESPIPE;
}

int
node_noioctl(struct file *f, unsigned long cmd, void *uarg)
{
	(void)f;
	(void)cmd;
	(void)uarg;
	return ENOTTY;
}

void
node_close(struct file *f)
{
	(void)f;
}

static void
nodefile_map(struct file *f, off_t off, const void **data, size_t *len)
{
	const struct node *n = f->f_data;
	size_t skip = umin((uint64_t)off, n->n_size);

	*data = (const char *)n->n_data + skip;
	*len = n->n_size - skip;
}

const struct fileops nodefile_ops = {
	.fo_read = nodefile_read,
	.fo_seek = nodefile_seek,
	.fo_stat = node_stat,
	.fo_ioctl = node_noioctl,
	.fo_map = nodefile_map,
	.fo_close = node_close,
};

/* --- Directories: f_offset counts the entries that were read. --- */

static int
nodedir_read(struct file *f, void *ubuf, size_t len, size_t *done)
{
	(void)f;
	(void)ubuf;
	(void)len;
	(void)done;
	return EISDIR;
}

/* Give one entry to the user, if it fits into `room`; *size is what it took, or 0. */
static int
put_dirent(const struct node *n, const char *name, size_t namelen, char *ubuf, size_t room,
    size_t *size)
{
	struct dirent de;
	size_t reclen = _DIRENT_RECLEN(namelen);

	*size = 0;
	if (reclen > room)
		return 0;
	memset(&de, 0, reclen);
	de.d_fileno = n->n_ino;
	de.d_reclen = (uint16_t)reclen;
	de.d_namlen = (uint16_t)namelen;
	de.d_type = (uint8_t)((n->n_mode & S_IFMT) >> 12); /* DT_* are the S_IF* so shifted */
	memcpy(de.d_name, name, namelen);
	*size = reclen;
	return copyout(&de, ubuf, reclen);
}

/* Entry number `index` of a directory: ".", "..", then its children.  NULL: the end. */
static const struct node *
dir_entry(const struct node *dir, off_t index, const char **name, size_t *namelen)
{
	const struct node *n;

	if (index < 2) {
		*name = "..";
		*namelen = (size_t)index + 1;
		return index == 0 ? dir : dir->n_parent;
	}
	n = TAILQ_FIRST(&dir->n_children);
	for (off_t i = 2; n != NULL && i < index; i++)
		n = TAILQ_NEXT(n, n_sibling);
	if (n != NULL) {
		*name = n->n_name;
		*namelen = n->n_namelen;
	}
	return n;
}

static int
nodedir_getdents(struct file *f, void *ubuf, size_t len, size_t *done)
{
	const struct node *n;
	const char *name;
	size_t namelen, size;
	int error = 0;

	mutex_enter(&f->f_lock);
	while ((n = dir_entry(f->f_data, f->f_offset, &name, &namelen)) != NULL) {
		error = put_dirent(n, name, namelen, (char *)ubuf + *done, len - *done, &size);
		/* A buffer that holds not even one entry is an error; the end of it is none. */
		if (error == 0 && size == 0 && *done == 0)
			error = EINVAL;
		if (error != 0 || size == 0)
			break;
		*done += size;
		f->f_offset++;
	}
	mutex_exit(&f->f_lock);
	return error;
}

const struct fileops nodedir_ops = {
	.fo_read = nodedir_read,
	.fo_seek = nodefile_seek,
	.fo_stat = node_stat,
	.fo_ioctl = node_noioctl,
	.fo_getdents = nodedir_getdents,
	.fo_close = node_close,
};
