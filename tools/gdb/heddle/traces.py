# SPDX-License-Identifier: BSD-2-Clause
"""trace: the last records of the kernel's trace, out of its memory."""

import os
import sys

import gdb

from . import data
from .command import command

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
from heddlelib import tracefile, tracejson, tracetext  # pylint: disable=wrong-import-position

SHOWN = 20      # records, unless the user says how many


def newest(info, n):
    """The last n records of all CPUs, oldest first."""
    size, recsize, records = int(info["ti_nrecs"]), tracefile.RECORD.size, []
    for cpu in range(int(info["ti_ncpu"])):
        ring = info["ti_ring"][cpu]
        head, start = int(ring["r_head"]), int(ring["r_rec"])
        for at in range(max(0, head - size, head - n), head):
            raw = data.read_kernel(start + at % size * recsize, recsize)
            records.append(tracefile.Record(tracefile.RECORD.unpack(bytes(raw))))
    return sorted(records, key=lambda record: record.time)[-n:]


def lost(info):
    """How many records were overwritten."""
    size = int(info["ti_nrecs"])
    return sum(max(0, int(info["ti_ring"][cpu]["r_head"]) - size) for cpu in range(int(info["ti_ncpu"])))


@command("trace", gdb.COMMAND_STATUS)
def trace(words):
    """The last records of the trace: trace [N] (20); the machine must have been booted with tracing on, or turned it on.
Each line: time in seconds, CPU, LWP and what happened.  (gdb's own command of this name, for tracepoints, is not for
machines of this kind.)"""
    if len(words) > 1 or (words and not words[0].isdigit()):
        raise gdb.GdbError("usage: trace [N]")
    info = data.variable("trace_info")
    if not int(info["ti_nrecs"]):
        print("tracing was never turned on: make debug APPEND=trace, or \"trace on\" at the prompt")
        return
    base, calls = int(info["ti_base"]), tracejson.call_names()

    def message(word):
        """A string constant of the kernel's."""
        return data.text(gdb.Value(base + tracefile.signed(word)).cast(gdb.lookup_type("char").pointer())) if word else ""

    for record in newest(info, int(words[0]) if words else SHOWN):
        print(tracetext.line(record, tracetext.words(record, message, data.symbol_name, calls)))
    print(f"tracing is {'on' if int(info['ti_on']) else 'off'}; {lost(info)} records are lost")
