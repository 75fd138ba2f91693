/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 32 */
/*
 * Storms, in a child whose parent stops, continues and now and then kills it.
 *
 *	t_storm [-s seed] [-r rounds]
 *
 * What it is.  The child's LWPs do, in an order drawn from the seed, whatever makes, moves and ends LWPs and
 * processes: create, exit, wait and detach; suspend and continue one another; park, unpark, cancel and
 * signal one another; fork while the others park; exec; map memory and touch it; pipes; timers.  Its first LWP
 * continues who is suspended.  In every second round about one allocation in 30 to 480 fails as
 * well, in the child and in all that it makes.
 *
 * What can fail.  Without failing allocations: a call that gives an error it should not; an LWP that was created
 * and did not run, or ran twice; a child that gets no further, or ends otherwise than it should.  With them: a child
 * that gets no further, or ends by another signal than memory that is not there gives.  After all: anything left in
 * the kernel.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/time.h>

#include "test.h"

#define ROUNDS		16
#define SEED		1
#define NWORKERS	6
#define ACTIONS		40		/* of each LWP */
#define BOUND_NS	(15 * NSEC)	/* without one of them: none will come */
#define ENOUGH_NS	(5 * NSEC)	/* of rounds, when it is not said how many; */
#define LEAST		4		/* so many at least, one of each kind */
#define STACK_SIZE	4096
#define NO_MEMORY	3		/* exit status: so little memory that it could not begin */

/* Seen by parent and child. */
static struct shared {
	atomic_int	created, ran;		/* short lives */
	atomic_int	errors, error, action;	/* calls that failed and should not; the last of them */
	atomic_int	steps;			/* actions done */
	atomic_int	done;			/* workers */
} *shared;

static unsigned		seed = SEED;
static int		rounds;			/* 0: for some time */
static bool		failing;
static atomic_bool	released;		/* the workers' ids are known to all */

static struct worker {
	lwpid_t		id;
	unsigned	random;
	int		n;
	char		stack[STACK_SIZE] __aligned(16);	/* of what it creates */
} workers[NWORKERS];

static unsigned
draw(struct worker *w, unsigned n)
{
	return ((unsigned)rand_r(&w->random) >> 4) % n;
}

/* `error' is no surprise if it is 0 or one of the others.  Without memory, everything may fail. */
static void
check(int action, int error, int ok1, int ok2)
{
	if (error == 0 || error == ok1 || error == ok2 || failing)
		return;
	atomic_store(&shared->error, error);
	atomic_store(&shared->action, action);
	atomic_fetch_add(&shared->errors, 1);
}

static lwpid_t
another(struct worker *w)
{
	return workers[((unsigned)w->n + 1 + draw(w, NWORKERS - 1)) % NWORKERS].id;
}

/* --- What the LWPs do.  Each gives the errno of its main call. --- */

static void
short_life(void *arg)
{
	(void)arg;
	atomic_fetch_add(&shared->ran, 1);
}

static int
create(struct worker *w, unsigned long flags, lwpid_t *id)
{
	ucontext_t uc;

	_lwp_makecontext(&uc, short_life, w, NULL, w->stack, STACK_SIZE);
	if (_lwp_create(&uc, flags, id) != 0)
		return errno;
	atomic_fetch_add(&shared->created, 1);
	return 0;
}

static int
wait_for(lwpid_t id)
{
	int error;

	while ((error = error_of(_lwp_wait(id, NULL))) == EINTR)
		continue;
	return error;
}

static int
do_create(struct worker *w)
{
	lwpid_t id;
	int error = create(w, 0, &id);

	return error != 0 ? error : wait_for(id);
}

static int
do_create_suspended(struct worker *w)
{
	lwpid_t id;
	int error = create(w, LWP_SUSPENDED, &id);

	if (error != 0)
		return error;
	check(-1, error_of(_lwp_suspend(id)), 0, EINTR);
	check(-2, error_of(_lwp_continue(id)), 0, 0);
	return wait_for(id);
}

static int
do_create_detached(struct worker *w)
{
	lwpid_t id;
	int error = create(w, draw(w, 2) * LWP_DETACHED, &id);

	if (error != 0)
		return error;
	if (_lwp_detach(id) != 0)
		check(-3, errno, EINVAL, ESRCH); /* it was made so, and may be gone */
	while ((error = lwp_await_gone(id)) != 0 && failing)
		continue;
	return error;
}

