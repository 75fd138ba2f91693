/* SPDX-License-Identifier: BSD-2-Clause */
/* icount: 1 2 */
/*
 * Two things at once, at every offset between them.
 *
 * What it is.  In deterministic time (-icount) an instruction takes a nanosecond.  Of the two sides of a race,
 * the swept one wakes at a set moment and begins; the timed one wakes a number of nanoseconds after that,
 * which grows by one from round to round, so that it meets the swept one at each of its instructions.
 * Then they change places.
 *
 * What a sweep covers.  On one CPU the timer interrupt takes the CPU from the swept side, between any two
 * instructions at which interrupts are on, and the timed side does all of its part there: every way in
 * which one can preempt the other once.  On two CPUs the emulator, which executes one at a time, stops the
 * swept side's CPU at the very instruction, also where interrupts are off and spin locks held, and lets the
 * timed side's run until that halts or spins on a lock: every interleaving in which the timed side's part falls
 * whole, or up to its first spin, between two instructions of the swept one's.  Not covered: orders in which
 * the two take turns more often; t_stress and t_fuzz look there.
 *
 * The same run gives the same result each time; a round that goes wrong is told with its offset.
 */
#include <fcntl.h>
#include <signal.h>

#include "test.h"

#define LEAD_NS		(60 * USEC)	/* from the start of a round to the race */
#define SETTLE_NS	(60 * USEC)	/* from the race until all that can happen has happened */
#define STUCK_NS	(50 * MSEC)	/* an LWP that has not come to its end by then never will */
#define SEARCH		40		/* nanoseconds from offset to offset until the first is found */
#define SEARCH_END	20000
#define WIDTH		600		/* offsets: more than any part is long, or the way into its sleep */
#define PAST		40		/* so far behind the end of the swept side's part nothing new happens */
#define MET_AT_LEAST	50		/* offsets inside that part; else the sweep has missed it */
#define END_LEAD_NS	(800 * USEC)	/* the same where it begins with a fork */
#define END_WIDTH	1800
#define STACK_SIZE	8192
#define BYSTANDER	2

/* One side of a race, or the bystander. */
static struct side {
	lwpid_t		id;
	int		(*action)(struct side *, struct side *);
	struct side	*other;
	int64_t		when;		/* CLOCK_MONOTONIC, ns */
	int		cpu, priority;
	int		result;		/* WRONG: what it saw was not right */
	uint64_t	t0, t1;		/* instructions before and after the action */
	atomic_bool	done;
	bool		late;
	char		stack[STACK_SIZE] __aligned(16);
} sides[3];
#define WRONG		(-2)

static struct side	*const bystander = &sides[BYSTANDER];
static atomic_int	handled;	/* signals */
static atomic_bool	quit;		/* the bystander is to end */
static bool		rescued;
static int		pipe_ends[2];	/* nothing is ever written */
static pid_t		sleeper;	/* a child that never ends */
static sigset_t		usr1, usr2;
static int		first;		/* the first offset: waking takes that long */

/* Everything but the sides' own times. */
struct race {
	const char	*name;
	int		(*a)(struct side *, struct side *);
	int		(*b)(struct side *, struct side *);
	bool		(*right)(struct side *a, struct side *b);
	/* Both have had time enough: help one that rightly still sleeps.  Called until both have ended. */
	void		(*rescue)(struct side *a, struct side *b);
	void		(*by)(void);	/* what the bystander does, or NULL */
	int		step;		/* between offsets */
};

static void
sleep_for(int64_t ns)
{
	(void)nanosleep(&(struct timespec){ 0, ns }, NULL);
}

