/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes: fork, exit statuses, wait4, orphans, descriptors.
 */
#include <fcntl.h>
#include <heddle/tls.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "test.h"

static int		value = 1;
static __thread int	own_value = 2;

static void
exit_with(void *arg)
{
	_exit((int)(long)arg);
}

static void
test_status(void)
{
	static const int codes[] = { 0, 1, 42, 127, 255, 256, 257, -1 };
	int bad = 0;

	for (size_t i = 0; i < __arraycount(codes); i++)
		bad += in_child(exit_with, (void *)(long)codes[i]) != (codes[i] & 0xff) << 8;
	tap_is_int(bad, 0, "wait4 gives the low 8 bits of the exit status");
}

static void
check_fork(void *arg)
{
	int bad = 0;

	(void)arg;
	bad += _lwp_self() != 1;
	bad += count_lwps() != 1;
	bad += value != 11 || own_value != 12;
	bad += _lwp_getprivate() != __lwp_getprivate_fast();
	value = own_value = 0;
	_exit(bad);
}

static atomic_bool	go;

static void
live(void *arg)
{
	(void)arg;
	while (!atomic_load(&go))
		park();
}

static void
fork_in_lwp(void *arg)
{
	own_value = 12;
	*(int *)arg = in_child(check_fork, NULL);
}

static void
test_fork(void)
{
	struct raw r;
	int status;
	lwpid_t id;

	value = 11;
	own_value = 12;
	tap_is_int(in_child(check_fork, NULL), 0, "create.12 a child has one LWP, number 1, with its variables");
	tap_ok(value == 11 && own_value == 12, "what it changes is its own");
	id = spawn(live, NULL);
	tap_is_int(in_child(check_fork, NULL), 0, "only the LWP that calls fork is copied");
	join(spawn(fork_in_lwp, &status));
	tap_is_int(status, 0, "also if it is not the first");
	atomic_store(&go, true);
	_lwp_unpark(id, NULL);
	join(id);
	fflush(stdout);
	r = raw_syscall(SYS_fork, 0, 0, 0, 0, 0, 0);
	if (!r.carry && r.rdx == 1)
		_exit(r.rax == (unsigned long)getppid() || r.rax == 0 ? 7 : 8);
	tap_ok(!r.carry && r.rdx == 0 && r.rax > 1, "abi.2 fork: rdx is 0 in the parent");
	wait4((pid_t)r.rax, &status, 0, NULL);
	tap_is_int(status, W_EXITCODE(7, 0), "abi.2 and 1 in the child");
}

/* Registers and vector state are copied. */
static void
test_fork_registers(void)
{
	static unsigned char xmm[16] __aligned(16), in_child_xmm[16] __aligned(16);
	unsigned long rbx = 0, nr = SYS_fork, child = 0;
	int status;

	memset(xmm, 0x3c, sizeof(xmm));
	fflush(stdout);
	__asm volatile ("movdqa %4, %%xmm11; mov $0x1234567890, %%rbx; xor %%edx, %%edx; syscall\n"
	    "movdqa %%xmm11, %3; mov %%rbx, %2" :
	    "+a" (nr), "=&d" (child), "=&r" (rbx), "=m" (in_child_xmm) : "m" (xmm) :
	    "rbx", "rcx", "r11", "memory", "cc", "xmm11");
	if (child == 1)
		_exit(rbx != 0x1234567890 || memcmp(xmm, in_child_xmm, sizeof(xmm)) != 0);
	wait4((pid_t)nr, &status, 0, NULL);
	tap_is_int(status, 0, "abi.3 fork copies the registers, the vector registers too");
}

/* Works for 20 ms of its own CPU time. */
static void
work(void)
{
	int64_t end = now_ns() + 20 * MSEC;

	while (now_ns() < end)
		;
}

static void
test_usage(void)
{
	struct rusage ru;
	pid_t pid = fork();
	long us;

	if (pid == 0) {
		work();
		_exit(0);
	}
	tap_is_errno(wait4(pid, NULL, 0, BAD_KERNEL), EFAULT, "wait4: usage that cannot be written: EFAULT");
	tap_is_int(wait4(pid, NULL, 0, &ru), pid, "and the child is still there");
	us = (long)ru.ru_utime.tv_sec * 1000000 + ru.ru_utime.tv_usec;
	tap_ok(us > 0 && us < 10000000, "wait4: the CPU time of the child: %ld us", us);
}

