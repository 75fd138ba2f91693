# SPDX-License-Identifier: BSD-2-Clause
"""gdb at the stopped machine: `make debug`."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from . import tree
from .directed import Directed
from .machine import MachineError, die_with_parent

# Programs that are there beside the one that is debugged; they have addresses of their own.
ALWAYS = ("init", "sh")


def quoted(path):
    """A file name as gdb reads it."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def symbol_files(args):
    """The programs whose symbols gdb is to have: init, the shell, and the one that CMD runs."""
    names = [os.path.join(tree.USER, "bin", name) for name in ALWAYS]
    if args.program:
        names.append(args.program)
    elif args.cmd:
        word = args.cmd.split()[0].strip('"').lstrip("/")
        names += [os.path.join(tree.USER, place, word) for place in ("bin", "")]
    found = [name for name in names if os.path.isfile(name)]
    return list(dict.fromkeys(found))


def gdb_command(args, target):
    """gdb's command line, beginning with the command `target`."""
    gdb = shutil.which("gdb")
    if not gdb:
        raise MachineError("gdb is not installed: run tools/packages")
    command = [gdb, "-q", "-d", tree.TOP]
    if args.debug_script:
        command += ["-batch", "-nx"]
    command += ["-x", os.path.join(tree.TOOLS, "heddle.gdb"), "-ex", f"file {quoted(args.kernel)}"]
    for path in symbol_files(args):
        command += ["-ex", f"add-symbol-file {quoted(path)}"]
    if args.postmortem:
        # The format is that of Linux, and gdb recognises it only if it may believe in Linux.
        command += ["-ex", "set osabi GNU/Linux"]
    command += ["-ex", target]
    return command + (["-x", args.debug_script] if args.debug_script else [])


def await_socket(path, process, what):
    """Until the process listens at a socket."""
    while not os.path.exists(path):
        if process.poll() is not None:
            raise MachineError(f"{what} ended with status {process.returncode}")
        time.sleep(0.01)


def start_proxy(vm, args, director):
    """The proxy that makes every LWP a thread of gdb's: (process, its socket).  To the director it says what to do."""
    path = os.path.join(vm.scratch, "lwps")
    command = [os.path.join(tree.TOOLS, "gdb", "proxy.py"), "--listen", path, "--stub", vm.gdb_path, "--kernel", args.kernel,
               "--director", str(director.fileno())]
    if args.replay:
        command += ["--replay", "recording" if args.cpus == 1 else "rerun"]
    proxy = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, pass_fds=[director.fileno()])
    try:
        await_socket(path, proxy, "the proxy for gdb")
    except BaseException:
        proxy.kill()
        raise
    return proxy, path


def run(vm, args):
    """Let gdb have the terminal; returns its exit status.

    The guest's output goes to the terminal too, from a thread; what the gdb command
    `console` writes into a FIFO becomes the guest's input.
    """
    fifo = os.path.join(vm.scratch, "console")
    os.mkfifo(fifo, 0o600)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    console = Directed(vm, args, os.open(fifo, os.O_RDWR), ours)
    thread = threading.Thread(target=run_console, args=[console, ours], daemon=True)
    thread.start()
    await_socket(vm.gdb_path, vm.process, "QEMU")
    try:
        if not args.proxy:
            return run_gdb(args, f"target remote {vm.gdb_path}", fifo)
        return run_behind_proxy(vm, args, theirs, fifo)
    finally:
        theirs.close()
        thread.join(2)      # it shows what the guest has printed last


def run_console(console, ours):
    """Until gdb and the proxy have gone; or the console's time is over, or its terminal gone: the proxy must know."""
    try:
        console.run()
    finally:
        ours.close()


def run_behind_proxy(vm, args, director, fifo):
    """gdb, and the proxy until gdb ends; returns gdb's exit status."""
    proxy, path = start_proxy(vm, args, director)
    try:
        return run_gdb(args, f"target remote {path}", fifo)
    finally:
        proxy.kill()
        proxy.wait()


def run_gdb(args, target, fifo):
    """gdb, until it ends; returns its exit status."""
    environment = dict(os.environ, HEDDLE_CONSOLE=fifo)
    terminal = os.isatty(0) and not args.debug_script
    gdb = subprocess.Popen(gdb_command(args, target), env=environment, stdin=subprocess.DEVNULL if args.debug_script else None,
                           preexec_fn=take_terminal if terminal else None)
    try:
        return gdb.wait()
    finally:
        if gdb.poll() is None:
            gdb.terminate()
        if terminal:
            make_foreground(os.getpgrp())


def postmortem(args):
    """gdb on a dump of a machine's memory; returns its exit status."""
    if not os.path.isfile(args.postmortem):
        raise MachineError(f"{args.postmortem} is not there: run with --core")
    return run_gdb(args, f"core-file {args.postmortem}", os.devnull)     # this command takes no quotes


def take_terminal():
    """In the child that becomes gdb: Ctrl-C is for it alone, not for us and the make above us."""
    os.setpgid(0, 0)
    make_foreground(os.getpid())


def make_foreground(group):
    """Give a process group the terminal, though we may be in the background."""
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, group)
    signal.signal(signal.SIGTTOU, before)
