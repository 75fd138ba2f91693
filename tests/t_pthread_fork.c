/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork beside threads: whatever the others are in the middle of, the child can use the library.
 */
#include <semaphore.h>

#include "test_pthread.h"

#define ROUNDS	40

static atomic_int	stop, busy;
static sem_t		reached, go_on;
static int		child_status;

static void *
give_back(void *arg)
{
	return arg;
}

static int
wait_for(pid_t pid)
{
	int status = -1;

	while (wait4(pid, &status, 0, NULL) == -1 && errno == EINTR)
		continue;
	return status;
}

/* Before anything else in the program: the LWP that forks has not asked for its thread yet. */
static void
fork_first(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		end(begin(give_back, NULL));
		_exit(0);
	}
	child_status = wait_for(pid);
}

/* --- While others use the library --- */

static void
handler(void)
{
}

/* Each of them takes locks of the library. */
static void
use_variables(void)
{
	setenv("T_PTHREAD_FORK", "a value", 1);
	unsetenv("T_PTHREAD_FORK");
}

static void
use_files(void)
{
	FILE *f = fopen("/dev/null", "r+");

	if (f != NULL)
		fclose(f);
}

static void
use_lwps(void)
{
	join(spawn(do_nothing, NULL));
}

static void
use_threads(void)
{
	end(begin(give_back, NULL));
}

static void
use_memory(void)
{
	free(malloc(100));
}

static void (*const	uses[])(void) = { use_variables, use_files, use_lwps, use_threads, use_memory };

static void *
use_one(void *arg)
{
	atomic_fetch_add(&busy, 1);
	while (!atomic_load(&stop))
		uses[(uintptr_t)arg]();
	return NULL;
}

static void
use_all(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < __arraycount(uses); i++)
		uses[i]();
	if (atexit(handler) != 0)
		_exit(1);
	exit(0);
}

static void
test_busy(void)
{
	pthread_t t[__arraycount(uses)];
	int wrong = 0;

	for (size_t i = 0; i < __arraycount(uses); i++)
		t[i] = begin(use_one, (void *)i);
	AWAIT(atomic_load(&busy) == (int)__arraycount(uses));
	for (int i = 0; i < ROUNDS; i++)
		wrong += in_child(use_all, NULL) != 0;
	atomic_store(&stop, 1);
	for (size_t i = 0; i < __arraycount(uses); i++)
		end(t[i]);
	tap_is_int(wrong, 0, "a child can use what other threads were using when it was forked");
}

/* --- While another waits for input --- */

static void *
read_byte(void *arg)
{
	return (void *)(intptr_t)getc(arg);
}

/* The pipe has a byte by now; the child, not its parent's thread, is to get the first. */
static void
read_in_child(void *arg)
{
	exit(getc(arg) == 'c' ? 0 : 1);
}

static void
test_reader(void)
{
	int fds[2], status;
	pthread_t t;
	pid_t pid;
	FILE *f;

	if (pipe(fds) != 0 || (f = fdopen(fds[0], "r")) == NULL)
		tap_bail("pipe: %s", strerror(errno));
	t = begin(read_byte, f);
	AWAIT(ftrylockfile(f) != 0 || (funlockfile(f), false));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		/* Of its own: who reads that of the parent first, is not known. */
		if (pipe(fds) != 0 || dup2(fds[0], fileno(f)) == -1 || write(fds[1], "c", 1) != 1)
			_exit(2);
		read_in_child(f);
	}
	status = wait_for(pid);
	tap_is_int(status, 0, "fork does not wait for a thread that waits for input; the child can read");
	write(fds[1], "p", 1);
	tap_is_int(end_int(t), 'p', "and the thread reads on");
	fclose(f);
	close(fds[1]);
}

/* --- While another ends the program --- */

static void
wait_in_exit(void)
{
	sem_post(&reached);
	sem_wait(&go_on);
}

static void *
call_exit(void *arg)
{
	(void)arg;
	exit(0);
}

/* One thread is in exit, in a handler; another forks, and the child calls exit, too. */
static void
exit_twice(void *arg)
{
	pid_t pid;

	(void)arg;
	sem_init(&reached, 0, 0);
	sem_init(&go_on, 0, 0);
	atexit(wait_in_exit);
	begin(call_exit, NULL);
	sem_wait(&reached);
	pid = fork();
	if (pid == 0)
		exit(7);
	_exit(WEXITSTATUS(wait_for(pid)));
}

static void
test_exit(void)
{
	tap_is_int(WEXITSTATUS(in_child(exit_twice, NULL)), 7,
	    "a child ends when it calls exit, also if its parent was about to end");
}

int
main(void)
{
	fork_first();
	tap_is_int(child_status, 0, "a program whose first call of all is fork can have threads in the child");
	test_busy();
	test_reader();
	test_exit();
	return tap_done();
}