static void
test_wait4(void)
{
	int status = 0x5555, ends[2];
	pid_t pid, a, b;
	char c = 0;

	tap_is_errno(wait4(-1, &status, 0, NULL), ECHILD, "wait4 without children gives ECHILD");
	test_usage();
	tap_is_int(status, 0x5555, "and stores nothing");
	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(read(ends[0], &c, 1) == 1 ? 33 : 34);
	tap_is_int(wait4(pid, &status, WNOHANG, NULL), 0, "WNOHANG: 0 while the child lives");
	tap_is_errno(wait4(pid + 1000, &status, 0, NULL), ECHILD, "a process that is not ours gives ECHILD");
	tap_is_errno(wait4(1, &status, 0, NULL), ECHILD, "so does process 1");
	tap_is_errno(wait4(pid, &status, 0x4000, NULL), EINVAL, "unknown options give EINVAL");
	(void)!write(ends[1], "x", 1);
	tap_is_errno(wait4(pid, BAD_KERNEL, 0, NULL), EFAULT, "a bad status pointer gives EFAULT");
	tap_is_int(wait4(pid, &status, 0, NULL), pid, "and leaves the child to be waited for");
	tap_is_int(status, W_EXITCODE(33, 0), "with its status");
	tap_is_errno(wait4(pid, &status, 0, NULL), ECHILD, "once");
	fflush(stdout);
	if ((a = fork()) == 0)
		_exit(1);
	if ((b = fork()) == 0)
		_exit(2);
	pid = wait4(-1, NULL, 0, NULL);
	tap_ok(pid == a || pid == b, "-1 waits for any");
	tap_is_int(wait4(-1, &status, 0, NULL), pid == a ? b : a, "one after the other");
	close(ends[0]);
	close(ends[1]);
}

/* An orphan becomes process 1's child, lives on, and is reaped there. */
static int	orphan_pipe[2];

static void
leave_orphan(void *arg)
{
	pid_t parent = getpid();
	char c = 'o';

	(void)arg;
	if (fork() == 0) {
		AWAIT(getppid() != parent);
		c = getppid() == 1 ? '1' : 'x';
		(void)!write(orphan_pipe[1], &c, 1);
		_exit(0);
	}
	_exit(0);
}

static bool
process_exists(pid_t pid)
{
	size_t n = 0;
	struct kinfo_lwp *list = lwp_list(pid, &n);

	free(list);
	return list != NULL;
}

static void
leave_zombie(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (pid == 0)
		_exit(5);
	(void)!write(orphan_pipe[1], &pid, sizeof(pid));
	_exit(0);
}

static void
test_orphans(void)
{
	char c = 0;
	pid_t pid = 0;

	if (pipe(orphan_pipe) != 0)
		tap_bail("pipe: %s", strerror(errno));
	tap_is_int(in_child(leave_orphan, NULL), 0, "a process may exit before its child");
	tap_ok(read(orphan_pipe[0], &c, 1) == 1 && c == '1', "which becomes process 1's");
	tap_is_int(in_child(leave_zombie, NULL), 0, "and with a child that nobody has waited for");
	if (read(orphan_pipe[0], &pid, sizeof(pid)) != sizeof(pid))
		tap_bail("read: %s", strerror(errno));
	AWAIT(!process_exists(pid));
	tap_pass("process 1 reaps it");
	close(orphan_pipe[0]);
	close(orphan_pipe[1]);
}

static void
read_shared(void *arg)
{
	char c = 0;

	_exit(read(*(int *)arg, &c, 1) == 1 ? c : 0);
}

