# SPDX-License-Identifier: BSD-2-Clause
"""For gdb: unwinds at every instruction of the kernel's assembly that a run comes to.

A backtrace is sound when each of its frames is in a known function, no frame lies below the one that it called, and it
ends where an LWP, a program or the kernel begins.  The threads must be CPUs (--no-proxy): a step follows the CPU.
"""

import subprocess

import gdb

ENDS = ("main", "_start", "__lwp_outermost", "lwp_trampoline", "lwp_begin")
FUNCTIONS = ("syscall_entry", "sys_fork_full", "trap_enter", "md_switchto", "reset_user_segments", "lwp_trampoline")
STUBS = (6, 14, 0xe0)           # the vectors of an exception without and with an error code, and of the timer
STUB_SIZE = 16


def chain():
    """The names of the frames, from the inmost on, and what is wrong with them or None."""
    names, frame, before = [], gdb.newest_frame(), 0
    while frame is not None:
        name = frame.name() or ("an entry" if in_kernel(frame) and frame.type() == gdb.SIGTRAMP_FRAME else None)
        names.append(name or f"{frame.pc():#x}")
        if name is None:
            return names, "unknown function"
        stack = int(frame.read_register("rsp")) & (1 << 64) - 1
        if stack >> 63 == before >> 63 and stack < before:
            return names, f"stack pointer {stack:#x} below {before:#x}"
        if len(names) > 40:
            return names, "no end"
        before, frame = stack, frame.older()
    return names, None if names[-1] in ENDS else "ends in the middle"


def in_kernel(frame):
    """Whether a frame is the kernel's."""
    return frame.pc() >> 63 == 1


def unwind():
    """Whether the backtrace is sound here; says what is wrong with it."""
    names, error = chain()
    if error:
        where = gdb.execute("x/i $pc", to_string=True).strip()
        print(f"WRONG at {where}: {error}: {' < '.join(names)}")
    return error is None


def instructions():
    """The addresses of the instructions of FUNCTIONS and of some stubs."""
    kernel = gdb.objfiles()[0].filename
    lines = subprocess.run(["nm", "-S", kernel], capture_output=True, text=True, check=True).stdout.split("\n")
    symbols = {words[3]: (int(words[0], 16), int(words[1], 16)) for words in map(str.split, lines) if len(words) == 4}
    ranges = [symbols[name] for name in FUNCTIONS]
    ranges += [(symbols["trap_stubs"][0] + STUB_SIZE * vector, STUB_SIZE) for vector in STUBS]
    arch = gdb.newest_frame().architecture()
    for start, size in ranges:
        for instruction in arch.disassemble(start, start + size - 1):
            if not instruction["asm"].startswith(("nop", "xchg   %ax,%ax", "cs nop", "data16", "ud2")):
                yield instruction["addr"]


def step_through(function, count):
    """Step so many instructions from a function of the program's on, and unwind at each."""
    gdb.execute(f"tbreak {function}")
    gdb.execute("continue")
    good, looked, before = 0, 0, ""
    for _ in range(count):
        # Between these two, in inline assembly, no compiler knows that the stack pointer is another.
        if not before.startswith("pushf"):
            looked += 1
            good += unwind()
        frame = gdb.newest_frame()
        before = frame.architecture().disassemble(frame.pc())[0]["asm"]
        gdb.execute("stepi", to_string=True)
    print(f"stepped, {looked - good} wrong")


def run_through():
    """Run to the end, with a breakpoint at each instruction until it has been unwound from."""
    # Behind a software breakpoint, gdb moves the program counter back if there is another on the byte before.
    waiting = {address: gdb.Breakpoint(f"*{address:#x}", type=gdb.BP_HARDWARE_BREAKPOINT, internal=True)
               for address in instructions()}
    total, wrong = len(waiting), 0
    try:
        while waiting:
            gdb.execute("continue", to_string=True)
            point = waiting.pop(gdb.newest_frame().pc(), None)
            if point:
                point.delete()
                wrong += not unwind()
    except gdb.error as error:
        print(f"ended: {error}")
    for address in waiting:
        print(f"not reached: {gdb.execute(f'x/i {address:#x}', to_string=True).strip()}")
    print(f"unwound {total - len(waiting)} of {total}, {wrong} wrong")
