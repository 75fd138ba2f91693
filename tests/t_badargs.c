/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls with arguments that make no sense: wild pointers, lengths,
 * ids, numbers.  First some by hand with the error that each must give, then
 * many at random, where it is enough that the machine survives.
 */
#include <fcntl.h>
#include <sys/heddle.h>
#include <sys/syscall.h>

#include "test.h"

#define KERNEL_ADDRESS	0xffffffff80000000UL
#define CHILDREN	30
#define CALLS		150

static struct timespec	negative = { -1, 0 }, too_many = { 0, NSEC }, short_time = { 0, 1000 };
static char		buffer[256];

static const struct {
	int		nr;
	unsigned long	a[4];
	int		error;
	const char	*text;
} table[] = {
	{ SYS_read, { -1UL, (unsigned long)buffer, 1, 0 }, EBADF, "read from descriptor -1" },
	{ SYS_read, { 99, (unsigned long)buffer, 1, 0 }, EBADF, "read from a descriptor that is not open" },
	{ SYS_read, { 0x7fffffff, (unsigned long)buffer, 1, 0 }, EBADF, "read from the highest descriptor" },
	{ SYS_write, { -1UL, (unsigned long)buffer, 1, 0 }, EBADF, "write to descriptor -1" },
	{ SYS_write, { 1, KERNEL_ADDRESS, 10, 0 }, EFAULT, "write from the kernel" },
	{ SYS_writev, { 1, KERNEL_ADDRESS, 1, 0 }, EFAULT, "writev with a wild vector" },
	{ SYS_writev, { 1, (unsigned long)buffer, -1UL, 0 }, EINVAL, "writev of -1 pieces" },
	{ SYS_writev, { 1, (unsigned long)buffer, 1 << 20, 0 }, EINVAL, "writev of a million pieces" },
	{ SYS_open, { KERNEL_ADDRESS, 0, 0, 0 }, EFAULT, "open with a wild path" },
	{ SYS_close, { -1UL, 0, 0, 0 }, EBADF, "close of -1" },
	{ SYS_close, { 0x7fffffff, 0, 0, 0 }, EBADF, "close of the highest descriptor" },
	{ SYS_dup2, { 1, -1UL, 0, 0 }, EBADF, "dup2 to -1" },
	{ SYS_dup2, { 1, 0x7fffffff, 0, 0 }, EBADF, "dup2 to the highest descriptor" },
	{ SYS_dup2, { 98, 5, 0, 0 }, EBADF, "dup2 of one that is not open" },
	{ SYS_fcntl, { 1, 9999, 0, 0 }, EINVAL, "fcntl with an unknown command" },
	{ SYS_fcntl, { 99, F_GETFD, 0, 0 }, EBADF, "fcntl of one that is not open" },
	{ SYS_ioctl, { 99, 0, 0, 0 }, EBADF, "ioctl of one that is not open" },
	{ SYS_ioctl, { 1, 0xdeadbeef, 0, 0 }, ENOTTY, "ioctl with an unknown command" },
	{ SYS_fstat, { 99, (unsigned long)buffer, 0, 0 }, EBADF, "fstat of one that is not open" },
	{ SYS_fstat, { 1, KERNEL_ADDRESS, 0, 0 }, EFAULT, "fstat to a wild address" },
	{ SYS_lseek, { 99, 0, 0, 0 }, EBADF, "lseek of one that is not open" },
	{ SYS_pipe, { 0, 0, 0, 0 }, 0, "pipe without arguments" },
	{ SYS_munmap, { 1, 4096, 0, 0 }, EINVAL, "munmap of an odd address" },
	{ SYS_munmap, { 4096, -1UL, 0, 0 }, EINVAL, "munmap of everything" },
	{ SYS_mprotect, { 4096, 4096, 0x80, 0 }, EINVAL, "mprotect with unknown rights" },
	{ SYS_wait4, { -1UL, KERNEL_ADDRESS, 0, 0 }, ECHILD, "wait4 without children" },
	{ SYS_wait4, { 1, 0, 0x8000, 0 }, EINVAL, "wait4 with unknown options" },
	{ SYS_getrlimit, { 100, (unsigned long)buffer, 0, 0 }, EINVAL, "getrlimit of an unknown limit" },
	{ SYS_setrlimit, { 3, KERNEL_ADDRESS, 0, 0 }, EFAULT, "setrlimit from a wild address" },
	{ SYS_clock_gettime, { 99, (unsigned long)buffer, 0, 0 }, EINVAL, "clock_gettime of an unknown clock" },
	{ SYS_clock_gettime, { 0, KERNEL_ADDRESS, 0, 0 }, EFAULT, "clock_gettime to a wild address" },
	{ SYS_clock_getres, { 99, (unsigned long)buffer, 0, 0 }, EINVAL, "clock_getres of an unknown clock" },
	{ SYS_clock_getres, { 0, KERNEL_ADDRESS, 0, 0 }, EFAULT, "clock_getres to a wild address" },
	{ SYS_nanosleep, { KERNEL_ADDRESS, 0, 0, 0 }, EFAULT, "nanosleep of a wild time" },
	{ SYS_nanosleep, { (unsigned long)&negative, 0, 0, 0 }, EINVAL, "nanosleep of a negative time" },
	{ SYS_nanosleep, { (unsigned long)&too_many, 0, 0, 0 }, EINVAL, "nanosleep of 10^9 ns" },
	{ SYS_sigprocmask, { 99, (unsigned long)buffer, 0, 0 }, EINVAL, "sigprocmask in an unknown way" },
	{ SYS_sigprocmask, { 1, KERNEL_ADDRESS, 0, 0 }, EFAULT, "sigprocmask with a wild set" },
	{ SYS___sysctl, { (unsigned long)buffer, 0, 0, 0 }, EINVAL, "sysctl with an empty name" },
	{ SYS___sysctl, { KERNEL_ADDRESS, 2, 0, 0 }, EFAULT, "sysctl with a wild name" },
	{ SYS___sysctl, { (unsigned long)buffer, 1000, 0, 0 }, EINVAL, "sysctl with a long name" },
	{ SYS_execve, { KERNEL_ADDRESS, 0, 0, 0 }, EFAULT, "execve of a wild path" },
	{ SYS_getcontext, { KERNEL_ADDRESS, 0, 0, 0 }, EFAULT, "getcontext to a wild address" },
	{ SYS_setcontext, { KERNEL_ADDRESS, 0, 0, 0 }, EFAULT, "setcontext from a wild address" },
	{ SYS__lwp_create, { KERNEL_ADDRESS, 0, 0, 0 }, EFAULT, "_lwp_create from a wild context" },
	{ SYS__lwp_create, { KERNEL_ADDRESS, -1UL, 0, 0 }, EINVAL, "_lwp_create with all flags" },
	{ SYS__lwp_wait, { -1UL, 0, 0, 0 }, ESRCH, "_lwp_wait for -1" },
	{ SYS__lwp_wait, { 1UL << 40 | 1, 0, 0, 0 }, EDEADLK, "_lwp_wait: an id is 32 bits wide" },
	{ SYS__lwp_detach, { 1UL << 31, 0, 0, 0 }, ESRCH, "_lwp_detach of a negative id" },
	{ SYS__lwp_unpark, { -1UL, 0, 0, 0 }, ESRCH, "_lwp_unpark of -1" },
	{ SYS__lwp_unpark_all, { KERNEL_ADDRESS, 3, 0, 0 }, EFAULT, "_lwp_unpark_all from a wild array" },
	{ SYS__lwp_unpark_all, { (unsigned long)buffer, -1UL, 0, 0 }, EINVAL, "_lwp_unpark_all of too many" },
	{ SYS__lwp_setname, { 0, KERNEL_ADDRESS, 0, 0 }, EFAULT, "_lwp_setname to a wild name" },
	{ SYS__lwp_getname, { 0, KERNEL_ADDRESS, 16, 0 }, EFAULT, "_lwp_getname to a wild address" },
	{ SYS__lwp_getname, { 12345, (unsigned long)buffer, 16, 0 }, ESRCH, "_lwp_getname of an unknown LWP" },
	{ SYS__lwp_setprivate, { KERNEL_ADDRESS, 0, 0, 0 }, EINVAL, "_lwp_setprivate to the kernel" },
	{ SYS__lwp_park, { KERNEL_ADDRESS, 0, 0, 0 }, EFAULT, "_lwp_park until a wild time" },
	{ SYS__lwp_park, { (unsigned long)&too_many, 0, 0, 0 }, EINVAL, "_lwp_park until 10^9 ns" },
	{ SYS____lwp_park60, { 99, 0, 0, 0 }, EINVAL, "___lwp_park60 by an unknown clock" },
	{ SYS____lwp_park60, { 0, 0, KERNEL_ADDRESS, 0 }, EFAULT, "___lwp_park60 for a wild time" },
	{ SYS____lwp_park60, { 0, 0, (unsigned long)&short_time, 0 }, ETIMEDOUT, "___lwp_park60 for a short time" },
	{ SYS__sched_setparam, { 0, 1, 99, (unsigned long)buffer }, EINVAL, "_sched_setparam to an unknown class" },
	{ SYS__sched_setparam, { 0, 1, 1, KERNEL_ADDRESS }, EFAULT, "_sched_setparam from a wild address" },
	{ SYS__sched_getparam, { 0, 12345, 0, (unsigned long)buffer }, ESRCH, "_sched_getparam of an unknown LWP" },
	{ SYS__sched_setaffinity, { 0, 1, 32, KERNEL_ADDRESS }, EFAULT, "_sched_setaffinity to a wild set" },
	{ SYS__sched_getaffinity, { 0, 1, 32, KERNEL_ADDRESS }, EFAULT, "_sched_getaffinity to a wild address" },
};

