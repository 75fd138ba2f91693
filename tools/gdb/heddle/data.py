# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's structures, found from its global variables: processes, LWPs, CPUs, queues; and programs' memory."""

import gdb

LIMIT = 100000      # steps along a list, before it is taken for a ring
DIRECT_BASE = 0xffff800000000000
KERNEL_BASE = 1 << 47
KMUTEX_WAITERS = 1
LSIDL, LSRUN, LSSLEEP, LSSTOP, LSZOMB, LSONPROC, LSSUSPENDED = 1, 2, 3, 4, 5, 7, 8
STATES = {LSIDL: "idl", LSRUN: "run", LSSLEEP: "sleep", LSSTOP: "stop", LSZOMB: "zombie", LSONPROC: "onproc",
          LSSUSPENDED: "suspend"}
LW_IDLE, LW_WSUSPEND, LW_SUSPENDED, LW_EXITING = 0x1, 0x20000, 0x40000, 0x400000
LWP_TOKEN = 0x2
LPR_DETACHED, LPR_WAIT, LPR_WAITANY, LPR_IDL, LPR_STOPPED = 0x1, 0x2, 0x8, 0x20, 0x80
REMOTE_PID = 42000  # gdb's magic number
TID_PID = 1000000   # the proxy's thread numbers are pid * this + lid


def variable(name):
    """A global variable of the kernel's."""
    symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if symbol is None:
        raise gdb.GdbError(f"no variable {name}: are the kernel's symbols loaded?")
    return symbol.value()


def pointer_to(address, struct):
    """An address as a pointer to a structure."""
    return gdb.Value(int(address)).cast(gdb.lookup_type("struct " + struct).pointer())


def text(pointer):
    """The string at a pointer, or an empty one."""
    try:
        return pointer.string(errors="replace") if int(pointer) else ""
    except gdb.MemoryError:
        return "?"


def array_text(array):
    """The string in an array of characters."""
    return array.string(errors="replace").split("\0")[0]


def chain(first, following):
    """Yield the elements of a linked list, and stop at a ring."""
    seen = set()
    while int(first) and int(first) not in seen and len(seen) < LIMIT:
        seen.add(int(first))
        yield first
        first = following(first)


def tailq(head, link):
    """Yield the elements of a TAILQ."""
    return chain(head["tqh_first"], lambda element: element[link]["tqe_next"])


def procs():
    """Yield all processes, the kernel's too."""
    system = variable("proc0").address
    found = list(chain(variable("allproc")["lh_first"], lambda p: p["p_list"]["le_next"]))
    if int(system) not in (int(p) for p in found):
        found.append(system)
    return sorted(found, key=lambda p: int(p["p_pid"]))


def lwps_of(proc):
    """Yield the LWPs of a process."""
    return tailq(proc["p_lwps"], "l_sibling")


def lwps():
    """Yield all LWPs."""
    for proc in procs():
        yield from lwps_of(proc)


def cpus():
    """Yield the CPUs that are there."""
    table = variable("cpus")
    for i in range(table.type.range()[1] + 1):
        if int(table[i]):
            yield table[i]


def is_running(l):
    """Whether an LWP is on a CPU."""
    return int(l["l_stat"]) == LSONPROC


def program(l):
    """The name of the program that an LWP runs."""
    return array_text(l["l_proc"]["p_comm"]) or "kernel"


def ident(l):
    """PID.LID of an LWP."""
    if not int(l["l_proc"]):
        return f"?.{int(l['l_lid'])}"
    return f"{int(l['l_proc']['p_pid'])}.{int(l['l_lid'])}"


def who(l):
    """PID.LID and name of an LWP."""
    return f"{ident(l)} ({array_text(l['l_name']) or program(l)})"


def find(word):
    """The LWP that PID.LID names; "current" is the one of the selected thread's number."""
    pid, _, lid = word.partition(".")
    if not pid.isdigit() or not lid.isdigit():
        raise gdb.GdbError(f"{word}: an LWP is written PID.LID, as in 2.1")
    for proc in procs():
        if int(proc["p_pid"]) == int(pid):
            for l in lwps_of(proc):
                if int(l["l_lid"]) == int(lid):
                    return l
    raise gdb.GdbError(f"no LWP {word}")