static int
do_suspend(struct worker *w)
{
	lwpid_t id = another(w);
	int error = error_of(_lwp_suspend(id));

	spin(draw(w, 200));
	check(-4, error_of(_lwp_continue(id)), ESRCH, 0);
	return error == EINTR || error == EDEADLK ? 0 : error;
}

static int
do_park(struct worker *w)
{
	int error = park_ns(1 + draw(w, 100000));

	return error == EALREADY || error == ETIMEDOUT || error == EINTR ? 0 : error;
}

static int
do_unpark(struct worker *w)
{
	return error_of(_lwp_unpark(another(w), NULL));
}

static int
do_wakeup(struct worker *w)
{
	int error = error_of(_lwp_wakeup(another(w)));

	return error == ENODEV || error == EBUSY ? 0 : error;
}

static int
do_signal(struct worker *w)
{
	return error_of(draw(w, 2) == 0 ? _lwp_kill(another(w), SIGUSR1) : kill(getpid(), SIGUSR2));
}

static int
do_sigwait(struct worker *w)
{
	struct timespec ts = { 0, 1 + draw(w, 50000) };
	sigset_t set;
	int error;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	error = error_of(sigtimedwait(&set, NULL, &ts));
	return error == EAGAIN || error == EINTR ? 0 : error;
}

static int
reap(pid_t pid, int want)
{
	int status = 0;

	while (wait4(pid, &status, 0, NULL) != pid) {
		if (errno != EINTR)
			return errno;
	}
	return status == want || failing ? 0 : EIO;
}

static int
do_fork(struct worker *w)
{
	pid_t pid = fork();

	(void)w;
	if (pid == 0)
		_exit(5);
	return pid < 0 ? errno : reap(pid, W_EXITCODE(5, 0));
}

static int
do_exec(struct worker *w)
{
	char *args[] = { __UNCONST("true"), NULL };
	pid_t pid;

	if (draw(w, 3) != 0)
		return 0;
	pid = fork();
	if (pid == 0) {
		(void)execve("/bin/true", args, environ);
		_exit(6);
	}
	return pid < 0 ? errno : reap(pid, 0);
}

static int
do_map(struct worker *w)
{
	size_t size = (1 + draw(w, 8)) * PAGE_SIZE;
	volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	for (size_t i = 0; i < size; i += PAGE_SIZE)
		p[i] = 1;
	(void)mprotect(__UNVOLATILE(p), PAGE_SIZE, PROT_READ);
	return error_of(munmap(__UNVOLATILE(p), size));
}

static int
do_pipe(struct worker *w)
{
	char c = 'x';
	int ends[2], error = 0;

	(void)w;
	if (pipe(ends) != 0)
		return errno;
	while (write(ends[1], &c, 1) != 1 && (error = errno) == EINTR)
		continue;
	while (error == 0 && read(ends[0], &c, 1) != 1 && (error = errno) == EINTR)
		error = 0;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return error == EINTR ? 0 : error;
}

static int
do_timer(struct worker *w)
{
	struct itimerval it = { .it_value.tv_usec = draw(w, 300) };

	return error_of(setitimer(ITIMER_REAL, &it, NULL));
}

static int
do_list(struct worker *w)
{
	struct kinfo_lwp kl;
	int error = lwp_info(w->id, &kl);

	return error == ENOMEM ? 0 : error;
}

static int (*const actions[])(struct worker *) = {
	do_create, do_create_suspended, do_create_detached, do_suspend, do_suspend, do_park, do_park, do_unpark,
	do_unpark, do_wakeup, do_signal, do_signal, do_sigwait, do_fork, do_exec, do_map, do_pipe, do_timer, do_list,
};
#define NACTIONS	(sizeof(actions) / sizeof(actions[0]))

/* --- The child. --- */

static void
handler(int signo)
{
	(void)signo;
}

static void
worker_main(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&released))
		(void)park_ns(USEC);
	for (int i = 0; i < ACTIONS; i++) {
		unsigned n = draw(w, NACTIONS);

		check((int)n, actions[n](w), ESRCH, 0);
		atomic_fetch_add(&shared->steps, 1);
	}
	atomic_fetch_add(&shared->done, 1);
}

