/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory runs out: for every n, the n-th allocation that a call makes in the
 * kernel fails.  The call gives an error and leaves nothing behind; when n is
 * larger than what the call needs, it succeeds.  (Debug kernels only.)
 */
#include <fcntl.h>
#include <sys/heddle.h>

#include "test.h"

#define MAX_ALLOCATIONS	400
#define MAX_TRIES	10

static char		stack[8192] __aligned(16);
static ucontext_t	uc;
static lwpid_t		id;
static void		*mapped;
static int		ends[2];

/* --- What is tried: each gives an errno, and undoes itself when it succeeds. --- */

static int
try_create(void)
{
	return error_of(_lwp_create(&uc, 0, &id));
}

static void
undo_create(void)
{
	_lwp_wait(id, NULL);
}

static int
try_create_detached(void)
{
	return error_of(_lwp_create(&uc, LWP_DETACHED, &id));
}

static void
undo_create_detached(void)
{
	lwp_await_gone(id);
}

static int
try_mmap(void)
{
	mapped = mmap(NULL, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	return mapped == MAP_FAILED ? errno : 0;
}

static void
undo_mmap(void)
{
	munmap(mapped, 10 * PAGE_SIZE);
}

/* A region cut in three. */
static char	*whole;

static int
try_mprotect(void)
{
	return error_of(mprotect(whole + 3 * PAGE_SIZE, PAGE_SIZE, PROT_READ));
}

static void
undo_mprotect(void)
{
	mprotect(whole + 3 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
}

static int
try_mmap_over(void)
{
	return mmap(whole + 5 * PAGE_SIZE, PAGE_SIZE, PROT_READ, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0) ==
	    MAP_FAILED ? errno : 0;
}

static void
undo_mmap_over(void)
{
	mprotect(whole + 5 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
}

static int
try_open(void)
{
	id = open("/bin/true", O_RDONLY);
	return error_of(id);
}

static void
undo_open(void)
{
	close(id);
}

static int
try_pipe(void)
{
	return error_of(pipe(ends));
}

static void
undo_pipe(void)
{
	close(ends[0]);
	close(ends[1]);
}

static int
try_unpark_all(void)
{
	static lwpid_t ids[LWP_UNPARK_MAX];

	ids[0] = _lwp_self();
	return error_of(_lwp_unpark_all(ids, LWP_UNPARK_MAX, NULL));
}

static void
undo_unpark_all(void)
{
	token_full();
}

/* --- The trial itself. --- */

static bool
same_memory(const struct heddle_mem *a, const struct heddle_mem *b)
{
	return a->hm_user == b->hm_user && a->hm_kernel == b->hm_kernel && a->hm_objects == b->hm_objects &&
	    a->hm_nprocs == b->hm_nprocs && a->hm_nlwps == b->hm_nlwps;
}

/* Fail allocation 1, 2, 3 ... of `try' until it succeeds; how many failures there were, or -1. */
static int
fail_each(int (*try)(void), void (*undo)(void), int want)
{
	for (int n = 1; n < MAX_ALLOCATIONS; n++) {
		int error;

		heddle_failalloc(n);
		error = try();
		heddle_failalloc(0);
		if (error == 0) {
			undo();
			return n - 1;
		}
		if (error != want && error != ENOMEM) {
			tap_diag("allocation %d fails: error %d", n, error);
			return -1;
		}
	}
	return -1;
}

static void
trial(const char *what, int (*try)(void), void (*undo)(void), int want)
{
	struct heddle_mem before, after;
	bool same = false;
	int failures = -1;

	/* What the kernel keeps for the next use settles in the first rounds. */
	for (int i = 0; i < MAX_TRIES && !same; i++) {
		heddle_mem(&before);
		failures = fail_each(try, undo, want);
		heddle_mem(&after);
		same = same_memory(&before, &after);
	}
	tap_ok(failures >= 0, "create.6 %s: %d allocations fail one by one, each with a clear error", what, failures);
	tap_ok(same, "exit.3 %s: and nothing is left of any try", what);
	if (!same) {
		tap_diag("kernel %ld user %ld objects %ld processes %ld LWPs %ld",
		    (long)(after.hm_kernel - before.hm_kernel),
		    (long)(after.hm_user - before.hm_user), (long)(after.hm_objects - before.hm_objects),
		    (long)(after.hm_nprocs - before.hm_nprocs), (long)(after.hm_nlwps - before.hm_nlwps));
	}
}

/*
 * In a child, because the allocation that fails may be one that the child needs
 * to go on: then a signal ends it.  Its exit status is 100 if the call gave ENOMEM.
 */
static void
exec_failing(void *arg)
{
	char *args[] = { "true", NULL };

	heddle_failalloc(*(int *)arg);
	execve("/bin/true", args, environ);
	heddle_failalloc(0);
	_exit(errno == ENOMEM ? 100 : 101);
}

static void
fork_failing(void *arg)
{
	pid_t pid;

	heddle_failalloc(*(int *)arg);
	pid = fork();
	heddle_failalloc(0);
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		_exit(errno == ENOMEM || errno == EAGAIN ? 100 : 101);
	_exit(wait4(pid, NULL, 0, NULL) == pid ? 0 : 102);
}

/* What is left after a child has failed each time; *bad counts statuses that should not be. */
static int
fail_in_children(void (*fn)(void *), int *bad)
{
	for (int n = 1; n < MAX_ALLOCATIONS; n++) {
		int status = in_child(fn, &n);

		if (status == 0)
			return n - 1;
		if (!WIFSIGNALED(status) && status != W_EXITCODE(100, 0)) {
			tap_diag("allocation %d fails: status %#x", n, status);
			++*bad;
		}
	}
	return -1;
}

static void
trial_in_children(const char *what, void (*fn)(void *))
{
	struct heddle_mem before, after;
	bool same = false;
	int failures = -1, bad = 0;

	for (int i = 0; i < MAX_TRIES && !same; i++) {
		heddle_mem(&before);
		failures = fail_in_children(fn, &bad);
		/* Process 1 may have some to reap whose parents were killed. */
		do {
			sched_yield();
			heddle_mem(&after);
		} while (after.hm_nprocs != before.hm_nprocs);
		same = same_memory(&before, &after);
	}
	tap_ok(failures > 0 && bad == 0, "%s: %d allocations fail one by one", what, failures);
	tap_ok(same, "exit.3 %s: and nothing is left", what);
}

/* A page that cannot be had when it is touched ends the program, and nobody else. */
static void
touch_failing(void *arg)
{
	char *p = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	(void)arg;
	heddle_failalloc(1);
	*(volatile char *)p = 1;
	_exit(0);
}

static void
vectors_failing(void *arg)
{
	(void)arg;
	heddle_failalloc(1);
	__asm volatile ("pcmpeqd %%xmm1, %%xmm1" ::: "xmm1");
	heddle_failalloc(0);
	_exit(0);
}

static void
test_faults(void)
{
	int status = in_child(touch_failing, NULL);

	tap_ok(WIFSIGNALED(status), "a page that there is no memory for ends the program (status %#x)", status);
	join(spawn(do_nothing, NULL));
	status = in_child(vectors_failing, NULL);
	tap_ok(status == 0 || WIFSIGNALED(status), "vector state without memory: status %#x", status);
}

/* The copy into user memory may need a page, and that may fail. */
static void
test_copyout(void)
{
	char *p = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	int error;

	heddle_failalloc(1);
	error = error_of(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(void *)p));
	heddle_failalloc(0);
	tap_ok(error == EFAULT || error == ENOMEM, "abi.6 a result that there is no page for gives an error (%d)",
	    error);
	tap_is_int(error_of(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(void *)p)), 0,
	    "abi.6 and the next time it works");
	munmap(p, PAGE_SIZE);
}

int
main(void)
{
	if (heddle_failalloc(0) != 0) {
		tap_skip(20, "only a debug kernel lets allocations fail");
		return tap_done();
	}
	_lwp_makecontext(&uc, do_nothing, NULL, NULL, stack, sizeof(stack));
	whole = mmap(NULL, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	trial("_lwp_create", try_create, undo_create, EAGAIN);
	trial("_lwp_create, detached", try_create_detached, undo_create_detached, EAGAIN);
	trial("mmap", try_mmap, undo_mmap, ENOMEM);
	trial("mmap over a part", try_mmap_over, undo_mmap_over, ENOMEM);
	trial("mprotect of a part", try_mprotect, undo_mprotect, ENOMEM);
	trial("open", try_open, undo_open, ENFILE);
	trial("pipe", try_pipe, undo_pipe, ENFILE);
	trial("_lwp_unpark_all", try_unpark_all, undo_unpark_all, ENOMEM);
	trial_in_children("execve", exec_failing);
	trial_in_children("fork", fork_failing);
	test_faults();
	test_copyout();
	return tap_done();
}
