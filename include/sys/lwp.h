/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program and the kernel both know about LWPs.
 */
#ifndef _SYS_LWP_H_
#define _SYS_LWP_H_

#include <sys/lwpctl.h>
#include <sys/types.h>

/* Flags of _lwp_create. */
#define LWP_DETACHED	0x00000040	/* nobody will wait for it */
#define LWP_SUSPENDED	0x00000080	/* runs after _lwp_continue */

/* Most targets that one _lwp_unpark_all takes. */
#define LWP_UNPARK_MAX	1024

/* Room that a name takes, with the NUL. */
#define LWP_NAMELEN	16

/* Ids are positive and below this. */
#define LWP_LID_LIMIT	(1 << 30)

/* l_stat */
#define LSIDL		1	/* being created */
#define LSRUN		2	/* on a run queue */
#define LSSLEEP		3	/* asleep */
#define LSSTOP		4	/* stopped with its process */
#define LSZOMB		5	/* exited, not yet waited for */
#define LSONPROC	7	/* on a CPU */
#define LSSUSPENDED	8	/* suspended by _lwp_suspend */

#endif /* !_SYS_LWP_H_ */
