// SPDX-License-Identifier: BSD-2-Clause
//
// The trace as the page uses it: rows of slices that do not overlap, sorted by time, in columns of
// numbers, so that what lies in the window is found by halving and not by looking at every event.
// Times are nanoseconds since the trace began.

const SYSCALLS = 2 ** 30;	// a track id from here on: the system calls of the LWP with the id less this
const CPUS = 100000;		// the process id under which the CPUs are

const COLOURS = {		// after Okabe and Ito: to be told apart by those who see colours differently
	running: "#009e73", ready: "#e69f00", sleep: "#56b4e9", stopped: "#999999", suspended: "#cc79a7",
	zombie: "#6b6b6b", new: "#f0e442", idle: "#80808030", syscall: "#0072b2", interrupt: "#d55e00", introff: "#a04000",
};

// A colour for an LWP on the CPUs' tracks: always the same for the same name.
function lwpColour(name) {
	let hash = 0;
	for (const c of name)
		hash = (hash * 31 + c.charCodeAt(0)) % 3600;
	return `hsl(${(hash * 0.618 * 360) % 360 | 0} 55% 55%)`;
}

function colourOf(cat, name) {
	if (cat === "state")
		return COLOURS[name.split(":")[0]] || "#888888";
	if (cat === "cpu")
		return name === "idle" ? COLOURS.idle : lwpColour(name);
	return COLOURS[cat] || "#888888";
}

