# SPDX-License-Identifier: BSD-2-Clause
"""Runs of the benchmark program under the deterministic clock, and the counts that
tools/profile.c, a plugin for QEMU, makes in them."""

import os
import struct
import subprocess

from . import machine, plugin, tree

KERNEL = os.path.join(tree.kernel_dir("release"), "heddle.elf")
PROGRAM = os.path.join(tree.USER, "bin", "bench")
INIT = os.path.join(tree.USER, "bin", "init")
SOURCE = os.path.join(tree.TOOLS, "profile.c")
LIMIT_SECONDS = 300
RESET = 0xfffffff0      # where the processor begins

FIELDS = ("n", "min", "median", "mean", "p95", "max")


def parse(text):
    """{row: {field: number}} of what a benchmark program printed between its marks."""
    rows, inside = {}, False
    for line in text.replace("\r", "").split("\n"):
        if line.startswith("# bench: "):
            inside = line == "# bench: begin"
        parts = line.split("\t")
        if inside and len(parts) == 1 + len(FIELDS) and parts[0] != "name":
            rows[parts[0]] = dict(zip(FIELDS, map(float, parts[1:])))
    return rows


def boot(command, cpus=1, mem=512, plugin=None, clock=("--icount",)):
    """Boot the release kernel for one command; returns (exit status, output)."""
    run = [os.path.join(tree.TOOLS, "heddle-run"), "--build", "release", *clock, "--cpus", str(cpus),
           "--mem", str(mem), "--timeout", str(LIMIT_SECONDS), "--cmd", command]
    if plugin:
        run += ["--qemu-arg=-plugin", "--qemu-arg=" + plugin]
    result = subprocess.run(run, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    return result.returncode, result.stdout


def addresses(section):
    """The addresses that a section of the program's file holds."""
    path = os.path.join(tree.BUILD, section)
    command = ["objcopy", "--dump-section", f".{section}={path}", PROGRAM, "/dev/null"]
    subprocess.run(command, check=True)
    with open(path, "rb") as file:
        content = file.read()
    return struct.unpack(f"<{len(content) // 8}Q", content)


def count(command, begin, end, skip=0, length=0, cpus=1, mem=512):
    """{address: executions} in one window of a run, None if there was no such window."""
    library = plugin.build(SOURCE)
    out = os.path.join(tree.BUILD, "profile.out")
    if os.path.exists(out):
        os.remove(out)
    words = [f"file={machine.comma(library)}", f"skip={skip}", f"length={length}", f"out={machine.comma(out)}"]
    words += [f"begin={address:#x}" for address in begin] + [f"end={address:#x}" for address in end]
    boot(command, cpus, mem, ",".join(words))
    try:
        with open(out, encoding="utf-8") as file:
            counts = {}
            for line in file:
                address, times = line.split()
                counts[int(address, 16)] = counts.get(int(address, 16), 0) + int(times)
            return counts
    except OSError:
        return None


def symbols(path):
    """[(address, name)] of the functions in an ELF file, in order."""
    output = subprocess.run(["nm", "-n", path], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in output.splitlines()]
    return [(int(line[0], 16), line[2]) for line in lines if len(line) == 3 and line[1] in "tTwW"]


def count_boot():
    """Instructions of the firmware, and from the kernel's first to the first of process 1."""
    kernel = dict((name, address) for address, name in symbols(KERNEL))["pvh_start"]
    program = dict((name, address) for address, name in symbols(INIT))["_start"]
    parts = count("true", [RESET], [kernel]), count("true", [kernel], [program])
    return [sum(part.values()) if part else 0 for part in parts]
