/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_ctl: the block that says where an LWP runs, and that it has lost its CPU.
 */
#include <signal.h>
#include <sys/heddle.h>
#include <sys/lwpctl.h>

#include "test.h"

#define SELF		"/tests/t_lwpctl"
#define BOTH		(LWPCTL_FEATURE_CURCPU | LWPCTL_FEATURE_PCTR)
#define MANY		1000
#define PREEMPTIONS	50
#define ASKED		2000
#define STACK		(64 * 1024)

static lwpctl_t		*volatile other;	/* the block of the other LWP */
static lwpctl_t		*blocks[MANY];
static atomic_int	ready, stop, wrong;
static atomic_long	count;

static lwpctl_t *
my_block(void)
{
	lwpctl_t *lc = NULL;

	if (_lwp_ctl(BOTH, &lc) != 0)
		tap_bail("_lwp_ctl: %s", strerror(errno));
	return lc;
}

/* --- The call --- */

/*
 * A call with a bad address maps a page, and takes it back.  What another LWP maps in the same place meanwhile is that
 * one's.
 */
static void
ask_badly(void *arg)
{
	(void)arg;
	for (int i = 0; i < ASKED; i++)
		_lwp_ctl(BOTH, BAD_KERNEL);
	atomic_store(&stop, 1);
}

static void
map_meanwhile(void *arg)
{
	char *place = mmap(NULL, PAGE_SIZE, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0), *p;
	lwpid_t id;

	(void)arg;
	id = spawn(ask_badly, NULL);
	munmap(place, PAGE_SIZE); /* where the kernel puts the next */
	while (!atomic_load(&stop)) {
		p = mmap(place, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0);
		for (int i = 0; i < 100; i++)
			(*(volatile char *)p)++;
		munmap(p, PAGE_SIZE);
	}
	join(id);
}

static void
test_call(void)
{
	lwpctl_t *lc = (lwpctl_t *)&count, *again = NULL;
	void *bad[] = { BAD_NULL, BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP };
	struct heddle_mem before, after;
	int errors = 0;

	tap_is_errno(_lwp_ctl(4, &lc), ENODEV, "ctl.1 feature 4 gives ENODEV");
	tap_is_errno(_lwp_ctl(-1, &lc), ENODEV, "ctl.1 all features give ENODEV");
	tap_ok(lc == (lwpctl_t *)&count, "ctl.1 and no address is stored");
	heddle_mem(&before);
	for (size_t i = 0; i < __arraycount(bad); i++)
		errors += _lwp_ctl(BOTH, bad[i]) != -1 || errno != EFAULT;
	heddle_mem(&after);
	tap_is_int(in_child(map_meanwhile, NULL), 0,
	    "ctl.1 with a bad address it takes away only what it has put there");
	tap_is_int(errors, 0, "ctl.1 EFAULT for an address that cannot be written to");
	tap_ok(before.hm_user == after.hm_user && before.hm_kernel == after.hm_kernel &&
	    before.hm_objects == after.hm_objects, "ctl.1 and then nothing has been taken");
	tap_is_errno(_lwp_ctl(BOTH, &lc), 0, "ctl.1 both features at once");
	tap_ok(lc->lc_curcpu >= 0 && lc->lc_curcpu < heddle_ncpu(), "ctl.1 at once the block says a CPU");
	for (int f = 0; f < 4; f++)
		errors += _lwp_ctl(f, &again) != 0 || again != lc;
	tap_is_int(errors, 0, "ctl.1 who asks again gets the same block, with any of the features");
	for (size_t i = 0; i < __arraycount(bad); i++)
		errors += _lwp_ctl(BOTH, bad[i]) != -1 || errno != EFAULT;
	tap_ok(errors == 0 && lc->lc_curcpu >= 0, "ctl.1 a bad address then does the block no harm");
}

