# SPDX-License-Identifier: BSD-2-Clause
"""What happened, out of the records of a trace: who was in which state when, and why.

The records say that something changed; here they become intervals.  Times are nanoseconds of the guest's
clock.  Everything begins at `begin` and ends at `end`: an interval that had begun before is cut there, and so
is one that has not ended.
"""

from . import tracefile
from .tracefile import Record

REASONS = {0: "done", 4: "interrupted", 60: "timeout"}
IDLE = b"idle/"


class Slice:
    """An interval: [start, end), what it is, and what is known of it."""

    __slots__ = ("start", "end", "name", "args")

    def __init__(self, start, name, args=None):
        self.start = start
        self.end = None
        self.name = name
        self.args = args or {}


class Lwp:
    """One LWP, or all that have had the same id one after the other."""

    def __init__(self, pid, lid):
        self.pid = pid
        self.lid = lid
        self.name = ""
        self.idle = False       # it is what a CPU runs when there is nothing to run
        self.states = []        # Slice: name is the state, as tracefile.STATES has it
        self.calls = []         # Slice: name is the number of the system call
        self.state = 0          # the kernel's number of the last one

    @property
    def key(self):
        """pid.lid"""
        return f"{self.pid}.{self.lid}"


    def open(self, slices):
        """The last slice of a list, if it has not ended."""
        return slices[-1] if slices and slices[-1].end is None else None


class Wake:
    """Somebody woke somebody."""

    __slots__ = ("time", "cpu", "waker", "wakee", "reason", "message", "interrupt", "seen", "ready", "ran")

    def __init__(self, record, message, interrupt, seen):
        self.time = record.time
        self.cpu = record.cpu
        self.waker = record.pair
        self.wakee = (record.pid, record.lid)
        code = record.code - (1 << 16) if record.code >> 15 else record.code
        self.reason = REASONS.get(code, "interrupted")
        self.message = message
        self.interrupt = interrupt  # by an interrupt handler, not by the LWP that it interrupted
        self.seen = seen            # the waker is known to run: its track has something where the arrow begins
        self.ready = None           # the wakee's slice "ready" that begins with it
        self.ran = None             # when the wakee had a CPU again, ns; None: it had not when the trace ended

    @property
    def latency(self):
        """From the wake-up to the CPU, ns; None: not known."""
        return self.ran - self.time if self.ran is not None else None


