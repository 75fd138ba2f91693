#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""ps, lwpstat and top at the prompt: what they show, how top is left, and that the terminal is as it was."""

import os
import re
import subprocess
import sys
import threading

results = []


def ok(good, text, remark=""):
    """Print a result, and a remark if it is bad."""
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} - {text}")
    if not good:
        print("".join(f"#   {line!r}\n" for line in str(remark).splitlines()[-40:]), end="")
    sys.stdout.flush()


class Guest:
    """A running system."""

    def __init__(self, *args):
        command = ["tools/heddle-run", "--build", os.environ.get("KERNEL", "debug"), "--hang", "60", *args]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.text = ""
        self.watch = threading.Timer(120, self.process.kill)
        self.watch.start()

    def type(self, keys):
        """Press keys."""
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    def expect(self, pattern):
        """Read up to a match; what came before and in it, or all there was if the output ends."""
        while not (match := re.search(pattern, self.text)):
            data = os.read(self.process.stdout.fileno(), 4096)
            if not data:
                return ""
            self.text += data.decode(errors="replace").replace("\r", "")
        seen, self.text = self.text[:match.end()], self.text[match.end():]
        return seen

    def run(self, command):
        """What a command prints, up to the next prompt."""
        self.type(command + "\n")
        return self.expect(r"heddle\$ ")


def test_lists(guest):
    """ps and lwpstat."""
    seen = guest.run("ps -s")
    ok(re.search(r"\n +0 +\d+ \w+ +.* system: idle/1\n", seen) and re.search(r" onproc .* ps\n", seen), "ps -s: a line an LWP", seen)
    seen = guest.run("ps -s 1")
    ok(re.search(r"\n +1 +1 sleep +wait .* init\n", seen) and "system" not in seen, "ps -s PID: of one process", seen)
    seen = guest.run("ps -p")
    ok(re.search(r"PPID", seen) and len(re.findall(r"\n +0 ", seen)) == 1, "ps -p: a line a process", seen)
    ok("no process 99" in guest.run("ps 99"), "ps: no such process")
    ok("usage" in guest.run("ps -x") and "usage" in guest.run("ps one"), "ps: wrong words")
    seen = guest.run("lwpstat events")
    ok(re.search(r"\n +[1-9]\d*  context switches\n", seen), "lwpstat events", seen)
    seen = guest.run("lwpstat events 0.1 2")
    ok(len(re.findall(r"context switches", seen)) == 2, "lwpstat: again and again", seen)
    ok("usage" in guest.run("lwpstat events 0") and "usage" in guest.run("lwpstat none"), "lwpstat: wrong words")


def test_batch(guest):
    """top without a screen."""
    seen = guest.run("top -b -n 2 -d 0.1")
    ok(len(re.findall(r"\nCPU  1 ", seen)) == 2 and len(re.findall(r" onproc .* top\n", seen)) == 2 and "\x1b" not in seen,
       "top -b: two pictures, no escape sequences", seen)
    seen = guest.run("top -b -n 1 -s")
    ok(re.search(r"\nCPU  0 .*\n.*\n", seen) and re.search(r" onproc .* top\n", seen), "top -s: the run queues", seen)
    for words in ("-d 0", "-d 26", "-d x", "-n 0", "-n x", "-z", "word"):
        ok("usage: top" in guest.run(f"top {words}"), f"top {words}: how it is called")


def test_screen(guest):
    """top with a screen, left by q and by Ctrl-C."""
    guest.type("top -d 0.2\n")
    seen = guest.expect(r"\x1b\[J(.|\n)*\x1b\[J")
    ok("\x1b[2J\x1b[H" in seen and seen.count("\x1b[H") >= 2, "top draws again over what it has drawn", seen)
    ok(all(len(re.sub(r"\x1b\[[0-9]*[A-Z]", "", line)) <= 80 for line in seen.split("\n")), "no line is too long", seen)
    guest.type("s")
    seen = guest.expect(r"ready; /s:[^\n]*\n +\d+ +\d+ onproc|idle\x1b")
    ok(seen, "s shows the run queues")
    guest.type("q")
    ok(guest.expect(r"heddle\$ "), "q leaves")
    ok("\nas it was\n" in guest.run("echo as it was"), "the terminal is as it was")
    guest.type("top -s -d 5\n")
    guest.expect(r"\x1b\[J")
    guest.type("\x03")
    ok(guest.expect(r"heddle\$ "), "Ctrl-C leaves, at once")
    ok("\nstill\n" in guest.run("echo still"), "the terminal is as it was")


def main():
    """All of them, on one machine."""
    guest = Guest("--cpus", "2")
    guest.expect(r"heddle\$ ")
    test_lists(guest)
    test_batch(guest)
    test_screen(guest)
    guest.type("exit 7\n")
    ok(guest.process.wait() == 7, "the end")
    guest.watch.cancel()
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
