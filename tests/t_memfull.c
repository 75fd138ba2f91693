/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 */
/* mem: 64 */
/*
 * No memory left: who needs some gets an error or, where a page that was promised is not there, is killed; who needs
 * none goes on; and when it is given back, all is as before.
 *
 * A child, which has executed this program anew and so shares no page with us, takes all of it: read(2) of
 * /dev/zero into memory never touched before says EFAULT when a page cannot be had, where a plain store would have
 * the child killed.  What is done without memory is rehearsed before, that all pages which it touches are there.
 */
#include <fcntl.h>
#include <signal.h>

#include "test.h"

#define AREA		(256UL << 20)	/* more than there is */
#define PARTNERS	20
/*
 * LWPs at once, with memory and without: the kernel keeps what it has once got for LWPs (stacks and pools), and that
 * is enough for as many without any memory.  For four times as many it is not.
 */
#define EXTRA_BEFORE	250
#define EXTRA		1000

static char		stack[8192] __aligned(16);
static lwpid_t		extra[EXTRA];
static lwpid_t		partners[PARTNERS + 1];	/* the last one is nobody */
static atomic_int	turn;

static char *
map(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	if (p == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	return p;
}

/*
 * Take all memory, in ever smaller pieces, tell by standard output how much, and wait to be killed.  From each CPU:
 * the kernel does not give a CPU the free pages that another one keeps for itself.
 */
static void
hog(void)
{
	char *area = map(AREA);
	int fd = open("/dev/zero", O_RDONLY);
	size_t at = 0;

	for (int cpu = heddle_ncpu() - 1; cpu >= 0; cpu--) {
		bind_cpu(_lwp_self(), cpu);
		for (size_t piece = 1 << 20; piece >= PAGE_SIZE; piece /= 2) {
			while (at < AREA && read(fd, area + at, piece) == (ssize_t)piece)
				at += piece;
		}
	}
	if (errno != EFAULT)
		at = 0;
	(void)write(STDOUT_FILENO, &at, sizeof(at));
	for (;;)
		park();
}

/* Returns when no memory is left. */
static pid_t
begin_hog(void)
{
	char *const argv[] = { __UNCONST("t_memfull"), __UNCONST("hog"), NULL };
	size_t filled = 0;
	int ends[2];
	pid_t pid;

	fflush(stdout);
	pid = pipe(ends) == 0 ? fork() : -1;
	if (pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		execv("/tests/t_memfull", argv);
		_exit(1);
	}
	if (pid < 0 || read(ends[0], &filled, sizeof(filled)) != sizeof(filled))
		tap_bail("hog: %s", strerror(errno));
	close(ends[0]);
	close(ends[1]);
	tap_ok(filled != 0, "all memory is taken: %zu KiB", filled >> 10);
	return pid;
}

static void
touch(void *arg)
{
	memset(arg, 1, AREA);
}

/*
 * Whether one of so many LWPs is refused for want of memory.  They share a stack: each begins when the one before
 * has ended.
 */
static bool
create_fails(int many)
{
	ucontext_t uc;
	int error = 0, n;

	_lwp_makecontext(&uc, do_nothing, NULL, NULL, stack, sizeof(stack));
	for (n = 0; n < many; n++) {
		error = error_of(_lwp_create(&uc, LWP_SUSPENDED, &extra[n]));
		if (error != 0)
			break;
	}
	while (n-- > 0) {
		if (_lwp_continue(extra[n]) != 0 || _lwp_wait(extra[n], NULL) != 0)
			tap_bail("LWP %d: %s", extra[n], strerror(errno));
	}
	return error == ENOMEM;
}

static bool
fork_fails(void)
{
	int error = 0;

	for (int n = 0; n < 10 && error == 0; n++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		error = error_of(pid);
		if (error == 0)
			(void)wait4(pid, NULL, 0, NULL);
	}
	return error == ENOMEM;
}

/* What needs memory is refused, or not; what needs none goes on in any case. */
static void
test_calls(bool full)
{
	int error;

	/* First, while no page at all is free: LWPs that have ended may give some back. */
	tap_is_int(fork_fails(), full, full ? "without memory, fork is ENOMEM" : "with memory, fork is not ENOMEM");
	tap_is_int(create_fails(full ? EXTRA : EXTRA_BEFORE), full, "create.6 %s",
	    full ? "an LWP more, too, when all that was kept is used" : "nor is an LWP more");
	error = error_of(_lwp_unpark(_lwp_self(), NULL));
	tap_ok(error == 0 && park_ns(10 * NSEC) == EALREADY, "park.1 what needs no memory goes on");
	tap_is_int(park_ns(MSEC), ETIMEDOUT, "park.2 timeouts too");
}

/* Each parks, is woken by the one before, and wakes the next one.  None stores anything while a fork is tried. */
static void
partner(void *arg)
{
	int me = (int)(intptr_t)arg;

	while (atomic_load(&turn) != me)
		park();
	atomic_store(&turn, me + 1);
	_lwp_unpark(partners[me], NULL);
}

static void
test_partners(void)
{
	int bad = 0;

	atomic_store(&turn, 1);
	_lwp_unpark(partners[0], NULL);
	for (int i = 0; i < PARTNERS; i++)
		bad += _lwp_wait(partners[i], NULL) != 0;
	tap_is_int(bad, 0, "wait.1 LWPs that were there run on, and end, and are waited for");
	tap_is_int(atomic_load(&turn), PARTNERS + 1, "park.1 each in its turn");
}

static void
round_of(bool full)
{
	pid_t pid = 0;

	atomic_store(&turn, 0);
	for (int i = 0; i < PARTNERS; i++)
		partners[i] = spawn(partner, (void *)(intptr_t)(i + 1));
	tap_is_int(await_all_parked(PARTNERS), 0, "some LWPs park");
	if (full)
		pid = begin_hog();
	test_calls(full);
	test_partners();
	if (full) {
		kill(pid, SIGKILL);
		(void)wait4(pid, NULL, 0, NULL);
	}
}

/* A store where no page can be had. */
static void
test_killed(void)
{
	char *area = map(AREA);
	int status = in_child(touch, area);

	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "who stores where no page can be had is killed (%#x)", status);
	munmap(area, AREA);
}

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		hog();
	test_killed();
	round_of(false);
	round_of(true);
	round_of(true);
	round_of(false);
	return tap_done();
}
