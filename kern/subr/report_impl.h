/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the report share.  All of it is for a machine that was stopped: no locks.
 */
#ifndef _REPORT_IMPL_H_
#define _REPORT_IMPL_H_

#include <kern/kern.h>

struct cpu_info;
struct lwp;

#define REPORT_STEPS 1000000 /* of a list, before it is taken for a ring */
#define REPORT_LINES 200     /* of one kind; the rest is only counted */

/*
 * Call fn(arg).  A panic in it (a bad pointer, for what the report follows may be what is broken) says its
 * message and ends this part only.  Parts may be within parts.
 */
void report_part(void (*fn)(void *), void *arg);

/* "pid.lid (program/name)" */
void report_who(const struct lwp *l);
/* Call fn for every LWP there is. */
void report_each_lwp(void (*fn)(struct lwp *, void *), void *arg);

/* kern/subr/report_queues.c */
void report_place(const struct lwp *l); /* of a sleeper: "bucket 17, place 2" */
void report_runqs(void *unused);
void report_callouts(void *unused);

/* kern/subr/report_locks.c */
void report_locks(void *unused);

#endif
