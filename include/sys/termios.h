/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a terminal treats what goes in and out.
 */
#ifndef _SYS_TERMIOS_H_
#define _SYS_TERMIOS_H_

#include <sys/ttycom.h>
#include <sys/types.h>

typedef unsigned int	tcflag_t;
typedef unsigned char	cc_t;
typedef unsigned int	speed_t;

/* Indices of c_cc. */
#define VEOF		0	/* end of file */
#define VEOL		1	/* end of line, besides newline */
#define VEOL2		2	/* another */
#define VERASE		3	/* erase a character */
#define VWERASE		4	/* erase a word */
#define VKILL		5	/* erase the line */
#define VREPRINT	6	/* print the line again */
#define VINTR		8	/* SIGINT */
#define VQUIT		9	/* SIGQUIT */
#define VSUSP		10	/* SIGTSTP */
#define VDSUSP		11	/* SIGTSTP when it is read */
#define VSTART		12	/* continue output */
#define VSTOP		13	/* stop output */
#define VLNEXT		14	/* take the next character as it is */
#define VDISCARD	15	/* throw output away */
#define VMIN		16	/* fewest characters of a raw read */
#define VTIME		17	/* its time limit, in tenths of a second */
#define VSTATUS		18	/* SIGINFO */
#define NCCS		20

#define _POSIX_VDISABLE	((unsigned char)0377)

struct termios {
	tcflag_t	c_iflag;	/* input */
	tcflag_t	c_oflag;	/* output */
	tcflag_t	c_cflag;	/* line */
	tcflag_t	c_lflag;	/* the rest */
	cc_t		c_cc[NCCS];	/* special characters */
	int		c_ispeed;
	int		c_ospeed;
};

/* c_iflag */
#define IGNBRK		0x00000001U	/* ignore break */
#define BRKINT		0x00000002U	/* break makes SIGINT */
#define IGNPAR		0x00000004U	/* drop characters of bad parity */
#define PARMRK		0x00000008U	/* mark them */
#define INPCK		0x00000010U	/* check the parity */
#define ISTRIP		0x00000020U	/* clear the eighth bit */
#define INLCR		0x00000040U	/* newline becomes return */
#define IGNCR		0x00000080U	/* drop return */
#define ICRNL		0x00000100U	/* return becomes newline */
#define IXON		0x00000200U	/* output flow control */
#define IXOFF		0x00000400U	/* input flow control */
#define IXANY		0x00000800U	/* any character continues output */
#define IMAXBEL		0x00002000U	/* bell if the queue is full */

/* c_oflag */
#define OPOST		0x00000001U	/* the following apply */
#define ONLCR		0x00000002U	/* newline becomes return, newline */
#define OXTABS		0x00000004U	/* tab becomes spaces */
#define ONOEOT		0x00000008U	/* drop end-of-file characters */
#define OCRNL		0x00000010U	/* return becomes newline */

/* c_cflag */
#define CSIZE		0x00000300U
#define CS5		0x00000000U
#define CS6		0x00000100U
#define CS7		0x00000200U
#define CS8		0x00000300U
#define CSTOPB		0x00000400U
#define CREAD		0x00000800U
#define PARENB		0x00001000U
#define PARODD		0x00002000U
#define HUPCL		0x00004000U
#define CLOCAL		0x00008000U
#define CRTSCTS		0x00010000U

/* c_lflag */
#define ECHOKE		0x00000001U	/* VKILL wipes the line out */
#define ECHOE		0x00000002U	/* VERASE wipes the character out */
#define ECHOK		0x00000004U	/* newline after VKILL */
#define ECHO		0x00000008U	/* echo */
#define ECHONL		0x00000010U	/* echo newline in any case */
#define ECHOPRT		0x00000020U	/* show erased characters */
#define ECHOCTL		0x00000040U	/* echo control characters as ^X */
#define ISIG		0x00000080U	/* VINTR, VQUIT, VSUSP work */
#define ICANON		0x00000100U	/* lines, with erasing */
#define ALTWERASE	0x00000200U	/* another idea of a word */
#define IEXTEN		0x00000400U	/* VLNEXT, VDISCARD work */
#define EXTPROC		0x00000800U
#define TOSTOP		0x00400000U	/* background writing stops */
#define FLUSHO		0x00800000U
#define NOKERNINFO	0x02000000U
#define PENDIN		0x20000000U
#define NOFLSH		0x80000000U	/* signals do not flush */

/* When tcsetattr takes effect. */
#define TCSANOW		0		/* at once */
#define TCSADRAIN	1		/* when all output is sent */
#define TCSAFLUSH	2		/* then, and throw input away */

#define B0		0
#define B9600		9600
#define B19200		19200
#define B38400		38400
#define B57600		57600
#define B115200		115200

_Static_assert(sizeof(struct termios) == 44, "struct termios");

#ifndef _KERNEL
__BEGIN_DECLS
void	cfmakeraw(struct termios *);
int	tcgetattr(int, struct termios *);
int	tcsetattr(int, int, const struct termios *);
__END_DECLS
#endif

#endif /* !_SYS_TERMIOS_H_ */