def thread_of(l):
    """gdb's thread that is this LWP, when gdb is behind the proxy; else None.

    QEMU's stub numbers processes, the proxy does not: then gdb calls the one there is REMOTE_PID.
    """
    number = int(l["l_proc"]["p_pid"]) * TID_PID + int(l["l_lid"])
    for thread in gdb.selected_inferior().threads():
        if thread.ptid[0] == REMOTE_PID and number == thread.ptid[1]:
            return thread
    return None


def element(name, offset):
    """The element of an array that an offset into it is, as name[index]; else name+offset."""
    symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if symbol is not None and symbol.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY:
        size = symbol.type.strip_typedefs().target().sizeof
        rest = f"+{offset % size}" if offset % size else ""
        return f"{name}[{offset // size}]{rest}"
    return f"{name}+{offset}" if offset else name


def symbol_name(address):
    """The name of what is at an address, or the address."""
    words = gdb.execute(f"info symbol {int(address):#x}", to_string=True)
    if " in section" not in words:
        return f"{int(address):#x}"
    name, _, offset = words.split(" in section")[0].strip().partition(" + ")
    return element(name, int(offset or 0))


def member_name(address):
    """What a kernel address is a member of: "process 1 p_waitcv", "LWP 2.2 l_exitcv"; else as symbol_name()."""
    for what, objects, ident_of in (("process", procs(), lambda p: int(p["p_pid"])), ("LWP", lwps(), ident)):
        for one in objects:
            offset = int(address) - int(one)
            kind = one.type.target()
            for field in kind.fields() if 0 <= offset < kind.sizeof else ():
                if field.bitpos // 8 <= offset < field.bitpos // 8 + field.type.sizeof:
                    return f"{what} {ident_of(one)} {field.name}"
    return symbol_name(address)


def channel_name(l):
    """The wait channel of an LWP that sleeps, by name."""
    return member_name(l["l_wchan"]) if syncobj(l) == "cv" else symbol_name(l["l_wchan"])


def held_mutexes():
    """Yield the addresses of the adaptive mutexes that LWPs hold: debug kernels keep lists."""
    for l in lwps():
        if any(field.name == "l_held" for field in l.type.target().fields()):
            for i in range(int(l["l_held"]["hl_count"])):
                yield int(l["l_held"]["hl_held"][i]["lh_lock"])


def syncobj(l):
    """The kind of sleep: "park", "cv", "mutex", "delay", or ""."""
    return text(l["l_syncobj"]["so_name"]) if int(l["l_syncobj"]) else ""


def has_token(l):
    """Is its unpark token full?"""
    return bool(int(l["l_park"]) & LWP_TOKEN)


def mutex_owner(mutex):
    """The LWP that holds an adaptive mutex, or None."""
    owner = int(mutex["km_owner"]) & ~KMUTEX_WAITERS
    return pointer_to(owner, "lwp") if owner else None


def park_hint(l):
    """The hint of an LWP that is parked."""
    return int(l["l_wchan"]) ^ int(l["l_proc"])


# The memory of programs, whichever of them is loaded: by their page tables and the direct map.

def read_kernel(address, size):
    """Bytes of kernel memory."""
    return bytes(gdb.selected_inferior().read_memory(address, size))


def translate(l, address):
    """Where in the direct map an address of the LWP's program is, or None."""
    pmap = l["l_md"]["md_pmap"]
    if not int(pmap):
        return None
    table = int(pmap["pm_root"]) & ~0xfff
    for shift in (39, 30, 21, 12):
        entry = int.from_bytes(read_kernel(DIRECT_BASE + table + (address >> shift & 511) * 8, 8), "little")
        if not entry & 1:
            return None
        table = entry & 0x000ffffffffff000
        if entry & 0x80 and shift in (30, 21):
            break
    return DIRECT_BASE + (table & ~((1 << shift) - 1)) + (address & ((1 << shift) - 1))


def user_word(l, address):
    """Eight aligned bytes of the LWP's program as a number; None if they are not there."""
    place = translate(l, address) if 0 < address < KERNEL_BASE and address % 8 == 0 else None
    return None if place is None else int.from_bytes(read_kernel(place, 8), "little")


def region(l, address):
    """The start of the mapping of the LWP's program that an address lies in; None: in none."""
    vm = l["l_proc"]["p_vmspace"]
    node = vm["vm_regions"]["rbh_root"] if int(vm) else gdb.Value(0)
    for _ in range(100):
        if not int(node):
            return None
        if int(node["r_start"]) <= address < int(node["r_end"]):
            return int(node["r_start"])
        node = node["r_node"]["rbe_left" if address < int(node["r_start"]) else "rbe_right"]
    return None
