# SPDX-License-Identifier: BSD-2-Clause
"""Recorded runs, which can be run again exactly, and backwards.

What it is.  A directory with all that a run consists of: the kernel and the ramdisk that were booted, and how the
machine was made.  With one CPU also the log of QEMU's record mode, and a disk image, which is there for nothing else
than the snapshots from which QEMU goes on.  With more CPUs, which QEMU cannot record, the machine runs under the
deterministic clock, so that a run is the same each time.

What it does not handle: GRUB, and the guest's input.
"""

import json
import os
import shutil
import struct

LOG, ABOUT, KERNEL, INITRD, DISK = "log", "about.json", "heddle.elf", "initrd.cpio", "snapshots.qcow2"
KEPT = ("cmd", "append", "mem", "cpus")


class RecordError(Exception):
    """There is nothing to record or to replay; the text says why, in one line."""


def empty_disk(path):
    """Write an image in QEMU's own format, of 64 MiB with nothing in it: header, reference counts, table."""
    cluster = 1 << 16
    magic, version, bits = 0x514649fb, 2, 16
    header = struct.pack(">IIQIIQIIQQIIQ", magic, version, 0, 0, bits, 64 << 20, 0, 1, 3 * cluster, cluster, 1, 0, 0)
    parts = [header, struct.pack(">Q", 2 * cluster), struct.pack(">4H", 1, 1, 1, 1), b""]
    with open(path, "wb") as file:
        file.write(b"".join(part.ljust(cluster, b"\0") for part in parts))


def begin(args):
    """Make the directory of --record, and boot from the files in it."""
    if args.boot != "direct":
        raise RecordError("only a machine booted without GRUB can be recorded")
    if not args.cmd:
        raise RecordError("say what to run, by CMD= or PROG=: a machine that is recorded gets no input, so a prompt is of no use")
    os.makedirs(args.record, exist_ok=True)
    about = {name: getattr(args, name) for name in KEPT}
    for name, source in ((KERNEL, args.kernel), (INITRD, args.initrd), ("program", args.program)):
        target = os.path.join(args.record, name)
        if os.path.exists(target):
            os.remove(target)
        if source:
            shutil.copyfile(source, target)
    with open(os.path.join(args.record, ABOUT), "w", encoding="utf-8") as file:
        json.dump(about, file)
    use_files(args, args.record)


def use_files(args, directory):
    """Boot from the files of a recording."""
    args.kernel = os.path.join(directory, KERNEL)
    args.initrd = os.path.join(directory, INITRD) if os.path.exists(os.path.join(directory, INITRD)) else None
    program = os.path.join(directory, "program")
    args.program = program if os.path.exists(program) else None


def load(args):
    """The machine that was recorded into the directory of --replay."""
    try:
        with open(os.path.join(args.replay, ABOUT), encoding="utf-8") as file:
            for name, value in json.load(file).items():
                setattr(args, name, value)
    except (OSError, ValueError) as error:
        raise RecordError(f"no recording in {args.replay}: make record") from error
    args.boot = "direct"
    use_files(args, args.replay)


def options(args, scratch):
    """QEMU's options for one CPU.  What a replay adds to the disk goes to a copy."""
    mode, directory = ("record", args.record) if args.record else ("replay", args.replay)
    disk = os.path.join(directory, DISK)
    if args.record:
        empty_disk(disk)
    else:
        disk = shutil.copyfile(disk, os.path.join(scratch, DISK))
    disk = disk.replace(",", ",,")
    log = os.path.join(directory, LOG).replace(",", ",,")
    # Without the first, QEMU 7.2 stands still when it goes back to a snapshot.
    return ["-global", "apic-common.vapic=off", "-net", "none", "-drive", f"file={disk},if=none,id=snapshots",
            "-icount", f"shift=auto,rr={mode},rrfile={log},rrsnapshot=begin"]
