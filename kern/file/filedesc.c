/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors: a process's table of open files, shared by its LWPs.
 *
 * What it is.  A table of FD_MAX pointers and two bitmaps, so that the lowest free
 * descriptor, a fork and an execve cost a few words.
 *
 * Which lock covers what.  fd_lock covers the table; it is a spin mutex and a leaf,
 * held for a few instructions: no file is closed and no memory is touched under it.
 *
 * Why a read and a close may race.  A call takes the pointer and a reference in one
 * step, under fd_lock; a close takes the pointer out under fd_lock and then drops the
 * table's reference.  So the file is closed for good when the last call that found
 * it in the table has ended, and a descriptor number that is used anew meanwhile
 * means the new file.
 *
 * What it does not handle: a close does not wake an LWP that sleeps in a read of that
 * file; the read goes on.  RLIMIT_NOFILE is not asked: FD_MAX is the limit.
 */
#include <kern/file.h>
#include <kern/kern.h>
#include <kern/node.h>
#include <kern/pool.h>
#include <kern/spin.h>
#include <sys/errno.h>
#include <sys/fcntl.h>

#include "file_impl.h"

static struct pool *fd_pool;

static int
fd_ctor(void *obj)
{
	struct filedesc *fdp = obj;

	spin_init(&fdp->fd_lock, "fd");
	return 0;
}

void
filedesc_init(void)
{
	fd_pool = pool_create("filedesc", sizeof(struct filedesc), CACHELINE, fd_ctor);
}

static bool
bit_test(const uint64_t *map, int i)
{
	return (map[i / 64] >> (i % 64) & 1) != 0;
}

static void
bit_set(uint64_t *map, int i, bool on)
{
	uint64_t bit = 1UL << (i % 64);

	map[i / 64] = on ? map[i / 64] | bit : map[i / 64] & ~bit;
}

/* The first bit from `from` on that is not set; FD_MAX: none. */
static int
bit_first_clear(const uint64_t *map, int from)
{
	for (int w = from / 64; w < FD_WORDS; w++) {
		uint64_t clear = ~map[w];
		if (w == from / 64)
			clear &= ~0UL << (from % 64);
		if (clear != 0)
			return w * 64 + __builtin_ctzl(clear);
	}
	return FD_MAX;
}

/* Is `fd` a descriptor in use?  Called with fd_lock held. */
static bool
fd_valid(const struct filedesc *fdp, int fd)
{
	KASSERT(spin_owned(&fdp->fd_lock));
	return fd >= 0 && fd < FD_MAX && fdp->fd_files[fd] != NULL;
}

/* Put `f` in place of what is there, which is given back (or NULL).  Called with fd_lock held. */
static struct file *
fd_put(struct filedesc *fdp, int fd, struct file *f, bool cloexec)
{
	struct file *old = fdp->fd_files[fd];

	KASSERT(spin_owned(&fdp->fd_lock));
	fdp->fd_files[fd] = f;
	bit_set(fdp->fd_used, fd, f != NULL);
	bit_set(fdp->fd_cloexec, fd, f != NULL && cloexec);
	return old;
}

struct filedesc *
fd_alloc_table(void)
{
	struct filedesc *fdp = pool_get(fd_pool);

	if (fdp == NULL)
		return NULL;
	memset(fdp->fd_used, 0, sizeof(fdp->fd_used));
	memset(fdp->fd_cloexec, 0, sizeof(fdp->fd_cloexec));
	memset(fdp->fd_files, 0, sizeof(fdp->fd_files));
	return fdp;
}

/* A table with the same files, for a child. */
struct filedesc *
fd_fork(struct filedesc *fdp)
{
	struct filedesc *copy = fd_alloc_table();

	if (copy == NULL)
		return NULL;
	spin_enter(&fdp->fd_lock);
	memcpy(copy->fd_used, fdp->fd_used, sizeof(copy->fd_used));
	memcpy(copy->fd_cloexec, fdp->fd_cloexec, sizeof(copy->fd_cloexec));
	for (int w = 0; w < FD_WORDS; w++) {
		for (uint64_t left = copy->fd_used[w]; left != 0; left &= left - 1) {
			int fd = w * 64 + __builtin_ctzl(left);
			copy->fd_files[fd] = fdp->fd_files[fd];
			file_ref(copy->fd_files[fd]);
		}
	}
	spin_exit(&fdp->fd_lock);
	return copy;
}

