/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stop and continue, and what wait4 says of it.
 */
#include "test_child.h"

#include <signal.h>

#define FORK_ROUNDS	100
#define FORKERS		3

static atomic_int	result;

static pid_t
start(void (*fn)(void))
{
	pid_t pid;

	fflush(stdout);
	if (pipe(to_parent) != 0 || (pid = fork()) < 0)
		tap_bail("start: %s", strerror(errno));
	if (pid == 0) {
		/* A group of its own, with a parent who could continue it: else SIGTSTP would do nothing. */
		setpgid(0, 0);
		fn();
		_exit(0);
	}
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	status_of(pid, 0);
	close(to_parent[0]);
	close(to_parent[1]);
}

/* The state of LWP lid of another process. */
static int
state_of(pid_t pid, lwpid_t lid)
{
	size_t n = 0;
	struct kinfo_lwp *list = lwp_list(pid, &n);
	int stat = 0;

	for (size_t i = 0; list != NULL && i < n; i++)
		if (list[i].l_lid == lid)
			stat = list[i].l_stat;
	free(list);
	return stat;
}

static void
spinner(void *arg)
{
	for (;;)
		atomic_fetch_add((atomic_uint *)arg, 1);
}

static void
parker(void *arg)
{
	(void)arg;
	atomic_store(&result, park());
}

static void
sleeper(void *arg)
{
	struct timespec ts = { 0, 20 * MSEC };

	(void)arg;
	atomic_store(&result, error_of(nanosleep(&ts, NULL)));
}

static atomic_uint	progress;

/* LWPs 2 and 3 compute, 4 is parked, 5 is suspended, 1 waits. */
static void
busy(void)
{
	lwpid_t id;

	spawn(spinner, &progress);
	spawn(spinner, &progress);
	id = spawn(parker, NULL);
	lwp_await_parked(id);
	id = spawn(spinner, &progress);
	_lwp_suspend(id);
	say('r');
	for (;;)
		park();
}

static void
test_states(void)
{
	pid_t pid = start(busy);
	int status;

	hear();
	tap_is_errno(kill(pid, SIGSTOP), 0, "SIGSTOP to a process of 5 LWPs");
	status = status_of(pid, WUNTRACED);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "wait4 reports the stop");
	tap_is_int(state_of(pid, 2), LSSTOP, "one that ran is stopped");
	tap_is_int(state_of(pid, 3), LSSTOP, "the other too");
	tap_is_int(state_of(pid, 4), LSSTOP, "one that is parked is stopped where it sleeps");
	tap_is_int(state_of(pid, 5), LSSUSPENDED, "one that is suspended stays so");
	tap_is_int(wait4(pid, &status, WUNTRACED | WNOHANG, NULL), 0, "the stop is reported once");
	kill(pid, SIGSTOP);
	tap_is_int(wait4(pid, &status, WUNTRACED | WNOHANG, NULL), 0, "another SIGSTOP changes nothing");
	kill(pid, SIGCONT);
	status = status_of(pid, WCONTINUED);
	tap_ok(WIFCONTINUED(status) && !WIFSTOPPED(status), "wait4 reports the continuation");
	tap_ok(state_of(pid, 2) != LSSTOP && state_of(pid, 4) == LSSLEEP, "they go on");
	kill(pid, SIGSTOP);
	status_of(pid, WUNTRACED);
	kill(pid, SIGKILL);
	status = status_of(pid, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "suspend.9 SIGKILL ends a stopped process, suspended LWP and all");
	end(pid);
}

static void
suspend_all_but_one(void)
{
	lwpid_t id[4];

	for (int i = 0; i < 4; i++) {
		id[i] = spawn(i % 2 == 0 ? spinner : parker, &progress);
		_lwp_suspend(id[i]);
	}
	say('r');
	for (;;)
		park();
}

static void
test_kill_suspended(void)
{
	pid_t pid = start(suspend_all_but_one);
	int status;

	hear();
	kill(pid, SIGKILL);
	status = status_of(pid, 0);
	tap_ok(WIFSIGNALED(status), "suspend.9 SIGKILL ends a process whose LWPs are suspended");
	close(to_parent[0]);
	close(to_parent[1]);
}

/* The child stops itself while others of its LWPs sleep; what they return says what they saw. */
static void
stop_parked(void)
{
	lwpid_t id = spawn(parker, NULL);

	lwp_await_parked(id);
	kill(getpid(), SIGSTOP);
	lwp_await_parked(id);
	_lwp_unpark(id, NULL);
	join(id);
	say(atomic_load(&result) == 0 ? 'y' : 'n');
}

