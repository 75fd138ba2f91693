/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line discipline of a terminal.
 *
 * What it is.  Input is kept in one ring with three marks: t_head, where the next read
 * begins; t_canon, up to where lines are complete; t_tail, up to where bytes have come.
 * In canonical mode (ICANON) a read takes from [t_head, t_canon) and not beyond the end
 * of a line, and erasing works on [t_canon, t_tail), the line being typed.  In raw mode
 * t_canon always follows t_tail.  An end of file typed (^D) is a cell of its own, which
 * ends a read and gives no byte.
 *
 * Which lock covers what.  t_lock, adaptive, covers all of it: tty_input is called by
 * a thread, not by an interrupt handler.  It is held while a read copies to the user, so
 * that bytes are taken only when they have arrived.  t_wlock makes up to TTY_PIECE bytes
 * of one write stay together.  Neither is taken with the other held.
 *
 * Why no wake-up is lost.  A reader tests the ring and sleeps on t_cv under t_lock,
 * and bytes and modes change under it.
 *
 * Job control.  A terminal controls one session (TIOCSCTTY), of which one group is in the foreground: it
 * gets the signals of ^C, ^\ and ^Z.  A process of the session that is in another group is sent
 * SIGTTIN when it reads, and SIGTTOU when it changes the terminal or, with TOSTOP, writes; the call is
 * executed again when it goes on.  Whether it is in the background is decided with
 * proclist_lock held, as the foreground changes, so that it cannot be stopped for what was
 * true before it was brought to the foreground: SIGCONT comes after that.  A reader that sleeps looks again whenever
 * the foreground changes.
 *
 * What it does not handle: flow control (^S, ^Q), tabs wider than one column when they are erased.
 */
#include <kern/cons.h>
#include <kern/kern.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pgrp.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <sys/errno.h>
#include <sys/ioctl.h>
#include <sys/signal.h>

#include "file_impl.h"
#include "tty.h"

#define TTY_EOF 0x100    /* a cell that ends a read */
#define TTY_CHUNK 128    /* bytes copied from or to the user at once */
#define TTY_PIECE 4096   /* bytes of a write that stay together */
#define TENTH_NS 100000000ULL

#define CTRL(c) ((c) & 0x1f)
#define DEL 0x7f
#define BELL 7

static const struct termios default_termios = {
	.c_iflag = ICRNL | IMAXBEL,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = CREAD | CS8,
	.c_lflag = ICANON | ISIG | IEXTEN | ECHO | ECHOE | ECHOKE | ECHOCTL,
	.c_cc = {
		[VEOF] = CTRL('D'),
		[VEOL] = _POSIX_VDISABLE,
		[VEOL2] = _POSIX_VDISABLE,
		[VERASE] = DEL,
		[VWERASE] = CTRL('W'),
		[VKILL] = CTRL('U'),
		[VREPRINT] = CTRL('R'),
		[7] = _POSIX_VDISABLE,
		[VINTR] = CTRL('C'),
		[VQUIT] = CTRL('\\'),
		[VSUSP] = CTRL('Z'),
		[VDSUSP] = _POSIX_VDISABLE,
		[VSTART] = _POSIX_VDISABLE,
		[VSTOP] = _POSIX_VDISABLE,
		[VLNEXT] = CTRL('V'),
		[VDISCARD] = _POSIX_VDISABLE,
		[VMIN] = 1,
		[VTIME] = 0,
		[VSTATUS] = _POSIX_VDISABLE,
		[19] = _POSIX_VDISABLE,
	},
	.c_ispeed = B115200,
	.c_ospeed = B115200,
};

void
tty_init(struct tty *tp)
{
	memset(tp, 0, sizeof(*tp));
	mutex_init(&tp->t_lock, "tty");
	mutex_init(&tp->t_wlock, "ttyout");
	cv_init(&tp->t_cv, "ttyin");
	tp->t_termios = default_termios;
	tp->t_winsize = (struct winsize){ .ws_row = 24, .ws_col = 80 };
}

