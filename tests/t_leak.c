/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is taken is given back: the kernel's own figures before and after many
 * rounds of everything that takes memory.
 *
 * The kernel keeps some memory ready for the next use, so the first rounds may
 * leave more behind than they found.  Rounds are therefore repeated until the
 * figures before and after are equal; what leaks never becomes equal.
 */
#include <fcntl.h>
#include <sys/heddle.h>

#include "test.h"

#define MAX_TRIES	30

static void
use_vectors(void *arg)
{
	__asm volatile ("pcmpeqd %%xmm1, %%xmm1" ::: "xmm1");
	(void)arg;
}

static void
lwps(void)
{
	lwpid_t ids[8];

	for (int i = 0; i < 8; i++)
		ids[i] = spawn(i % 2 == 0 ? do_nothing : use_vectors, NULL);
	for (int i = 0; i < 8; i++)
		join(ids[i]);
}

static void
detached_lwps(void)
{
	static char stacks[8][4096] __aligned(16);
	static ucontext_t uc;
	lwpid_t ids[8];

	for (int i = 0; i < 8; i++) {
		_lwp_makecontext(&uc, use_vectors, NULL, NULL, stacks[i], sizeof(stacks[i]));
		if (_lwp_create(&uc, i % 2 == 0 ? LWP_DETACHED : 0, &ids[i]) != 0)
			tap_bail("_lwp_create: %s", strerror(errno));
	}
	for (int i = 0; i < 8; i++) {
		if (i % 2 != 0)
			_lwp_detach(ids[i]);
	}
	for (int i = 0; i < 8; i++)
		lwp_await_gone(ids[i]);
}

static void
refused_lwps(void)
{
	static char stack[4096];
	static ucontext_t uc;

	_lwp_makecontext(&uc, do_nothing, NULL, NULL, stack, sizeof(stack));
	for (int i = 0; i < 8; i++) {
		if (_lwp_create(&uc, 0, BAD_KERNEL) == 0)
			tap_bail("_lwp_create succeeds");
	}
}

static void
parks(void)
{
	for (int i = 0; i < 10; i++) {
		_lwp_unpark(_lwp_self(), NULL);
		park();
		park_ns(1000);
	}
}

static void
forks(void)
{
	for (int i = 0; i < 4; i++)
		in_child(do_nothing, NULL);
}

/* A child that dies with LWPs, memory, open files and children of its own. */
static void
untidy(void *arg)
{
	int ends[2];
	char *p = mmap(NULL, 50 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	for (size_t i = 0; i < 50; i++)
		p[i * PAGE_SIZE] = 1;
	(void)!pipe(ends);
	for (int i = 0; i < 4; i++)
		lwp_await_parked(spawn(keep_parking, NULL));
	if (fork() == 0)
		_exit(0);
	if (arg != NULL)
		__builtin_trap();
	_exit(0);
}

/* Its child is process 1's to reap, which may take a moment. */
static void
untidy_children(void)
{
	struct heddle_mem before, now;

	heddle_mem(&before);
	in_child(untidy, NULL);
	in_child(untidy, &before);
	do {
		sched_yield();
		heddle_mem(&now);
	} while (now.hm_nprocs != before.hm_nprocs);
}

static void
exec_true(void *arg)
{
	char *args[] = { "true", NULL };

	(void)arg;
	execve("/bin/true", args, environ);
	_exit(1);
}

static void
exec_nothing(void *arg)
{
	char *args[] = { "true", NULL };

	(void)arg;
	execve("/tests/bad/noexec-write-exec-data", args, environ);
	execve("/no/such/file", args, environ);
	_exit(1);
}

static void
execs(void)
{
	in_child(exec_true, NULL);
	in_child(exec_nothing, NULL);
}

static void
mappings(void)
{
	char *p = mmap(NULL, 64 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	if (p == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	memset(p, 1, 64 * PAGE_SIZE);
	/* Many regions of one. */
	for (size_t i = 0; i < 64; i += 2)
		mprotect(p + i * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	mmap(p + 7 * PAGE_SIZE, 20 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0);
	munmap(p + 11 * PAGE_SIZE, 3 * PAGE_SIZE);
	munmap(p, 64 * PAGE_SIZE);
}

/* Addresses far from each other take page tables of their own. */
static void
far_mappings(void)
{
	for (uintptr_t at = 0x100000000000; at < 0x700000000000; at += 0x123456789000) {
		char *p = mmap((void *)at, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1,
		    0);

		if (p == MAP_FAILED)
			tap_bail("mmap at %#lx: %s", at, strerror(errno));
		p[0] = 1;
		munmap(p, PAGE_SIZE);
	}
}

static void
files(void)
{
	int ends[2], fd = open("/bin/true", O_RDONLY);
	char buf[100];

	(void)!read(fd, buf, sizeof(buf));
	dup2(fd, 30);
	close(fd);
	close(30);
	(void)open("/no/such/file", O_RDONLY);
	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	(void)!write(ends[1], buf, sizeof(buf));
	close(ends[0]);
	close(ends[1]);
}

static void
lists(void)
{
	int name[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc) };
	char buf[4096];
	size_t n = 0, len = sizeof(buf);

	free(lwp_list(getpid(), &n));
	sysctl(name, 3, buf, &len, NULL, 0);
	len = 1;
	sysctl(name, 3, buf, &len, NULL, 0);
	len = sizeof(buf);
	sysctl(name, 3, BAD_KERNEL, &len, NULL, 0);
}

/*
 * Rounds of something, until the figures before and after are equal.
 */
static void
rounds(const char *what, int n, void (*fn)(void))
{
	struct heddle_mem before, after;
	bool same = false;
	int tries = 0;

	while (!same && tries++ < MAX_TRIES) {
		heddle_mem(&before);
		for (int i = 0; i < n; i++)
			fn();
		heddle_mem(&after);
		same = memcmp(&before, &after, sizeof(before)) == 0;
	}
	tap_ok(same, "exit.3 %d rounds of %s leave nothing behind", n, what);
	if (!same) {
		tap_diag("free %ld pool %ld kernel %ld user %ld stacks %ld objects %ld processes %ld LWPs %ld",
		    (long)(after.hm_free - before.hm_free), (long)(after.hm_pool - before.hm_pool),
		    (long)(after.hm_kernel - before.hm_kernel), (long)(after.hm_user - before.hm_user),
		    (long)(after.hm_kstack - before.hm_kstack), (long)(after.hm_objects - before.hm_objects),
		    (long)(after.hm_nprocs - before.hm_nprocs), (long)(after.hm_nlwps - before.hm_nlwps));
	}
}

int
main(void)
{
	rounds("LWPs created and waited for", 20, lwps);
	rounds("detached LWPs", 20, detached_lwps);
	rounds("LWPs refused", 20, refused_lwps);
	rounds("park and unpark", 20, parks);
	rounds("mappings", 10, mappings);
	rounds("mappings far away", 5, far_mappings);
	rounds("files and pipes", 20, files);
	rounds("listings", 20, lists);
	rounds("fork", 10, forks);
	rounds("exec", 5, execs);
	rounds("children that leave everything behind", 3, untidy_children);
	return tap_done();
}
