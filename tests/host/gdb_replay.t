#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A recorded run, gone through backwards; the transcript doc/transcripts/lostwakeup.md is another test of it.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" != debug ]; then
	echo "1..0 # skip the transcripts are those of a debug kernel"
	exit 0
fi

heddle --cpus 1 --mem 64 --record "$scratch/run" --cmd "pingpong 50"
is $status 0 "the run that is recorded ends as any other"
cp "$scratch/out" "$scratch/recorded"

cat >"$scratch/script" <<'END'
continue
echo == back\n
break-lwp sys____lwp_park60 2.3
reverse-continue
reverse-continue
echo == step\n
set $here = $pc
stepi
stepi
reverse-stepi
reverse-stepi
print $pc == $here
delete
tbreak lwp_park
continue
next
set $here = $pc
next
reverse-next
print $pc == $here
set $here = $pc
stepi 40
reverse-stepi 40
print $pc == $here
echo == out\n
reverse-finish
backtrace 2
echo == condition\n
watch proc0.p_nlwps if proc0.p_nlwps == 2
reverse-continue
backtrace
delete
echo == begin\n
reverse-continue
info registers rip
break console_init
continue
END
heddle --replay "$scratch/run" --debug-script "$scratch/script"

# part NAME: what the commands after "== NAME" have printed, into $scratch/part
part() {
	sed -n "/^== $1\$/,/^== /p" "$scratch/out" >"$scratch/part"
}

line=$(grep '^unpark, then park:' "$scratch/recorded")
is "$(grep '^unpark, then park:' "$scratch/out")" "$line" "the replay prints the same nanoseconds, and nothing twice on the way back"
like "$scratch/out" "No more reverse-execution history" "it stops before its end"
part back
is "$(grep -c 'hit Breakpoint 1.* sys____lwp_park60 (l=0x[0-9a-f]* LWP 2.3' "$scratch/part")" 2 "back to the last calls of one LWP"
part step
is "$(grep -c '= 1$' "$scratch/part")" 3 "as many instructions or lines forward as back end where they began"
part out
like "$scratch/part" "^#0 +sys____lwp_park60 \(l=.*sys_lwp.c:[0-9]+" "out of a function, backwards, to its call"
part condition
like "$scratch/part" "^New value = 2" "back to the write for which a condition holds"
like "$scratch/part" "^#[0-9]+ .*kthread_create" "and who wrote"
part begin
like "$scratch/part" "No more reverse-execution history" "back to the beginning"
like "$scratch/part" "^rip +0xfff0" "which is the processor's first instruction"
like "$scratch/part" "hit Breakpoint [0-9]+, console_init" "and forward again"

heddle --cpus 2 --record "$scratch/run2" --cmd hello
like "$scratch/err" "one CPU" "two CPUs cannot be recorded"
heddle --replay "$scratch/nothing"
like "$scratch/err" "no recording" "nor nothing replayed"
done_testing