// The last index in the sorted column with value <= x, or -1.
function lastAtMost(column, x) {
	let low = 0, high = column.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (column[middle] <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

class Track {
	constructor(pid, tid) {
		this.pid = pid;
		this.tid = tid;
		this.name = String(tid);
		this.sort = tid;
		this.events = [];
		this.marks = [];
	}

	// Columns from the events, once all are there.
	seal() {
		this.events.sort((a, b) => a.start - b.start);
		this.marks.sort((a, b) => a.start - b.start);
		this.start = Float64Array.from(this.events, e => e.start);
		this.end = Float64Array.from(this.events, e => e.end);
		this.markTime = Float64Array.from(this.marks, m => m.start);
	}

	// The slice at a time, or null; a slice without length is found within the slack, in ns.
	at(time, slack = 0) {
		const index = lastAtMost(this.start, time + slack);
		return index >= 0 && this.end[index] + slack >= time ? this.events[index] : null;
	}

	// The mark nearest to a time, within the slack.
	markAt(time, slack) {
		const index = lastAtMost(this.markTime, time + slack);
		return index >= 0 && this.markTime[index] >= time - slack ? this.marks[index] : null;
	}

	get small() { return this.pid === CPUS ? this.tid > 1000 : this.tid >= SYSCALLS; }
	get parent() { return this.pid === CPUS ? this.tid % 1000 : this.tid % SYSCALLS; }
}

class Trace {
	constructor(json) {
		this.about = json.otherData || {};
		const begin = this.about.begin_ns || 0;
		const time = us => Math.round(us * 1000) - begin;
		const flows = new Map();

		this.groups = new Map();	// pid -> { pid, name, sort, tracks, folded }
		this.tracks = new Map();	// "pid.tid" -> Track
		this.flows = [];		// { start, end, from, to, args }, sorted by start
		this.counter = [];		// { start, values }
		this.slices = 0;
		this.length = 1;
		for (const event of json.traceEvents) {
			if (event.ph === "M") {
				this.name(event);
				continue;
			}
			const start = time(event.ts);
			const track = event.ph === "C" ? null : this.track(event.pid, event.tid);
			this.length = Math.max(this.length, start + Math.round((event.dur || 0) * 1000));
			switch (event.ph) {
			case "X":
				track.events.push({ track, start, end: start + Math.round(event.dur * 1000), name: event.name,
				    cat: event.cat, args: event.args || {}, colour: colourOf(event.cat, event.name) });
				this.slices++;
				break;
			case "i":
				track.marks.push({ track, start, end: start, name: event.name, cat: event.cat, args: event.args || {}, mark: true });
				break;
			case "s":
				flows.set(event.id, { start, from: track, name: event.name, args: event.args || {} });
				break;
			case "f":
				if (flows.has(event.id)) {
					const flow = flows.get(event.id);
					flow.end = start;
					flow.to = track;
					this.flows.push(flow);
				}
				break;
			case "C":
				this.counter.push({ start, values: event.args });
				break;
			}
		}
		this.seal();
	}

	group(pid) {
		if (!this.groups.has(pid))
			this.groups.set(pid, { pid, name: `process ${pid}`, sort: pid, tracks: [], folded: false });
		return this.groups.get(pid);
	}

	track(pid, tid) {
		const key = pid + "." + tid;
		let track = this.tracks.get(key);
		if (!track) {
			track = new Track(pid, tid);
			this.tracks.set(key, track);
			this.group(pid).tracks.push(track);
		}
		return track;
	}

	name(event) {
		if (event.name === "process_name")
			this.group(event.pid).name = event.args.name;
		else if (event.name === "process_sort_index")
			this.group(event.pid).sort = event.args.sort_index;
		else if (event.name === "thread_name")
			this.track(event.pid, event.tid).name = event.args.name;
		else if (event.name === "thread_sort_index")
			this.track(event.pid, event.tid).sort = event.args.sort_index;
	}

	seal() {
		for (const track of this.tracks.values())
			track.seal();
		for (const group of this.groups.values()) {
			this.order(group);
			for (const track of group.tracks)	// what it is called away from its group
				track.label = group.pid === CPUS ? track.name : `${group.name} ${track.name}`;
		}
		this.flows.sort((a, b) => a.start - b.start);
		this.flowStart = Float64Array.from(this.flows, f => f.start);
		this.flowLongest = this.flows.reduce((most, f) => Math.max(most, f.end - f.start), 0);
		for (const flow of this.flows) {
			(flow.from.wakes = flow.from.wakes || []).push(flow);
			(flow.to.woken = flow.to.woken || []).push(flow);
		}
	}

	// Small tracks stand under the track to which they belong.
	order(group) {
		const place = track => (this.tracks.get(group.pid + "." + track.parent) || track).sort;
		group.tracks.sort((a, b) => place(a) - place(b) || a.parent - b.parent || a.small - b.small || a.tid - b.tid);
	}

	// The process that the command line names (a program, or the file it was compiled from), or null; of several the one with the most LWPs.
	program() {
		const path = (this.about.command || "").trim().split(/\s+/)[0].split("/").filter(Boolean);
		const name = (path.pop() || "").replace(/\.c$/, "");
		const found = [...this.groups.values()].filter(g => g.pid !== CPUS && g.tracks.length && g.name.replace(/ \(\d+\)$/, "") === name);
		return found.sort((a, b) => b.tracks.length - a.tracks.length)[0] || null;
	}

	// All slices and marks that match a text, in the order of time.
	search(text) {
		const word = text.trim().toLowerCase();
		const hits = [];
		if (word === "")
			return hits;
		for (const track of this.tracks.values()) {
			const whole = track.label.toLowerCase().includes(word);
			for (const event of [...track.events, ...track.marks])
				if (whole || (event.key = event.key || (event.name + " " + JSON.stringify(event.args)).toLowerCase()).includes(word))
					hits.push(event);
		}
		return hits.sort((a, b) => a.start - b.start);
	}

	// The wake-ups that an LWP's slice did while it ran.
	wakesOf(event) {
		return (event.track.wakes || []).filter(f => f.start >= event.start && f.start <= event.end);
	}

	// The wake-up that led to a slice: the last one of its LWP at or before the slice's beginning,
	// unless the LWP has slept in between.
	wakerOf(event) {
		let found = null;
		for (const flow of event.track.woken || []) {
			if (flow.end > event.start)
				break;
			found = flow;
		}
		if (!found)
			return null;
		const between = event.track.events.some(e => e.start > found.end && e.end <= event.start && e.name.startsWith("sleep"));
		return between ? null : found;
	}

	// The wake-ups that led to a slice, backwards through the wakers, at most so many.
	chainOf(event, most = 100) {
		const chain = [];
		while (event && chain.length < most) {
			const flow = this.wakerOf(event);
			if (!flow)
				break;
			chain.push(flow);
			event = flow.from.at(flow.start);
			if (event && event.start >= flow.start)
				break;
		}
		return chain;
	}
}

// "12.345 µs": a time with the unit that suits it.
function duration(ns) {
	for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]])
		if (Math.abs(ns) >= size)
			return `${(ns / size).toFixed(3)} ${unit}`;
	return `${ns.toFixed(0)} ns`;
}