/* Each allocation of the call fails once. */
static void
no_memory(void *arg)
{
	struct heddle_mem before, after;
	lwpctl_t *lc = NULL;
	int n, lost = 0, error;

	(void)arg;
	heddle_mem(&before);
	for (n = 1; n < 100; n++) {
		heddle_failalloc(n);
		error = error_of(_lwp_ctl(BOTH, &lc));
		heddle_failalloc(0);
		heddle_mem(&after);
		if (error == 0)
			break;
		lost += error != ENOMEM || lc != NULL || before.hm_user != after.hm_user ||
		    before.hm_kernel != after.hm_kernel || before.hm_objects != after.hm_objects;
	}
	_exit(lost != 0 ? 1 : n < 4 || n >= 100 ? 2 : lc->lc_curcpu < 0 ? 3 : 0);
}

static void
test_nomem(void)
{
	if (heddle_failalloc(0) != 0) {
		tap_skip(1, "only debug kernels run out of memory on demand");
		return;
	}
	tap_is_int(in_child(no_memory, NULL), 0, "ctl.1 ENOMEM wherever memory runs out, and nothing is lost");
}

/* --- lc_curcpu --- */

static void
test_self(void)
{
	lwpctl_t *lc = my_block();
	int errors = 0;

	for (int cpu = 0; cpu < heddle_ncpu(); cpu++) {
		bind_cpu(_lwp_self(), cpu);
		for (int i = 0; i < 20; i++) {
			errors += lc->lc_curcpu != cpu;
			sched_yield();
			errors += lc->lc_curcpu != cpu;
		}
	}
	tap_is_int(errors, 0, "ctl.1 it says the CPU that an LWP is bound to");
}

static void
park_and_count(void *arg)
{
	(void)arg;
	other = my_block();
	atomic_store(&ready, 1);
	park();
	while (!atomic_load(&stop))
		atomic_fetch_add(&count, 1);
}

static void
test_other(void)
{
	long seen;
	lwpid_t id;

	atomic_store(&ready, 0);
	id = spawn(park_and_count, NULL);
	lwp_await_parked(id);
	tap_is_int(other->lc_curcpu, LWPCTL_CPU_NONE, "ctl.1 it says that a sleeping LWP is on no CPU");
	bind_cpu(id, heddle_ncpu() - 1);
	if (heddle_ncpu() == 1) {
		tap_skip(1, "one CPU");
	} else {
		bind_cpu(_lwp_self(), 0);
		_lwp_unpark(id, NULL);
		seen = atomic_load(&count);
		AWAIT(atomic_load(&count) > seen + 1000);
		AWAIT(other->lc_curcpu != LWPCTL_CPU_NONE);
		tap_is_int(other->lc_curcpu, heddle_ncpu() - 1, "ctl.1 and where one runs beside us");
	}
	atomic_store(&stop, 1);
	_lwp_unpark(id, NULL);
	join(id);
	atomic_store(&stop, 0);
}

/* --- lc_pctr --- */

static void
preempt(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		struct timespec ts = { 0, 200 * USEC };

		atomic_fetch_add(&count, 1);
		nanosleep(&ts, NULL);
	}
}

/* All the others on our CPU rank below, so that nothing takes it from us; and then one above. */
static void
test_pctr(void)
{
	lwpctl_t *lc = my_block();
	int was, missed = 0;
	lwpid_t id;

	bind_cpu(_lwp_self(), 0);
	set_class(0, SCHED_FIFO, 10);
	was = lc->lc_pctr;
	for (int i = 0; i < 1000; i++)
		(void)_lwp_self();
	tap_is_int(lc->lc_pctr, was, "ctl.1 the count stays while an LWP keeps its CPU");
	id = spawn(preempt, NULL);
	set_class(id, SCHED_FIFO, 20);
	for (int i = 0; i < PREEMPTIONS; i++) {
		long seen = atomic_load(&count);

		was = lc->lc_pctr;
		while (atomic_load(&count) == seen)
			spin(1);
		missed += lc->lc_pctr == was;
	}
	tap_is_int(missed, 0, "ctl.1 the count has changed after each preemption");
	atomic_store(&stop, 1);
	join(id);
	atomic_store(&stop, 0);
	set_class(0, SCHED_OTHER, PRI_NONE);
	was = lc->lc_pctr;
	park_ns(USEC * 100);
	tap_ok(lc->lc_pctr != was, "ctl.1 and after a sleep");
}

