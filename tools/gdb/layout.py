# SPDX-License-Identifier: BSD-2-Clause
"""Where things are in the kernel: addresses, offsets and sizes, as its debugging information has them.

gdb is asked once for each kernel file, and the answer kept beside it.
"""

import json
import os
import shutil
import subprocess
import sys

SYMBOLS = ("allproc", "proc0", "cpus", "ncpu", "md_switchto", "md_switched_offset",
           "md_poweroff", "md_panic_exit")
FIELDS = {
    "struct lwp": ("l_md.md_rsp", "l_md.md_tf", "l_md.md_pmap", "l_proc", "l_stat", "l_running", "l_cpu", "l_wmesg",
                   "l_wchan", "l_lid", "l_sibling.tqe_next", "l_name", "l_private", "l_kstack", "l_flag",
                   "l_syncobj", "l_prflag", "l_waitingfor"),
    "struct proc": ("p_pid", "p_lwps.tqh_first", "p_list.le_next", "p_comm"),
    "struct pmap": ("pm_root",),
    "struct cpu_info": ("ci_curlwp", "ci_index"),
    "struct syncobj": ("so_name",),
    "struct kmutex": ("km_owner",),
    "struct switchframe": ("sf_r15", "sf_r14", "sf_r13", "sf_r12", "sf_rbx", "sf_rbp"),
}
VERSION = 4     # of this list: another one makes the answers kept useless


def questions():
    """The expressions whose values are wanted."""
    yield from (f"(unsigned long)&{name}" for name in SYMBOLS)
    for struct, fields in FIELDS.items():
        yield f"sizeof({struct})"
        yield from (f"(unsigned long)&(({struct} *)0)->{field}" for field in fields)


def names():
    """What the values are called, in the same order: "lwp", "lwp.l_stat", ..."""
    yield from SYMBOLS
    for struct, fields in FIELDS.items():
        short = struct.split()[1]
        yield short
        yield from (f"{short}.{field}" for field in fields)


def ask_gdb(kernel):
    """The values, from gdb."""
    command = [shutil.which("gdb") or "gdb", "-batch", "-nx", "-ex", "set osabi none", "-ex", f"file {kernel}"]
    for expression in questions():
        command += ["-ex", f'printf "%lu\\n", {expression}']
    result = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    values = [int(line) for line in result.stdout.split("\n") if line.isdigit()]
    found = dict(zip(names(), values))
    if len(values) != len(list(names())):
        sys.exit(f"proxy: {kernel}: gdb does not find the structures of the kernel in it\n{result.stderr}")
    return found


def symbols(kernel):
    """[(address, name)] of the kernel's variables, in order."""
    output = subprocess.run(["nm", "-n", kernel], capture_output=True, text=True, check=False).stdout
    lines = [line.split() for line in output.splitlines()]
    return [(int(line[0], 16), line[2]) for line in lines if len(line) == 3 and line[1] in "bBdD"]


def load(kernel):
    """{"lwp.l_stat": offset, "lwp": size, "allproc": address, ...} of a kernel file."""
    info = os.stat(kernel)
    identity = [VERSION, info.st_mtime_ns, info.st_size]
    cache = kernel + ".layout"
    try:
        with open(cache, encoding="utf-8") as file:
            kept = json.load(file)
        if kept["identity"] == identity:
            return kept["layout"]
    except (OSError, ValueError, KeyError):
        pass
    layout = ask_gdb(kernel)
    try:
        with open(f"{cache}.{os.getpid()}", "w", encoding="utf-8") as file:
            json.dump({"identity": identity, "layout": layout}, file)
        os.replace(f"{cache}.{os.getpid()}", cache)
    except OSError:
        pass
    return layout
