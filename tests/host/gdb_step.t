#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# doc/gdb.md, second transcript: a step out of one LWP's park and back into it, through the switch; finish,
# watchpoints and breakpoints of single LWPs.
. tests/host/tap.sh

cat >"$scratch/script" <<'END_SCRIPT'
break-lwp sys____lwp_park60 2.2
continue
echo == bt\n
backtrace
delete
tbreak md_switchto
continue
echo == out and in\n
stepi 15
backtrace 2
next
next
thread
info threads
echo == finish\n
up 3
finish
thread
finish
echo == finish again\n
break-lwp mi_switch 2.2
continue
finish
END_SCRIPT
heddle --cpus 2 --debug-script "$scratch/script" --cmd "pingpong 50"
part() {
	sed -n "/^== $1\$/,/^== /p" "$scratch/out" >"$scratch/part"
}
like "$scratch/out" 'hit Breakpoint 1, .*sys____lwp_park60 \(l=0x[0-9a-f]+ LWP 2\.2' "break-lwp stops the LWP that was named"
part bt
like "$scratch/part" "catch \(me=.*pingpong.c" "the backtrace goes from the system call to the program"
part "out and in"
like "$scratch/part" "^#1 .* in mi_switch \(l=l@entry=0x[0-9a-f]+ LWP 2\.2" "15 instructions on, past the switch: the same LWP"
is "$(grep -c 'Current thread is .*Thread 2000002' "$scratch/part")" 1 "next stays with it"
like "$scratch/part" '^\* .*"pingpong" \(2\.2 pingpong: onproc CPU#[01]\) +md_switchto' "which runs again"
part finish
is "$(grep -c 'Current thread is .*Thread 2000002' "$scratch/part")" 1 "finish stays with it"
like "$scratch/part" "in sys____lwp_park60 \(l=" "and goes on to its caller"
is "$(grep -c 'Value returned is .* = 0' "$scratch/part")" 2 "the park was ended by an unpark: 0"
part "finish again"
like "$scratch/part" "Breakpoint [0-9]+, mi_switch \(l=.* LWP 2\.2" "the next switch of the same LWP"
like "$scratch/part" "^(0x[0-9a-f]+ in )?sleepq_switch \(\)" "finish out of mi_switch: asleep meanwhile, and back"

cat >"$scratch/script" <<'END_SCRIPT'
break-lwp sys____lwp_park60 2.2
continue
delete
break-lwp sleepq_switch 2.1
continue
delete
set $state = &cpus[0]->ci_curlwp->l_stat
watch *(unsigned char *)$state if *(unsigned char *)$state == 2
continue
backtrace 3
thread
END_SCRIPT
heddle --cpus 1 --debug-script "$scratch/script" --cmd "pingpong 50"
like "$scratch/out" "hit Hardware watchpoint" "a watchpoint on the state of an LWP that sleeps"
like "$scratch/out" "^#[0-2] .*lwp_setstat|^#[0-2] .*sched_wakeup" "stops where it is woken"
like "$scratch/out" "Current thread is .*Thread 2000002" "in the LWP that wakes it"
done_testing
