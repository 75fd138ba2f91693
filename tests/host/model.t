#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make model: the model of the sleep holds with all its rules, and with none of them left out.
. tests/host/tap.sh

tools/model >"$scratch/out" 2>&1 && status=0 || status=$?
sed 's/^/# /' "$scratch/out"
is $status 0 "the model has been checked"
like "$scratch/out" '^all rules, all scenarios: [0-9,]{9,} states, depth [0-9,]+, errors 0 ' "all rules: millions of states, no error"
like "$scratch/out" '^[0-9]+ rules, 0 not missed when left out$' "each rule left out: an error"
is "$(grep -c '^without [A-Z_]* ' "$scratch/out")" "$(sed -n 's/^\([0-9]*\) rules, .*/\1/p' "$scratch/out")" "each rule has its line"
done_testing
