#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Between gdb and QEMU's stub: to gdb, every LWP is a thread.

What it is.  QEMU's stub calls CPUs threads.  This program passes on what gdb says, and exchanges
threads for CPUs on the way: an LWP that runs is the CPU it runs on, whichever that is now; of one that
does not run it makes up the registers from the frame that md_switchto left on its stack.  Thread
numbers are pid * 1000000 + lid.  A CPU that runs no LWP, as in the boot, is thread 900000 + its number.

Stepping.  A step is given to the CPU on which the LWP runs.  If the LWP leaves the CPU in that step,
it is reported all the same, asleep; a step of an LWP that is asleep lets the machine run until this LWP,
and no other, goes on from where it left, on any CPU, and then steps it.

Through time.  "bs" and "bc" go to recording.py (--replay=recording) or rerun.py (--replay=rerun), and the machine
stops before its end, so that one can go back from there.

What it does not handle.  Registers of an LWP that is on no CPU cannot be changed, except those of outer
frames, which are memory.  Breakpoints and watchpoints are addresses, for all processes.
"""

import argparse
import json
import os
import select
import signal
import socket
import sys
from xml.sax.saxutils import quoteattr

sys.dont_write_bytecode = True
import layout
import rsp
from kernel import KERNEL_BASE, REGISTERS, TID_CPU, Kernel, Machine, register
from recording import Recording
from rerun import Rerun, result_file

GENERAL = b"0123456789abcdef"


def thread_id(text):
    """The number in a packet's thread id: 0 any, -1 all."""
    return -1 if text == b"-1" else int(text, 16)


