/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests need to know about LWPs and the kernel.
 */
#include <errno.h>
#include <heddle/testlib.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS		1000000000L
#define FIRST_ROOM	60		/* LWPs to ask for at first */

int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS + ts.tv_nsec;
}

struct timespec
clock_in(clockid_t id, int64_t ns)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	ns += ts.tv_nsec;
	ts.tv_sec += ns / NS;
	ts.tv_nsec = ns % NS;
	if (ts.tv_nsec < 0) {
		ts.tv_nsec += NS;
		ts.tv_sec--;
	}
	return ts;
}

/*
 * Asked for with more and more room, until there is some left: then nothing
 * was cut off.
 */
struct kinfo_lwp *
lwp_list(pid_t pid, size_t *n)
{
	const size_t elem = sizeof(struct kinfo_lwp);
	int name[] = { CTL_KERN, KERN_LWP, pid, (int)elem, 0 };
	struct kinfo_lwp *list;
	size_t room, len;
	int r;

	for (room = FIRST_ROOM; ; room *= 2) {
		list = reallocarray(NULL, room, elem);
		if (list == NULL)
			return NULL;
		name[4] = (int)room;
		len = room * elem;
		r = sysctl(name, 5, list, &len, NULL, 0);
		if (r == 0 && len < room * elem)
			break;
		free(list);
		if (r == -1 && errno != ENOMEM)
			return NULL;
	}
	*n = len / elem;
	return list;
}

int
lwp_info(lwpid_t lid, struct kinfo_lwp *info)
{
	struct kinfo_lwp *list;
	size_t n, i;

	list = lwp_list(getpid(), &n);
	if (list == NULL)
		return errno;
	for (i = 0; i < n && list[i].l_lid != lid; i++)
		continue;
	if (i < n)
		*info = list[i];
	free(list);
	return i < n ? 0 : ESRCH;
}

static int
in_state(lwpid_t lid, int stat, const char *wmesg, int *done)
{
	struct kinfo_lwp info;
	int error;

	error = lwp_info(lid, &info);
	*done = error == 0 && info.l_stat == stat && (wmesg == NULL ||
	    strncmp(info.l_wmesg, wmesg, KI_WMESGLEN) == 0);
	if (error == 0 && !*done && info.l_stat == LSZOMB)
		error = ESRCH; /* it has been there, or never will be */
	return error;
}

int
lwp_await(lwpid_t lid, int stat, const char *wmesg)
{
	int error, done;

	for (;;) {
		error = in_state(lid, stat, wmesg, &done);
		if (error != 0 || done)
			return error;
		(void)sched_yield();
	}
}

int
lwp_await_asleep(lwpid_t lid, const char *wmesg)
{
	return lwp_await(lid, LSSLEEP, wmesg);
}

int
lwp_await_parked(lwpid_t lid)
{
	return lwp_await(lid, LSSLEEP, "parked");
}

int
lwp_await_zombie(lwpid_t lid)
{
	return lwp_await(lid, LSZOMB, NULL);
}

int
lwp_await_gone(lwpid_t lid)
{
	struct kinfo_lwp info;
	int error;

	for (;;) {
		error = lwp_info(lid, &info);
		if (error != 0)
			return error == ESRCH ? 0 : error;
		(void)sched_yield();
	}
}

/* A structure of the kernel's, whole. */
static int
get(int what, void *buf, size_t size)
{
	const int name[] = { CTL_VENDOR, what };
	size_t len = size;

	if (sysctl(name, 2, buf, &len, NULL, 0) == -1)
		return errno;
	return len == size ? 0 : EINVAL;
}

int
heddle_evcnt(struct heddle_evcnt *counters)
{
	return get(HEDDLE_EVCNT, counters, sizeof(*counters));
}

int
heddle_mem(struct heddle_mem *mem)
{
	return get(HEDDLE_MEM, mem, sizeof(*mem));
}

int
heddle_failalloc(int n)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_FAILALLOC };

	if (sysctl(name, 2, NULL, NULL, &n, sizeof(n)) == -1)
		return errno;
	return 0;
}

int
heddle_block(int us)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_BLOCK };

	if (sysctl(name, 2, NULL, NULL, &us, sizeof(us)) == -1)
		return errno;
	return 0;
}

int
heddle_failrandom(uint32_t onein, uint32_t seed)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_FAILALLOC };
	struct heddle_failrandom hf = { onein, seed };

	if (sysctl(name, 2, NULL, NULL, &hf, sizeof(hf)) == -1)
		return errno;
	return 0;
}

int
heddle_lwpop(pid_t pid, lwpid_t lid, int op, int signo)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_LWPOP };
	const struct heddle_lwpop ho = { .ho_pid = pid, .ho_lid = lid, .ho_op = op, .ho_signo = signo };

	return sysctl(name, 2, NULL, NULL, &ho, sizeof(ho)) == -1 ? errno : 0;
}

int
heddle_ncpu(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}
