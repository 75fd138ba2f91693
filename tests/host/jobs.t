#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Job control and lwpctl at the prompt: eight philosophers suspended, stopped, moved and ended; pipelines."""

import re
import sys

sys.dont_write_bytecode = True
from keyboard import PROMPT, Guest, Tap

# As ps shows them: PID LID STATE ... COMMAND: NAME MEALS
DINER = re.compile(r"^ *(\d+) +(\d+) (\w+) .*philosophers: (\w+) (\d+)$", re.M)


def run(guest, command):
    """Type a command; what it prints, up to the next prompt."""
    guest.type(command + "\r")
    if guest.expect(re.escape(command) + "\n") is None:
        return ""
    return re.sub(PROMPT + "$", "", guest.expect(PROMPT) or "")


def meals(guest):
    """{LID: (name, state, meals)} of the philosophers that have eaten, by ps."""
    return {int(lid): (name, state, int(count)) for _, lid, state, name, count in DINER.findall(run(guest, "ps"))}


def until(guest, condition):
    """Look at the philosophers until they are as wanted; None if the machine ends."""
    while guest.process.poll() is None:
        now = meals(guest)
        if condition(now):
            return now
    return None


def all_eat(before):
    """A condition: every philosopher has eaten since."""
    return lambda now: len(now) == 8 and all(now[lid][2] > before.get(lid, ("", "", 0))[2] for lid in now)


def suspend_one(guest, tap, pid):
    """The others eat on while one is suspended."""
    first = until(guest, all_eat({}))
    tap.check(first, "eight philosophers eat, in the background")
    tap.check(run(guest, f"lwpctl suspend {pid}.2") == "", "lwpctl suspend")
    before = meals(guest)
    tap.check(before[2][0] == "Arendt" and before[2][1] == "suspnd", "ps shows Arendt suspended")
    far = range(4, 9)   # all but her two neighbours, who may wait for a fork that she has
    now = until(guest, lambda now: all(now[lid][2] > before[lid][2] + 2 for lid in far))
    tap.check(now, "the others eat on")
    tap.check(now and now[2] == before[2], "and she does not")
    tap.check(run(guest, f"lwpctl continue {pid}.2") == "", "lwpctl continue")
    tap.check(until(guest, all_eat(now or {})), "all eat again")


def lwpctl_errors(guest, tap, pid):
    """What cannot be done is said."""
    said = run(guest, f"lwpctl wakeup {pid}.99; echo status $?")
    tap.check("there is no such LWP" in said and "status 1" in said, "lwpctl: no such LWP")
    said = run(guest, "lwpctl suspend seven; echo status $?")
    tap.check("is not PID.LID" in said and "status 2" in said, "lwpctl: not an LWP")
    said = run(guest, "lwpctl frobnicate 7.3; echo status $?")
    tap.check("usage: lwpctl" in said and "status 2" in said, "lwpctl: not an operation")
    tap.check("it is the kernel's" in run(guest, "lwpctl suspend 0.1"), "lwpctl: the kernel's")


def foreground(guest, tap):
    """The philosophers as a job: fg, Ctrl-Z, bg, fg, Ctrl-C."""
    guest.type("fg\r")
    guest.expect(r"\nphilosophers -t\n")
    guest.type("\x1a")
    tap.check(guest.expect(r"\n\[1\] stopped  philosophers -t\n") and guest.expect(PROMPT), "Ctrl-Z stops them")
    now = meals(guest)
    tap.check(len(now) == 8 and all(state == "stop" for _, state, _ in now.values()), "ps: all eight have stopped")
    tap.check(meals(guest) == now, "and none eats")
    tap.check("philosophers -t &" in run(guest, "bg"), "bg")
    tap.check("[1] running  philosophers -t\n" in run(guest, "jobs"), "jobs: it runs")
    tap.check(until(guest, all_eat(now)), "all eat")
    guest.type("fg\r")
    guest.expect(r"\nphilosophers -t\n")
    guest.type("\x03")
    tap.check(guest.expect(r"\^C\n") and guest.expect(PROMPT), "fg, and Ctrl-C")
    tap.check("philosophers" not in run(guest, "ps"), "they are gone")
    tap.check(run(guest, "jobs") == "", "and so is the job")


