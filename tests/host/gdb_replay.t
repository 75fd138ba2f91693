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
tbreak lwp_wait
continue
next
next
set $here = $pc
next
reverse-next
print $pc == $here
set $here = $pc
stepi 40
reverse-stepi 40
print $pc == $here
echo == selected\n
set $here = $pc
info threads
reverse-stepi
thread
stepi
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
part selected
like "$scratch/part" "^.Current thread is [0-9]+ .Thread 2000001" "a step back is the selected thread's, even if gdb has looked at others"
like "$scratch/part" "= 1$" "and leads to the instruction before"
part out
like "$scratch/part" "^#0 +(0x[0-9a-f]+ in )?sys__lwp_wait \(l=.*sys_lwp.c:[0-9]+" "out of a function, backwards, to its call"
part condition
like "$scratch/part" "^New value = 2" "back to the write for which a condition holds"
like "$scratch/part" "^#[0-9]+ .*kthread_create" "and who wrote"
part begin
like "$scratch/part" "No more reverse-execution history" "back to the beginning"
like "$scratch/part" "^rip +0xfff0" "which is the processor's first instruction"
like "$scratch/part" "hit Breakpoint [0-9]+, console_init" "and forward again"

cat >"$scratch/script" <<'END'
break-lwp switch.S:45 2.1
continue
delete
set $before = $pc
stepi
set $behind = $pc
echo == back\n
reverse-stepi
thread
print $pc == $before
stepi
echo == resumed\n
stepi
reverse-stepi
thread
print $pc == $behind
reverse-stepi
thread
print $pc == $behind
echo == left\n
reverse-stepi
thread
print $pc == $before
kill
END
heddle --replay "$scratch/run" --debug-script "$scratch/script"
part back
like "$scratch/part" "= 1$" "back over a switch: before it again"
part resumed
is "$(grep -c '= 1$' "$scratch/part")" 2 "back to where an LWP went on, and one more: there it sleeps"
part left
like "$scratch/part" "= 1$" "and one more: where it went to sleep"
is "$(grep -c 'Current thread is .*Thread 2000001' "$scratch/out")" 4 "the thread that steps back stays the same"
is "$(grep -c 'Remote connection closed' "$scratch/err")" 0 "kill is clean"

# gdb steps the thread that is at a breakpoint over it, whichever is selected.
cat >"$scratch/script" <<'END'
break sys__lwp_wait
continue
lwp 2.2
echo == watch\n
watch proc0.p_nlwps
reverse-continue
END
heddle --replay "$scratch/run" --debug-script "$scratch/script"
part watch
like "$scratch/part" "hit Hardware watchpoint 2" "back with another thread selected than the one at the breakpoint"

heddle --record "$scratch/run3"
like "$scratch/err" "CMD= or PROG=" "a recording of a prompt is refused"

# Two CPUs: no log, but runs that are the same each time.
heddle --cpus 2 --mem 64 --record "$scratch/run2" --cmd lostwakeup
is $status 0 "a run of two CPUs is recorded"
cp "$scratch/out" "$scratch/recorded"
cat >"$scratch/script" <<'END'
break sys____lwp_park60
continue
echo == step\n
set $here = $pc
stepi
stepi 5
reverse-stepi 5
reverse-stepi
print $pc == $here
delete
echo == end\n
continue
echo == timeout\n
break sleepq_timeout
reverse-continue
echo == asleep\n
delete
set $state = (char *)&((struct lwp *)arg)->l_stat
watch *$state
reverse-continue
backtrace
echo == ready\n
delete
watch *(char *)&ready
reverse-continue
backtrace
delete
watch *(char *)&ready
continue
END
heddle --replay "$scratch/run2" --debug-script "$scratch/script"
line=$(grep '^flag:' "$scratch/recorded")
is "$(grep '^flag:' "$scratch/out")" "$line" "the replay prints the same microseconds, once"
part step
like "$scratch/part" "= 1$" "as many instructions forward as back end where they began"
part end
like "$scratch/part" "No more reverse-execution history" "it stops before its end"
part timeout
like "$scratch/part" "hit Breakpoint 2, sleepq_timeout" "back from there to a breakpoint"
part asleep
like "$scratch/part" "^New value = 7" "back to the last write of a state"
like "$scratch/part" "^#[0-9]+ .* sleep_until_ready \(\) at" "which was in the program's wait"
part ready
like "$scratch/part" "^New value = 0" "back to the last write of a variable"
like "$scratch/part" "waker \(arg=.*lostwakeup.c:69" "and to who wrote"
is "$(grep -c '^New value = 1' "$scratch/part")" 1 "and forward over it again"

heddle --replay "$scratch/nothing"
like "$scratch/err" "no recording" "nothing replays nothing"
done_testing
