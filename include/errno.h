/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The error number of the last call that failed: each LWP has its own.
 */
#ifndef _ERRNO_H_
#define _ERRNO_H_

#include <sys/cdefs.h>
#include <sys/errno.h>

__BEGIN_DECLS
int	*__errno(void) __attribute__((__const__));
__END_DECLS

#define errno	(*__errno())

#endif /* !_ERRNO_H_ */
