/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory: mapping, protection, demand-zero pages, the stack, copy-on-write.
 */
#include <signal.h>
#include <sys/heddle.h>
#include <sys/resource.h>

#include "test.h"

#define SELF	"/tests/t_mm"
#define SEGV	W_EXITCODE(0, SIGSEGV)
#define NLWPS	4

static char *
map(size_t pages)
{
	char *p = mmap(NULL, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	if (p == MAP_FAILED)
		tap_bail("mmap of %zu pages: %s", pages, strerror(errno));
	return p;
}

/* What touching a byte does to a child process. */
static void
touch_read(void *arg)
{
	(void)*(volatile char *)arg;
}

static void
touch_write(void *arg)
{
	*(volatile char *)arg = 1;
}

static void
touch_exec(void *arg)
{
	((void (*)(void))arg)();
}

static void
test_arguments(void)
{
	const int rw = PROT_READ | PROT_WRITE, anon = MAP_ANON | MAP_PRIVATE;
	char *p = map(2);

	tap_ok(mmap(NULL, 0, rw, anon, -1, 0) == MAP_FAILED && errno == EINVAL, "mmap of no bytes");
	tap_ok(mmap(NULL, (size_t)-1, rw, anon, -1, 0) == MAP_FAILED, "mmap of too many bytes (errno %d)", errno);
	tap_ok(mmap(NULL, 1UL << 47, rw, anon, -1, 0) == MAP_FAILED && errno == ENOMEM, "mmap of all there is");
	tap_ok(mmap(NULL, PAGE_SIZE, PROT_WRITE | PROT_EXEC, anon, -1, 0) == MAP_FAILED,
	    "mmap writable and executable is refused (errno %d)", errno);
	tap_ok(mmap(NULL, PAGE_SIZE, 0x100, anon, -1, 0) == MAP_FAILED && errno == EINVAL, "mmap unknown protection");
	tap_ok(mmap(BAD_NULL, PAGE_SIZE, rw, anon | MAP_FIXED, -1, 0) == MAP_FAILED, "mmap of page 0");
	tap_ok(mmap(BAD_END, PAGE_SIZE, rw, anon | MAP_FIXED, -1, 0) == MAP_FAILED, "mmap beyond user space");
	tap_ok(mmap(BAD_KERNEL, PAGE_SIZE, rw, anon | MAP_FIXED, -1, 0) == MAP_FAILED, "mmap in the kernel");
	tap_ok(mmap((char *)VM_MAXUSER_ADDRESS - PAGE_SIZE, 2 * PAGE_SIZE, rw, anon | MAP_FIXED, -1, 0) == MAP_FAILED,
	    "mmap across the end of user space");
	tap_ok(mmap(p + 1, PAGE_SIZE, rw, anon | MAP_FIXED, -1, 0) == MAP_FAILED && errno == EINVAL, "mmap unaligned");
	tap_ok(mmap(NULL, PAGE_SIZE, rw, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF,
	    "mmap of a bad descriptor");
	tap_is_errno(munmap(p + 1, PAGE_SIZE), EINVAL, "munmap unaligned");
	tap_is_errno(munmap(p, 0), EINVAL, "munmap of no bytes");
	tap_is_errno(munmap(p, (size_t)-1), EINVAL, "munmap of too many bytes");
	tap_is_errno(munmap(BAD_KERNEL, PAGE_SIZE), EINVAL, "munmap in the kernel");
	tap_is_errno(mprotect(p + 1, PAGE_SIZE, PROT_READ), EINVAL, "mprotect unaligned");
	tap_is_errno(mprotect(BAD_KERNEL, PAGE_SIZE, PROT_READ), EINVAL, "mprotect in the kernel");
	tap_is_errno(munmap(p, PAGE_SIZE), 0, "munmap of the first of two pages");
	tap_is_errno(mprotect(p, 2 * PAGE_SIZE, PROT_READ), ENOMEM, "mprotect of what is partly not mapped");
	p[PAGE_SIZE] = 1;
	tap_is_int(p[PAGE_SIZE], 1, "a failed mprotect has changed nothing");
	tap_ok(mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC) == -1,
	    "mprotect writable and executable is refused (errno %d)", errno);
}

static void
test_placement(void)
{
	const int rw = PROT_READ | PROT_WRITE, anon = MAP_ANON | MAP_PRIVATE;
	char *p = map(4), *q;

	q = mmap(NULL, PAGE_SIZE, rw, anon | MAP_ALIGNED(21), -1, 0);
	tap_ok(q != MAP_FAILED && (uintptr_t)q % (1UL << 21) == 0, "mmap with an alignment of 2 MiB");
	memset(p, 7, 4 * PAGE_SIZE);
	q = mmap(p + PAGE_SIZE, 2 * PAGE_SIZE, rw, anon | MAP_FIXED, -1, 0);
	tap_ok(q == p + PAGE_SIZE && p[0] == 7 && p[PAGE_SIZE] == 0 && p[3 * PAGE_SIZE - 1] == 0 &&
	    p[3 * PAGE_SIZE] == 7, "MAP_FIXED replaces what is there, and only that");
	munmap(p + PAGE_SIZE, PAGE_SIZE);
	q = mmap(p + PAGE_SIZE, PAGE_SIZE, rw, anon, -1, 0);
	tap_ok(q == p + PAGE_SIZE && q[0] == 0, "a hint is taken if there is room");
	q = mmap(p, PAGE_SIZE, rw, anon, -1, 0);
	tap_ok(q != p && q != MAP_FAILED && p[0] == 7, "and not if there is none");
	tap_ok(mmap(NULL, PAGE_SIZE, rw, MAP_ANON, -1, 0) != MAP_FAILED, "neither shared nor private is private");
}

static void
test_protection(void)
{
	char *p = map(3);
	static const unsigned char ret = 0xc3;

	p[0] = p[PAGE_SIZE] = p[2 * PAGE_SIZE] = 5;
	mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_READ);
	tap_is_int(in_child(touch_read, p + PAGE_SIZE), 0, "a read-only page is read");
	tap_is_int(in_child(touch_write, p + PAGE_SIZE), SEGV, "but not written");
	tap_is_int(in_child(touch_write, p + 2 * PAGE_SIZE), 0, "its neighbours are");
	mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_NONE);
	tap_is_int(in_child(touch_read, p + PAGE_SIZE), SEGV, "a PROT_NONE page is not read");
	mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
	p[PAGE_SIZE + 1] = 6;
	tap_is_int(p[PAGE_SIZE], 5, "its bytes come back with the right to read");
	p[0] = (char)ret;
	tap_is_int(in_child(touch_exec, p), SEGV, "data is not executed");
	mprotect(p, PAGE_SIZE, PROT_READ | PROT_EXEC);
	tap_is_int(in_child(touch_exec, p), 0, "unless mprotect makes code of it");
	tap_is_int(in_child(touch_write, p), SEGV, "which then cannot be written");
	munmap(p, 3 * PAGE_SIZE);
	tap_is_int(in_child(touch_read, p), SEGV, "an unmapped page is gone");
	tap_is_int(in_child(touch_write, (void *)(uintptr_t)test_protection), SEGV,
	    "the program's code is not writable");
	tap_is_int(in_child(touch_read, BAD_NULL), SEGV, "page 0 is not mapped");
	tap_is_int(in_child(touch_read, BAD_KERNEL), SEGV, "the kernel cannot be read");
}

