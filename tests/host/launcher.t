#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The launcher: terminal, input, hangs, panics, and that no QEMU is left behind."""

import glob
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import termios
import time

RUN = ["tools/heddle-run", "--build", os.environ.get("KERNEL", "debug"), "--timeout", "60"]
results = []


def ok(good, text, remark=""):
    """Print a result, and a remark if it is bad."""
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} - {text}")
    if not good:
        print("".join(f"#   {line}\n" for line in str(remark).splitlines()))
    sys.stdout.flush()


def run(*args, stdin=b""):
    """Run the launcher to its end: (status, output)."""
    result = subprocess.run(RUN + list(args), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result.returncode, result.stdout.decode(errors="replace")


def children(pid):
    """The processes that a process has started."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8") as file:
                number, rest = file.read().split(" ", 1)
        except OSError:
            continue    # it has just ended
        if int(rest.rsplit(")", 1)[1].split()[1]) == pid:
            found.append(int(number))
    return found


class OnTerminal:
    """The launcher on a terminal of its own."""

    def __init__(self, *args):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        self.process = subprocess.Popen(RUN + list(args), stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                        start_new_session=True)

    def expect(self, pattern, seconds=30):
        """Whether output that matches comes in time; what comes later is looked at by the next call."""
        os.set_blocking(self.master, False)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            match = re.search(pattern, self.output)
            if match:
                self.output = self.output[match.end():]
                return True
            try:
                self.output += os.read(self.master, 4096)
            except BlockingIOError:
                time.sleep(0.02)
        return False

    def send(self, keys):
        """Type."""
        os.write(self.master, keys)

    def restored(self):
        """Whether the terminal is as it was."""
        return termios.tcgetattr(self.slave) == self.before


def test_terminal():
    """A session at the prompt, left by Ctrl-A x."""
    session = OnTerminal()
    ok(session.expect(rb"heddle\$ "), "a terminal gets a prompt", session.output)
    ok(not session.restored(), "while it runs, the terminal passes all keys")
    session.send(b"echo one two\r")
    ok(session.expect(rb"\none two\r"), "what is typed arrives", session.output)
    session.send(b"sleep 100\r")
    session.expect(rb"sleep 100")
    time.sleep(0.3)     # any time will do: the interrupt goes to the shell or to its child
    session.send(b"\x03")
    ok(session.expect(rb"heddle\$ "), "Ctrl-C goes to the guest", session.output)
    qemu = children(session.process.pid)
    session.send(b"\x01x")
    ok(session.process.wait(20) == 0, "Ctrl-A x leaves with status 0")
    ok(session.restored(), "and leaves the terminal as it was")
    ok(qemu and not os.path.exists(f"/proc/{qemu[0]}"), "and no QEMU")


def test_signals():
    """The launcher is told to end, or is killed."""
    for signo in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        session = OnTerminal()
        session.expect(rb"heddle\$ ")
        qemu = children(session.process.pid)
        session.process.send_signal(signo)
        session.process.wait(20)
        time.sleep(0.5 if signo == signal.SIGKILL else 0)
        gone = qemu and all(not os.path.exists(f"/proc/{pid}") or is_zombie(pid) for pid in qemu)
        ok(gone, f"{signal.Signals(signo).name} leaves no QEMU behind", qemu)
        if signo != signal.SIGKILL:
            ok(session.restored(), "and the terminal as it was")


def is_zombie(pid):
    """Whether a process has ended, though nobody has asked for its status."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return ") Z" in file.read()
    except OSError:
        return True


def test_input():
    """Input from a pipe, and statuses."""
    status, output = run(stdin=b"echo from a pipe\nexit 200\n")
    ok(status == 200, "a status above 125 comes back whole", output)
    ok("\nfrom a pipe\n" in output, "input from a pipe arrives", output)
    ok("\r" not in output, "no carriage returns where the output is no terminal")


def test_ends():
    """Machines that do not end well."""
    status, output = run("--initrd", "none")
    ok(status == 125 and "panic: " in output, "a panic is status 125", output)
    status, output = run("--cmd", "sleep 1000", "--hang", "2")
    ok(status == 123, "no progress is status 123", output)
    ok(re.search(r'\(sleep\): sleep, .* waits in "', output), "with a report of every LWP", output)
    status, output = run("--append", "init=/bin/sleep", "--cmd", "1000", "--timeout", "3")
    ok(status == 124 and "time limit" in output, "the time limit is status 124", output)
    status, output = run("--qemu-arg=-no-such-option")
    ok(status == 124 and "QEMU ended" in output, "QEMU's own failure is status 124", output)
    status, output = run("--kernel", "/nonexistent")
    ok(status == 1 and "run make" in output, "a missing file is named", output)
    status, output = run("--icount", "--cmd", "hello")
    ok(status == 0, "the deterministic machine", output)


def test_other_qemu():
    """A newer QEMU is not the one that going backwards with several CPUs is made for."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "qemu-system-x86_64")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho QEMU emulator version 9.1.0\n")
        os.chmod(path, 0o755)
        with open(os.path.join(directory, "about.json"), "w", encoding="utf-8") as file:
            file.write('{"cmd": "hello", "append": [], "mem": 64, "cpus": 2}')
        saved = os.environ["PATH"]
        os.environ["PATH"] = directory + os.pathsep + saved
        status, output = run("--replay", directory)
        os.environ["PATH"] = saved
    ok(status == 1 and "needs QEMU 7.2, and this is 9.1: record with CPUS=1" in output and output.count("\n") == 1,
       "a replay of several CPUs with another QEMU gets one line", output)


def test_old_qemu():
    """A QEMU that is too old gets one clear line."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "qemu-system-x86_64")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho QEMU emulator version 6.2.0\n")
        os.chmod(path, 0o755)
        saved = os.environ["PATH"]
        os.environ["PATH"] = directory + os.pathsep + saved
        status, output = run("--cmd", "hello")
        os.environ["PATH"] = saved
    ok(status == 1 and "version 6.2; Heddle needs 7.2" in output and output.count("\n") == 1,
       "a QEMU that is too old gets one line", output)


def main():
    """All of them."""
    test_old_qemu()
    test_other_qemu()
    test_input()
    test_ends()
    test_terminal()
    test_signals()
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
