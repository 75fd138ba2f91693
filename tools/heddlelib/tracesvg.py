# SPDX-License-Identifier: BSD-2-Clause
"""A still picture of a trace, or of a part of it: SVG, for papers and slides."""

import bisect
import html

CPUS = 100000                   # the process id of the CPUs' tracks; see tools/heddlelib/tracefile.py
SMALL = 1 << 30                 # track ids of an LWP's system calls begin here
LABEL, WIDTH, ROW, AXIS = 190, 1200, 20, 30
MOST_ARROWS = 400
COLOURS = {"running": "#009e73", "ready": "#e69f00", "sleep": "#9ad1f2", "stopped": "#999999", "suspended": "#cc79a7",
           "zombie": "#6b6b6b", "new": "#f0e442", "other": "#dddddd"}    # as on the page (tools/tracepage/model.js)
CPU_COLOURS = ["#4c78a8", "#f58518", "#54a24b", "#b279a2", "#eeca3b", "#72b7b2", "#e45756", "#9d755d"]
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">
<title>{title}</title>
<rect width="100%" height="100%" fill="white"/>
<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" markerHeight="5" orient="auto"><path d="M0 0L6 3L0 6z"/></marker></defs>
"""


class Picture:
    """The tracks of a trace in a part of its time; times are ns since the trace began."""

    def __init__(self, trace, begin, end, only):
        self.events = trace["traceEvents"]
        about = trace.get("otherData", {})
        self.zero = about.get("begin_ns", 0)
        self.begin = begin
        self.end = end if end is not None else about.get("end_ns", self.zero) - self.zero
        if self.end <= self.begin:
            raise ValueError(f"nothing lies between {self.begin} and {self.end} ns")
        self.collect()
        if only and not begin and end is None:
            self.narrow(only)
        self.rows = self.order(only)
        self.out = []

    def time(self, event):
        """When an event begins."""
        return round(event["ts"] * 1000) - self.zero

    def collect(self):
        """Names of tracks; the slices of LWPs and CPUs that lie in the part."""
        self.processes, self.names, self.slices = {}, {}, {}
        for event in self.events:
            track = (event["pid"], event.get("tid", 0))
            if event["ph"] == "M" and event["name"] == "process_name":
                self.processes[event["pid"]] = event["args"]["name"] + " "
            elif event["ph"] == "M" and event["name"] == "thread_name":
                self.names[track] = event["args"]["name"]
            elif event["ph"] == "X" and event["cat"] in ("state", "cpu"):
                start = self.time(event)
                stop = start + round(event["dur"] * 1000)
                if start < self.end and stop > self.begin:
                    self.slices.setdefault(track, []).append((start, stop, event))

    def narrow(self, only):
        """To the time in which there is more than one of these LWPs; to their time if there never is."""
        tracks = [track for track in self.order(only) if track[0] != CPUS]
        spans = [(min(start for start, _, _ in alive), max(stop for _, stop, _ in alive)) for alive in
                 ([found for found in self.slices[track] if found[2]["name"] != "zombie"] for track in tracks) if alive]
        if spans:
            begin, end = sorted(begin for begin, _ in spans)[:2][-1], max(end for _, end in spans)
            edge = (end - begin) // 50
            self.begin, self.end = max(self.begin, begin - edge), min(self.end, end + edge)
            self.collect()

    def order(self, only):
        """The tracks from top to bottom: CPUs, then LWPs; with `only`, the LWPs so named ("7" or "7.3")."""
        self.processes.pop(CPUS, None)
        cpus = sorted(track for track in self.slices if track[0] == CPUS)
        lwps = sorted(track for track in self.slices if track[0] < CPUS)
        if only:
            lwps = [(pid, lid) for pid, lid in lwps if str(pid) in only or f"{pid}.{lid}" in only]
        return {track: AXIS + number * ROW for number, track in enumerate(cpus + lwps)}

    def x(self, time):
        """Where a time stands."""
        return LABEL + (time - self.begin) / (self.end - self.begin) * (WIDTH - LABEL - 10)

    def colour(self, event):
        """A slice's colour: by state, or, on a CPU, by LWP."""
        if event["cat"] == "state":
            return COLOURS.get(event["name"].split(":")[0], COLOURS["other"])
        return "#eeeeee" if event["name"] == "idle" else CPU_COLOURS[sum(event["name"].encode()) % len(CPU_COLOURS)]

    def draw_row(self, track, y):
        """One track.  Slices that are narrower than a quarter of a point, one after the other, become one."""
        name = html.escape(self.processes.get(track[0], "") + self.names.get(track, f"LWP {track[1]}"))
        self.out.append(f'<text x="4" y="{y + 14}">{name}</text>')
        behind = -1.0
        for start, stop, event in sorted(self.slices[track], key=lambda found: found[:2]):
            left, right = self.x(max(start, self.begin)), self.x(min(stop, self.end))
            if right - behind < 0.25:
                continue
            left, behind = max(left, behind), right
            width = max(right - left, 0.25)
            text = html.escape(event["name"])
            self.out.append(f'<rect x="{left:.2f}" y="{y + 2}" width="{width:.2f}" height="{ROW - 4}" fill="{self.colour(event)}">'
                            f"<title>{text}</title></rect>")
            if len(event["name"]) * 6 + 6 < width:
                self.out.append(f'<text x="{left + 3:.2f}" y="{y + 14}">{text}</text>')

    def draw_arrows(self):
        """The wake-ups, from waker to wakee; returns how many there are and how many are drawn."""
        begun, arrows = {}, []
        for event in self.events:
            if event["ph"] == "s":
                begun[event["id"]] = event
            elif event["ph"] == "f" and event["id"] in begun:
                arrows.append((begun[event["id"]], event))
        arrows = [(one, two) for one, two in arrows if self.begin <= self.time(one) <= self.end and self.begin <= self.time(two) <= self.end
                  and all((end["pid"], end["tid"]) in self.rows for end in (one, two))]
        if len(arrows) > MOST_ARROWS:
            return len(arrows), 0
        for one, two in arrows:
            x1, x2 = self.x(self.time(one)), self.x(self.time(two))
            y1, y2 = (self.rows[(end["pid"], end["tid"])] + ROW / 2 for end in (one, two))
            self.out.append(f'<path d="M{x1:.2f} {y1}C{x1 + 10:.2f} {y1} {x2 - 10:.2f} {y2} {x2:.2f} {y2}" fill="none" stroke="black" '
                            'stroke-width="0.8" marker-end="url(#tip)"/>')
        return len(arrows), len(arrows)

    def draw_axis(self, bottom):
        """Lines at round times, counted from the begin of the trace."""
        unit, name = next((u, n) for u, n in ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns")) if self.end - self.begin >= 2 * u or u == 1)
        rough = (self.end - self.begin) / 8
        steps = [m * 10**e for e in range(12) for m in (1, 2, 5)]
        step = steps[bisect.bisect_left(steps, rough)]
        time = -(-self.begin // step) * step
        while time <= self.end:
            x = self.x(time)
            self.out.append(f'<path d="M{x:.2f} {AXIS - 6}V{bottom}" stroke="#cccccc" stroke-width="0.5"/>'
                            f'<text x="{x:.2f}" y="{AXIS - 10}" text-anchor="middle">{time / unit:g} {name}</text>')
            time += step

    def draw_legend(self, y, arrows, drawn):
        """What the colours are."""
        x = LABEL
        for name in ("running", "ready", "sleep", "suspended", "stopped", "zombie"):
            self.out.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{COLOURS[name]}"/><text x="{x + 16}" y="{y + 10}">{name}</text>')
            x += 90
        words = f"arrows: {drawn} wake-ups" if drawn == arrows else f"{arrows} wake-ups are not drawn: too many for arrows"
        self.out.append(f'<text x="{x}" y="{y + 10}">{words}</text>')

    def draw(self, title):
        """The SVG."""
        bottom = AXIS + len(self.rows) * ROW
        self.draw_axis(bottom)
        for track, y in self.rows.items():
            self.draw_row(track, y)
        self.draw_legend(bottom + 8, *self.draw_arrows())
        return HEAD.format(width=WIDTH, height=bottom + 30, title=html.escape(title)) + "\n".join(self.out) + "\n</svg>\n"


def picture(trace, title, begin=0, end=None, only=()):
    """The SVG of a trace (the object in a trace.json) between two times in ns since its begin; ValueError."""
    return Picture(trace, begin, end, set(only)).draw(title)