static uint64_t
user_pages(void)
{
	struct heddle_mem hm;

	if (heddle_mem(&hm) != 0)
		tap_bail("heddle_mem: %s", strerror(errno));
	return hm.hm_user;
}

static void
test_demand_zero(void)
{
	enum { N = 200 };
	uint64_t before = user_pages(), mapped, touched, protected, gone;
	char *p = map(N);
	int dirty = 0;

	mapped = user_pages();
	for (int i = 0; i < N; i += 2)
		p[(size_t)i * PAGE_SIZE] = 1;
	touched = user_pages();
	mprotect(p, N * PAGE_SIZE, PROT_READ);
	protected = user_pages();
	for (size_t i = 0; i < N * PAGE_SIZE; i++)
		dirty += p[i] != (i % (2 * PAGE_SIZE) == 0);
	munmap(p, N * PAGE_SIZE);
	gone = user_pages();
	tap_is_int((long)(mapped - before), 0, "a mapping takes no memory");
	tap_is_int((long)(touched - mapped), N / 2, "a page comes when it is touched");
	tap_is_int((long)(protected - touched), 0, "mprotect takes none");
	tap_is_int(dirty, 0, "pages begin as zeros");
	tap_is_int((long)(gone - before), 0, "munmap gives all of it back");
	/* Memory that was another's: nothing of it is seen. */
	p = map(N);
	memset(p, 0xee, N * PAGE_SIZE);
	munmap(p, N * PAGE_SIZE);
	p = map(N);
	dirty = 0;
	for (size_t i = 0; i < N * PAGE_SIZE; i++)
		dirty += p[i] != 0;
	munmap(p, N * PAGE_SIZE);
	tap_is_int(dirty, 0, "pages that were used before are cleared");
}

