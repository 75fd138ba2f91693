/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run a command, and compare what the kernel has in use before and after it:
 * pages of programs and of its own, objects, processes, LWPs.  The status is
 * the command's; 99 if that is 0 and something is left.
 *
 * Processes that the command has left may still be ending, or be process 1's to
 * reap: it waits for the figures to agree, and gives up when they never will.
 *
 * The kernel keeps some memory for the next use.  Short programs that are run
 * before the first look make it take what every program needs.
 */
#include <err.h>
#include <errno.h>
#include <heddle/testlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAXPOOLS	64
#define MAX_ROUNDS	20
#define LEAK		99
#define NOT_FOUND	127
#define BY_SIGNAL	128
#define PATIENCE	10000000000L	/* ns: what is not gone by then stays */
#define NAP		2000000L	/* ns between two looks */

static const char what[] __used = "@(#)leakcheck COMMAND: run it, and say what it has left in the kernel";

static int
run(char *const *argv)
{
	pid_t pid = fork(), own;
	int status;

	if (pid == -1)
		err(LEAK, "fork");
	if (pid == 0) {
		own = getpid();
		(void)ioctl(STDIN_FILENO, TIOCSPGRP, &own);
		(void)execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(NOT_FOUND);
	}
	while (wait4(pid, &status, 0, NULL) != pid) {
		if (errno != EINTR)
			err(LEAK, "wait4");
	}
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What has to be as before.  Free pages and stacks need not: the kernel keeps some in reserve. */
static bool
same(const struct heddle_mem *a, const struct heddle_mem *b)
{
	return a->hm_user == b->hm_user && a->hm_kernel == b->hm_kernel && a->hm_objects == b->hm_objects &&
	    a->hm_nprocs == b->hm_nprocs && a->hm_nlwps == b->hm_nlwps;
}

static void
nap(void)
{
	(void)nanosleep(&(struct timespec){ 0, NAP }, NULL);
}

/* Which objects they are. */
static void
tell_pools(const struct heddle_pool *a, size_t na, const struct heddle_pool *b, size_t nb)
{
	for (size_t i = 0; i < MIN(na, nb); i++) {
		if (a[i].hl_inuse != b[i].hl_inuse)
			printf("leakcheck: %ld of %s (%lu bytes)\n", (long)(b[i].hl_inuse - a[i].hl_inuse),
			    b[i].hl_name, b[i].hl_size);
	}
}

/* The pools, in the order in which the kernel made them; how many. */
static size_t
look_pools(struct heddle_pool *pools)
{
	const int name[] = { CTL_VENDOR, HEDDLE_POOL, sizeof(pools[0]) };
	size_t len = MAXPOOLS * sizeof(pools[0]);

	if (sysctl(name, 3, pools, &len, NULL, 0) == -1)
		err(LEAK, "sysctl");
	return len / sizeof(pools[0]);
}

static void
look(struct heddle_mem *mem)
{
	int error = heddle_mem(mem);

	if (error != 0)
		errc(LEAK, error, "sysctl");
}

/* Run a short program until the kernel, and this program, have taken what they keep. */
static void
settle(struct heddle_mem *mem)
{
	char *const first[] = { __UNCONST("true"), NULL };
	struct heddle_mem before;

	for (int i = 0; i < MAX_ROUNDS; i++) {
		look(&before);
		(void)run(first);
		nap();
		look(mem);
		if (same(&before, mem))
			return;
	}
}

int
main(int argc, char **argv)
{
	static struct heddle_pool pools[2][MAXPOOLS];
	struct heddle_mem before, after;
	size_t npools;
	int64_t end;
	int status;

	if (argc < 2)
		errx(LEAK, "usage: leakcheck COMMAND [ARGUMENTS]");
	npools = look_pools(pools[0]);
	settle(&before);
	status = run(argv + 1);
	for (end = now_ns() + PATIENCE; look(&after), !same(&before, &after) && now_ns() < end; )
		nap();
	if (same(&before, &after))
		return status;
	printf("leakcheck: %s has left: user pages %ld, kernel pages %ld, objects %ld, processes %ld, LWPs %ld\n",
	    argv[1],
	    (long)(after.hm_user - before.hm_user), (long)(after.hm_kernel - before.hm_kernel),
	    (long)(after.hm_objects - before.hm_objects), (long)(after.hm_nprocs - before.hm_nprocs),
	    (long)(after.hm_nlwps - before.hm_nlwps));
	tell_pools(pools[0], npools, pools[1], look_pools(pools[1]));
	return status != 0 ? status : LEAK;
}
