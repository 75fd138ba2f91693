/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * Threads of C11; contexts that a program switches between; jumps.
 */
#include <setjmp.h>
#include <signal.h>
#include <threads.h>

#include "test.h"

static mtx_t		m;
static cnd_t		c;
static once_flag	once = ONCE_FLAG_INIT;
static tss_t		key;
static atomic_int	inits, destroyed;
static int		turn;

static void
init(void)
{
	atomic_fetch_add(&inits, 1);
}

static void
destroy(void *value)
{
	atomic_fetch_add(&destroyed, value == &key);
}

static int
play(void *arg)
{
	int me = *(int *)arg;

	call_once(&once, init);
	tss_set(key, &key);
	for (int i = 0; i < 200; i++) {
		mtx_lock(&m);
		while (turn != me)
			cnd_wait(&c, &m);
		turn = (me + 1) % 3;
		cnd_broadcast(&c);
		mtx_unlock(&m);
	}
	return tss_get(key) == &key ? me + 10 : -1;
}

static int
try_it(void *arg)
{
	(void)arg;
	return mtx_trylock(&m);
}

static int
leave(void *arg)
{
	(void)arg;
	thrd_exit(33);
}

static void
test_threads(void)
{
	static int numbers[] = { 0, 1, 2 };
	struct timespec ts = { 0, 1000 };
	int value, sum = 0;
	thrd_t t[3];

	tap_is_int(mtx_init(&m, mtx_plain), thrd_success, "7.26.4.2 mtx_init");
	tap_is_int(cnd_init(&c), thrd_success, "7.26.3.3 cnd_init");
	tap_is_int(tss_create(&key, destroy), thrd_success, "7.26.6.1 tss_create");
	for (int i = 0; i < 3; i++) {
		if (thrd_create(&t[i], play, &numbers[i]) != thrd_success)
			tap_bail("thrd_create");
	}
	for (int i = 0; i < 3; i++)
		sum += thrd_join(t[i], &value) == thrd_success ? value : 0;
	tap_is_int(sum, 33, "7.26.5.1 7.26.5.6 three threads take turns; thrd_join gives what they returned");
	tap_is_int(atomic_load(&inits), 1, "7.26.2.1 call_once");
	tap_is_int(atomic_load(&destroyed), 3, "7.26.6.1 destructors run");
	mtx_lock(&m);
	thrd_create(&t[0], try_it, NULL);
	tap_ok(thrd_join(t[0], &value) == thrd_success && value == thrd_busy, "7.26.4.5 mtx_trylock: thrd_busy");
	ts = clock_in(CLOCK_REALTIME, MSEC);
	tap_is_int(cnd_timedwait(&c, &m, &ts), thrd_timedout, "7.26.3.5 cnd_timedwait: thrd_timedout");
	tap_is_int(mtx_timedlock(&m, &ts), thrd_timedout, "7.26.4.4 mtx_timedlock: thrd_timedout");
	mtx_unlock(&m);
	tap_is_int(mtx_unlock(&m), thrd_error, "7.26.4.6 mtx_unlock of a free one: thrd_error");
	mtx_destroy(&m);
	tap_is_int(mtx_init(&m, 99), thrd_error, "7.26.4.2 mtx_init: thrd_error");
	mtx_init(&m, mtx_recursive | mtx_timed);
	tap_ok(mtx_lock(&m) == thrd_success && mtx_lock(&m) == thrd_success, "7.26.4.3 mtx_recursive");
	thrd_create(&t[0], leave, NULL);
	tap_ok(thrd_join(t[0], &value) == thrd_success && value == 33, "7.26.5.5 thrd_exit");
	tap_is_int(thrd_join(t[0], NULL), thrd_error, "7.26.5.6 thrd_join a second time: thrd_error");
	ts = (struct timespec){ 0, 1000 };
	tap_is_int(thrd_sleep(&ts, NULL), 0, "7.26.5.7 thrd_sleep");
	tap_ok(thrd_equal(thrd_current(), thrd_current()), "7.26.5.2 7.26.5.4 thrd_current, thrd_equal");
}

static ucontext_t	main_uc, co[2];
static int		trace;
static __thread int	own;

static void
coroutine(int a, int b, int cc, int d, int e, int f, int g, int h)
{
	for (int i = 0; i < 3; i++) {
		trace = trace * 10 + a;
		own++;
		swapcontext(&co[a - 1], &co[2 - a]);
	}
	if (a + b + cc + d + e + f + g + h != a + 2 + 3 + 4 + 5 + 6 + 7 + 8)
		trace = -1;
}

static int
resume_here(void *arg)
{
	(void)arg;
	own = 100;
	swapcontext(&main_uc, &co[0]);
	return own;
}

static void
make(ucontext_t *u, int number, ucontext_t *link)
{
	static char stacks[2][16384] __aligned(16);

	getcontext(u);
	u->uc_stack.ss_sp = stacks[number - 1];
	u->uc_stack.ss_size = sizeof(stacks[0]);
	u->uc_link = link;
	makecontext(u, (void (*)(void))(uintptr_t)coroutine, 8, number, 2, 3, 4, 5, 6, 7, 8);
}

static void
test_contexts(void)
{
	thrd_t t;
	int value;

	make(&co[0], 1, &co[1]);
	make(&co[1], 2, &main_uc);
	tap_is_int(swapcontext(&main_uc, &co[0]), 0, "swapcontext to a made context comes back");
	tap_is_int(trace, 121212, "two coroutines in turn; one ends, its uc_link goes on, and then ours");
	tap_is_int(own, 6, "they have the thread's __thread variables");
	trace = 0;
	make(&co[0], 1, &co[1]);
	make(&co[1], 2, &main_uc);
	thrd_create(&t, resume_here, NULL);
	thrd_join(t, &value);
	tap_ok(trace == 121212 && value == 106 && own == 6, "and in another thread, that one's");
}

static sigjmp_buf	env;

static void
jump(int signo)
{
	siglongjmp(env, signo);
}

static void
test_jump(void)
{
	sigset_t mask;
	volatile int rounds = 0;

	signal(SIGUSR1, jump);
	if (sigsetjmp(env, 1) < 2 * SIGUSR1 && rounds < 3) {
		rounds++;
		raise(SIGUSR1);
	}
	sigprocmask(SIG_BLOCK, NULL, &mask);
	tap_ok(rounds == 3 && !sigismember(&mask, SIGUSR1), "siglongjmp out of a handler puts the mask back");
}

int
main(void)
{
	test_threads();
	test_contexts();
	test_jump();
	return tap_done();
}