static int	recurse(int);

/* Called through a pointer, or a compiler makes a loop of it. */
static int	(*volatile deeper)(int) = recurse;

/* 4 KiB of stack a level. */
static int
recurse(int depth)
{
	char space[4096];

	/* All of it is used, for all that the compiler knows. */
	__asm volatile ("movb %b1, (%0)" :: "r" (space), "q" (depth) : "memory");
	if (depth > 0)
		return deeper(depth - 1) + space[0] - (char)depth;
	return 0;
}

static void
overflow(void *arg)
{
	recurse((int)(long)arg);
}

static void
lwp_overflow(void *arg)
{
	(void)arg;
	join(spawn(overflow, (void *)1000L));
}

static void
test_stack(void)
{
	tap_is_int(recurse(1500), 0, "the first LWP's stack grows to 6 MiB");
	tap_is_int(in_child(overflow, (void *)10000L), SEGV, "and ends after 8 MiB");
	tap_is_int(in_child(lwp_overflow, NULL), SEGV, "another's ends at its guard page");
}

/* Copy on write. */

static void
change_copy(void *arg)
{
	char *p = arg;
	int wrong = 0;

	for (int i = 0; i < 50; i++) {
		wrong += p[(size_t)i * PAGE_SIZE] != (char)i;
		p[(size_t)i * PAGE_SIZE] = 99;
	}
	_exit(wrong);
}

static void
check_copy(void *arg)
{
	char *p = arg;
	int wrong = 0;

	for (int i = 0; i < 50; i++)
		wrong += p[(size_t)i * PAGE_SIZE] != (char)i;
	_exit(wrong);
}

static void
test_cow(void)
{
	char *p = map(50);
	int wrong = 0, ends[2];
	uint64_t before;
	pid_t pid;
	char c;

	for (int i = 0; i < 50; i++)
		p[(size_t)i * PAGE_SIZE] = (char)i;
	before = user_pages();
	tap_is_int(in_child(change_copy, p), 0, "a child sees what the parent had");
	for (int i = 0; i < 50; i++)
		wrong += p[(size_t)i * PAGE_SIZE] != (char)i;
	tap_is_int(wrong, 0, "what it writes is its own");
	tap_is_int((long)(user_pages() - before), 0, "and is gone with it");
	/* Now the parent writes while the child lives. */
	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		/* Comes when all is written. */
		if (read(ends[0], &c, 1) != 1)
			_exit(99);
		check_copy(p);
	}
	for (int i = 0; i < 50; i++)
		p[(size_t)i * PAGE_SIZE] = 77;
	if (write(ends[1], "x", 1) != 1)
		tap_bail("write: %s", strerror(errno));
	wait4(pid, &wrong, 0, NULL);
	close(ends[0]);
	close(ends[1]);
	tap_is_int(wrong, 0, "a child does not see what the parent writes");
	munmap(p, 50 * PAGE_SIZE);
}

/* The kernel writes into a copied page too. */
static void
kernel_writes(void *arg)
{
	struct timespec *ts = arg;

	if (clock_gettime(CLOCK_MONOTONIC, ts) != 0 || ts->tv_sec == -1)
		_exit(1);
}

