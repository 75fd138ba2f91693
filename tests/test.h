/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the test programs have in common, beside <heddle/tap.h> and
 * <heddle/testlib.h>.
 *
 * Each check begins with the id of the promise that it tests, as in
 * "park.7 tv_nsec 10^9 gives EINVAL".  Waiting for something to happen is
 * waiting for a state that the kernel reports, never for time to pass.
 */
#ifndef _TEST_H_
#define _TEST_H_

#include <errno.h>
#include <heddle/tap.h>
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define NSEC		1000000000LL
#define MSEC		1000000LL
#define USEC		1000LL

/* Addresses that no program can use. */
#define BAD_NULL	((void *)0)
#define BAD_LOW		((void *)8)
#define BAD_NONCANON	((void *)0x0000800000000000UL)
#define BAD_END		((void *)VM_MAXUSER_ADDRESS)
#define BAD_KERNEL	((void *)0xffffffff80000000UL)
#define BAD_TOP		((void *)-8L)

/* An id that is never given. */
#define NO_SUCH_LWP	(LWP_LID_LIMIT - 1)

static inline lwpid_t
spawn(void (*fn)(void *), void *arg)
{
	lwpid_t id;
	int error = thread_spawn(&id, fn, arg, 0);

	if (error != 0)
		tap_bail("thread_spawn: %s", strerror(error));
	return id;
}

static inline void
join(lwpid_t id)
{
	int error = thread_join(id);

	if (error != 0)
		tap_bail("thread_join(%d): %s", id, strerror(error));
}

/* A result of -1 and errno as one number: the errno, or 0. */
static inline int
error_of(long result)
{
	return result == -1 ? errno : 0;
}

/* Park until unparked. */
static inline int
park(void)
{
	return error_of(_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, NULL, NULL));
}

/* What LWPs do in many tests. */
static inline void
do_nothing(void *arg)
{
	(void)arg;
}

static inline void
keep_parking(void *arg)
{
	(void)arg;
	for (;;)
		park();
}

/* Park for so long at most. */
static inline int
park_ns(int64_t ns)
{
	struct timespec ts = { ns / NSEC, ns % NSEC };

	return error_of(_lwp_park(CLOCK_MONOTONIC, 0, &ts, 0, NULL, NULL));
}

/*
 * Whether the calling LWP's token is full, or empty, as is expected; it is
 * empty afterwards.  Only the wrong answer takes long.  (A deadline that is
 * too near may have passed before the token is looked at.)
 */
static inline bool
token_full(void)
{
	return park_ns(10 * NSEC) == EALREADY;
}

static inline bool
token_empty(void)
{
	return park_ns(100 * USEC) == ETIMEDOUT;
}

static inline void
spin(unsigned n)
{
	while (n-- > 0)
		__builtin_ia32_pause();
}

/* Wait for another LWP's store; it may need our CPU. */
#define AWAIT(condition)			\
	do {					\
		while (!(condition))		\
			sched_yield();		\
	} while (0)

/* Wait until an LWP sleeps in _lwp_wait, for one LWP or for any. */
static inline int
await_waiting(lwpid_t id)
{
	struct kinfo_lwp kl;

	for (;;) {
		int error = lwp_info(id, &kl);

		if (error != 0)
			return error;
		if (kl.l_stat == LSSLEEP && strncmp(kl.l_wmesg, "lwp", 3) == 0)
			return 0;
		if (kl.l_stat == LSZOMB)
			return ESRCH;
		sched_yield();
	}
}

/* How many LWPs this process has, zombies included. */
static inline int
count_lwps(void)
{
	size_t n = 0;

	free(lwp_list(getpid(), &n));
	return (int)n;
}

static inline bool
is_parked(lwpid_t id)
{
	struct kinfo_lwp kl;

	return lwp_info(id, &kl) == 0 && kl.l_stat == LSSLEEP && strcmp(kl.l_wmesg, "parked") == 0;
}

/* Wait until n LWPs of this process are parked. */
static inline int
await_all_parked(int n)
{
	for (;;) {
		size_t len = 0;
		struct kinfo_lwp *list = lwp_list(getpid(), &len);
		int parked = 0;

		if (list == NULL)
			return errno;
		for (size_t i = 0; i < len; i++)
			parked += list[i].l_stat == LSSLEEP && strcmp(list[i].l_wmesg, "parked") == 0;
		free(list);
		if (parked == n)
			return 0;
		sched_yield();
	}
}

/* Run fn(arg) in a child process; the status that wait4 gives. */
static inline int
in_child(void (*fn)(void *), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0) {
		fn(arg);
		_exit(0);
	}
	if (wait4(pid, &status, 0, NULL) != pid)
		tap_bail("wait4: %s", strerror(errno));
	return status;
}

static inline void
bind_cpu(lwpid_t id, int cpu)
{
	cpuset_t set;

	memset(&set, 0, sizeof(set));
	set.bits[cpu / 32] = 1U << cpu % 32;
	if (_sched_setaffinity(0, id, sizeof(set), &set) != 0)
		tap_bail("_sched_setaffinity(%d, CPU %d): %s", id, cpu, strerror(errno));
}

static inline void
set_class(lwpid_t id, int class, int priority)
{
	struct sched_param sp = { .sched_priority = priority };

	if (_sched_setparam(0, id, class, &sp) != 0)
		tap_bail("_sched_setparam(%d, %d, %d): %s", id, class, priority, strerror(errno));
}

/* Memory for n pages with nothing mapped behind them. */
static inline char *
map_edge(size_t pages, int prot)
{
	size_t len = pages * PAGE_SIZE;
	char *p = mmap(NULL, len + PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	if (p == MAP_FAILED || munmap(p + len, PAGE_SIZE) != 0 ||
	    (prot != (PROT_READ | PROT_WRITE) && mprotect(p, len, prot) != 0))
		tap_bail("map_edge: %s", strerror(errno));
	return p;
}

/* A system call as it is: rax, rdx, and the carry flag behind it. */
struct raw {
	unsigned long	rax, rdx;
	bool		carry;
};

static inline struct raw
raw_syscall(long nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
    unsigned long e, unsigned long f)
{
	register unsigned long r10 __asm("r10") = d;
	register unsigned long r8 __asm("r8") = e;
	register unsigned long r9 __asm("r9") = f;
	struct raw r = { (unsigned long)nr, c, false };

	__asm volatile ("syscall; setc %2" : "+a" (r.rax), "+d" (r.rdx), "=qm" (r.carry), "+r" (r10),
	    "+r" (r8), "+r" (r9) : "D" (a), "S" (b) : "rcx", "r11", "memory", "cc");
	return r;
}

#endif /* !_TEST_H_ */
