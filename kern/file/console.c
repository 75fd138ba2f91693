/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /dev/console: the machine's console as a terminal.
 *
 * The interrupt handler puts bytes into a small ring under a spin mutex and wakes the
 * console thread; the thread runs the line discipline (tty.c), which may sleep, and
 * signals the foreground group at Ctrl-C, Ctrl-\ and Ctrl-Z.
 *
 * Locks: ring_lock covers the ring; the thread tests it and sleeps under it, so no byte
 * is left lying.  Order: ring_lock -> sleep bucket.
 */
#include <kern/condvar.h>
#include <kern/file.h>
#include <kern/kern.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/node.h>
#include <kern/pgrp.h>
#include <kern/proc.h>
#include <sys/fcntl.h>

#include "file_impl.h"
#include "tty.h"

#define RING_SIZE 256 /* a power of two */

static struct tty console;

static struct kspin ring_lock;
static struct kcondvar ring_cv;     /* (ring_lock) the ring is not empty */
static uint8_t ring[RING_SIZE];     /* (ring_lock) */
static uint32_t ring_head;          /* (ring_lock) taken out so far */
static uint32_t ring_tail;          /* (ring_lock) put in so far */

/* Called by the machine's interrupt handler.  A byte that finds the ring full is lost. */
void
console_input(int c)
{
	spin_enter(&ring_lock);
	if (ring_tail - ring_head < RING_SIZE) {
		ring[ring_tail++ % RING_SIZE] = (uint8_t)c;
		cv_signal(&ring_cv);
	}
	spin_exit(&ring_lock);
}

static int
ring_get(void)
{
	int c;

	spin_enter(&ring_lock);
	while (ring_head == ring_tail)
		(void)cv_wait_spin_sig(&ring_cv, &ring_lock);
	c = ring[ring_head++ % RING_SIZE];
	spin_exit(&ring_lock);
	return c;
}

pid_t
console_foreground(void)
{
	pid_t pgid;

	mutex_enter(&console.t_lock);
	pgid = console.t_fg;
	mutex_exit(&console.t_lock);
	return pgid;
}

/* Signal the foreground group. */
static void
console_signal(int signo)
{
	struct ksiginfo ksi = { .ksi_signo = signo, .ksi_code = SI_NOINFO };
	pid_t pgid;

	mutex_enter(&proclist_lock);
	pgid = console_foreground();
	if (pgid != 0)
		(void)pgrp_signal(pgid, &ksi);
	mutex_exit(&proclist_lock);
}

static void
console_thread(void *unused)
{
	int signo;

	(void)unused;
	for (;;) {
		signo = tty_input(&console, ring_get());
		if (signo != 0)
			console_signal(signo);
	}
}

void
console_init(void)
{
	tty_init(&console);
	spin_init(&ring_lock, "console");
	cv_init(&ring_cv, "console");
	if (kthread_create("console", PRI_KTHREAD, NULL, console_thread, NULL, NULL) != 0)
		panic("no memory for the console thread");
}

void
console_hangup(pid_t sid)
{
	struct ksiginfo ksi = { .ksi_signo = SIGHUP, .ksi_code = SI_NOINFO };
	pid_t pgid = tty_hangup(&console, sid);

	if (pgid != 0)
		(void)pgrp_signal(pgid, &ksi);
}

static int
console_read(struct file *f, void *ubuf, size_t len, size_t *done)
{
	bool nonblock = (atomic_load_relaxed(&f->f_flag) & O_NONBLOCK) != 0;

	return tty_read(&console, ubuf, len, nonblock, done);
}

static int
console_write(struct file *f, const void *ubuf, size_t len, size_t *done)
{
	(void)f;
	return tty_write(&console, ubuf, len, done);
}

static int
console_ioctl(struct file *f, unsigned long cmd, void *uarg)
{
	(void)f;
	return tty_ioctl(&console, cmd, uarg);
}

const struct fileops console_ops = {
	.fo_read = console_read,
	.fo_write = console_write,
	.fo_seek = node_noseek,
	.fo_stat = node_stat,
	.fo_ioctl = console_ioctl,
	.fo_close = node_close,
};
