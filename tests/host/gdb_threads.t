#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# doc/gdb.md, first transcript: LWPs as gdb's threads, and the commands that know them, at a deadlock.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" != debug ]; then
	echo "1..0 # skip the transcripts are those of a debug kernel"
	exit 0
fi

names="Arendt Diogenes Hypatia Kant Ockham Plato Spinoza Wollstonecraft"

cat >"$scratch/script" <<'END_SCRIPT'
help heddle
info threads
break report_deadlock
continue
info threads
echo == backtraces\n
thread apply all backtrace
echo == waits\n
waits
echo == lwps\n
lwps
procs
sleepq
runq
cpus
locks
callouts
echo == lwp 2.3\n
lwp 2.3
echo == invariants\n
invariants
set var proc0.p_nlwps = proc0.p_nlwps + 40
set var cpus[0]->ci_runq.rq_bitmap[1] = 2
invariants
set var proc0.p_nlwps = proc0.p_nlwps - 40
set var cpus[0]->ci_runq.rq_bitmap[1] = 0
echo == printers\n
print proclist_lock
print cpus[0]->ci_lock
print cpus[0]->ci_idlelwp
echo == memory\n
thread 1
END_SCRIPT

# part NAME: what the commands after "== NAME" have printed, into $scratch/part
part() {
	sed -n "/^== $1\$/,/^== /p" "$scratch/out" >"$scratch/part"
}

heddle --cpus 2 --debug-script "$scratch/script" --cmd "philosophers -d"
like "$scratch/out" "break-lwp +A breakpoint" "help heddle lists the commands"
like "$scratch/out" 'cpu1" \(CPU#1, no LWP\)' "before the kernel runs, the CPUs are the threads"
for name in $names; do
	like "$scratch/out" "Thread 200000[2-9] \"$name\" \(2\.[2-9] philosophers: sleep \(parked: hint 0x[0-9a-f]+\) CPU#[01]\) +md_switchto" \
	    "info threads shows $name asleep"
done
like "$scratch/out" '"console" \(0\.[0-9]+ system: sleep \(console: cv [a-z_]+\)' "and the kernel's threads"
part backtraces
is "$(grep -c 'hmutex_lock (m=' "$scratch/part")" 8 "eight backtraces go through the library"
is "$(grep -c ' philosopher (arg=' "$scratch/part")" 8 "and reach the program's own function"
is "$(grep -c '^#[0-9]* .*__lwp_outermost ()' "$scratch/part")" 8 "and end there"
is "$(grep -c ' in ?? ()' "$scratch/part")" 0 "no frame of any LWP is unknown"
like "$scratch/part" "in reap_until|main \(argc=[0-9], argv=.*bin/init.c" "init's backtrace reaches init's main"
part waits
like "$scratch/part" "^\* +2\.2 \(Arendt\) +mutex forks\[1\] +2\.3 \(Diogenes\)" "waits: whom Arendt waits for"
like "$scratch/part" "^DEADLOCK: 2\.2 \(Arendt\) -> 2\.3 \(Diogenes\) -> .* -> 2\.9 \(Wollstonecraft\) -> 2\.2 \(Arendt\)" \
    "waits names the cycle"
part lwps
like "$scratch/part" "^2\.5 +Kant +philosophers +sleep .*parked hint 0x7f" "lwps"
like "$scratch/part" "^2 +1 +philosophers +active +9 +9 +0 +0 +0" "procs"
like "$scratch/part" "^bucket [0-9]+ +cv +process 1 p_[a-z]+ +1 +1\.1 \(init\) +wait" "sleepq: a condition variable"
like "$scratch/part" "^bucket [0-9]+ +park +.*2\.5 \(Kant\)" "sleepq: a parked LWP"
like "$scratch/part" "^CPU [01]: runs 2\.1 \(philosophers\), 0 ready" "runq"
like "$scratch/part" "^[01] +yes +2\.1 \(philosophers\) +0 +0" "cpus"
part "lwp 2.3"
like "$scratch/part" 'covered by sleeptab\[[0-9]+\] "sleepq"' "lwp: its lock"
like "$scratch/part" "^#[0-9]+ .* take \(seat=.*fork=(fork@entry=)?2\)" "lwp: its backtrace"
part invariants
like "$scratch/part" "CPUs: 0 violations" "invariants hold"
like "$scratch/part" "^WRONG: inv\\.1 process 0: p_nlwps is 4[0-9], counted [0-9]" "invariants finds a wrong counter"
like "$scratch/part" "^WRONG: inv\.6 CPU 0: the bit of priority 65 is set, the queue is empty" "and a wrong bitmap"
like "$scratch/out" '= kmutex "proclist" free' "a mutex is printed in words"
like "$scratch/out" '= 0x[0-9a-f]+ .*LWP 0\.1 \(idle/0\)' "an LWP too"

cat >"$scratch/script" <<'END_SCRIPT'
break report_deadlock
continue
info threads
echo == lwp 2.3\n
lwp 2.3
echo == waits\n
waits
END_SCRIPT
heddle --cpus 2 --no-proxy --debug-script "$scratch/script" --cmd "philosophers -d"
like "$scratch/out" "CPU#1 \[" "without the proxy the threads are CPUs"
part "lwp 2.3"
like "$scratch/part" "^#[0-9]+ .* in hmutex_lock" "lwp finds the frames by itself"
like "$scratch/part" "^#[0-9]+ .* in __lwp_outermost" "to the outermost"
part waits
like "$scratch/part" "^DEADLOCK: .*2\.9 \(Wollstonecraft\) -> 2\.2 \(Arendt\)" "waits needs no proxy"

cat >"$scratch/gone.c" <<'END_PROGRAM'
#include <heddle/testlib.h>
#include <heddle/thread.h>

static void
gone(void *arg)
{
	(void)arg;
}

static __attribute__((noinline)) void
look(void)
{
	__asm__ volatile("");
}

int
main(void)
{
	lwpid_t id;

	if (thread_spawn(&id, gone, NULL, 0) != 0 || lwp_await_zombie(id) != 0)
		return 1;
	look();
	return thread_join(id);
}
END_PROGRAM
cat >"$scratch/script" <<'END_SCRIPT'
break look
continue
echo == zombie\n
lwp 2.2
kill
END_SCRIPT
for how in "" --no-proxy; do
	heddle --cpus 2 $how --debug --debug-script "$scratch/script" --prog "$scratch/gone.c"
	part zombie
	like "$scratch/part" "state zombie" "a zombie${how:+ ($how)}"
	like "$scratch/part" "^#[0-9]+ .* lwp_switch_away" "stands where it left its CPU for ever"
	like "$scratch/part" "^#[0-9]+ .* thread_main" "and came there from its program"
	[ -n "$how" ] || is "$(cat "$scratch/out" "$scratch/err" | grep -c 'Remote connection closed')" 0 "kill is clean"
done
done_testing
