# SPDX-License-Identifier: BSD-2-Clause
"""Figures of a trace: where the time went, how long a wake-up takes, who woke whom."""

import math

from . import tracefile

ORDER = ["running", "ready", "sleep", "stopped", "suspended", "zombie"]
BAR = 40


def duration(ns):
    """A time, with the unit that suits it."""
    for unit, factor in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= factor:
            return f"{ns / factor:.3f} {unit}"
    return f"{ns:.0f} ns"


def share(part, whole):
    """A percentage."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def state_times(lwp):
    """{state: ns} of an LWP."""
    times = {}
    for one in lwp.states:
        times[one.name] = times.get(one.name, 0) + one.end - one.start
    return times


def cpu_times(model):
    """[(ns busy, ns idle)] of the CPUs."""
    result = []
    for slices in model.running:
        busy = idle = 0
        for one in slices:
            lwp = model.lwps.get(one.name)
            if lwp and lwp.idle:
                idle += one.end - one.start
            else:
                busy += one.end - one.start
        result.append((busy, idle))
    return result


def latencies(model):
    """The wake-up latencies that are known, ns, in order."""
    return sorted(wake.latency for wake in model.wakes if wake.latency is not None)


def quantile(values, part):
    """The least value of an ordered list that this part of the list does not exceed ("nearest rank")."""
    return values[max(0, math.ceil(part * len(values) - 1e-9) - 1)] if values else 0


def histogram(values):
    """[(lower bound, upper bound, count)]: powers of two."""
    counts = {}
    for value in values:
        counts[value.bit_length()] = counts.get(value.bit_length(), 0) + 1
    if not counts:
        return []
    return [((1 << bits) >> 1, 1 << bits, counts.get(bits, 0)) for bits in range(min(counts), max(counts) + 1)]


def wake_pairs(model):
    """{(waker or None for an interrupt, wakee): count}"""
    pairs = {}
    for wake in model.wakes:
        key = (None if wake.interrupt else wake.waker, wake.wakee)
        pairs[key] = pairs.get(key, 0) + 1
    return pairs


def call_times(model):
    """{number: [count, ns, longest ns]} of the system calls that returned."""
    times = {}
    for lwp in model.lwps.values():
        for one in lwp.calls:
            if one.args.get("unfinished"):
                continue
            entry = times.setdefault(one.name, [0, 0, 0])
            entry[0] += 1
            entry[1] += one.end - one.start
            entry[2] = max(entry[2], one.end - one.start)
    return times


def longest(slices_of_cpus):
    """(cpu, slice) of the longest interval; None if there is none."""
    every = [(one.end - one.start, cpu, one) for cpu, slices in enumerate(slices_of_cpus) for one in slices]
    return max(every, key=lambda item: item[:2])[1:] if every else None


def table(heads, lines):
    """Text in columns: the first to the left, the others to the right."""
    lines = [heads] + [[str(cell) for cell in line] for line in lines]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                      for i, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines]


def states_part(model, most):
    """Time in each state per LWP: the busiest first."""
    rows = []
    for key, lwp in model.lwps.items():
        times = state_times(lwp)
        if times and not lwp.idle:
            rows.append((times.get("running", 0), key, times))
    rows.sort(key=lambda row: (-row[0], row[1]))
    lines = [[model.label(key)] + [duration(times[name]) if name in times else "-" for name in ORDER]
             for _, key, times in rows[:most]]
    more = [f"and {len(rows) - most} more"] if len(rows) > most else []
    return table(["LWP"] + ORDER, lines) + more


def cpus_part(model):
    """CPU use; an idle and a busy time together are the length of the trace."""
    lines = []
    for cpu, (busy, idle) in enumerate(cpu_times(model)):
        switches = max(0, len(model.running[cpu]) - 1)
        lines.append([f"CPU {cpu}", duration(busy), duration(idle), share(busy, busy + idle), switches, len(model.handlers[cpu])])
    return table(["CPU", "busy", "idle", "use", "switches", "interrupts"], lines)


def wakes_part(model, most):
    """Latencies, and who woke whom."""
    values = latencies(model)
    lines = [f"wake-ups: {len(model.wakes)}; from the wake-up to the CPU: median {duration(quantile(values, 0.5))}, "
             f"90 % {duration(quantile(values, 0.9))}, 99 % {duration(quantile(values, 0.99))}, "
             f"longest {duration(values[-1] if values else 0)}"]
    top = max([count for _, _, count in histogram(values)], default=1)
    for low, high, count in histogram(values):
        lines.append(f"  {duration(low):>10} - {duration(high):<10} {count:7} {'#' * -(-count * BAR // top)}")
    pairs = sorted(wake_pairs(model).items(), key=lambda item: (-item[1], str(item[0])))
    lines.append("who woke whom")
    for (waker, wakee), count in pairs[:most]:
        lines.append(f"  {count:7}  {model.label(waker) if waker else 'an interrupt'} -> {model.label(wakee)}")
    if len(pairs) > most:
        lines.append(f"  and {len(pairs) - most} more pairs")
    return lines


def off_part(model):
    """How long interrupts were off."""
    section, handler = longest(model.introff), longest(model.handlers)
    lines = []
    if section:
        cpu, one = section
        lines.append(f"longest section with interrupts off: {duration(one.args['ns'])} on CPU {cpu}, until {one.name}")
    else:
        lines.append("sections with interrupts off are recorded by debug kernels only")
    if handler:
        cpu, one = handler
        name = tracefile.INTERRUPTS[one.name] if one.name < len(tracefile.INTERRUPTS) else one.name
        lines.append(f"longest interrupt handler: {duration(one.end - one.start)} on CPU {cpu}, {name}")
    return lines


def calls_part(model, names, most):
    """System calls: the most frequent first."""
    rows = sorted(call_times(model).items(), key=lambda item: (-item[1][0], item[0]))
    lines = [[names.get(number, f"call {number}"), count, duration(total), duration(total / count), duration(most_ns)]
             for number, (count, total, most_ns) in rows[:most]]
    return table(["system call", "count", "together", "each", "longest"], lines)


def head_part(model):
    """What the figures are of."""
    lost = sum(model.trace.lost)
    text = f"{len(model.trace.records)} records of {duration(model.end - model.begin)} on {model.cpus} CPUs"
    if lost:
        text += f"; {lost} LOST: the rings were too small, and the trace begins late (--trace-size)"
    return [text] + [f"PROBLEM: {problem}" for problem in model.problems[:10]]


def summary(model):
    """The few lines that `make trace` prints."""
    return head_part(model) + cpus_part(model) + [wakes_part(model, 0)[0]] + off_part(model)


def full(model, names, most=20):
    """All of it."""
    parts = [head_part(model), cpus_part(model), states_part(model, most), wakes_part(model, most), off_part(model),
             calls_part(model, names, most)]
    return "\n\n".join("\n".join(part) for part in parts).split("\n")
