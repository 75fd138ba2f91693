/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process groups and sessions: what changes them, what they do to kill, wait4 and
 * stops, and the terminal's foreground.
 */
#include "test_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#define NO_PID	29999
#define MEGA	((size_t)1 << 20)

static int	to_child[2];	/* the way back */

static void
tell(char c)
{
	write(to_child[1], &c, 1);
}

static void
listen_for(void)
{
	char c;

	while (read(to_child[0], &c, 1) == -1 && errno == EINTR)
		continue;
}

static void
open_pipes(void)
{
	if (pipe(to_parent) != 0 || pipe(to_child) != 0)
		tap_bail("pipe: %s", strerror(errno));
}

static void
close_pipes(void)
{
	for (int i = 0; i < 2; i++) {
		close(to_parent[i]);
		close(to_child[i]);
	}
}

static pid_t
start(void (*fn)(void))
{
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0) {
		fn();
		_exit(0);
	}
	return pid;
}

/* A child in group `pgid` (0: its own). */
static pid_t
start_in(pid_t pgid, void (*fn)(void))
{
	pid_t pid = start(fn);

	setpgid(pid, pgid);
	return pid;
}

static int
ended_by(pid_t pid)
{
	int status = status_of(pid, 0);

	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

/* Three LWPs that wait for ever. */
static void
idle(void)
{
	spawn((void (*)(void *))(uintptr_t)pause, NULL);
	spawn((void (*)(void *))(uintptr_t)pause, NULL);
	for (;;)
		pause();
}

static void
execs(void)
{
	char *const argv[] = { __UNCONST("sleep"), __UNCONST("1000"), NULL };

	execv("/bin/sleep", argv);
	_exit(1);
}

/* --- setpgid, getpgid, setsid, getsid --- */

static void
test_set(void)
{
	pid_t me = getpid(), group = getpgrp(), a, b;

	tap_is_int(getpgid(0), group, "getpgid(0) is getpgrp()");
	tap_is_int(getpgid(me), group, "getpgid of oneself");
	tap_is_errno(getpgid(NO_PID), ESRCH, "getpgid of nobody");
	tap_is_int(getsid(0), getsid(me), "getsid");
	tap_is_errno(getsid(NO_PID), ESRCH, "getsid of nobody");
	a = start(idle);
	tap_ok(getpgid(a) == group && getsid(a) == getsid(0), "a child is in its parent's group and session");
	tap_is_errno(setpgid(a, -1), EINVAL, "setpgid: a negative group");
	tap_is_errno(setpgid(1, 0), ESRCH, "setpgid: not a child");
	tap_is_errno(setpgid(NO_PID, 0), ESRCH, "setpgid: nobody");
	tap_is_errno(setpgid(a, NO_PID), EPERM, "setpgid: a group that is not there");
	tap_is_errno(setpgid(a, 1), EPERM, "setpgid: a group of another session");
	tap_is_errno(setpgid(a, 0), 0, "setpgid: a group of its own");
	tap_is_int(getpgid(a), a, "is named by its pid");
	b = start(idle);
	tap_is_errno(setpgid(b, a), 0, "setpgid: another joins");
	tap_is_int(getpgid(b), a, "and is in it");
	kill(a, SIGKILL);
	tap_is_errno(setpgid(b, b), 0, "from the group of a zombie to its own");
	tap_is_errno(setpgid(b, a), 0, "and back: a zombie is a member");
	ended_by(a);
	tap_is_int(getpgid(b), a, "a group outlives its leader");
	kill(b, SIGKILL);
	ended_by(b);
	tap_is_errno(kill(-a, 0), ESRCH, "but not its last member");
}

static void
leader(void)
{
	say(setsid() == getpid() ? 'y' : 'n');
	say(getsid(0) == getpid() && getpgrp() == getpid() ? 'y' : 'n');
	say(setsid() == -1 && errno == EPERM ? 'y' : 'n');
	say(setpgid(0, 0) == -1 && errno == EPERM ? 'y' : 'n');
	listen_for();
}

static void
test_session(void)
{
	pid_t pid;

	open_pipes();
	pid = start(leader);
	tap_is_int(hear(), 'y', "setsid gives the caller's pid");
	tap_is_int(hear(), 'y', "and a session and a group of that number");
	tap_is_int(hear(), 'y', "setsid of one who leads a group: EPERM");
	tap_is_int(hear(), 'y', "a session's leader does not change its group: EPERM");
	tap_is_errno(setpgid(pid, getpgrp()), EPERM, "nor does its parent change it");
	tell('x');
	status_of(pid, 0);
	pid = start_in(0, execs);
	while (setpgid(pid, pid) == 0)
		sched_yield();
	tap_is_int(errno, EACCES, "setpgid of a child that has called execve: EACCES");
	kill(pid, SIGKILL);
	ended_by(pid);
	close_pipes();
}

/* --- kill and wait4 --- */

static void
test_kill(void)
{
	pid_t one = start_in(0, idle), two = start_in(one, idle), other = start_in(0, idle);
	int status;

	tap_is_errno(kill(-one, 0), 0, "kill: a group is there");
	tap_is_errno(kill(-NO_PID, 0), ESRCH, "kill: another is not");
	tap_is_errno(kill(INT32_MIN, SIGTERM), ESRCH, "kill: the opposite of no number");
	tap_is_errno(kill(-one, SIGSTOP), 0, "SIGSTOP to a group of two");
	status = status_of(one, WUNTRACED);
	tap_ok(WIFSTOPPED(status), "stops the one");
	status = status_of(two, WUNTRACED);
	tap_ok(WIFSTOPPED(status), "and the other");
	tap_is_errno(kill(-one, SIGCONT), 0, "SIGCONT");
	status = status_of(-one, WCONTINUED);
	tap_ok(WIFCONTINUED(status), "reaches one");
	status = status_of(-one, WCONTINUED);
	tap_ok(WIFCONTINUED(status), "and the other; wait4(-group) tells");
	tap_is_int(wait4(-one, &status, WNOHANG | WUNTRACED | WCONTINUED, NULL), 0, "once each");
	tap_is_errno(kill(-one, SIGTERM), 0, "SIGTERM");
	tap_ok(ended_by(one) == SIGTERM && ended_by(two) == SIGTERM, "ends both");
	tap_is_int(wait4(other, &status, WNOHANG, NULL), 0, "and nobody else");
	tap_is_errno(wait4(-one, &status, 0, NULL), ECHILD, "wait4(-group): it is empty");
	tap_is_errno(wait4(0, &status, WNOHANG, NULL), ECHILD, "wait4(0): no child is in our group");
	tap_is_errno(wait4(INT32_MIN, &status, WNOHANG, NULL), ECHILD, "wait4: the opposite of no number");
	one = start(idle);
	tap_is_int(wait4(0, &status, WNOHANG, NULL), 0, "wait4(0): one is");
	tap_is_int(wait4(-other, &status, WNOHANG, NULL), 0, "wait4(-group) of the other");
	kill(other, SIGKILL);
	kill(one, SIGKILL);
	tap_is_int(ended_by(-other), SIGKILL, "wait4(-group) takes its child alone");
	tap_is_int(wait4(0, &status, 0, NULL), one, "wait4(0) the other");
}

/* kill(0) sends to the sender's own group, itself too. */
static void
kills_own(void)
{
	setpgid(0, 0); /* not the group of this test */
	start(idle);
	say('r');
	kill(0, SIGKILL);
	say('?');
}

/* kill(-1) sends to everybody but process 1 and the sender: here something that nobody minds. */
static void
test_kill_all(void)
{
	pid_t pid;

	open_pipes();
	pid = start(idle);
	tap_is_errno(kill(-1, 0), 0, "kill(-1) finds others");
	tap_is_errno(kill(-1, SIGWINCH), 0, "and sends to them");
	tap_is_errno(kill(-1, 99), EINVAL, "but no signal that there is not");
	kill(pid, SIGKILL);
	tap_is_int(ended_by(pid), SIGKILL, "and goes on itself");
	close_pipes();
}

static void
test_kill_own(void)
{
	pid_t pid;

	open_pipes();
	pid = start(kills_own);
	hear();
	tap_is_int(ended_by(pid), SIGKILL, "kill(0) ends the sender");
	close(to_parent[1]);
	tap_is_int(hear(), 0, "and its child");
	close(to_parent[0]);
	close(to_child[0]);
	close(to_child[1]);
}

/* A group's signal reaches also those that are just being forked. */
static void
forks(void)
{
	pid_t pid;

	setpgid(0, 0);
	say('r');
	for (;;) {
		if ((pid = fork()) == 0)
			pause();
		kill(pid, SIGKILL);
		wait4(pid, NULL, 0, NULL);
	}
}

static void
test_kill_forking(void)
{
	pid_t pid;
	int bad = 0;

	for (int i = 0; i < 20; i++) {
		open_pipes();
		pid = start(forks);
		hear();
		spin((unsigned)i * 3000);
		bad += kill(-pid, SIGKILL) != 0;
		status_of(pid, 0);
		/* None is left who holds the pipe. */
		close(to_parent[1]);
		while (hear() != 0)
			continue;
		close(to_parent[0]);
		close(to_child[0]);
		close(to_child[1]);
	}
	tap_is_int(bad, 0, "SIGKILL to a group that forks leaves nobody");
}

/*
 * An LWP forks, another takes the process to a group of its choice and kills that: who has SIGKILL behind him does not
 * answer to SIGUSR1.
 */
static pid_t	new_group;
static unsigned	delay;

static void
answer(int signo)
{
	(void)signo;
	say('e');
	_exit(0);
}

static void
forks_for_ever(void *arg)
{
	(void)arg;
	say('f');
	for (;;) {
		if (fork() == 0) {
			for (;;)
				pause();
		}
	}
}

static void
kills_new_group(void)
{
	setpgid(0, 0);
	signal(SIGUSR1, answer);
	spawn(forks_for_ever, NULL);
	listen_for();
	spin(delay);
	setpgid(0, new_group);
	kill(0, SIGKILL);
}

/* How many have escaped. */
static int
kill_moving(void)
{
	pid_t old;
	int n = 0;

	open_pipes();
	new_group = start_in(0, idle);
	old = start_in(0, kills_new_group);
	hear();
	tell('x');
	status_of(old, 0);
	kill(-new_group, SIGUSR1);
	kill(-old, SIGKILL); /* what was forked before the process went */
	ended_by(new_group);
	close(to_parent[1]);
	while (hear() != 0)
		n++;
	close(to_parent[0]);
	close(to_child[0]);
	close(to_child[1]);
	return n;
}

static void
test_kill_moving(void)
{
	int escaped = 0;

	for (unsigned i = 0; i < 60; i++) {
		delay = i % 20 * 3000;
		escaped += kill_moving();
	}
	tap_is_int(escaped, 0, "SIGKILL to a group that a process has joined in the middle of a fork leaves nobody");
}

/* A child that is stopped and continued before it runs, runs: its parent gets to know of its end. */
static volatile sig_atomic_t	last_cont;

static void
note_last(int signo)
{
	(void)signo;
	last_cont = 1;
}

/* After the last SIGCONT nobody may be found stopped. */
static void
fork_and_wait(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	while (wait4(pid, &status, last_cont ? WUNTRACED : 0, NULL) == -1 && errno == EINTR)
		continue;
	if (WIFSTOPPED(status))
		say('s');
}

static void
forks_and_waits(void)
{
	memset(malloc(MEGA), 1, MEGA); /* for a fork takes longer then */
	setpgid(0, 0);
	signal(SIGUSR1, note_last);
	say('f');
	while (!last_cont)
		fork_and_wait();
	say('d');
}

static void
test_cont_forking(void)
{
	pid_t pid;

	open_pipes();
	pid = start(forks_and_waits);
	hear();
	for (unsigned i = 0; i < 300; i++) {
		spin(i % 20 * 1000);
		kill(-pid, SIGSTOP);
		kill(-pid, SIGCONT);
	}
	kill(pid, SIGUSR1);
	tap_is_int(hear(), 'd', "SIGSTOP and SIGCONT to a group that forks leave nobody stopped");
	kill(-pid, SIGKILL);
	status_of(pid, 0);
	close_pipes();
}

/* --- Orphaned groups --- */

static void
hup(int signo)
{
	say(signo == SIGHUP ? 'h' : 'c');
}

static void
grandchild(void)
{
	setpgid(0, 0);
	signal(SIGHUP, hup);
	signal(SIGCONT, hup);
	say('r');
	raise(SIGTSTP);
	say('1');
	/* Nobody could continue us now. */
	raise(SIGTSTP);
	raise(SIGTTIN);
	say('2');
}

static void
father(void)
{
	pid_t pid = start(grandchild);

	status_of(pid, WUNTRACED);
	say('s');
	listen_for();
}

static void
test_orphan(void)
{
	pid_t pid;
	char seen[8] = "";

	open_pipes();
	pid = start(father);
	hear();
	tap_is_int(hear(), 's', "SIGTSTP stops a group whose leader has a parent in another");
	tell('x');
	status_of(pid, 0);
	for (int i = 0; i < 4; i++)
		seen[i] = hear();
	tap_is_str(seen, seen[0] == 'h' ? "hc12" : "ch12",
	    "stopped and orphaned it gets SIGHUP and SIGCONT, and no SIGTSTP stops it again");
	close(to_parent[1]);
	tap_is_int(hear(), 0, "it has ended");
	close(to_parent[0]);
	close(to_child[0]);
	close(to_child[1]);
}

/* A group is orphaned, too, when its link moves away; SIGSTOP works all the same. */
static void
alone(void)
{
	setsid();
	raise(SIGTSTP);
	say('1');
	raise(SIGSTOP);
	say('2');
}

static void
test_orphan_stop(void)
{
	pid_t pid;
	int status;

	open_pipes();
	pid = start(alone);
	tap_is_int(hear(), '1', "SIGTSTP does nothing in a session of its own");
	status = status_of(pid, WUNTRACED);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "SIGSTOP stops");
	kill(pid, SIGCONT);
	tap_is_int(hear(), '2', "and SIGCONT continues");
	status_of(pid, 0);
	close_pipes();
}

