# SPDX-License-Identifier: BSD-2-Clause
"""locks and waits: who holds what, and who waits for whom.

What is known.  The kernel knows the owner of an adaptive mutex, and whom an LWP awaits in _lwp_wait.  Of an
LWP that is parked it knows only the hint.  The hint that the mutexes of <heddle/lock.h> give is the address of
their struct __waiter, which names the mutex, and the mutex has an address on its holder's stack: so for them the
holder is known, too, if the program's symbols are loaded.

What it cannot see: whom an LWP awaits that is parked by any other convention, or sleeps in a condition
variable or a semaphore: those have no owner.
"""

import re

import gdb

from . import data
from .command import command, table


def global_variables(struct):
    """Yield (name, value) of the kernel's global variables of a structure type."""
    listing = gdb.execute(f"info variables -q -t {struct}$", to_string=True)
    for name in sorted(set(re.findall(rf"{struct} (\w+);", listing))):
        try:
            yield name, data.variable(name)
        except gdb.error:
            continue


def adaptive_mutexes():
    """{address: (mutex, whose it is)} of all that can be found."""
    found = {}
    for name, mutex in global_variables("struct kmutex"):
        found[int(mutex.address)] = mutex, name
    for p in data.procs():
        pid = int(p["p_pid"])
        found[int(p["p_lock"].address)] = p["p_lock"], f"process {pid}"
        if int(p["p_vmspace"]):
            lock = p["p_vmspace"]["vm_lock"]
            found[int(lock.address)] = lock, f"address space of {pid}"
    others = [(int(l["l_wchan"]), "found by a sleeper") for l in data.lwps() if data.syncobj(l) == "mutex"]
    others += [(address, "found by its holder") for address in data.held_mutexes()]
    for address, how in others:
        found.setdefault(address, (data.pointer_to(address, "kmutex").dereference(), how))
    return found


def spin_mutexes():
    """Yield (mutex, where it is) of all spin mutexes that can be found."""
    for ci in data.cpus():
        index = int(ci["ci_index"])
        yield ci["ci_lock"], f"CPU {index}"
        yield ci["ci_callout_lock"], f"CPU {index}"
    for name, field in (("sleeptab", "sb_lock"), ("chains", "c_lock")):
        array = data.variable(name)
        for i in range(array.type.range()[1] + 1):
            yield array[i][field], f"{name}[{i}]"
    for name, mutex in global_variables("struct kspin"):
        yield mutex, name


@command("locks")
def locks(_words):
    """Mutexes that are held or waited for, with their holders and waiters.
Adaptive: global ones, those of processes and address spaces, and any that an LWP sleeps for.  Spin mutexes:
those of CPUs, sleep queues and global ones.  Those inside other structures (files, pipes) are found by a sleeper and,
in debug kernels, by their holder."""
    sleepers = [l for l in data.lwps() if data.syncobj(l) == "mutex"]
    rows = []
    for address, (mutex, where) in adaptive_mutexes().items():
        waiters = [data.who(l) for l in sleepers if int(l["l_wchan"]) == address]
        owner = data.mutex_owner(mutex)
        if owner or waiters:
            rows.append(("adaptive", data.text(mutex["km_name"]), where, data.who(owner) if owner else "free",
                         ", ".join(waiters) or "-"))
    for mutex, where in spin_mutexes():
        if int(mutex["ks_locked"]):
            has_cpu = any(field.name == "ks_cpu" for field in mutex.type.fields())
            rows.append(("spin", data.text(mutex["ks_name"]) if has_cpu else "?", where,
                         f"CPU {int(mutex['ks_cpu']) - 1}" if has_cpu else "?", "-"))
    if rows:
        table(rows, ("KIND", "NAME", "OF", "HELD BY", "WAITERS"))
    else:
        print("No mutex is held.")


def field_offset(struct, name):
    """Where a field is in a structure."""
    return next(field.bitpos // 8 for field in gdb.lookup_type(struct).fields() if field.name == name)


def library_wait(l):
    """(address of the library's mutex, an address on its holder's stack) that a parked LWP waits for, or None."""
    hint = data.park_hint(l)
    try:
        lid = data.user_word(l, hint + field_offset("struct __waiter", "w_lid") // 8 * 8)
        mutex = data.user_word(l, hint + field_offset("struct __waiter", "w_mutex"))
        shift = field_offset("struct __waiter", "w_lid") % 8 * 8
        if lid is None or lid >> shift & 0xffffffff != int(l["l_lid"]) or not mutex:
            return None
        return mutex, data.user_word(l, mutex + field_offset("struct hmutex", "hm_holder"))
    except (gdb.error, StopIteration):
        return None


def lwp_of_stack(l, address):
    """The LWP of l's process on whose stack an address lies: the mapping is the one of its stack pointer."""
    region = data.region(l, address) if address else None
    for other in data.lwps_of(l["l_proc"]) if region else []:
        tf = other["l_md"]["md_tf"]
        if int(tf) and data.region(l, int(tf["tf_rsp"])) == region:
            return other
    return None


def awaited(l):
    """What an LWP waits for: (text, the LWP that could end it, or None)."""
    kind = data.syncobj(l)
    if kind == "mutex":
        mutex = data.pointer_to(l["l_wchan"], "kmutex")
        return f"kernel mutex \"{data.text(mutex['km_name'])}\"", data.mutex_owner(mutex)
    if int(l["l_prflag"]) & data.LPR_WAIT:
        if int(l["l_waitingfor"]):
            return "the exit of an LWP (_lwp_wait)", l["l_waitingfor"]
        return "the exit of any LWP (_lwp_wait)", None
    if kind == "park":
        found = library_wait(l)
        if found:
            return f"mutex {data.symbol_name(found[0])}", lwp_of_stack(l, found[1])
        return f"an unpark, hint {data.park_hint(l):#x}", None
    return f"\"{data.text(l['l_wmesg'])}\" ({kind} {data.channel_name(l)})", None


def cycles(edges):
    """The cycles among {LWP: LWP it waits for}, each as a list of addresses."""
    found, done = [], set()
    for start in edges:
        path, node = [], start
        while node in edges and node not in path and node not in done:
            path.append(node)
            node = edges[node]
        if node in path:
            found.append(path[path.index(node):])
        done.update(path)
    return found


@command("waits")
def waits(_words):
    """Who waits for whom, and the cycles among them: deadlocks.
Known are the holders of kernel mutexes, the LWP awaited in _lwp_wait, and the holders of the mutexes of
<heddle/lock.h> (a program's symbols are needed).  Who will unpark an LWP that parks otherwise, nobody knows."""
    sleepers = [l for l in data.lwps() if int(l["l_stat"]) == data.LSSLEEP]
    waiting = {int(l): awaited(l) for l in sleepers}
    edges = {address: int(other) for address, (_, other) in waiting.items() if other is not None}
    rings = cycles(edges)
    in_ring = {address for ring in rings for address in ring}
    rows = []
    for l in sleepers:
        what, other = waiting[int(l)]
        rows.append(("*" if int(l) in in_ring else "", data.who(l), what, data.who(other) if other else "-"))
    table(rows, ("", "LWP", "WAITS FOR", "WHICH IS UP TO"))
    for ring in rings:
        names = [data.who(data.pointer_to(address, "lwp")) for address in ring + ring[:1]]
        print(f"DEADLOCK: {' -> '.join(names)}")