class Proxy:
    """One session of gdb with the machine."""

    def __init__(self, gdb, machine, places, symbols):
        self.gdb = gdb
        self.machine = machine
        self.kernel = Kernel(machine, places, symbols)
        self.current = 0            # the thread that gdb has selected
        self.stepper = 0            # the one that the next "bs" is for (heddle/backwards.py); 0 or -1: current
        self.breakpoints = set()    # addresses at which gdb has put one
        self.points = set()         # those and the watchpoints, as in the packets without the "Z"
        self.past = None            # what can go backwards, if anything can: a Recording or a Rerun
        self.console = None         # the socket to the launcher, which shows what the guest prints
        self.ends = ()              # where the machine is stopped, because it would end
        self.threads_xml = None
        self.handlers = [
            (b"qSupported", self.supported), (b"qXfer:threads:read::", self.read_threads),
            (b"qfThreadInfo", self.first_threads), (b"qsThreadInfo", lambda _: b"l"),
            (b"qThreadExtraInfo,", self.extra_info), (b"qCRC:", self.machine.request), (b"qC", self.current_thread),
            (b"?", self.why_stopped),
            (b"Hg", self.select_thread), (b"Hc", self.select_stepper), (b"T", self.is_alive), (b"vCont;", self.resume),
            (b"bs", self.step_backward), (b"bc", self.continue_backward), (b"g", self.read_registers),
            (b"p", self.read_register), (b"G", self.write_registers), (b"P", self.write_register),
            (b"m", self.read_memory), (b"M", self.write_memory), (b"X", lambda _: b""), (b"Z", self.breakpoint),
            (b"z", self.breakpoint),
        ]

    # What there is.

    def supported(self, packet):
        """qSupported: one process, and a list of threads in XML."""
        words = packet.partition(b":")[2].split(b";")
        answer = self.machine.request(b"qSupported:" + b";".join(word for word in words if word != b"multiprocess+"))
        words = [word for word in answer.split(b";") if not word.startswith((b"multiprocess", b"qXfer:threads"))]
        words = [word for word in words if not word.startswith(b"Reverse")]
        back = [b"ReverseStep+", b"ReverseContinue+"] if self.past else []
        return b";".join(words + back + [b"swbreak+", b"qXfer:threads:read+"])

    def threads(self):
        """All thread numbers: LWPs, and CPUs that run none."""
        return sorted(self.kernel.bare_cpus()) + sorted(self.kernel.scan())

    def thread_text(self, tid):
        """(name, description) of a thread."""
        lwp = self.kernel.scan().get(tid)
        return (lwp.name, lwp.describe()) if lwp else (f"cpu{tid - TID_CPU}", f"CPU#{tid - TID_CPU}, no LWP")

    def read_threads(self, packet):
        """qXfer:threads:read::OFFSET,LENGTH."""
        offset, length = (int(word, 16) for word in packet.rsplit(b":", 1)[1].split(b","))
        if offset == 0 or self.threads_xml is None:
            lines = ["<?xml version=\"1.0\"?>\n<threads>"]
            for tid in self.threads():
                name, text = self.thread_text(tid)
                lines.append(f"<thread id=\"{tid:x}\" name={quoteattr(name)}>{quoteattr(text)[1:-1]}</thread>")
            self.threads_xml = "\n".join(lines + ["</threads>\n"]).encode("ascii", "replace")
        part = self.threads_xml[offset:offset + length]
        for special in b"}#$*":
            part = part.replace(bytes([special]), bytes([0x7d, special ^ 0x20]))
        return (b"l" if offset + length >= len(self.threads_xml) else b"m") + part

    def first_threads(self, _packet):
        """qfThreadInfo."""
        return b"m" + b",".join(b"%x" % tid for tid in self.threads())

    def extra_info(self, packet):
        """qThreadExtraInfo,TID."""
        name, text = self.thread_text(thread_id(packet.split(b",")[1]))
        return f"{name} {text}".encode().hex().encode()

    def thread_on(self, cpu):
        """The number of the thread that is what the CPU runs."""
        lwp = self.kernel.lwp_on(cpu)
        return lwp.tid if lwp else TID_CPU + cpu - 1

    def current_thread(self, packet):
        """qC."""
        answer = self.machine.request(packet)
        return b"QC%x" % self.thread_on(thread_id(answer[2:]))

    def is_alive(self, packet):
        """T TID."""
        return b"OK" if thread_id(packet[1:]) in self.threads() else b"E01"

    # The selected thread.

    def select_thread(self, packet):
        """Hg TID."""
        tid = thread_id(packet[2:])
        if tid > 0:
            if tid not in self.threads():
                return b"E01"
            self.current = tid
        return b"OK"

    def select_stepper(self, packet):
        """Hc TID."""
        self.stepper = thread_id(packet[2:])
        return b"OK"

    def enter(self):
        """Have the stub select what gdb selected.  The LWP, if it is on no CPU, else None."""
        lwp = self.kernel.scan().get(self.current)
        if lwp is None:
            self.machine.select(self.kernel.bare_cpus().get(self.current, 1))
            return None
        if lwp.cpu is not None:
            self.machine.select(lwp.cpu)
            return None
        self.kernel.enter()
        return lwp

    def read_registers(self, packet):
        """g: all registers; those that nobody kept are "x"."""
        lwp = self.enter()
        answer = self.machine.request(packet)
        if lwp is None:
            return answer
        text = bytearray(b"x" * len(answer))
        for name, value in self.kernel.registers(lwp).items():
            _, place, size = REGISTERS[name]
            text[2 * place:2 * (place + size)] = value.to_bytes(size, "little").hex().encode()
        return bytes(text)

    def read_register(self, packet):
        """p NUMBER."""
        lwp = self.enter()
        answer = self.machine.request(packet)
        if lwp is None:
            return answer
        known = self.kernel.registers(lwp)
        for name, (number, _, size) in REGISTERS.items():
            if number == int(packet[1:], 16) and name in known:
                return known[name].to_bytes(size, "little").hex().encode()
        return b"x" * len(answer)

    def write_registers(self, packet):
        """G: all registers of an LWP that runs."""
        return b"E01" if self.enter() else self.machine.request(packet)

    def write_register(self, packet):
        """P NUMBER=VALUE: of an LWP that runs."""
        return b"E01" if self.enter() else self.machine.request(packet)

    def read_memory(self, packet):
        """m ADDRESS,SIZE: in the address space of the selected LWP."""
        lwp = self.enter()
        address, size = (int(word, 16) for word in packet[1:].split(b","))
        if lwp is None or not lwp.pmap or address >= KERNEL_BASE:
            return self.machine.request(packet)
        data = b""
        for known, part in self.kernel.pieces(lwp, address, size):
            answer = known is not None and self.machine.request(b"m%x,%x" % (known, part))
            if not answer or answer[:1] == b"E":
                break
            data += answer
        return data or b"E14"

    def write_memory(self, packet):
        """M ADDRESS,SIZE:DATA."""
        lwp = self.enter()
        head, data = packet[1:].split(b":")
        address, size = (int(word, 16) for word in head.split(b","))
        if lwp is None or not lwp.pmap or address >= KERNEL_BASE:
            return self.machine.request(packet)
        pieces = list(self.kernel.pieces(lwp, address, size))
        if any(known is None for known, _ in pieces):
            return b"E14"
        for known, part in pieces:
            self.machine.request(b"M%x,%x:%s" % (known, part, data[:2 * part]))
            data = data[2 * part:]
        return b"OK"

    def breakpoint(self, packet):
        """Z and z, and remember where gdb has breakpoints."""
        kind, address, _ = packet.split(b",", 2)
        if kind[:1] == b"Z":
            self.points.add(packet[1:])
        else:
            self.points.discard(packet[1:])
        if kind in (b"Z0", b"Z1"):
            self.breakpoints.add(int(address, 16))
        elif kind in (b"z0", b"z1"):
            self.breakpoints.discard(int(address, 16))
        self.enter()
        return self.machine.request(packet)

    # Running.

    def why_stopped(self, packet):
        """?"""
        return self.stopped(self.machine.request(packet))

    def stopped(self, answer, tid=None):
        """A stop reply with the thread (the given one, or the one on the CPU it names)."""
        if answer[:1] != b"T":
            return answer
        words = answer[3:].split(b";")
        for i, word in enumerate(words):
            if word.startswith(b"thread:"):
                cpu = thread_id(word[7:])
                self.current, self.stepper = tid or self.thread_on(cpu), 0
                words[i] = b"thread:%x" % self.current
                if self.at_breakpoint(answer, cpu):
                    words.insert(i, b"swbreak:")
                break
        return answer[:3] + b";".join(words)

    def at_breakpoint(self, answer, cpu):
        """Whether the selected thread has stopped at a breakpoint.

        QEMU does not say so.  If gdb is left to guess, it takes a stop at one behind an instruction of one byte, where
        there is another, for a trap that has to be undone, and has the LWP execute that instruction twice.
        """
        if answer[:3] != b"T05" or b"watch" in answer or self.thread_on(cpu) != self.current:
            return False
        return b"0,%x,1" % register(self.machine.registers(cpu), "rip") in self.points

    def stopped_cpu(self, answer):
        """The CPU that a stop reply names, or None."""
        for word in answer[3:].split(b";") if answer[:1] == b"T" else []:
            if word.startswith(b"thread:"):
                return thread_id(word[7:])
        return None

    def run(self, packet):
        """Let the machine run; the stub's reply when it has stopped."""
        self.kernel.forget()
        self.threads_xml = None
        return self.machine.run(packet, self.gdb)

    def resume(self, packet):
        """vCont;ACTIONS."""
        actions, step = [], None
        for action in packet[6:].split(b";"):
            what, _, who = action.partition(b":")
            tid = thread_id(who) if who else -1
            lwp = self.kernel.scan().get(tid)
            if what[:1] in b"sS" and tid > 0:
                step = tid
            cpu = lwp.cpu if lwp else self.kernel.bare_cpus().get(tid)
            if tid == -1:
                actions.append(action)
            elif cpu is not None:
                actions.append(b"%s:%x" % (what, cpu))
        lwp = self.kernel.scan().get(step)
        if lwp and lwp.cpu is None:
            return self.step_sleeper(lwp)
        go = self.run_to_end if self.ends else self.run
        return self.finish_step(step, lwp, go(b"vCont;" + b";".join(actions or [b"c"])))

    def finish_step(self, tid, lwp, answer):
        """The reply to a step: the LWP that was stepped, though it may have left the CPU in it."""
        if lwp is None or self.stopped_cpu(answer) != lwp.cpu or answer[:3] != b"T05" or b"watch" in answer:
            return self.stopped(answer)
        return self.stopped(answer, tid if tid in self.kernel.scan() else None)

    def step_sleeper(self, lwp):
        """Let the machine run until an LWP that is off its CPU goes on, and step that one."""
        place = self.kernel.frame(lwp)["rip"]
        own = place not in self.breakpoints
        if own:
            self.machine.request(b"Z0,%x,1" % place)
        try:
            answer, arrived = self.await_lwp(lwp.tid, place, own)
        finally:
            if own:
                self.machine.request(b"z0,%x,1" % place)
        if arrived is None:
            return self.stopped(answer)
        if not own:
            return self.stopped(answer, lwp.tid)
        return self.stopped(self.run(b"vCont;s:%x" % arrived), lwp.tid)

    def await_lwp(self, tid, place, own):
        """Run until the LWP reaches a place: (reply, its CPU); or something else stops: (reply, None)."""
        while True:
            answer = self.run(b"vCont;c")
            cpu = self.stopped_cpu(answer)
            if answer[:3] != b"T05" or cpu is None or b"watch" in answer:
                return answer, None
            if register(self.machine.registers(cpu), "rip") != place:
                return answer, None
            if self.thread_on(cpu) == tid:
                return answer, cpu
            if not own:
                return answer, None
            self.machine.request(b"z0,%x,1" % place)
            self.run(b"vCont;s:%x" % cpu)
            self.machine.request(b"Z0,%x,1" % place)

    # Through time.

    def run_to_end(self, packet):
        """Run, but not beyond the last instructions of the recording: from there nothing leads back."""
        own = [place for place in self.ends if place not in self.breakpoints]
        for place in own:
            self.machine.request(b"Z1,%x,1" % place)
        answer = self.run(packet)
        for place in own:
            self.machine.request(b"z1,%x,1" % place)
        if answer[:3] == b"T05" and register(self.machine.registers(1), "rip") in own:
            return answer + b"replaylog:end;"
        return answer

    def step_backward(self, _packet):
        """bs: one instruction of a thread.

        An LWP before its first instruction after a switch was asleep: there it stays selected.  The step back of one
        that is asleep leads to the instruction with which it left its CPU.
        """
        if not self.past:
            return b"E01"
        tid = self.stepper if self.stepper > 0 else self.current
        lwp = self.kernel.scan().get(tid)
        if lwp and lwp.cpu is None:
            answer = self.leave_backward(lwp.tid)
        else:
            cpu = lwp.cpu if lwp else self.kernel.bare_cpus().get(tid)
            answer = self.go_back(lambda _: self.past.step((cpu or 1) - 1, self.gdb))
        if answer is None:
            return self.stopped(b"T05thread:01;replaylog:begin;")
        return self.stopped(answer, lwp.tid if lwp and answer[:3] == b"T05" and lwp.tid in self.kernel.scan() else None)

    def leave_backward(self, tid):
        """Back to where an LWP that sleeps left its CPU, before the change of stacks; the reply, None: it never did."""
        place = self.kernel.switched()
        behind = frozenset([b"1,%x,1" % place])
        # A CPU that stands behind a switch has just made it: that is the first one to look at.
        cpu = next((cpu for cpu in self.machine.cpus() if register(self.machine.registers(cpu), "rip") == place), None)
        while True:
            if cpu is None:
                answer = self.go_back(lambda _: self.past.last_hit(behind, self.gdb))
                if answer is None or answer[:3] != b"T05":
                    return answer
                cpu = self.stopped_cpu(answer)
            answer = self.go_back(lambda _, cpu=cpu: self.past.step(cpu - 1, self.gdb))
            if answer is None or self.thread_on(cpu) == tid:
                return answer
            cpu = None

    def continue_backward(self, _packet):
        """bc"""
        if not self.past:
            return b"E01"
        answer = self.go_back(lambda points: self.past.last_hit(points, self.gdb))
        return self.stopped(answer or b"T05thread:01;replaylog:begin;")

    def go_back(self, move):
        """Make a move without gdb's breakpoints in the machine, which `move` is given; its reply."""
        points = frozenset(self.points)
        self.kernel.forget()
        self.threads_xml = None
        for point in points:
            self.machine.request(b"z" + point)
        answer = move(points)
        for point in points:
            self.machine.request(b"Z" + point)
        return answer

    # The conversation.

    def answer(self, packet):
        """The answer to a packet: ours, or the stub's."""
        if packet == rsp.INTERRUPT:
            return None
        for prefix, handler in self.handlers:
            if packet.startswith(prefix) and (len(prefix) > 1 or packet[:1] not in b"T" or packet[1:2] in GENERAL):
                return handler(packet)
        return self.machine.request(packet)

    def serve(self):
        """Until one of the two goes."""
        while True:
            packet = self.gdb.receive()
            if packet[:1] == b"k" or packet.startswith(b"vKill"):
                self.end_machine(packet)
                return
            if packet[:1] == b"D" and self.past:
                self.gdb.send(b"OK")    # it need not run to its end once more
                return
            try:
                answer = self.answer(packet)
            except rsp.Ended:
                self.gdb.send(self.exited())
                self.gdb.await_close()
                return
            if answer is not None:
                if answer[:1] in (b"T", b"S"):
                    self.show_output()
                self.gdb.send(answer)

    def end_machine(self, packet):
        """k and vKill.  QEMU ends with its answer, perhaps before the acknowledgement is written: for gdb it has answered."""
        try:
            self.machine.stub.send(packet)
            self.machine.stub.receive()
        except rsp.Closed:
            pass
        if packet[:1] != b"k":
            self.gdb.send(b"OK")
        self.gdb.await_close()

    def exited(self):
        """The reply when the machine has switched itself off: with its status, or, without one, as if it had aborted."""
        status = self.show_output().get("status")
        return b"X06" if status is None else b"W%02x" % (status & 0xff)

    def show_output(self):
        """Have the launcher show what the guest has printed, before gdb says where it stopped: else the lines of the two mix.

        Its answer.
        """
        if not self.console:
            return {}
        try:
            self.console.send(b'{"do": "drain"}')
            answered = self.console.recv(4096)
        except OSError:
            answered = b""
        if not answered:
            self.console = None     # the launcher has given up the console: its time is over
        return json.loads(answered or b"{}")