/* EINTR: a cancel. */
static int
sleep_until(int64_t when)
{
	struct timespec ts = { when / NSEC, when % NSEC };

	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static int
park_until(int64_t when)
{
	struct timespec ts = { when / NSEC, when % NSEC };

	return error_of(_lwp_park(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0, NULL, NULL));
}

/* --- The sides. --- */

static void
side_main(void *arg)
{
	struct side *s = arg;

	bind_cpu(0, s->cpu);
	set_class(_lwp_self(), SCHED_FIFO, s->priority);
	s->late = now_ns() > s->when - USEC;
	s->result = sleep_until(s->when);
	s->t0 = __builtin_ia32_rdtsc();
	if (s->result == 0)
		s->result = s->action(s, s->other);
	s->t1 = __builtin_ia32_rdtsc();
	atomic_store(&s->done, true);
	_lwp_exit();
}

static void
start(struct side *s, void (*fn)(void *), void *arg)
{
	ucontext_t uc;

	atomic_store(&s->done, false);
	s->t0 = s->t1 = 0;
	_lwp_makecontext(&uc, fn, arg, NULL, s->stack, STACK_SIZE);
	if (_lwp_create(&uc, 0, &s->id) != 0)
		tap_bail("_lwp_create: %s", strerror(errno));
}

static void
by_main(void *arg)
{
	const struct race *race = arg;

	bind_cpu(0, heddle_ncpu() - 1);
	set_class(_lwp_self(), SCHED_OTHER, -1);
	race->by();
	_lwp_exit();
}

static void
by_park(void)
{
	while (!atomic_load(&quit))
		(void)park();
}

static void
by_spin(void)
{
	while (!atomic_load(&quit))
		spin(1);
}

/* Wait for an LWP, or, if nobody can, until it is gone. */
static void
reap(lwpid_t id)
{
	struct kinfo_lwp kl;

	if (_lwp_wait(id, NULL) == 0)
		return;
	while (lwp_info(id, &kl) == 0)
		sleep_for(10 * USEC);
}

static void
by_end(void)
{
	atomic_store(&quit, true);
	(void)_lwp_unpark(bystander->id, NULL);
	(void)_lwp_continue(bystander->id);
	reap(bystander->id);
}

static void
by_create(void *arg)
{
	(void)arg;
	for (;;)
		(void)park();
}

/* --- The sweep. --- */

/* Until both have ended; false: one never does. */
static bool
await_both(const struct race *race, struct side *a, struct side *b)
{
	int64_t end = now_ns() + STUCK_NS;

	while (!atomic_load(&a->done) || !atomic_load(&b->done)) {
		if (race->rescue != NULL)
			race->rescue(a, b);
		if (now_ns() > end)
			return false;
		sleep_for(10 * USEC);
	}
	return true;
}

static bool
one_round(const struct race *race, struct side *a, struct side *b)
{
	a->action = race->a;
	b->action = race->b;
	a->other = b;
	b->other = a;
	rescued = false;
	atomic_store(&handled, 0);
	atomic_store(&quit, false);
	if (race->by != NULL)
		start(bystander, by_main, __UNCONST(race));
	start(a, side_main, a);
	start(b, side_main, b);
	(void)sleep_until(MAX(a->when, b->when) + SETTLE_NS);
	if (!await_both(race, a, b))
		return false;
	reap(a->id);
	reap(b->id);
	if (!race->right(a, b))
		return false;
	if (race->by != NULL)
		by_end();
	return true;
}

static bool
offset_round(const struct race *race, struct side *swept, struct side *timed, int offset)
{
	swept->when = now_ns() + LEAD_NS;
	timed->when = swept->when + offset;
	if (one_round(race, &sides[0], &sides[1]))
		return true;
	tap_fail("%s: offset %d: results %d and %d%s", race->name, offset, sides[0].result, sides[1].result,
	    rescued ? ", helped" : "");
	return false;
}

/* The largest offset at which the timed side is surely still the first to begin. */
static bool
find_first(const struct race *race, struct side *swept, struct side *timed)
{
	for (first = 0; first < SEARCH_END; first += SEARCH) {
		if (!offset_round(race, swept, timed, first))
			return false;
		if (swept->t0 < timed->t0)
			break;
	}
	first -= SEARCH;
	return true;
}

/* Race a against b, one of them swept; false: a round went wrong. */
static bool
sweep(const struct race *race, struct side *swept, struct side *timed)
{
	int met = 0, late = 0, past = 0, n;

	swept->cpu = heddle_ncpu() - 1;
	swept->priority = 10;
	timed->cpu = 0;
	timed->priority = 20;
	if (!find_first(race, swept, timed))
		return false;
	for (n = 0; n < WIDTH && past < PAST; n += race->step) {
		if (!offset_round(race, swept, timed, first + n))
			return false;
		late += swept->late || timed->late;
		met += swept->t0 < timed->t0 && (swept->t1 == 0 || timed->t0 < swept->t1);
		past += swept->t1 != 0 && timed->t0 > swept->t1;
	}
	tap_ok(met >= MET_AT_LEAST && late == 0, "%s%s", race->name, swept == &sides[0] ? "" : ", changed over");
	tap_diag("%d of %d offsets inside", met, n / race->step);
	return true;
}

/* --- What they do. --- */

#define ACTION(name, call)						\
	static int name(struct side *s, struct side *o)			\
	{								\
		(void)s, (void)o;					\
		return call;						\
	}

ACTION(stay_out, 0)
ACTION(do_unpark, error_of(_lwp_unpark(o->id, NULL)))
ACTION(do_wakeup, error_of(_lwp_wakeup(o->id)))
ACTION(do_kill, error_of(_lwp_kill(o->id, SIGUSR1)))
ACTION(do_kill_process, error_of(kill(getpid(), SIGUSR1)))
ACTION(do_suspend, error_of(_lwp_suspend(o->id)))
ACTION(do_suspend_by, error_of(_lwp_suspend(bystander->id)))
ACTION(do_suspend_self, error_of(_lwp_suspend(s->id)))
ACTION(do_continue, error_of(_lwp_continue(o->id)))
ACTION(do_continue_by, error_of(_lwp_continue(bystander->id)))
ACTION(do_wait, error_of(_lwp_wait(o->id, NULL)))
ACTION(do_wait_by, error_of(_lwp_wait(bystander->id, NULL)))
ACTION(do_detach, error_of(_lwp_detach(o->id)))
ACTION(do_detach_by, error_of(_lwp_detach(bystander->id)))
ACTION(do_nanosleep, error_of(nanosleep(&(struct timespec){ 1000, 0 }, NULL)))
ACTION(do_sigsuspend, error_of(sigsuspend(&usr1)))
ACTION(do_sigwait, error_of(sigtimedwait(&usr2, NULL, NULL)))
ACTION(do_read, error_of(read(pipe_ends[0], &(char){ 0 }, 1)))
ACTION(do_wait4, error_of(wait4(sleeper, NULL, 0, NULL)))

static int
do_exit(struct side *s, struct side *o)
{
	(void)o;
	atomic_store(&s->done, true);
	_lwp_exit();
	return WRONG;
}

/* With its mask open, which nobody else's is. */
static int
do_exit_open(struct side *s, struct side *o)
{
	(void)sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	return do_exit(s, o);
}

/* There is one unpark, and it is used up. */
static int
do_park(struct side *s, struct side *o)
{
	int error = park();

	(void)s, (void)o;
	return token_empty() ? error : WRONG;
}

/* There is one cancel, and it ends one sleep. */
static int
do_park_cancelled(struct side *s, struct side *o)
{
	int error = park();

	(void)s, (void)o;
	return park_ns(1000) == ETIMEDOUT ? error : WRONG;
}

static int
do_park_open(struct side *s, struct side *o)
{
	(void)s, (void)o;
	(void)sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	return park();
}

/* Until the other side's moment. */
static int
do_park_deadline(struct side *s, struct side *o)
{
	int error = park_until(o->when);

	(void)s;
	return now_ns() >= o->when ? error : WRONG;
}

/* Until about when the other side unparks it; the token has to fit the outcome. */
static int
do_park_between(struct side *s, struct side *o)
{
	int error = park_until(s->when + 2 * first + WIDTH);

	while (!atomic_load(&o->done))
		sleep_for(20 * USEC);
	return (error == ETIMEDOUT ? token_full() : token_empty()) ? error : WRONG;
}

/* Suspend the other, which parks, and unpark it: nothing happens until it is continued. */
static int
do_hold(struct side *s, struct side *o)
{
	int error = error_of(_lwp_suspend(o->id));

	(void)s;
	if (error != 0 || _lwp_unpark(o->id, NULL) != 0)
		return WRONG;
	sleep_for(20 * USEC);
	error = atomic_load(&o->done) ? WRONG : 0;
	return _lwp_continue(o->id) == 0 ? error : WRONG;
}

/* Suspend the other, which exits: success means that it has not, and does not before it is continued. */
static int
do_hold_exit(struct side *s, struct side *o)
{
	int error = error_of(_lwp_suspend(o->id));
	struct kinfo_lwp kl;

	(void)s;
	if (error != 0)
		return error;
	sleep_for(20 * USEC);
	if (lwp_info(o->id, &kl) != 0 || kl.l_stat == LSZOMB)
		return WRONG;
	return error_of(_lwp_continue(o->id));
}

/* --- What is right. --- */

static bool
zero_or(int result, int error)
{
	return result == 0 || result == error;
}

static bool
both_zero(struct side *a, struct side *b)
{
	return a->result == 0 && b->result == 0;
}

static bool
parked_right(struct side *a, struct side *b)
{
	return zero_or(a->result, EALREADY) && b->result == 0;
}

static bool
timed_out(struct side *a, struct side *b)
{
	return a->result == ETIMEDOUT && b->result == 0;
}

static bool
between_right(struct side *a, struct side *b)
{
	return (a->result == ETIMEDOUT || zero_or(a->result, EALREADY)) && b->result == 0;
}

static bool
cancelled(struct side *a, struct side *b)
{
	return a->result == EINTR && (zero_or(b->result, ENODEV) || b->result == EBUSY);
}

static bool
signalled(struct side *a, struct side *b)
{
	return b->result == 0 && atomic_load(&handled) == 1 &&
	    (rescued ? zero_or(a->result, EALREADY) : a->result == EINTR);
}

/* a exits. */
static bool
there_or_not(struct side *a, struct side *b)
{
	(void)a;
	return zero_or(b->result, ESRCH);
}

/* Taken by the one that exits, or pending until somebody opens its mask. */
static bool
taken_once(struct side *a, struct side *b)
{
	(void)a;
	(void)sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	(void)sigprocmask(SIG_BLOCK, &usr1, NULL);
	return b->result == 0 && atomic_load(&handled) == 1;
}

static bool
each_other(struct side *a, struct side *b)
{
	return zero_or(a->result, ESRCH) && zero_or(b->result, ESRCH) && (a->result == 0 || b->result == 0);
}

static bool
waited_right(struct side *a, struct side *b)
{
	(void)b;
	return a->result == 0;
}

static bool
refused_right(struct side *a, struct side *b)
{
	return a->result == EINVAL && b->result == 0;
}

static bool
detached_right(struct side *a, struct side *b)
{
	(void)a;
	return b->result == 0;
}

static bool
one_waited(struct side *a, struct side *b)
{
	return (a->result == 0 && b->result == ESRCH) || (a->result == ESRCH && b->result == 0);
}

/* --- Help. --- */

static void
help_unpark(struct side *a, struct side *b)
{
	(void)b;
	if (!rescued && !atomic_load(&a->done)) {
		rescued = true;
		(void)_lwp_unpark(a->id, NULL);
	}
}

static void
help_continue(struct side *a, struct side *b)
{
	(void)_lwp_continue(a->id);
	(void)_lwp_continue(b->id);
}

static void
help_by(struct side *a, struct side *b)
{
	(void)a, (void)b;
	atomic_store(&quit, true);
	(void)_lwp_unpark(bystander->id, NULL);
}

static const struct race races[] = {
	{ "park.4 park, unpark", do_park, do_unpark, parked_right, NULL, NULL, 1 },
	{ "park.8 park, deadline", do_park_deadline, stay_out, timed_out, NULL, NULL, 1 },
	{ "park.3 deadline, unpark", do_park_between, do_unpark, between_right, NULL, NULL, 1 },
	{ "park.2 park, signal", do_park_open, do_kill, signalled, help_unpark, NULL, 1 },
	{ "wakeup.3 park, wakeup", do_park_cancelled, do_wakeup, cancelled, NULL, NULL, 1 },
	{ "suspend.3 park, suspend", do_park, do_hold, parked_right, NULL, NULL, 1 },
	{ "suspend.5 suspend, suspend", do_suspend, do_suspend, each_other, help_continue, NULL, 1 },
	{ "suspend.7 suspend twice", do_suspend_by, do_suspend_by, both_zero, NULL, by_spin, 1 },
	{ "suspend.8 exit, suspend", do_exit, do_hold_exit, there_or_not, NULL, NULL, 1 },
	{ "continue.2 suspend, continue", do_suspend_by, do_continue_by, both_zero, NULL, by_spin, 1 },
	{ "suspend.6 suspend itself, continue", do_suspend_self, do_continue, both_zero, help_continue, NULL, 1 },
	{ "wait.1 wait, exit", do_wait, do_exit, waited_right, NULL, NULL, 1 },
	{ "wait.3 wait, detach", do_wait_by, do_detach_by, refused_right, NULL, by_park, 1 },
	{ "wait.8 wait, wait", do_wait_by, do_wait_by, one_waited, help_by, by_park, 1 },
	{ "detach.2 exit, detach", do_exit, do_detach, detached_right, NULL, NULL, 1 },
	{ "kill.1 exit, kill", do_exit, do_kill, there_or_not, NULL, NULL, 1 },
	{ "exit.4 exit, signal of the process", do_exit_open, do_kill_process, taken_once, NULL, NULL, 1 },
	{ "unpark.1 exit, unpark", do_exit, do_unpark, there_or_not, NULL, NULL, 1 },
	{ "wakeup.3 nanosleep, wakeup", do_nanosleep, do_wakeup, cancelled, NULL, NULL, 2 },
	{ "wakeup.3 sigsuspend, wakeup", do_sigsuspend, do_wakeup, cancelled, NULL, NULL, 2 },
	{ "wakeup.3 sigtimedwait, wakeup", do_sigwait, do_wakeup, cancelled, NULL, NULL, 2 },
	{ "wakeup.3 read, wakeup", do_read, do_wakeup, cancelled, NULL, NULL, 2 },
	{ "wakeup.3 wait4, wakeup", do_wait4, do_wakeup, cancelled, NULL, NULL, 2 },
	{ "wait.7 _lwp_wait, wakeup", do_wait_by, do_wakeup, cancelled, NULL, by_park, 2 },
};

/* --- Races with the end of the process: each round in a child. --- */

struct end {
	const char	*name;
	int		(*action)(struct side *, struct side *);
	int		(*end)(struct side *, struct side *);
	int		status, step;
};

ACTION(do_create, (start(bystander, by_create, NULL), 0))
ACTION(do_end, (_exit(7), 0))
ACTION(do_die, error_of(kill(getpid(), SIGKILL)))
ACTION(do_exec, error_of(execve("/bin/true", (char *[]){ __UNCONST("true"), NULL }, environ)))

static __dead void
end_child(const struct end *end, struct side *swept, struct side *timed)
{
	sides[0].action = end->action;
	sides[1].action = end->end;
	start(swept, side_main, swept);
	start(timed, side_main, timed);
	for (;;)
		(void)park();
}

/* The child's status, or WRONG: it does not end. */
static int
end_status(pid_t pid)
{
	int64_t limit = now_ns() + STUCK_NS;
	int status;

	while (wait4(pid, &status, WNOHANG, NULL) != pid) {
		if (now_ns() > limit)
			return WRONG;
		sleep_for(20 * USEC);
	}
	return status;
}

static bool
sweep_end(const struct end *end, struct side *swept, struct side *timed)
{
	int n, status;

	swept->cpu = heddle_ncpu() - 1;
	swept->priority = 10;
	timed->cpu = 0;
	timed->priority = 20;
	fflush(stdout);
	for (n = 0; n < END_WIDTH; n += end->step) {
		pid_t pid;

		swept->when = now_ns() + END_LEAD_NS;
		timed->when = swept->when + first + n;
		pid = fork();
		if (pid == 0)
			end_child(end, swept, timed);
		status = end_status(pid);
		if (status != end->status) {
			tap_fail("%s: offset %d: status %#x", end->name, n, status);
			return false;
		}
	}
	return tap_pass("%s%s: %d offsets", end->name, swept == &sides[0] ? "" : ", changed over", n / end->step);
}

static const struct end ends[] = {
	{ "create.10 create, exit of the process", do_create, do_end, W_EXITCODE(7, 0), 4 },
	{ "create.10 create, SIGKILL", do_create, do_die, SIGKILL, 12 },
	{ "create.10 create, exec", do_create, do_exec, 0, 18 },
};

static void
count_signal(int signo)
{
	(void)signo;
	atomic_fetch_add(&handled, 1);
}

static void
setup(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = count_signal;
	(void)sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	(void)sigprocmask(SIG_BLOCK, &usr1, NULL);
	first = 1000;
	if (pipe(pipe_ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	sleeper = fork();
	while (sleeper == 0)
		(void)park();
	bind_cpu(0, 0);
	set_class(_lwp_self(), SCHED_FIFO, 30);
}

/* Those whose name contains `word', up to the first that fails: what is left of it may hold up the others. */
static void
sweep_all(const char *word)
{
	struct side *a = &sides[0], *b = &sides[1];

	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
		if (strstr(races[i].name, word) == NULL)
			continue;
		if (!sweep(&races[i], a, b) || (races[i].b != stay_out && !sweep(&races[i], b, a)))
			return;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (strstr(ends[i].name, word) == NULL)
			continue;
		if (!sweep_end(&ends[i], a, b) || !sweep_end(&ends[i], b, a))
			return;
	}
}

int
main(int argc, char **argv)
{
	setup();
	sweep_all(argc > 1 ? argv[1] : "");
	(void)kill(sleeper, SIGKILL);
	(void)wait4(sleeper, NULL, 0, NULL);
	exit(tap_done());
}
