# SPDX-License-Identifier: BSD-2-Clause
"""The LWPs of a stopped machine, read from its memory.

What it is.  Machine talks to QEMU's stub, which knows CPUs.  Kernel walks from allproc to every
process and LWP, says which of them run and on which CPU, and makes the registers of those that do not.

Who runs.  ci_curlwp says it, except for the few instructions between its change and the change
of stacks in md_switchto; so the stack pointer decides while a CPU is in the kernel.

What it does not handle: lists that change under it (CPUs stopped in the middle of an insertion
show one LWP more or less), and more than LIMIT LWPs.
"""

import bisect
import select
import struct

import rsp

LIMIT = 5000
DIRECT_BASE = 0xffff800000000000    # VM_DIRECT_BASE: all of memory
KERNEL_BASE = 1 << 47               # addresses from here on are the same in all address spaces
KSTACK_SIZE = 8192
PAGE = 4096
TID_PID = 1000000                   # thread number = pid * this + lid
TID_CPU = 900000                    # thread number of a CPU without an LWP = this + its number; above all lids
STATES = {1: "idl", 2: "run", 3: "sleep", 4: "stop", 5: "zombie", 7: "onproc", 8: "suspend"}
LSSLEEP, LW_IDLE, LPR_WAIT = 3, 1, 2

# Registers in the order of the protocol: (number, offset in the reply to "g", size).
LONGS = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
         "rip")
WORDS = ("eflags", "cs", "ss", "ds", "es", "fs", "gs")
SYSTEM = ("fs_base", "gs_base", "k_gs_base", "cr0", "cr2", "cr3")
REGISTERS = {}
for _group, _size in ((LONGS, 8), (WORDS, 4), (SYSTEM, 8)):
    for _name in _group:
        _last = max((place + size for _, place, size in REGISTERS.values()), default=0)
        REGISTERS[_name] = (len(REGISTERS), _last, _size)


def register(raw, name):
    """The value of a register in the bytes of a reply to "g"."""
    _, place, size = REGISTERS[name]
    return int.from_bytes(raw[place:place + size], "little")


class Machine:
    """QEMU's stub: memory and CPUs."""

    def __init__(self, stub):
        self.stub = stub
        self.home = None        # a CPU that sees the kernel's memory

    def request(self, data):
        """A packet as it is."""
        return self.stub.request(data)

    def run(self, packet, gdb):
        """Let the machine run; the stub's reply when it has stopped.  Ctrl-C, from gdb's side, goes through.

        Without a packet it is under way already.
        """
        stub = self.stub
        if packet:
            stub.send(packet)
        while not stub.pending():
            readable, _, _ = select.select([stub, gdb], [], [])
            if gdb in readable:
                gdb.fill()
                if rsp.INTERRUPT in gdb.buffer:
                    gdb.buffer = gdb.buffer.replace(rsp.INTERRUPT, b"")
                    stub.write(rsp.INTERRUPT)
            if stub in readable:
                self.hear()
        return stub.receive()

    def hear(self):
        """Receive from the stub; Ended: there is none any more."""
        try:
            self.stub.fill()
        except rsp.Closed as error:
            raise rsp.Ended from error

    def monitor(self, line):
        """The output of a command of QEMU's monitor."""
        self.stub.send(b"qRcmd," + line.encode().hex().encode())
        output, answer = b"", self.stub.receive()
        while answer[:1] == b"O" and answer != b"OK":
            output += bytes.fromhex(answer[1:].decode())
            answer = self.stub.receive()
        return output.decode(errors="replace")

    def cpus(self):
        """The stub's numbers of the CPUs."""
        found, answer = [], self.request(b"qfThreadInfo")
        while answer[:1] == b"m":
            found += [int(word, 16) for word in answer[1:].split(b",")]
            answer = self.request(b"qsThreadInfo")
        return found

    def select(self, cpu):
        """The CPU that registers and memory are read from."""
        self.request(b"Hg%x" % cpu)

    def registers(self, cpu):
        """All registers of a CPU."""
        self.select(cpu)
        return bytes.fromhex(self.request(b"g").decode())

    def read(self, address, size):
        """Memory as the selected CPU sees it, or None."""
        data = b""
        while len(data) < size:
            answer = self.request(b"m%x,%x" % (address + len(data), min(size - len(data), 1024)))
            if answer[:1] == b"E" or not answer:
                return None
            data += bytes.fromhex(answer.decode())
        return data


