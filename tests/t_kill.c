/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_kill, and what signals do to the sleeps that they meet.
 */
#include "test.h"

#include <signal.h>

static _Atomic lwpid_t	ran_in;		/* the LWP of the last handler */
static atomic_int	count;
static siginfo_t	info;
static atomic_bool	go;
static atomic_int	result;

static void
handler(int signo, siginfo_t *si, void *uc)
{
	(void)signo;
	(void)uc;
	info = *si;
	atomic_store(&ran_in, _lwp_self());
	atomic_fetch_add(&count, 1);
}

static void
on_signal(int signo, int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = handler;
	sa.sa_flags = SA_SIGINFO | flags;
	if (sigaction(signo, &sa, NULL) != 0)
		tap_bail("sigaction: %s", strerror(errno));
	atomic_store(&count, 0);
	atomic_store(&ran_in, 0);
}

static void
block(int how, int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(how, &set, NULL);
}

/* Its result is what park returned. */
static void
parker(void *arg)
{
	(void)arg;
	atomic_store(&result, park());
}

static void
runner(void *arg)
{
	(void)arg;
	while (!atomic_load(&go))
		spin(10);
}

static void
test_errors(void)
{
	lwpid_t id = spawn(parker, NULL), z = spawn(do_nothing, NULL);

	tap_is_errno(_lwp_kill(id, -1), EINVAL, "kill.1 a negative signal");
	tap_is_errno(_lwp_kill(id, NSIG), EINVAL, "kill.1 signal 64");
	tap_is_errno(_lwp_kill(NO_SUCH_LWP, SIGUSR1), ESRCH, "kill.1 an unknown id");
	tap_is_errno(_lwp_kill(0, 0), ESRCH, "kill.1 id 0");
	tap_is_errno(_lwp_kill(id, 0), 0, "kill.1 signal 0 to a live LWP");
	lwp_await_zombie(z);
	tap_is_errno(_lwp_kill(z, 0), ESRCH, "kill.1 a zombie");
	join(z);
	_lwp_unpark(id, NULL);
	join(id);
	tap_is_int(atomic_load(&result), 0, "kill.1 signal 0 did not end the sleep");
}

static void
test_exactly(void)
{
	lwpid_t id[3];

	on_signal(SIGUSR1, 0);
	for (int i = 0; i < 3; i++) {
		id[i] = spawn(parker, NULL);
		lwp_await_parked(id[i]);
	}
	_lwp_kill(id[1], SIGUSR1);
	join(id[1]);
	tap_is_int(atomic_load(&ran_in), id[1], "kill.2 the handler runs in the target");
	tap_is_int(atomic_load(&count), 1, "kill.2 once");
	tap_is_int(atomic_load(&result), EINTR, "park.2 a handler ends a park with EINTR");
	tap_is_int(info.si_signo, SIGUSR1, "kill.2 si_signo");
	tap_is_int(info.si_code, SI_LWP, "kill.2 si_code");
	tap_is_int(info.si_pid, getpid(), "kill.2 si_pid");
	tap_is_int((int)info.si_uid, (int)getuid(), "kill.2 si_uid");
	for (int i = 0; i < 3; i += 2) {
		_lwp_unpark(id[i], NULL);
		join(id[i]);
		tap_is_int(atomic_load(&result), 0, "kill.2 the others sleep on");
	}
}

static void
test_running(void)
{
	lwpid_t id;

	on_signal(SIGUSR1, 0);
	atomic_store(&go, false);
	id = spawn(runner, NULL);
	_lwp_kill(id, SIGUSR1);
	AWAIT(atomic_load(&count) == 1);
	tap_is_int(atomic_load(&ran_in), id, "kill.2 in an LWP that runs");
	atomic_store(&go, true);
	join(id);
}

static void
test_mask(void)
{
	sigset_t set;

	on_signal(SIGUSR1, 0);
	block(SIG_BLOCK, SIGUSR1);
	_lwp_kill(_lwp_self(), SIGUSR1);
	tap_is_int(atomic_load(&count), 0, "kill.2 a masked signal waits");
	sigpending(&set);
	tap_ok(sigismember(&set, SIGUSR1) == 1 && sigismember(&set, SIGUSR2) == 0,
	    "kill.2 and is pending");
	_lwp_kill(_lwp_self(), SIGUSR1);
	block(SIG_UNBLOCK, SIGUSR1);
	tap_is_int(atomic_load(&count), 1, "kill.2 it comes when the mask is opened, once");
	sigpending(&set);
	tap_ok(sigismember(&set, SIGUSR1) == 0, "kill.2 then it is not pending");
}

static void
masked_parker(void *arg)
{
	block(SIG_BLOCK, SIGUSR1);
	parker(arg);
	block(SIG_UNBLOCK, SIGUSR1);
}

