/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A terminal: the line discipline between a device that gives and takes bytes and the
 * programs that read and write lines.  Theory: tty.c.
 *
 * Lock letters: t = t_lock; w = t_wlock; c = constant.
 */
#ifndef _TTY_H_
#define _TTY_H_

#include <kern/condvar.h>
#include <kern/mutex.h>
#include <sys/termios.h>

#define TTY_QUEUE 4096 /* a power of two */

struct tty {
	struct kmutex t_lock;
	struct kmutex t_wlock;        /* held for a piece of output; taken before nothing */
	struct kcondvar t_cv;         /* t: input came, or the mode changed */
	struct termios t_termios;     /* t; c_oflag is read without */
	struct winsize t_winsize;     /* t */
	pid_t t_session;              /* t: the session that it controls; 0 = none */
	pid_t t_fg;                   /* t: the foreground group; 0 = none; to change, proclist_lock too */
	bool t_literal;               /* t: the next byte is taken as it is */
	uint64_t t_last;              /* t: when the last byte came, ns */
	uint32_t t_head;              /* t: the next to be read; */
	uint32_t t_canon;             /* t: the end of what is complete; */
	uint32_t t_tail;              /* t: the end: these three count on for ever */
	uint16_t t_cell[TTY_QUEUE];   /* t: the ring: a byte, or TTY_EOF */
};

void tty_init(struct tty *tp);
/* A byte from the device.  Returns the signal that it means for the foreground group, or 0. */
int tty_input(struct tty *tp, int c);
int tty_read(struct tty *tp, void *ubuf, size_t len, bool nonblock, size_t *done);
int tty_write(struct tty *tp, const void *ubuf, size_t len, size_t *done);
int tty_ioctl(struct tty *tp, unsigned long cmd, void *uarg);
/* The session's leader ends: what was its foreground group; 0: none.  proclist_lock held. */
pid_t tty_hangup(struct tty *tp, pid_t sid);

#endif
