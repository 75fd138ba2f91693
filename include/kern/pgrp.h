/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process groups and sessions.  Theory: kern/lwp/pgrp.c.
 */
#ifndef _KERN_PGRP_H_
#define _KERN_PGRP_H_

#include <kern/kern.h>

struct ksiginfo;
struct proc;

/* --- proclist_lock held, no p_lock --- */

/* A process that is being made is in its parent's group and session. */
void pgrp_inherit(struct proc *p, const struct proc *parent);
/* A member of the group, zombies too; NULL: there is no such group. */
struct proc *pgrp_member(pid_t pgid);
/* Is this the id of a process, a group or a session? */
bool pgrp_pid_in_use(pid_t pid);
/* Send to all members; signo 0: only look.  ESRCH: there is no such group. */
int pgrp_signal(pid_t pgid, const struct ksiginfo *ksi);
/* `parent` exits; `child` has already got another. */
void pgrp_lost_parent(const struct proc *child, const struct proc *parent);
/* p has become a zombie. */
void pgrp_exited(const struct proc *p);

/* --- nothing held --- */

/* setpgid: 0 is the caller, or the process's own pid.  EINVAL, ESRCH, EPERM, EACCES. */
int pgrp_set(pid_t pid, pid_t pgid);
/* setsid for curproc.  EPERM: it leads a group. */
int session_create(void);
/* pid 0: the caller.  ESRCH. */
int pgrp_of(pid_t pid, pid_t *pgid);
int session_of(pid_t pid, pid_t *sid);

#endif
