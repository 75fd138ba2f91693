/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __syscall, a call through which another is made; and the count of the calls that do not exist.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/heddle.h>
#include <sys/syscall.h>
#include <sys/sysctl.h>

#include "test.h"

static int		ends[2];
static atomic_int	handled;

static void
test_results(void)
{
	struct raw r;
	unsigned long found;
	lwpid_t self = _lwp_self();

	r = raw_syscall(SYS___syscall, SYS_getpid, 0, 99, 0, 0, 0);
	tap_ok(!r.carry && r.rax == (unsigned long)getpid() && r.rdx == 0, "abi.2 getpid through __syscall");
	r = raw_syscall(SYS___syscall, SYS__lwp_unpark_all, (unsigned long)&self, 1, 0, 0, 0);
	found = r.rdx;
	tap_ok(!r.carry && r.rax == 0 && found == 1 && token_full(), "abi.2 two results through __syscall");
	r = raw_syscall(SYS___syscall, SYS_close, 12345, 77, 0, 0, 0);
	tap_ok(r.carry && r.rax == EBADF && r.rdx == 77, "abi.2 an error through __syscall");
	tap_is_errno(__syscall(SYS_close, 12345), EBADF, "abi.2 the function of that name sets errno");
	tap_is_int(syscall(SYS_getpid), getpid(), "abi.2 as syscall does");
}

/* Arguments in registers, the sixth on the stack, and the seventh behind it. */
static void
test_arguments(void)
{
	struct timespec ts = { 0, 1000 };
	size_t len = sizeof(int);
	int name[] = { CTL_HW, HW_PAGESIZE }, size = 0;
	char *p;

	tap_is_errno(__syscall(SYS____lwp_park60, CLOCK_MONOTONIC, 0, &ts, NO_SUCH_LWP, NULL, NULL), ESRCH,
	    "abi.1 the fourth argument behind the number");
	tap_ok(__syscall(SYS___sysctl, name, 2, &size, &len, NULL, 0UL) == 0 && size == PAGE_SIZE,
	    "abi.1 six arguments behind the number");
	tap_is_errno(__syscall(SYS___sysctl, name, 2, &size, &len, &size, sizeof(size)), EPERM,
	    "abi.1 the fifth is seen");
	p = (char *)__syscall(SYS_mmap, NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0L, 0L);
	tap_ok(p != MAP_FAILED && (*p = 1) == 1 && munmap(p, PAGE_SIZE) == 0, "abi.1 seven: mmap");
	tap_is_errno(__syscall(SYS_mmap, NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 0, 0L, -PAGE_SIZE), EINVAL,
	    "abi.1 the seventh is seen");
}

/* Calls that look at or replace the whole frame. */
static void
test_frames(void)
{
	volatile int times = 0;
	ucontext_t uc;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = (pid_t)raw_syscall(SYS___syscall, SYS_fork, 0, 0, 0, 0, 0).rax;
	if (pid == 0)
		_exit(3);
	if (wait4(pid, &status, 0, NULL) != pid)
		status = -1;
	tap_is_int(status, W_EXITCODE(3, 0), "abi.3 fork through __syscall");
	if (getcontext(&uc) != 0)
		tap_bail("getcontext");
	if (++times < 3)
		__syscall(SYS_setcontext, &uc);
	tap_is_int(times, 3, "abi.5 setcontext through __syscall");
}

static void
handler(int signo)
{
	(void)signo;
	atomic_fetch_add(&handled, 1);
}

static void
interrupt(void *arg)
{
	char c = 'x';

	if (lwp_await_asleep(1, "piperd") != 0)
		tap_diag("the first LWP does not sleep in read");
	_lwp_kill(1, SIGUSR1);
	AWAIT(atomic_load(&handled) == 1);
	if (arg != NULL)
		(void)!write(ends[1], &c, 1);
}

/* A read that a signal interrupts, and that is then executed again with its arguments. */
static void
test_restart(void)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };
	char c = 0;
	lwpid_t id;

	sigaction(SIGUSR1, &sa, NULL);
	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	id = spawn(interrupt, ends);
	tap_is_int((long)__syscall(SYS_read, ends[0], &c, 1UL), 1, "abi.4 a read through __syscall is executed again");
	tap_is_int(c, 'x', "abi.4 with the arguments that it had");
	join(id);
	close(ends[0]);
	close(ends[1]);
}

/* --- Numbers that are none --- */

static uint64_t	counts[2][HEDDLE_NNOSYS];

static void
get_counts(int when)
{
	int name[] = { CTL_VENDOR, HEDDLE_NOSYS };
	size_t len = sizeof(counts[when]);

	if (sysctl(name, 2, counts[when], &len, NULL, 0) != 0 || len != sizeof(counts[when]))
		tap_bail("sysctl: %s", strerror(errno));
}

static void
test_nosys(void)
{
	static const struct { long number; int index; } calls[] = {
		{ 8, 8 }, { 511, 511 }, { 512, 512 }, { 100000, 512 }, { -1, 512 }, { 1L << 40, 512 }
	};
	uint64_t want[HEDDLE_NNOSYS] = { 0 };
	struct raw r;
	int wrong = 0;

	get_counts(0);
	for (size_t i = 0; i < __arraycount(calls); i++) {
		r = raw_syscall(calls[i].number, 0, 0, 0, 0, 0, 0);
		wrong += !r.carry || r.rax != ENOSYS;
		r = raw_syscall(SYS___syscall, (unsigned long)calls[i].number, 0, 0, 0, 0, 0);
		wrong += !r.carry || r.rax != ENOSYS;
		want[calls[i].index] += 2;
	}
	r = raw_syscall(SYS___syscall, SYS___syscall, SYS_getpid, 0, 0, 0, 0);
	wrong += !r.carry || r.rax != ENOSYS;
	want[SYS___syscall]++;
	get_counts(1);
	tap_is_int(wrong, 0, "abi.4 numbers that are none give ENOSYS, through __syscall too");
	for (int i = 0; i < HEDDLE_NNOSYS; i++)
		wrong += counts[1][i] - counts[0][i] != want[i];
	tap_is_int(wrong, 0, "abi.4 and are counted, each by its number");
}

int
main(void)
{
	test_results();
	test_arguments();
	test_frames();
	test_restart();
	test_nosys();
	return tap_done();
}
