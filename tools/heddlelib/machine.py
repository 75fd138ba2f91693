# SPDX-License-Identifier: BSD-2-Clause
"""The emulated machine: QEMU's command line, its life, what its end means."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from . import coverage, plugin, record, tree

QEMU = "qemu-system-x86_64"
MINIMUM = (7, 2)

# Exit statuses of the launcher besides the guest's own.
STATUS_HANG = 123       # no progress
STATUS_UNKNOWN = 124    # QEMU ended and nobody knows why; or the time limit
STATUS_PANIC = 125      # the kernel panicked

# Deterministic: one instruction is one nanosecond, on every machine and every day.
ICOUNT = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
          "-rtc", "base=2024-01-01,clock=vm", "-seed", "1"]

FIRMWARE = [
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    ("/usr/share/qemu/edk2-x86_64-code.fd", "/usr/share/qemu/edk2-i386-vars.fd"),
]

POWER_OFF = re.compile(rb"^heddle: power off, status (\d+)\s*$")


class MachineError(Exception):
    """The machine cannot be started; the text says why, in one line."""


def read_version():
    """QEMU's version as a tuple, (0, 0) if it does not say."""
    output = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"version (\d+)\.(\d+)", output)
    return (int(match.group(1)), int(match.group(2))) if match else (0, 0)


def check_version():
    """Raise MachineError unless QEMU is there and new enough.

    Asked once for each QEMU binary: the answer is kept in the build directory.
    """
    path = shutil.which(QEMU)
    if not path:
        raise MachineError(f"{QEMU} is not installed: run tools/packages")
    stamp = os.path.join(tree.BUILD, "qemu.checked")
    info = os.stat(path)
    identity = f"{path} {info.st_mtime_ns} {info.st_size}\n"
    try:
        with open(stamp, encoding="utf-8") as file:
            if file.read() == identity:
                return
    except OSError:
        pass
    version = read_version()
    if version < MINIMUM:
        raise MachineError(f"{path} is version {version[0]}.{version[1]}; Heddle needs "
                           f"{MINIMUM[0]}.{MINIMUM[1]} or newer")
    try:
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(identity)
    except OSError:
        pass


def check_rerun():
    """Raise MachineError unless this is the QEMU that tools/gdb/rerun.c is made for: it uses functions of QEMU's own."""
    version = read_version()
    if version != MINIMUM:
        raise MachineError(f"backwards with several CPUs needs QEMU {MINIMUM[0]}.{MINIMUM[1]}, and this is {version[0]}.{version[1]}: "
                           "record with CPUS=1")


def comma(text):
    """Text as part of a QEMU option, in which a comma is written twice."""
    return text.replace(",", ",,")


def command_line(args):
    """The guest's kernel command line: the kernel's words, then process 1's."""
    words = args.append or ""
    if args.trace:
        words = f"{words} trace tracesize={args.trace_size}"
    if args.cmd:
        words = f"{words} -- {args.cmd}"
    return words.strip()


def uefi_flash(scratch):
    """The options for UEFI firmware, with variables of its own in `scratch`."""
    for code, variables in FIRMWARE:
        if os.path.exists(code) and os.path.exists(variables):
            own = os.path.join(scratch, "vars.fd")
            shutil.copyfile(variables, own)
            return ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={comma(code)}",
                    "-drive", f"if=pflash,unit=1,format=raw,file={comma(own)}"]
    raise MachineError("no UEFI firmware (OVMF) found: run tools/packages")


def boot_options(args, scratch):
    """What is booted, and how."""
    words = command_line(args)
    if args.boot == "direct":
        options = ["-bios", "qboot.rom", "-kernel", args.kernel, "-append", words]
        return options + (["-initrd", args.initrd] if args.initrd else [])
    options = ["-cdrom", args.iso]
    if words:
        options += ["-fw_cfg", f"name=opt/heddle/cmdline,string={comma(words)}"]
    if args.boot == "uefi":
        options += uefi_flash(scratch)
    return options


