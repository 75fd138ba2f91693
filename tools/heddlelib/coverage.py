# SPDX-License-Identifier: BSD-2-Clause
"""What of kern/ was executed: counters that gcc puts into KERNEL=coverage, taken out of the machine's memory.

The kernel knows nothing of them.  gcc's counters and what describes them are data of its image; QEMU maps the
guest's memory to a file (machine.py), in which they are found when the machine has ended, however it has.  The
counts of all machines are added up in one file; write_gcda() makes of them what gcov reads.

The structures are those of gcc's gcc/gcov-io.h and libgcc/libgcov.h, and differ from version to version; known
here are those of gcc 12 and 13.
"""

import array
import fcntl
import os
import struct
import zlib

from . import tracefile, tree

COUNTS = os.path.join(tree.kernel_dir("coverage"), "counts")    # a checksum of what is counted, then the counts
SECTION = ("__gcov_info_start", "__gcov_info_end")              # boot/link.ld
INFO = struct.Struct("<IIQII Q 8Q II Q".replace(" ", ""))       # struct gcov_info
FUNCTION = struct.Struct("<QIII4xI4xQ")                         # struct gcov_fn_info with its one kind of counters
VERSIONS = (b"B2", b"B3")       # gcc 12, 13
TAG_FUNCTION, TAG_ARCS = 0x01000000, 0x01a10000


class CoverageError(Exception):
    """The counts cannot be had; the text says why, in one line."""


class Image:
    """The data of a kernel's file, by address."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.content = file.read()
        at, count = struct.unpack_from("<Q", self.content, 32)[0], struct.unpack_from("<H", self.content, 56)[0]
        headers = [struct.unpack_from("<IIQQQQQ", self.content, at + 56 * i) for i in range(count)]
        self.loads = [(vaddr, offset, size) for kind, _, offset, vaddr, _, size, _ in headers if kind == 1]

    def read(self, address, size):
        """The bytes there."""
        for vaddr, offset, length in self.loads:
            if vaddr <= address and address + size <= vaddr + length:
                return self.content[offset + address - vaddr:offset + address - vaddr + size]
        raise CoverageError(f"the kernel's file has no data at {address:#x}")

    def string(self, address):
        """The string there."""
        text = b""
        while b"\0" not in text:
            text += self.read(address + len(text), 1)
        return text[:-1].decode()


class Function:
    """A function: what gcov knows it by, and where its counters are."""

    def __init__(self, fields):
        _, self.ident, self.lines, self.graph, self.count, self.address = fields


class Source:
    """A source file: the file that gcov wants, and its functions."""

    def __init__(self, image, address):
        fields = INFO.unpack(image.read(address, INFO.size))
        version, _, _, self.stamp, self.checksum, name = fields[:6]
        self.version = version
        if struct.pack(">I", version)[:2] not in VERSIONS:
            raise CoverageError("the kernel was not compiled by gcc 12 or 13, which alone are known")
        self.path = image.string(name)
        table = image.read(fields[-1], 8 * fields[14])
        self.functions = [Function(FUNCTION.unpack(image.read(one, FUNCTION.size)))
                          for one in struct.unpack(f"<{fields[14]}Q", table) if one]


class Counters:
    """All the counters of a kernel."""

    def __init__(self, kernel):
        self.image = Image(kernel)
        symbols = {name: address for address, name in tracefile.kernel_symbols(kernel)}
        if any(name not in symbols for name in SECTION):
            raise CoverageError(f"{kernel} counts nothing")
        self.begin, end = (symbols[name] for name in SECTION)
        self.section = self.image.read(self.begin, end - self.begin)
        self.sources = [Source(self.image, address) for address, in struct.iter_unpack("<Q", self.section)]
        self.functions = [function for source in self.sources for function in source.functions]
        text = repr([(source.stamp, source.path) for source in self.sources])
        self.identity = zlib.crc32(text.encode() + self.section)

    def read(self, memory):
        """The counts in a machine's memory; None if the kernel is not in it."""
        if memory.kernel(self.begin, len(self.section)) != self.section:
            return None
        counts = array.array("Q")
        for function in self.functions:
            counts.frombytes(memory.kernel(function.address, 8 * function.count))
        return counts


def load(file, counters):
    """The counts so far, from an open file: nothing if they are another kernel's."""
    content = file.read()
    counts = array.array("Q")
    if len(content) % 8 == 0:
        counts.frombytes(content)
    if len(counts) != 1 + sum(function.count for function in counters.functions) or counts[0] != counters.identity:
        return None
    return counts[1:]


def collect(kernel, memory_path):
    """Add the counts of a machine that has ended to those of the others."""
    counters = Counters(kernel)
    try:
        new = counters.read(tracefile.Memory(memory_path))
    except tracefile.TraceError:
        new = None  # it has less memory than the kernel needs
    if new is None:
        return
    with open(COUNTS, "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        old = load(file, counters)
        if old is not None:
            new = array.array("Q", map(int.__add__, old, new))
        file.truncate(0)
        file.write(array.array("Q", [counters.identity]).tobytes() + new.tobytes())


def gcda(source, counts):
    """The .gcda file of one source; `counts` is an iterator that its counts are next in."""
    words = [0x67636461, source.version, source.stamp, source.checksum]
    for function in source.functions:
        words += [TAG_FUNCTION, 12, function.ident, function.lines, function.graph, TAG_ARCS, 8 * function.count]
        for _ in range(function.count):
            count = next(counts)
            words += [count & 0xffffffff, count >> 32]
    return struct.pack(f"<{len(words) + 1}I", *words, 0)


def write_gcda(kernel):
    """Write the counts so far beside the kernel's objects, for gcov."""
    counters = Counters(kernel)
    try:
        with open(COUNTS, "rb") as file:
            counts = load(file, counters)
    except OSError as error:
        raise CoverageError("nothing was counted") from error
    if counts is None:
        raise CoverageError("what was counted is of another kernel")
    following = iter(counts)
    for source in counters.sources:
        with open(source.path, "wb") as file:
            file.write(gcda(source, following))
