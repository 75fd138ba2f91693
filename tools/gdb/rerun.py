# SPDX-License-Identifier: BSD-2-Clause
"""A machine with several CPUs, gone through backwards: it is run again, from its start.

What it is.  Under the deterministic clock (one instruction of any CPU is a nanosecond, one host thread runs the CPUs
in turn) every run of a machine without input is the same, instruction by instruction.  A place is the number of
instructions executed by then on all CPUs.  To go to a place, forwards or backwards, a new QEMU is started, with the
plugin rerun.c, which stops it there.  To find out where a breakpoint or watchpoint is hit first, or last before here,
another is run before, with the plugin on the look-out.

Why not savevm.  A machine that was stopped or loaded from a snapshot does not go on as one that was not: the clock has
moved.  For the same reason gdb never lets one of these machines run on: each is looked at and thrown away.

What it does not handle: registers and memory that were written are as before after the next move; the guest's input.
A move costs the time of one or two runs to that place: some twenty million instructions a second.
"""

import json
import os
import re
import select
import struct

import rsp
from kernel import Machine

NOWHERE = (1 << 64) - 1
RESULT = struct.Struct("<4Q")
RING = 65536        # as in rerun.c
KINDS = {b"2": "write", b"3": "read", b"4": "access"}
STOPS = {b"2": b"watch", b"3": b"rwatch", b"4": b"awatch"}


class Rerun(Machine):
    """A Machine that is another one after each move."""

    def __init__(self, stub_path, director, result, ends):
        super().__init__(rsp.connect(stub_path))
        self.path = stub_path
        self.director = director    # the socket to the launcher, which starts machines
        self.result = result        # the file that the plugin writes
        self.ends = ends            # addresses at which a run ends
        self.points = set()         # breakpoints and watchpoints, as in gdb's packets
        self.count = 0              # where we are
        self.printed = 0            # how much the guest had printed here
        self.cpu = 0                # the CPU that stopped

    def request(self, data):
        """A packet as it is; breakpoints are not for the stub, but for the plugin."""
        if re.match(rb"[Zz][0-4],", data):
            (self.points.add if data[:1] == b"Z" else self.points.discard)(data[1:])
            return b"OK"
        return super().request(data)

    # The plugin.

    def tell(self, **words):
        """Have the launcher do something; its answer."""
        self.director.send(json.dumps(words).encode())
        return json.loads(self.director.recv(4096))

    def read_result(self):
        """(instructions, number of the one that hit or None, its CPU, the address accessed or 0)."""
        with open(self.result, "rb") as file:
            count, hit, cpu, address = RESULT.unpack(file.read(RESULT.size))
        return count, None if hit == NOWHERE else hit, cpu, address

    def ran(self, number):
        """The CPU that executed one of the last instructions before here; None if that is not known any more."""
        if not self.count - RING <= number < self.count or number < 0:
            return None
        with open(self.result, "rb") as file:
            file.seek(RESULT.size + number % RING)
            return file.read(1)[0]

    def go_to(self, count):
        """Be at a place; what the guest has printed since the place before is shown if it lies ahead."""
        drop = self.printed if count >= self.count else 1 << 60
        self.stub.close()
        self.tell(do="start", plugin=f"out={self.result},stop={count}", attach=True, drop=drop)
        self.stub = rsp.connect(self.path)
        super().request(b"?")
        self.count, self.home, reply = count, None, b"T05thread:01;"
        if count > 0:
            reply = super().request(b"vCont;c")
        self.cpu = int(re.search(rb"thread:p?0*([0-9a-f]+)", reply).group(1), 16) - 1
        self.printed = self.tell(do="count")["count"]

    def find(self, arguments, points, gdb):
        """Run with the plugin on the look-out; (result, whether it was interrupted)."""
        words = [f"out={self.result}"] + arguments
        for point in points:
            kind, address, size = point.split(b",")[:3]
            if kind in KINDS:
                words.append(f"{KINDS[kind]}={int(address, 16):#x}:{int(size, 16)}")
            else:
                words.append(f"point={int(address, 16):#x}")
        self.tell(do="start", plugin=",".join(words), attach=False, drop=1 << 60)
        while True:
            ready, _, _ = select.select([self.director] + ([gdb] if gdb else []), [], [])
            if self.director in ready:
                self.director.recv(4096)
                return self.read_result(), False
            gdb.fill()
            if rsp.INTERRUPT in gdb.buffer:
                gdb.buffer = gdb.buffer.replace(rsp.INTERRUPT, b"")
                return self.read_result(), True

    def reply(self, cpu, address=0, points=()):
        """A stop reply."""
        words = b"T05thread:%02x;" % (cpu + 1)
        for point in points if address else ():
            kind, place, _ = point.split(b",")[:3]
            if kind in STOPS and int(place, 16) == address:
                return words + STOPS[kind] + b":%x;" % address
        return words

    # Moves forwards.

    def run(self, packet, gdb):
        """vCont: continue, or step one CPU; the reply of a stub."""
        step = re.search(rb"[sS][0-9a-f]*:([0-9a-f]+)", packet)
        if step:
            return self.step_forward(int(step.group(1), 16) - 1, gdb)
        points = frozenset(self.points)
        return self.forward(["first=on", f"from={self.count}"], points, gdb)

    def forward(self, arguments, points, gdb, any_cpu=None):
        """Go on to the first hit."""
        ends = frozenset(b"1,%x,1" % place for place in self.ends)
        (count, hit, cpu, address), interrupted = self.find(arguments, points | ends, gdb)
        if hit is None:
            self.go_to(count if interrupted else max(count - 1, self.count))
            return b"T02thread:%02x;" % (self.cpu + 1) if interrupted else self.reply(self.cpu) + b"replaylog:end;"
        own = hit if not address and any_cpu != cpu else hit + 1
        self.go_to(own)
        reply = self.reply(cpu, address, points)
        if address or any_cpu == cpu or any(b"%x" % self.rip(cpu) == point.split(b",")[1] for point in points):
            return reply
        return reply + b"replaylog:end;"

    def step_forward(self, cpu, gdb):
        """One instruction of one CPU; most often that CPU is the one that goes on."""
        before, points = self.count, frozenset(self.points)
        watched = any(point[:1] in KINDS for point in points)
        if not watched and self.cpu == cpu:
            self.go_to(before + 1)
            if self.ran(before) == cpu:
                return self.reply(cpu)
        return self.forward(["first=on", f"from={before}", f"any={cpu}"], points, gdb, cpu)

    def rip(self, cpu):
        """The program counter of a CPU."""
        raw = self.registers(cpu + 1)
        return int.from_bytes(raw[128:136], "little")

    # Moves backwards.

    def step(self, cpu, gdb):
        """To the last instruction before here that a CPU executed; None if there is none."""
        number = self.count - 1
        while self.ran(number) not in (None, cpu):
            number -= 1
        if self.ran(number) != cpu:
            (_, number, _, _), _ = self.find([f"until={self.count}", f"any={cpu}"], (), gdb)
            if number is None:
                return None
        self.go_to(number)
        return self.reply(cpu)

    def last_hit(self, points, gdb):
        """To the last place before here at which one of the points is hit; None if there is none."""
        (_, hit, cpu, address), interrupted = self.find([f"until={self.count}"], points, gdb)
        if interrupted:
            self.go_to(self.count)
            return b"T02thread:%02x;" % (cpu + 1)
        self.go_to(0 if hit is None else hit)
        return None if hit is None else self.reply(cpu, address, points)


def result_file(stub_path):
    """Where the plugin writes."""
    return os.path.join(os.path.dirname(stub_path), "result")