def stopped(guest, tap):
    """A stopped job and Ctrl-C, kill."""
    guest.type("sleep 1000\r")
    guest.expect("sleep 1000\n")
    guest.press_until("\x1a", r"\[1\] stopped  sleep 1000\n")
    guest.expect(PROMPT)
    guest.type("fg\r")
    guest.expect(r"\nsleep 1000\n")
    tap.check(guest.press_until("\x03", PROMPT), "Ctrl-C ends a job that was stopped and brought to the foreground")
    guest.type("sleep 1000\r")
    guest.expect("sleep 1000\n")
    guest.press_until("\x1a", r"\[1\] stopped  sleep 1000\n")
    guest.expect(PROMPT)
    said = run(guest, "kill %1") + run(guest, "wait")   # the end is told by whoever sees it first
    tap.check("Terminated" in said, "kill %1 ends a stopped job")
    tap.check(not re.search(r" sleep$", run(guest, "ps"), re.M), "it is gone")
    said = run(guest, "sleep 1000 & echo $!")
    pid = said.split()[-1]
    run(guest, f"kill -STOP {pid}.1")
    tap.check(guest.press_until("jobs\r", r"\[1\] stopped  sleep 1000\n"), "kill -STOP PID.LID stops its process")
    said = run(guest, "kill -KILL %1") + run(guest, "wait")
    tap.check("signal 9" in said, "SIGKILL by its name")


def pipelines(guest, tap):
    """A pipeline is one job."""
    guest.type("cat | cat\r")
    guest.expect(r"cat \| cat\n")
    tap.check(guest.press_until("go{}\r", r"(go\d+)\n(.*\n)*\1\n"), "a pipeline reads what is typed")
    guest.type("\x1a")
    tap.check(guest.expect(r"\[1\] stopped  cat \| cat\n") and guest.expect(PROMPT), "Ctrl-Z stops all of it")
    tap.check(len(re.findall(r" stop .* cat$", run(guest, "ps"), re.M)) == 2, "ps: both have stopped")
    guest.type("bg\r")
    tap.check(guest.press_until("jobs\r", r"\[1\] stopped  cat \| cat\n"), "in the background its read stops it")
    guest.type("fg\r")
    guest.expect(r"\ncat \| cat\n")
    tap.check(guest.press_until("on{}\r", r"(on\d+)\n(.*\n)*\1\n"), "fg lets it go on")
    guest.type("\x03")
    tap.check(guest.expect(r"\^C\n") and guest.expect(PROMPT), "Ctrl-C")
    tap.check(not re.search(r" cat$", run(guest, "ps"), re.M), "ends both")
    tap.check(run(guest, "false | true && echo yes || echo no") == "yes\n", "its status is that of the last")
    tap.check(run(guest, "ls /nothing 2>&1 | cat >/dev/null; echo $?") == "0\n", "2>&1 into a pipe")
    said = run(guest, "sleep 0 & wait; echo $?")
    tap.check(said.endswith("0\n") and "sleep 0" in said, "& and wait")


def main():
    """Type, and look."""
    tap = Tap()
    guest = Guest("--cpus", "2")
    guest.expect(PROMPT)
    said = run(guest, "philosophers -t &")
    pid = re.search(r"\[1\] (\d+)", said)
    tap.check(pid, "a job in the background")
    suspend_one(guest, tap, pid[1])
    lwpctl_errors(guest, tap, pid[1])
    foreground(guest, tap)
    stopped(guest, tap)
    pipelines(guest, tap)
    guest.type("exit 9\r")
    tap.check(guest.status() == 9, "exit ends the machine, with its status")
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
