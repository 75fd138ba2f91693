#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The benchmark program: two runs under the deterministic clock have the same medians, and those of
# the release kernel are what tests/bench/expected.tsv says.
. tests/host/tap.sh

tools/bench --gate </dev/null >"$scratch/out" 2>&1 && status=0 || status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$scratch/out"
is $status 0 "no figure of the release kernel has risen by more than 3 %"

# The names and medians of the last run.
medians() { grep "^[a-z].*	" "$scratch/out" | cut -f 1,4; }

rows="null pingpong pingpong1 yield create.16 unpark.16 unparkall.32 early timedout timer suspend signal fault"

heddle --icount --cmd "bench $rows"
is "$status" 0 "no row halted or was interrupted where it is not meant"
is "$(medians | wc -l)" 15 "all rows are there, and a heading"
first=$(medians)
heddle --icount --cmd "bench $rows"
is "$(medians)" "$first" "two runs on one CPU are the same"

heddle --icount --cpus 2 --cmd "bench pingpong2cpu"
is "$status" 0 "two CPUs"
first=$(medians)
heddle --icount --cpus 2 --cmd "bench pingpong2cpu"
is "$(medians)" "$first" "two runs on two CPUs are the same"
done_testing
