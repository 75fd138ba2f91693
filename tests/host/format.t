#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# printf, scanf and strto* of our library beside those of the host, over many random cases.
. tests/host/tap.sh

objcopy --prefix-symbols=h_ build/user/lib/libc.a "$scratch/ours.a" &&
gcc -g -O1 -fno-builtin -w -static -o "$scratch/diff" tests/host/format_diff.c "$scratch/ours.a" -lm >"$scratch/out" 2>&1 &&
    status=0 || status=$?
is $status 0 "our library can be linked beside the host's"
[ $status = 0 ] || sed 's/^/# /' "$scratch/out"

for seed in 1 2 3; do
	"$scratch/diff" $seed 500000 >"$scratch/out" && status=0 || status=$?
	cat "$scratch/out"
	is $status 0 "500,000 cases of seed $seed: no difference"
done
done_testing
