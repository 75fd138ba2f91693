# SPDX-License-Identifier: BSD-2-Clause
"""sleepq, runq, callouts."""

import gdb

from . import data
from .command import command, table
from .listings import wait_text


def place(l):
    """The queue that a sleeper is on: (order, text)."""
    for name in ("sleeptab", "chains"):
        array = data.variable(name)
        offset = int(l["l_mutex"]) - int(array.address)
        size = array[0].type.sizeof
        if 0 <= offset < array.type.sizeof:
            kind = "bucket" if name == "sleeptab" else "mutex chain"
            return (name, offset // size), f"{kind} {offset // size}"
    return ("~", 0), "?"


@command("sleepq")
def sleepq(_words):
    """Who sleeps on what: the sleep-queue table bucket by bucket, and the chains of the mutexes.
Parked LWPs are on their bucket's own queue; those in a condition variable are on its queue, and take only the
lock from the bucket.  Sleepers are found through all LWPs, and so in no queue's order: POSITION is the place in it."""
    sleepers = [l for l in data.lwps() if int(l["l_stat"]) == data.LSSLEEP]
    rows = []
    for l in sorted(sleepers, key=lambda l: (place(l)[0], int(l["l_wchan"]))):
        queue = [int(other) for other in data.tailq(l["l_sleepq"].dereference(), "l_link")]
        position = queue.index(int(l)) + 1 if int(l) in queue else "not there!"
        rows.append((place(l)[1], data.syncobj(l), data.channel_name(l), position, data.who(l), wait_text(l)))
    table(rows, ("WHERE", "KIND", "CHANNEL", "POSITION", "LWP", "MESSAGE"))


@command("runq")
def runq(_words):
    """The LWPs that are ready to run, for each CPU, the next one first."""
    for ci in data.cpus():
        rq = ci["ci_runq"]
        print(f"CPU {int(ci['ci_index'])}: runs {data.who(ci['ci_curlwp'])}, {int(rq['rq_count'])} ready")
        for priority in reversed(priorities(rq)):
            for l in data.tailq(rq["rq_queue"][priority], "l_link"):
                print(f"  priority {priority:3}: {data.who(l)}, {int(l['l_slice']) // 1000} us of its slice left")


def priorities(rq):
    """The priorities whose bits are set in the bitmap of a run queue."""
    words = [int(rq["rq_bitmap"][i]) for i in range(rq["rq_bitmap"].type.range()[1] + 1)]
    return [i for i in range(64 * len(words)) if words[i // 64] >> (i % 64) & 1]


def tree(node):
    """Yield the nodes of a tree of callouts, in order."""
    if int(node):
        yield from tree(node["c_node"]["rbe_left"])
        yield node
        yield from tree(node["c_node"]["rbe_right"])


def callout_text(c):
    """What a callout does."""
    function = data.symbol_name(c["c_func"])
    if function == "sleepq_timeout":
        return f"ends the sleep of {data.who(data.pointer_to(c['c_arg'], 'lwp'))}"
    return f"{function}({int(c['c_arg']):#x})"


@command("callouts", gdb.COMMAND_STATUS)
def callouts(_words):
    """The timeouts that are pending, for each CPU, the earliest first."""
    rows = []
    for ci in data.cpus():
        for c in tree(ci["ci_callouts"]["rbh_root"]):
            rows.append((int(ci["ci_index"]), int(c["c_deadline"]), callout_text(c)))
    table(rows, ("CPU", "DEADLINE (ns)", "WHAT"))