static void
stop_sleeping(void)
{
	lwpid_t id = spawn(sleeper, NULL);

	while (lwp_await_asleep(id, "nanoslp") != 0) { /* on a slow machine its sleep is over before it is seen */
		join(id);
		id = spawn(sleeper, NULL);
	}
	kill(getpid(), SIGSTOP);
	join(id);
	say(atomic_load(&result) == 0 ? 'y' : 'n');
}

static void
waiting(void *arg)
{
	atomic_store(&result, error_of(_lwp_wait(*(lwpid_t *)arg, NULL)));
}

static void
stop_waiting(void)
{
	lwpid_t target = spawn(parker, NULL), id = spawn(waiting, &target);

	await_waiting(id);
	kill(getpid(), SIGSTOP);
	await_waiting(id);
	_lwp_unpark(target, NULL);
	join(id);
	say(atomic_load(&result) == 0 ? 'y' : 'n');
}

static void
test_invisible(void (*fn)(void), const char *what)
{
	pid_t pid = start(fn);
	int status = status_of(pid, WUNTRACED);

	tap_ok(WIFSTOPPED(status), "%s: stopped", what);
	/* A time-out comes while it is stopped, and is kept. */
	for (int64_t until = now_ns() + 25 * MSEC; now_ns() < until;)
		sched_yield();
	kill(pid, SIGCONT);
	tap_is_int(hear(), 'y', "the stop was invisible to %s", what);
	end(pid);
}

/* continue.3: _lwp_continue does not end a stop. */
static void
continue_stopped(void)
{
	lwpid_t id = spawn(spinner, &progress);

	_lwp_suspend(id);
	say('r');
	for (;;) {
		_lwp_continue(id);
		_lwp_suspend(id);
	}
}

static void
test_continue(void)
{
	pid_t pid = start(continue_stopped);
	int bad = 0;

	hear();
	for (int i = 0; i < 200; i++) {
		int one, two, status;

		kill(pid, SIGSTOP);
		status = status_of(pid, WUNTRACED);
		bad += !WIFSTOPPED(status);
		one = state_of(pid, 1);
		two = state_of(pid, 2);
		/* LWP 2 was suspended, or has stopped. */
		bad += one != LSSTOP || (two != LSSTOP && two != LSSUSPENDED);
		kill(pid, SIGCONT);
		spin((unsigned)i * 5);
	}
	tap_is_int(bad, 0, "continue.3 nothing runs in a stopped process, suspended and continued or not");
	end(pid);
}

static void
create_for_ever(void)
{
	say('r');
	for (;;)
		join(spawn(sleeper, NULL));
}

/* create.9: a process that creates and ends LWPs is stopped at many points of it. */
static void
test_create(void)
{
	pid_t pid = start(create_for_ever);
	int bad = 0;

	hear();
	for (int i = 0; i < 200; i++) {
		size_t n = 0;
		struct kinfo_lwp *list;
		int status;

		kill(pid, SIGSTOP);
		status = status_of(pid, WUNTRACED);
		bad += !WIFSTOPPED(status);
		list = lwp_list(pid, &n);
		for (size_t k = 0; list != NULL && k < n; k++)
			bad += list[k].l_stat != LSSTOP && list[k].l_stat != LSZOMB;
		free(list);
		kill(pid, SIGCONT);
		status = status_of(pid, WCONTINUED);
		bad += !WIFCONTINUED(status);
		spin((unsigned)i * 20);
	}
	tap_is_int(bad, 0, "create.9 an LWP created while the process stops, stops with it");
	end(pid);
}

static atomic_int	chld, chld_code;

static void
on_chld(int signo, siginfo_t *si, void *uc)
{
	(void)signo;
	(void)uc;
	atomic_store(&chld_code, si->si_code);
	atomic_fetch_add(&chld, 1);
}

static void
test_sigchld(void)
{
	struct sigaction sa;
	pid_t pid;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = on_chld;
	sa.sa_flags = SA_SIGINFO | SA_RESTART;
	sigaction(SIGCHLD, &sa, NULL);
	pid = start(busy);
	hear();
	kill(pid, SIGTSTP);
	status_of(pid, WUNTRACED);
	tap_ok(atomic_load(&chld) == 1 && atomic_load(&chld_code) == CLD_STOPPED, "SIGCHLD tells of a stop");
	kill(pid, SIGCONT);
	status_of(pid, WCONTINUED);
	tap_ok(atomic_load(&chld) == 2 && atomic_load(&chld_code) == CLD_CONTINUED, "and of a continuation");
	sa.sa_flags |= SA_NOCLDSTOP;
	sigaction(SIGCHLD, &sa, NULL);
	kill(pid, SIGSTOP);
	status_of(pid, WUNTRACED);
	tap_is_int(atomic_load(&chld), 2, "SA_NOCLDSTOP");
	signal(SIGCHLD, SIG_DFL);
	end(pid);
}

