/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same operations on Linux: process 1 of an initramfs, in the same QEMU.
 *
 * Park and unpark are futex calls on a word; creation is clone(2) with the flags
 * of a thread library, waiting for the end a futex call on the word that the
 * kernel clears.  Threads are made without the C library's knowledge, so what
 * they run must not use it.  Only the rows of POSIX threads (rows_pthread.c), which come last, use the library's.
 *
 * Everything is SCHED_FIFO of one priority but for the sleepers of the crowds,
 * which are SCHED_BATCH: no wake-up of them preempts the waker, so that the call
 * is timed alone.
 *
 * The environment says what to do: BENCH=2 measures what takes two CPUs, the
 * second of which is brought up here, as Linux's boot cannot do it under icount:
 * it waits without PAUSE, and QEMU's round robin never gives the other CPU a turn.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../samples.h"
#include "rows.h"

#define FUTEX_WAIT		0	/* shared: what the kernel wakes at exit */
#define FUTEX_WAIT_PRIVATE	128
#define FUTEX_WAKE_PRIVATE	129

#define PRIORITY	10
#define STACK		4096
#define CROWD_MAX	4096
#define PAGE		4096
#define NS		1000000000L
#define THREAD_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

extern uint64_t boot_tsc;
extern long clone_call(unsigned long, void *, int *, int *, void *, void (*)(void *), void *);

struct thread {
	volatile int	ctid;		/* cleared at exit */
	int		tid;
	volatile int	go __attribute__((__aligned__(64)));
};

static struct thread	*threads;
static char		*stacks;

/* System calls. */

static inline long
call(long n, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
	return r;
}

static inline long
futex_wait(volatile int *word, int value)
{
	return call(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, value, 0);
}

static inline long
futex_wake(volatile int *word, int n)
{
	return call(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, n, 0);
}

static void
die(const char *doing)
{
	printf("# linux: %s failed\n", doing);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void
msleep(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	(void)call(SYS_nanosleep, (long)&ts, 0, 0, 0);
}

static void
bind_to(int tid, int cpu)
{
	unsigned long mask = 1ul << cpu;

	if (call(SYS_sched_setaffinity, tid, sizeof(mask), (long)&mask, 0) < 0)
		die("sched_setaffinity");
}

static void
policy(int tid, int class, int priority)
{
	struct sched_param sp = { .sched_priority = priority };

	if (call(SYS_sched_setscheduler, tid, class, (long)&sp, 0) < 0)
		die("sched_setscheduler");
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void *
map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* Threads. */

/* Inherits class, priority and CPU. */
static inline void
thread_start(int i, void (*fn)(void *), void *arg)
{
	struct thread *t = &threads[i];
	char *stack = stacks + (size_t)i * STACK;

	t->ctid = -1;
	if (clone_call(THREAD_FLAGS, stack + STACK, &t->tid, (int *)&t->ctid, stack, fn, arg) < 0)
		die("clone");
}

static inline void
thread_join(struct thread *t)
{
	int v;

	while ((v = t->ctid) != 0)
		(void)call(SYS_futex, (long)&t->ctid, FUTEX_WAIT, v, 0);
}

/* The kernel frees what threads leave behind some time later. */
static void
settle(void)
{
	msleep(500);
}

/* null */

#define NULL_BATCH	100

static void
row_null(void)
{
	for (int i = 0; i < 300; i++) {
		uint64_t t = window_begin();

		for (int j = 0; j < NULL_BATCH; j++)
			(void)call(SYS_gettid, 0, 0, 0, 0);
		samples[i] = window_end() - t;
	}
	report("null", 300, NULL_BATCH);
}

/* pingpong */

static volatile int	balls[2][16] __attribute__((__aligned__(64)));	/* a cache line each */
static volatile bool	game_over;

static inline void
throw_and_catch(int me)
{
	balls[!me][0] = 1;
	(void)futex_wake(&balls[!me][0], 1);
	while (!balls[me][0])
		(void)futex_wait(&balls[me][0], 0);
	balls[me][0] = 0;
}

static void
second_player(void *arg)
{
	(void)arg;
	while (!balls[1][0])
		(void)futex_wait(&balls[1][0], 0);
	balls[1][0] = 0;
	while (!game_over)
		throw_and_catch(1);
}

static void
row_pingpong(const char *name, int cpu)
{
	game_over = false;
	balls[0][0] = balls[1][0] = 0;
	thread_start(0, second_player, NULL);
	bind_to(threads[0].tid, cpu);
	msleep(2);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < (round == 0 ? 500 : 2000); i++) {
			uint64_t t = window_begin();

			throw_and_catch(0);
			samples[i] = window_end() - t;
		}
	}
	report(name, 2000, 1);
	game_over = true;
	balls[1][0] = 1;
	futex_wake(&balls[1][0], 1);
	thread_join(&threads[0]);
}

/* yield */