class Machine:
    """A running QEMU, and the private directory that holds its sockets.

    Use as a context: whatever happens, no QEMU is left behind.
    """

    def __init__(self, args, terminal):
        self.scratch = tempfile.mkdtemp(prefix="heddle-", dir="/tmp")
        self.qmp_path = os.path.join(self.scratch, "qmp")
        self.gdb_path = os.path.join(self.scratch, "gdb")
        self.memory_path = os.path.join(self.scratch, "memory")
        self.process = None
        self.counts = args.kernel if args.build == "coverage" else None
        try:
            self.command = self.options(args, terminal)
            self.waiting = self.debug_options(args)
            self.start(self.command + self.waiting)
        except BaseException:
            self.close()
            raise

    def options(self, args, terminal):
        """QEMU's whole command line."""
        mux = "on" if terminal else "off"
        options = [QEMU, "-name", "heddle", "-machine", "q35", "-nodefaults", "-no-user-config",
                   "-display", "none", "-no-reboot", "-m", str(args.mem), "-smp", str(args.cpus),
                   "-cpu", "max,-erms" if args.icount else "max",
                   "-qmp", f"unix:{comma(self.qmp_path)},server=on,wait=off"]
        if args.trace or self.counts:   # the memory is a file: that which is wanted is taken out of it at the end
            size = f"{args.mem}M" if str(args.mem).isdigit() else args.mem
            options += ["-object", f"memory-backend-file,id=ram,size={size},share=on,mem-path={comma(self.memory_path)}",
                        "-machine", "memory-backend=ram"]
        if not args.core:   # with it, a panic ends QEMU before the memory can be written
            options += ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
        options += boot_options(args, self.scratch)
        if terminal:
            options += ["-mon", "chardev=console,mode=readline"]
        if (args.record or args.replay) and args.cpus == 1:
            options += ["-serial", "stdio"] + record.options(args, self.scratch)
        else:
            options += ["-chardev", f"stdio,id=console,mux={mux},signal=off", "-serial", "chardev:console"]
        if args.icount:
            options += ICOUNT
        return options + args.qemu_arg

    def debug_options(self, args):
        """The options with which the machine begins stopped, for a debugger, if it shall."""
        if args.debug:
            return ["-S", "-chardev", f"socket,id=gdb,path={comma(self.gdb_path)},server=on,wait=off", "-gdb", "chardev:gdb"]
        if args.gdb is not None:
            return ["-S", "-gdb", f"tcp:127.0.0.1:{args.gdb}"]
        return []

    def restart(self, arguments, attach):
        """Start another machine like this, with the plugin of reverse execution; for a debugger, or to run at once."""
        self.kill()
        for path in (self.qmp_path, self.gdb_path):
            if os.path.exists(path):
                os.remove(path)
        library = plugin.build(os.path.join(tree.TOOLS, "gdb", "rerun.c"))
        options = self.command + ["-plugin", f"{comma(library)},{arguments}"]
        self.start(options + (self.waiting if attach else []))
        while attach and not os.path.exists(self.gdb_path) and self.process.poll() is None:
            time.sleep(0.005)

    def start(self, options):
        """Start QEMU in a session of its own: signals from the terminal are not for it."""
        self.process = subprocess.Popen(options, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                        start_new_session=True, preexec_fn=die_with_parent)

    def kill(self):
        """End QEMU now."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        """End QEMU, and remove what it used."""
        self.kill()
        if self.counts and os.path.exists(self.memory_path):
            coverage.collect(self.counts, self.memory_path)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()


def die_with_parent():
    """In the child: have the system kill it when the launcher is killed."""
    pr_set_pdeathsig = 1
    try:
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


def guest_status(returncode, printed):
    """What QEMU's exit status says: (our exit status, a line of explanation or None).

    The kernel writes 1 + min(status, 125) to isa-debug-exit, and 127 when it panics;
    QEMU makes 2n + 1 of it.  `printed` is the status from the kernel's last line, or None:
    the only way to know one above 125.
    """
    if returncode == 255:
        return STATUS_PANIC, "the kernel panicked"
    if returncode < 0:
        return STATUS_UNKNOWN, f"QEMU was ended by signal {-returncode}"
    if returncode % 2 == 0 or returncode == 1:
        return STATUS_UNKNOWN, f"QEMU ended with status {returncode}, not through isa-debug-exit"
    status = returncode // 2 - 1
    if printed is not None and min(printed, 125) == status:
        status = printed
    return status, None
