/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * A process comes to its end while its LWPs are in every state, in all pairs.
 *
 * Each time a child brings one LWP into each of two states, and says so.  Then it ends: it exits,
 * or is killed from outside, or becomes another program, or makes a fault that nobody handles.
 * It has to be gone, with the right status, within a bound; and in the end nothing of all the
 * children may be left in the kernel.
 *
 * States that last are waited for, as the kernel reports them.  Those that are passed through (being
 * created, exiting, suspending another) are passed through all the time, so that the end falls anywhere in them.
 */
#include <fcntl.h>
#include <signal.h>

#include "test.h"

#define BOUND_NS	(10 * NSEC)
#define BLOCK_US	2000
#define ENOUGH		3		/* that went wrong: the others are left out */

/* Of the child: one LWP a state, and what they may need. */
static struct actor {
	const struct state *state;
	int		n;		/* the first or the second */
	atomic_bool	there;		/* in a state that the kernel does not report */
	lwpid_t		id, victim;
} actors[2];

struct state {
	const char	*name;
	void		(*fn)(void *);		/* the LWP's life */
	/* In it? */
	bool		(*in)(struct actor *);
	void		(*enter)(struct actor *);	/* done to it by the first LWP of the process */
	bool		outside;	/* only SIGKILL from outside can come then */
};

static int		idle_pipe[2];	/* nothing is ever written */
static atomic_int	*ready;		/* shared: the child has both in their states */
static atomic_bool	ending;		/* the child ends itself now */

/* Let the others go on: who waits here goes before them. */
static void
nap(void)
{
	(void)nanosleep(&(struct timespec){ 0, 200000 }, NULL);
}

static void
say_there(void *arg)
{
	atomic_store(&((struct actor *)arg)->there, true);
}

static bool
says_there(struct actor *a)
{
	return atomic_load(&a->there);
}

static bool
asleep(struct actor *a)
{
	struct kinfo_lwp kl;

	return lwp_info(a->id, &kl) == 0 && kl.l_stat == LSSLEEP;
}

static bool
runnable(struct actor *a)
{
	struct kinfo_lwp kl;

	return lwp_info(a->id, &kl) == 0 && kl.l_stat == LSRUN;
}

static bool
suspended(struct actor *a)
{
	struct kinfo_lwp kl;

	return lwp_info(a->id, &kl) == 0 && kl.l_stat == LSSUSPENDED;
}

/* --- Lives. --- */

static void
live_user(void *arg)
{
	say_there(arg);
	for (;;)
		spin(1);
}

static void
live_parked(void *arg)
{
	(void)arg;
	for (;;)
		(void)park();
}

static void
live_deadline(void *arg)
{
	(void)arg;
	for (;;)
		(void)park_ns(100 * NSEC);
}

static void
live_waiting(void *arg)
{
	struct actor *a = arg;

	for (;;)
		(void)_lwp_wait(a->victim, NULL);
}

static void
live_sigsuspend(void *arg)
{
	sigset_t none;

	(void)arg;
	sigemptyset(&none);
	for (;;)
		(void)sigsuspend(&none);
}

static void
live_sigwait(void *arg)
{
	sigset_t set;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	for (;;)
		(void)sigtimedwait(&set, NULL, NULL);
}

/* Its child ends when the process that has the other end of the pipe is gone. */
static void
live_wait4(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (pid == 0) {
		(void)close(idle_pipe[1]);
		(void)!read(idle_pipe[0], &(char){ 0 }, 1);
		_exit(0);
	}
	for (;;)
		(void)wait4(pid, NULL, 0, NULL);
}

static void
live_read(void *arg)
{
	(void)arg;
	for (;;)
		(void)!read(idle_pipe[0], &(char){ 0 }, 1);
}

/* The terminal may be at its end, or not be this process's to read: then it just tries all the time. */
static void
live_tty(void *arg)
{
	int fd = open("/dev/console", O_RDONLY);

	say_there(arg);
	for (;;)
		(void)!read(fd, &(char){ 0 }, 1);
}

/* Uninterruptibly, again and again: who ends the process has to wait for it.  A release kernel cannot: then parked. */
static void
live_blocked(void *arg)
{
	while (heddle_block(BLOCK_US) == 0)
		continue;
	live_parked(arg);
}

static void
live_nanosleep(void *arg)
{
	(void)arg;
	for (;;)
		(void)nanosleep(&(struct timespec){ 1000, 0 }, NULL);
}

