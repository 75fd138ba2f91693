/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls on files: check, copy in, call down.  The mechanisms are in
 * kern/file.
 */
#include <kern/file.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define IO_MAX ((size_t)INT64_MAX) /* longest transfer: a ssize_t must say it */
#define IOV_ONSTACK 8              /* pieces of a writev that need no memory */

/* The file of a descriptor that is open for `mode` (FREAD, FWRITE, 0), with a reference.  EBADF. */
static int
file_get(struct lwp *l, int fd, uint32_t mode, struct file **fp)
{
	struct file *f = fd_get(l->l_proc->p_fd, fd);

	if (f == NULL)
		return EBADF;
	if ((f->f_flag & mode) != mode) {
		file_rele(f);
		return EBADF;
	}
	*fp = f;
	return 0;
}

/* The end of a transfer: an interruption after some bytes is a short transfer. */
static int
io_result(int error, size_t done, register_t *retval)
{
	if (done > 0 && (error == EINTR || error == EAGAIN || error == ERESTART))
		error = 0;
	*retval = (register_t)done;
	return error;
}

int
sys_read(struct lwp *l, const struct sys_read_args *uap, register_t *retval)
{
	struct file *f;
	size_t done = 0;
	int error;

	error = file_get(l, uap->fd, FREAD, &f);
	if (error != 0)
		return error;
	if (uap->len > IO_MAX)
		error = EINVAL;
	else if (uap->len > 0)
		error = f->f_ops->fo_read(f, uap->buf, uap->len, &done);
	file_rele(f);
	return io_result(error, done, retval);
}

int
sys_write(struct lwp *l, const struct sys_write_args *uap, register_t *retval)
{
	struct file *f;
	size_t done = 0;
	int error;

	error = file_get(l, uap->fd, FWRITE, &f);
	if (error != 0)
		return error;
	if (uap->len > IO_MAX)
		error = EINVAL;
	else if (uap->len > 0)
		error = f->f_ops->fo_write(f, uap->buf, uap->len, &done);
	file_rele(f);
	return io_result(error, done, retval);
}

/* Can all the pieces be one transfer? */
static int
iov_check(const struct iovec *iov, int count)
{
	size_t total = 0;

	for (int i = 0; i < count; i++) {
		if (__builtin_add_overflow(total, iov[i].iov_len, &total) || total > IO_MAX)
			return EINVAL;
	}
	return 0;
}

/* Write the pieces one after the other; a short one is the last. */
static int
iov_write(struct file *f, const struct iovec *iov, int count, size_t *done)
{
	size_t piece;
	int error = 0;

	for (int i = 0; i < count && error == 0; i++) {
		if (iov[i].iov_len == 0)
			continue;
		piece = 0;
		error = f->f_ops->fo_write(f, iov[i].iov_base, iov[i].iov_len, &piece);
		*done += piece;
		if (piece < iov[i].iov_len)
			break;
	}
	return error;
}

int
sys_writev(struct lwp *l, const struct sys_writev_args *uap, register_t *retval)
{
	struct iovec onstack[IOV_ONSTACK], *iov = onstack;
	size_t size = (size_t)uap->iovcnt * sizeof(*iov), done = 0;
	struct file *f;
	int error;

	if (uap->iovcnt <= 0 || uap->iovcnt > IOV_MAX)
		return EINVAL;
	error = file_get(l, uap->fd, FWRITE, &f);
	if (error != 0)
		return error;
	error = ENOMEM;
	if (uap->iovcnt > IOV_ONSTACK && (iov = kmem_alloc(size)) == NULL)
		goto release;
	error = copyin(uap->iov, iov, size);
	if (error == 0)
		error = iov_check(iov, uap->iovcnt);
	if (error == 0)
		error = iov_write(f, iov, uap->iovcnt, &done);
	if (iov != onstack)
		kmem_free(iov, size);
release:
	file_rele(f);
	return io_result(error, done, retval);
}

/* Give a file to the caller as its lowest free descriptor from `min` on; the reference is used up. */
static int
file_publish(struct lwp *l, struct file *f, int min, bool cloexec, register_t *retval)
{
	int fd, error;

	error = fd_install(l->l_proc->p_fd, f, min, cloexec, &fd);
	if (error != 0)
		file_rele(f);
	else
		*retval = fd;
	return error;
}

int
sys_open(struct lwp *l, const struct sys_open_args *uap, register_t *retval)
{
	char *path = kmem_alloc(PATH_MAX);
	struct file *f;
	int error;

	if (path == NULL)
		return ENOMEM;
	error = copyinstr(uap->path, path, PATH_MAX, NULL);
	if (error == 0)
		error = file_open(path, uap->flags, &f);
	kmem_free(path, PATH_MAX);
	if (error != 0)
		return error;
	return file_publish(l, f, 0, (uap->flags & O_CLOEXEC) != 0, retval);
}

int
sys_close(struct lwp *l, const struct sys_close_args *uap, register_t *retval)
{
	(void)retval;
	return fd_close(l->l_proc->p_fd, uap->fd);
}

int
sys_lseek(struct lwp *l, const struct sys_lseek_args *uap, register_t *retval)
{
	struct file *f;
	off_t res;
	int error;

	error = file_get(l, uap->fd, 0, &f);
	if (error != 0)
		return error;
	error = f->f_ops->fo_seek(f, uap->offset, uap->whence, &res);
	if (error == 0)
		*retval = res;
	file_rele(f);
	return error;
}