def main():
    """Listen, connect, serve one gdb."""
    parser = argparse.ArgumentParser(description="present the LWPs of Heddle to gdb as threads")
    parser.add_argument("--listen", required=True, metavar="SOCKET", help="where gdb will connect to")
    parser.add_argument("--stub", required=True, metavar="SOCKET", help="QEMU's")
    parser.add_argument("--replay", choices=["recording", "rerun"], help="the machine can go backwards, and in which way")
    parser.add_argument("--director", type=int, metavar="FD", help="the socket to the launcher")
    parser.add_argument("--kernel", required=True, metavar="ELF", help="the kernel with its debugging information")
    args = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    places = layout.load(args.kernel)
    director = socket.socket(fileno=args.director)
    ends = [places[name] for name in ("md_poweroff", "md_panic_exit")]
    if args.replay == "rerun":
        machine = Rerun(args.stub, director, result_file(args.stub), ends)
    else:
        machine = Machine(rsp.connect(args.stub))
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(args.listen + ".new")
    server.listen(1)
    os.rename(args.listen + ".new", args.listen)
    try:
        proxy = Proxy(rsp.Connection(server.accept()[0]), machine, places, layout.symbols(args.kernel))
        if args.replay == "rerun":
            proxy.past = machine
        else:
            proxy.console = director
        if args.replay == "recording":
            proxy.past, proxy.ends = Recording(machine, proxy.run, director), ends
        proxy.serve()
    except rsp.Closed:
        pass


if __name__ == "__main__":
    main()
