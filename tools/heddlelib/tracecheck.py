# SPDX-License-Identifier: BSD-2-Clause
"""A strict check of a trace in Chrome trace-event JSON, as tracejson.py writes it.

What Perfetto and chrome://tracing would silently repair or leave out is an error here: intervals that overlap in
a track, arrows without one of their ends, tracks without names, times that go backwards.  Besides, that the trace
is consistent in itself: an LWP's states cover its life, and it runs where and when a CPU says that it does.
"""

import json

from .tracejson import CALLS, CPU_TRACK, CPUS_PID, HANDLER_TRACK, KERNEL_PID

REQUIRED = {
    "M": {"pid": int, "tid": int, "name": str, "args": dict},
    "X": {"pid": int, "tid": int, "name": str, "cat": str, "ts": (int, float), "dur": (int, float)},
    "i": {"pid": int, "tid": int, "name": str, "cat": str, "ts": (int, float), "s": str},
    "s": {"pid": int, "tid": int, "name": str, "cat": str, "ts": (int, float), "id": int},
    "f": {"pid": int, "tid": int, "name": str, "cat": str, "ts": (int, float), "id": int, "bp": str},
    "C": {"pid": int, "tid": int, "name": str, "ts": (int, float), "args": dict},
}
METADATA = {"process_name": "name", "process_sort_index": "sort_index", "thread_name": "name", "thread_sort_index": "sort_index"}
MOST = 20       # complaints that are kept


def ns(microseconds):
    """A time of the file."""
    return round(microseconds * 1000)


