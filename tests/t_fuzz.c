/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * Random system calls with random arguments, by several LWPs of one process at once.
 *
 *	t_fuzz [-n calls] [-s seed] [-f first] [-v]
 *
 * What it is.  A supervisor starts child after child.  Each has a few LWPs that make calls, drawn from
 * syscalls.master, until it has made its share, or a call or a signal has ended it, or nothing
 * moves any more; then it gets SIGCONT, and after that SIGKILL, which has to end it.  Its own children, which
 * go on in the same way, are ended with it.
 *
 * What can fail.  A panic or a hang of the machine (the launcher sees it); a process that SIGKILL does not end; a
 * process, an LWP, a page or an object that is left; a call that was never made.
 *
 * Under -icount, the seed decides everything.  -v tells each child's number before it starts;
 * -f begins with that number: what a child does depends on it and the seed alone.
 *
 * What is left out, because it would end the test and not the machine under test: signals to the supervisor
 * and those above it, which end the run; writing to the console, over which the results are told; the real-time
 * classes, in which an LWP that spins keeps everybody else off its CPU, for ever.
 */
#include <getopt.h>
#include <sys/heddle.h>
#include <sys/syscall.h>

#include "fuzz.h"

#define CALLS		25000		/* in all */
#define SEED		1
#define SHARE		1500		/* of one child */
#define GRANDCHILD	40		/* of a child's child */
#define NLWPS		4		/* that a child starts with */
#define NCONTEXTS	16		/* that it may create */
#define ARENA		((void *)0x200000000000)	/* far from all else */
#define QUIET_NS	(15 * MSEC)	/* without a call: nothing moves */
#define GONE_NS		(20 * NSEC)	/* SIGKILL has ended everything long before */
#define REPORT_NS	(5 * NSEC)	/* between signs of life */

static const struct call {
	const char	*name, *params;
	int		number;
	unsigned	weight;		/* how often, beside the others; 0: as most */
} calls[] = {
#define SYSCALL(number, name, params) { #name, params, number, 0 },
#include <sys/syscalllist.h>
};
#define NCALLS		nitems(calls)
#define WEIGHT		32

/* Those that end a child, or take away what its other calls need. */
static const struct {
	int		number;
	unsigned	weight;
} rare[] = {
	{ SYS_exit, 1 }, { SYS_execve, 3 }, { SYS_fork, 3 }, { SYS__lwp_exit, 2 }, { SYS_setcontext, 6 },
	{ SYS_kill, 12 }, { SYS_close, 8 }, { SYS_munmap, 8 }, { SYS_mprotect, 8 }, { SYS_setrlimit, 4 },
	{ SYS__lwp_suspend, 12 },
};

/* Seen by all processes. */
static struct shared {
	atomic_ulong	made[NCALLS];	/* calls */
	atomic_ulong	good[NCALLS];	/* that did not fail */
	atomic_ulong	total;
	atomic_long	left;		/* of the child's share */
} *shared;

static unsigned		seed = SEED;
static unsigned		first;		/* number of the first child that counts */
static long		ncalls = CALLS;
static bool		verbose;
static struct heddle_proc processes[1024];
static pid_t		spared[16];	/* the processes that were there at the start: the supervisor among them */
static unsigned		nspared;
static enum kind	params[NCALLS][6];
static unsigned		nparams[NCALLS], weights[NCALLS], total_weight;

/* --- The child: LWPs that call. --- */

static struct worker {
	struct chooser	chooser;
	ucontext_t	uc;
	char		stack[FUZZ_STACK] __aligned(16);
} workers[NCONTEXTS];
static atomic_uint	nworkers;	/* contexts given away */
static pid_t		child_group;	/* the only one that may get a signal */
static atomic_int	generation;	/* 0: the child; 1: its child */

static bool
is_spared(pid_t pid)
{
	for (unsigned i = 0; i < nspared; i++) {
		if (spared[i] == pid)
			return true;
	}
	return false;
}

/* Whether a signal would go to one of those that are spared; 0 is the caller's own group. */
static bool
not_ours(pid_t pid)
{
	return pid == -1 || (pid != 0 && is_spared(pid < 0 ? -pid : pid));
}

static bool
refused(const struct call *call, const unsigned long *a)
{
	pid_t pid = (pid_t)a[0];

	if (call->number == SYS_kill)
		return not_ours(pid) || (pid < 0 && pid != -child_group);
	if (call->number == SYS__sched_protect) /* a ceiling is a real-time priority */
		return (int)a[0] >= 0;
	if (call->number == SYS__sched_setparam)
		return not_ours(pid) || (int)a[2] == SCHED_FIFO || (int)a[2] == SCHED_RR;
	if (call->number == SYS_open)
		return a[0] == (unsigned long)paths[6] && (a[1] & O_ACCMODE) != O_RDONLY;
	return call->number == SYS_fork && atomic_load(&generation) != 0;
}

static unsigned
choose_call(struct chooser *c)
{
	unsigned at = pick(c, total_weight), i;

	for (i = 0; at >= weights[i]; i++)
		at -= weights[i];
	return i;
}

