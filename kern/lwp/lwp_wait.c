/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_wait and _lwp_detach.
 *
 * What it is.  A waiter for one LWP sleeps on that LWP's l_exitcv; a waiter for any
 * sleeps on p_lwpcv.  Zombies stand at the head of p_lwps.  All under p_lock, so
 * "is it a zombie?" and "be asleep" are one step (condvar.c): an exit falls before or after.
 *
 * Precedence (wait.5).  wait(0) passes over a zombie that somebody waits for by id
 * (l_nwaiters).  When such a waiter gives up, those in wait(0) are told to look again.
 *
 * Deadlock (wait.4).  l_waitingfor makes a chain; a wait that would close it to a
 * circle is refused, whatever its length.  A wait after which every live LWP of the
 * process would be asleep in _lwp_wait with nothing to reap is refused too.  When an LWP
 * leaves and only waiters remain, all are woken: each looks again, finds the others
 * not asleep and sleeps, but the last one finds them all asleep, and is refused.
 *
 * EFAULT (wait.6).  The id is copied out, with p_lock held, before the zombie is
 * touched.  (The fault takes the lock of the address space, which is behind p_lock.)
 *
 * When an LWP is freed, those who wait for it by id and have not run yet lose their
 * l_waitingfor, so that no pointer to a later life of its memory is left.
 *
 * Identity.  A waiter remembers the LWP and its l_gen: when it wakes, another may
 * have reaped the LWP, whose memory and even whose id may live again (wait.8).
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/sleepq.h>
#include <sys/errno.h>

#include "lwp_impl.h"

static bool
is_zombie(const struct lwp *l)
{
	return (lwp_flags(l) & LW_EXITING) != 0;
}

static uint32_t
nlive(const struct proc *p)
{
	return p->p_nlwps - p->p_nzlwps;
}

/* Asleep in _lwp_wait, and not woken yet.  (Woken, it may be asleep again: for p_lock.) */
static bool
asleep_in_wait(struct lwp *l)
{
	bool asleep;

	if ((l->l_prflag & LPR_WAIT) == 0)
		return false;
	lwp_lock(l);
	asleep = l->l_stat == LSSLEEP && l->l_syncobj == &syncobj_cv;
	lwp_unlock(l);
	return asleep;
}

/* Would nobody be left who could end curlwp's wait? */
static bool
all_would_wait(struct proc *p)
{
	struct lwp *l;

	if (p->p_nlwpwait + 1 != nlive(p))
		return false;
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (l == curlwp)
			continue;
		if (is_zombie(l) ? (l->l_prflag & LPR_DETACHED) == 0 : !asleep_in_wait(l))
			return false;
	}
	return true;
}

/* An LWP that has been woken is no link: it may be about to give up; if not, it looks for a circle itself. */
static bool
closes_circle(struct lwp *target)
{
	for (struct lwp *l = target; l != NULL; l = l->l_waitingfor) {
		if (l == curlwp)
			return true;
		if (!asleep_in_wait(l))
			return false;
	}
	return false;
}

/* Give the id to the program, then free the zombie.  EFAULT: it is still there. */
static int
wait_take(struct lwp *z, lwpid_t *departed)
{
	struct proc *p = z->l_proc;
	int error = 0;

	if (departed != NULL)
		error = copyout(&z->l_lid, departed, sizeof(*departed));
	if (error == 0)
		lwp_reap(z);
	/* Those in wait(0) may take it now, or have nothing left to wait for. */
	if (p->p_nwaitany != 0)
		cv_broadcast(&p->p_lwpcv);
	return error;
}

/* Sleep on `cv` as a waiter for `target` (NULL: any). */
static int
wait_sleep(struct proc *p, struct lwp *target, struct kcondvar *cv)
{
	struct lwp *l = curlwp;
	uint32_t how = target != NULL ? LPR_WAIT : LPR_WAIT | LPR_WAITANY;
	int error;

	if (all_would_wait(p))
		return EDEADLK;
	l->l_prflag |= how;
	l->l_waitingfor = target;
	p->p_nlwpwait++;
	if (target != NULL)
		target->l_nwaiters++;
	else
		p->p_nwaitany++;
	proc_check(p);
	error = cv_wait_sig(cv, &p->p_lock);
	l->l_prflag &= ~how;
	p->p_nlwpwait--;
	if (target == NULL)
		p->p_nwaitany--;
	else if (l->l_waitingfor == target)
		target->l_nwaiters--; /* else it has been freed: lwp_forget_waiters */
	l->l_waitingfor = NULL;
	return error;
}

void
lwp_forget_waiters(struct proc *p, struct lwp *l)
{
	struct lwp *w;

	KASSERT(mutex_owned(&p->p_lock));
	TAILQ_FOREACH(w, &p->p_lwps, l_sibling) {
		if (w->l_waitingfor == l)
			w->l_waitingfor = NULL;
	}
	l->l_nwaiters = 0;
}