class Lwp:
    """An LWP as its struct lwp says; cpu is the stub's number of the CPU it runs on, or None."""

    def __init__(self, kernel, address, raw, proc):
        def field(name, size=8):
            """One field of the structure."""
            place = kernel.layout["lwp." + name]
            return int.from_bytes(raw[place:place + size], "little")

        self.address = address
        self.pid, self.comm = proc
        self.lid = field("l_lid", 4)
        self.rsp, self.pmap, self.kstack = field("l_md.md_rsp"), field("l_md.md_pmap"), field("l_kstack")
        self.stat, self.flag = field("l_stat", 1), field("l_flag", 4)
        self.proc, self.private = field("l_proc"), field("l_private")
        self.wmesg, self.wchan, self.kind = kernel.string(field("l_wmesg")), field("l_wchan"), field("l_syncobj")
        self.awaited = field("l_waitingfor") if field("l_prflag", 4) & LPR_WAIT else 0
        self.index = kernel.cpu_index(field("l_cpu"))
        name = kernel.layout["lwp.l_name"]
        self.own_name = raw[name:name + 16].split(b"\0")[0].decode(errors="replace")
        self.cpu = None
        self.waits = kernel.waits_for(self)

    @property
    def tid(self):
        """Its number as a thread of gdb's."""
        return self.pid * TID_PID + self.lid

    @property
    def name(self):
        """Its name, or its program's."""
        return self.own_name or self.comm

    def describe(self):
        """What `info threads` shows beside the name."""
        state = STATES.get(self.stat, "?")
        if self.flag & LW_IDLE:
            state = "idle" if self.cpu is not None else "idle, not running"
        elif self.cpu is not None:
            state = "onproc"
        waits = f" ({self.waits})" if self.waits else ""
        where = f" CPU#{self.index}" if self.index is not None else ""
        return f"{self.pid}.{self.lid} {self.comm}: {state}{waits}{where}"


