#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The call-frame information of the assembly: backtraces at its instructions, by tests/host/unwind.py.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" != debug ]; then
	echo "1..0 # skip a release kernel's functions jump to others, which hides frames"
	exit 0
fi

cat >"$scratch/paths.c" <<'END'
#include <errno.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile double	number = 1.5;
static volatile int	handled;

static void
handler(int signo)
{
	handled = signo;
}

static void
second(void *arg)
{
	lwpid_t *first = arg;

	number = number * 1.5;
	for (int i = 0; i < 100; i++)
		(void)_lwp_unpark(*first, NULL);
	(void)_lwp_park(CLOCK_MONOTONIC, 0, &(struct timespec){ 0, 1000 }, 0, NULL, NULL);
}

/* Through the ways in and out of the kernel: results, errors, no such call, signals, faults, switches of all kinds. */
int
main(void)
{
	lwpid_t self = _lwp_self(), id;
	int status;

	if (thread_spawn(&id, second, &self, 0) != 0)
		return 1;
	number = number * 2.5;
	(void)_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, NULL, NULL);
	thread_join(id);
	(void)_lwp_unpark(12345, NULL);
	(void)signal(SIGUSR1, handler);
	(void)signal(SIGILL, handler);
	(void)raise(SIGUSR1);
	__asm__ volatile("movl $9999, %%eax; syscall" : : : "rax", "rcx", "r11", "memory");
	if (fork() == 0)
		_exit(0);
	(void)wait(&status);
	for (volatile int i = 0; i < 20000000 && number > 0; i++)
		;
	return 7;
}
END
cat >"$scratch/script" <<'END'
source tests/host/unwind.py
python step_through("___lwp_park60", 250)
python run_through()
END
heddle --cpus 1 --mem 64 --icount --no-proxy --prog "$scratch/paths.c" --debug-script "$scratch/script"
like "$scratch/out" "^stepped, 0 wrong" "sound at each instruction on the way into the kernel and to sleep"
like "$scratch/out" "^unwound 2[0-9][0-9] of [0-9]+, 0 wrong" "and wherever else a program comes to in the assembly"
is "$(grep -c '^WRONG' "$scratch/out")" 0 "no backtrace ends in garbage"
like "$scratch/out" "heddle: power off, status 7" "and the program does not mind"
done_testing
