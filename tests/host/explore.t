#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make explore, a little of it: schedules from outside, and the same words give the same run again.
. tests/host/tap.sh

if ! nm -D "$(command -v qemu-system-x86_64)" 2>/dev/null | grep -q ' T cpu_loop_exit_restore$'; then
	echo "1..0 # SKIP this QEMU does not export what the plugin needs"
	exit 0
fi

# explore OUTPUT ARGS...: without the times
explore() {
	into=$1
	shift
	tools/explore --build "${KERNEL:-debug}" --rounds 20 "$@" </dev/null >"$scratch/$into" 2>&1 && status=0 || status=$?
	sed 's/  *[0-9.]*$//; s/, [0-9]* s$//' "$scratch/$into" >"$scratch/$into.plain"
}

explore one --scenario unpark --scenario suspend --strategy pct3
is $status 0 "two scenarios, 20 schedules each"
like "$scratch/one" '^2 scenarios, 40 schedules, [0-9]+ distinct interleavings, 0 violations' "no violation"
explore two --scenario unpark --scenario suspend --strategy pct3
is "$(cat "$scratch/two.plain")" "$(cat "$scratch/one.plain")" "the same seed: the same number of interleavings and instructions"
explore three --scenario unpark --scenario suspend --strategy pct3 --seed 2
is $status 0 "another seed"
is "$(cmp -s "$scratch/one.plain" "$scratch/three.plain" && echo same)" "" "other interleavings"
done_testing
