#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The figures of tools/trace stat, against an example worked out by hand.

One CPU; LWPs A (2.1), B (2.2) and the idle one (0.1); ns since boot:

    1000  the trace begins: A runs, B sleeps      3200  its end
    1500  A wakes B                               5000  B sleeps, A runs       1900 after it was woken
    2000  A sleeps, B runs   500 after it         5200  A wakes B
          was woken                               6000  A sleeps, B runs        800 after it was woken
    3000  timer interrupt                         6500  interrupts on again, after 400
    3100  it wakes A                              7000  B sleeps, nobody runs;  9000  the end
"""

import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
from heddlelib import tracefile as tf
from heddlelib import tracemodel, tracestat

A, B, IDLE = (2, 1), (2, 2), (0, 1)
OFF, READY, SLEEP, RUNNING = 1, 2, 3, 7
results = []


def ok(got, wanted, text):
    """Print a result."""
    results.append(got == wanted)
    print(f"{'ok' if got == wanted else 'not ok'} {len(results)} - {text}")
    if got != wanted:
        print(f"#   got {got}, not {wanted}")


def record(time, event, lwp=(0, 0), code=0, word=0, arg=0):
    """A record of CPU 0, as the kernel writes it."""
    return tf.RECORD.pack(time, event, 0, code, *lwp, word, arg)


def pair(lwp):
    """An LWP as an argument."""
    return lwp[0] << 32 | lwp[1]


def state(time, lwp, new, old=0):
    """A change of state."""
    return record(time, tf.STATE, lwp, new << 8 | old)


def wake(time, lwp, waker, error=0):
    """A wake-up: the sleeper is ready."""
    return record(time, tf.WAKE, lwp, error, 0, pair(waker)) + state(time, lwp, READY, SLEEP)


def switch(time, leaving, coming, before=READY):
    """One falls asleep, another runs."""
    return (state(time, leaving, SLEEP, RUNNING) + record(time, tf.SWITCH, leaving, 0, 0, pair(coming))
            + state(time, coming, RUNNING, before))


def example():
    """The records of the above."""
    name = lambda lwp, text: record(1000, tf.NAME, lwp, 0, int.from_bytes(text[:4], "little"), int.from_bytes(text[4:], "little"))
    return b"".join([
        record(1000, tf.BEGIN), name(IDLE, b"idle/0"), name(A, b"A"), name(B, b"B"),
        state(1000, IDLE, OFF), state(1000, A, RUNNING), state(1000, B, SLEEP),
        wake(1500, B, A), switch(2000, A, B),
        record(3000, tf.INTR), wake(3100, A, B, 60), record(3200, tf.INTRRET),
        switch(5000, B, A), wake(5200, B, A), switch(6000, A, B),
        record(6500, tf.INTROFF, B, 0, 400, 0x1234), switch(7000, B, IDLE, OFF), record(9000, tf.END)])


def main():
    """Write the file, load it, compare."""
    data = example()
    count = len(data) // tf.RECORD.size
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "trace.bin")
        head = {"version": tf.VERSION, "cpus": 1, "size": 1000, "heads": [count], "messages": {}, "symbols": {0x1234: "spin_exit"}}
        with open(path, "wb") as file:
            file.write(json.dumps(head).encode() + b"\n" + data)
        model = tracemodel.Model(tf.load(path))
    ok(model.problems, [], "the example is consistent")
    ok(tracestat.cpu_times(model), [(6000, 2000)], "CPU use: busy, idle")
    ok(tracestat.state_times(model.lwps[A]), {"running": 2000, "ready": 1900, "sleep": 4100}, "time in each state: A")
    ok(tracestat.state_times(model.lwps[B]), {"running": 4000, "ready": 1300, "sleep": 2700}, "B")
    ok(tracestat.latencies(model), [500, 800, 1900], "latencies from wake-up to CPU")
    ok(tracestat.histogram([500, 800, 1900]), [(256, 512, 1), (512, 1024, 1), (1024, 2048, 1)], "their histogram")
    ok(tracestat.histogram([0, 1, 2, 3, 4, 1024]), [(0, 1, 1), (1, 2, 1), (2, 4, 2), (4, 8, 1)] +
       [(1 << n, 2 << n, 0) for n in range(3, 10)] + [(1024, 2048, 1)], "a histogram's bounds: the lower one belongs to it")
    ok([tracestat.quantile([500, 800, 1900], part) for part in (0.5, 0.9, 0.99)], [800, 1900, 1900], "median, 90 %, 99 % of three")
    ok([tracestat.quantile(list(range(1, 101)), part) for part in (0.5, 0.9, 0.99)], [50, 90, 99], "of a hundred")
    ok(tracestat.wake_pairs(model), {(A, B): 2, (None, A): 1}, "who woke whom")
    cpu, section = tracestat.longest(model.introff)
    ok((cpu, section.start, section.end, section.name), (0, 6100, 6500, "spin_exit"), "the longest section with interrupts off")
    cpu, handler = tracestat.longest(model.handlers)
    ok((cpu, handler.start, handler.end), (0, 3000, 3200), "the longest interrupt handler")
    lines = tracestat.full(model, {})
    ok([line for line in lines if line.startswith("CPU 0")], ["CPU 0  6.000 us  2.000 us  75.0 %         4           1"], "in words: the CPU")
    ok([line for line in lines if line.startswith("wake-ups")],
       ["wake-ups: 3; from the wake-up to the CPU: median 800 ns, 90 % 1.900 us, 99 % 1.900 us, longest 1.900 us"], "the latencies")
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