/* Was the LWP that curlwp waited for detached meanwhile?  Asked once. */
static bool
wait_was_detached(void)
{
	bool detached = (curlwp->l_prflag & LPR_TDETACHED) != 0;

	curlwp->l_prflag &= ~LPR_TDETACHED;
	return detached;
}

static int
wait_one(struct proc *p, lwpid_t lid, lwpid_t *departed)
{
	struct lwp *t = lid_find(p, lid);
	bool detached, gone;
	uint32_t gen;
	int error;

	if (t == NULL)
		return ESRCH;
	if (t == curlwp)
		return EDEADLK;
	gen = t->l_gen;
	for (;;) {
		if ((t->l_prflag & LPR_DETACHED) != 0)
			return EINVAL;
		if (is_zombie(t))
			return wait_take(t, departed);
		if (closes_circle(t))
			return EDEADLK;
		error = wait_sleep(p, t, &t->l_exitcv);
		detached = wait_was_detached();
		gone = lid_find(p, lid) != t || t->l_gen != gen;
		if (error != 0)
			break; /* the waker's verdict, whatever happened to t since */
		if (detached)
			return EINVAL;
		if (gone)
			return ESRCH;
	}
	/* A zombie that this one would have taken is everybody's now. */
	if (!gone && is_zombie(t) && p->p_nwaitany != 0)
		cv_broadcast(&p->p_lwpcv);
	return error;
}

/* A zombie that nobody waits for by id; *found: there is a joinable LWP other than curlwp. */
static struct lwp *
wait_find_any(struct proc *p, bool *found)
{
	bool joinable = (curlwp->l_prflag & LPR_DETACHED) == 0;
	struct lwp *l;

	*found = p->p_nlwps - p->p_nidlwps - p->p_ndlwps > (joinable ? 1 : 0);
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (!is_zombie(l))
			return NULL;
		if (l->l_nwaiters == 0)
			return l;
	}
	return NULL;
}

static int
wait_any(struct proc *p, lwpid_t *departed)
{
	struct lwp *z;
	bool found;
	int error;

	for (;;) {
		z = wait_find_any(p, &found);
		if (z != NULL)
			return wait_take(z, departed);
		if (!found)
			return ESRCH;
		error = wait_sleep(p, NULL, &p->p_lwpcv);
		if (error != 0)
			return error;
	}
}

int
lwp_wait(lwpid_t lid, lwpid_t *departed)
{
	struct proc *p = curproc;
	int error;

	mutex_enter(&p->p_lock);
	error = lid != 0 ? wait_one(p, lid, departed) : wait_any(p, departed);
	proc_unlock(p);
	return error;
}

/* If only waiters are left and nothing to reap, one of them has to be refused. */
static void
wait_wake_stuck(struct proc *p)
{
	struct lwp *l;

	if (p->p_nlwpwait == 0 || p->p_nlwpwait != nlive(p))
		return;
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (l->l_waitingfor != NULL)
			cv_broadcast(&l->l_waitingfor->l_exitcv);
	}
	cv_broadcast(&p->p_lwpcv);
}

void
lwp_wait_wake(struct proc *p, struct lwp *gone)
{
	KASSERT(mutex_owned(&p->p_lock));
	if (gone != NULL && gone->l_nwaiters != 0)
		cv_broadcast(&gone->l_exitcv);
	if (p->p_nwaitany != 0 || (p->p_sflag & (PS_WEXIT | PS_EXEC)) != 0)
		cv_broadcast(&p->p_lwpcv);
	wait_wake_stuck(p);
}

/* Those who wait for `t` by id get EINVAL, whatever becomes of t before they run. */
static void
detach_waiters(struct proc *p, struct lwp *t)
{
	struct lwp *l;

	if (t->l_nwaiters == 0)
		return;
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (l->l_waitingfor == t)
			l->l_prflag |= LPR_TDETACHED;
	}
	cv_broadcast(&t->l_exitcv);
}

int
lwp_detach(lwpid_t lid)
{
	struct proc *p = curproc;
	struct lwp *t;
	int error = 0;

	mutex_enter(&p->p_lock);
	t = lid_find(p, lid);
	if (t == NULL) {
		error = ESRCH;
	} else if ((t->l_prflag & LPR_DETACHED) != 0) {
		error = EINVAL;
	} else {
		t->l_prflag |= LPR_DETACHED;
		p->p_ndlwps++;
		detach_waiters(p, t);
		if (is_zombie(t))
			lwp_reap(t);
		lwp_wait_wake(p, NULL);
	}
	proc_unlock(p);
	return error;
}
