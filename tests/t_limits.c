/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 2 */
/* mem: 2048 */
/*
 * As many as the kernel takes: LWPs and processes; what an LWP costs; that each limit is met with an error,
 * and that all is as before when they are gone.
 *
 *	t_limits [-n LWPs]
 *
 * The LWPs have small stacks of their own, and park until `turn' changes or `over' is set.
 */
#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>

#include "test.h"

#define CROWD		100000
#define LIMIT		131073	/* LWPs of the system: the kernel's too, and its first one, which is not counted */
#define PROCESSES	1000
#define STACK_SIZE	2048
#define COST_MAX	10240	/* bytes of the kernel's, of a parked LWP */
#define COST_CHECKS	8192	/* so many more in a kernel full of checks, whose stacks are larger */

static int		crowd = CROWD;
static char		*stacks;
static lwpid_t		ids[LIMIT];
static atomic_int	turn, here;	/* here: those who have seen this turn */
static atomic_bool	over;
static pid_t		pids[2 * PROCESSES];

static void
member(void *arg)
{
	int seen = 0;

	(void)arg;
	while (!atomic_load(&over)) {
		if (atomic_load(&turn) != seen) {
			seen = atomic_load(&turn);
			atomic_fetch_add(&here, 1);
		}
		park();
	}
}

/* LWP number i; errno. */
static int
create(int i)
{
	static ucontext_t uc;

	_lwp_makecontext(&uc, member, NULL, NULL, stacks + (size_t)i * STACK_SIZE, STACK_SIZE);
	return error_of(_lwp_create(&uc, 0, &ids[i]));
}

static int
create_up_to(int from, int to, int *error)
{
	int n = from;

	while (n < to && (*error = create(n)) == 0)
		n++;
	return n;
}

/* The first n ids get an unpark; how many could not be given. */
static int
unpark(int n)
{
	int bad = 0;

	for (int i = 0; i < n; i += LWP_UNPARK_MAX) {
		size_t count = (size_t)MIN(n - i, LWP_UNPARK_MAX);

		bad += _lwp_unpark_all(&ids[i], count, NULL) != 0;
	}
	return bad;
}

static long
cost_max(void)
{
	const int name[] = { CTL_KERN, KERN_VERSION };
	char version[64] = "";
	size_t len = sizeof(version) - 1;

	(void)sysctl(name, 2, version, &len, NULL, 0);
	return strstr(version, "checks") != NULL ? COST_MAX + COST_CHECKS : COST_MAX;
}

/* Bytes of the kernel's that have been taken since, for each of n. */
static long
cost(const struct heddle_mem *before, int n)
{
	struct heddle_mem now;

	(void)heddle_mem(&now);
	return (long)((before->hm_free + before->hm_user) - (now.hm_free + now.hm_user)) * PAGE_SIZE / n;
}

static void
next_turn(int n, const char *what)
{
	int64_t begin = now_ns();
	int bad;

	atomic_store(&here, 0);
	atomic_fetch_add(&turn, 1);
	bad = unpark(n);
	AWAIT(atomic_load(&here) == n);
	tap_is_int(bad, 0, "unparkall.1 %s", what);
	tap_is_int(await_all_parked(n), 0, "park.1 and park again");
	printf("# %lld ns each\n", (long long)(now_ns() - begin) / n);
}

/* With no room for an LWP, nothing that needs one is made. */
static void
test_no_room(int n)
{
	struct heddle_mem mem;
	pid_t pid;

	(void)heddle_mem(&mem);
	tap_is_int((long)mem.hm_nlwps, LIMIT, "create.6 with those of the kernel: as many as the system takes");
	pid = fork();
	if (pid == 0)
		_exit(0);
	tap_is_errno(pid, EAGAIN, "create.6 a process can not be made either");
	tap_is_int(create(n), EAGAIN, "create.6 still no room");
	(void)heddle_mem(&mem);
	tap_is_int((long)mem.hm_nlwps, LIMIT, "create.6 and nothing half made");
}

static void
dismiss(int n)
{
	int bad = 0;

	atomic_store(&over, true);
	bad += unpark(n);
	for (int i = 0; i < n; i++)
		bad += _lwp_wait(ids[i], NULL) != 0;
	tap_is_int(bad, 0, "wait.1 all are waited for");
}

static void
test_crowd(void)
{
	struct heddle_mem before;
	int64_t begin = now_ns();
	int n, error = 0;
	long bytes;

	(void)heddle_mem(&before);
	atomic_store(&turn, 1);
	n = create_up_to(0, crowd, &error);
	tap_ok(n == crowd, "create.2 %d LWPs in one process (error %d)", n, error);
	AWAIT(atomic_load(&here) == n);
	tap_is_int(await_all_parked(n), 0, "park.1 they park");
	printf("# %lld ns each\n", (long long)(now_ns() - begin) / n);
	bytes = cost(&before, n);
	tap_ok(bytes <= cost_max(), "create.6 a parked LWP costs %ld bytes of the kernel's memory, at most %ld", bytes,
	    cost_max());
	next_turn(n, "all are unparked");
	next_turn(n, "and again");
	tap_is_int(count_lwps(), n + 1, "create.2 all are listed");
	if (crowd == CROWD) {
		n = create_up_to(n, LIMIT, &error);
		tap_is_int(error, EAGAIN, "create.6 some more, then EAGAIN");
		test_no_room(n);
	}
	dismiss(n);
	tap_is_int(count_lwps(), 1, "wait.1 none is left");
	/* More than there are ids that nobody has had yet. */
	for (n = 0; n < 600 && (error = create(0)) == 0; n++) {
		(void)_lwp_unpark(ids[0], NULL);
		if (_lwp_wait(ids[0], NULL) != 0)
			break;
	}
	tap_is_int(n, 600, "create.6 and there is room again (error %d)", error);
}

static void
test_processes(void)
{
	int n = 0, bad = 0, error = 0;
	struct heddle_mem mem;

	fflush(stdout);
	while (n < 2 * PROCESSES) {
		pids[n] = fork();
		if (pids[n] == 0) {
			for (;;)
				park();
		}
		if (pids[n] < 0) {
			error = errno;
			break;
		}
		n++;
	}
	(void)heddle_mem(&mem);
	tap_ok(n >= PROCESSES && error == EAGAIN, "%d processes, then EAGAIN (error %d)", n, error);
	tap_ok(mem.hm_nprocs >= (unsigned long)n, "there are %lu", (unsigned long)mem.hm_nprocs);
	for (int i = 0; i < n; i++)
		bad += kill(pids[i], SIGKILL) != 0;
	for (int i = 0; i < n; i++)
		bad += wait4(pids[i], NULL, 0, NULL) != pids[i];
	tap_is_int(bad, 0, "all are killed and waited for");
	tap_is_errno(wait4(-1, NULL, 0, NULL), ECHILD, "none is left");
	tap_is_int(in_child(do_nothing, NULL), 0, "and there is room again");
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c != 'n' || (crowd = atoi(optarg)) < 1 || crowd > CROWD)
			tap_bail("usage: t_limits [-n LWPs]");
	}
	stacks = mmap(NULL, (size_t)LIMIT * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	if (stacks == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	test_processes();
	test_crowd();
	return tap_done();
}
