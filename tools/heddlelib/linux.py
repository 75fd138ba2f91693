# SPDX-License-Identifier: BSD-2-Clause
"""Linux in the same QEMU: Debian's kernel, and our process 1 in an initramfs."""

import lzma
import os
import struct
import subprocess
import zlib

from . import cpio, icount, machine, tree

DIRECTORY = os.path.join(tree.BUILD, "linux")
SOURCES = os.path.join(tree.TOP, "tests", "bench")
LIMIT_SECONDS = 300

ALWAYS = "console=ttyS0 quiet panic=-1 nokaslr norandmaps cryptomgr.notests"
# Debian's kernel with everything optional switched off from its command line, and as it is.
VARIANTS = {
    "leanest": "mitigations=off audit=0 psi=0 nowatchdog init_on_alloc=0 randomize_kstack_offset=off "
               "cgroup_disable=memory,cpu,pids apparmor=0 lsm=capability no5lvl noautogroup delayacct=0 "
               "hardened_usercopy=off",
    "default": "",
}


def fetch():
    """Whether the packages are there, or can be had."""
    return subprocess.run([os.path.join(tree.TOOLS, "fetch-linux")], check=False).returncode == 0


def version():
    """Which kernel it is."""
    with open(os.path.join(DIRECTORY, "version"), encoding="utf-8") as file:
        return file.read().strip()


def unpack(image):
    """The ELF file inside a bzImage: QEMU starts it at once, without a decompressor to wait for."""
    payload = (image[0x1f1] or 4) * 512 + 512
    offset, length = struct.unpack_from("<II", image, 0x248)
    packed = image[payload + offset:payload + offset + length]
    if packed[:2] == b"\x1f\x8b":
        return zlib.decompressobj(31).decompress(packed)
    if packed[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor().decompress(packed)
    program = {b"\x02\x21\x4c\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd"}[packed[:4]]
    # The last four bytes are the unpacked length.
    return subprocess.run([program, "-dc"], input=packed[:-4], capture_output=True, check=True).stdout


def build():
    """Make what is booted: vmlinux and initrd.cpio."""
    vmlinux = os.path.join(DIRECTORY, "vmlinux")
    if not os.path.exists(vmlinux):
        with open(os.path.join(DIRECTORY, "vmlinuz"), "rb") as file:
            content = unpack(file.read())
        with open(vmlinux, "wb") as file:
            file.write(content)
    root = os.path.join(DIRECTORY, "musl", "usr")
    lib = os.path.join(root, "lib", "x86_64-linux-musl")
    asked = [subprocess.run(["gcc", word], capture_output=True, text=True, check=True).stdout.strip()
             for word in ("-print-file-name=include", "-print-libgcc-file-name")]
    sources = [os.path.join(SOURCES, name) for name in ("linux/init.c", "linux/rows_pthread.c", "linux/start.S", "samples.c")]
    init = os.path.join(DIRECTORY, "init")
    command = ["gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-nostdinc", "-isystem",
               os.path.join(root, "include", "x86_64-linux-musl"), "-isystem", asked[0],
               "-static", "-no-pie", "-fno-pie", "-fno-stack-protector", "-fcf-protection=none", "-nostdlib",
               "-Wl,-e,bench_start", "-o", init, os.path.join(lib, "crt1.o"), *sources,
               "-Wl,--start-group", os.path.join(lib, "libc.a"), asked[1], "-Wl,--end-group"]
    subprocess.run(command, check=True)
    with open(os.path.join(DIRECTORY, "initrd.cpio"), "wb") as file:
        file.write(cpio.archive({"init": cpio.read_member("init", init)}))


def start(variant, cpus):
    """A running QEMU with the machine that tools/heddle-run --icount makes for Heddle."""
    words = f"{ALWAYS} {VARIANTS[variant]}" + (" maxcpus=1 BENCH=2" if cpus == 2 else "")
    command = [machine.QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35",
               "-cpu", "max,-erms", "-m", "512", "-smp", str(cpus), *machine.ICOUNT, "-serial", "stdio",
               "-monitor", "none", "-no-reboot", "-bios", "qboot.rom",
               "-kernel", os.path.join(DIRECTORY, "vmlinux"), "-initrd", os.path.join(DIRECTORY, "initrd.cpio"),
               "-append", words]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                            preexec_fn=machine.die_with_parent)


def finish(process):
    """Wait for such a QEMU; returns its rows."""
    try:
        output, _ = process.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    return icount.parse(output)


def measure(firmware):
    """{variant: rows}; both variants at a time, then both on two CPUs."""
    build()
    results = {variant: {} for variant in VARIANTS}
    for cpus in (1, 2):
        running = {variant: start(variant, cpus) for variant in VARIANTS}
        for variant, process in running.items():
            rows = finish(process)
            boot = rows.pop("boot_tsc", None)
            if boot and cpus == 1:
                rows["boot"] = {field: 1 if field == "n" else value - firmware for field, value in boot.items()}
            results[variant].update(rows)
    return results