static void
yielder(void *arg)
{
	(void)arg;
	while (!game_over)
		(void)call(SYS_sched_yield, 0, 0, 0, 0);
}

static void
row_yield(void)
{
	game_over = false;
	thread_start(0, yielder, NULL);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < (round == 0 ? 500 : 2000); i++) {
			uint64_t t = window_begin();

			(void)call(SYS_sched_yield, 0, 0, 0, 0);
			samples[i] = window_end() - t;
		}
	}
	report("yield", 2000, 2);
	game_over = true;
	thread_join(&threads[0]);
}

/* create */

static void
nothing(void *arg)
{
	(void)arg;
}

/* Thread number i is created, exits and is waited for. */
static void
row_create(const char *name, int thread)
{
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < (round == 0 ? 500 : 2000); i++) {
			uint64_t t = window_begin();

			thread_start(thread, nothing, NULL);
			thread_join(&threads[thread]);
			samples[i] = window_end() - t;
		}
	}
	report(name, 2000, 1);
}

/* Crowds. */

static struct {
	volatile int	gen __attribute__((__aligned__(64)));	/* all wait for its change */
	atomic_int	left __attribute__((__aligned__(64)));
	volatile int	done __attribute__((__aligned__(64)));
	volatile bool	stop;
	int		n;
	uint64_t	last;
} crowd;

static void
back(void)
{
	if (atomic_fetch_sub(&crowd.left, 1) == 1) {
		crowd.last = window_end();
		crowd.done = 1;
		(void)futex_wake(&crowd.done, 1);
	}
}

/* Waits on the word that all wait on. */
static void
sleeper_together(void *arg)
{
	int gen = 0;

	(void)arg;
	while (!crowd.stop) {
		while (crowd.gen == gen)
			(void)futex_wait(&crowd.gen, gen);
		gen = crowd.gen;
		back();
	}
}

/* Waits on a word of its own. */
static void
sleeper_alone(void *arg)
{
	struct thread *t = arg;

	while (!crowd.stop) {
		while (!t->go)
			(void)futex_wait(&t->go, 0);
		t->go = 0;
		back();
	}
}

static void
crowd_grow(int n, void (*fn)(void *))
{
	for (; crowd.n < n; crowd.n++) {
		struct thread *t = &threads[crowd.n];

		t->go = 0;
		thread_start(crowd.n, fn, t);
		policy(t->tid, SCHED_BATCH, 0);
	}
	msleep(100);
}

static void
crowd_gather(int n, void (*fn)(void *))
{
	memset(&crowd, 0, sizeof(crowd));
	crowd_grow(n, fn);
}

static void
crowd_await(void)
{
	while (!crowd.done)
		(void)futex_wait(&crowd.done, 0);
}

static void
crowd_dismiss(void)
{
	crowd.stop = true;
	atomic_store(&crowd.left, INT_MAX);
	crowd.gen++;
	(void)futex_wake(&crowd.gen, INT_MAX);
	for (int i = 0; i < crowd.n; i++) {
		threads[i].go = 1;
		(void)futex_wake(&threads[i].go, 1);
	}
	for (int i = 0; i < crowd.n; i++)
		thread_join(&threads[i]);
	settle();
}

/* unparkall.N, or if the whole is asked for ran.N */
static void
row_unparkall(const char *name, int n, bool whole)
{
	int reps = n > 128 ? 12 : 40;

	crowd_gather(n, sleeper_together);
	for (int i = -2; i < reps; i++) {
		uint64_t t, end;

		crowd.done = 0;
		atomic_store(&crowd.left, n);
		t = window_begin();
		crowd.gen++;
		(void)futex_wake(&crowd.gen, INT_MAX);
		end = whole ? 0 : window_end();
		crowd_await();
		if (i >= 0)
			samples[i] = (whole ? crowd.last : end) - t;
		msleep(20);
	}
	report(name, reps, n);
	crowd_dismiss();
}

static void
unpark_one(int i, uint32_t seed)
{
	struct thread *t = &threads[(seed >> 8) % (uint32_t)crowd.n];
	uint64_t begin;

	crowd.done = 0;
	atomic_store(&crowd.left, 1);
	begin = window_begin();
	t->go = 1;
	(void)futex_wake(&t->go, 1);
	samples[i] = window_end() - begin;
	crowd_await();
}

/* unpark.N and create.N */
static void
rows_among(int n)
{
	uint32_t seed = 12345;
	char name[32];

	crowd_gather(n, sleeper_alone);
	for (int i = 0; i < 1000; i++) {
		seed = seed * 1103515245u + 12345u;
		unpark_one(i, seed);
		msleep(1);	/* it has woken us before it waits again */
	}
	(void)snprintf(name, sizeof(name), "unpark.%d", n);
	report(name, 1000, 1);
	(void)snprintf(name, sizeof(name), "create.%d", n);
	row_create(name, CROWD_MAX);
	crowd_dismiss();
}

/* timer: see Heddle's */

struct both {
	double	ns, tsc;
};

