# SPDX-License-Identifier: BSD-2-Clause
"""lwps, procs, lwp, cpus."""

import gdb

from . import data
from .command import command, table


def wait_text(l):
    """What an LWP waits for, in a word or two."""
    message = data.text(l["l_wmesg"])
    if data.syncobj(l) == "park":
        return f"{message} hint {data.park_hint(l):#x}"
    return message


def state_text(l):
    """The state of an LWP."""
    state = data.STATES.get(int(l["l_stat"]), "?")
    return "idle" if int(l["l_flag"]) & data.LW_IDLE else state


@command("lwps")
def lwps(words):
    """Every LWP: state, CPU, priority, what it waits for.
Usage: lwps [PID]"""
    rows = []
    for l in data.lwps():
        if words and data.ident(l).split(".")[0] != words[0]:
            continue
        cpu = int(l["l_cpu"]["ci_index"]) if int(l["l_cpu"]) else "-"
        mark = "*" if data.is_running(l) else ""
        rows.append((data.ident(l), data.array_text(l["l_name"]) or "-", data.program(l), state_text(l), f"{cpu}{mark}",
                     int(l["l_priority"]), "yes" if data.has_token(l) else "", wait_text(l)))
    table(rows, ("LWP", "NAME", "PROGRAM", "STATE", "CPU", "PRI", "TOKEN", "WAITS FOR"))


@command("procs")
def procs(_words):
    """Every process, and how many LWPs it has.
NRLWPS is the number of those that run, are runnable or sleep; the other columns: exiting, detached, in _lwp_wait."""
    names = {1: "idl", 2: "active", 5: "zombie"}
    rows = []
    for p in data.procs():
        parent = int(p["p_parent"]["p_pid"]) if int(p["p_parent"]) else "-"
        counts = [int(p[field]) for field in ("p_nlwps", "p_nrlwps", "p_nzlwps", "p_ndlwps", "p_nlwpwait")]
        rows.append([int(p["p_pid"]), parent, data.array_text(p["p_comm"]), names.get(int(p["p_stat"]), "?")] + counts)
    table(rows, ("PID", "PARENT", "PROGRAM", "STATE", "NLWPS", "NRLWPS", "EXITING", "DETACHED", "INWAIT"))


def current():
    """The LWP that the selected thread of gdb's is or runs; None if it cannot be said."""
    thread = gdb.selected_thread()
    number = thread.ptid[1] or thread.ptid[2] if thread else 0
    for l in data.lwps():
        if data.thread_of(l) == thread:
            return l
    for cpu in data.cpus():
        if int(cpu["ci_index"]) == number - 1:
            return cpu["ci_curlwp"]
    return None


def frame_line(number, pc):
    """A line of a backtrace that is computed, not gdb's."""
    sal = gdb.find_pc_line(pc - 1)
    where = f" at {sal.symtab.filename}:{sal.line}" if sal.symtab else ""
    return f"#{number:<2} {pc:#018x} in {data.symbol_name(pc - 1).split('+')[0]}{where}"


def frames(l):
    """Yield the return addresses of an LWP that is on no CPU, by its frame pointers; on to its program."""
    frame = data.pointer_to(l["l_md"]["md_rsp"], "switchframe")
    leave = [int(gdb.parse_and_eval(f"(unsigned long)&{name}")) for name in ("syscall_return", "syscall_traced_return")]
    pc, fp = int(frame["sf_rip"]), int(frame["sf_rbp"])
    while pc not in leave and fp >= data.KERNEL_BASE:
        yield pc
        pc, fp = kernel_word(fp + 8) or 0, kernel_word(fp) or 0
    if pc not in leave:
        yield pc
    if not int(l["l_md"]["md_tf"]) or not fp:
        return
    # The kernel's outermost frame holds the program's frame pointer; the program is in a stub, which has no frame.
    yield int(l["l_md"]["md_tf"]["tf_rip"])
    pc = data.user_word(l, int(l["l_md"]["md_tf"]["tf_rsp"])) if pc in leave else 0
    for _ in range(64):
        if not pc:
            return
        yield pc
        pc, fp = data.user_word(l, fp + 8), data.user_word(l, fp)


def kernel_word(address):
    """Eight bytes of kernel memory, or None."""
    try:
        return int.from_bytes(data.read_kernel(address, 8), "little")
    except gdb.MemoryError:
        return None


def backtrace(l):
    """The backtrace of an LWP: behind the proxy gdb's own, of its thread, which is then selected; else by the frame
    pointers."""
    thread = data.thread_of(l)
    if thread is not None:
        thread.switch()
        gdb.execute("backtrace")
    elif data.is_running(l):
        print(f"it runs: thread {int(l['l_cpu']['ci_index']) + 1}, backtrace")
    else:
        for number, pc in enumerate(frames(l)):
            print(frame_line(number, pc))


@command("lwp", gdb.COMMAND_STACK)
def lwp(words):
    """One LWP: everything about it, and its backtrace; its thread is then the selected one.
Usage: lwp PID.LID   (without it: the one of the selected thread)
Where CPUs are the threads, the backtrace of an LWP that is on none is read from its kernel stack."""
    l = data.find(words[0]) if words else current()
    if l is None:
        raise gdb.GdbError("the selected thread is no LWP; say PID.LID")
    print(f"LWP {data.who(l)} of program {data.program(l)}, struct lwp at {int(l):#x}")
    print(f"  state {state_text(l)}, CPU {int(l['l_cpu']['ci_index'])}, priority {int(l['l_priority'])}, "
          f"class {int(l['l_class'])}, {int(l['l_rtime']) // 1000} us of CPU time, token {'full' if data.has_token(l) else 'empty'}")
    print(f"  covered by {data.symbol_name(l['l_mutex'])} \"{lock_name(l['l_mutex'])}\"")
    if int(l["l_stat"]) == data.LSSLEEP:
        print(f"  asleep ({data.syncobj(l)}): {wait_text(l)}, channel {data.channel_name(l)}")
    if int(l["l_timeout"]["c_cpu"]):
        print(f"  its timeout is at {int(l['l_timeout']['c_deadline'])} ns")
    backtrace(l)


def lock_name(spin):
    """The name of a spin mutex, which only debug kernels keep."""
    names = [field.name for field in spin.type.target().fields()]
    return data.text(spin["ks_name"]) if "ks_name" in names else "?"


@command("cpus")
def cpus(_words):
    """Every CPU: what it runs, how many LWPs are ready for it, when its timer is due."""
    rows = []
    for ci in data.cpus():
        rows.append((int(ci["ci_index"]), "yes" if ci["ci_online"] else "no", data.who(ci["ci_curlwp"]),
                     int(ci["ci_runq"]["rq_count"]), int(ci["ci_spin_depth"]),
                     "yes" if ci["ci_want_resched"] else "", int(ci["ci_timer"]) or "-"))
    table(rows, ("CPU", "ONLINE", "RUNS", "READY", "SPINS HELD", "RESCHED", "TIMER (ns)"))