static bool
lflag(const struct tty *tp, tcflag_t flag)
{
	return (tp->t_termios.c_lflag & flag) != 0;
}

/* Is `c` the special character number `which`? */
static bool
is_special(const struct tty *tp, int which, int c)
{
	return c == tp->t_termios.c_cc[which] && c != _POSIX_VDISABLE;
}

/* --- Job control --- */

/* Is it the controlling terminal of curproc's session?  t_lock held. */
static bool
is_controlling(const struct tty *tp)
{
	return tp->t_session != 0 && tp->t_session == curproc->p_sid;
}

/* t_lock held. */
static bool
in_background(const struct tty *tp)
{
	return is_controlling(tp) && tp->t_fg != curproc->p_pgid;
}

static bool
in_background_now(struct tty *tp)
{
	bool background;

	mutex_enter(&tp->t_lock);
	background = in_background(tp);
	mutex_exit(&tp->t_lock);
	return background;
}

/*
 * curproc wants what only the foreground may: a SIGTTIN to its group if it is in the background, or SIGTTOU.
 * 0: it may; ERESTART: the signal was sent, and the call is to come again; EIO: a signal would do
 * nothing.  Nothing held.
 */
static int
tty_background(struct tty *tp, int signo)
{
	struct ksiginfo ksi = { .ksi_signo = signo, .ksi_code = SI_NOINFO };
	struct lwp *l = curlwp;
	struct proc *p = l->l_proc;
	bool deaf, orphan;
	int error = 0;

	mutex_enter(&proclist_lock);
	if (!in_background_now(tp)) {
		mutex_exit(&proclist_lock);
		return 0;
	}
	mutex_enter(&p->p_lock);
	deaf = sig_ignored(p, signo) || __sigismember(&l->l_sigmask, signo);
	orphan = p->p_pgorphan;
	proc_unlock(p);
	if (deaf && signo == SIGTTOU)
		error = 0;
	else if (deaf || orphan)
		error = EIO;
	else
		error = ERESTART;
	/* Asked to stop already: it comes again when it goes on, and need not be asked twice. */
	if (error == ERESTART && (atomic_load_relaxed(&l->l_flag) & LW_WSTOP) == 0)
		(void)pgrp_signal(p->p_pgid, &ksi);
	mutex_exit(&proclist_lock);
	return error;
}

/* --- Echo --- */

static void
echo_text(const char *s)
{
	cons_write(s, strlen(s));
}

/* Is `c` shown as ^X? */
static bool
is_shown_ctl(const struct tty *tp, int c)
{
	return lflag(tp, ECHOCTL) && (c < ' ' || c == DEL) && c != '\t' && c != '\n';
}

static void
echo(struct tty *tp, int c)
{
	char buf[2] = { '^', (char)(c ^ 0x40) };

	if (!lflag(tp, ECHO) && !(c == '\n' && lflag(tp, ECHONL)))
		return;
	if (c == '\n') {
		echo_text("\r\n");
	} else if (is_shown_ctl(tp, c)) {
		cons_write(buf, 2);
	} else {
		buf[0] = (char)c;
		cons_write(buf, 1);
	}
}

/* Take the last character of the line off the screen. */
static void
echo_erase(struct tty *tp, int c)
{
	if (!lflag(tp, ECHO))
		return;
	if (!lflag(tp, ECHOE))
		echo(tp, tp->t_termios.c_cc[VERASE]);
	else
		echo_text(is_shown_ctl(tp, c) ? "\b \b\b \b" : "\b \b");
}

/* --- The ring; t_lock held --- */

static uint16_t *
cell(struct tty *tp, uint32_t at)
{
	return &tp->t_cell[at % TTY_QUEUE];
}

/* Put a cell at the end.  False: full, the bell rings. */
static bool
store(struct tty *tp, uint16_t c, uint32_t spare)
{
	if (tp->t_tail - tp->t_head + spare >= TTY_QUEUE) {
		if ((tp->t_termios.c_iflag & IMAXBEL) != 0)
			cons_write((const char[]){ BELL }, 1);
		return false;
	}
	*cell(tp, tp->t_tail++) = c;
	return true;
}