static void
test_masked_sleeper(void)
{
	lwpid_t id;

	on_signal(SIGUSR1, 0);
	id = spawn(masked_parker, NULL);
	lwp_await_parked(id);
	_lwp_kill(id, SIGUSR1);
	tap_is_int(lwp_await_parked(id), 0, "kill.2 a masked signal does not end a sleep");
	_lwp_unpark(id, NULL);
	join(id);
	tap_is_int(atomic_load(&result), 0, "kill.2 which returns what it would have returned");
	tap_is_int(atomic_load(&count), 1, "kill.2 the handler runs when the mask is opened");
}

static void
test_ignored(void)
{
	lwpid_t id;

	signal(SIGUSR1, SIG_IGN);
	id = spawn(parker, NULL);
	lwp_await_parked(id);
	_lwp_kill(id, SIGUSR1);
	_lwp_kill(id, SIGCHLD);
	tap_is_int(lwp_await_parked(id), 0, "park.2 an ignored signal does not end a park");
	_lwp_unpark(id, NULL);
	join(id);
	tap_is_int(atomic_load(&result), 0, "park.2 it returns 0 to the unpark");
}

static void
test_suspended(void)
{
	lwpid_t id;

	on_signal(SIGUSR1, 0);
	atomic_store(&go, false);
	id = spawn(runner, NULL);
	_lwp_suspend(id);
	tap_is_errno(_lwp_kill(id, SIGUSR1), 0, "kill.4 to a suspended LWP: 0");
	for (int i = 0; i < 100; i++)
		sched_yield();
	tap_is_int(atomic_load(&count), 0, "kill.4 nothing happens while it is suspended");
	_lwp_continue(id);
	AWAIT(atomic_load(&count) == 1);
	tap_is_int(atomic_load(&ran_in), id, "kill.4 it gets it once continued");
	atomic_store(&go, true);
	join(id);

	id = spawn(parker, NULL);
	lwp_await_parked(id);
	on_signal(SIGUSR1, 0);
	_lwp_suspend(id);
	_lwp_kill(id, SIGUSR1);
	for (int i = 0; i < 100; i++)
		sched_yield();
	tap_is_int(atomic_load(&count), 0, "kill.4 the same, suspended in its sleep");
	_lwp_continue(id);
	join(id);
	tap_is_int(atomic_load(&count), 1, "kill.4 it gets it once continued");
	tap_is_int(atomic_load(&result), EINTR, "kill.4 and its park returns EINTR");
}

/* What a signal makes of a process of several LWPs, sent to one that is parked. */
static void
victim(void *arg)
{
	lwpid_t id = spawn(parker, NULL);

	lwp_await_parked(id);
	_lwp_kill(id, *(int *)arg);
	for (;;)
		park();
}

static void
test_process(void)
{
	int signo = SIGKILL, status = in_child(victim, &signo);

	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "kill.3 SIGKILL ends the process");
	signo = SIGTERM;
	status = in_child(victim, &signo);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	    "kill.2 a default action is the process's");
}

static void
stopper(void *arg)
{
	lwpid_t id = spawn(parker, NULL);

	lwp_await_parked(id);
	_lwp_kill(id, *(int *)arg);
	_lwp_unpark(id, NULL);
	join(id);
	_exit(atomic_load(&result));
}

static void
test_stop(int signo)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0); /* in an orphaned group, as this test's may be, only SIGSTOP stops */
		stopper(&signo);
	}
	wait4(pid, &status, WUNTRACED, NULL);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == signo, "kill.3 signal %d stops the process",
	    signo);
	tap_is_errno(kill(pid, SIGCONT), 0, "kill.3 SIGCONT");
	wait4(pid, &status, 0, NULL);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "kill.3 continued it goes on, its park returns 0");
}

static void
waiter(void *arg)
{
	lwpid_t gone;

	atomic_store(&result, error_of(_lwp_wait(*(lwpid_t *)arg, &gone)));
}

static void
test_wait(void)
{
	lwpid_t target = spawn(parker, NULL), id;

	on_signal(SIGUSR1, 0);
	id = spawn(waiter, &target);
	await_waiting(id);
	_lwp_kill(id, SIGUSR1);
	join(id);
	tap_is_int(atomic_load(&result), EINTR, "wait.7 EINTR on a caught signal");

	on_signal(SIGUSR1, SA_RESTART);
	id = spawn(waiter, &target);
	await_waiting(id);
	_lwp_kill(id, SIGUSR1);
	AWAIT(atomic_load(&count) == 1);
	tap_is_int(await_waiting(id), 0, "wait.7 with SA_RESTART it waits again");
	_lwp_wakeup(id);
	join(id);
	tap_is_int(atomic_load(&result), EINTR, "wait.7 EINTR on _lwp_wakeup, SA_RESTART or not");
	_lwp_unpark(target, NULL);
	join(target);
}

int
main(void)
{
	test_errors();
	test_exactly();
	test_running();
	test_mask();
	test_masked_sleeper();
	test_ignored();
	test_suspended();
	test_process();
	test_stop(SIGSTOP);
	test_stop(SIGTSTP);
	test_stop(SIGTTIN);
	test_stop(SIGTTOU);
	test_wait();
	return tap_done();
}
