/* SPDX-License-Identifier: BSD-2-Clause */
/* cpus: 1 2 4 8 */
/*
 * Signals that meet something else at the same moment.  The two sides start together; one waits
 * a little longer from round to round, so that the offset between them passes over the whole
 * stretch in which they can meet.
 */
#include "test.h"

#include <signal.h>

#define ROUNDS	400

static atomic_int	count;
static atomic_uint	round_no;	/* both sides begin the round with this number */
static atomic_bool	finished;
static atomic_int	result;
static lwpid_t		other;

static void
handler(int signo)
{
	(void)signo;
	atomic_fetch_add(&count, 1);
}

static void
on_signal(int signo, int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sa.sa_flags = flags;
	sigaction(signo, &sa, NULL);
	atomic_store(&count, 0);
}

static void
mask(int how, int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(how, &set, NULL);
}

/* How long the two sides wait in round n: first one of them up to 200, then the other. */
static unsigned
offset(unsigned n, int side)
{
	return (n % 2 == 0) == (side == 0) ? n / 2 : 0;
}

static void
await_round(unsigned n)
{
	AWAIT(atomic_load(&round_no) >= n || atomic_load(&finished));
}

/* On a busy host a round can take long: the launcher sees that they go on. */
static void
progress(unsigned n)
{
	if (n % 50 == 0)
		tap_diag("%u rounds", n);
}

/* Parks once a round; an unpark and a signal come at once. */
static int	zeros, eintrs, others;

static void
park_rounds(void *arg)
{
	(void)arg;
	for (unsigned n = 1; n <= ROUNDS; n++) {
		int error;

		await_round(n);
		spin(offset(n, 0));
		error = park();
		zeros += error == 0 || error == EALREADY;
		eintrs += error == EINTR;
		others += error != 0 && error != EALREADY && error != EINTR;
		/* EINTR: the unpark is still to come, or left its token. */
		if (error == EINTR && (error = park()) != 0 && error != EALREADY)
			others++;
		AWAIT(atomic_load(&count) == (int)n);
		atomic_store(&result, (int)n);
	}
}

static void
test_park(void)
{
	on_signal(SIGUSR1, 0);
	atomic_store(&round_no, 0);
	atomic_store(&result, 0);
	other = spawn(park_rounds, NULL);
	for (unsigned n = 1; n <= ROUNDS; n++) {
		atomic_store(&round_no, n);
		spin(offset(n, 1));
		if (n % 4 < 2) {
			_lwp_kill(other, SIGUSR1);
			_lwp_unpark(other, NULL);
		} else {
			_lwp_unpark(other, NULL);
			_lwp_kill(other, SIGUSR1);
		}
		AWAIT(atomic_load(&result) == (int)n);
		progress(n);
	}
	join(other);
	tap_is_int(atomic_load(&count), ROUNDS, "kill.2 a signal for each of %d parks: all came", ROUNDS);
	tap_is_int(others, 0, "park.3 each park ended with its unpark or its signal");
	tap_is_int(zeros + eintrs, ROUNDS, "park.3 and none twice (%d by signal)", eintrs);
}

/* A process-wide signal, sent while one LWP opens its mask and the other closes its own. */
static void
flip_rounds(void *arg)
{
	(void)arg;
	for (unsigned n = 1; !atomic_load(&finished); n++) {
		await_round(n);
		spin(offset(n, 0));
		mask(n % 2 == 0 ? SIG_BLOCK : SIG_UNBLOCK, SIGUSR1);
	}
}

static void
test_masks(void)
{
	unsigned n;
	lwpid_t id;

	on_signal(SIGUSR1, 0);
	atomic_store(&round_no, 0);
	atomic_store(&finished, false);
	mask(SIG_BLOCK, SIGUSR1);
	id = spawn(flip_rounds, NULL);
	mask(SIG_UNBLOCK, SIGUSR1);
	for (n = 1; n <= ROUNDS; n++) {
		int64_t end = now_ns() + 10 * NSEC;

		atomic_store(&round_no, n);
		mask(n % 2 == 0 ? SIG_UNBLOCK : SIG_BLOCK, SIGUSR1);
		spin(offset(n, 1));
		kill(getpid(), SIGUSR1);
		while (atomic_load(&count) != (int)n && now_ns() < end)
			sched_yield();
		if (atomic_load(&count) != (int)n)
			break;
		progress(n);
	}
	atomic_store(&finished, true);
	join(id);
	mask(SIG_UNBLOCK, SIGUSR1);
	tap_is_int((long)n, ROUNDS + 1, "a signal of the process finds the LWP that can take it");
}