/* All that has come can be read. */
static void
complete(struct tty *tp)
{
	tp->t_canon = tp->t_tail;
	cv_broadcast(&tp->t_cv);
}

static void
flush_input(struct tty *tp)
{
	tp->t_head = tp->t_canon = tp->t_tail;
	tp->t_literal = false;
}

/* Is this the second, third or fourth byte of a character in UTF-8? */
static bool
is_continuation(uint16_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Take the last character of the line being typed away.  False: the line is empty. */
static bool
erase_char(struct tty *tp)
{
	uint16_t c;

	if (tp->t_tail == tp->t_canon)
		return false;
	do
		c = *cell(tp, --tp->t_tail);
	while (is_continuation(c) && tp->t_tail != tp->t_canon);
	echo_erase(tp, c);
	return true;
}

static bool
last_is_blank(struct tty *tp)
{
	uint16_t c = *cell(tp, tp->t_tail - 1);

	return c == ' ' || c == '\t';
}

static void
erase_word(struct tty *tp)
{
	while (tp->t_tail != tp->t_canon && last_is_blank(tp))
		(void)erase_char(tp);
	while (tp->t_tail != tp->t_canon && !last_is_blank(tp))
		(void)erase_char(tp);
}

static void
reprint(struct tty *tp)
{
	echo(tp, tp->t_termios.c_cc[VREPRINT]);
	echo(tp, '\n');
	for (uint32_t at = tp->t_canon; at != tp->t_tail; at++)
		echo(tp, *cell(tp, at));
}

/* --- Input --- */

/* Characters that edit the line.  False: `c` is none. */
static bool
input_edit(struct tty *tp, int c)
{
	if (is_special(tp, VERASE, c) || c == '\b') {
		(void)erase_char(tp);
	} else if (is_special(tp, VKILL, c)) {
		while (erase_char(tp))
			continue;
	} else if (is_special(tp, VWERASE, c) && lflag(tp, IEXTEN)) {
		erase_word(tp);
	} else if (is_special(tp, VREPRINT, c) && lflag(tp, IEXTEN)) {
		reprint(tp);
	} else if (is_special(tp, VLNEXT, c) && lflag(tp, IEXTEN)) {
		tp->t_literal = true;
		if (lflag(tp, ECHO))
			echo_text("^\b");
	} else {
		return false;
	}
	return true;
}

static bool
is_line_end(const struct tty *tp, int c)
{
	return c == '\n' || is_special(tp, VEOL, c) || is_special(tp, VEOL2, c);
}

static void
input_canonical(struct tty *tp, int c)
{
	if (input_edit(tp, c))
		return;
	if (is_special(tp, VEOF, c)) {
		if (store(tp, TTY_EOF, 0))
			complete(tp);
		return;
	}
	/* A cell stays free for what ends the line. */
	if (!store(tp, (uint16_t)c, is_line_end(tp, c) ? 0 : 1))
		return;
	echo(tp, c);
	if (is_line_end(tp, c))
		complete(tp);
}

/* Bytes that are to be stored whatever they mean otherwise. */
static void
input_plain(struct tty *tp, int c)
{
	if (!store(tp, (uint16_t)c, 0))
		return;
	echo(tp, c);
	if (!lflag(tp, ICANON))
		complete(tp);
}

/* The signal that `c` means, or 0. */
static int
input_signal(struct tty *tp, int c)
{
	int signo = 0;

	if (!lflag(tp, ISIG))
		return 0;
	if (is_special(tp, VINTR, c))
		signo = SIGINT;
	else if (is_special(tp, VQUIT, c))
		signo = SIGQUIT;
	else if (is_special(tp, VSUSP, c))
		signo = SIGTSTP;
	if (signo != 0) {
		if (!lflag(tp, NOFLSH))
			flush_input(tp);
		echo(tp, c);
	}
	return signo;
}

/* Return and newline as c_iflag wants them.  False: drop it. */
static bool
input_map(const struct tty *tp, int *c)
{
	tcflag_t flags = tp->t_termios.c_iflag;

	if ((flags & ISTRIP) != 0)
		*c &= 0x7f;
	if (*c == '\r' && (flags & IGNCR) != 0)
		return false;
	if (*c == '\r' && (flags & ICRNL) != 0)
		*c = '\n';
	else if (*c == '\n' && (flags & INLCR) != 0)
		*c = '\r';
	return true;
}

int
tty_input(struct tty *tp, int c)
{
	int signo = 0;

	mutex_enter(&tp->t_lock);
	tp->t_last = md_monotonic_ns();
	if (tp->t_literal) {
		tp->t_literal = false;
		input_plain(tp, c);
	} else if ((signo = input_signal(tp, c)) == 0 && input_map(tp, &c)) {
		if (lflag(tp, ICANON))
			input_canonical(tp, c);
		else
			input_plain(tp, c);
	}
	mutex_exit(&tp->t_lock);
	return signo;
}

/* --- Reading --- */

/* Is there enough for a read of `len` bytes?  t_lock held. */
static bool
read_ready(const struct tty *tp, size_t len)
{
	if (lflag(tp, ICANON))
		return tp->t_head != tp->t_canon;
	return tp->t_tail - tp->t_head >= umin(len, tp->t_termios.c_cc[VMIN]);
}

/* When a raw read that began at `start` has waited long enough; 0: never. */
static uint64_t
read_deadline(const struct tty *tp, uint64_t start)
{
	uint64_t limit = tp->t_termios.c_cc[VTIME] * TENTH_NS;

	if (lflag(tp, ICANON) || limit == 0)
		return 0;
	if (tp->t_termios.c_cc[VMIN] == 0)
		return start + limit;
	/* Between bytes: it runs from the first one on. */
	return tp->t_tail != tp->t_head ? tp->t_last + limit : 0;
}

/*
 * Sleep until there is something to read.  t_lock held.  EAGAIN, EINTR, ERESTART; 0 too when time is up, and
 * when the process is in the background.
 */
static int
read_wait(struct tty *tp, size_t len, bool nonblock)
{
	uint64_t start = md_monotonic_ns();
	int error = 0;

	while (error == 0 && !in_background(tp) && !read_ready(tp, len)) {
		if (nonblock)
			return tp->t_head != tp->t_canon ? 0 : EAGAIN;
		error = cv_timedwait_sig(&tp->t_cv, &tp->t_lock, read_deadline(tp, start));
	}
	return error == ETIMEDOUT ? 0 : error;
}

/*
 * Look at what a read gets next: up to `max` bytes into buf.  *cells: how much of the
 * ring that is.  True: the read ends with it.
 */
static bool
read_peek(struct tty *tp, char *buf, size_t max, size_t *count, uint32_t *cells)
{
	bool canon = lflag(tp, ICANON);
	uint32_t at = tp->t_head;
	bool end = false;
	size_t n = 0;

	while (at != tp->t_canon && !end) {
		uint16_t c = *cell(tp, at);
		/* An end of file right behind a full buffer belongs to it. */
		if (n == max && c != TTY_EOF)
			break;
		at++;
		if (c != TTY_EOF)
			buf[n++] = (char)c;
		end = canon && (c == TTY_EOF || is_line_end(tp, c));
	}
	*count = n;
	*cells = at - tp->t_head;
	return end || at == tp->t_canon;
}

int
tty_read(struct tty *tp, void *ubuf, size_t len, bool nonblock, size_t *done)
{
	char buf[TTY_CHUNK];
	uint32_t cells;
	size_t count;
	bool end = false;
	int error;

	mutex_enter(&tp->t_lock);
	while ((error = read_wait(tp, len, nonblock)) == 0 && in_background(tp)) {
		mutex_exit(&tp->t_lock);
		error = tty_background(tp, SIGTTIN);
		if (error != 0)
			return error;
		mutex_enter(&tp->t_lock);
	}
	while (error == 0 && *done < len && !end) {
		end = read_peek(tp, buf, umin(len - *done, sizeof(buf)), &count, &cells);
		error = copyout(buf, (char *)ubuf + *done, count);
		if (error == 0) {
			tp->t_head += cells;
			*done += count;
		}
	}
	mutex_exit(&tp->t_lock);
	return error;
}

/* --- Writing --- */

/* Send bytes on, "\n" as "\r\n" if c_oflag wants that. */
static void
output(struct tty *tp, const char *buf, size_t len)
{
	tcflag_t flags = atomic_load_relaxed(&tp->t_termios.c_oflag);
	bool map = (flags & (OPOST | ONLCR)) == (OPOST | ONLCR);
	char out[2 * TTY_CHUNK];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (map && buf[i] == '\n')
			out[n++] = '\r';
		out[n++] = buf[i];
	}
	cons_write(out, n);
}

