/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and small macros that everything uses.
 */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_

#include <sys/syslimits.h>
#include <sys/types.h>

#define BSD		199506
#define __Heddle__	1

#define MAXCOMLEN	16		/* name of a command, without the NUL */
#define MAXPATHLEN	PATH_MAX

#define NBBY		8		/* bits of a byte */

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(PAGE_SIZE - 1)

/* User addresses are below this. */
#define VM_MAXUSER_ADDRESS	0x00007f8000000000UL

#ifndef _KERNEL
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))
#define howmany(x, y)	(((x) + ((y) - 1)) / (y))
#define roundup(x, y)	(howmany(x, y) * (y))
#define rounddown(x, y)	(((x) / (y)) * (y))
/* The next two are for powers of two. */
#define roundup2(x, m)	(((x) + ((m) - 1)) & ~((__typeof__(x))(m) - 1))
#define powerof2(x)	((((x) - 1) & (x)) == 0)
#endif

#endif /* !_SYS_PARAM_H_ */