/* --- The terminal --- */

/* Reads without being asked: the group of this test is in the foreground, this process's is not. */
static void
reads(void)
{
	char c;

	say(read(STDIN_FILENO, &c, 1) == -1 && errno == EIO ? 'e' : 'n');
}

static void
reads_deaf(void)
{
	signal(SIGTTIN, SIG_IGN);
	listen_for();
	reads();
}

static void
reads_asked(void)
{
	listen_for();
	reads();
}

static void
changes(void)
{
	struct termios t;

	listen_for();
	tcgetattr(STDIN_FILENO, &t);
	say(tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0 ? 'y' : 'n');
}

static void
drains(void)
{
	listen_for();
	say(ioctl(STDIN_FILENO, TIOCDRAIN, 0) == 0 ? 'y' : 'n');
}

static void
asks_nothing(void)
{
	listen_for();
	say(ioctl(STDIN_FILENO, 0x20007400UL /* of no terminal */, 0) == -1 && errno == ENOTTY ? 'y' : 'n');
}

static void
test_background(void)
{
	pid_t pid;
	int status;

	open_pipes();
	pid = start_in(0, reads_asked);
	tell('x');
	status = status_of(pid, WUNTRACED);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN, "SIGTTIN stops one that reads in the background");
	kill(-pid, SIGCONT);
	status = status_of(pid, WUNTRACED);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN, "and again when it is continued there");
	kill(pid, SIGKILL);
	ended_by(pid);
	pid = start_in(0, reads_deaf);
	tell('x');
	tap_is_int(hear(), 'e', "EIO for one that ignores SIGTTIN");
	status_of(pid, 0);
	pid = start_in(0, changes);
	tell('x');
	status = status_of(pid, WUNTRACED);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "SIGTTOU stops one that changes the terminal");
	kill(pid, SIGKILL);
	ended_by(pid);
	pid = start_in(0, asks_nothing);
	tell('x');
	tap_is_int(hear(), 'y', "a command that there is not is refused there, too, and nothing stops");
	status_of(pid, 0);
	pid = start_in(0, drains);
	tell('x');
	status = status_of(pid, WUNTRACED);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "and one that waits until its output is out");
	tap_is_errno(tcsetpgrp(STDIN_FILENO, pid), 0, "given the foreground");
	kill(-pid, SIGCONT);
	tap_is_int(hear(), 'y', "it may");
	status_of(pid, 0);
	signal(SIGTTOU, SIG_IGN);
	tap_is_errno(tcsetpgrp(STDIN_FILENO, getpgrp()), 0, "the foreground taken back");
	signal(SIGTTOU, SIG_DFL);
	close_pipes();
}