/* Write up to TTY_PIECE bytes, which nobody else's come between. */
static int
write_piece(struct tty *tp, const char *ubuf, size_t len, size_t *done)
{
	char buf[TTY_CHUNK];
	size_t count;
	int error = 0;

	mutex_enter(&tp->t_wlock);
	for (*done = 0; error == 0 && *done < len;) {
		count = umin(len - *done, sizeof(buf));
		error = copyin(ubuf + *done, buf, count);
		if (error == 0) {
			output(tp, buf, count);
			*done += count;
		}
	}
	mutex_exit(&tp->t_wlock);
	return error;
}

int
tty_write(struct tty *tp, const void *ubuf, size_t len, size_t *done)
{
	size_t count;
	int error;

	if ((atomic_load_relaxed(&tp->t_termios.c_lflag) & TOSTOP) != 0) {
		error = tty_background(tp, SIGTTOU);
		if (error != 0)
			return error;
	}
	while (*done < len) {
		error = write_piece(tp, (const char *)ubuf + *done, umin(len - *done, TTY_PIECE), &count);
		*done += count;
		if (error != 0)
			return error;
		if (file_must_stop())
			return EINTR;
	}
	return 0;
}

/* --- Control --- */

static void
set_termios(struct tty *tp, const struct termios *new, bool flush)
{
	mutex_enter(&tp->t_lock);
	if (flush)
		flush_input(tp);
	/* A line half typed is input like any other for the new mode. */
	if (((tp->t_termios.c_lflag ^ new->c_lflag) & ICANON) != 0)
		complete(tp);
	tp->t_termios = *new;
	tp->t_literal = false;
	cv_broadcast(&tp->t_cv);
	mutex_exit(&tp->t_lock);
}

