#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The console as somebody who types finds it: lines, erasing, end of file, Ctrl-C."""

import sys

sys.dont_write_bytecode = True
from keyboard import PROMPT, Guest, Tap


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
    tap.check(guest.expect(r"\[1\] stopped  cat\n") and guest.expect(PROMPT), "^Z stops a program")
    guest.type("jobs\r")
    tap.check(guest.expect(r"\[1\] stopped  cat\n"), "jobs says so")
    guest.type("fg\r")
    tap.check(guest.press_until("on{}\r", r"(on\d+)\n(.*\n)*\1\n"), "fg lets it go on")
    tap.check(guest.press_until("\x03", PROMPT), "and ^C ends it")
    guest.type("\x03\rexit 9\r")
    tap.check(guest.status() == 9, "exit of the shell ends the machine, with its status")
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
