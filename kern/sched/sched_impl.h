/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of kern/sched share with each other only.
 */
#ifndef _SCHED_IMPL_H_
#define _SCHED_IMPL_H_

#include <kern/kern.h>

struct cpu_info;
struct lwp;

void runq_insert(struct cpu_info *ci, struct lwp *l, bool head);
void runq_remove(struct cpu_info *ci, struct lwp *l);
struct lwp *runq_best(struct cpu_info *ci);
struct cpu_info *sched_choose(const struct lwp *l);
bool sched_steal(struct cpu_info *ci);
void sched_offer(const struct cpu_info *ci, const struct lwp *l);
void sched_lock2(struct cpu_info *a, struct cpu_info *b);
void sched_unlock2(struct cpu_info *a, struct cpu_info *b);

/* Have a CPU (locked) choose again; true: by an IPI, which the caller sends. */
bool sched_look_again(struct cpu_info *ci);
/* The same, if `l`, which has come to the run queue of `ci` (locked), is a reason to. */
bool sched_notify(struct cpu_info *ci, const struct lwp *l);

/* Time-sharing (kern/sched/policy.c); l locked. */
void policy_charge(struct lwp *l, uint64_t ns);
void policy_slept(struct lwp *l);

#endif
