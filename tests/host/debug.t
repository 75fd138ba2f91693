#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# gdb from the first instruction on: from the kernel's system call back to the program's main().
. tests/host/tap.sh

cat >"$scratch/parker.c" <<'END'
#include <lwp.h>
#include <time.h>
static int
wait_a_moment(void)
{
	struct timespec past = { 1, 0 };
	return _lwp_park320(&past, NULL, NULL);
}
int
main(void)
{
	return wait_a_moment() == -1 ? 5 : 6;
}
END
cat >"$scratch/script" <<'END'
break sys__lwp_park
continue
backtrace
info threads
delete
break parker.c:main
info breakpoints
continue
END
heddle --cpus 2 --prog "$scratch/parker.c" --debug-script "$scratch/script"
is $status 0 "gdb ends when the machine does"	# the last continue is told how the machine ended
like "$scratch/out" "^#0 +sys__lwp_park" "a breakpoint in the kernel is hit"
like "$scratch/out" "in wait_a_moment|wait_a_moment \(\)" "the backtrace goes on in the program"
like "$scratch/out" "^#[0-9]+ .*main \(\) at .*parker.c:12" "to its main()"
like "$scratch/out" "CPU#1" "gdb sees both CPUs"
like "$scratch/out" "heddle: power off, status 5" "the program ran to its end"

printf 'info registers rip\n' >"$scratch/script"
env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u PROG -u ARGS -u APPEND \
    make debug KERNEL="${KERNEL:-debug}" CMD=hello DEBUG_SCRIPT="$scratch/script" \
    </dev/null >"$scratch/out" 2>&1 && status=0 || status=$?
is $status 0 "make debug DEBUG_SCRIPT="
like "$scratch/out" "^rip +0xfff0" "begins at the processor's first instruction"
done_testing
