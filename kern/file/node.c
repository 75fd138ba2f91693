/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of names: built at boot, constant afterwards, read without a lock.
 *
 * What it does not handle: links, and directories with so many names that going
 * through them one by one takes long.
 */
#include <kern/kern.h>
#include <kern/node.h>
#include <kern/pool.h>
#include <sys/errno.h>
#include <sys/stat.h>

#include "file_impl.h"

struct node *node_root;

static struct pool *node_pool;
static ino_t node_last_ino;

/* A part of a path: one component. */
struct component {
	const char *co_name;
	size_t co_len;
};

/* Take the next component off [*at, end).  False: there is none. */
static bool
next_component(const char **at, const char *end, struct component *co)
{
	const char *s = *at;

	while (s < end && *s == '/')
		s++;
	co->co_name = s;
	while (s < end && *s != '/')
		s++;
	co->co_len = (size_t)(s - co->co_name);
	*at = s;
	return co->co_len != 0;
}

static bool
component_is(const struct component *co, const char *name)
{
	return co->co_len == strlen(name) && memcmp(co->co_name, name, co->co_len) == 0;
}

static struct node *
node_child(const struct node *dir, const struct component *co)
{
	struct node *n;

	TAILQ_FOREACH(n, &dir->n_children, n_sibling)
		if (n->n_namelen == co->co_len && memcmp(n->n_name, co->co_name, co->co_len) == 0)
			return n;
	return NULL;
}

int
node_lookup(const char *path, size_t len, struct node **np)
{
	const char *at = path, *end = path + len;
	struct node *n = node_root;
	struct component co;

	if (len == 0)
		return ENOENT;
	while (next_component(&at, end, &co)) {
		if (!S_ISDIR(n->n_mode))
			return ENOTDIR;
		if (component_is(&co, "."))
			continue;
		n = component_is(&co, "..") ? n->n_parent : node_child(n, &co);
		if (n == NULL)
			return ENOENT;
	}
	if (end[-1] == '/' && !S_ISDIR(n->n_mode))
		return ENOTDIR;
	*np = n;
	return 0;
}

/* A new node at the end of `dir`; NULL: no memory. */
static struct node *
node_add(struct node *dir, const struct component *co, mode_t mode)
{
	struct node *n = pool_get(node_pool);

	if (n == NULL)
		return NULL;
	memset(n, 0, sizeof(*n));
	TAILQ_INIT(&n->n_children);
	n->n_name = co->co_name;
	n->n_namelen = co->co_len;
	n->n_mode = mode;
	n->n_ino = ++node_last_ino;
	n->n_ops = S_ISDIR(mode) ? &nodedir_ops : &nodefile_ops;
	n->n_parent = dir != NULL ? dir : n;
	if (dir != NULL)
		TAILQ_INSERT_TAIL(&dir->n_children, n, n_sibling);
	return n;
}

/* May a node that is there stand for a new one of this mode? */
static int
node_replace_check(const struct node *n, mode_t mode)
{
	if (S_ISDIR(mode))
		return S_ISDIR(n->n_mode) ? 0 : ENOTDIR;
	if (S_ISDIR(n->n_mode))
		return EISDIR;
	return S_ISREG(n->n_mode) ? 0 : EEXIST;
}

/* The child of `dir` with this name, made if there is none. */
static int
node_enter(struct node *dir, const struct component *co, mode_t mode, struct node **np)
{
	struct node *n;

	if (!S_ISDIR(dir->n_mode))
		return ENOTDIR;
	if (co->co_len > NODE_NAMELEN || component_is(co, ".."))
		return EINVAL;
	n = component_is(co, ".") ? dir : node_child(dir, co);
	if (n != NULL) {
		*np = n;
		return node_replace_check(n, mode);
	}
	*np = node_add(dir, co, mode);
	return *np != NULL ? 0 : ENOMEM;
}

int
node_make(const char *path, size_t len, mode_t mode, struct node **np)
{
	const char *at = path, *end = path + len;
	struct component co, next;
	struct node *n = node_root;
	bool more = next_component(&at, end, &co);
	int error = more ? 0 : node_replace_check(n, mode);

	while (more && error == 0) {
		more = next_component(&at, end, &next);
		error = node_enter(n, &co, more ? S_IFDIR | 0755 : mode, &n);
		co = next;
	}
	*np = n;
	return error;
}

static void
node_make_device(const char *path, dev_t rdev, const struct fileops *ops)
{
	struct node *n;

	if (node_make(path, strlen(path), S_IFCHR | 0666, &n) != 0)
		panic("no memory for the names of devices");
	n->n_ops = ops;
	n->n_rdev = rdev;
}

/* The root, and the devices.  Boot only; panics without memory. */
void
node_init(void)
{
	static const struct component root = { "/", 1 };

	node_pool = pool_create("node", sizeof(struct node), _Alignof(struct node), NULL);
	node_root = node_add(NULL, &root, S_IFDIR | 0755);
	if (node_root == NULL)
		panic("no memory for the root directory");
	node_make_device("dev/console", 1, &console_ops);
	node_make_device("dev/tty", 1, &console_ops);
	node_make_device("dev/null", 2, &null_ops);
	node_make_device("dev/zero", 3, &zero_ops);
}