/* Creates all the time, LWPs that only exit. */
static void
live_creating(void *arg)
{
	static char stacks[2][4096] __aligned(16);
	struct actor *a = arg;
	ucontext_t uc;
	lwpid_t id;

	_lwp_makecontext(&uc, do_nothing, NULL, NULL, stacks[a->n], sizeof(stacks[0]));
	for (;;) {
		if (_lwp_create(&uc, 0, &id) == 0) {
			say_there(arg);
			(void)_lwp_wait(id, NULL);
		}
	}
}

/* Suspends another, and continues it. */
static void
live_suspending(void *arg)
{
	struct actor *a = arg;

	for (;;) {
		(void)_lwp_suspend(a->victim);
		say_there(arg);
		(void)_lwp_continue(a->victim);
	}
}

/* Exits when the process ends; killed from outside, just so. */
static void
live_exiting(void *arg)
{
	say_there(arg);
	while (!atomic_load(&ending))
		spin(1);
}

/* Gone already, and nobody waits for it. */
static void
live_zombie(void *arg)
{
	say_there(arg);
}

static void
live_exec(void *arg)
{
	say_there(arg);
	for (;;)
		(void)execve("/no/such/program", (char *[]){ __UNCONST("x"), NULL }, environ);
}

static void
live_faulting(void *arg)
{
	char *p = mmap(NULL, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);

	say_there(arg);
	for (size_t i = 0;; i++) {
		p[i % 16 * PAGE_SIZE] = 1;
		if (i % 16 == 15)
			p = mmap(p, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0);
	}
}

/* --- What is done to them. --- */

/* On the first LWP's CPU, where that goes before it. */
static void
enter_runnable(struct actor *a)
{
	bind_cpu(_lwp_self(), 0);
	bind_cpu(a->id, 0);
}

static void
enter_suspend(struct actor *a)
{
	if (_lwp_suspend(a->id) != 0)
		tap_bail("_lwp_suspend(%s): %s", a->state->name, strerror(errno));
}

static void
enter_suspend_parked(struct actor *a)
{
	while (!is_parked(a->id))
		nap();
	enter_suspend(a);
}

/* The wake-up that comes meanwhile is kept: it is now suspended, not asleep. */
static void
enter_suspend_woken(struct actor *a)
{
	enter_suspend_parked(a);
	(void)_lwp_unpark(a->id, NULL);
}

static const struct state states[] = {
	{ "in user code", live_user, says_there, NULL, false },
	{ "runnable", live_user, runnable, enter_runnable, false },
	{ "parked", live_parked, asleep, NULL, false },
	{ "parked with a deadline", live_deadline, asleep, NULL, false },
	{ "suspended while parked", live_parked, asleep, enter_suspend_parked, false },
	{ "suspended, woken", live_parked, suspended, enter_suspend_woken, false },
	{ "suspended while running", live_user, suspended, enter_suspend, false },
	{ "stopped", live_user, says_there, NULL, true },
	{ "stopped, parked", live_parked, asleep, NULL, true },
	{ "in _lwp_wait", live_waiting, asleep, NULL, false },
	{ "in sigsuspend", live_sigsuspend, asleep, NULL, false },
	{ "in sigtimedwait", live_sigwait, asleep, NULL, false },
	{ "in wait4", live_wait4, asleep, NULL, false },
	{ "in read of a pipe", live_read, asleep, NULL, false },
	{ "in read of a terminal", live_tty, says_there, NULL, false },
	{ "in uninterruptible sleep", live_blocked, asleep, NULL, false },
	{ "in nanosleep", live_nanosleep, asleep, NULL, false },
	{ "creating", live_creating, says_there, NULL, false },
	{ "suspending another", live_suspending, says_there, NULL, false },
	{ "exiting", live_exiting, says_there, NULL, false },
	{ "a zombie", live_zombie, says_there, NULL, false },
	{ "in exec", live_exec, says_there, NULL, false },
	{ "in a page fault", live_faulting, says_there, NULL, false },
};
#define NSTATES		(sizeof(states) / sizeof(states[0]))

/* --- Ends. --- */

static void
end_exit(void)
{
	_exit(21);
}

static void
end_wait(void)
{
	for (;;)
		(void)park();
}

static void
end_exec(void)
{
	char *args[] = { __UNCONST("true"), NULL };

	(void)execve("/bin/true", args, environ);
	_exit(99);
}

static void
end_fault(void)
{
	raise(SIGSEGV);
	__builtin_trap();
}

