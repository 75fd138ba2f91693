# SPDX-License-Identifier: BSD-2-Clause
"""A recorded run of QEMU's, gone through backwards.

What it is.  QEMU replays a recording forwards, from any snapshot of it, and can stop at any instruction.  That is
all that is needed: a step back is a run up to the instruction before; the way back to a breakpoint is a run, with
the breakpoints, from a snapshot to here, which counts where it stops, and another to the last of these places.

Why not QEMU's own reverse execution.  In QEMU 7.2 the first "reverse-continue" of a session, if no other move came
before it, goes wrong after loading the snapshot: the firmware reads the kernel's header from QEMU and gets zeros,
and the processor runs into nothing for ever.  It also hides from gdb which watchpoint was hit, and looks for
breakpoints from the very beginning.

Where the search begins.  Snapshots are made while it goes: at most GAP instructions apart, or a PARTS-th of the way.
The stretch from the last one to here is searched first, then the one before.  A stretch with more than CROWD hits is
halved.  What was found is kept, so that a condition which gdb tests at each place costs no second search.

Where it stops.  At a breakpoint, before its instruction, as forwards.  At a watchpoint before the instruction that
writes: going backwards that is the moment at which the value changes.
"""

import bisect
import json
import re

from kernel import register

GAP = 1000000
PARTS = 32
CROWD = 200
NEAR = 20000        # a second step back from farther than this makes a snapshot
MARGIN = 2000       # which is so far back
SIGTRAP, SIGINT = b"T05", b"T02"


class Interrupted(Exception):
    """Ctrl-C on the way; the argument is the stub's reply."""


class Hit:
    """A place where the run would have stopped: executed instructions, program counter if known, the stub's reply."""

    def __init__(self, count, rip, reply):
        self.count, self.rip, self.reply = count, rip, reply


class Recording:
    """The recording that a machine replays.  go(packet) lets the machine run, and returns the stub's reply.

    `director` is the socket to the launcher, which is told when the output that comes was seen before.
    """

    def __init__(self, machine, go, director):
        self.machine = machine
        self.director = director
        self.go = go
        self.snapshots = [0]    # counts, ascending
        self.found = {}         # (points, first count): (last count, hits)
        self.steps = 0          # steps back in a row

    def now(self):
        """How many instructions have been executed."""
        return int(re.search(r"count = (\d+)", self.machine.monitor("info replay")).group(1))

    def seek(self, count):
        """Go to a place, without stopping at anything between."""
        self.machine.monitor(f"replay_seek {count}")
        reply = self.go(None)
        if self.now() != count:
            raise Interrupted(reply)

    def keep(self, count):
        """Make a snapshot at a place."""
        if count not in self.snapshots:
            self.seek(count)
            self.machine.monitor(f"savevm at{count}")
            bisect.insort(self.snapshots, count)

    def nearest(self, count):
        """The last snapshot that is not behind a place."""
        return self.snapshots[bisect.bisect_right(self.snapshots, count) - 1]

    def quietly(self, move):
        """Make a move during which the guest's output is dropped; the reply, None if there is nothing before."""
        self.tell("quiet")
        try:
            return move()
        except Interrupted as stop:
            return stop.args[0]
        finally:
            self.tell("show")

    def tell(self, what):
        """Have the launcher do something, while the machine stands still."""
        self.director.send(json.dumps({"do": what}).encode())
        self.director.recv(4096)

    def step(self, _cpu, _gdb):
        """One instruction back."""
        return self.quietly(self.step_back)

    def last_hit(self, points, _gdb):
        """Back to the last place before here where one of the points is hit."""
        return self.quietly(lambda: self.go_back(points))

    def step_back(self):
        """One instruction back; None at the beginning."""
        count = self.now()
        if count == 0:
            return None
        self.steps += 1
        if self.steps > 1 and count - self.nearest(count) > NEAR:
            self.keep(count - MARGIN)
        self.seek(count - 1)
        return b"T05thread:01;"

    def go_back(self, points):
        """Go to the last hit and return the reply that belongs to it; without one, go to the beginning."""
        before = self.now()
        gap, end = max(GAP, before // PARTS), before
        self.steps = 0
        while end > 0:
            start = self.nearest(end - 1)
            if end - start > gap + gap // 2:
                self.lay(start, end, gap)
                continue
            hits = self.hits(points, start, end)
            if hits is None:
                self.keep((start + end) // 2)
                continue
            hits = [hit for hit in hits if hit.count < before]
            if hits:
                self.arrive(hits[-1], points)
                return hits[-1].reply
            end = start
        self.seek(0)
        return None

    def lay(self, start, end, gap):
        """Make snapshots on the way from one place to another."""
        for count in range(start + gap, end, gap):
            self.keep(count)

    def hits(self, points, start, end):
        """The hits in a stretch; None if there are too many of them."""
        known_end, known = self.found.get((points, start), (-1, []))
        if known_end < end:
            self.seek(start)
            known = self.search(points, end)
            if known is None:
                return None
            self.found[points, start] = end, known
        return known

    def search(self, points, end):
        """The hits from here to a place.  It runs one instruction farther, which may be the one that writes."""
        hits, short = [], end - self.now() <= MARGIN
        self.machine.monitor(f"replay_break {end + 1}")
        reply = self.run_into(points, b"vCont;c")
        while reply[:3] == SIGTRAP and (short or len(hits) < CROWD):
            count = self.now()
            if b"watch" in reply:
                hits.append(Hit(count - 1, None, reply))
                reply = self.run_into(points, b"vCont;c")
                continue
            hits.append(Hit(count, self.rip(), reply))
            # In a step the stub passes breakpoints by.
            reply = self.run_into(points, b"vCont;s:1")
            if reply[:3] == SIGTRAP and b"watch" not in reply:
                reply = self.run_into(points, b"vCont;c") if self.now() <= end else b""
        if reply[:3] == SIGTRAP:
            return None
        if reply[:3] == SIGINT and self.now() <= end:
            raise Interrupted(reply)
        return hits

    def run_into(self, points, packet):
        """Run or step with breakpoints and watchpoints."""
        for point in points:
            self.machine.request(b"Z" + point)
        reply = self.go(packet)
        for point in points:
            self.machine.request(b"z" + point)
        return reply

    def arrive(self, hit, points):
        """Stand where a hit was.  With an interrupt due there, a seek may end before its delivery."""
        self.seek(hit.count)
        if hit.rip is not None and self.rip() != hit.rip:
            self.run_into(points, b"vCont;c")

    def rip(self):
        """The program counter."""
        return register(self.machine.registers(1), "rip")