static void
one_call(struct chooser *c, unsigned i)
{
	unsigned long a[6] = { 0 };
	struct raw r;

	for (unsigned k = 0; k < 6; k++)
		a[k] = k < nparams[i] ? some_value(c, params[i][k]) : 0;
	if (refused(&calls[i], a))
		return;
	atomic_fetch_add(&shared->made[i], 1);
	atomic_fetch_add(&shared->total, 1);
	r = raw_syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (calls[i].number == SYS_fork && !r.carry && r.rdx == 1)
		atomic_store(&generation, 1); /* this one goes on alone, for a while */
	else if (!r.carry)
		atomic_fetch_add(&shared->good[i], 1);
}

static __dead void
raw_exit(void)
{
	for (;;)
		(void)raw_syscall(SYS_exit, 0, 0, 0, 0, 0, 0);
}

/* An LWP's life.  Whoever makes the last call of the share ends the process. */
static void
work(void *arg)
{
	struct worker *w = arg;

	for (int own = 0; atomic_fetch_sub(&shared->left, 1) > 0; own++) {
		if (atomic_load(&generation) != 0 && own > GRANDCHILD)
			break;
		one_call(&w->chooser, choose_call(&w->chooser));
	}
	raw_exit();
}

static ucontext_t *
claim_context(void)
{
	unsigned i = atomic_fetch_add(&nworkers, 1);

	return i < NCONTEXTS ? &workers[i].uc : NULL;
}

/* Now and then ends whatever LWPs sleep in, or are suspended for: else all would soon stand still. */
static void
wake_all(void *arg)
{
	(void)arg;
	for (;;) {
		(void)raw_syscall(SYS_nanosleep, (unsigned long)&(struct timespec){ 0, MSEC }, 0, 0, 0, 0, 0);
		for (unsigned long id = 1; id < 12; id++) {
			(void)raw_syscall(SYS__lwp_continue, id, 0, 0, 0, 0, 0);
			(void)raw_syscall(SYS__lwp_wakeup, id, 0, 0, 0, 0, 0);
		}
	}
}

/* Nothing that the child does with its descriptors and signals is to be seen or to end it at once. */
static void
child_setup(unsigned number)
{
	char *arena = mmap(ARENA, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0);
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fuzz_handler;
	for (int signo = 1; signo < NSIG; signo++)
		(void)sigaction(signo, &sa, NULL);
	for (int fd = 0; fd < FUZZ_FDS; fd++)
		(void)close(fd);
	(void)open("/dev/console", O_RDONLY);
	(void)open("/dev/zero", O_RDWR);
	(void)open("/bin/true", O_RDONLY);
	(void)!pipe((int[2]){ -1, -1 });
	for (unsigned i = 0; i < NCONTEXTS; i++) {
		workers[i].chooser = (struct chooser){ seed * 2654435761U + number * NCONTEXTS + i, arena };
		_lwp_makecontext(&workers[i].uc, work, &workers[i], NULL, workers[i].stack, FUZZ_STACK);
	}
}

static __dead void
child(unsigned number)
{
	static char stack[FUZZ_STACK] __aligned(16);
	ucontext_t uc;
	lwpid_t id;

	child_group = setsid(); /* kill(0) reaches nobody else */
	set_class(_lwp_self(), SCHED_OTHER, -1);
	child_setup(number);
	_lwp_makecontext(&uc, wake_all, NULL, NULL, stack, FUZZ_STACK);
	(void)_lwp_create(&uc, 0, &id);
	for (int i = 0; i < NLWPS - 1; i++)
		(void)_lwp_create(claim_context(), 0, &id);
	work(&workers[atomic_fetch_add(&nworkers, 1)]);
	raw_exit();
}

/* --- The supervisor. --- */

/* Fill `processes'; how many there are. */
static size_t
list_processes(void)
{
	int name[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(processes[0]) };
	size_t len = sizeof(processes);

	if (sysctl(name, 3, processes, &len, NULL, 0) != 0 && errno != ENOMEM) /* that: more have come meanwhile */
		tap_bail("sysctl: %s", strerror(errno));
	return len / sizeof(processes[0]);
}

static void
spare_all(void)
{
	memset(processes, 0xff, sizeof(processes)); /* its pages are there before they are counted */
	nspared = (unsigned)list_processes();
	if (nspared > sizeof(spared) / sizeof(spared[0]))
		tap_bail("t_fuzz is not to run beside others: it sends them signals");
	for (unsigned i = 0; i < nspared; i++)
		spared[i] = processes[i].hp_pid;
}

/* The processes that have come since, which are all children's children of this one; sends them signo. */
static int
others(int signo)
{
	size_t len = list_processes();
	int n = 0;

	for (size_t i = 0; i < len; i++) {
		pid_t pid = processes[i].hp_pid;

		if (is_spared(pid))
			continue;
		n++;
		if (signo != 0)
			(void)kill(pid, signo);
	}
	return n;
}

/* Leave the CPU to the others: this LWP goes before all of them. */
static void
nap(void)
{
	(void)nanosleep(&(struct timespec){ 0, MSEC / 2 }, NULL);
}

