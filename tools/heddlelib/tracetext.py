# SPDX-License-Identifier: BSD-2-Clause
"""A record of the trace in words: for tools/trace show, and gdb's command trace."""

from . import tracefile
from .tracefile import STATES, SWITCHES

REASONS = {0: "done", 60: "timeout"}


def of(names, number):
    """names[number], if there is one."""
    return names[number] if number < len(names) else f"{number}?"


def pair(record):
    """The LWP that `arg` names."""
    return "%d.%d" % record.pair


def state_text(record, message):
    """What an LWP's state was and is."""
    old, new = record.code & 0xff, record.code >> 8
    text = f"{STATES.get(old, '?') if old else 'was'} -> {STATES.get(new, '?')}"
    return f"{text} \"{message(record.word)}\"" if new == 3 else text


def result_text(record, calls):
    """What a system call gave."""
    name = calls.get(record.code, f"call {record.code}")
    if record.signed < 0:
        return f"{name} {'is to be executed again' if record.signed == -3 else 'returns to another context'}"
    return f"{name}: error {record.word}" if record.word else f"{name} gives {record.arg:#x}"


def piece_text(record):
    """A piece of a name or label."""
    what = "mark" if record.event == tracefile.MARK else "its process is" if record.code & 0xff else "is named"
    return f"{'... ' if record.code >> 8 else ''}{what} \"{record.piece.rstrip(bytes(1)).decode('ascii', 'replace')}\""


def words(record, message, symbol, calls):
    """What happened.  message(word) and symbol(address) give the kernel's own texts; calls: {number: name}."""
    interrupt = of(tracefile.INTERRUPTS, record.code)
    texts = {
        tracefile.BEGIN: lambda: f"tracing begins, {record.word} CPUs",
        tracefile.END: lambda: "tracing ends",
        tracefile.NAME: lambda: piece_text(record),
        tracefile.STATE: lambda: state_text(record, message),
        tracefile.SWITCH: lambda: f"leaves its CPU ({of(SWITCHES, record.code)}); next is {pair(record)}",
        tracefile.WAKE: lambda: f"woken from \"{message(record.word)}\" by {pair(record)}, "
                                f"{REASONS.get(record.code, 'interrupted')}",
        tracefile.TOKEN: lambda: f"token is filled by {pair(record)}",
        tracefile.EARLY: lambda: "park finds the token",
        tracefile.SYSCALL: lambda: f"calls {calls.get(record.code, record.code)}({record.arg:#x}, {record.word:#x}, ...)",
        tracefile.SYSRET: lambda: result_text(record, calls),
        tracefile.SEND: lambda: f"signal {record.code} is sent by {pair(record)}",
        tracefile.SIGNAL: lambda: f"signal {record.code}: {'to its handler' if record.word else 'ends the process'}",
        tracefile.IPI: lambda: f"sends {interrupt} to CPU {record.word}",
        tracefile.INTR: lambda: f"interrupt: {interrupt}",
        tracefile.INTRRET: lambda: f"end of interrupt: {interrupt}",
        tracefile.INTROFF: lambda: f"interrupts were off for {record.word} ns, until {symbol(record.arg)}",
        tracefile.SPIN: lambda: f"spun {record.word} ns for {symbol(record.arg)}",
        tracefile.MUTEX: lambda: f"{'slept' if record.code else 'spun'} for mutex \"{message(record.word)}\" of {pair(record)}",
        tracefile.CREATE: lambda: f"created by {pair(record)}",
        tracefile.EXIT: lambda: "exits",
        tracefile.FORK: lambda: f"forked by {pair(record)}",
        tracefile.EXEC: lambda: f"new program; was LWP {record.arg}",
        tracefile.PEXIT: lambda: f"process exits, wait status {record.word:#x}",
        tracefile.MARK: lambda: piece_text(record),
        tracefile.MARKDATA: lambda: f"mark: {record.word} bytes, {record.arg}",
    }
    return texts.get(record.event, lambda: f"event {record.event}")()


def line(record, text):
    """A whole line: time, CPU, LWP, what happened."""
    return f"{record.time // 10**9}.{record.time % 10**9:09} CPU {record.cpu} {record.pid}.{record.lid} {text}"