int
sys_fstat(struct lwp *l, const struct sys_fstat_args *uap, register_t *retval)
{
	struct file *f;
	struct stat st;
	int error;

	(void)retval;
	error = file_get(l, uap->fd, 0, &f);
	if (error != 0)
		return error;
	memset(&st, 0, sizeof(st));
	error = f->f_ops->fo_stat(f, &st);
	file_rele(f);
	return error != 0 ? error : copyout(&st, uap->sb, sizeof(st));
}

static void
set_nonblock(struct file *f, bool on)
{
	if (on)
		atomic_or(&f->f_flag, (uint32_t)O_NONBLOCK);
	else
		atomic_and(&f->f_flag, ~(uint32_t)O_NONBLOCK);
}

static int
ioctl_nonblock(struct file *f, const void *uarg)
{
	int on, error;

	error = copyin(uarg, &on, sizeof(on));
	if (error == 0)
		set_nonblock(f, on != 0);
	return error;
}

int
sys_ioctl(struct lwp *l, const struct sys_ioctl_args *uap, register_t *retval)
{
	unsigned long cmd = (uint32_t)uap->cmd; /* programs may pass it as an int */
	struct file *f;
	int error;

	(void)retval;
	if (cmd == FIOCLEX || cmd == FIONCLEX)
		return fd_set_cloexec(l->l_proc->p_fd, uap->fd, cmd == FIOCLEX);
	error = file_get(l, uap->fd, 0, &f);
	if (error != 0)
		return error;
	if (cmd == FIONBIO)
		error = ioctl_nonblock(f, uap->arg);
	else
		error = f->f_ops->fo_ioctl(f, cmd, uap->arg);
	file_rele(f);
	return error;
}

int
sys_dup2(struct lwp *l, const struct sys_dup2_args *uap, register_t *retval)
{
	*retval = uap->to;
	return fd_dup2(l->l_proc->p_fd, uap->from, uap->to);
}

int
sys_pipe(struct lwp *l, const struct sys_pipe_args *uap, register_t *retval)
{
	struct file *rf, *wf;
	int error;

	(void)uap;
	error = pipe_open(&rf, &wf);
	if (error != 0)
		return error;
	error = file_publish(l, rf, 0, false, &retval[0]);
	if (error != 0) {
		file_rele(wf);
		return error;
	}
	error = file_publish(l, wf, 0, false, &retval[1]);
	if (error != 0)
		(void)fd_close(l->l_proc->p_fd, (int)retval[0]);
	return error;
}

/* The commands of fcntl that concern the descriptor. */
static int
fcntl_fd(struct lwp *l, const struct sys_fcntl_args *uap, register_t *retval)
{
	struct filedesc *fdp = l->l_proc->p_fd;
	bool on = false;
	int error;

	switch (uap->cmd) {
	case F_GETFD:
		error = fd_get_cloexec(fdp, uap->fd, &on);
		*retval = on ? FD_CLOEXEC : 0;
		return error;
	case F_SETFD:
		return fd_set_cloexec(fdp, uap->fd, (uap->arg & FD_CLOEXEC) != 0);
	case F_MAXFD:
		*retval = fd_last(fdp);
		return 0;
	default: /* F_CLOSEM */
		if (uap->fd < 0)
			return EBADF;
		for (int fd = fd_last(fdp); fd >= uap->fd; fd--)
			(void)fd_close(fdp, fd);
		return 0;
	}
}

/* The commands of fcntl that concern the open file, which they hold a reference to. */
static int
fcntl_file(struct lwp *l, const struct sys_fcntl_args *uap, struct file *f, register_t *retval)
{
	uint32_t flag = atomic_load_relaxed(&f->f_flag);

	switch (uap->cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (uap->arg < 0 || uap->arg >= FD_MAX)
			return EINVAL;
		file_ref(f);
		return file_publish(l, f, (int)uap->arg, uap->cmd == F_DUPFD_CLOEXEC, retval);
	case F_GETFL:
		*retval = (register_t)((flag & ~3U) | ((flag & 3U) - 1));
		return 0;
	case F_SETFL:
		set_nonblock(f, (uap->arg & O_NONBLOCK) != 0);
		return 0;
	default:
		return EINVAL;
	}
}

int
sys_fcntl(struct lwp *l, const struct sys_fcntl_args *uap, register_t *retval)
{
	struct file *f;
	int error;

	if (uap->cmd == F_GETFD || uap->cmd == F_SETFD || uap->cmd == F_MAXFD || uap->cmd == F_CLOSEM)
		return fcntl_fd(l, uap, retval);
	error = file_get(l, uap->fd, 0, &f);
	if (error != 0)
		return error;
	error = fcntl_file(l, uap, f, retval);
	file_rele(f);
	return error;
}

int
sys___getdents30(struct lwp *l, const struct sys___getdents30_args *uap, register_t *retval)
{
	struct file *f;
	size_t done = 0;
	int error;

	error = file_get(l, uap->fd, FREAD, &f);
	if (error != 0)
		return error;
	error = EINVAL;
	if (f->f_ops->fo_getdents != NULL)
		error = f->f_ops->fo_getdents(f, uap->buf, uap->count, &done);
	file_rele(f);
	*retval = (register_t)done;
	return error;
}
