/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clock and sleep system calls.
 */
#include <kern/clock.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>

/* The low bits of a CPU-time clock name an LWP of the caller's process, or the process; 0: the caller. */
#define CPUTIME_ID(clock) ((clock) & (CLOCK_THREAD_CPUTIME_ID - 1))

/* EINVAL: not such a clock.  ESRCH: nobody is called so.  p_lock held. */
static int
cputime(struct lwp *l, clockid_t clock, uint64_t *ns)
{
	int id = CPUTIME_ID(clock);

	if (clock - id == CLOCK_PROCESS_CPUTIME_ID) {
		*ns = proc_cputime(l->l_proc);
		return id == 0 || id == l->l_proc->p_pid ? 0 : ESRCH;
	}
	if (clock - id != CLOCK_THREAD_CPUTIME_ID)
		return EINVAL;
	if (id != 0 && id != l->l_lid)
		l = lid_find(l->l_proc, id);
	if (l == NULL)
		return ESRCH;
	lwp_lock(l);
	*ns = lwp_rtime(l, md_monotonic_ns());
	lwp_unlock(l);
	return 0;
}

/* What a clock shows. */
static int
read_clock(struct lwp *l, clockid_t clock, struct timespec *ts)
{
	int error = clock_now(clock, ts);
	uint64_t ns;

	if (error == 0)
		return 0;
	mutex_enter(&l->l_proc->p_lock);
	error = cputime(l, clock, &ns);
	proc_unlock(l->l_proc);
	if (error == 0)
		ns_to_timespec(ns, ts);
	return error;
}

int
sys_clock_gettime(struct lwp *l, const struct sys_clock_gettime_args *uap, register_t *retval)
{
	struct timespec ts;
	int error = read_clock(l, uap->clock_id, &ts);

	(void)retval;
	return error != 0 ? error : copyout(&ts, uap->ts, sizeof(ts));
}

int
sys_clock_getres(struct lwp *l, const struct sys_clock_getres_args *uap, register_t *retval)
{
	struct timespec ts;
	int error = read_clock(l, uap->clock_id, &ts);

	(void)retval;
	if (error != 0 || uap->ts == NULL)
		return error;
	ts.tv_sec = 0;
	ts.tv_nsec = 1;
	return copyout(&ts, uap->ts, sizeof(ts));
}

/* Sleep until a program's time.  rmt (user, may be NULL) gets what is left of a relative one. */
static int
time_sleep(clockid_t clock, int flags, const struct timespec *urqt, struct timespec *urmt)
{
	struct timespec ts;
	uint64_t deadline, now;
	int error;

	error = copyin(urqt, &ts, sizeof(ts));
	if (error == 0)
		error = clock_deadline(clock, flags, &ts, &deadline);
	if (error == 0 && ts.tv_sec < 0 && (flags & TIMER_ABSTIME) == 0)
		error = EINVAL;
	if (error != 0)
		return error;
	if (deadline > md_monotonic_ns())
		error = sig_sleep(deadline, "nanoslp");
	if (error == ETIMEDOUT)
		error = 0;
	if (urmt != NULL && (flags & TIMER_ABSTIME) == 0) {
		now = md_monotonic_ns();
		ns_to_timespec(error != 0 && deadline > now ? deadline - now : 0, &ts);
		if (copyout(&ts, urmt, sizeof(ts)) != 0)
			error = EFAULT;
	}
	return error;
}

int
sys_nanosleep(struct lwp *l, const struct sys_nanosleep_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	return time_sleep(CLOCK_MONOTONIC, 0, uap->rqtp, uap->rmtp);
}

int
sys_clock_nanosleep(struct lwp *l, const struct sys_clock_nanosleep_args *uap, register_t *retval)
{
	(void)l;
	(void)retval;
	if ((uap->flags & ~TIMER_ABSTIME) != 0)
		return EINVAL;
	return time_sleep(uap->clock_id, uap->flags, uap->rqtp, uap->rmtp);
}

static void
ns_to_timeval(uint64_t ns, struct timeval *tv)
{
	struct timespec ts;

	ns_to_timespec(ns, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = (suseconds_t)(ts.tv_nsec / 1000);
}

/* EINVAL: not a time.  One of more than 100 years is cut. */
static int
timeval_to_ns(const struct timeval *tv, uint64_t *ns)
{
	const time_t most = 100L * 366 * 86400;

	if (tv->tv_sec < 0 || tv->tv_usec < 0 || tv->tv_usec >= 1000000)
		return EINVAL;
	*ns = umin((uint64_t)tv->tv_sec, (uint64_t)most) * 1000000000UL + (uint64_t)tv->tv_usec * 1000;
	return 0;
}

/* p_lock held. */
static int
itimer_copyout(struct proc *p, int which, struct itimerval *value)
{
	struct itimerval it;
	uint64_t left, interval;

	itimer_get(p, which, &left, &interval);
	ns_to_timeval(left, &it.it_value);
	ns_to_timeval(interval, &it.it_interval);
	return copyout(&it, value, sizeof(it));
}

int
sys_getitimer(struct lwp *l, const struct sys_getitimer_args *uap, register_t *retval)
{
	struct proc *p = l->l_proc;
	int error;

	(void)retval;
	if (uap->which < 0 || uap->which >= NITIMERS)
		return EINVAL;
	mutex_enter(&p->p_lock);
	error = itimer_copyout(p, uap->which, uap->value);
	proc_unlock(p);
	return error;
}

int
sys_setitimer(struct lwp *l, const struct sys_setitimer_args *uap, register_t *retval)
{
	struct proc *p = l->l_proc;
	struct itimerval it;
	uint64_t value, interval;
	int error;

	(void)retval;
	if (uap->which < 0 || uap->which >= NITIMERS)
		return EINVAL;
	error = copyin(uap->value, &it, sizeof(it));
	if (error == 0)
		error = timeval_to_ns(&it.it_value, &value);
	if (error == 0)
		error = timeval_to_ns(&it.it_interval, &interval);
	if (error != 0)
		return error;
	/* One step: of two that set it at once, one is told what the other has set. */
	mutex_enter(&p->p_lock);
	if (uap->ovalue != NULL)
		error = itimer_copyout(p, uap->which, uap->ovalue);
	if (error == 0)
		itimer_set(p, uap->which, value, interval);
	proc_unlock(p);
	return error;
}
