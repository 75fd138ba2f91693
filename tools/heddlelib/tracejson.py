# SPDX-License-Identifier: BSD-2-Clause
"""A trace as Chrome trace-event JSON, which Perfetto and chrome://tracing read, and our own page.

Only complete events (X), instants (i), flows (s, f), counters (C) and names (M) are written.  doc/tracing.md says
which tracks there are and what the events are called.
"""

import json
import os
import re

from . import tracefile, tree

CPUS_PID = 100000       # the "process" whose tracks are the CPUs
KERNEL_PID = 100001     # Heddle's process 0: 0 means something else to those who read traces
CALLS = 1 << 30         # ids of LWPs are below that: track of the calls of an LWP = this + id
CPU_TRACK, HANDLER_TRACK, INTROFF_TRACK = 1, 1001, 2001     # + number of the CPU

COLOURS = {"running": "thread_state_running", "ready": "thread_state_runnable", "sleep": "thread_state_sleeping",
           "zombie": "grey", "stopped": "terrible", "suspended": "bad", "off": "grey"}
TABLE_LINE = re.compile(r"^(\d+)\s+[A-Z,]+\s+.*?\b(\w+)\s*\(")


def call_names():
    """{number: name} of the system calls."""
    with open(os.path.join(tree.TOP, "kern", "sys", "syscalls.master"), encoding="utf-8") as file:
        matches = [TABLE_LINE.match(line) for line in file]
    return {int(match.group(1)): match.group(2) for match in matches if match}


def signal_name(number):
    """NetBSD's numbers differ from the host's."""
    names = ("HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD TTIN TTOU IO "
             "XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2 PWR").split()
    return f"SIG{names[number - 1]}" if 1 <= number <= len(names) else f"signal {number}"


def json_pid(pid):
    """A process's number in the JSON."""
    return pid or KERNEL_PID


def microseconds(ns):
    """What JSON has: exact, because three digits follow the point."""
    return round(ns / 1000, 3)