/* Has the child ended?  Then it has been reaped. */
static bool
ended(pid_t pid)
{
	int status;

	return wait4(pid, &status, WNOHANG, NULL) == pid;
}

/* Wait until it has ended, or made no call for a while. */
static bool
await_end(pid_t pid)
{
	unsigned long total, last = 0;
	int64_t since = now_ns();

	while (!ended(pid)) {
		total = atomic_load(&shared->total);
		if (total != last)
			since = now_ns();
		else if (now_ns() - since > QUIET_NS)
			return false;
		last = total;
		nap();
	}
	return true;
}

/* All that the child has left ends, by SIGKILL; false: something does not. */
static bool
clear_away(pid_t pid, bool gone)
{
	int64_t end = now_ns() + GONE_NS;

	while (others(SIGKILL) > 0 || !gone) {
		gone = gone || ended(pid);
		if (now_ns() > end)
			return false;
		nap();
	}
	return true;
}

static bool
run_child(unsigned number)
{
	pid_t pid;
	bool gone;

	atomic_store(&shared->left, SHARE);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0)
		child(number);
	gone = await_end(pid);
	if (!gone) {
		(void)kill(pid, SIGCONT);
		gone = await_end(pid);
	}
	return clear_away(pid, gone);
}

static void
parse_calls(void)
{
	for (unsigned i = 0; i < NCALLS; i++) {
		const char *at = calls[i].params;

		while (*at != '\0' && nparams[i] < 6) {
			size_t len = strcspn(at, ",");

			params[i][nparams[i]++] = kind_of(at, len);
			at += len + (at[len] == ',');
		}
		weights[i] = WEIGHT;
		for (size_t k = 0; k < nitems(rare); k++) {
			if (rare[k].number == calls[i].number)
				weights[i] = rare[k].weight;
		}
		total_weight += weights[i];
	}
}

/* Repeats a child until it leaves what it found: the first ones leave things that are kept for the next use. */
static void
settle(unsigned *number, struct heddle_mem *before)
{
	for (int i = 0; i < 5; i++)
		(void)run_child((*number)++);
	heddle_mem(before);
}

static bool
left_something(const struct heddle_mem *a, const struct heddle_mem *b)
{
	return a->hm_user != b->hm_user || a->hm_objects != b->hm_objects || a->hm_nprocs != b->hm_nprocs ||
	    a->hm_nlwps != b->hm_nlwps || a->hm_kernel != b->hm_kernel;
}

static void
run(void)
{
	struct termios modes;
	struct heddle_mem before, after;
	int64_t told = now_ns();
	unsigned number = 0;
	bool clear = true;

	(void)tcgetattr(STDIN_FILENO, &modes);
	settle(&number, &before);
	if (first > number)
		number = first;
	while (clear && atomic_load(&shared->total) < (unsigned long)ncalls) {
		if (verbose || now_ns() - told > REPORT_NS) {
			(void)tcsetattr(STDIN_FILENO, TCSANOW, &modes);
			tap_diag("child %u, %lu calls", number, atomic_load(&shared->total));
			told = now_ns();
		}
		clear = run_child(number++);
	}
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &modes);
	heddle_mem(&after);
	tap_diag("seed %u: %u children, %lu calls", seed, number, atomic_load(&shared->total));
	tap_ok(clear, "suspend.9 SIGKILL ends every process, whatever it has done");
	if (!clear) {
		/* What holds it is in the kernel: silence gets the launcher to ask the machine for its report. */
		fflush(stdout);
		for (;;)
			pause();
	}
	tap_ok(!left_something(&before, &after), "exit.3 and nothing of it is left");
	if (left_something(&before, &after))
		tap_diag("kernel %ld user %ld objects %ld processes %ld LWPs %ld",
		    (long)(after.hm_kernel - before.hm_kernel), (long)(after.hm_user - before.hm_user),
		    (long)(after.hm_objects - before.hm_objects), (long)(after.hm_nprocs - before.hm_nprocs),
		    (long)(after.hm_nlwps - before.hm_nlwps));
}

static void
tell_calls(void)
{
	int never = 0;

	for (unsigned i = 0; i < NCALLS; i++) {
		unsigned long made = atomic_load(&shared->made[i]);

		never += made == 0;
		tap_diag("%-24s %8lu of %8lu succeeded", calls[i].name, atomic_load(&shared->good[i]), made);
	}
	tap_is_int(never, 0, "each of the %zu calls has been made", NCALLS);
}

static void
options(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "n:s:f:v")) != -1) {
		if (opt == 'n')
			ncalls = atol(optarg);
		else if (opt == 's')
			seed = (unsigned)atol(optarg);
		else if (opt == 'f')
			first = (unsigned)atol(optarg);
		else if (opt == 'v')
			verbose = true;
		else
			tap_bail("usage: t_fuzz [-n calls] [-s seed] [-f first] [-v]");
	}
}

int
main(int argc, char **argv)
{
	options(argc, argv);
	spare_all();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
	if (shared == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	tap_diag("seed %u, %ld calls", seed, ncalls);
	parse_calls();
	set_class(_lwp_self(), SCHED_FIFO, 1);
	run();
	tell_calls();
	return tap_done();
}