/* proclist_lock and t_lock held.  Who reads may be in the background now, or no longer. */
static void
change_foreground(struct tty *tp, pid_t pgid)
{
	KASSERT(mutex_owned(&proclist_lock) && mutex_owned(&tp->t_lock));
	tp->t_fg = pgid;
	cv_broadcast(&tp->t_cv);
}

/* TIOCSPGRP.  ENOTTY: not the terminal of the caller's session; EPERM: no group of it. */
static int
set_foreground(struct tty *tp, pid_t pgid)
{
	struct proc *member;
	int error = 0;

	mutex_enter(&proclist_lock);
	member = pgrp_member(pgid);
	mutex_enter(&tp->t_lock);
	if (!is_controlling(tp))
		error = ENOTTY;
	else if (pgid <= 0 || member == NULL || member->p_sid != tp->t_session)
		error = EPERM;
	else
		change_foreground(tp, pgid);
	mutex_exit(&tp->t_lock);
	mutex_exit(&proclist_lock);
	return error;
}

/* TIOCSCTTY.  EPERM: the caller leads no session, or the terminal is another's. */
static int
set_controlling(struct tty *tp)
{
	struct proc *p = curproc;
	int error = 0;

	mutex_enter(&proclist_lock);
	mutex_enter(&tp->t_lock);
	if (p->p_sid != p->p_pid || (tp->t_session != 0 && tp->t_session != p->p_sid)) {
		error = EPERM;
	} else {
		tp->t_session = p->p_sid;
		change_foreground(tp, p->p_pgid);
	}
	mutex_exit(&tp->t_lock);
	mutex_exit(&proclist_lock);
	return error;
}

