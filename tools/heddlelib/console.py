# SPDX-License-Identifier: BSD-2-Clause
"""The guest's console: between its serial line, our terminal and the watch for hangs."""

import os
import select
import sys
import termios
import time

from . import machine
from .qmp import Qmp, QmpError

PREFIX = b"\x01"        # Ctrl-A, which QEMU's console takes commands after
END_OF_FILE = b"\x04"   # Ctrl-D
REPORT_SECONDS = 10     # how long a hung kernel may take to report


class Terminal:
    """Our standard input, without echo and line editing while the guest has it."""

    def __init__(self, active):
        self.saved = termios.tcgetattr(0) if active else None

    def __enter__(self):
        if self.saved:
            iflag, oflag, cflag, lflag, ispeed, ospeed, chars = termios.tcgetattr(0)
            iflag &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.ISTRIP)
            lflag &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
            termios.tcsetattr(0, termios.TCSADRAIN, [iflag, oflag, cflag, lflag, ispeed, ospeed, chars])
        return self

    def __exit__(self, *_exc):
        if self.saved:
            termios.tcsetattr(0, termios.TCSADRAIN, self.saved)


def say(text):
    """A line of the launcher's own, which a reader of TAP skips."""
    sys.stdout.flush()
    os.write(1, b"# heddle-run: " + text.encode() + b"\n")


def registers(qmp):
    """The lines of every CPU's registers, without those of floating point and debugging."""
    lines = qmp.monitor("info registers -a").splitlines()
    return [line for line in lines if line.strip() and not line.startswith(("FCW", "FPR", "XMM", "YMM", "DR", "Opmask"))]


class Console:
    """Copies output and input until the machine ends, hangs or is left."""

    def __init__(self, vm, args, source, terminal):
        self.vm = vm
        self.terminal = terminal
        self.output = vm.process.stdout.fileno()
        self.input = vm.process.stdin.fileno()
        self.source = source        # the descriptor that input comes from
        self.reading = True
        self.started = False        # the kernel has printed something
        self.firmware = args.boot == "uefi"     # prints, too, before the kernel does
        self.keep_cr = os.isatty(1)
        self.line = b""             # the last line of output, still incomplete
        self.printed = None         # the status the kernel printed at its end
        self.prefixed = False       # the last key was Ctrl-A
        self.left = False           # the user asked to leave
        self.hang = args.hang
        self.core = args.core       # where a dump of the memory goes when it hangs or panics, or None
        self.stays = bool(args.core)    # the machine has no exit device: after a panic it stands still
        self.panic_end = None       # when a panic that stays has had time enough to report
        self.deadline = time.monotonic() + args.timeout if args.timeout else None
        self.heard = time.monotonic()

    def run(self):
        """Until the machine has ended; returns (exit status, explanation or None)."""
        while True:
            wait = self.remaining()
            if wait is not None and wait <= 0:
                return self.hung()
            if not self.step(wait):
                break
            if self.panic_end and time.monotonic() >= self.panic_end:
                self.vm.kill()
                return machine.STATUS_PANIC, "the kernel panicked"
        returncode = self.vm.process.wait()
        if self.left:
            return 0, None
        if self.stays and returncode == 0 and self.printed is not None:
            return self.printed, None   # powered off without the exit device
        return machine.guest_status(returncode, self.printed)

    def remaining(self):
        """Seconds until we lose patience, None for never."""
        now = time.monotonic()
        limits = [self.heard + self.hang - now] if self.hang else []
        if self.panic_end:
            limits.append(max(0.1, self.panic_end - now))
        if self.deadline:
            limits.append(self.deadline - now)
        return min(limits) if limits else None

    def step(self, wait):
        """Wait for something, and handle it; False when the machine has ended."""
        # Input that nobody types waits for the kernel to listen: earlier it would be lost.
        reading = self.reading and (self.terminal or self.started)
        ready, _, _ = select.select([self.output] + ([self.source] if reading else []), [], [], wait)
        if self.source in ready:
            self.handle_input(os.read(self.source, 4096))
        if self.output in ready:
            data = os.read(self.output, 65536)
            if not data:
                return False
            self.handle_output(data)
        return True

    def handle_output(self, data):
        """Show what the guest wrote, and look for its last line."""
        self.heard = time.monotonic()
        self.started = self.started or not self.firmware or b"Heddle" in data
        if not self.keep_cr:
            data = data.replace(b"\r", b"")
        view = memoryview(data)
        while view:
            view = view[os.write(1, view):]
        lines = (self.line + data).split(b"\n")
        self.line = lines[-1][-256:]
        for line in lines[:-1]:
            match = machine.POWER_OFF.match(line)
            if match:
                self.printed = int(match.group(1))
            if self.stays:
                self.look_for_panic(line)

    def look_for_panic(self, line):
        """Dump the memory at a panic, and see when its report is over."""
        if line.startswith(b"panic: "):
            self.dump()
            self.panic_end = time.monotonic() + REPORT_SECONDS
        elif line == b"end of the report":
            self.panic_end = time.monotonic()

    def handle_input(self, data):
        """Pass on what was typed; see whether it means "leave"."""
        if not data:
            self.reading = False
            data = END_OF_FILE
        if self.terminal:
            for key in data:
                if self.prefixed and key in b"xX":
                    self.left = True
                self.prefixed = not self.prefixed and key == PREFIX[0]
        try:
            os.write(self.input, data)
        except BrokenPipeError:
            pass    # the machine has just ended; its output says so

    def hung(self):
        """Say so, and have the kernel report, or else QEMU; the result of the run."""
        if self.deadline and time.monotonic() >= self.deadline:
            result = machine.STATUS_UNKNOWN, "the time limit has passed"
        else:
            result = machine.STATUS_HANG, f"hang: no output for {self.hang:g} seconds"
        os.write(1, b"\n")
        say(result[1] + "; asking the kernel for a report")
        self.report()
        self.vm.kill()
        return result[0], None

    def report(self):
        """Have the kernel report by a non-maskable interrupt; if it does not, show the registers."""
        self.dump()
        try:
            qmp = Qmp(self.vm.qmp_path)
        except QmpError as error:
            say(f"QEMU does not answer: {error}")
            return
        try:
            qmp.execute("inject-nmi")
        except QmpError:
            pass    # a quick kernel has ended the machine before QEMU could answer
        if self.drain(REPORT_SECONDS):
            return
        say("the kernel did not finish a report; the registers are")
        try:
            for line in registers(qmp):
                os.write(1, b"# " + line.encode() + b"\n")
        except QmpError as error:
            say(f"QEMU does not answer: {error}")

    def dump(self):
        """Write the memory, if that is wanted, and once; QEMU stops the machine for it."""
        path, self.core = self.core, None
        if not path:
            return
        try:
            qmp = Qmp(self.vm.qmp_path, timeout=60)
            qmp.execute("dump-guest-memory", paging=True, protocol="file:" + os.path.abspath(path))
            qmp.close()
            say(f"the memory is in {path}")
        except QmpError as error:
            say(f"no dump of the memory: {error}")

    def drain(self, seconds):
        """Copy output until the machine ends (True) or the time is over (False)."""
        end = time.monotonic() + seconds
        self.reading = False
        while time.monotonic() < end:
            if not self.step(max(0, end - time.monotonic())) or self.panic_end:
                return True
        return False
