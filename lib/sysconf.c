/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What there is, and how much of it.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <unistd.h>

static long
sysctl_int(int top, int second)
{
	const int name[] = { top, second };
	size_t len = sizeof(int);
	int value;

	return sysctl(name, 2, &value, &len, NULL, 0) == -1 ? -1 : value;
}

/* What does not change. */
static const struct {
	short	what;
	long	value;
} constants[] = {
	{ _SC_ARG_MAX, ARG_MAX },
	{ _SC_OPEN_MAX, OPEN_MAX },
	{ _SC_IOV_MAX, IOV_MAX },
	{ _SC_PAGESIZE, PAGE_SIZE },
	{ _SC_CLK_TCK, 100 },
	{ _SC_SCHED_RT_TS, 1 },
	{ _SC_SCHED_PRI_MIN, SCHED_PRI_MIN },
	{ _SC_SCHED_PRI_MAX, SCHED_PRI_MAX },
	{ _SC_SEM_VALUE_MAX, SEM_VALUE_MAX },
	{ _SC_THREAD_DESTRUCTOR_ITERATIONS, PTHREAD_DESTRUCTOR_ITERATIONS },
	{ _SC_THREAD_KEYS_MAX, PTHREAD_KEYS_MAX },
	{ _SC_THREAD_STACK_MIN, PTHREAD_STACK_MIN },
	{ _SC_THREAD_THREADS_MAX, -1 },		/* memory sets the limit */
	/* Options of POSIX. */
	{ _SC_BARRIERS, _POSIX_BARRIERS },
	{ _SC_CLOCK_SELECTION, _POSIX_CLOCK_SELECTION },
	{ _SC_CPUTIME, _POSIX_CPUTIME },
	{ _SC_MONOTONIC_CLOCK, _POSIX_MONOTONIC_CLOCK },
	{ _SC_READER_WRITER_LOCKS, _POSIX_READER_WRITER_LOCKS },
	{ _SC_SEMAPHORES, _POSIX_SEMAPHORES },
	{ _SC_SPIN_LOCKS, _POSIX_SPIN_LOCKS },
	{ _SC_THREAD_ATTR_STACKADDR, _POSIX_THREAD_ATTR_STACKADDR },
	{ _SC_THREAD_ATTR_STACKSIZE, _POSIX_THREAD_ATTR_STACKSIZE },
	{ _SC_THREAD_CPUTIME, _POSIX_THREAD_CPUTIME },
	{ _SC_THREAD_PRIORITY_SCHEDULING, _POSIX_THREAD_PRIORITY_SCHEDULING },
	{ _SC_THREAD_PRIO_INHERIT, _POSIX_THREAD_PRIO_INHERIT },
	{ _SC_THREAD_PRIO_PROTECT, _POSIX_THREAD_PRIO_PROTECT },
	{ _SC_THREAD_PROCESS_SHARED, _POSIX_THREAD_PROCESS_SHARED },
	{ _SC_THREAD_SAFE_FUNCTIONS, _POSIX_THREAD_SAFE_FUNCTIONS },
	{ _SC_THREADS, _POSIX_THREADS },
	{ _SC_TIMEOUTS, _POSIX_TIMEOUTS },
};

/* -1 without an error: there is no limit, or the option is not there. */
long
sysconf(int what)
{
	size_t i;

	if (what == _SC_NPROCESSORS_CONF)
		return sysctl_int(CTL_HW, HW_NCPU);
	if (what == _SC_NPROCESSORS_ONLN)
		return sysctl_int(CTL_HW, HW_NCPUONLINE);
	for (i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		if (constants[i].what == what)
			return constants[i].value;
	}
	errno = EINVAL;
	return -1;
}
