#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# doc/gdb.md, fourth transcript: a recorded run, replayed, and gone through backwards to a lost wake-up.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" != debug ]; then
	echo "1..0 # skip the transcripts are those of a debug kernel"
	exit 0
fi

heddle --cpus 1 --mem 64 --record "$scratch/run" --cmd lostwakeup
is $status 0 "the run that is recorded ends as any other"
cp "$scratch/out" "$scratch/recorded"

cat >"$scratch/script" <<'END'
hbreak exit1
continue
delete
echo == timeout\n
break sleepq_timeout
reverse-continue
info threads
delete
set $state = (char *)&((struct lwp *)arg)->l_stat
echo == asleep\n
watch *$state
reverse-continue
backtrace
reverse-stepi
backtrace 1
delete
echo == ready\n
watch *(char *)&ready
reverse-continue
backtrace
thread
END
heddle --replay "$scratch/run" --debug-script "$scratch/script"

# part NAME: what the commands after "== NAME" have printed, into $scratch/part
part() {
	sed -n "/^== $1\$/,/^== /p" "$scratch/out" >"$scratch/part"
}

line=$(grep '^flag:' "$scratch/recorded")
is "$(grep '^flag:' "$scratch/out" | head -n 1)" "$line" "the replay prints the same microseconds"
part timeout
like "$scratch/part" "hit Breakpoint 2, sleepq_timeout" "back from the end to the time-out"
like "$scratch/part" '"lostwakeup" \(2\.1 lostwakeup: sleep \(parked\)' "LWPs are threads there, too"
part asleep
like "$scratch/part" "^#0 .*lwp_setstat \(l=l@entry=0x[0-9a-f]+ LWP 2\.1 .*, stat=stat@entry=3\)" "back to the last write of its state"
like "$scratch/part" "^#[0-9]+ .* sleep_until_ready \(\) at .*lostwakeup.c" "which the program's wait made"
like "$scratch/part" "^#0 +lwp_setstat .* LWP 2\.1 \(lostwakeup\) onproc" "one instruction back the LWP still runs"
part ready
like "$scratch/part" "lostwakeup.c:[0-9]+$" "back to who set the flag"
like "$scratch/part" "Current thread is .*Thread 2000002" "which the other LWP did before"

heddle --cpus 2 --record "$scratch/run2" --cmd hello
like "$scratch/err" "one CPU" "two CPUs cannot be recorded"
heddle --replay "$scratch/nothing"
like "$scratch/err" "no recording" "nor nothing replayed"
done_testing
