#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write programs that are not: ELF files that are corrupt, cut off or hostile.

usage: mkbadelf.py OUTDIR        write them
       mkbadelf.py --list        print their names

The name says what execve and the program owe: noexec-* gives ENOEXEC; exit42-* runs
and exits with 42; killed-* runs and is killed by a signal; any-* may do either, or
fail with whatever error, but must do no harm.
"""

import os
import struct
import sys

BASE = 0x400000
PAGE = 4096
PF_X, PF_W, PF_R = 1, 2, 4
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_TLS, PT_GNU_STACK = 1, 2, 3, 4, 7, 0x6474E551
EHDR, PHDR = 64, 56
USER_END = 0x00007F8000000000
ALL = (1 << 64) - 1

# mov $1,%eax; mov $42,%edi; syscall; ud2
CODE = b"\xb8\x01\0\0\0\xbf\x2a\0\0\0\x0f\x05\x0f\x0b"


def phdr(kind=PT_LOAD, flags=PF_R | PF_X, off=0, vaddr=BASE, filesz=None, memsz=None, align=PAGE):
    """One program header; the sizes are the file's unless given."""
    return {"kind": kind, "flags": flags, "off": off, "vaddr": vaddr, "filesz": filesz, "memsz": memsz, "align": align}


def image(phdrs=None, data=b"", **fields):
    """An ELF file: header, program headers, code, data; `fields` replace parts of the header."""
    phdrs = [phdr()] if phdrs is None else phdrs
    code_at = EHDR + PHDR * len(phdrs)
    size = code_at + len(CODE) + len(data)
    head = {"ident": b"\x7fELF\x02\x01\x01" + bytes(9), "type": 2, "machine": 62, "version": 1,
            "entry": BASE + code_at, "phoff": EHDR, "shoff": 0, "flags": 0, "ehsize": EHDR,
            "phentsize": PHDR, "phnum": len(phdrs), "shentsize": 0, "shnum": 0, "shstrndx": 0}
    head.update(fields)
    out = head["ident"] + struct.pack("<HHIQQQIHHHHHH", *[head[key] for key in (
        "type", "machine", "version", "entry", "phoff", "shoff", "flags", "ehsize", "phentsize", "phnum",
        "shentsize", "shnum", "shstrndx")])
    for p in phdrs:
        filesz = size - p["off"] if p["filesz"] is None else p["filesz"]
        memsz = filesz if p["memsz"] is None else p["memsz"]
        out += struct.pack("<IIQQQQQQ", p["kind"], p["flags"], p["off"], p["vaddr"], p["vaddr"],
                           filesz & ALL, memsz & ALL, p["align"])
    return out + CODE + data


def data_segment(**changes):
    """A second segment, for data, a page above the first."""
    values = {"flags": PF_R | PF_W, "vaddr": BASE + 2 * PAGE, "filesz": 16, "memsz": 32}
    values.update(changes)
    return phdr(**values)


def two(**changes):
    """A program with code and such a segment."""
    return image([phdr(), data_segment(**changes)])


def good_files():
    """What must run."""
    yield "exit42-plain", image()
    yield "exit42-data", two()
    yield "exit42-bss", two(filesz=0, memsz=1 << 20)
    yield "exit42-large-bss", two(filesz=0, memsz=1 << 38)
    yield "exit42-empty-segment", two(filesz=0, memsz=0)
    yield "exit42-unaligned-bytes", two(off=3, vaddr=BASE + 2 * PAGE + 3, filesz=5, memsz=PAGE)
    yield "exit42-note", image([phdr(), phdr(kind=PT_NOTE, filesz=8)])
    yield "exit42-stack-note", image([phdr(), phdr(kind=PT_GNU_STACK, flags=PF_R | PF_W, filesz=0)])
    yield "exit42-high", image([phdr(vaddr=0x7F0000000000)], entry=0x7F0000000000 + EHDR + PHDR)
    yield "exit42-tail", image() + b"garbage" * 100


def bad_header():
    """What is wrong with the header alone."""
    good = image()
    yield "noexec-empty", b""
    yield "noexec-one-byte", b"\x7f"
    yield "noexec-magic", b"\x7fELG" + good[4:]
    yield "noexec-script", b"#!/bin/sh\necho hello\n"
    yield "noexec-zeros", bytes(4096)
    yield "noexec-32bit", image(ident=b"\x7fELF\x01\x01\x01" + bytes(9))
    yield "noexec-big-endian", image(ident=b"\x7fELF\x02\x02\x01" + bytes(9))
    yield "noexec-ident-version", image(ident=b"\x7fELF\x02\x01\x07" + bytes(9))
    yield "noexec-version", image(version=9)
    for name, kind in (("none", 0), ("object", 1), ("shared", 3), ("core", 4), ("odd", 0xFFFF)):
        yield "noexec-type-" + name, image(type=kind)
    for name, machine in (("386", 3), ("arm64", 183), ("none", 0)):
        yield "noexec-machine-" + name, image(machine=machine)
    yield "noexec-phnum-0", image(phnum=0)
    yield "noexec-phnum-1000", image(phnum=1000)
    yield "noexec-phnum-65535", image(phnum=65535)
    yield "noexec-phentsize-0", image(phentsize=0)
    yield "noexec-phentsize-8", image(phentsize=8)
    yield "noexec-phentsize-57", image(phentsize=57)
    yield "noexec-phoff-end", image(phoff=len(good))
    yield "noexec-phoff-end-8", image(phoff=len(good) - 8)
    yield "noexec-phoff-huge", image(phoff=1 << 40)
    yield "noexec-phoff-wrap", image(phoff=ALL - 7)
    yield "noexec-phoff-wrap-56", image(phoff=ALL - 55)
    yield "any-phoff-0", image(phoff=0)
    yield "any-phoff-odd", image(phoff=EHDR + 1)