static void
elsewhere(void)
{
	setsid();
	say(tcgetpgrp(STDIN_FILENO) == -1 && errno == ENOTTY ? 'y' : 'n');
	say(tcsetpgrp(STDIN_FILENO, getpgrp()) == -1 && errno == ENOTTY ? 'y' : 'n');
	say(ioctl(STDIN_FILENO, TIOCSCTTY, 0) == -1 && errno == EPERM ? 'y' : 'n');
}

static void
test_terminal(void)
{
	pid_t pid;
	bool all;

	if (tcgetpgrp(STDIN_FILENO) != getpgrp()) {
		tap_skip(1, "not in the foreground of a terminal");
		return;
	}
	tap_is_errno(tcsetpgrp(STDIN_FILENO, NO_PID), EPERM, "tcsetpgrp: no such group");
	tap_is_errno(tcsetpgrp(STDIN_FILENO, 0), EPERM, "tcsetpgrp: group 0");
	tap_is_errno(tcsetpgrp(STDIN_FILENO, 1), EPERM, "tcsetpgrp: a group of another session");
	test_background();
	open_pipes();
	pid = start(elsewhere);
	all = hear() == 'y';
	all = hear() == 'y' && all;
	all = hear() == 'y' && all;
	tap_ok(all, "another session cannot ask for it, change it or have it");
	status_of(pid, 0);
	close_pipes();
}

int
main(void)
{
	test_set();
	test_session();
	test_kill();
	test_kill_all();
	test_kill_own();
	test_kill_forking();
	test_kill_moving();
	test_cont_forking();
	test_orphan();
	test_orphan_stop();
	test_terminal();
	return tap_done();
}
