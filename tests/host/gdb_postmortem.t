#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The commands of gdb on the memory of a machine that hung, and of one that panicked.
. tests/host/tap.sh

cat >"$scratch/embrace.c" <<'END'
#include <heddle/lock.h>
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>

static struct hmutex pair[2] = { HMUTEX_INITIALIZER, HMUTEX_INITIALIZER };
static struct hsem ready = HSEM_INITIALIZER(0);

static void
second(void *arg)
{
	(void)arg;
	(void)_lwp_setname(0, "second");
	hmutex_lock(&pair[1]);
	hsem_post(&ready);
	hmutex_lock(&pair[0]);
	hsem_post(&ready);
}

int
main(void)
{
	lwpid_t id;

	hmutex_lock(&pair[0]);
	if (thread_spawn(&id, second, NULL, 0) != 0)
		return 1;
	hsem_wait(&ready);
	(void)lwp_await_parked(id);
	hmutex_lock(&pair[1]);
	return 0;
}
END

cat >"$scratch/script" <<'END'
lwps
waits
invariants
lwp 2.2
cpus
trace 400
END
heddle --append trace --cpus 2 --mem 64 --hang 2 --core "$scratch/core" --prog "$scratch/embrace.c"
is $status 123 "a program that deadlocks is a hang"
like "$scratch/out" "the memory is in" "which leaves its memory"
heddle --postmortem "$scratch/core" --prog "$scratch/embrace.c" --debug-script "$scratch/script"
is $status 0 "gdb on it"
like "$scratch/out" "^2\.2 +second +embrace +sleep .*parked hint" "lwps"
like "$scratch/out" "^\* +2\.1 \((embrace|-)\) +mutex pair\[1\] +2\.2 \(second\)" "waits: who holds the mutexes"
like "$scratch/out" "^DEADLOCK: 2\.[12] .* -> 2\.[12] .* -> 2\.[12] " "and the cycle"
like "$scratch/out" "^[0-9.]+ CPU [01] 2\.2 running -> sleep \"parked\"" "trace: the last that the second LWP did"
like "$scratch/out" "2 CPUs: 0 violations" "invariants"
like "$scratch/out" "^#[0-9]+ .* in second at .*embrace.c:1[67]" "lwp: a backtrace to the program"

heddle --initrd none --mem 64 --core "$scratch/core"
is $status 125 "a panic is a panic"
like "$scratch/out" "the memory is in" "and leaves its memory, too"
heddle --postmortem "$scratch/core" --debug-script "$scratch/script"
like "$scratch/out" "^0\.1 +idle/0 +system" "in which the LWPs are found"
heddle --core "$scratch/core2" --cmd "hello"
is $status 0 "a run that ends well has the usual status"
is "$([ -e "$scratch/core2" ] && echo a file)" "" "and leaves nothing"
heddle --postmortem "$scratch/nothing" --debug-script "$scratch/script"
like "$scratch/err" "nothing is not there" "without such a file gdb does not start"
done_testing