class Writer:
    """The events of a model."""

    def __init__(self, model, other):
        self.model = model
        self.other = other
        self.calls = call_names()
        self.events = []
        self.tracks = {}        # (pid, tid): (name, sort index)

    def add(self, phase, pid, tid, time, name, cat, args, **more):
        """One event."""
        event = {"ph": phase, "pid": pid, "tid": tid, "ts": microseconds(time), "name": name, "cat": cat}
        event.update(more)
        if args:
            event["args"] = args
        self.events.append((time, len(self.events), event))

    def track(self, pid, tid, name, index):
        """Give a track its name."""
        self.tracks.setdefault((pid, tid), (name, index))
        return pid, tid

    def complete(self, track, one, name, cat, args, **more):
        """An interval."""
        self.add("X", track[0], track[1], one.start, name, cat, args, dur=microseconds(one.end - one.start), **more)

    def lwp_track(self, key):
        """The track of an LWP's states."""
        lwp = self.model.lwps.get(key)
        name = lwp.name if lwp and lwp.name else f"LWP {key[1]}"
        return self.track(json_pid(key[0]), key[1], name, 2 * min(key[1], CALLS))

    def lwp_name(self, pair):
        """pid.lid"""
        return f"{pair[0]}.{pair[1]}"

    def write_states(self, key, lwp):
        """An LWP's states."""
        if not lwp.states:
            return      # nothing is known of it but its name
        track = self.lwp_track(key)
        for one in lwp.states:
            args, name = dict(one.args), one.name
            if name == "sleep":
                name = f"sleep: {args.pop('message') or '?'}"
                args["channel"] = f"{args['channel']:#x}"
            self.complete(track, one, name, "state", args, cname=COLOURS.get(one.name, "grey"))

    def write_calls(self, key, lwp):
        """An LWP's system calls."""
        if not lwp.calls:
            return
        track = self.track(json_pid(key[0]), CALLS + key[1], f"{lwp.name or 'LWP %d' % key[1]}: calls", 2 * key[1] + 1)
        for one in lwp.calls:
            args = {name: f"{value:#x}" if name in ("arg0", "arg1", "result") else value for name, value in one.args.items()}
            self.complete(track, one, self.calls.get(one.name, f"call {one.name}"), "syscall", args)

    def write_cpu(self, cpu):
        """What a CPU did."""
        model = self.model
        track = self.track(CPUS_PID, CPU_TRACK + cpu, f"CPU {cpu}", 3 * cpu)
        for one in model.running[cpu]:
            lwp = model.lwps.get(one.name)
            name = "idle" if lwp and lwp.idle else model.label(one.name)
            self.complete(track, one, name, "cpu", {"lwp": self.lwp_name(one.name), **one.args})
        for slices, first, what, index, cat in (
                (model.handlers[cpu], HANDLER_TRACK, "interrupts", 1, "interrupt"),
                (model.introff[cpu], INTROFF_TRACK, "interrupts off", 2, "introff")):
            for one in slices:
                name = one.name if cat == "introff" else self.interrupt(one.name)
                track = self.track(CPUS_PID, first + cpu, f"CPU {cpu}: {what}", 3 * cpu + index)
                self.complete(track, one, name, cat, one.args)

    @staticmethod
    def interrupt(code):
        """The name of a kind of interrupt."""
        return tracefile.INTERRUPTS[code] if code < len(tracefile.INTERRUPTS) else f"interrupt {code}"

    def write_wakes(self):
        """An arrow for each wake-up whose both ends are known."""
        number = 0
        for wake in self.model.wakes:
            source = self.wake_source(wake)
            if not source or not wake.ready:
                continue
            number += 1
            name = "unpark" if wake.message == "parked" and wake.reason == "done" else "timeout" if wake.reason == "timeout" else "wake"
            args = {"waker": "interrupt" if wake.interrupt else self.lwp_name(wake.waker), "wakee": self.lwp_name(wake.wakee),
                    "reason": wake.reason, "from": wake.message}
            self.add("s", source[0], source[1], wake.time, name, "wake", args, id=number)
            target = self.lwp_track(wake.wakee)
            self.add("f", target[0], target[1], wake.ready.start, name, "wake", args, id=number, bp="e")

    def wake_source(self, wake):
        """The track that the arrow comes from; None: nothing is known to have been there."""
        if wake.interrupt:
            return CPUS_PID, HANDLER_TRACK + wake.cpu
        return self.lwp_track(wake.waker) if wake.seen else None

    def write_instants(self):
        """What happened at one point of time."""
        for record, label in self.model.instants:
            track = self.lwp_track((record.pid, record.lid)) if record.lid else None
            name, cat, args = self.instant(record, label)
            if record.event == tracefile.IPI:
                track = self.track(CPUS_PID, CPU_TRACK + record.cpu, f"CPU {record.cpu}", 3 * record.cpu)
            elif record.event == tracefile.SEND and not record.lid:
                track = self.lwp_track(record.pair)     # to a process: shown where it was sent
            self.add("i", track[0], track[1], record.time, name, cat, args, s="t")

    def instant(self, record, label):
        """(name, category, args) of an instant."""
        pair, trace = self.lwp_name(record.pair), self.model.trace
        return {
            tracefile.TOKEN: ("token", "lwp", {"by": pair}),
            tracefile.EARLY: ("early", "lwp", {}),
            tracefile.CREATE: ("create", "lwp", {"by": pair}),
            tracefile.EXIT: ("exit", "lwp", {}),
            tracefile.FORK: ("fork", "lwp", {"by": pair}),
            tracefile.EXEC: ("exec", "lwp", {"was": record.arg}),
            tracefile.PEXIT: ("process exit", "lwp", {"status": f"{record.word:#x}"}),
            tracefile.SEND: (f"send {signal_name(record.code)}", "signal", {"by": pair, "to": record.pid}),
            tracefile.SIGNAL: (f"signal {signal_name(record.code)}", "signal", {"handler": bool(record.word)}),
            tracefile.SPIN: (f"spin {trace.symbol(record.arg)}", "contention", {"ns": record.word}),
            tracefile.MUTEX: (f"mutex {trace.message(record)}", "contention", {"owner": pair, "slept": bool(record.code)}),
            tracefile.IPI: (f"{self.interrupt(record.code)} -> CPU {record.word}", "ipi", {}),
            tracefile.MARKDATA: (label, "mark", {"bytes": record.word, "value": record.arg}),
        }.get(record.event, (f"event {record.event}", "other", {}))

    def write_counters(self):
        """How many LWPs run and are ready, the idle ones left out."""
        changes = []
        for lwp in self.model.lwps.values():
            for one in lwp.states:
                if not lwp.idle and one.name in ("running", "ready"):
                    changes += [(one.start, one.name, 1), (one.end, one.name, -1)]
        changes.sort(key=lambda change: change[0])
        count = {"running": 0, "ready": 0}
        shown = None
        for i, (time, name, by) in enumerate(changes):
            count[name] += by
            if i + 1 < len(changes) and changes[i + 1][0] == time:
                continue
            if count != shown and time < self.model.end:
                shown = dict(count)
                self.add("C", CPUS_PID, 0, time, "LWPs", "counter", shown)

    def names(self):
        """The names of processes and tracks."""
        processes = {CPUS_PID: ("CPUs", 0), KERNEL_PID: ("kernel", 1)}
        for pid, _tid in self.tracks:
            processes.setdefault(pid, (self.model.process(pid), 1 + pid))
        for pid in sorted({pid for pid, _tid in self.tracks}):
            name, index = processes[pid]
            yield {"ph": "M", "pid": pid, "tid": 0, "name": "process_name", "args": {"name": name}}
            yield {"ph": "M", "pid": pid, "tid": 0, "name": "process_sort_index", "args": {"sort_index": index}}
        for (pid, tid), (name, index) in sorted(self.tracks.items()):
            yield {"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": {"name": name}}
            yield {"ph": "M", "pid": pid, "tid": tid, "name": "thread_sort_index", "args": {"sort_index": index}}

    def write(self, file):
        """All of it, as JSON: an event a line."""
        for key, lwp in sorted(self.model.lwps.items()):
            self.write_states(key, lwp)
            self.write_calls(key, lwp)
        for cpu in range(self.model.cpus):
            self.write_cpu(cpu)
        self.write_wakes()
        self.write_instants()
        self.write_counters()
        self.events.sort(key=lambda event: event[:2])
        encode = json.JSONEncoder(separators=(",", ":")).encode
        lines = [encode(event) for event in self.names()] + [encode(event) for _, _, event in self.events]
        file.write('{"traceEvents":[\n' + ",\n".join(lines) + '\n],"displayTimeUnit":"ns","otherData":'
                   + encode(self.other) + "}\n")


def write(model, path, about):
    """Write a model into a file; `about` becomes part of otherData."""
    other = {"heddle": 1, "begin_ns": model.begin, "end_ns": model.end, "cpus": model.cpus,
             "records": len(model.trace.records), "lost": model.trace.lost, **about}
    with open(path, "w", encoding="utf-8") as file:
        Writer(model, other).write(file)
