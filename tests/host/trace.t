#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""make trace: the trace comes out of the machine whole, its JSON passes the strict check, arrows and figures are right."""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
from heddlelib import tracecheck, tracefile, tracejson, tracemodel, tracestat

RUN = ["tools/heddle-run", "--build", os.environ.get("KERNEL", "debug"), "--timeout", "100"]
PROGRAM = """
#include <heddle/thread.h>
#include <lwp.h>
#include <stdint.h>
#include <sys/trace.h>

static void other(void *arg) { (void)arg; _lwp_setname(0, "worker"); utrace("in the other one", NULL, 0); }

int
main(void)
{
	lwpid_t id;

	utrace("before", &(uint64_t){ 1234567890123 }, sizeof(uint64_t));
	if (thread_spawn(&id, other, NULL, 0) != 0)
		return 1;
	return thread_join(id);
}
"""
results = []


def ok(good, text, remark=""):
    """Print a result, and a remark if it is bad."""
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} - {text}")
    if not good:
        print("".join(f"#   {line}\n" for line in str(remark).splitlines()[-40:]), end="")
    sys.stdout.flush()


def run(*args):
    """Boot; (status, output)."""
    result = subprocess.run(RUN + list(args), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result.returncode, result.stdout.decode(errors="replace")


def convert(scratch):
    """(model, the JSON's text) of the trace in scratch."""
    model = tracemodel.Model(tracefile.load(f"{scratch}/trace.bin"))
    tracejson.write(model, f"{scratch}/trace.json", {"command": "test"})
    with open(f"{scratch}/trace.json", encoding="utf-8") as file:
        return model, file.read()


def test_figures(model, what):
    """Times add up to the length of the trace."""
    length = model.end - model.begin
    together = [busy + idle for busy, idle in tracestat.cpu_times(model)]
    ok(together == [length] * model.cpus, f"{what}: each CPU's busy and idle time are the length of the trace", (length, together))
    bad = [lwp.key for lwp in model.lwps.values() if lwp.states
           and lwp.states[-1].name != "zombie" and not lwp.idle
           and sum(tracestat.state_times(lwp).values()) != lwp.states[-1].end - lwp.states[0].start]
    ok(not bad, f"{what}: an LWP's times in its states are its life", bad)
    running = sum(tracestat.state_times(lwp).get("running", 0) for lwp in model.lwps.values())
    ok(0.5 * sum(together) < running <= sum(together), f"{what}: LWPs run while CPUs do", (running, together))
    ok(sum(count for _, _, count in tracestat.histogram(tracestat.latencies(model))) == len(tracestat.latencies(model)),
       f"{what}: every latency is in the histogram once")
    ok(not model.problems, f"{what}: nothing contradicts itself", model.problems[:5])


def test_pingpong(scratch, cpus):
    """Wake-ups, counted by the program and by the trace."""
    what = f"{cpus} CPUs"
    status, output = run("--cpus", str(cpus), "--cmd", "pingpong 200", "--trace", f"{scratch}/trace.bin")
    ok(status == 0, f"{what}: pingpong runs", output)
    model, text = convert(scratch)
    complaints, count = tracecheck.check_text(text)
    ok(not complaints and count.get("X", 0) > 1000, f"{what}: the strict check finds nothing", "\n".join(complaints))
    ok(not sum(model.trace.lost), f"{what}: nothing is lost", model.trace.lost)
    throws = [tuple(map(int, match)) for match in re.findall(r"throws (\d+) woke the other, (\d+) left", output)]
    woke, left = (sum(column) for column in zip(*throws))
    events = json.loads(text)["traceEvents"]
    arrows = [event for event in events if event["ph"] == "s" and event["name"] == "unpark"]
    tokens = [event for event in events if event["ph"] == "i" and event["name"] == "token"]
    ok(len(arrows) == woke, f"{what}: an arrow for every throw that woke the other", (len(arrows), woke))
    ok(len(tokens) == left, f"{what}: a token for every other throw", (len(tokens), left))
    pairs = {key: number for key, number in tracestat.wake_pairs(model).items() if key[0] and key[1][0] == 2}
    ok(sum(number for (waker, wakee), number in pairs.items() if waker[0] == wakee[0] == 2) >= woke,
       f"{what}: who woke whom says the same", pairs)
    parks = [event for event in events if event["ph"] == "X" and event["name"] == "sleep: parked"]
    ok(len(parks) == woke, f"{what}: as many sleeps", (len(parks), woke))
    test_figures(model, what)
    return text


def test_philosophers(scratch):
    """A schedule worth looking at: they find forks taken, and are woken by their neighbours."""
    status, output = run("--cpus", "2", "--cmd", "philosophers", "--trace", f"{scratch}/trace.bin")
    ok(status == 0, "philosophers dine", output)
    model, text = convert(scratch)
    complaints, _ = tracecheck.check_text(text)
    ok(not complaints, "philosophers: the strict check finds nothing", "\n".join(complaints))
    seats = [(2, lid) for lid in range(2, 10)]
    pairs = {key: number for key, number in tracestat.wake_pairs(model).items() if key[0] in seats and key[1] in seats}
    strangers = [pair for pair in pairs if (pair[0][1] - pair[1][1]) % 8 not in (1, 7)]
    ok(pairs and not strangers, "they are woken by their neighbours only", pairs)
    ok(sum(pairs.values()) >= 30 and {pair[1] for pair in pairs} == set(seats), "often, and each of them", pairs)


def mutants(good):
    """(what is wrong, document) of a good one."""
    def states(document):
        """Two state slices of one track, one behind the other."""
        slices = [event for event in document["traceEvents"] if event["ph"] == "X" and event["cat"] == "state" and event["dur"] > 1]
        for one in slices:
            after = [other for other in slices if other["ts"] >= one["ts"] and other is not one
                     and (other["pid"], other["tid"]) == (one["pid"], one["tid"])]
            if after and one["name"] != "zombie":
                return one, after[0]
        raise AssertionError

    def events(document, phase):
        """Those of one phase."""
        return [event for event in document["traceEvents"] if event["ph"] == phase]

    def change(function):
        """A changed copy."""
        document = copy.deepcopy(good)
        function(document)
        return document

    drop = lambda document, event: document["traceEvents"].remove(event)
    yield "an overlap", change(lambda d: states(d)[0].update(dur=states(d)[0]["dur"] + 0.5))
    yield "a gap", change(lambda d: states(d)[0].update(dur=states(d)[0]["dur"] - 0.5))
    yield "an arrow without its end", change(lambda d: drop(d, events(d, "f")[0]))
    yield "an arrow without its beginning", change(lambda d: drop(d, events(d, "s")[0]))
    yield "two arrows of one id", change(lambda d: events(d, "s")[1].update(id=events(d, "s")[0]["id"]))
    yield "an arrow that ends nowhere", change(lambda d: events(d, "f")[0].update(tid=999))
    yield "a track without a name", change(lambda d: drop(d, [e for e in events(d, "M") if e["name"] == "thread_name"][0]))
    yield "a process without a name", change(lambda d: drop(d, [e for e in events(d, "M") if e["name"] == "process_name"][0]))
    yield "time that goes backwards", change(lambda d: d["traceEvents"].append(d["traceEvents"].pop(len(events(d, "M")))))
    yield "a B", change(lambda d: events(d, "X")[0].update(ph="B"))
    yield "a time that is text", change(lambda d: events(d, "X")[0].update(ts="1"))
    yield "a negative length", change(lambda d: events(d, "X")[0].update(dur=-1))
    yield "an LWP that runs elsewhere", change(
        lambda d: [e for e in events(d, "X") if e["name"] == "running" and e["pid"] < 1000][0]["args"].update(cpu=7))
    yield "a counter that is no number", change(lambda d: events(d, "C")[0]["args"].update(ready="many"))
    yield "a list", good["traceEvents"]


def test_checker(text):
    """What is wrong is found."""
    good = json.loads(text)
    for what, document in mutants(good):
        complaints, _ = tracecheck.check_text(json.dumps(document))
        ok(complaints, f"the check finds {what}")
    ok(tracecheck.check_text(text.replace('"ts":', '"ts":1,"ts":', 1))[0], "the check finds a name twice")
    ok(tracecheck.check_text(re.sub(r'"dur":[0-9.]+', '"dur":NaN', text, count=1))[0], "the check finds NaN")
    ok(tracecheck.check_text(text[:-20])[0], "the check finds a file that is cut off")


def test_marks(scratch):
    """A program's own marks, and names."""
    with open(f"{scratch}/marks.c", "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    status, output = run("--cpus", "1", "--prog", f"{scratch}/marks.c", "--trace", f"{scratch}/trace.bin")
    _, text = convert(scratch)
    events = json.loads(text)["traceEvents"]
    marks = {event["name"]: event for event in events if event.get("cat") == "mark"}
    ok(status == 0 and marks.get("before", {}).get("args") == {"bytes": 8, "value": 1234567890123}, "a mark with its value", output)
    names = {event["args"]["name"]: (event["pid"], event["tid"]) for event in events if event["name"] == "thread_name"}
    other = marks.get("in the other one")
    ok(other and (other["pid"], other["tid"]) == names.get("worker"), "a mark in the track of the LWP that made it", names)
    calls = {event["name"] for event in events if event.get("cat") == "syscall"}
    ok({"_lwp_create", "_lwp_wait", "utrace", "execve", "fork"} <= calls, "system calls by their names", calls)
    ok(not tracecheck.check_text(text)[0], "the strict check finds nothing")


def test_lost(scratch):
    """Rings that are too small."""
    run("--cpus", "2", "--cmd", "pingpong 500", "--trace", f"{scratch}/trace.bin", "--trace-size", "64")
    model, text = convert(scratch)
    ok(sum(model.trace.lost) > 1000 and json.loads(text)["otherData"]["lost"] == model.trace.lost, "what is lost is counted")
    ok(any("LOST" in line for line in tracestat.summary(model)), "and said")
    ok(not tracecheck.check_text(text)[0], "the strict check finds nothing in the rest", "\n".join(tracecheck.check_text(text)[0]))


def test_hang(scratch):
    """A machine that hangs leaves its trace, and prints the end of it."""
    status, output = run("--cmd", "sleep 1000", "--hang", "3", "--trace", f"{scratch}/trace.bin")
    ok(status == 123 and re.search(r"the last 60 records of the trace\n  \d+\.\d{6} CPU 0 ", output), "the report has the last records", output)
    ok("-> sleep \"nanoslp\"" in output or "-> sleep \"" in output, "in words", output)
    model, _ = convert(scratch)
    asleep = [lwp for lwp in model.lwps.values() if lwp.pid == 2 and lwp.states and lwp.states[-1].name == "sleep"]
    ok(asleep, "the file tells who slept at the end")


def test_tools(scratch):
    """tools/trace."""
    def tool(*args):
        """(status, output)"""
        result = subprocess.run(["tools/trace", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout.decode()

    status, output = tool("stat", f"{scratch}/trace.bin")
    ok(status == 0 and "who woke whom" in output and "sleep" in output, "tools/trace stat", output)
    status, output = tool("show", f"{scratch}/trace.bin", "5")
    ok(status == 0 and output.count("\n") == 5, "tools/trace show", output)
    status, output = tool("check", f"{scratch}/trace.json")
    ok(status == 0 and "0 complaints" in output, "tools/trace check", output)
    status, output = tool("stat", f"{scratch}/none")
    ok(status == 1 and output.count("\n") == 1, "a missing file gets one line", output)
    status, output = tool("stat", "Makefile")
    ok(status == 1 and "is not a trace" in output, "another file, too", output)


def main():
    """All of them."""
    with tempfile.TemporaryDirectory() as scratch:
        test_checker(test_pingpong(scratch, 2))
        test_pingpong(scratch, 1)
        test_philosophers(scratch)
        test_marks(scratch)
        test_lost(scratch)
        test_hang(scratch)
        test_tools(scratch)
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
