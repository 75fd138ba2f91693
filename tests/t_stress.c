/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 32 */
/*
 * Everything at once, on all CPUs, for a few seconds: LWPs come and go, park
 * and unpark one another with and without deadlines, change their class and
 * their CPUs, fault in memory, and fork.  In the end all accounts must balance.
 */
#include <sys/heddle.h>

#include "test.h"

#define SECONDS		2
#define NCREATORS	2
#define NDETACHERS	2
#define NPAIRS		3
#define STACK_SIZE	4096

static atomic_bool	stop;
static atomic_long	created, ran, reaped;		/* joinable ones */
static atomic_long	detached, detached_ran;
static atomic_long	throws, catches, lost;
static atomic_long	moves, mappings, forks, errors;

static void
fail(const char *what, int error)
{
	tap_diag("%s: error %d", what, error);
	atomic_fetch_add(&errors, 1);
}

static void
short_life(void *arg)
{
	unsigned n = (unsigned)(long)arg;

	if (n % 3 == 0)
		park_ns(1 + n % 7 * 10000);
	else if (n % 3 == 1)
		sched_yield();
	atomic_fetch_add(&ran, 1);
}

/* Create some, unpark them at random, and wait: by id, for any, in some order. */
static void
creator(void *arg)
{
	unsigned n = (unsigned)(long)arg;

	while (!atomic_load(&stop)) {
		lwpid_t ids[6];

		for (int i = 0; i < 6; i++) {
			ids[i] = spawn(short_life, (void *)(long)n++);
			atomic_fetch_add(&created, 1);
		}
		for (int i = 0; i < 6; i++) {
			if (_lwp_unpark(ids[(i * 5 + 1) % 6], NULL) != 0 && errno != ESRCH)
				fail("unpark", errno);
		}
		for (int i = 0; i < 6; i++) {
			join(ids[i]);
			atomic_fetch_add(&reaped, 1);
		}
	}
}

static void
detached_life(void *arg)
{
	(void)arg;
	atomic_fetch_add(&detached_ran, 1);
}

/* Detached from the start, or by their creator while they exit. */
static void
detacher(void *arg)
{
	static char stacks[NDETACHERS][STACK_SIZE] __aligned(16);
	char *stack = stacks[(long)arg];
	ucontext_t uc;

	for (unsigned n = 0; !atomic_load(&stop); n++) {
		lwpid_t id;

		_lwp_makecontext(&uc, detached_life, NULL, NULL, stack, STACK_SIZE);
		if (_lwp_create(&uc, n % 2 == 0 ? LWP_DETACHED : 0, &id) != 0) {
			fail("create", errno);
			continue;
		}
		atomic_fetch_add(&detached, 1);
		if (n % 2 != 0 && _lwp_detach(id) != 0)
			fail("detach", errno);
		if (lwp_await_gone(id) != 0)
			fail("detached LWP stays", 0);
	}
}

/* Two that throw a ball, with deadlines now and then. */
static struct pair {
	lwpid_t		ids[2];
	atomic_int	ball;
} pairs[NPAIRS];

static void
catch_ball(struct pair *p, int me, unsigned n)
{
	int64_t end = now_ns() + 20 * NSEC;

	while (atomic_load(&p->ball) != me && !atomic_load(&stop)) {
		int error = n % 4 == 0 ? park_ns(50000) : park_ns(NSEC);

		if (error != 0 && error != EALREADY && error != ETIMEDOUT)
			fail("park", error);
		if (now_ns() > end)
			atomic_fetch_add(&lost, 1);
	}
}

static void
play(struct pair *p, int me)
{
	AWAIT(p->ids[!me] != 0);
	for (unsigned n = 0; !atomic_load(&stop); n++) {
		catch_ball(p, me, n);
		atomic_fetch_add(&catches, 1);
		atomic_store(&p->ball, !me);
		atomic_fetch_add(&throws, 1);
		if (_lwp_unpark(p->ids[!me], p) != 0 && errno != ESRCH)
			fail("unpark", errno);
		/* They may be of a real-time class now: leave something for the others. */
		if (n % 5 == 0)
			nanosleep(&(struct timespec){ 0, MSEC }, NULL);
	}
}

static void
first_player(void *arg)
{
	play(arg, 0);
}

static void
second_player(void *arg)
{
	play(arg, 1);
}

