/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sys_sysctl.c and sysctl_list.c share.
 */
#ifndef _SYSCTL_IMPL_H_
#define _SYSCTL_IMPL_H_

#include <kern/kern.h>

struct lwp;

/* One call of __sysctl. */
struct sysctl_req {
	struct lwp *rq_lwp;
	const int *rq_name;   /* in kernel memory */
	size_t rq_namelen;
	void *rq_old;         /* user address; NULL: only the length is asked for */
	size_t rq_room;       /* bytes there */
	size_t rq_len;        /* out: bytes that there are to tell */
	const void *rq_new;   /* user address; NULL: nothing is set */
	size_t rq_newlen;
};

/* Tell `len` bytes: as many as there is room for, and how many there are. */
int sysctl_out(struct sysctl_req *rq, const void *data, size_t len);

/* kern/sys/sysctl_list.c: the names that give arrays. */
int sysctl_lwps(struct sysctl_req *rq);
int sysctl_procs(struct sysctl_req *rq);
int sysctl_pools(struct sysctl_req *rq);
int sysctl_cpus(struct sysctl_req *rq);

/* kern/sys/emul_native.c */
int sysctl_nosys(struct sysctl_req *rq);

/* kern/sys/sysctl_debug.c: what makes a debug kernel misbehave on demand; ENOSYS in others. */
int sysctl_failalloc(struct sysctl_req *rq);
int sysctl_block(struct sysctl_req *rq);

/* kern/sys/selftest.c, selflocks.c: faults on purpose. */
int sysctl_selftest(struct sysctl_req *rq);
#ifdef DEBUG
/* HEDDLE_FAULT_ORDER to HEDDLE_FAULT_KEPT, and HEDDLE_FAULT_DEADLOCK. */
int selflocks(int fault);
#endif

/* kern/sys/sys_trace.c */
int sysctl_trace(struct sysctl_req *rq);
int sysctl_tracelog(struct sysctl_req *rq);

#endif
