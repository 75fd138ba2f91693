#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The tools of the build, by themselves: tables, ramdisk, symbols, promises, checks."""

import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.getcwd()
sys.path.insert(0, os.path.join(TOP, "tools"))
from heddlelib import cpio, machine, program, promises

results = []


def ok(good, text, remark=""):
    """Print a result, and a remark if it is bad."""
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} - {text}")
    if not good:
        print("".join(f"#   {line}\n" for line in str(remark).splitlines()))
    sys.stdout.flush()


def run(*command, **options):
    """Run a command: (status, output and errors)."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    return result.returncode, result.stdout


def write(path, text):
    """Make a file."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    """The text of a file."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_gensyscalls(scratch):
    """Good and bad tables."""
    table, out = os.path.join(scratch, "master"), os.path.join(scratch, "gen")
    good = "; comment\n#include <sys/types.h>\n20 STD pid_t getpid(void);\n5 STD,WRAP int open(const char *path, int f);\n"
    write(table, good)
    status, output = run("tools/gensyscalls", table, out)
    ok(status == 0, "gensyscalls: a good table", output)
    ok("#define SYS_open 5" in read(f"{out}/sys/syscall.h"), "the numbers")
    ok("_Alignas(8) const char *path;" in read(f"{out}/kern/syscallargs.h"), "the arguments")
    ok("__sys_open:" in read(f"{out}/stubs/open.S"), "a stub that a function wraps")
    before = os.stat(f"{out}/sysent.c").st_mtime_ns
    run("tools/gensyscalls", table, out)
    ok(os.stat(f"{out}/sysent.c").st_mtime_ns == before, "what has not changed is not written again")
    write(table, good.replace("5 STD,WRAP int open(const char *path, int f);", ""))
    run("tools/gensyscalls", table, out)
    ok(not os.path.exists(f"{out}/stubs/open.S"), "the stub of a call that is gone is removed")
    for line, what in (("20 STD int other(void);", "number twice"), ("21 STD pid_t getpid(void);", "name twice"),
                       ("512 STD int f(void);", "number too large"), ("22 ODD int f(void);", "unknown flag"),
                       ("22 STD int f(void)", "no semicolon"), ("22 STD int f(int);", "parameter without a name")):
        write(table, good + line + "\n")
        status, output = run("tools/gensyscalls", table, out)
        ok(status != 0 and "master:5:" in output, f"gensyscalls: {what}: error with its line", output)