static struct both
both_now(void)
{
	uint64_t t = stamp();
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct both){ (double)ts.tv_sec * NS + (double)ts.tv_nsec, ((double)t + (double)stamp()) / 2 };
}

static void
row_timer(void)
{
	(void)prctl(PR_SET_TIMERSLACK, 1);
	for (int i = -50; i < 200; i++) {
		struct both a = both_now(), b;
		double deadline = a.ns + 1000000;
		struct timespec ts = { (long)(deadline / NS), (int64_t)deadline % NS };
		uint64_t t;

		(void)call(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)&ts, 0);
		t = stamp();
		b = both_now();
		if (i >= 0)
			samples[i] = (uint64_t)((double)t - a.tsc -
			    (deadline - a.ns) * (b.tsc - a.tsc) / (b.ns - a.ns));
	}
	report("timer", 200, 1);
}

/* signal */

static void
on_signal(int signo)
{
	(void)signo;
}

static void
row_signal(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	long pid = getpid();

	if (sigaction(SIGUSR1, &sa, NULL) != 0)
		die("sigaction");
	for (int i = -250; i < 1000; i++) {
		uint64_t t = window_begin();

		(void)call(SYS_tgkill, pid, pid, SIGUSR1, 0);
		t = window_end() - t;
		if (i >= 0)
			samples[i] = t;
	}
	report("signal", 1000, 1);
}

/* fault */

static void
row_fault(void)
{
	char *p = map(512 * PAGE);

	(void)madvise(p, 512 * PAGE, MADV_NOHUGEPAGE);
	for (int i = 0; i < 512; i++) {
		uint64_t t = window_begin();

		((volatile char *)p)[i * PAGE] = 1;
		samples[i] = window_end() - t;
	}
	(void)munmap(p, 512 * PAGE);
	report("fault", 512, 1);
}

/* memory */

static uint64_t
bytes_free(void)
{
	static char text[8192];
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	const char *field;

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	field = strstr(text, "MemFree:");
	if (field == NULL)
		die("/proc/meminfo");
	return strtoull(field + strlen("MemFree:"), NULL, 10) * 1024;
}

static void
row_memory(void)
{
	uint64_t before;
	char name[32];

	crowd_gather(64, sleeper_together);
	crowd_dismiss();
	memset(&crowd, 0, sizeof(crowd));
	before = bytes_free();
	for (int n = 256; n <= CROWD_MAX; n *= 4) {
		crowd_grow(n, sleeper_together);
		settle();
		samples[0] = before - bytes_free();
		(void)snprintf(name, sizeof(name), "memory.%d", n);
		report(name, 1, n);
	}
	crowd_dismiss();
}

static void
prepare(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)mkdir("/proc", 0755);
	(void)mkdir("/sys", 0755);
	(void)mount("proc", "/proc", "proc", 0, NULL);
	(void)mount("sysfs", "/sys", "sysfs", 0, NULL);
	write_file("/proc/sys/kernel/pid_max", "400000");
	write_file("/proc/sys/kernel/threads-max", "400000");
	write_file("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	threads = map(sizeof(*threads) * (CROWD_MAX + 1));
	stacks = map((size_t)STACK * (CROWD_MAX + 1));
	memset(threads, 0, sizeof(*threads) * (CROWD_MAX + 1));
	memset(stacks, 0, (size_t)STACK * (CROWD_MAX + 1));
	samples_prepare();
	/* Linux chooses its clocks a second or so after boot. */
	msleep(3000);
	bind_to(0, 0);
	policy(0, SCHED_FIFO, PRIORITY);
}

static void
one_cpu(void)
{
	static const int crowds[] = { 1, 32, 128, 1024 }, among[] = { 1, 16, 256, 4096 };
	char name[32];

	row_memory();
	row_null();
	row_pingpong("pingpong", 0);
	row_yield();
	row_create("create", CROWD_MAX);
	for (int i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "unparkall.%d", crowds[i]);
		row_unparkall(name, crowds[i], false);
		(void)snprintf(name, sizeof(name), "ran.%d", crowds[i]);
		row_unparkall(name, crowds[i], true);
	}
	for (int i = 0; i < 4; i++)
		rows_among(among[i]);
	row_timer();
	row_signal();
	row_fault();
	row_mutex();
	row_cond();
}

int
main(void)
{
	uint64_t boot = boot_tsc;
	const char *which = getenv("BENCH");

	prepare();
	printf("\n# bench: begin\nname\tn\tmin\tmedian\tmean\tp95\tmax\n");
	samples[0] = boot;
	report("boot_tsc", 1, 1);
	if (which != NULL && strcmp(which, "2") == 0) {
		write_file("/sys/devices/system/cpu/cpu1/online", "1");
		row_pingpong("pingpong2cpu", 1);
	} else {
		one_cpu();
	}
	printf("# bench: end\n");
	fflush(stdout);
	(void)reboot(RB_POWER_OFF);
	return 1;
}
