#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The page of a trace, in a browser: 100,000 events are drawn in under two seconds and move without stalls;
slices are found under the pointer, wake-ups are followed, searches find; nothing is fetched."""

import json
import pathlib
import random
import shutil
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(TOP / "tools"), str(TOP / "tests/host")]

from browser import Browser  # noqa: E402
from heddlelib import tracepage  # noqa: E402

LWPS, CPUS, EVENTS = 8, 100000, 100_000
count = 0


def ok(true, words, remark=""):
    """One result."""
    global count
    count += 1
    print(f"{'ok' if true else 'not ok'} {count} - {words}", flush=True)
    if not true and remark:
        print(f"# {remark}")
    return true


def slice_of(cat, where, name, start, end, **args):
    """A slice of the trace-event format; times in ns."""
    return {"ph": "X", "cat": cat, "pid": where[0], "tid": where[1], "ts": start / 1000, "dur": (end - start) / 1000, "name": name, "args": args}


def flow(number, ph, lwp, time):
    """One end of an arrow."""
    return {"ph": ph, "bp": "e", "id": number, "cat": "wake", "name": "unpark", "pid": 7, "tid": lwp, "ts": time / 1000, "args": {}}


def names():
    """The metadata events."""
    def meta(kind, pid, tid, name):
        """One of them."""
        return {"ph": "M", "ts": 0, "pid": pid, "tid": tid, "name": kind, "args": {"name": name}}
    found = [meta("process_name", CPUS, 0, "CPUs"), meta("process_name", 7, 0, "ring (7)"), meta("thread_name", CPUS, 1, "CPU 0"),
             meta("process_name", 99, 0, "shell"), meta("thread_name", 99, 1, "99.1 shell")]
    for lwp in range(1, LWPS + 1):
        found.append(meta("thread_name", 7, lwp, f"7.{lwp} member {lwp}"))
    return found


def synthetic():
    """LWPs that wake each other in a ring: who runs wakes the next one, 300 ns before it sleeps; the length in ns."""
    events, now, turn, since = [], 0, 0, [0] * (LWPS + 1)
    draw = random.Random(1)
    while len(events) < EVENTS:
        lwp, following = turn % LWPS + 1, (turn + 1) % LWPS + 1
        end = now + draw.randint(2000, 30000)
        events += [slice_of("state", (7, lwp), "sleep: parked", since[lwp], now - 300, by=f"7.{(turn - 1) % LWPS + 1}"),
                   slice_of("state", (7, lwp), "ready", now - 300, now), slice_of("state", (7, lwp), "running", now, end, cpu=0),
                   slice_of("syscall", (7, 2**30 + lwp), "___lwp_park60", end - 400, end, arg0="0x3"),
                   slice_of("cpu", (CPUS, 1), f"7.{lwp} ring/member {lwp}", now, end),
                   flow(turn, "s", lwp, end - 300), flow(turn, "f", following, end - 300),
                   {"ph": "C", "pid": CPUS, "name": "LWPs", "ts": now / 1000, "args": {"running": 1, "ready": 0}}]
        since[lwp], now, turn = end, end, turn + 1
    events.append(slice_of("state", (99, 1), "running", now, now + now // 10))     # when all that is ring's is over
    events = [event for event in events if event.get("dur", 0) >= 0]
    events.sort(key=lambda event: event["ts"])
    about = {"heddle": 1, "begin_ns": 0, "end_ns": now + now // 10, "cpus": 1, "lost": [0], "command": "</script><!-- ring"}
    return json.dumps({"traceEvents": names() + events, "otherData": about})


# Moves the window as wheel and keys do, six times the same way, and gives for each picture the shortest time
# of its drawing, in ms: what the machine does besides strikes once, a picture that is slow is so each time.
MOVES = """
const { view, trace } = window.heddle, times = [];
for (let round = 0; round < 6; round++) {
  let number = 0;
  const step = move => { move(); view.draw(); times[number] = Math.min(view.drawMs, times[number] ?? Infinity); number++; };
  view.window(0, trace.length);
  for (let i = 0; i < 30; i++) step(() => view.scaleBy(0.75));
  for (let i = 0; i < 30; i++) step(() => view.move(0.3));
  for (let i = 0; i < 30; i++) step(() => view.scaleBy(1 / 0.75));
}
view.window(0, trace.length);
view.draw();
return times;"""

# Where the middle of a slice is in the window: of LWP 3 the one that runs in the middle of the trace.
PLACE = """
const { view, trace } = window.heddle, track = trace.tracks.get("7.3");
const event = track.events.filter(e => e.name === "running")[Math.floor(track.events.length / 6)];
view.window(event.start - 50000, event.end + 50000);
view.draw();
const box = view.canvas.getBoundingClientRect(), row = view.rowOf.get(track);
return [box.left + view.scale((event.start + event.end) / 2), box.top + row.y - view.box.scrollTop + row.height / 2];"""

# The page begins with the program that was run: what that is for another command.
OPENING = """
trace.about.command = "/bin/ring -x";
trace.groups.get(99).folded = false;
opening();
const [from, to] = view.scale.domain();
return [trace.program().pid, trace.groups.get(7).folded, trace.groups.get(99).folded, from, trace.length - to];"""

SELECTED = "const s = window.heddle.view.selected; return s && [s.track.name, s.name];"
COLOUR = """
const { view, trace } = window.heddle, row = view.rowOf.get(trace.tracks.get("7.3"));
const line = view.canvas.getContext("2d").getImageData(220 * view.ratio, (row.y + 16) * view.ratio, 1100 * view.ratio, 1).data;
return new Set(new Uint32Array(line.buffer)).size;"""


def look(browser):
    """All that is tried with the page open."""
    times = sorted(browser.run(MOVES))
    ok(times[-1] < 33, "zooming and moving: no picture takes longer than 33 ms")
    print(f"# a picture: median {times[len(times) // 2]:.1f} ms, slowest {times[-1]:.1f} ms")
    place = browser.run(PLACE)
    ok(browser.run(COLOUR) >= 3, "a row shows more than one colour")
    browser.point(*place)
    ok("member 3\nrunning" in browser.run("return document.getElementById('tip').textContent;"), "the pointer over a slice says what it is")
    browser.click(*place)
    ok(browser.run(SELECTED) == ["7.3 member 3", "running"], "a click selects it")
    words = browser.run("return document.getElementById('details').textContent;")
    ok("woken by" in words and "7.2 member 2" in words and "7.4 member 4" in words, "who woke it and whom it woke is said")
    browser.type("g")
    ok(browser.run(SELECTED) == ["7.4 member 4", "ready"], "g goes to the one that it woke")
    browser.type("b")
    ok(browser.run(SELECTED) == ["7.3 member 3", "running"], "b goes back to the waker")
    browser.type("c")
    ok(browser.run("return window.heddle.view.chain.length;") == 100, "c shows the chain of wake-ups, up to a hundred")
    browser.type("0")
    domain = browser.run("return window.heddle.view.scale.domain();")
    ok(abs(domain[0]) < 1 and abs(domain[1] - browser.run("return window.heddle.trace.length;")) < 1, "0 shows the whole trace")
    browser.type("/member 5\ue007")
    ok(browser.run("return document.getElementById('hits').textContent;").startswith("1 of "), "a search finds")
    ok(browser.run(SELECTED)[0].endswith("member 5"), "and goes to the first hit")
    browser.run("document.querySelector('#tracks').focus(); window.heddle.view.box.scrollTop = 0;")
    opened = browser.run(OPENING)
    ok(opened[:3] == [7, False, True], "the program that was run stands open, others are folded")
    ok(opened[3] < 1 and opened[4] > 1e7, "and it begins with the program's time", opened)
    browser.type("\ue00c")
    ok(browser.run("return [heddle.view.selected, document.getElementById('query').value];") == [None, ""], "Esc ends it")
    ok(browser.run("return performance.getEntriesByType('resource').length;") == 0, "nothing is fetched")
    complaints = browser.errors()
    if not ok(complaints == [], "the browser has nothing to complain about"):
        print("# " + "\n# ".join(complaints))


def main():
    """Make the page, open it, look."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        print("1..0 # SKIP no chromium and chromedriver here")
        return
    with tempfile.TemporaryDirectory() as directory, Browser() as browser:
        path = pathlib.Path(directory) / "trace.html"
        path.write_text(tracepage.page(synthetic(), "ring </title>"), encoding="utf-8")
        before = browser.cpu_time()
        browser.open(path)
        first, used = browser.run("return window.heddle && window.heddle.firstPicture;"), browser.cpu_time() - before
        ok(first is not None and used < 2, "100,000 events are drawn in under two seconds")
        print(f"# first picture {first:.0f} ms after the opening; the browser used {used * 1000:.0f} ms of CPU time")
        ok(browser.run("return document.title;") == "Heddle trace: ring </title>", "the title is that of the program")
        look(browser)
    print(f"1..{count}")


main()
