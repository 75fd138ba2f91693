#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The report of a panic: the facts that gdb's commands show, and lists that are broken.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" = release ]; then
	echo "1..0 # SKIP only debug kernels panic on purpose"
	exit 0
fi

cat >"$scratch/busy.c" <<'END'
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>
#include <time.h>

static void
ready(void *arg)
{
	(void)arg;
	for (;;)
		continue;
}

static void
sleeper(void *arg)
{
	const struct timespec long_time = { .tv_sec = 1000 };

	(void)arg;
	(void)nanosleep(&long_time, NULL);
}

int
main(int argc, char **argv)
{
	static const int selftest[] = { CTL_VENDOR, HEDDLE_SELFTEST };
	int fault = argc > 1 && argv[1][0] == 'l' ? HEDDLE_FAULT_LISTS : HEDDLE_FAULT_TWICE_M;
	lwpid_t id;

	if (thread_spawn(&id, sleeper, NULL, 0) != 0 || lwp_await_asleep(id, NULL) != 0)
		return 1;
	if (thread_spawn(&id, ready, NULL, 0) != 0)
		return 1;
	(void)sysctl(selftest, 2, NULL, NULL, &fault, sizeof(fault));
	return 1;
}
END

# a machine of one CPU: while the one panics, the other is ready
heddle --cpus 1 --prog "$scratch/busy.c"
is $status 125 "a panic"
like "$scratch/out" '^  2\.2 \(busy\): sleep, .* waits in "[a-z]+" on 0x[0-9a-f]+ \(bucket [0-9]+, place 1\)' "a sleeper, and its place in the table"
like "$scratch/out" '^  CPU 0: runs 2\.1 \(busy\), 1 ready' "the run queue: who runs"
like "$scratch/out" '^    priority [0-9]+: 2\.3 \(busy\), [0-9]+ us of its slice left' "and who is ready"
like "$scratch/out" '^timeouts, the earliest first; it is [0-9]+ us' "timeouts"
like "$scratch/out" '^  CPU 0: at [0-9]+ us, ends the sleep of 2\.2 \(busy\)' "and what they do"
like "$scratch/out" '^  adaptive "test m" 0x[0-9a-f]+: held by 2\.1 \(busy\)$' "locks: who holds a mutex"
like "$scratch/out" '^process 2 "busy", parent 1, active, 3 LWPs \(p_nrlwps 3\), exiting 0, detached 0, in _lwp_wait 0$' "processes and their counters"
is "$(grep -c '^panic in the report' "$scratch/out")" 0 "the report is whole"

heddle --cpus 1 --prog "$scratch/busy.c" --args lists
is $status 125 "a panic with broken lists"
like "$scratch/out" '^panic: lists bent on purpose' "says why"
like "$scratch/out" '^panic in the report: page fault \(trap 14\) in the kernel' "the report meets a bad pointer"
is "$(grep -c '^panic in the report' "$scratch/out")" 6 "each time it follows one"
like "$scratch/out" '^  0\.1 \(system/idle/0\): ' "what comes behind it is reported"
like "$scratch/out" '^  CPU 0: runs 2\.1 \(busy\)' "the run queues too"
like "$scratch/out" '^  CPU 0: at [0-9]+ us, ends the sleep of 2\.2 \(busy\)' "and a ring of timeouts"
like "$scratch/out" '^end of the report' "to the end"
done_testing
