/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files as programs see them: open files, descriptors, the ramdisk, the console,
 * pipes.  Theory: kern/file/filedesc.c.
 *
 * Lock letters: c = constant once the file is published; a = atomic;
 * f = f_lock; d = fd_lock.
 */
#ifndef _KERN_FILE_H_
#define _KERN_FILE_H_

#include <kern/mutex.h>
#include <sys/syslimits.h>
#include <sys/types.h>

struct file;
struct lwp;
struct proc;
struct stat;

/*
 * Operations of a kind of file.  Offsets are the file's own business; user buffers
 * are user addresses.  All may sleep; none is called with a lock held.  *done: bytes
 * transferred, also when the operation ends in an error.
 */
struct fileops {
	int (*fo_read)(struct file *f, void *ubuf, size_t len, size_t *done);
	int (*fo_write)(struct file *f, const void *ubuf, size_t len, size_t *done);
	int (*fo_seek)(struct file *f, off_t off, int whence, off_t *res);
	int (*fo_stat)(struct file *f, struct stat *st); /* st comes cleared */
	int (*fo_ioctl)(struct file *f, unsigned long cmd, void *uarg);
	int (*fo_getdents)(struct file *f, void *ubuf, size_t len, size_t *done);
	/* The contents from `off` on, constant and for good: *len bytes.  NULL: cannot be mapped. */
	void (*fo_map)(struct file *f, off_t off, const void **data, size_t *len);
	void (*fo_close)(struct file *f); /* the last reference is gone */
};

/* f_flag: what open's flags come to. */
#define FREAD 1
#define FWRITE 2
#define FFLAGS(oflags) (((uint32_t)(oflags) & ~3U) | (((uint32_t)(oflags) & 3U) + 1))

/* An open file: what open, pipe give; shared by dup2 and fork. */
struct file {
	volatile uint32_t f_count;   /* a: descriptors, and calls in progress, that hold it */
	volatile uint32_t f_flag;    /* a: FREAD, FWRITE, O_NONBLOCK, O_APPEND */
	const struct fileops *f_ops; /* c */
	void *f_data;                /* c: what is open: a node, a pipe */
	struct kmutex f_lock;
	off_t f_offset;              /* f */
};

#define FD_MAX OPEN_MAX
#define FD_WORDS (FD_MAX / 64)

/* The descriptors of a process. */
struct filedesc {
	struct kspin fd_lock;             /* a leaf */
	uint64_t fd_used[FD_WORDS];       /* d: bit i: descriptor i is taken */
	uint64_t fd_cloexec[FD_WORDS];    /* d: and closed by execve */
	struct file *fd_files[FD_MAX];    /* d: NULL where not taken */
};

void file_init(void);

/* --- kern/file/file.c --- */
/* A file with one reference, the caller's.  ENFILE: no memory; then `data` is still the caller's. */
int file_alloc(const struct fileops *ops, void *data, uint32_t flag, struct file **fp);
void file_ref(struct file *f);
/* Drop a reference; the last one closes the file.  May sleep. */
void file_rele(struct file *f);

/* --- kern/file/filedesc.c --- */
/* Descriptor tables.  NULL: no memory. */
struct filedesc *fd_alloc_table(void);
struct filedesc *fd_fork(struct filedesc *fdp);
void fd_free_table(struct filedesc *fdp);
void fd_close_exec(struct filedesc *fdp);
/* Process 1: descriptors 0, 1, 2 on the console.  ENOMEM. */
int fd_open_console(struct filedesc *fdp);
/* The file of a descriptor, with a reference for the caller; NULL: EBADF. */
struct file *fd_get(struct filedesc *fdp, int fd);
/*
 * Give `f` the lowest free descriptor from `min` on.  Takes over the caller's
 * reference if it succeeds.  EMFILE.
 */
int fd_install(struct filedesc *fdp, struct file *f, int min, bool cloexec, int *fd);
int fd_close(struct filedesc *fdp, int fd);         /* EBADF */
int fd_dup2(struct filedesc *fdp, int from, int to); /* EBADF */
int fd_get_cloexec(struct filedesc *fdp, int fd, bool *on);
int fd_set_cloexec(struct filedesc *fdp, int fd, bool on);
int fd_last(struct filedesc *fdp); /* the highest descriptor; -1: none */

/* --- Things to open --- */
/* The file called `path`.  flags: open's.  ENOENT, ENOTDIR, EISDIR, EACCES, EROFS, EEXIST, EINVAL, ENFILE. */
int file_open(const char *path, int flags, struct file **fp);
/* Both ends of a pipe. */
int pipe_open(struct file **rfp, struct file **wfp);

/* The ramdisk: damaged or missing gives an error code and a message, never a panic. */
int ramdisk_init(const void *image, size_t len);
/* The bytes of a program (for exec).  ENOENT, ENOTDIR; EACCES: not a file, or not executable. */
int ramdisk_lookup(const char *path, const void **data, size_t *len);

/* Console as a terminal.  Needs kthread_create. */
void console_init(void);
/* The leader of a session ends: if the console is the session's, its foreground group gets SIGHUP. */
void console_hangup(pid_t sid); /* proclist_lock held */
pid_t console_foreground(void); /* the group that Ctrl-C goes to; 0: none */

#endif