static void
on_cont(int signo)
{
	(void)signo;
	say('c');
}

static void
stop_self(void)
{
	sigset_t set;

	signal(SIGCONT, on_cont);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGTSTP);
	say('1');
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	say('2');
}

static void
test_masked_stop(void)
{
	pid_t pid = start(stop_self);
	int status;

	tap_is_int(hear(), '1', "a masked SIGTSTP waits");
	status = status_of(pid, WUNTRACED);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP, "it stops when the mask is opened");
	kill(pid, SIGCONT);
	tap_is_int(hear(), 'c', "a handler of SIGCONT runs after the process goes on");
	tap_is_int(hear(), '2', "and the program too");
	end(pid);
}

static atomic_bool	forked_enough, fork_failed;

static void
enough(int signo)
{
	if (signo == SIGUSR2)
		atomic_store(&forked_enough, true);
}

static void
fork_more(void *arg)
{
	(void)arg;
	while (!atomic_load(&forked_enough)) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid == -1)
			atomic_store(&fork_failed, true);
		else
			status_of(pid, 0);
	}
}

/* LWPs fork until SIGUSR2 comes; says whether fork has ever failed. */
static void
fork_on(void)
{
	struct sigaction sa = { .sa_handler = enough };	/* without SA_RESTART */
	lwpid_t ids[FORKERS];

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	for (int i = 0; i < FORKERS; i++)
		ids[i] = spawn(fork_more, NULL);
	say('1');
	for (int i = 0; i < FORKERS; i++) {
		while (_lwp_wait(ids[i], NULL) == -1 && errno == EINTR)
			continue;
	}
	say(atomic_load(&fork_failed) ? 'n' : 'y');
}

/* fork waits for a stop that is due, and a handler that is due after it does not make it fail. */
static void
test_fork(void)
{
	pid_t pid = start(fork_on);
	int bad = 0, status;

	hear();
	for (int i = 0; i < FORK_ROUNDS; i++) {
		kill(pid, SIGSTOP);
		kill(pid, SIGUSR1);
		status = status_of(pid, WUNTRACED);
		bad += !WIFSTOPPED(status);
		kill(pid, SIGCONT);
	}
	tap_is_int(bad, 0, "a process whose LWPs fork stops, %d times", FORK_ROUNDS);
	kill(pid, SIGUSR2);
	tap_is_int(hear(), 'y', "a stop and a handler do not make its forks fail");
	end(pid);
}

static void
park_on(void *arg)
{
	(void)arg;
	for (;;)
		_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, NULL, NULL);
}

/* A signal would end us, but who could take it is suspended: fork, then continue him. */
static void
fork_beside_suspended(void)
{
	lwpid_t id = spawn(park_on, NULL);
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	say(_lwp_suspend(id) == 0 && kill(getpid(), SIGTERM) == 0 ? '1' : '?');
	pid = fork();
	if (pid == 0)
		_exit(0);
	say(pid > 0 && status_of(pid, 0) == 0 ? 'y' : 'n');
	_lwp_continue(id);
	for (;;)
		sleep(1);
}

static void
test_fork_suspended(void)
{
	pid_t pid = start(fork_beside_suspended);

	tap_is_int(hear(), '1', "a signal is sent whose only taker is suspended");
	tap_is_int(hear(), 'y', "fork does not wait until it is taken");
	tap_is_int(WTERMSIG(status_of(pid, 0)), SIGTERM, "it ends the process when the taker is continued");
	close(to_parent[0]);
	close(to_parent[1]);
}

static void
spin_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		continue;
}

/* A signal would end us; who could take it never runs beside us, who fork and are of a real-time class. */
static void
fork_before_taker(void)
{
	sigset_t set;

	bind_cpu(_lwp_self(), 0);
	(void)spawn(spin_for_ever, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	set_class(_lwp_self(), SCHED_FIFO, 10);
	kill(getpid(), SIGTERM);
	if (fork() == 0)
		_exit(0);
	_exit(1); /* no signal stood before the fork */
}

static void
test_fork_before_taker(void)
{
	pid_t pid = start(fork_before_taker);

	tap_is_int(WTERMSIG(status_of(pid, 0)), SIGTERM, "fork lets a signal end the process whose taker does not run");
	close(to_parent[0]);
	close(to_parent[1]);
}

int
main(void)
{
	test_states();
	test_kill_suspended();
	test_invisible(stop_parked, "a park");
	test_invisible(stop_sleeping, "a nanosleep");
	test_invisible(stop_waiting, "an _lwp_wait");
	test_continue();
	test_create();
	test_sigchld();
	test_masked_stop();
	test_fork();
	test_fork_suspended();
	test_fork_before_taker();
	return tap_done();
}