static void
test_descriptors(void)
{
	int ends[2], copy;
	char c = 0;

	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	(void)!write(ends[1], "AB", 2);
	tap_is_int(in_child(read_shared, &ends[0]), W_EXITCODE('A', 0), "a child has the parent's descriptors");
	tap_ok(read(ends[0], &c, 1) == 1 && c == 'B', "and shares what they stand for");
	copy = dup2(ends[1], 20);
	close(ends[1]);
	tap_ok(copy == 20 && write(20, "C", 1) == 1, "dup2 makes another of the same");
	(void)!read(ends[0], &c, 1);
	close(20);
	tap_is_int(read(ends[0], &c, 1), 0, "end of file when the last writer has closed");
	close(ends[0]);
	tap_is_errno(read(ends[0], &c, 1), EBADF, "a closed descriptor gives EBADF");
	tap_is_errno(dup2(99, 3), EBADF, "dup2 of a closed one too");
	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	tap_is_errno(write(ends[1], "x", 1), EPIPE, "a pipe without reader gives EPIPE");
	close(ends[1]);
}

/* Several LWPs of one process fork at the same time. */
static atomic_int	bad_children;

static void
fork_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < 15; i++) {
		pid_t pid = fork();
		int status = -1;

		if (pid == 0)
			_exit(_lwp_self() == 1 ? 9 : 10);
		if (pid < 0 || wait4(pid, &status, 0, NULL) != pid || status != W_EXITCODE(9, 0))
			atomic_fetch_add(&bad_children, 1);
	}
}

static void
test_many_forks(void)
{
	lwpid_t ids[4];

	fflush(stdout);
	for (int i = 0; i < 4; i++)
		ids[i] = spawn(fork_often, NULL);
	for (int i = 0; i < 4; i++)
		join(ids[i]);
	tap_is_int(atomic_load(&bad_children), 0, "4 LWPs fork and wait, each for its own children");
}

/* Fork until there is no more; each is ended by the end of a pipe. */
static void
test_limit(void)
{
	static pid_t pids[2000];
	int ends[2], n = 0, error = 0, bad = 0;
	char c;

	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	for (; n < 1100; n++) {
		pids[n] = fork();
		if (pids[n] == 0) {
			close(ends[1]);
			_exit(read(ends[0], &c, 1) == 0 ? 0 : 1);
		}
		if (pids[n] < 0) {
			error = errno;
			break;
		}
	}
	close(ends[1]);
	for (int i = 0; i < n; i++) {
		int status = -1;

		bad += wait4(pids[i], &status, 0, NULL) != pids[i] || status != 0;
	}
	close(ends[0]);
	tap_ok(n >= 900 && (error == EAGAIN || error == ENOMEM), "%d processes, then an error (%d)", n, error);
	tap_is_int(bad, 0, "all of them end as they should");
	tap_is_int(in_child(exit_with, (void *)3L), W_EXITCODE(3, 0), "and there is room again");
}

static void
test_limits(void)
{
	struct rlimit rl = { 0, 0 };
	int bad = 0;

	for (int i = 0; i < RLIM_NLIMITS; i++)
		bad += getrlimit(i, &rl) != 0 || rl.rlim_cur > rl.rlim_max;
	tap_is_int(bad, 0, "getrlimit knows all limits");
	tap_is_errno(getrlimit(RLIM_NLIMITS, &rl), EINVAL, "and no others");
	tap_is_errno(getrlimit(-1, &rl), EINVAL, "negative ones neither");
	tap_is_errno(getrlimit(RLIMIT_STACK, BAD_KERNEL), EFAULT, "getrlimit to a bad address");
	tap_ok(getrlimit(RLIMIT_STACK, &rl) == 0 && rl.rlim_cur >= 1 << 20, "the stack's limit is a size");
	rl.rlim_cur = rl.rlim_max + 1;
	if (rl.rlim_max != RLIM_INFINITY && rl.rlim_max + 1 != 0)
		tap_is_errno(setrlimit(RLIMIT_STACK, &rl), EINVAL, "a limit in force above the highest is refused");
}

int
main(void)
{
	tap_ok(getpid() > 1 && getppid() >= 1 && getuid() == 0, "a process has a number, a parent and a user");
	test_status();
	test_fork();
	test_fork_registers();
	test_wait4();
	test_orphans();
	test_descriptors();
	test_many_forks();
	test_limits();
	test_limit();
	return tap_done();
}
