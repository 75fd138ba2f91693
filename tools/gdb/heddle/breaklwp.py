# SPDX-License-Identifier: BSD-2-Clause
"""break-lwp: a breakpoint for one LWP."""

import gdb

from . import data
from .command import command

KSTACK_SIZE = 8192


class LwpBreakpoint(gdb.Breakpoint):
    """Stops only when the LWP pid.lid, or, with lid 0, any LWP of that process, runs into it."""

    def __init__(self, location, pid, lid):
        super().__init__(location)
        self.pid, self.lid = pid, lid

    def stop(self):
        """Whether to stop: who is on the CPU that has stopped?"""
        l = running_here()
        if l is None:
            return False
        return int(l["l_proc"]["p_pid"]) == self.pid and self.lid in (0, int(l["l_lid"]))


def running_here():
    """The LWP that executes on the selected CPU.

    In the kernel that is the one whose stack it is on: in the switch, ci_curlwp is the next LWP already.
    """
    rsp = register("$rsp")
    if register("$cs") & 3 == 0:
        for l in data.lwps():
            if int(l["l_kstack"]) < rsp <= int(l["l_kstack"]) + KSTACK_SIZE:
                return l
    bases = [register(name) for name in ("$gs_base", "$k_gs_base")]
    for ci in data.cpus():
        if int(ci) in bases:
            return ci["ci_curlwp"]
    return None


def register(name):
    """The value of a register, as an unsigned number."""
    return int(gdb.parse_and_eval(f"(unsigned long){name}"))


@command("break-lwp", gdb.COMMAND_BREAKPOINTS)
def break_lwp(words):
    """A breakpoint that stops only when one LWP runs into it.
Usage: break-lwp LOCATION PID.LID   or   break-lwp LOCATION PID   (any LWP of the process)
The LWP need not exist yet.  A process id tells programs apart that have code at the same address."""
    if len(words) != 2:
        raise gdb.GdbError("usage: break-lwp LOCATION PID.LID")
    pid, _, lid = words[1].partition(".")
    if not pid.isdigit() or not (lid or "0").isdigit():
        raise gdb.GdbError(f"{words[1]}: an LWP is written PID.LID, as in 2.1")
    LwpBreakpoint(words[0], int(pid), int(lid or 0))
