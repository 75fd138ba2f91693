# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's trace: taken out of the machine's memory, kept in a file, read again.

The rings lie in the guest's memory, which QEMU maps to a file (machine.py); extract() copies them into a
trace file when the machine has ended, however it has.  A trace file is one line of JSON, the head, and then
the records of all rings, each as the kernel wrote it (include/sys/trace.h).
"""

import json
import os
import struct
import subprocess

VERSION = 1
IMAGE_BASE = 0xffffffff80000000     # boot/link.ld
GIB = 1 << 30
RECORD = struct.Struct("<QBBHiiIQ")
MAGIC = b"HTRACE01"

# struct trace_info and struct trace_ring (kern/subr/trace_impl.h)
INFO = struct.Struct("<8sIIIIIIQ")
RING = struct.Struct("<QQ")
RINGS_AT = 64
MAXCPUS = 32
NAMES = 8192        # records of the ring that keeps the names

# tr_event
(BEGIN, END, NAME, STATE, SWITCH, WAKE, TOKEN, EARLY, SYSCALL, SYSRET, SEND, SIGNAL, IPI, INTR, INTRRET, INTROFF,
 SPIN, MUTEX, CREATE, EXIT, FORK, EXEC, PEXIT, MARK, MARKDATA) = range(1, 26)

STATES = {1: "off", 2: "ready", 3: "sleep", 4: "stopped", 5: "zombie", 7: "running", 8: "suspended"}
SWITCHES = ["sleep", "preempted", "yield", "exit", "stop", "idle", "migrate"]
INTERRUPTS = ["timer", "choose again", "call", "device"]


class TraceError(Exception):
    """There is no trace, or none that can be read; the text says why, in one line."""


class Record:
    """One record, as the kernel wrote it."""

    __slots__ = ("time", "event", "cpu", "code", "pid", "lid", "word", "arg")

    def __init__(self, fields):
        (self.time, self.event, self.cpu, self.code, self.pid, self.lid, self.word, self.arg) = fields

    @property
    def pair(self):
        """The LWP that `arg` names."""
        return self.arg >> 32, self.arg & 0xffffffff

    @property
    def signed(self):
        """`word` as a signed number."""
        return self.word - (1 << 32) if self.word >> 31 else self.word

    @property
    def piece(self):
        """The text of a piece of a name or label."""
        return self.word.to_bytes(4, "little") + self.arg.to_bytes(8, "little")


class Trace:
    """A trace: records in the order of time, and what is needed to understand them."""

    def __init__(self, head, data):
        self.cpus = head["cpus"]
        self.size = head["size"]
        self.heads = head["heads"]
        self.messages = {int(word): text for word, text in head["messages"].items()}
        self.symbols = {int(address): text for address, text in head["symbols"].items()}
        # Names are there twice: in the ring of their CPU, as long as they are not overwritten, and in their own.
        fields = list(RECORD.iter_unpack(data))
        names = {one for one in fields if one[1] == NAME}
        self.names = [Record(one) for one in sorted(names)]
        self.records = [Record(one) for one in fields if one[1] != NAME] + self.names
        self.records.sort(key=lambda record: record.time)

    @property
    def lost(self):
        """How many records were overwritten, each CPU's."""
        return [max(0, head - self.size) for head in self.heads]

    def text(self, word):
        """The kernel's string constant that a record names."""
        return self.messages.get(word, "?") if word else ""

    def message(self, record):
        """That of this record."""
        return self.text(record.word)

    def symbol(self, address):
        """The kernel's symbol there."""
        return self.symbols.get(address, f"{address:#x}")


def kernel_symbols(path):
    """[(address, name)] of a kernel file, in order."""
    output = subprocess.run(["nm", "-n", path], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in output.splitlines()]
    return [(int(line[0], 16), line[2]) for line in lines if len(line) == 3]


class Memory:
    """The guest's memory, in the file that QEMU maps it to."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.size = os.fstat(self.file.fileno()).st_size

    def read(self, address, size):
        """Bytes at a physical address.  QEMU's q35 has a hole below 4 GiB if there is much memory."""
        low = 2 * GIB if self.size >= 0xb0000000 else self.size
        at = address if address < low else address - 4 * GIB + low
        self.file.seek(at)
        data = self.file.read(size)
        if len(data) != size:
            raise TraceError(f"the guest has no memory at {address:#x}")
        return data

    def kernel(self, address, size):
        """Bytes of the kernel's image."""
        return self.read(address - IMAGE_BASE, size)

    def string(self, address):
        """A string of the kernel's image."""
        return self.kernel(address, 64).split(b"\0")[0].decode("ascii", "replace")


def signed(word):
    """A 32-bit number with its sign."""
    return word - (1 << 32) if word >> 31 else word


def nearest(symbols, address):
    """The name of the symbol that an address lies in."""
    low, high = 0, len(symbols)
    while low < high:
        middle = (low + high) // 2
        if symbols[middle][0] <= address:
            low = middle + 1
        else:
            high = middle
    return symbols[low - 1][1] if low else f"{address:#x}"


def read_rings(memory, info_at):
    """(head of the file to be, all records) from the guest's memory."""
    magic, cpus, size, recsize, ringsize, _on, _pad, base = INFO.unpack(memory.kernel(info_at, INFO.size))
    if magic != MAGIC:
        raise TraceError("the guest has never turned tracing on")
    if recsize != RECORD.size or cpus > MAXCPUS or size == 0:
        raise TraceError("the guest's trace is not of a kind that is known")
    heads, data = [], []
    for cpu in range(cpus):
        head, address = RING.unpack(memory.kernel(info_at + RINGS_AT + cpu * ringsize, RING.size))
        heads.append(head)
        data.append(memory.read(address, min(head, size) * recsize))
    head, address = RING.unpack(memory.kernel(info_at + RINGS_AT + MAXCPUS * ringsize, RING.size))
    data.append(memory.read(address, min(head, NAMES) * recsize))
    return {"version": VERSION, "cpus": cpus, "size": size, "heads": heads}, b"".join(data), base


def extract(kernel, memory_path, out):
    """Copy the trace of a machine that has ended into the file `out`."""
    symbols = kernel_symbols(kernel)
    info_at = {name: address for address, name in symbols}.get("trace_info")
    if info_at is None:
        raise TraceError(f"{kernel} has no trace")
    memory = Memory(memory_path)
    head, data, base = read_rings(memory, info_at)
    messages, named = {}, {}
    for fields in RECORD.iter_unpack(data):
        event, word, arg = fields[1], fields[6], fields[7]
        if event in (STATE, WAKE, MUTEX) and word and word not in messages:
            messages[word] = memory.string(base + signed(word))
        elif event in (INTROFF, SPIN) and arg not in named:
            named[arg] = nearest(symbols, arg)
    head["messages"], head["symbols"] = messages, named
    with open(out, "wb") as file:
        file.write(json.dumps(head).encode() + b"\n" + data)


def load(path):
    """The trace in a file."""
    try:
        with open(path, "rb") as file:
            head = json.loads(file.readline())
            data = file.read()
    except OSError as error:
        raise TraceError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise TraceError(f"{path} is not a trace") from error
    if not isinstance(head, dict) or head.get("version") != VERSION or len(data) % RECORD.size:
        raise TraceError(f"{path} is not a trace of this version")
    return Trace(head, data)