static void
test_cow_kernel(void)
{
	struct timespec *ts = (struct timespec *)(void *)map(1);

	ts->tv_sec = -1;
	tap_is_int(in_child(kernel_writes, ts), 0, "the kernel writes into a child's copy");
	tap_is_int(ts->tv_sec, -1, "and not into the parent's page");
	munmap(ts, PAGE_SIZE);
}

static void
add_all(void *arg)
{
	atomic_long *p = arg;

	for (int i = 0; i < 50; i++)
		atomic_fetch_add((atomic_long *)(void *)((char *)p + (size_t)i * PAGE_SIZE), 1);
}

/* In a child: several LWPs write to pages that are shared with the parent, all at once. */
static void
cow_race(void *arg)
{
	lwpid_t ids[NLWPS];
	int wrong = 0;

	for (int i = 0; i < NLWPS; i++)
		ids[i] = spawn(add_all, arg);
	for (int i = 0; i < NLWPS; i++)
		join(ids[i]);
	for (int i = 0; i < 50; i++)
		wrong += *(long *)(void *)((char *)arg + (size_t)i * PAGE_SIZE) != 1000 + NLWPS;
	_exit(wrong);
}

static void
test_cow_race(void)
{
	char *p = map(50);
	int wrong = 0;

	for (int i = 0; i < 50; i++)
		*(long *)(void *)(p + (size_t)i * PAGE_SIZE) = 1000;
	for (int round = 0; round < 3; round++)
		wrong += in_child(cow_race, p) != 0;
	tap_is_int(wrong, 0, "%d LWPs that write to one copied page write to one copy", NLWPS);
	munmap(p, 50 * PAGE_SIZE);
}

/* Many LWPs touch the same new pages at the same time. */
#define FAULT_PAGES	256
static atomic_int	gate;

static void
fault_all(void *arg)
{
	AWAIT(atomic_load(&gate) != 0);
	for (size_t i = 0; i < FAULT_PAGES; i++)
		atomic_fetch_add((atomic_int *)(void *)((char *)arg + i * PAGE_SIZE), 1);
}

static void
test_fault_race(void)
{
	uint64_t before, used = 0;
	int wrong = 0;

	for (int round = 0; round < 10; round++) {
		lwpid_t ids[NLWPS];
		char *p = map(FAULT_PAGES);

		atomic_store(&gate, 0);
		for (int i = 0; i < NLWPS; i++)
			ids[i] = spawn(fault_all, p);
		before = user_pages();
		atomic_store(&gate, 1);
		for (int i = 0; i < NLWPS; i++)
			join(ids[i]);
		used = user_pages() - before;
		for (size_t i = 0; i < FAULT_PAGES; i++)
			wrong += *(int *)(void *)(p + i * PAGE_SIZE) != NLWPS;
		munmap(p, FAULT_PAGES * PAGE_SIZE);
	}
	tap_is_int(wrong, 0, "%d LWPs that touch the same new pages get the same ones", NLWPS);
	tap_ok(used <= FAULT_PAGES, "and no more than there are");
}

/* Another CPU's translations: what is unmapped or protected here is so there. */
static atomic_bool	reading;

static void
read_for_ever(void *arg)
{
	for (;;) {
		(void)*(volatile char *)arg;
		atomic_store(&reading, true);
	}
}

static void
write_for_ever(void *arg)
{
	for (;;) {
		++*(volatile char *)arg;
		atomic_store(&reading, true);
	}
}

static void
unmap_under(void *arg)
{
	char *p = map(1);

	p[0] = 1;
	spawn(read_for_ever, p);
	AWAIT(atomic_load(&reading));
	if (arg == NULL)
		munmap(p, PAGE_SIZE);
	else
		mprotect(p, PAGE_SIZE, PROT_NONE);
	for (;;)
		park();
}

static void
protect_under(void *arg)
{
	char *p = map(1);

	(void)arg;
	p[0] = 1;
	spawn(write_for_ever, p);
	AWAIT(atomic_load(&reading));
	mprotect(p, PAGE_SIZE, PROT_READ);
	for (;;)
		park();
}

/* A page is replaced again and again; readers see old or new, nothing else, and never old after new. */
static char	*replaced;
static atomic_int	wrong_reads;

