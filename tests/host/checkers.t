#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The checkers notice what they are there to notice: one fault on purpose, one boot.  Under
# KERNEL=ubsan, kasan and kcsan what these kernels find; else what every debug kernel finds.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" = release ]; then
	echo "1..0 # SKIP a release kernel checks nothing"
	exit 0
fi

# noticed FAULT REGEX: the machine ends with this panic
noticed() {
	heddle --cpus 2 --cmd "fault $1"
	is $status 125 "$1: the kernel panics"
	like "$scratch/out" "^panic: $2" "and says why"
}

# reported FAULT REGEX: the invariants are checked, and one of them does not hold
reported() {
	heddle --cpus 2 --cmd "fault $1"
	is $status 0 "$1: the kernel goes on"
	like "$scratch/out" "^invariant $2" "and has reported it"
	is "$(grep -c '^invariant' "$scratch/out")" 1 "and nothing else"
}

reported counter 'inv\.1 broken: process 0: p_nlwpwait is 1, counted 0'
reported runq 'inv\.22 broken: CPU 0: rq_count is [1-9][0-9]*, counted [0-9]'
reported flag 'inv\.13 broken: LWP 2\.1 in state 7 has a sleep queue, a channel or LW_SINTR'

tools/heddle-run --build "${KERNEL:-debug}" --cpus 2 --hang 10 --cmd "fault deadlock" </dev/null >"$scratch/out" 2>&1 && status=0 || status=$?
is $status 123 "deadlock: a hang"
like "$scratch/out" '2\.1 \(fault\): sleep.* waits in "lwpwait".*, waits for 2\.2 \(fault\)' "the report says that the one"
like "$scratch/out" '2\.2 \(fault\): sleep.* for mutex 0x[0-9a-f]+ "test m" \(place 1\), waits for 2\.1 \(fault\)' "and the other wait for each other"
like "$scratch/out" '^  adaptive "test m" 0x[0-9a-f]+: held by 2\.1 \(fault\), waited for by 2\.2 \(fault\)$' "as the list of the locks does"
like "$scratch/out" '^deadlock: 2\.[12] waits for 2\.[12] waits for 2\.[12]$' "and names the ring"

case ${KERNEL:-debug} in
ubsan)
	noticed shift 'UBSAN: a shift by too much, .* at kern/sys/selftest.c:[0-9]+:[0-9]+'
	noticed index 'UBSAN: an index beyond the array at kern/sys/selftest.c'
	;;
kasan)
	noticed after-free 'KASAN: write of 1 bytes at 0x[0-9a-f]+, in a free object, by fault_after_free'
	noticed beyond 'KASAN: write of 1 bytes at 0x[0-9a-f]+, in the end of an object, by fault_beyond'
	noticed variable 'KASAN: read of 1 bytes at 0x[0-9a-f]+, in the end of a variable, by fault_variable'
	;;
kcsan)
	noticed race 'KCSAN: race for 4 bytes at 0x[0-9a-f]+'
	like "$scratch/out" '^KCSAN: the watching CPU [01] (reads|writes) by fault_race' "with both sides"
	like "$scratch/out" '^KCSAN: this CPU [01] (reads|writes) by fault_race' "by name"
	;;
*)
	noticed after-free 'pool kmem-64: object 0x[0-9a-f]+ was written to at offset 0 while it was free'
	noticed order 'possible deadlock: "test b" \(0x[0-9a-f]+\) is entered with "test a" held; the order was'
	like "$scratch/out" '^lock order: "test b", then "test a" was entered at' "with the other order"
	like "$scratch/out" ' second_order\+0x' "its backtrace"
	like "$scratch/out" ' first_order\+0x' "and the present one"
	noticed order3 'possible deadlock: "test m" \(0x[0-9a-f]+\) is entered with "test o" held'
	is "$(grep -c '^lock order: "test [mno]", then' "$scratch/out")" 2 "with both steps of the way round"
	noticed twice '"test a" 0x[0-9a-f]+ is entered twice'
	noticed twice-mutex '"test m" 0x[0-9a-f]+ is entered twice'
	noticed not-held 'the spin mutex "test a" 0x[0-9a-f]+ is left by CPU [01], which does not hold it'
	noticed not-held-mutex 'the mutex "test m" 0x[0-9a-f]+ is left by an LWP that does not hold it'
	noticed mutex-spin 'the mutex test m with a spin mutex held'
	like "$scratch/out" '^  held: "test a" 0x' "named"
	noticed sleep-spin 'the CPU is given up with a spin mutex held'
	noticed copy-spin 'user memory touched with a spin lock held'
	noticed intr-spin 'interrupts are on with the spin mutex "test a" held'
	noticed kept 'an LWP goes to its program with a mutex held'
	noticed free-twice 'pool kmem-64: 0x[0-9a-f]+ is freed, and is not an object in use'
	;;
esac
[ "${KERNEL:-debug}" = ubsan ] && done_testing # it would come first
noticed stack 'a function has written beyond its variables on the stack'
like "$scratch/out" ' fault_stack\+0x' "the backtrace names the function"
done_testing
