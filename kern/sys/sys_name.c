/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls on names.  The tree of names never changes and has no symbolic links, so
 * all that they can do is to find out what is wrong.
 */
#include <kern/md.h>
#include <kern/node.h>
#include <kern/pool.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>
#include <sys/stat.h>
#include <sys/syslimits.h>

/* The node that a program's path names.  EFAULT, ENAMETOOLONG, ENOENT, ENOTDIR, ENOMEM. */
static int
name_lookup(const char *upath, struct node **np)
{
	char *path = kmem_alloc(PATH_MAX);
	int error;

	if (path == NULL)
		return ENOMEM;
	error = copyinstr(upath, path, PATH_MAX, NULL);
	if (error == 0)
		error = node_lookup(path, strlen(path), np);
	kmem_free(path, PATH_MAX);
	return error;
}

int
sys_unlink(struct lwp *l, const struct sys_unlink_args *uap, register_t *retval)
{
	struct node *n;
	int error = name_lookup(uap->path, &n);

	(void)l;
	(void)retval;
	if (error != 0)
		return error;
	return S_ISDIR(n->n_mode) ? EPERM : EROFS;
}

int
sys_readlink(struct lwp *l, const struct sys_readlink_args *uap, register_t *retval)
{
	struct node *n;
	int error = name_lookup(uap->path, &n);

	(void)l;
	(void)retval;
	return error != 0 ? error : EINVAL;
}