/* --- What the program may do to the page --- */

static void
write_to_it(void *arg)
{
	(void)arg;
	my_block()->lc_curcpu = 7;
}

static void
spoil(lwpctl_t *lc, void *page)
{
	mprotect(page, PAGE_SIZE, PROT_READ | PROT_WRITE);
	for (int i = 0; i < 100; i++) {
		lc->lc_pctr = i % 2 == 0 ? INT32_MAX : INT32_MIN;
		lc->lc_curcpu = 12345;
		park_ns(10 * USEC);
	}
}

/* Status 0: the kernel went on, and so did the block. */
static void
abuse(void *arg)
{
	lwpctl_t *lc = my_block();
	char *page = (char *)((uintptr_t)lc & ~(uintptr_t)(PAGE_SIZE - 1));
	lwpid_t id;

	(void)arg;
	spoil(lc, page);
	if (lc->lc_curcpu < 0 || lc->lc_curcpu >= heddle_ncpu())
		_exit(1);
	mprotect(page, PAGE_SIZE, PROT_NONE);
	park_ns(10 * USEC);
	mprotect(page, PAGE_SIZE, PROT_READ);
	if (lc->lc_curcpu < 0 || lc->lc_curcpu >= heddle_ncpu())
		_exit(2);
	if (mmap(page, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0) != page)
		_exit(3);
	park_ns(10 * USEC);
	for (size_t i = 0; i < PAGE_SIZE; i++) {
		if (page[i] != 0)
			_exit(4);
	}
	munmap(page, PAGE_SIZE);
	id = spawn(park_and_count, NULL);
	lwp_await_parked(id);
	atomic_store(&stop, 1);
	_lwp_unpark(id, NULL);
	join(id);
	_exit(0);
}

static void
test_abuse(void)
{
	struct heddle_mem before, after;
	int status;

	status = in_child(write_to_it, NULL);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "ctl.1 a program cannot write to it as it is");
	(void)in_child(abuse, NULL);
	heddle_mem(&before);
	status = in_child(abuse, NULL);
	heddle_mem(&after);
	tap_is_int(status, 0, "ctl.1 a program that protects, spoils, replaces or unmaps it hurts itself alone");
	tap_ok(before.hm_user == after.hm_user && before.hm_kernel == after.hm_kernel &&
	    before.hm_objects == after.hm_objects, "ctl.1 and takes nothing with it when it ends");
}

/* --- fork and exec --- */

static void
read_parents(void *arg)
{
	_exit(((lwpctl_t *)arg)->lc_curcpu == 12345);
}

static void
ask_own(void *arg)
{
	lwpctl_t *lc = my_block();
	int was = lc->lc_pctr;

	(void)arg;
	park_ns(10 * USEC);
	_exit(lc->lc_curcpu < 0 || lc->lc_curcpu >= heddle_ncpu() || lc->lc_pctr == was);
}

static void
become_new(void *arg)
{
	char *argv[] = { __UNCONST(SELF), __UNCONST("again"), NULL };

	(void)my_block();
	execve(SELF, argv, arg);
	_exit(100);
}

static void
test_processes(void)
{
	lwpctl_t *lc = my_block();
	char *empty[] = { NULL };
	int status, was;

	status = in_child(read_parents, lc);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "ctl.1 a child has not its parent's blocks");
	tap_is_int(in_child(ask_own, NULL), 0, "ctl.1 but may have one of its own");
	was = lc->lc_pctr;
	park_ns(10 * USEC);
	tap_ok(lc->lc_pctr != was && lc->lc_curcpu >= 0, "ctl.1 the parent's is alive after the fork");
	tap_is_int(in_child(become_new, empty), 0, "ctl.1 so may a program that another has become by execve");
}

/* --- Many --- */

static void
one_of_many(void *arg)
{
	*(lwpctl_t **)arg = my_block();
	if ((*(lwpctl_t **)arg)->lc_curcpu < 0)
		atomic_fetch_add(&wrong, 1);
	atomic_fetch_add(&ready, 1);
	park();
}

