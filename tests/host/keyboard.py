# SPDX-License-Identifier: BSD-2-Clause
"""A running system with a keyboard, and results in TAP: for the tests that type at the shell."""

import os
import re
import select
import subprocess
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

    def more(self):
        """Take what the machine prints next; at its end show what came last, and return False."""
        data = os.read(self.process.stdout.fileno(), 4096)
        if not data:
            print("# the machine has ended; what came last:")
            for line in self.text.split("\n")[-60:]:
                print(f"#   {line}")
        self.text += data.decode(errors="replace").replace("\r", "")
        return bool(data)

    def expect(self, pattern):
        """Read up to a match; returns what came before and in it, None at the end of the output."""
        while not (match := re.search(pattern, self.text)):
            if not self.more():
                return None
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
                if not self.more():
                    return None
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
