#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The console as somebody who types finds it: lines, erasing, end of file, Ctrl-C."""

import os
import re
import select
import subprocess
import sys
import threading
import time

TIMEOUT = 60
PROMPT = r"heddle\$ "


class Guest:
    """A running system: what it prints, and a keyboard."""

    def __init__(self, *args):
        command = ["tools/heddle-run", "--build", os.environ.get("KERNEL", "debug"), "--hang", "30", *args]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.text = ""
        self.watch = threading.Timer(TIMEOUT, self.process.kill)
        self.watch.start()

    def type(self, keys):
        """Press keys."""
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    def expect(self, pattern):
        """Read up to a match; returns what came before and in it, None at the end of the output."""
        while not (match := re.search(pattern, self.text)):
            data = os.read(self.process.stdout.fileno(), 4096)
            if not data:
                return None
            self.text += data.decode(errors="replace").replace("\r", "")
        seen, self.text = self.text[:match.end()], self.text[match.end():]
        return seen

    def press_until(self, keys, pattern):
        """Press keys again and again until there is a match: the program may not be ready for the first ones.

        A {} in them is a number that goes up.
        """
        turn = 0
        again = 0.0
        while not re.search(pattern, self.text):
            now = time.monotonic()
            if now >= again:    # not at each byte that comes: the keys would keep the program busy
                turn += 1
                again = now + 1
                self.type(keys.format(turn))
            if select.select([self.process.stdout], [], [], max(0, again - now))[0]:
                data = os.read(self.process.stdout.fileno(), 4096)
                if not data:
                    return None
                self.text += data.decode(errors="replace").replace("\r", "")
        return self.expect(pattern)

    def status(self):
        """Wait for the end."""
        self.process.stdin.close()
        while os.read(self.process.stdout.fileno(), 4096):
            pass
        self.watch.cancel()
        return self.process.wait()


class Tap:
    """Results."""

    def __init__(self):
        self.count = 0
        self.failed = False

    def check(self, good, what):
        """One result."""
        self.count += 1
        self.failed |= not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {what}", flush=True)


def run_cat(guest):
    """Start cat from the shell; returns once it has the terminal: a line that is typed comes twice."""
    guest.type("cat\r")
    return guest.expect("cat\n") and guest.press_until("go{}\r", r"(go\d+)\n(.*\n)*\1\n")


def main():
    """Type, and look."""
    tap = Tap()
    guest = Guest("--cpus", "2")
    tap.check(guest.expect(PROMPT), "the shell prompts")
    tap.check(run_cat(guest), "a program gets what is typed")
    guest.type("abx\x7fc\r")
    tap.check(guest.expect(r"\nabc\n"), "DEL erases a character")
    guest.type("wrong\x15right\r")
    tap.check(guest.expect(r"\nright\n"), "^U erases the line")
    guest.type("one two\x17three\r")
    tap.check(guest.expect(r"\none three\n"), "^W erases a word")
    guest.type("a\x16\x03b\r")
    tap.check(guest.expect("\na\x03b\n"), "^V takes the next key as it is")
    guest.type("half\x04")
    tap.check(guest.expect(r"halfhalf"), "^D sends what is typed so far")
    guest.type("\x04")
    tap.check(guest.expect(PROMPT), "and alone is the end of file")
    run_cat(guest)
    guest.type("x\x03")
    tap.check(guest.expect(r"\^C") and guest.expect(PROMPT), "^C ends the program that reads")
    guest.type("sleep 1000\r")
    guest.expect("sleep 1000\n")
    tap.check(guest.press_until("\x03", PROMPT), "and one that sleeps")
    run_cat(guest)
    guest.type("\x1a")
    tap.check(guest.expect(r"cat: stopped") and guest.expect(PROMPT), "^Z stops a program")
    guest.type("jobs\r")
    tap.check(guest.expect(r"\] cat: stopped\n"), "jobs says so")
    guest.type("fg\r")
    tap.check(guest.press_until("on{}\r", r"(on\d+)\n(.*\n)*\1\n"), "fg lets it go on")
    tap.check(guest.press_until("\x03", PROMPT), "and ^C ends it")
    guest.type("\x03\rexit 9\r")
    tap.check(guest.status() == 9, "exit of the shell ends the machine, with its status")
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