class Checker:
    """Collects complaints about one file."""

    def __init__(self, document):
        self.document = document
        self.complaints = []
        self.count = {}             # events of each phase
        self.names = {}             # (what, pid, tid): value
        self.tracks = {}            # (pid, tid): [event] of phase X
        self.used = {}              # (pid, tid): the first event that needs the track
        self.flows = {}             # id: {phase: event}
        self.renamed = set()        # (pid, ns): an LWP became number 1 there

    def bad(self, event, text):
        """Something is wrong."""
        if len(self.complaints) < MOST:
            self.complaints.append(f"{text}: {json.dumps(event)[:200]}" if event is not None else text)

    def check(self):
        """All of it; the complaints."""
        events = self.document.get("traceEvents") if isinstance(self.document, dict) else None
        if not isinstance(events, list) or not isinstance(self.document.get("otherData"), dict):
            return ["not an object with a list traceEvents and an object otherData"]
        good = [event for event in events if self.check_shape(event)]
        self.check_order(good)
        for event in good:
            self.sort_in(event)
        self.check_names()
        for track, slices in self.tracks.items():
            self.check_track(track, slices)
        self.check_flows()
        self.check_running()
        return self.complaints

    def check_shape(self, event):
        """Fields and their types."""
        phase = event.get("ph") if isinstance(event, dict) else None
        if phase not in REQUIRED:
            self.bad(event, "an event of a kind that is not written")
            return False
        for name, kind in REQUIRED[phase].items():
            if not isinstance(event.get(name), kind) or isinstance(event.get(name), bool):
                self.bad(event, f"\"{name}\" is missing or of the wrong type")
                return False
        if phase == "M" and METADATA.get(event["name"]) not in event["args"]:
            self.bad(event, "metadata of an unknown kind, or empty")
            return False
        if event.get("dur", 0) < 0 or event.get("ts", 0) < 0:
            self.bad(event, "a negative time")
            return False
        if phase == "C" and not all(isinstance(value, (int, float)) and value >= 0 for value in event["args"].values()):
            self.bad(event, "a counter that is not a number, or negative")
        if event.get("s", "t") != "t" or event.get("bp", "e") != "e":
            self.bad(event, "a scope or binding that is not written")
        self.count[phase] = self.count.get(phase, 0) + 1
        return True

    def check_order(self, events):
        """Names come first, the others in the order of time, within the trace."""
        other = self.document["otherData"]
        begin, end = other.get("begin_ns"), other.get("end_ns")
        if not isinstance(begin, int) or not isinstance(end, int) or begin > end:
            self.bad(other, "no begin_ns and end_ns")
            return
        last = None
        for event in events:
            if event["ph"] == "M":
                if last is not None:
                    self.bad(event, "a name behind the first event")
                continue
            at = ns(event["ts"])
            if last is not None and at < last:
                self.bad(event, "time goes backwards")
            if at < begin or at + ns(event.get("dur", 0)) > end:
                self.bad(event, "not between begin_ns and end_ns")
            last = at

    def sort_in(self, event):
        """Put an event where it is looked for."""
        phase, track = event["ph"], (event["pid"], event["tid"])
        if phase == "M":
            key = (event["name"], event["pid"], event["tid"] if event["name"].startswith("thread") else 0)
            if key in self.names:
                self.bad(event, "named twice")
            self.names[key] = event["args"][METADATA[event["name"]]]
            return
        self.used.setdefault(track if phase != "C" else (event["pid"], None), event)
        if phase == "X":
            self.tracks.setdefault(track, []).append(event)
        elif phase in ("s", "f"):
            ends = self.flows.setdefault(event["id"], {})
            if phase in ends:
                self.bad(event, "two flows of one id")
            ends[phase] = event
        elif phase == "i" and event["name"] == "exec":
            self.renamed.add((event["pid"], ns(event["ts"])))

    def check_names(self):
        """Every process and track that is used has one name; none is named in vain."""
        for (pid, tid), event in self.used.items():
            if not self.names.get(("process_name", pid, 0)):
                self.bad(event, "its process has no name")
            if tid is not None and not self.names.get(("thread_name", pid, tid)):
                self.bad(event, "its track has no name")
        for what, pid, tid in self.names:
            if what == "thread_name" and (pid, tid) not in self.used:
                self.bad(None, f"track {pid}/{tid} has a name and nothing else")

    def check_track(self, track, slices):
        """Nothing overlaps; states leave no gap."""
        for one, two in zip(slices, slices[1:]):
            end = ns(one["ts"]) + ns(one["dur"])
            if ns(two["ts"]) < end:
                self.bad(two, f"overlaps the one before, which ends at {end} ns")
            elif two["cat"] == "state" and ns(two["ts"]) > end and one["name"] != "zombie" and (track[0], end) not in self.renamed:
                self.bad(two, f"a gap: the state before ends at {end} ns")
            elif two["cat"] == "cpu" and ns(two["ts"]) > end:
                self.bad(two, f"a gap: the CPU has run nothing since {end} ns")

    def check_flows(self):
        """An arrow begins in a slice of its track, ends at the beginning of one, and not before it began."""
        index = {track: {} for track in self.tracks}
        for track, slices in self.tracks.items():
            for one in slices:
                index[track].setdefault(ns(one["ts"]), one)
        for number, ends in self.flows.items():
            if len(ends) != 2:
                self.bad(next(iter(ends.values())), f"flow {number} has only one end")
                continue
            source, target = ends["s"], ends["f"]
            if ns(source["ts"]) > ns(target["ts"]):
                self.bad(source, f"flow {number} ends before it begins")
            if (source["name"], source["cat"], source.get("args")) != (target["name"], target["cat"], target.get("args")):
                self.bad(source, f"the ends of flow {number} differ")
            at = index.get((target["pid"], target["tid"]), {}).get(ns(target["ts"]))
            if not at or at["name"] != "ready":
                self.bad(target, f"flow {number} does not end where its LWP becomes ready")
            self.check_source(number, source)

    def check_source(self, number, source):
        """Where an arrow begins, an LWP runs or an interrupt is handled."""
        slices = self.tracks.get((source["pid"], source["tid"]), [])
        at = ns(source["ts"])
        low, high = 0, len(slices)
        while low < high:
            middle = (low + high) // 2
            if ns(slices[middle]["ts"]) <= at:
                low = middle + 1
            else:
                high = middle
        # At the very end of one and the beginning of the next, both are right.
        around = [one for one in slices[max(0, low - 2):low] if ns(one["ts"]) <= at <= ns(one["ts"]) + ns(one["dur"])]
        if not any(one["name"] == "running" or one["cat"] == "interrupt" for one in around):
            self.bad(source, f"flow {number} begins where nobody runs")
        if source["pid"] == CPUS_PID and source["tid"] < HANDLER_TRACK:
            self.bad(source, f"flow {number} begins in a CPU's own track")

    def check_running(self):
        """An LWP runs only while its CPU says so, and a CPU's slice begins with a running LWP.

        (The CPU's slice is longer: an LWP is asleep, or ready, a moment before it is off its CPU.)
        """
        begin = self.document["otherData"].get("begin_ns")
        starts, slices = {}, {}
        for (pid, tid), track in self.tracks.items():
            for one in track:
                if pid == CPUS_PID and one["cat"] == "cpu":
                    slices.setdefault((tid - CPU_TRACK, one.get("args", {}).get("lwp")), []).append(one)
                elif one["cat"] == "state" and one["name"] == "running" and tid < CALLS:
                    key = (one.get("args", {}).get("cpu"), f"{0 if pid == KERNEL_PID else pid}.{tid}")
                    starts.setdefault(key, []).append(one)
        for key, ran in starts.items():
            times = [(ns(one["ts"]), ns(one["ts"]) + ns(one["dur"])) for one in slices.get(key, [])]
            ends = dict(times)
            at = 0
            for one in ran:
                first, last = ns(one["ts"]), ns(one["ts"]) + ns(one["dur"])
                while at < len(times) and times[at][1] < last:
                    at += 1
                if at == len(times) or first < times[at][0]:
                    self.bad(one, f"runs on CPU {key[0]} while that runs something else")
                ends.pop(first, None)
            for first in ends:
                if first != begin:
                    self.bad(None, f"CPU {key[0]} runs {key[1]} at {first} ns, which does not run")
        for key in set(slices) - set(starts):
            self.bad(None, f"CPU {key[0]} runs {key[1]}, which never runs there")


def no_twins(pairs):
    """An object without two values of one name."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object with the same name twice")
    return found


def no_constant(text):
    """NaN and Infinity are no JSON."""
    raise ValueError(f"{text} is not JSON")


def check_text(text):
    """Complaints about a file's text (none: it is good), and the number of events of each phase."""
    try:
        document = json.loads(text, object_pairs_hook=no_twins, parse_constant=no_constant)
    except ValueError as error:
        return [f"not JSON: {error}"], {}
    checker = Checker(document)
    return checker.check(), checker.count