static int
by_address(const void *a, const void *b)
{
	const lwpctl_t *x = *(lwpctl_t *const *)a, *y = *(lwpctl_t *const *)b;

	return x < y ? -1 : x > y;
}

static int
blocks_not(int curcpu)
{
	int n = 0;

	for (int i = 0; i < MANY; i++)
		n += blocks[i]->lc_curcpu != curcpu;
	return n;
}

static void
test_many(void)
{
	static lwpid_t ids[MANY];
	int same = 0;

	atomic_store(&ready, 0);
	for (int i = 0; i < MANY; i++) {
		if (thread_spawn(&ids[i], one_of_many, &blocks[i], THREAD_STACK_MIN) != 0)
			tap_bail("thread_spawn");
	}
	AWAIT(atomic_load(&ready) == MANY);
	await_all_parked(MANY);
	tap_is_int(atomic_load(&wrong), 0, "ctl.1 each of %d LWPs gets a block that says a CPU", MANY);
	tap_is_int(blocks_not(LWPCTL_CPU_NONE), 0, "ctl.1 all of them say so when their LWPs sleep");
	for (int i = 0; i < MANY; i++) {
		_lwp_unpark(ids[i], NULL);
		join(ids[i]);
	}
	tap_is_int(blocks_not(LWPCTL_CPU_EXITED), 0, "exit.5 and say so when they have exited and were waited for");
	qsort(blocks, MANY, sizeof(blocks[0]), by_address);
	for (int i = 1; i < MANY; i++)
		same += blocks[i] == blocks[i - 1];
	tap_is_int(same, 0, "ctl.1 no two have the same");
}

/* --- The end of an LWP --- */

/* Uses its stack until it is told to go, and calls nothing on the way out but _lwp_exit. */
static void
use_stack(void *arg)
{
	volatile long mine = 0;

	(void)arg;
	other = my_block();
	atomic_store(&ready, 1);
	while (!atomic_load(&stop))
		atomic_store(&count, ++mine);
	_lwp_exit();
}

/* One that nobody waits for; its stack goes away as soon as the block allows it. */
static int
exit_round(unsigned long flags)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	static ucontext_t uc;
	int early = 0;
	lwpid_t id;
	long seen;

	atomic_store(&ready, 0);
	atomic_store(&stop, 0);
	_lwp_makecontext(&uc, use_stack, NULL, NULL, stack, STACK);
	if (_lwp_create(&uc, flags, &id) != 0)
		tap_bail("_lwp_create: %s", strerror(errno));
	AWAIT(atomic_load(&ready));
	for (int i = 0; i < 10; i++) {
		seen = atomic_load(&count);
		early += other->lc_curcpu == LWPCTL_CPU_EXITED;
		if (i % 5 == 0)
			AWAIT(atomic_load(&count) != seen);
	}
	atomic_store(&stop, 1);
	AWAIT(other->lc_curcpu == LWPCTL_CPU_EXITED);
	if (munmap(stack, STACK) != 0)
		tap_bail("munmap: %s", strerror(errno));
	if (flags == 0 && _lwp_wait(id, NULL) != 0)
		early++;
	if (flags != 0)
		lwp_await_gone(id);
	return early + (other->lc_curcpu != LWPCTL_CPU_EXITED);
}

static void
test_exit(void)
{
	int errors = 0;

	for (int i = 0; i < 100; i++)
		errors += exit_round(0);
	tap_is_int(errors, 0, "exit.5 exited: not before, then its stack can go, and it stays so after _lwp_wait");
	for (int i = 0; i < 100; i++)
		errors += exit_round(LWP_DETACHED);
	tap_is_int(errors, 0, "exit.5 the same for a detached LWP");
}

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		ask_own(NULL);
	/* While this program has no block yet. */
	test_nomem();
	test_call();
	test_self();
	test_other();
	test_pctr();
	test_abuse();
	test_processes();
	test_many();
	test_exit();
	return tap_done();
}