/* The only LWP that can take it is being suspended. */
static void
open_spinner(void *arg)
{
	(void)arg;
	mask(SIG_UNBLOCK, SIGUSR1);
	atomic_store(&result, 1);
	while (!atomic_load(&finished))
		spin(1);
}

static void
suspend_rounds(void *arg)
{
	(void)arg;
	mask(SIG_BLOCK, SIGUSR1);
	for (unsigned n = 1; n <= ROUNDS; n++) {
		await_round(n);
		spin(offset(n, 0));
		_lwp_suspend(other);
		spin(20);
		_lwp_continue(other);
	}
}

static void
test_suspend(void)
{
	lwpid_t id;

	on_signal(SIGUSR1, 0);
	atomic_store(&round_no, 0);
	atomic_store(&finished, false);
	atomic_store(&result, 0);
	mask(SIG_BLOCK, SIGUSR1);
	other = spawn(open_spinner, NULL);
	AWAIT(atomic_load(&result) == 1);
	id = spawn(suspend_rounds, NULL);
	for (unsigned n = 1; n <= ROUNDS; n++) {
		atomic_store(&round_no, n);
		spin(offset(n, 1));
		if (n % 2 == 0)
			kill(getpid(), SIGUSR1);
		else
			_lwp_kill(other, SIGUSR1);
		AWAIT(atomic_load(&count) == (int)n);
		progress(n);
	}
	join(id);
	atomic_store(&finished, true);
	join(other);
	mask(SIG_UNBLOCK, SIGUSR1);
	tap_is_int(atomic_load(&count), ROUNDS, "kill.4 %d signals to an LWP that is suspended and continued",
	    ROUNDS);
}

/* SIGSTOP and SIGCONT over LWPs that hand a token round. */
static lwpid_t		ring[4];
static atomic_uint	laps;

static void
ring_member(void *arg)
{
	int me = (int)(intptr_t)arg;

	for (;;) {
		park();
		atomic_fetch_add(&laps, 1);
		_lwp_unpark(ring[(me + 1) % 4], NULL);
	}
}

static void
ring_child(atomic_int *told)
{
	unsigned end;

	for (int i = 0; i < 4; i++)
		ring[i] = spawn(ring_member, (void *)(intptr_t)i);
	_lwp_unpark(ring[0], NULL);
	AWAIT(atomic_load(told) != 0);
	/* After all those stops the ring still turns: an unpark that was lost would have ended it. */
	end = atomic_load(&laps) + 1000;
	AWAIT(atomic_load(&laps) >= end);
	_exit(0);
}

static void
test_stop(void)
{
	atomic_int *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
	int status, bad, stops = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		ring_child(told);
	for (unsigned n = 0; n < ROUNDS; n++) {
		kill(pid, SIGSTOP);
		wait4(pid, &status, WUNTRACED, NULL);
		if (!WIFSTOPPED(status))
			break;
		stops++;
		kill(pid, SIGCONT);
		progress(n);
		spin(n * 10);
	}
	atomic_store(told, 1);
	wait4(pid, &status, 0, NULL);
	bad = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	tap_is_int(bad, 0, "park.3 no unpark is lost by stops and continuations");
	tap_is_int(stops, ROUNDS, "and each SIGSTOP stopped the process");
}

/* SIGKILL at every moment of a child's life with many LWPs. */
static void
kill_child(void)
{
	lwpid_t id;

	for (int i = 0; i < 3; i++)
		spawn(ring_member, (void *)(intptr_t)i);
	id = spawn(ring_member, NULL);
	_lwp_suspend(id);
	for (;;) {
		_lwp_continue(id);
		_lwp_suspend(id);
	}
}

static void
test_kill(void)
{
	int bad = 0;

	for (unsigned n = 0; n < 150; n++) {
		int status;
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (pid == 0)
			kill_child();
		spin(n * 200);
		if (n % 3 == 0)
			kill(pid, SIGSTOP);
		kill(pid, SIGKILL);
		wait4(pid, &status, 0, NULL);
		bad += !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;
	}
	tap_is_int(bad, 0, "suspend.9 SIGKILL ends 150 processes, whatever they do");
}

int
main(void)
{
	test_park();
	test_masks();
	test_suspend();
	test_stop();
	test_kill();
	return tap_done();
}
