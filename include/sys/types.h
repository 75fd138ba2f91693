/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scalar types of the ABI, with the widths of NetBSD/amd64.
 */
#ifndef _SYS_TYPES_H_
#define _SYS_TYPES_H_

#include <sys/cdefs.h>

#include <stddef.h>
#include <stdint.h>

typedef unsigned char	u_char;
typedef unsigned short	u_short;
typedef unsigned int	u_int;
typedef unsigned long	u_long;
typedef uint8_t		u_int8_t;
typedef uint16_t	u_int16_t;
typedef uint32_t	u_int32_t;
typedef uint64_t	u_int64_t;
typedef int64_t		quad_t;
typedef uint64_t	u_quad_t;

typedef int64_t		blkcnt_t;
typedef int32_t		blksize_t;
typedef char		*caddr_t;
typedef unsigned int	clock_t;
typedef int		clockid_t;
typedef uint64_t	dev_t;
typedef uint32_t	gid_t;
typedef uint32_t	id_t;
typedef uint64_t	ino_t;
typedef int32_t		lwpid_t;
typedef uint32_t	mode_t;
typedef uint32_t	nlink_t;
typedef int64_t		off_t;
typedef int32_t		pid_t;
typedef uint64_t	rlim_t;
typedef long		ssize_t;
typedef int		suseconds_t;
typedef int64_t		time_t;
typedef int		timer_t;
typedef uint32_t	uid_t;
typedef unsigned int	useconds_t;

#ifndef _KERNEL
#include <pthread_types.h>
#endif

typedef long		register_t;
typedef unsigned long	paddr_t;
typedef unsigned long	psize_t;
typedef unsigned long	vaddr_t;
typedef unsigned long	vsize_t;

#endif /* !_SYS_TYPES_H_ */
