# SPDX-License-Identifier: BSD-2-Clause
"""invariants: what must be true of a machine that stands still: those of doc/invariants.md that can be seen from outside.

A CPU that was stopped in the middle of a change, with the lock of what it changes held, may leave something
half done; so each finding says who holds that lock.
"""

from . import data
from .command import command
from .queues import priorities


def count(lwps, test):
    """How many LWPs pass a test."""
    return sum(1 for l in lwps if test(l))


def check_counters(p):
    """state.3: the counters of a process equal a recount of its list."""
    lwps = list(data.lwps_of(p))
    exiting = [l for l in lwps if int(l["l_flag"]) & data.LW_EXITING]
    off = [l for l in lwps if int(l["l_flag"]) & (data.LW_EXITING | data.LW_SUSPENDED)
           or int(l["l_prflag"]) & (data.LPR_IDL | data.LPR_STOPPED)]
    wanted = {
        "p_nlwps": len(lwps), "p_nzlwps": len(exiting), "p_nrlwps": len(lwps) - len(off),
        "p_ndlwps": count(lwps, lambda l: int(l["l_prflag"]) & (data.LPR_DETACHED | data.LPR_IDL) == data.LPR_DETACHED),
        "p_nlwpwait": count(lwps, lambda l: int(l["l_prflag"]) & data.LPR_WAIT),
        "p_nidlwps": count(lwps, lambda l: int(l["l_prflag"]) & data.LPR_IDL),
    }
    owner = data.mutex_owner(p["p_lock"])
    held = f" (p_lock is held by {data.who(owner)})" if owner else ""
    for field, value in wanted.items():
        if int(p[field]) != value:
            yield f"inv.1 process {int(p['p_pid'])}: {field} is {int(p[field])}, counted {value}{held}"
    for l in lwps:
        if int(l["l_proc"]) != int(p):
            yield f"inv.2 LWP {data.ident(l)} is in the list of process {int(p['p_pid'])}"


def check_runq(ci):
    """A run queue: bitmap, count, and the LWPs on it."""
    rq, total = ci["ci_runq"], 0
    where = f"CPU {int(ci['ci_index'])}"
    bits = priorities(rq)
    for priority in range(rq["rq_queue"].type.range()[1] + 1):
        first = int(rq["rq_queue"][priority]["tqh_first"])
        if bool(first) != (priority in bits):
            yield f"inv.6 {where}: the bit of priority {priority} is {'not ' if first else ''}set, the queue is " \
                  f"{'not ' if first else ''}empty"
        if not first:
            continue
        for l in data.tailq(rq["rq_queue"][priority], "l_link"):
            total += 1
            if int(l["l_stat"]) != data.LSRUN or int(l["l_priority"]) != priority or int(l["l_cpu"]) != int(ci):
                yield f"inv.7 {where}: {data.who(l)} is on run queue {priority}, but in state {int(l['l_stat'])}, of " \
                      f"priority {int(l['l_priority'])} and CPU {int(l['l_cpu']['ci_index'])}"
    if total != int(rq["rq_count"]):
        yield f"inv.22 {where}: rq_count is {int(rq['rq_count'])}, counted {total}"


def check_cpu(ci):
    """A CPU runs an LWP that knows it."""
    l, where = ci["ci_curlwp"], f"CPU {int(ci['ci_index'])}"
    if int(l["l_stat"]) != data.LSONPROC or not l["l_running"] or int(l["l_cpu"]) != int(ci):
        yield f"inv.23 {where} runs {data.who(l)}, which is in state {int(l['l_stat'])}"
    yield from check_runq(ci)


def check_lwp(l, running):
    """The state of an LWP, its queue and its lock fit together."""
    stat, lock = int(l["l_stat"]), int(l["l_mutex"])
    if stat not in data.STATES:
        yield f"inv.21 {data.who(l)}: state {stat}"
    if (stat == data.LSONPROC) != (int(l) in running):
        yield f"inv.17 {data.who(l)}: state {data.STATES.get(stat)}, but {'no' if stat == data.LSONPROC else 'a'} CPU runs it"
    if stat == data.LSSLEEP:
        yield from check_sleeper(l, lock)
    else:
        if int(l["l_sleepq"]):
            yield f"inv.13 {data.who(l)}: not asleep, but on a sleep queue"
        if int(l["l_cpu"]) and lock != int(l["l_cpu"]["ci_lock"].address):
            yield f"inv.14 {data.who(l)}: not asleep, but not covered by the lock of its CPU"
    if stat == data.LSRUN and not on_queue(l, l["l_cpu"]["ci_runq"]["rq_queue"][int(l["l_priority"])]):
        yield f"inv.16 {data.who(l)}: runnable, but on no run queue"


def on_queue(l, head):
    """Whether an LWP is on a queue."""
    return int(l) in (int(other) for other in data.tailq(head, "l_link"))


def check_sleeper(l, lock):
    """One that sleeps is on its queue, which a bucket or a chain covers."""
    if not int(l["l_sleepq"]) or not on_queue(l, l["l_sleepq"].dereference()):
        yield f"inv.8 {data.who(l)}: asleep, but not on its sleep queue"
    for name in ("sleeptab", "chains"):
        array = data.variable(name)
        if 0 <= lock - int(array.address) < array.type.sizeof:
            break
    else:
        yield f"inv.10 {data.who(l)}: asleep, but not covered by a bucket or a chain"
    if data.syncobj(l) == "park" and data.has_token(l):
        yield f"inv.12 {data.who(l)}: parked with a full token"


def findings():
    """All that is wrong, as lines of text."""
    running = {int(ci["ci_curlwp"]) for ci in data.cpus()}
    for p in data.procs():
        yield from check_counters(p)
    for ci in data.cpus():
        yield from check_cpu(ci)
    for l in data.lwps():
        yield from check_lwp(l, running)


@command("invariants")
def invariants(_words):
    """Check what must be true of a stopped machine: counters, queues, bitmaps, states and locks.
The counters of each process are recounted; run queues agree with their bitmaps and counts; each CPU's LWP runs;
each LWP is on the queue, and covered by the lock, that its state wants.  A CPU stopped in the middle of a change
(`locks' shows a spin mutex held) may leave something half done."""
    wrong = list(findings())
    for line in wrong:
        print(f"WRONG: {line}")
    lwps, procs = sum(1 for _ in data.lwps()), len(data.procs())
    print(f"{procs} processes, {lwps} LWPs, {sum(1 for _ in data.cpus())} CPUs: {len(wrong)} violations")