static const struct end {
	const char	*name;
	void		(*fn)(void);	/* the child's first LWP, when all is ready */
	bool		killed;		/* by the parent */
	int		status;
} ends[] = {
	{ "exit", end_exit, false, W_EXITCODE(21, 0) },
	{ "SIGKILL", end_wait, true, SIGKILL },
	{ "exec", end_exec, false, 0 },
	{ "a fatal signal", end_fault, false, SIGSEGV },
};
#define NENDS		(sizeof(ends) / sizeof(ends[0]))

/* --- The child. --- */

static void
actor_main(void *arg)
{
	set_class(_lwp_self(), SCHED_OTHER, -1);
	((struct actor *)arg)->state->fn(arg);
}

static void
bring(struct actor *a, const struct state *state, int n)
{
	a->state = state;
	a->n = n;
	if (state->fn == live_waiting || state->fn == live_suspending)
		a->victim = spawn(live_parked, NULL);
	a->id = spawn(actor_main, a);
	if (state->enter != NULL)
		state->enter(a);
	while (!state->in(a))
		nap();
}

static __dead void
child(const struct state *s1, const struct state *s2, const struct end *end)
{
	set_class(_lwp_self(), SCHED_FIFO, 1);
	bring(&actors[0], s1, 0);
	bring(&actors[1], s2, 1);
	atomic_store(ready, 1);
	atomic_store(&ending, true);
	end->fn();
	_exit(98);
}

/* --- The parent. --- */

static const char *
name_of(int status)
{
	static char text[32];

	snprintf(text, sizeof(text), WIFSIGNALED(status) ? "signal %d" : "status %d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return text;
}

/* Until the child is ready, or has ended by itself; false: neither. */
static bool
await_ready(pid_t pid)
{
	int64_t limit = now_ns() + BOUND_NS;
	int status;

	while (!atomic_load(ready) && wait4(pid, &status, WNOHANG | WNOWAIT, NULL) == 0) {
		if (now_ns() > limit)
			return false;
		nap();
	}
	return true;
}

static bool
await_end(pid_t pid, int *status)
{
	int64_t limit = now_ns() + BOUND_NS;

	while (wait4(pid, status, WNOHANG, NULL) != pid) {
		if (now_ns() > limit)
			return false;
		nap();
	}
	return true;
}

static bool
try(const struct state *s1, const struct state *s2, const struct end *end)
{
	int status = 0;
	bool ended;
	pid_t pid;

	atomic_store(ready, 0);
	pid = fork();
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0)
		child(s1, s2, end);
	ended = await_ready(pid);
	if (end->killed) {
		if (s1->outside || s2->outside) {
			(void)kill(pid, SIGSTOP);
			ended = ended && wait4(pid, &status, WUNTRACED, NULL) == pid && WIFSTOPPED(status);
		}
		(void)kill(pid, SIGKILL);
	}
	ended = ended && await_end(pid, &status);
	if (ended && status == end->status)
		return true;
	(void)kill(pid, SIGKILL);
	tap_diag("one LWP %s, one %s, %s: %s", s1->name, s2->name, end->name,
	    ended ? name_of(status) : "it does not end");
	return false;
}

/* All pairs for one end; how many went wrong. */
static int
all_pairs(const struct end *end, int *n)
{
	int bad = 0;

	for (size_t i = 0; i < NSTATES; i++) {
		for (size_t j = i; j < NSTATES; j++) {
			if ((states[i].outside || states[j].outside) && !end->killed)
				continue;
			if (++*n % 25 == 0)
				tap_diag("%s: %d pairs", end->name, *n); /* not a hang */
			if (!try(&states[i], &states[j], end) && ++bad == ENOUGH)
				return bad;
		}
	}
	return bad;
}

static void
run(const struct end *end)
{
	int bad, n = 0;

	bad = all_pairs(end, &n);
	tap_is_int(bad, 0, "create.10 %s ends a process whose LWPs are in any two states: %d pairs", end->name, n);
}

int
main(void)
{
	ready = mmap(NULL, sizeof(*ready), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
	fflush(stdout);
	if (ready == MAP_FAILED || pipe(idle_pipe) != 0)
		tap_bail("mmap, pipe: %s", strerror(errno));
	set_class(_lwp_self(), SCHED_FIFO, 2);
	for (size_t i = 0; i < NENDS; i++)
		run(&ends[i]);
	return tap_done();
}
