/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process groups and sessions, as far as job control needs them.
 *
 * What it is.  A group is the processes with one p_pgid, a session those with one p_sid; neither
 * is an object of its own, so nothing is allocated, counted or left behind.  A group or session is found by
 * walking the list of processes, as a pid is (proc.c); a pid that is still somebody's group or
 * session is not given to a new process.  A zombie is a member until it is waited for.
 *
 * Orphaned groups.  A group is orphaned if no live member has a parent in the same session and
 * another group: nobody is there who would continue it.  SIGTSTP, SIGTTIN and SIGTTOU
 * do not stop its members, and if it is stopped when it becomes orphaned it gets SIGHUP and
 * SIGCONT.  Each member knows (p_pgorphan), because who takes a signal
 * has no way to look at the list.  What can change it: a parent's exit (pgrp_lost_parent), its own exit
 * or change of group, a new session.  A fork cannot: the child is in its parent's group, and a child that
 * is still being made (SIDL) stays there when the parent changes it (pgrp_enter).
 *
 * Locks.  proclist_lock covers p_pgid, p_sid and, with p_lock, p_pgorphan.  A process may read the first two of
 * its own without: it then has what was true a moment ago.  The lock of a terminal, which
 * knows a session and a group by number, comes after proclist_lock and p_lock.
 *
 * A signal to a group reaches every member, also of one that forks: it is sent under proclist_lock.  If it comes
 * before the child is in the list, the parent, which is to stop or end, does not fork (proc_alloc).  If it comes
 * after, the child is a member already: it keeps the signal and takes it before its first instruction.  That needs
 * the child to be in its parent's group at every moment of the fork, also if another LWP of the parent
 * calls setpgid or setsid in the middle of it.
 *
 * What it does not handle: login names; revoking a terminal when its session ends; SIGHUP to all of
 * a session.
 */
#include <kern/lwp.h>
#include <kern/pgrp.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <sys/errno.h>
#include <sys/signal.h>

void
pgrp_inherit(struct proc *p, const struct proc *parent)
{
	KASSERT(mutex_owned(&proclist_lock) && p->p_stat == SIDL);
	atomic_store_relaxed(&p->p_pgid, parent->p_pgid);
	atomic_store_relaxed(&p->p_sid, parent->p_sid);
	p->p_pgorphan = parent->p_pgorphan;
}

struct proc *
pgrp_member(pid_t pgid)
{
	struct proc *p;

	KASSERT(mutex_owned(&proclist_lock));
	LIST_FOREACH(p, &allproc, p_list) {
		if (p->p_pgid == pgid)
			return p;
	}
	return NULL;
}

bool
pgrp_pid_in_use(pid_t pid)
{
	struct proc *p;

	KASSERT(mutex_owned(&proclist_lock));
	LIST_FOREACH(p, &allproc, p_list) {
		if (p->p_pid == pid || p->p_pgid == pid || p->p_sid == pid)
			return true;
	}
	return false;
}

int
pgrp_signal(pid_t pgid, const struct ksiginfo *ksi)
{
	struct proc *p;
	int error = ESRCH;

	KASSERT(mutex_owned(&proclist_lock));
	LIST_FOREACH(p, &allproc, p_list) {
		if (p->p_pgid != pgid || (p->p_sflag & PS_SYSTEM) != 0)
			continue;
		error = 0;
		if (ksi->ksi_signo != 0)
			psignal(p, ksi);
	}
	return error;
}

/* Does `p` keep its group from being orphaned? */
static bool
is_link(const struct proc *p)
{
	const struct proc *parent = p->p_parent;

	return p->p_stat == SACTIVE && parent->p_sid == p->p_sid && parent->p_pgid != p->p_pgid;
}

static bool
is_orphaned(pid_t pgid)
{
	struct proc *p;

	LIST_FOREACH(p, &allproc, p_list) {
		if (p->p_pgid == pgid && is_link(p))
			return false;
	}
	return true;
}

/* Something has changed that decides whether the group is orphaned: tell its members. */
static void
pgrp_update(pid_t pgid)
{
	static const struct ksiginfo hup = { .ksi_signo = SIGHUP, .ksi_code = SI_NOINFO };
	static const struct ksiginfo cont = { .ksi_signo = SIGCONT, .ksi_code = SI_NOINFO };
	bool orphaned = is_orphaned(pgid), news = false, stopped = false;
	struct proc *p;

	LIST_FOREACH(p, &allproc, p_list) {
		if (p->p_pgid != pgid)
			continue;
		mutex_enter(&p->p_lock);
		news = news || (orphaned && !p->p_pgorphan);
		stopped = stopped || (p->p_sflag & PS_STOP) != 0;
		p->p_pgorphan = orphaned;
		proc_unlock(p);
	}
	if (news && stopped) {
		(void)pgrp_signal(pgid, &hup);
		(void)pgrp_signal(pgid, &cont);
	}
}