/* Change class, priority and CPU of the players, and its own CPU.  In the end the players may be gone. */
static void
move(unsigned *seed)
{
	lwpid_t id = pairs[(unsigned)rand_r(seed) % NPAIRS].ids[rand_r(seed) % 2];
	lwpid_t other = rand_r(seed) % 5 == 0 ? _lwp_self() : id;
	int class = rand_r(seed) % 3;
	struct sched_param sp = { .sched_priority = class == SCHED_OTHER ? -1 : rand_r(seed) % 8 };
	cpuset_t set = { { (uint32_t)rand_r(seed) & ((1U << heddle_ncpu()) - 1) } };

	if (set.bits[0] != 0 && _sched_setaffinity(0, other, sizeof(set), &set) != 0 && errno != ESRCH)
		fail("setaffinity", errno);
	if (_sched_setparam(0, id, class, &sp) != 0 && errno != ESRCH)
		fail("setparam", errno);
	atomic_fetch_add(&moves, 1);
}

static void
mover(void *arg)
{
	unsigned seed = 17;

	(void)arg;
	while (!atomic_load(&stop)) {
		move(&seed);
		park_ns(100000);
	}
}

static void
mapper(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		char *p = mmap(NULL, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

		for (size_t i = 0; i < 8; i++)
			p[i * PAGE_SIZE] = (char)i;
		mprotect(p, PAGE_SIZE, PROT_READ);
		for (size_t i = 0; i < 8; i++) {
			if (p[i * PAGE_SIZE] != (char)i)
				fail("memory", (int)i);
		}
		munmap(p, 8 * PAGE_SIZE);
		atomic_fetch_add(&mappings, 1);
		sched_yield();
	}
}

static void
forker(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit(_lwp_self() == 1 ? 21 : 22);
		if (pid < 0 || wait4(pid, &status, 0, NULL) != pid || status != W_EXITCODE(21, 0))
			fail("fork", status);
		atomic_fetch_add(&forks, 1);
		park_ns(2 * MSEC);
	}
}

static void
run(void)
{
	lwpid_t ids[NCREATORS + NDETACHERS + 3];
	int n = 0;

	for (long i = 0; i < NCREATORS; i++)
		ids[n++] = spawn(creator, (void *)(i * 1000));
	for (long i = 0; i < NDETACHERS; i++)
		ids[n++] = spawn(detacher, (void *)i);
	for (int i = 0; i < NPAIRS; i++) {
		pairs[i].ids[0] = pairs[i].ids[1] = 0;
		if (thread_spawn(&pairs[i].ids[0], first_player, &pairs[i], 0) != 0 ||
		    thread_spawn(&pairs[i].ids[1], second_player, &pairs[i], 0) != 0)
			tap_bail("thread_spawn");
	}
	ids[n++] = spawn(mover, NULL);
	ids[n++] = spawn(mapper, NULL);
	ids[n++] = spawn(forker, NULL);
	/* Above all others, so that the time is up when it is up. */
	set_class(_lwp_self(), SCHED_FIFO, 63);
	park_ns(SECONDS * NSEC);
	atomic_store(&stop, true);
	set_class(_lwp_self(), SCHED_OTHER, -1);
	for (int i = 0; i < n; i++)
		join(ids[i]);
	for (int i = 0; i < NPAIRS; i++) {
		join(pairs[i].ids[0]);
		join(pairs[i].ids[1]);
	}
}

int
main(void)
{
	struct heddle_mem hm;

	fflush(stdout);
	run();
	heddle_mem(&hm);
	tap_diag("%ld LWPs joined, %ld detached, %ld throws, %ld moves, %ld mappings, %ld forks", atomic_load(&created),
	    atomic_load(&detached), atomic_load(&throws), atomic_load(&moves), atomic_load(&mappings),
	    atomic_load(&forks));
	tap_is_int(atomic_load(&errors), 0, "state.1 no call failed that should not");
	tap_is_int(atomic_load(&ran), atomic_load(&created), "create.2 every LWP ran once");
	tap_is_int(atomic_load(&reaped), atomic_load(&created), "wait.1 and was waited for once");
	tap_is_int(atomic_load(&detached_ran), atomic_load(&detached),
	    "create.8 every detached one ran once and vanished");
	tap_is_int(atomic_load(&lost), 0, "park.3 no wake-up was lost");
	tap_ok(atomic_load(&throws) > 0 && atomic_load(&created) > 0 && atomic_load(&forks) > 0 &&
	    atomic_load(&moves) > 0 &&
	    atomic_load(&mappings) > 0, "state.2 all kinds have come on");
	tap_is_int(count_lwps(), 1, "state.3 no LWP is left");
	return tap_done();
}