pid_t
tty_hangup(struct tty *tp, pid_t sid)
{
	pid_t pgid = 0;

	KASSERT(mutex_owned(&proclist_lock));
	mutex_enter(&tp->t_lock);
	if (tp->t_session == sid) {
		pgid = tp->t_fg;
		tp->t_session = 0;
		change_foreground(tp, 0);
	}
	mutex_exit(&tp->t_lock);
	return pgid;
}

/* How many bytes a read would get now. */
static int
readable(struct tty *tp)
{
	int n = 0;

	for (uint32_t at = tp->t_head; at != tp->t_canon; at++)
		n += *cell(tp, at) != TTY_EOF;
	return n;
}

/* What an ioctl reads or writes. */
union tty_arg {
	struct termios ta_termios;
	struct winsize ta_winsize;
	int ta_int;
};

/* The commands that give something. */
static int
ioctl_get(struct tty *tp, unsigned long cmd, union tty_arg *ta)
{
	int error = 0;

	mutex_enter(&tp->t_lock);
	switch (cmd) {
	case TIOCGETA:
		ta->ta_termios = tp->t_termios;
		break;
	case TIOCGWINSZ:
		ta->ta_winsize = tp->t_winsize;
		break;
	case TIOCGPGRP:
		ta->ta_int = tp->t_fg;
		error = is_controlling(tp) ? 0 : ENOTTY;
		break;
	case FIONREAD:
		ta->ta_int = readable(tp);
		break;
	case TIOCOUTQ:
		ta->ta_int = 0;
		break;
	default:
		error = ENOTTY;
		break;
	}
	mutex_exit(&tp->t_lock);
	return error;
}

/* Those of ioctl_set: from the background they are refused, as writing is. */
static bool
is_for_foreground(unsigned long cmd)
{
	switch (cmd) {
	case TIOCSETA:
	case TIOCSETAW:
	case TIOCSETAF:
	case TIOCSWINSZ:
	case TIOCFLUSH:
	case TIOCSPGRP:
	case TIOCSCTTY:
	case TIOCDRAIN:
		return true;
	default:
		return false;
	}
}

/* The commands that change something, or have nothing to do: output is never queued. */
static int
ioctl_set(struct tty *tp, unsigned long cmd, const union tty_arg *ta)
{
	switch (cmd) {
	case TIOCSETA:
	case TIOCSETAW:
	case TIOCSETAF:
		set_termios(tp, &ta->ta_termios, cmd == TIOCSETAF);
		return 0;
	case TIOCSWINSZ:
		mutex_enter(&tp->t_lock);
		tp->t_winsize = ta->ta_winsize;
		mutex_exit(&tp->t_lock);
		return 0;
	case TIOCFLUSH:
		mutex_enter(&tp->t_lock);
		flush_input(tp);
		mutex_exit(&tp->t_lock);
		return 0;
	case TIOCSPGRP:
		return set_foreground(tp, ta->ta_int);
	case TIOCSCTTY:
		return set_controlling(tp);
	case TIOCDRAIN:
		return 0;
	default:
		return ENOTTY;
	}
}

int
tty_ioctl(struct tty *tp, unsigned long cmd, void *uarg)
{
	size_t len = IOCPARM_LEN(cmd);
	union tty_arg ta;
	int error;

	if (len > sizeof(ta))
		return ENOTTY;
	if ((cmd & IOC_OUT) != 0) {
		error = ioctl_get(tp, cmd, &ta);
		return error != 0 ? error : copyout(&ta, uarg, len);
	}
	error = (cmd & IOC_IN) != 0 ? copyin(uarg, &ta, len) : 0;
	if (error == 0 && is_for_foreground(cmd))
		error = tty_background(tp, SIGTTOU);
	return error != 0 ? error : ioctl_set(tp, cmd, &ta);
}