void
pgrp_lost_parent(const struct proc *child, const struct proc *parent)
{
	KASSERT(mutex_owned(&proclist_lock));
	if (child->p_stat == SACTIVE && child->p_sid == parent->p_sid && child->p_pgid != parent->p_pgid)
		pgrp_update(child->p_pgid);
}

void
pgrp_exited(const struct proc *p)
{
	KASSERT(mutex_owned(&proclist_lock) && p->p_stat == SZOMB);
	if (p->p_parent->p_sid == p->p_sid && p->p_parent->p_pgid != p->p_pgid)
		pgrp_update(p->p_pgid);
}

/* p joins the group, and with it the children that it is forking; what that does to others comes after. */
static void
pgrp_enter(struct proc *p, pid_t pgid)
{
	struct proc *child;

	atomic_store_relaxed(&p->p_pgid, pgid);
	mutex_enter(&p->p_lock);
	p->p_pgorphan = is_orphaned(pgid);
	proc_unlock(p);
	LIST_FOREACH(child, &p->p_children, p_siblings) {
		if (child->p_stat == SIDL)
			pgrp_inherit(child, p);
	}
}

/* May curproc move p, itself or a child, to the group?  proclist_lock held. */
static int
pgrp_may_set(struct proc *p, pid_t pgid)
{
	struct proc *member;
	bool execed;

	if (p == NULL || p->p_stat != SACTIVE || (p != curproc && p->p_parent != curproc))
		return ESRCH;
	mutex_enter(&p->p_lock);
	execed = (p->p_sflag & PS_EXECED) != 0;
	proc_unlock(p);
	if (p != curproc && p->p_sid != curproc->p_sid)
		return EPERM;
	if (p != curproc && execed)
		return EACCES;
	if (p->p_sid == p->p_pid)
		return EPERM;
	member = pgrp_member(pgid);
	if (pgid != p->p_pid && (member == NULL || member->p_sid != p->p_sid))
		return EPERM;
	return 0;
}

int
pgrp_set(pid_t pid, pid_t pgid)
{
	struct proc *p;
	pid_t old;
	int error;

	if (pgid < 0)
		return EINVAL;
	mutex_enter(&proclist_lock);
	p = pid == 0 ? curproc : proc_find(pid);
	if (pgid == 0 && p != NULL)
		pgid = p->p_pid;
	error = pgrp_may_set(p, pgid);
	if (error == 0 && p->p_pgid != pgid) {
		old = p->p_pgid;
		pgrp_enter(p, pgid);
		/* Also where p is the parent: its children in other groups are links as before. */
		pgrp_update(pgid);
		pgrp_update(old);
	}
	mutex_exit(&proclist_lock);
	return error;
}

int
session_create(void)
{
	struct proc *p = curproc, *child;
	pid_t old;

	mutex_enter(&proclist_lock);
	if (pgrp_member(p->p_pid) != NULL) {
		mutex_exit(&proclist_lock);
		return EPERM;
	}
	old = p->p_pgid;
	atomic_store_relaxed(&p->p_sid, p->p_pid);
	pgrp_enter(p, p->p_pid);
	pgrp_update(old);
	LIST_FOREACH(child, &p->p_children, p_siblings)
		pgrp_update(child->p_pgid);
	mutex_exit(&proclist_lock);
	return 0;
}

/* The group (session false) or session of a process, 0 = the caller.  ESRCH. */
static int
id_of(pid_t pid, bool session, pid_t *id)
{
	struct proc *p;
	bool found;

	mutex_enter(&proclist_lock);
	p = pid == 0 ? curproc : proc_find(pid);
	found = p != NULL && p->p_stat != SIDL;
	if (found)
		*id = session ? p->p_sid : p->p_pgid;
	mutex_exit(&proclist_lock);
	return found ? 0 : ESRCH;
}

int
pgrp_of(pid_t pid, pid_t *pgid)
{
	return id_of(pid, false, pgid);
}

int
session_of(pid_t pid, pid_t *sid)
{
	return id_of(pid, true, sid);
}
