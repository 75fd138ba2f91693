/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clock and sleep system calls.
 */
#include <kern/clock.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/signal.h>
#include <kern/syscallargs.h>
#include <sys/errno.h>

int
sys_clock_gettime(struct lwp *l, const struct sys_clock_gettime_args *uap, register_t *retval)
{
	struct timespec ts;
	int error = clock_now(uap->clock_id, &ts);

	(void)l;
	(void)retval;
	return error != 0 ? error : copyout(&ts, uap->ts, sizeof(ts));
}

int
sys_clock_getres(struct lwp *l, const struct sys_clock_getres_args *uap, register_t *retval)
{
	struct timespec ts;
	int error = clock_now(uap->clock_id, &ts);

	(void)l;
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