def bad_entry():
    """Programs that start where they should not."""
    yield "noexec-entry-0", image(entry=0)
    yield "noexec-entry-kernel", image(entry=0xFFFFFFFF80000000)
    yield "noexec-entry-noncanonical", image(entry=0x800000000000)
    yield "noexec-entry-outside", image(entry=BASE + PAGE)
    yield "noexec-entry-below", image(entry=BASE - 1)
    yield "noexec-entry-in-data", image([phdr(), data_segment()], entry=BASE + 2 * PAGE)
    yield "killed-entry-in-header", image(entry=BASE + 8)
    yield "killed-entry-in-zeros", image([phdr(memsz=PAGE)], entry=BASE + PAGE - 2)


def bad_segments():
    """Segments outside the file, outside user space, upon each other, or of a forbidden kind."""
    size = len(two())
    yield "noexec-off-beyond", two(off=size + 1)
    yield "noexec-off-huge", two(off=1 << 63)
    yield "noexec-off-wrap", two(off=ALL - 7)
    yield "noexec-filesz-beyond", two(filesz=size + 1, memsz=size + 1)
    yield "noexec-filesz-huge", two(filesz=1 << 62, memsz=1 << 62)
    yield "noexec-filesz-wrap", two(off=16, filesz=-8, memsz=-8)
    yield "noexec-filesz-memsz", two(filesz=17, memsz=16)
    yield "noexec-memsz-wrap", two(memsz=-1)
    yield "noexec-memsz-end", two(memsz=USER_END)
    yield "noexec-memsz-wrap-page", two(memsz=ALL - (BASE + 2 * PAGE) + 1)
    yield "noexec-vaddr-0", two(vaddr=0)
    yield "noexec-vaddr-small", two(vaddr=16)
    yield "noexec-vaddr-kernel", two(vaddr=0xFFFFFFFF80100000)
    yield "noexec-vaddr-noncanonical", two(vaddr=0x800000000000)
    yield "noexec-vaddr-end", two(vaddr=USER_END - 16)
    yield "noexec-vaddr-top", two(vaddr=ALL - 4095)
    yield "noexec-in-stack", two(vaddr=USER_END - (1 << 20))
    yield "noexec-across-stack", two(vaddr=USER_END - (9 << 20), memsz=4 << 20)
    yield "noexec-write-exec", image([phdr(flags=PF_R | PF_W | PF_X)])
    yield "noexec-write-exec-data", two(flags=PF_W | PF_X)
    yield "noexec-overlap", two(vaddr=BASE)
    yield "noexec-overlap-page", two(vaddr=BASE + 512)
    yield "any-descending", image([data_segment(), phdr()], entry=BASE + EHDR + 2 * PHDR)
    yield "noexec-no-segment", image([phdr(kind=PT_NOTE)])
    yield "noexec-no-code", image([phdr(flags=PF_R)])
    yield "noexec-interp", image([phdr(), phdr(kind=PT_INTERP, filesz=8)])
    yield "noexec-dynamic", image([phdr(), phdr(kind=PT_DYNAMIC, filesz=8)])
    yield "any-exec-only", image([phdr(flags=PF_X)])
    yield "any-no-rights", two(flags=0)
    yield "any-tls-huge", image([phdr(), phdr(kind=PT_TLS, filesz=8, memsz=1 << 60)])
    yield "any-align-0", two(align=0)
    yield "any-align-odd", two(align=3)
    yield "any-64-segments", image([phdr()] + [data_segment(vaddr=BASE + (2 + 2 * i) * PAGE) for i in range(63)])
    yield "noexec-65-segments", image([phdr()] + [data_segment(vaddr=BASE + (2 + 2 * i) * PAGE) for i in range(64)])


def cut_files():
    """A program cut off in all kinds of places."""
    good = two()
    for length in list(range(1, EHDR + 2 * PHDR, 13)) + [EHDR - 1, EHDR, EHDR + PHDR, EHDR + 2 * PHDR - 1]:
        yield f"noexec-cut-{length}", good[:length]
    for length in (EHDR + 2 * PHDR, len(good) - 1):
        yield f"noexec-cut-{length}", good[:length]


def flipped_files():
    """A program with single bytes of its headers replaced."""
    good = two()
    for at in range(4, EHDR + 2 * PHDR, 5):
        for value in (0x00, 0x7F, 0xFF):
            yield f"any-byte-{at}-{value}", good[:at] + bytes([value]) + good[at + 1:]


def files():
    """All of them, as {name: bytes}."""
    result = {}
    for group in (good_files, bad_header, bad_entry, bad_segments, cut_files, flipped_files):
        result.update(group())
    return result


def main():
    """Write or list."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--list":
        print("\n".join(files()))
        return
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, content in files().items():
        with open(os.path.join(sys.argv[1], name), "wb") as out:
            out.write(content)


if __name__ == "__main__":
    main()
