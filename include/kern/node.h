/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of names: directories, files of the ramdisk, devices.
 *
 * It is built at boot by one CPU and never changes afterwards, so that nobody needs a
 * lock to walk it, and a pointer to a node is good for ever.
 */
#ifndef _KERN_NODE_H_
#define _KERN_NODE_H_

#include <kern/kern.h>
#include <sys/queue.h>
#include <sys/types.h>

struct fileops;

#define NODE_NAMELEN 255 /* longest name of one component */

struct node {
	const char *n_name;                 /* one component, not ended by a NUL */
	size_t n_namelen;
	struct node *n_parent;              /* the root's is itself */
	TAILQ_HEAD(, node) n_children;
	TAILQ_ENTRY(node) n_sibling;
	mode_t n_mode;                      /* type and permissions */
	ino_t n_ino;
	time_t n_mtime;
	const struct fileops *n_ops;        /* of a file that is opened on it */
	const void *n_data;                 /* contents of a regular file */
	size_t n_size;
	dev_t n_rdev;                       /* number of a device */
};

extern struct node *node_root;

/*
 * The node called path[0..len), from the root on; "." and ".." and more than one "/"
 * in a row are understood.  ENOENT, ENOTDIR.
 */
int node_lookup(const char *path, size_t len, struct node **np);
/*
 * Make the node called path[0..len), and the directories above it that are not there
 * yet; the name must stay where it is.  A node that is there is given back, if it is a
 * directory just as `mode` says, or neither is.  The new node is empty; the caller fills it
 * in.  EINVAL: a name that cannot be; ENOTDIR, EISDIR, EEXIST; ENOMEM.  Boot only.
 */
int node_make(const char *path, size_t len, mode_t mode, struct node **np);

extern const struct fileops nodefile_ops, nodedir_ops; /* kern/file/nodefile.c */
extern const struct fileops null_ops, zero_ops;        /* kern/file/dev.c */
extern const struct fileops console_ops;               /* kern/file/console.c */

#endif
