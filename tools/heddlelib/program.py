# SPDX-License-Identifier: BSD-2-Clause
"""A user's own program: built from C, or linked already, and put into a copy of the ramdisk."""

import glob
import os
import re
import shlex
import struct
import subprocess

from . import cpio, tree

EM_X86_64, ET_EXEC = 62, 2


class ProgramError(Exception):
    """The program cannot be built or used; the text says why, in one line."""


def split_sources(text):
    """PROG as a list of paths: one path, even with spaces in it, or several words."""
    if os.path.exists(text):
        return [text]
    try:
        paths = shlex.split(text)
    except ValueError as error:
        raise ProgramError(f"PROG={text}: {error}") from error
    for path in paths:
        if not os.path.exists(path):
            raise ProgramError(f"PROG: no such file: {path}")
    return paths


def program_name(path):
    """The name under /bin: the file's, without suffix and without what a shell would mind."""
    base = os.path.basename(os.path.abspath(path))
    return re.sub(r"[^A-Za-z0-9._+-]", "_", re.sub(r"\.(c|S|s|o)$", "", base))


def is_elf(path):
    """Whether the file begins like an ELF file."""
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def check_executable(path):
    """Raise ProgramError unless the file is a static x86-64 executable."""
    with open(path, "rb") as file:
        header = file.read(20)
    if len(header) < 20 or header[:6] != b"\x7fELF\x02\x01":
        raise ProgramError(f"{path}: not a 64-bit ELF file")
    etype, machine = struct.unpack_from("<HH", header, 16)
    if machine != EM_X86_64 or etype != ET_EXEC:
        raise ProgramError(f"{path}: not a static x86-64 executable (link it with tools/heddle-cc)")


def expand(paths):
    """The files to hand to the compiler: a directory stands for the C and assembly files in it."""
    files = []
    for path in paths:
        if os.path.isdir(path):
            found = sorted(glob.glob(os.path.join(glob.escape(path), "*.[cS]")))
            if not found:
                raise ProgramError(f"{path}: no .c or .S file in it")
            files += found
        else:
            files.append(path)
    return files


def build(text, directory):
    """Make the program that PROG=text means; returns (name, path of the executable)."""
    paths = split_sources(text)
    if not paths:
        raise ProgramError("PROG is empty")
    name = program_name(paths[0])
    if len(paths) == 1 and os.path.isfile(paths[0]) and is_elf(paths[0]) and not paths[0].endswith(".o"):
        check_executable(paths[0])
        return name, os.path.abspath(paths[0])
    output = os.path.join(directory, name)
    command = [os.path.join(tree.TOOLS, "heddle-cc"), "-g", "-O2", "-Wall", "-o", output]
    includes = [f"-I{path}" for path in paths if os.path.isdir(path)]
    if subprocess.run(command + includes + expand(paths), check=False).returncode:
        raise ProgramError(f"{text}: not built")
    return name, output


def add_to_ramdisk(initrd, name, executable, output):
    """Write to `output` the ramdisk `initrd` with /bin/`name` added."""
    with open(initrd, "rb") as file:
        members = cpio.read_archive(file.read())
    members["bin/" + name] = cpio.read_member("bin/" + name, executable)
    with open(output, "wb") as file:
        file.write(cpio.archive(members))