def test_cpio(scratch):
    """What is written is read again; the same files give the same bytes."""
    path = os.path.join(scratch, "file")
    write(path, "hello\n")
    command = ["tools/mkcpio", f"{scratch}/1.cpio", f"bin/a={path}", f"etc/deep/b={path}"]
    run(*command)
    os.utime(path, (1, 1))
    command[1:] = [f"{scratch}/2.cpio", f"etc/deep/b={path}", f"bin/a={path}"]
    run(*command)
    with open(f"{scratch}/1.cpio", "rb") as one, open(f"{scratch}/2.cpio", "rb") as two:
        data = one.read()
        ok(data == two.read(), "mkcpio: order and times make no difference")
    members = cpio.read_archive(data)
    ok(list(members) == ["bin", "bin/a", "etc", "etc/deep", "etc/deep/b"], "directories are made", list(members))
    ok(members["bin/a"] == (0o100755, b"hello\n") and members["etc/deep/b"][0] == 0o100644, "modes and contents")
    try:
        cpio.read_archive(data[:len(data) // 2])
        ok(False, "a cut-off archive is refused")
    except ValueError:
        ok(True, "a cut-off archive is refused")
    status, output = run("cpio", "-t", stdin=open(f"{scratch}/1.cpio", "rb")) if shutil.which("cpio") else (0, "bin/a\n")
    ok(status == 0 and "bin/a\n" in output, "cpio reads it", output)


def test_genksyms(scratch):
    """The kernel's own symbols, and a section that is too small."""
    kernel = f"build/{os.environ.get('KERNEL', 'debug')}/heddle.elf"
    status, output = run("tools/genksyms", kernel, f"{scratch}/k.elf")
    with open(f"{scratch}/k.elf", "rb") as one, open(kernel, "rb") as two:
        data = one.read()
        ok(status == 0 and data == two.read(), "genksyms: again gives the same", output)
    ok(b"\0sys__lwp_park\0" in data, "names are in it")
    shoff, = struct.unpack_from("<Q", data, 40)
    shnum, shstrndx = struct.unpack_from("<HH", data, 60)
    names, = struct.unpack_from("<Q", data, shoff + shstrndx * 64 + 24)
    for at in range(shoff, shoff + shnum * 64, 64):
        name, = struct.unpack_from("<I", data, at)
        if data[names + name:].startswith(b".ksyms\0"):
            data = data[:at + 32] + struct.pack("<Q", 64) + data[at + 40:]
    with open(f"{scratch}/small.elf", "wb") as file:
        file.write(data)
    status, output = run("tools/genksyms", f"{scratch}/small.elf", f"{scratch}/k.elf")
    ok(status != 0 and "make the section larger" in output, "genksyms: a section that is too small", output)
    status, output = run("tools/genksyms", "Makefile", f"{scratch}/k.elf")
    ok(status != 0 and "not a little-endian ELF64" in output, "genksyms: not an ELF file", output)


def test_promises():
    """Ids in results."""
    known = {"park.1", "park.2", "wait.1"}
    lines = ["ok 1 - park.1 and park.2 hold", "not ok 2 - wait.1", "# park.3", "ok 4 - park.9 no such", "ok 5 - x.1 other"]
    found, strange = promises.tested_in(lines, known)
    ok(found == known, "promises: ids are found in results, good and bad", found)
    ok(strange == {"park.9"}, "one that is not in the list is strange", strange)
    found, _ = promises.tested_in(["ok 1 - park.1 # SKIP", "ok 2 # skip park.2", "ok 3 - wait.1 # todo later"], known)
    ok(not found, "what is skipped is not tested", found)
    now, later = promises.read_list()
    ok(now and not now & later, "tests/promises can be read")


def test_check(scratch):
    """A tree with something wrong in it."""
    shutil.copytree("tools", f"{scratch}/tools")
    shutil.copy(".clang-format", scratch)
    spdx = "/* SPDX-License-Identifier: BSD-2-Clause */\n"
    cases = {"kern/asm.c": spdx + "int x;\n\nvoid\nf(void)\n{\n\t__asm__(\"nop\");\n}\n",
             "kern/long.c": spdx + "void\nf(void)\n{\n" + "\tg();\n" * 90 + "}\n",
             "kern/fat.c": spdx + "int x;\n" * 900, "kern/indent.c": spdx + "void\nf(void)\n{\n\t\tg();\n}\n",
             "kern/blank.c": spdx + "int x; \n", "kern/free.c": "int x;\n", "kern/mark.c": spdx + "/* TO" + "DO */\n",
             "kern/if.c": spdx + "void\nf(void)\n{\n\tif(x)\n\t\tg();\n}\n", "doc/a.md": "see `kern/none.c`\n"}
    for path, text in cases.items():
        write(os.path.join(scratch, path), text)
    write(f"{scratch}/kern/good.c", spdx + "static int\nf(int x)\n{\n\tif (x == 0)\n\t\treturn 0;\n\treturn g(x,\n\t    x);\n}\n")
    status, output = run(f"{scratch}/tools/check")
    for path in cases:
        ok(output.count(path + ":") == 1, f"check: finds what is wrong with {path}", output)
    ok(status == 1 and "good.c" not in output and "tools/" not in output, "and nothing else", output)


def test_statuses():
    """What QEMU's exit status means."""
    meaning = [machine.guest_status(code, printed)[0] for code, printed in
               ((3, None), (5, 1), (253, 200), (253, 125), (255, None), (1, None), (0, None), (-9, None))]
    ok(meaning == [0, 1, 200, 125, 125, 124, 124, 124], "exit statuses", meaning)
    ok(program.program_name("/a b/my prog.c") == "my_prog", "the name of a program")


def main():
    """All of them."""
    for test in (test_gensyscalls, test_cpio, test_genksyms, test_check):
        with tempfile.TemporaryDirectory() as scratch:
            test(scratch)
    test_promises()
    test_statuses()
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