/* Close all descriptors that are set in `map`, which lies in the table itself.  May sleep. */
static void
fd_close_all(struct filedesc *fdp, const uint64_t *map)
{
	for (int w = 0; w < FD_WORDS; w++) {
		while (map[w] != 0)
			(void)fd_close(fdp, w * 64 + __builtin_ctzl(map[w]));
	}
}

/* Called when no LWP uses the table any more.  May sleep. */
void
fd_free_table(struct filedesc *fdp)
{
	fd_close_all(fdp, fdp->fd_used);
	pool_put(fd_pool, fdp);
}

/* Called by execve when its LWP is the only one.  May sleep. */
void
fd_close_exec(struct filedesc *fdp)
{
	fd_close_all(fdp, fdp->fd_cloexec);
}

int
fd_open_console(struct filedesc *fdp)
{
	struct file *f;

	if (file_open("/dev/console", O_RDWR, &f) != 0)
		return ENOMEM;
	file_ref(f);
	file_ref(f);
	spin_enter(&fdp->fd_lock);
	for (int fd = 0; fd < 3; fd++)
		(void)fd_put(fdp, fd, f, false);
	spin_exit(&fdp->fd_lock);
	return 0;
}

struct file *
fd_get(struct filedesc *fdp, int fd)
{
	struct file *f = NULL;

	spin_enter(&fdp->fd_lock);
	if (fd_valid(fdp, fd)) {
		f = fdp->fd_files[fd];
		file_ref(f);
	}
	spin_exit(&fdp->fd_lock);
	return f;
}

int
fd_install(struct filedesc *fdp, struct file *f, int min, bool cloexec, int *fd)
{
	int found;

	spin_enter(&fdp->fd_lock);
	found = bit_first_clear(fdp->fd_used, min);
	if (found < FD_MAX)
		(void)fd_put(fdp, found, f, cloexec);
	spin_exit(&fdp->fd_lock);
	*fd = found;
	return found < FD_MAX ? 0 : EMFILE;
}

int
fd_close(struct filedesc *fdp, int fd)
{
	struct file *f = NULL;

	spin_enter(&fdp->fd_lock);
	if (fd_valid(fdp, fd))
		f = fd_put(fdp, fd, NULL, false);
	spin_exit(&fdp->fd_lock);
	if (f == NULL)
		return EBADF;
	file_rele(f);
	return 0;
}

int
fd_dup2(struct filedesc *fdp, int from, int to)
{
	struct file *f, *old = NULL;

	if (to < 0 || to >= FD_MAX)
		return EBADF;
	spin_enter(&fdp->fd_lock);
	if (!fd_valid(fdp, from)) {
		spin_exit(&fdp->fd_lock);
		return EBADF;
	}
	if (from != to) {
		f = fdp->fd_files[from];
		file_ref(f);
		old = fd_put(fdp, to, f, false);
	}
	spin_exit(&fdp->fd_lock);
	if (old != NULL)
		file_rele(old);
	return 0;
}

int
fd_get_cloexec(struct filedesc *fdp, int fd, bool *on)
{
	int error = EBADF;

	spin_enter(&fdp->fd_lock);
	if (fd_valid(fdp, fd)) {
		*on = bit_test(fdp->fd_cloexec, fd);
		error = 0;
	}
	spin_exit(&fdp->fd_lock);
	return error;
}

int
fd_set_cloexec(struct filedesc *fdp, int fd, bool on)
{
	int error = EBADF;

	spin_enter(&fdp->fd_lock);
	if (fd_valid(fdp, fd)) {
		bit_set(fdp->fd_cloexec, fd, on);
		error = 0;
	}
	spin_exit(&fdp->fd_lock);
	return error;
}

int
fd_last(struct filedesc *fdp)
{
	int last = -1;

	spin_enter(&fdp->fd_lock);
	for (int w = FD_WORDS - 1; w >= 0 && last < 0; w--)
		if (fdp->fd_used[w] != 0)
			last = w * 64 + 63 - __builtin_clzl(fdp->fd_used[w]);
	spin_exit(&fdp->fd_lock);
	return last;
}
