/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input and output of several pieces at once.
 */
#ifndef _SYS_UIO_H_
#define _SYS_UIO_H_

#include <sys/types.h>

struct iovec {
	void		*iov_base;
	size_t		iov_len;
};

#ifndef _KERNEL
__BEGIN_DECLS
ssize_t	writev(int, const struct iovec *, int);
__END_DECLS
#endif

#endif /* !_SYS_UIO_H_ */
