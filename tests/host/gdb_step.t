#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# doc/gdb.md, second and third transcript: a step out of one LWP's park and back into it, through the switch;
# finish; a breakpoint of one LWP; a watchpoint that says who wakes a sleeper.
. tests/host/tap.sh

if [ "${KERNEL:-debug}" != debug ]; then
	echo "1..0 # skip the transcripts are those of a debug kernel"
	exit 0
fi

cat >"$scratch/news.c" <<'END'
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>

static volatile int news;

static void
wait_for_news(void)
{
	while (!news)
		(void)_lwp_park(0, 0, NULL, 0, (const void *)&news, NULL);
}

static void
reader(void *arg)
{
	(void)arg;
	(void)_lwp_setname(0, "reader");
	wait_for_news();
}

static void
bring_news(lwpid_t id)
{
	(void)lwp_await_parked(id);
	news = 1;
	(void)_lwp_unpark(id, (const void *)&news);
}

int
main(void)
{
	lwpid_t id;

	if (thread_spawn(&id, reader, NULL, 0) != 0)
		return 1;
	bring_news(id);
	return thread_join(id) + 7;
}
END

# part NAME: what the commands after "== NAME" have printed, into $scratch/part
part() {
	sed -n "/^== $1\$/,/^== /p" "$scratch/out" >"$scratch/part"
}

cat >"$scratch/script" <<'END'
break-lwp sys____lwp_park60 2.2
continue
echo == bt\n
backtrace
delete
break-lwp sleepq_switch 2.2
continue
delete
break-lwp md_switchto 2.2
continue
delete
echo == out and in\n
stepi 15
backtrace 2
next
next
thread
info threads
echo == finish\n
up 4
finish
thread
finish
thread
continue
END
heddle --cpus 2 --prog "$scratch/news.c" --debug-script "$scratch/script"
like "$scratch/out" 'hit Breakpoint 1, .*sys____lwp_park60 \(l=(l@entry=)?0x[0-9a-f]+ LWP 2\.2' "break-lwp stops the LWP that was named"
part bt
like "$scratch/part" " wait_for_news \(\)" "the backtrace goes from the system call to the program"
part "out and in"
like "$scratch/part" "^#1 .* in mi_switch \(l=0x[0-9a-f]+ LWP 2\.2" "15 instructions on, past the switch: the same LWP"
is "$(grep -c 'Current thread is .*Thread 2000002' "$scratch/part")" 1 "next stays with it"
like "$scratch/part" '^\* .*"reader" \(2\.2 news: onproc CPU#[01]\) +md_switchto' "which runs again"
part finish
is "$(grep -c 'Current thread is .*Thread 2000002' "$scratch/part")" 2 "finish stays with it"
like "$scratch/part" "in sys____lwp_park60 \(l=" "and goes on to its caller"
is "$(grep -c 'Value returned is .* = 0' "$scratch/part")" 2 "the park was ended by an unpark: 0"
like "$scratch/out" "heddle: power off, status 7" "the program ran to its end"
like "$scratch/out" "^\[Inferior 1 .* exited with code 07\]" "which gdb is told"

cat >"$scratch/script" <<'END'
break-lwp sys____lwp_park60 2.2
continue
delete
set $queue = (unsigned long *)&l->l_sleepq
watch *$queue if *$queue == 0
continue
backtrace
thread
END
heddle --cpus 2 --prog "$scratch/news.c" --debug-script "$scratch/script"
like "$scratch/out" "hit Hardware watchpoint" "a watchpoint in an LWP that sleeps"
like "$scratch/out" "^#[0-2] .*sleepq_wake \(.*l=(l@entry=)?0x[0-9a-f]+ LWP 2\.2" "stops where it is woken"
like "$scratch/out" "Current thread is .*Thread 2000001" "in the LWP that wakes it"
like "$scratch/out" "^#[0-9]+ .* bring_news \(id=" "and the backtrace says from which line of the program"

cat >"$scratch/script" <<'END'
break-lwp sleep_until 2.1
continue
delete
python import os, signal, threading
python threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
continue
info threads
waits
END
heddle --cpus 2 --debug-script "$scratch/script" --cmd "sleep 60"
like "$scratch/out" "received signal SIGINT" "Ctrl-C stops the machine"
like "$scratch/out" '"sleep" \(2\.1 sleep: sleep \(nanoslp\)' "and all LWPs are there"

# From the kernel out into the program, and on there: over forks that are not there yet, and over a meal.
cat >"$scratch/script" <<'END'
break-lwp sys____lwp_park60 2.3
continue
delete
frame function dine
down
echo == finish\n
finish
echo == next\n
next
next
next
next
thread
backtrace 1
kill
END
heddle --cpus 2 --debug-script "$scratch/script" --cmd "philosophers"
part finish
like "$scratch/part" "(^|[^ ])(0x[0-9a-f]+ in )?dine \(seat=" "finish of a frame of the program, from inside a system call of its"
part next
like "$scratch/part" "Current thread is .*Thread 2000003" "next in the program stays with the LWP"
like "$scratch/part" "^#0 +(0x[0-9a-f]+ in )?(dine|philosopher) \(" "and in the function, or out to its caller"

# Without being told that it is at a breakpoint gdb moved the program counter back in one of three such runs.
cat >"$scratch/script" <<'END'
break-lwp take 2.5
continue
finish
next
show remote swbreak-feature-packet
delete
continue
END
heddle --cpus 4 --debug-script "$scratch/script" --cmd "philosophers"
like "$scratch/out" "(auto|on).*enabled" "gdb is told that a stop is at a breakpoint"
like "$scratch/out" "^Proved: with an order" "a program of which one LWP was stopped and stepped goes on as if it had not been"
done_testing