static void
watch(void *arg)
{
	(void)arg;
	while (!atomic_load(&reading)) {
		char first = *(volatile char *)replaced, second = *(volatile char *)(replaced + 1);

		if ((first != 0 && first != 'a') || (second != 0 && second != 'b'))
			atomic_fetch_add(&wrong_reads, 1);
	}
}

static void
test_shootdown(void)
{
	lwpid_t ids[2];

	tap_is_int(in_child(unmap_under, NULL), SEGV, "munmap takes a page from an LWP that reads it");
	tap_is_int(in_child(unmap_under, &gate), SEGV, "mprotect too");
	tap_is_int(in_child(protect_under, NULL), SEGV, "and the right to write from one that writes");
	replaced = map(1);
	atomic_store(&reading, false);
	for (int i = 0; i < 2; i++)
		ids[i] = spawn(watch, NULL);
	for (int i = 0; i < 60; i++) {
		replaced[0] = 'a';
		replaced[1] = 'b';
		/* Another page, whose bytes would be wrong here. */
		memset(map(1), 0x5a, PAGE_SIZE);
		mmap(replaced, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0);
	}
	atomic_store(&reading, true);
	for (int i = 0; i < 2; i++)
		join(ids[i]);
	tap_is_int(atomic_load(&wrong_reads), 0, "a page that is replaced is never seen in other hands");
}

/* --- The limit on the size --- */

static size_t
own_size(void)
{
	int name[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc) };
	static struct heddle_proc hp[64];
	size_t len = sizeof(hp), n;

	if (sysctl(name, 3, hp, &len, NULL, 0) != 0)
		tap_bail("sysctl: %s", strerror(errno));
	for (n = 0; hp[n].hp_pid != getpid(); n++)
		continue;
	return hp[n].hp_vsize;
}

static void
set_limit(size_t bytes)
{
	struct rlimit rl = { bytes, RLIM_INFINITY };

	if (setrlimit(RLIMIT_AS, &rl) != 0)
		_exit(99);
}

static int
map_error(size_t pages)
{
	return error_of((long)mmap(NULL, pages * PAGE_SIZE, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0));
}

static void
cannot_map(void *arg)
{
	(void)arg;
	_exit(map_error(1) != ENOMEM);
}

/* The status is the number of what is not so. */
static void
be_limited(void *arg)
{
	char *p = map(4);
	lwpid_t id;

	(void)arg;
	set_limit(own_size() + 3 * PAGE_SIZE);
	if (map_error(4) != ENOMEM || map_error(2) != 0 || map_error(2) != ENOMEM || map_error(1) != 0)
		_exit(1);
	if (map_error(1) != ENOMEM || in_child(cannot_map, NULL) != 0)
		_exit(2);
	/* What takes the place of something else adds nothing. */
	if (mmap(p, 4 * PAGE_SIZE, PROT_READ, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0) != p)
		_exit(3);
	if (thread_spawn(&id, do_nothing, NULL, 0) != ENOMEM || malloc(1 << 20) != NULL)
		_exit(4);
	munmap(p, PAGE_SIZE);
	if (map_error(1) != 0 || map_error(1) != ENOMEM)
		_exit(5);
	set_limit(0);
	if (map_error(1) != ENOMEM || mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_NONE) != 0)
		_exit(6);
	set_limit(RLIM_INFINITY);
	_exit(map_error(100) != 0 ? 7 : 0);
}

static void
exec_limited(void *arg)
{
	char *const argv[] = { __UNCONST(SELF), __UNCONST("limited"), NULL };

	(void)arg;
	set_limit(0);
	execv(SELF, argv);
	_exit(98);
}

static void
test_limit(void)
{
	tap_is_int(in_child(be_limited, NULL), 0, "RLIMIT_AS is the limit of what is mapped");
	tap_is_int(in_child(exec_limited, NULL), 0, "also after execve");
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "limited") == 0)
		cannot_map(NULL);

	test_arguments();
	test_placement();
	test_protection();
	test_demand_zero();
	test_stack();
	test_cow();
	test_cow_kernel();
	test_cow_race();
	test_fault_race();
	test_shootdown();
	test_limit();
	return tap_done();
}