class Kernel:
    """The processes and LWPs of the stopped machine; forget() when it has run."""

    def __init__(self, machine, layout, symbols=()):
        self.machine = machine
        self.layout = layout
        self.symbols = symbols  # (address, name) of variables, in order
        self.forget()

    def forget(self):
        """The machine has run: nothing that was read is true any more."""
        self.lwps = None        # tid -> Lwp
        self.on_cpu = {}        # the stub's CPU -> (address of the LWP there, registers)
        self.indexes = {}       # address of a struct cpu_info -> ci_index
        self.strings = {}

    def word(self, address):
        """Eight bytes of kernel memory as a number, 0 if they cannot be read."""
        data = self.machine.read(address, 8)
        return int.from_bytes(data, "little") if data else 0

    def string(self, address):
        """A short string of the kernel's."""
        if address and address not in self.strings:
            data = self.machine.read(address, 24) or b""
            self.strings[address] = data.split(b"\0")[0].decode(errors="replace")
        return self.strings.get(address, "")

    def cpu_index(self, address):
        """ci_index of the struct cpu_info at an address."""
        return self.indexes.get(address)

    def variable(self, address):
        """The variable that an address is that of, or the address."""
        known, name = self.symbols[bisect.bisect_right(self.symbols, (address + 1,)) - 1] if self.symbols else (0, "")
        return name if known == address else f"{address:#x}"

    def lid(self, lwp):
        """The id of the LWP whose structure is at an address."""
        return int.from_bytes(self.machine.read(lwp + self.layout["lwp.l_lid"], 4) or b"", "little")

    def waits_for(self, lwp):
        """The wait channel of an LWP, and what it waits for; "" if it does not."""
        if not lwp.wmesg or lwp.stat != LSSLEEP:
            return lwp.wmesg
        kind = self.string(self.word(lwp.kind + self.layout["syncobj.so_name"])) if lwp.kind else ""
        if kind == "park":
            return f"{lwp.wmesg}: hint {lwp.wchan ^ lwp.proc:#x}"
        if kind == "mutex":
            owner = self.word(lwp.wchan + self.layout["kmutex.km_owner"]) & ~1
            return f"{lwp.wmesg}: mutex {self.variable(lwp.wchan)}" + (f" of LWP {self.lid(owner)}" if owner else "")
        if lwp.awaited:
            return f"{lwp.wmesg}: LWP {self.lid(lwp.awaited)}"
        return f"{lwp.wmesg}: {kind} {self.variable(lwp.wchan)}" if kind == "cv" else lwp.wmesg

    def enter(self):
        """Select a CPU from which kernel memory can be read; False before there is one."""
        for cpu in [self.machine.home] if self.machine.home else self.machine.cpus():
            self.machine.select(cpu)
            if self.machine.read(self.layout["ncpu"], 4):
                self.machine.home = cpu
                return True
        return False

    def look_at_cpus(self):
        """Find which LWP each CPU runs; afterwards on_cpu and indexes are valid."""
        self.on_cpu, self.indexes = {}, {}
        raws = {cpu: self.machine.registers(cpu) for cpu in self.machine.cpus()}
        if not self.enter():
            return
        table = self.machine.read(self.layout["cpus"], 8 * 32) or bytes(256)
        infos = [info for info in struct.unpack("<32Q", table) if info]
        for info in infos:
            data = self.machine.read(info + self.layout["cpu_info.ci_index"], 4)
            self.indexes[info] = int.from_bytes(data or b"", "little")
        for cpu, raw in raws.items():
            info = next((base for base in (register(raw, "gs_base"), register(raw, "k_gs_base")) if base in infos), None)
            if info:
                self.on_cpu[cpu] = (self.word(info + self.layout["cpu_info.ci_curlwp"]), raw)

    def processes(self):
        """Yield (address of a process, (pid, name))."""
        seen, proc = set(), self.word(self.layout["allproc"])
        while proc and proc not in seen and len(seen) < LIMIT:
            seen.add(proc)
            yield proc
            proc = self.word(proc + self.layout["proc.p_list.le_next"])
        if self.layout["proc0"] not in seen:
            yield self.layout["proc0"]

    def process_lwps(self, proc):
        """Yield the LWPs of a process."""
        place, seen = self.layout, set()
        pid = int.from_bytes(self.machine.read(proc + place["proc.p_pid"], 4) or b"", "little")
        who = pid, (self.string(proc + place["proc.p_comm"]) or ("kernel" if pid == 0 else "?"))
        address = self.word(proc + place["proc.p_lwps.tqh_first"])
        while address and address not in seen and len(seen) < LIMIT:
            seen.add(address)
            raw = self.machine.read(address, place["lwp"])
            if raw is None:
                return
            yield Lwp(self, address, raw, who)
            link = place["lwp.l_sibling.tqe_next"]
            address = int.from_bytes(raw[link:link + 8], "little")

    def scan(self):
        """All LWPs, by their thread numbers; read once after each stop."""
        if self.lwps is None:
            self.look_at_cpus()
            self.lwps = {}
            if self.on_cpu:
                self.lwps = {lwp.tid: lwp for proc in self.processes() for lwp in self.process_lwps(proc) if lwp.lid}
            self.place_running()
        return self.lwps

    def place_running(self):
        """Tell the LWPs that run on which CPU they do."""
        for cpu, (current, raw) in self.on_cpu.items():
            lwp = self.owner_of_stack(raw) or next((lwp for lwp in self.lwps.values() if lwp.address == current), None)
            if lwp:
                lwp.cpu = cpu

    def owner_of_stack(self, raw):
        """The LWP on whose kernel stack a CPU is, if it is in the kernel and on one."""
        if register(raw, "cs") & 3:
            return None
        rsp = register(raw, "rsp")
        return next((lwp for lwp in self.lwps.values() if lwp.kstack < rsp <= lwp.kstack + KSTACK_SIZE), None)

    def bare_cpus(self):
        """{thread number: CPU} for the CPUs on which no known LWP runs: early in the boot, all."""
        taken = {lwp.cpu for lwp in self.scan().values()}
        return {TID_CPU + cpu - 1: cpu for cpu in self.machine.cpus() if cpu not in taken}

    def lwp_on(self, cpu):
        """The LWP that runs on a CPU, or None."""
        return next((lwp for lwp in self.scan().values() if lwp.cpu == cpu), None)

    def frame(self, lwp):
        """Where an LWP that is on no CPU goes on, and with which registers, by name.

        That is the instruction of md_switchto behind the change of stacks.  A zombie would go on there, too: it left as
        others do.
        """
        self.enter()
        size = self.layout["switchframe"]
        raw = self.machine.read(lwp.rsp, size)
        if raw is None:
            return {"rsp": lwp.rsp, "rip": 0, "rbp": 0}
        found = {"rsp": lwp.rsp}
        for name in ("r15", "r14", "r13", "r12", "rbx", "rbp"):
            place = self.layout["switchframe.sf_" + name]
            found[name] = int.from_bytes(raw[place:place + 8], "little")
        found["rip"] = self.switched()
        return found

    def switched(self):
        """The address behind the change of stacks."""
        return self.layout["md_switchto"] + self.layout["md_switched_offset"]

    def registers(self, lwp):
        """The registers of an LWP that is on no CPU, by name; what nobody kept is missing."""
        found = self.frame(lwp)
        found.update(eflags=0x2, cs=0x8, ss=0x10, fs_base=lwp.private)
        if lwp.pmap:
            found["cr3"] = self.word(lwp.pmap + self.layout["pmap.pm_root"])
        return found

    def translate(self, lwp, address):
        """Where in the direct map a user address of an LWP is; None if nowhere."""
        if not lwp.pmap:
            return None
        table = self.word(lwp.pmap + self.layout["pmap.pm_root"]) & ~0xfff
        for shift in (39, 30, 21, 12):
            entry = self.word(DIRECT_BASE + table + (address >> shift & 511) * 8)
            if not entry & 1:
                return None
            table = entry & 0x000ffffffffff000
            if entry & 0x80 and shift in (30, 21):
                break
        return DIRECT_BASE + (table & ~((1 << shift) - 1)) + (address & ((1 << shift) - 1))

    def pieces(self, lwp, address, size):
        """Yield (address the machine knows, size) for each page of a range of an LWP's memory."""
        while size > 0:
            part = min(size, PAGE - address % PAGE)
            known = address if address >= KERNEL_BASE else self.translate(lwp, address)
            yield known, part
            address, size = address + part, size - part