class Model:
    """The whole of a trace."""

    def __init__(self, trace):
        self.trace = trace
        self.since = 0
        self.cpus = trace.cpus
        self.lwps = {}
        self.comms = {}             # name of each process
        self.running = [[] for _ in range(trace.cpus)]      # Slice: name is (pid, lid)
        self.handlers = [[] for _ in range(trace.cpus)]     # Slice: name is the kind
        self.introff = [[] for _ in range(trace.cpus)]      # Slice: name is where it ended
        self.wakes = []
        self.instants = []          # records of all other kinds
        self.problems = []          # what cannot be, as text
        self.texts = {}             # the name or label that is being put together
        self.woken = {}             # the Wake whose wakee does not run yet
        records = self.whole(trace)
        if not records:
            raise tracefile.TraceError("the trace is empty")
        self.begin, self.end = self.since, records[-1].time
        for record in trace.names:    # first, for what they do may come before their names
            if record.pid == 0 and record.piece.startswith(IDLE):
                self.lwp(record.pid, record.lid).idle = True
        self.take_all(records)
        self.finish()

    def whole(self, trace):
        """The records from the time on from which those of all CPUs are there; all names."""
        oldest = {}
        for record in trace.records:
            if record.event != tracefile.NAME:
                oldest.setdefault(record.cpu, record.time)
        since = max([oldest.get(cpu, 0) for cpu, lost in enumerate(trace.lost) if lost], default=0)
        self.since = since or (trace.records[0].time if trace.records else 0)
        rest = [record for record in trace.records if record.time >= self.since]
        return [record for record in trace.names if record.time < self.since] + rest

    def take_all(self, records):
        """Each in its turn; two at the same time, of different CPUs, in the order that fits the LWP's state."""
        todo = list(reversed(records))
        while todo:
            record = todo.pop()
            if record.event == tracefile.STATE and todo and todo[-1].time == record.time and not self.fits(record):
                other = next((i for i in range(len(todo) - 1, -1, -1)
                              if todo[i].time != record.time or self.follows(todo[i], record)), None)
                if other is not None and todo[other].time == record.time:
                    self.take(todo.pop(other))
            self.take(record)

    def fits(self, record):
        """Whether a change of state begins where the last one ended."""
        lwp = self.lwps.get((record.pid, record.lid))
        return not lwp or not lwp.state or record.code & 0xff in (0, lwp.state)

    def follows(self, other, record):
        """Whether `other` is a change of state of the same LWP that fits, before `record`."""
        return (other.event == tracefile.STATE and (other.pid, other.lid) == (record.pid, record.lid)
                and self.fits(other) and other.code >> 8 == record.code & 0xff)

    def lwp(self, pid, lid):
        """The LWP of that number."""
        key = (pid, lid)
        if key not in self.lwps:
            self.lwps[key] = Lwp(pid, lid)
        return self.lwps[key]

    def take(self, record: Record):
        """One record."""
        handler = HANDLERS.get(record.event)
        if handler:
            handler(self, record)
        elif record.event not in (tracefile.BEGIN, tracefile.END):
            self.instants.append((record, None))

    def text(self, record):
        """The text so far of a name or label that comes in pieces; it is whole with the last of them."""
        key = (record.event, record.cpu, record.pid, record.lid, record.code & 0xff)
        if record.code >> 8 == 0:
            self.texts[key] = b""
        self.texts[key] = self.texts.get(key, b"") + record.piece.rstrip(b"\0")
        return self.texts[key].decode("utf-8", "replace")

    def take_name(self, record):
        """NAME"""
        text = self.text(record)
        if record.code & 0xff:
            self.comms[record.pid] = text
        else:
            self.lwp(record.pid, record.lid).name = text

    def take_mark(self, record):
        """MARK: the label comes before the data, which end it."""
        self.text(record)

    def take_markdata(self, record):
        """MARKDATA"""
        label = self.texts.pop((tracefile.MARK, record.cpu, record.pid, record.lid, 0), b"?")
        self.instants.append((record, label.decode("utf-8", "replace")))

    def take_state(self, record):
        """STATE"""
        lwp = self.lwp(record.pid, record.lid)
        old, new = record.code & 0xff, record.code >> 8
        if old and lwp.state and old != lwp.state:
            self.problems.append(f"{lwp.key}: state {old} cannot follow {lwp.state} at {record.time}")
        if not old and lwp.state:
            return      # a snapshot of what is known already
        last = lwp.open(lwp.states)
        if last:
            last.end = record.time
        elif old and not lwp.states and (old != 1 or lwp.idle):
            self.state_before(record, lwp, old).end = record.time
        lwp.state = new
        if new == 1 and not lwp.idle:
            return      # freed: the LWP is no more
        lwp.states.append(self.state_slice(record, lwp, new))

    def state_before(self, record, lwp, old):
        """The state that an LWP was in when the trace began is known by how it ended."""
        before = Slice(self.begin, tracefile.STATES.get(old, "?"))
        if old == 3:
            before.args = {"message": self.trace.message(record) if record.event == tracefile.WAKE else "", "channel": 0}
        elif old == 7:
            before.args = {"cpu": record.cpu}
            self.run(self.begin, record.cpu, lwp)
        lwp.states.append(before)
        lwp.state = old
        return before

    def state_slice(self, record, lwp, new):
        """The state that begins."""
        snapshot = not record.code & 0xff   # nothing has changed since the trace began
        now = Slice(self.begin if snapshot else record.time, tracefile.STATES.get(new, "?"))
        wake = self.woken.get((record.pid, record.lid))
        if new == 3:
            now.args = {"message": self.trace.message(record), "channel": record.arg}
        elif new == 7:
            cpu = record.word if snapshot else record.cpu   # a snapshot is taken by another CPU
            now.args = {"cpu": cpu}
            self.run(now.start, cpu, lwp)
            if wake:
                wake.ran = record.time
                del self.woken[(record.pid, record.lid)]
        elif new == 2 and wake and not wake.ready:
            wake.ready = now
        return now

    def run(self, time, cpu, lwp):
        """A CPU is taken by an LWP."""
        slices = self.running[cpu]
        if slices and slices[-1].end is None:
            if time <= slices[-1].start:
                return  # the snapshot of what has run since the trace began
            if slices[-1].name == (lwp.pid, lwp.lid):
                return
            slices[-1].end = time
        slices.append(Slice(time, (lwp.pid, lwp.lid)))

    def take_switch(self, record):
        """SWITCH: why the one that runs leaves; the state of the next one comes behind it."""
        why = tracefile.SWITCHES[record.code] if record.code < len(tracefile.SWITCHES) else "?"
        slices = self.running[record.cpu]
        if not slices:      # it ran since before the trace began
            slices.append(Slice(self.begin, (record.pid, record.lid)))
        if slices[-1].end is None and slices[-1].name != (record.pid, record.lid):
            self.problems.append(f"CPU {record.cpu}: {record.pid}.{record.lid} leaves but does not run at {record.time}")
        slices[-1].args["left"] = why
        states = self.lwp(record.pid, record.lid).states
        for one in reversed(states[-2:]):
            if one.name == "running":
                one.args["left"] = why
                break

    def take_wake(self, record):
        """WAKE"""
        handler = self.handlers[record.cpu]
        interrupt = bool(handler) and handler[-1].end is None
        waker = self.lwps.get(record.pair)
        wake = Wake(record, self.trace.message(record), interrupt, bool(waker) and waker.state == 7)
        self.wakes.append(wake)
        self.woken[wake.wakee] = wake
        lwp = self.lwp(record.pid, record.lid)
        if not lwp.states:
            self.state_before(record, lwp, 3)
        sleep = lwp.open(lwp.states)
        if sleep and sleep.name == "sleep":
            sleep.args["woken"] = wake.reason
            sleep.args["by"] = "interrupt" if interrupt else "%d.%d" % wake.waker

    def take_syscall(self, record):
        """SYSCALL"""
        calls = self.lwp(record.pid, record.lid).calls
        if calls and calls[-1].end is None:
            calls[-1].end = record.time
            calls[-1].args["unfinished"] = True
        calls.append(Slice(record.time, record.code, {"arg0": record.arg, "arg1": record.word}))

    def take_sysret(self, record):
        """SYSRET"""
        calls = self.lwp(record.pid, record.lid).calls
        if not calls or calls[-1].end is not None:
            if calls:
                return      # the child of a fork, or what was called before the trace began
            calls.append(Slice(self.begin, record.code))
        call = calls[-1]
        call.end = record.time
        if record.signed < 0:   # ERESTART, ERESTARTALWAYS; EJUSTRETURN, -2: execve and the like
            call.args["again" if record.signed != -2 else "elsewhere"] = True
        elif record.word:
            call.args["error"] = record.signed
        else:
            call.args["result"] = record.arg

    def take_intr(self, record):
        """INTR"""
        self.handlers[record.cpu].append(Slice(record.time, record.code))

    def take_intrret(self, record):
        """INTRRET"""
        slices = self.handlers[record.cpu]
        if slices and slices[-1].end is None:
            slices[-1].end = record.time

    def take_introff(self, record):
        """INTROFF: told at its end."""
        slices = self.introff[record.cpu]
        one = Slice(max(record.time - record.word, self.begin, slices[-1].end if slices else 0),
                    self.trace.symbol(record.arg), {"ns": record.word})
        one.end = record.time
        slices.append(one)

    def take_exit(self, record):
        """EXIT: a system call that does not return ends here."""
        call = self.lwp(record.pid, record.lid).open(self.lwp(record.pid, record.lid).calls)
        if call:
            call.end = record.time
            call.args["unfinished"] = True
        self.instants.append((record, None))

    def take_exec(self, record):
        """EXEC: the LWP goes on as number 1 of its process."""
        before = record.arg & 0xffffffff
        if before != record.lid:
            old, new = self.lwp(record.pid, before), self.lwp(record.pid, record.lid)
            for slices, target in ((old.states, new.states), (old.calls, new.calls)):
                last = old.open(slices)
                if last:
                    last.end = record.time
                    after = Slice(record.time, last.name, dict(last.args))
                    target.append(after)
            new.state, old.state = old.state, 0
            new.name = ""
            running = self.running[record.cpu]
            if running and running[-1].end is None:
                running[-1].end = record.time
            running.append(Slice(record.time, (record.pid, record.lid)))
        self.instants.append((record, None))

    def finish(self):
        """Cut what has not ended, and drop what has no length and no meaning."""
        lists = [lwp.states for lwp in self.lwps.values()] + [lwp.calls for lwp in self.lwps.values()]
        for slices in lists + self.running + self.handlers + self.introff:
            for one in slices:
                if one.end is None:
                    one.end = self.end
                    if isinstance(one.name, int):
                        one.args["unfinished"] = True

    def process(self, pid):
        """The name of a process."""
        return self.comms.get(pid, "?")

    def label(self, key):
        """How an LWP is told to people: "pid.lid program/name"."""
        lwp = self.lwps.get(key)
        name = f"/{lwp.name}" if lwp and lwp.name else ""
        return f"{key[0]}.{key[1]} {self.process(key[0])}{name}"


HANDLERS = {
    tracefile.NAME: Model.take_name, tracefile.STATE: Model.take_state, tracefile.SWITCH: Model.take_switch,
    tracefile.WAKE: Model.take_wake, tracefile.SYSCALL: Model.take_syscall, tracefile.SYSRET: Model.take_sysret,
    tracefile.INTR: Model.take_intr, tracefile.INTRRET: Model.take_intrret, tracefile.INTROFF: Model.take_introff,
    tracefile.EXIT: Model.take_exit, tracefile.EXEC: Model.take_exec, tracefile.MARK: Model.take_mark,
    tracefile.MARKDATA: Model.take_markdata,
}
