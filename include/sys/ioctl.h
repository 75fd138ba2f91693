/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device control.
 */
#ifndef _SYS_IOCTL_H_
#define _SYS_IOCTL_H_

#include <sys/ioccom.h>
#include <sys/ttycom.h>
#include <sys/types.h>

#define FIOCLEX		_IO('f', 1)		/* close on exec */
#define FIONCLEX	_IO('f', 2)		/* not so */
#define FIONREAD	_IOR('f', 127, int)	/* bytes ready to be read */
#define FIONBIO		_IOW('f', 126, int)	/* set O_NONBLOCK */

#ifndef _KERNEL
__BEGIN_DECLS
int	ioctl(int, unsigned long, ...);
__END_DECLS
#endif

#endif /* !_SYS_IOCTL_H_ */
