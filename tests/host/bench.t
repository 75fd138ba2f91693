#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The benchmark program: two runs under the deterministic clock have the same medians.
. tests/host/tap.sh

# The names and medians of the last run.
medians() { grep "^[a-z].*	" "$scratch/out" | cut -f 1,4; }

rows="null pingpong pingpong1 yield create.16 unpark.16 unparkall.32 early timedout timer suspend fault"

heddle --icount --cmd "bench $rows"
is "$status" 0 "no row halted or was interrupted where it is not meant"
is "$(medians | wc -l)" 14 "all rows are there, and a heading"
first=$(medians)
heddle --icount --cmd "bench $rows"
is "$(medians)" "$first" "two runs on one CPU are the same"

heddle --icount --cpus 2 --cmd "bench pingpong2cpu"
is "$status" 0 "two CPUs"
first=$(medians)
heddle --icount --cpus 2 --cmd "bench pingpong2cpu"
is "$(medians)" "$first" "two runs on two CPUs are the same"
done_testing