/* It begins before allocations fail: the LWPs are to be there. */
static __dead void
child(unsigned random)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	(void)sigaction(SIGUSR1, &sa, NULL);
	(void)sigaction(SIGUSR2, &sa, NULL);
	(void)sigaction(SIGALRM, &sa, NULL);
	for (int i = 0; i < NWORKERS; i++)
		workers[i] = (struct worker){ .n = i, .random = random + (unsigned)i * 7919 };
	if (failing)
		(void)heddle_failrandom(30U << random % 5, random);
	for (int i = 0; i < NWORKERS; i++) {
		if (thread_spawn(&workers[i].id, worker_main, &workers[i], 0) != 0)
			_exit(NO_MEMORY);
	}
	atomic_store(&released, true);
	while (atomic_load(&shared->done) < NWORKERS) {
		(void)nanosleep(&(struct timespec){ 0, 200000 }, NULL);
		for (int i = 0; i < NWORKERS; i++)
			(void)_lwp_continue(workers[i].id);
	}
	for (int i = 0; i < NWORKERS; i++)
		(void)wait_for(workers[i].id);
	_exit(0);
}

/* --- The parent. --- */

static void
disturb(pid_t pid, unsigned *random, bool kills)
{
	int n = rand_r(random) % 8;

	for (int i = 0; i < n; i++) {
		(void)nanosleep(&(struct timespec){ 0, rand_r(random) % 3000000 }, NULL);
		(void)kill(pid, SIGSTOP);
		(void)nanosleep(&(struct timespec){ 0, rand_r(random) % 300000 }, NULL);
		(void)kill(pid, SIGCONT);
	}
	if (kills)
		(void)kill(pid, SIGKILL);
}

static bool
await_end(pid_t pid, int *status)
{
	int64_t limit = now_ns() + BOUND_NS;
	int steps, last = -1;

	while (wait4(pid, status, WNOHANG, NULL) != pid) {
		steps = atomic_load(&shared->steps);
		if (steps != last)
			limit = now_ns() + BOUND_NS;
		else if (now_ns() > limit)
			return false;
		last = steps;
		(void)nanosleep(&(struct timespec){ 0, MSEC }, NULL);
	}
	return true;
}

/* May a child that was run out of memory end so? */
static bool
fair_end(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == NO_MEMORY;
	return WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGKILL ||
	    WTERMSIG(status) == SIGILL;
}

static bool
round_right(bool kills, int status)
{
	if (kills && status == SIGKILL)
		return true;
	if (failing)
		return fair_end(status);
	if (atomic_load(&shared->errors) != 0)
		tap_diag("action %d: %s", atomic_load(&shared->action), strerror(atomic_load(&shared->error)));
	return status == 0 && atomic_load(&shared->errors) == 0 &&
	    atomic_load(&shared->created) == atomic_load(&shared->ran);
}

static bool
one_round(int n)
{
	unsigned random = seed * 1000003 + (unsigned)n;
	bool kills = n % 4 >= 2;
	int status = 0;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	failing = n % 2 != 0;
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0)
		child(random);
	disturb(pid, &random, kills);
	if (!await_end(pid, &status)) {
		tap_diag("round %d: no progress after %d actions", n, atomic_load(&shared->steps));
		(void)kill(pid, SIGKILL);
		return false;
	}
	if (round_right(kills, status))
		return true;
	tap_diag("round %d: status %#x, %d created, %d ran", n, status, atomic_load(&shared->created),
	    atomic_load(&shared->ran));
	return false;
}

static void
options(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "s:r:")) != -1) {
		if (opt == 's')
			seed = (unsigned)atol(optarg);
		else if (opt == 'r')
			rounds = atoi(optarg);
		else
			tap_bail("usage: t_storm [-s seed] [-r rounds]");
	}
}

int
main(int argc, char **argv)
{
	int bad = 0, n;
	int64_t end;

	options(argc, argv);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
	if (shared == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	tap_diag("seed %u", seed);
	end = now_ns() + ENOUGH_NS;
	for (n = 0; bad == 0 && (rounds != 0 ? n < rounds : n < LEAST || (n < ROUNDS && now_ns() < end)); n++)
		bad += !one_round(n);
	tap_is_int(bad, 0, "create.2 storms of LWPs, half of them without memory: all accounts balance, %d rounds", n);
	return tap_done();
}
