/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ioctl can ask of a terminal.
 */
#ifndef _SYS_TTYCOM_H_
#define _SYS_TTYCOM_H_

#include <sys/ioccom.h>

struct winsize {
	unsigned short	ws_row;		/* rows of characters */
	unsigned short	ws_col;		/* columns of characters */
	unsigned short	ws_xpixel;
	unsigned short	ws_ypixel;
};

/* These four take a struct termios, which <sys/termios.h> defines. */
#define TIOCGETA	_IOR('t', 19, struct termios)	/* get */
#define TIOCSETA	_IOW('t', 20, struct termios)	/* set */
#define TIOCSETAW	_IOW('t', 21, struct termios)	/* drain, set */
#define TIOCSETAF	_IOW('t', 22, struct termios)	/* drain, flush, set */

#define TIOCFLUSH	_IOW('t', 16, int)	/* throw away what is queued */
#define TIOCGWINSZ	_IOR('t', 104, struct winsize)
#define TIOCSWINSZ	_IOW('t', 103, struct winsize)
#define TIOCSPGRP	_IOW('t', 118, int)	/* set the foreground group */
#define TIOCGPGRP	_IOR('t', 119, int)	/* get the foreground group */
#define TIOCOUTQ	_IOR('t', 115, int)	/* bytes yet to be sent */
#define TIOCSCTTY	_IO('t', 97)		/* become controlling terminal */
#define TIOCDRAIN	_IO('t', 94)		/* wait until all is sent */

#endif /* !_SYS_TTYCOM_H_ */
