/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constants of <unistd.h> that the kernel knows too.
 */
#ifndef _SYS_UNISTD_H_
#define _SYS_UNISTD_H_

/* Options of POSIX that are there. */
#define _POSIX_BARRIERS			200112L
#define _POSIX_CLOCK_SELECTION		200112L
#define _POSIX_CPUTIME			200112L
#define _POSIX_MONOTONIC_CLOCK		200112L
#define _POSIX_READER_WRITER_LOCKS	200112L
#define _POSIX_SEMAPHORES		200112L
#define _POSIX_SPIN_LOCKS		200112L
#define _POSIX_THREAD_ATTR_STACKADDR	200112L
#define _POSIX_THREAD_ATTR_STACKSIZE	200112L
#define _POSIX_THREAD_CPUTIME		200112L
#define _POSIX_THREAD_PRIORITY_SCHEDULING 200112L
#define _POSIX_THREAD_PRIO_PROTECT	200112L
#define _POSIX_THREAD_SAFE_FUNCTIONS	200112L
#define _POSIX_THREADS			200112L
#define _POSIX_TIMEOUTS			200112L
/* And that are not. */
#define _POSIX_THREAD_PRIO_INHERIT	(-1)
#define _POSIX_THREAD_PROCESS_SHARED	(-1)

#define F_OK		0
#define X_OK		0x01
#define W_OK		0x02
#define R_OK		0x04

#ifndef SEEK_SET
#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#endif

#endif /* !_SYS_UNISTD_H_ */