static void
test_table(void)
{
	for (size_t i = 0; i < __arraycount(table); i++) {
		struct raw r = raw_syscall(table[i].nr, table[i].a[0], table[i].a[1], table[i].a[2], table[i].a[3], 0,
		    0);
		int error = r.carry ? (int)r.rax : 0;

		tap_ok(error == table[i].error, "abi.6 %s: error %d", table[i].text, table[i].error);
		if (error != table[i].error)
			tap_diag("but it is %d", error);
	}
}

/* --- At random. --- */

/* Calls that end the caller as they should, or wait for what a test cannot give. */
static const int	never[] = { SYS_exit, SYS_fork, SYS__lwp_exit, SYS_execve };

static unsigned		seed;
static atomic_int	calls_made;
static char		*page;

static unsigned long
wild(void)
{
	const unsigned long values[] = { 0, 1, 2, 3, 8, 63, 64, 4096, -1UL, 1UL << 31, 1UL << 32, 1UL << 63, INT32_MAX,
	    KERNEL_ADDRESS, 0xffff800000000000UL, 0x0000800000000000UL, VM_MAXUSER_ADDRESS, VM_MAXUSER_ADDRESS - 8,
	    (unsigned long)page, (unsigned long)page + PAGE_SIZE - 4, (unsigned long)page + 1, (unsigned long)buffer,
	    (unsigned long)&short_time, (unsigned long)&too_many, (unsigned long)wild };
	unsigned r = (unsigned)rand_r(&seed);

	if (r % 8 == 0)
		return (unsigned long)rand_r(&seed) << (rand_r(&seed) % 40);
	return values[r / 8 % __arraycount(values)];
}

/* Ends the process if one call takes very long: it may wait for something. */
static void
watchdog(void *arg)
{
	int last = -1;

	(void)arg;
	while (atomic_load(&calls_made) != last) {
		last = atomic_load(&calls_made);
		park_ns(50 * MSEC);
	}
	_exit(77);
}

static bool
may_call(int nr)
{
	for (size_t i = 0; i < __arraycount(never); i++) {
		if (never[i] == nr)
			return false;
	}
	return true;
}

static void
fuzz(void *arg)
{
	int null = open("/dev/null", O_RDWR);

	seed = *(unsigned *)arg;
	page = map_edge(1, PROT_READ | PROT_WRITE);
	/* What it writes or reads by chance is not the console. */
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	spawn(watchdog, NULL);
	for (int i = 0; i < CALLS; i++) {
		int nr;

		/* Mostly numbers that exist; they are few among 512. */
		do {
			nr = rand_r(&seed) % 4 != 0 ? table[(unsigned)rand_r(&seed) % __arraycount(table)].nr :
			    rand_r(&seed) % 513;
		} while (!may_call(nr));
		(void)raw_syscall(nr, wild(), wild(), wild(), wild(), wild(), wild());
		atomic_fetch_add(&calls_made, 1);
	}
	_exit(0);
}

static void
test_random(void)
{
	struct heddle_mem before, after;
	int ended = 0, killed = 0, stuck = 0;
	bool same = false;

	for (unsigned i = 1; i <= CHILDREN; i++) {
		int status = in_child(fuzz, &i);

		ended += status == 0;
		stuck += status == W_EXITCODE(77, 0);
		killed += WIFSIGNALED(status);
	}
	tap_ok(ended + killed + stuck > 0,
	    "abi.6 %d programs of %d calls at random: %d ended, %d died of it, %d waited",
	    CHILDREN, CALLS, ended, killed, stuck);
	for (int tries = 0; tries < 10 && !same; tries++) {
		heddle_mem(&before);
		for (unsigned i = 1; i <= 5; i++)
			in_child(fuzz, &i);
		heddle_mem(&after);
		same = before.hm_user == after.hm_user && before.hm_objects == after.hm_objects &&
		    before.hm_nprocs == after.hm_nprocs && before.hm_nlwps == after.hm_nlwps;
	}
	tap_ok(same, "exit.3 and none of them leaves anything behind");
}

int
main(void)
{
	test_table();
	test_random();
	return tap_done();
}
