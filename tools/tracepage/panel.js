// SPDX-License-Identifier: BSD-2-Clause
//
// Around the drawing: what is under the pointer, what is selected, search, keys.

const $ = id => document.getElementById(id);

function link(words, target) {
	const a = document.createElement("a");
	a.textContent = words;
	a.tabIndex = 0;
	a.addEventListener("click", () => { view.select(target); view.show(target); });
	a.addEventListener("keydown", e => { if (e.key === "Enter") a.click(); });
	return a;
}

// Of a slice or mark: [word, value] pairs in the order in which they are shown.
function factsOf(event) {
	const facts = [["at", duration(event.start)]];
	if (!event.mark)
		facts.push(["for", duration(event.end - event.start)]);
	for (const [word, value] of Object.entries(event.args))
		facts.push([word, String(value)]);
	return facts;
}

function hovered(event, x, y) {
	const tip = $("tip");
	tip.hidden = !event;
	if (!event)
		return;
	tip.textContent = `${event.track.label}\n${event.name}\n` + factsOf(event).map(([word, value]) => `${word} ${value}`).join(" · ");
	tip.style.left = Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8) + "px";
	tip.style.top = Math.min(y + 16, window.innerHeight - tip.offsetHeight - 8) + "px";
}

// The slice in which a flow ends or begins.
const beginOf = flow => flow.from.at(flow.start) || { track: flow.from, start: flow.start, end: flow.start, name: "", args: {} };
const endOf = flow => flow.to.at(flow.end) || { track: flow.to, start: flow.end, end: flow.end, name: "", args: {} };

function selected(event) {
	const box = $("details");
	box.replaceChildren();
	if (!event) {
		box.textContent = "Click a slice to see what it is, who woke it and whom it woke.";
		return;
	}
	const title = document.createElement("strong");
	title.textContent = `${event.track.label}: ${event.name}`;
	const list = document.createElement("dl");
	const add = (word, ...values) => {
		const dt = document.createElement("dt"), dd = document.createElement("dd");
		dt.textContent = word;
		dd.append(...values);
		list.append(dt, dd);
	};
	for (const [word, value] of factsOf(event))
		add(word, value);
	const waker = event.mark ? null : trace.wakerOf(event);
	if (waker)
		add("woken by", link(`${waker.from.label}, ${duration(event.start - waker.start)} before (${waker.name})`, beginOf(waker)));
	const wakes = event.mark ? [] : trace.wakesOf(event);
	if (wakes.length) {
		const links = wakes.slice(0, 20).flatMap((flow, i) => [i ? ", " : "", link(flow.to.label, endOf(flow))]);
		add("wakes", ...links, wakes.length > 20 ? ` and ${wakes.length - 20} more` : "");
	}
	box.append(title, list);
}

function showChain() {
	if (!view.selected || view.selected.mark)
		return;
	view.chain = trace.chainOf(view.selected);
	const box = $("details"), list = document.createElement("div");
	list.append(view.chain.length ? `chain of ${view.chain.length} wake-ups: ` : "nobody is known to have woken this LWP");
	view.chain.slice(0, 30).forEach((flow, i) => list.append(i ? " ← " : "", link(flow.from.label, beginOf(flow))));
	box.append(list);
	view.later();
}

let hits = [], hit = -1;

function search(step) {
	const text = $("query").value;
	if (search.text !== text) {
		search.text = text;
		hits = trace.search(text);
		hit = -1;
		view.hits = text.trim() ? new Set(hits) : null;
	}
	if (hits.length) {
		hit = (hit + step + hits.length + (hit < 0 && step < 0 ? 1 : 0)) % hits.length;
		view.select(hits[hit]);
		view.show(hits[hit]);
	}
	$("hits").textContent = text.trim() ? (hits.length ? `${hit + 1} of ${hits.length}` : "nothing") : "";
	view.later();
}

function neighbour(step) {
	const now = view.selected;
	if (!now)
		return;
	const list = now.mark ? now.track.marks : now.track.events;
	const next = list[list.indexOf(now) + step];
	if (next) {
		view.select(next);
		view.show(next);
	}
}

function follow(back) {
	const now = view.selected;
	if (!now || now.mark)
		return;
	const flow = back ? trace.wakerOf(now) : trace.wakesOf(now)[0];
	if (!flow)
		return;
	const target = back ? beginOf(flow) : endOf(flow);
	view.select(target);
	view.show(target);
}

const KEYS = {
	w: () => view.scaleBy(0.6), s: () => view.scaleBy(1 / 0.6), a: () => view.move(-0.25), d: () => view.move(0.25),
	ArrowLeft: () => view.move(-0.25), ArrowRight: () => view.move(0.25),
	"0": () => view.window(0, trace.length), f: () => view.show(view.selected, true),
	"[": () => neighbour(-1), "]": () => neighbour(1), b: () => follow(true), g: () => follow(false), c: showChain,
	"/": () => $("query").focus(), n: () => search(1), p: () => search(-1), "?": () => $("help").showModal(),
	Escape: () => { $("query").value = ""; search(1); view.select(null); },
};

function keyed(e) {
	if (e.target === $("query")) {
		if (e.key === "Escape") {
			KEYS.Escape();
			$("tracks").focus();
		}
		return;
	}
	if (e.ctrlKey || e.metaKey || e.altKey || !KEYS[e.key])
		return;
	e.preventDefault();
	KEYS[e.key]();
}

// The first picture: the program that was run, while it has LWPs besides its first one if it ever has; all other
// processes folded.  What came before and after is one key away.
function opening() {
	const group = trace.program();
	if (!group)
		return;
	for (const other of trace.groups.values())
		other.folded = other !== group && other.pid !== CPUS;
	view.layout();
	const lwps = group.tracks.filter(track => !track.small), others = lwps.filter(track => track.tid !== 1);
	const slices = (others.length ? others : lwps).flatMap(track => track.events).filter(event => event.name !== "zombie");
	const from = d3.min(slices, event => event.start), to = d3.max(slices, event => event.end), edge = (to - from) / 50;
	view.window(Math.max(0, from - edge), Math.min(trace.length, to + edge));
}

const parsed = JSON.parse($("trace").textContent);
const trace = new Trace(parsed);
const view = new View(trace, hovered, selected);
const lost = (trace.about.lost || []).reduce((sum, n) => sum + n, 0);

$("facts").textContent = `${trace.about.cpus || "?"} CPUs · ${duration(trace.length)} · ${trace.slices} slices, ${trace.flows.length} wake-ups` +
    (lost ? ` · ${lost} records lost before the beginning` : "");
for (const [name, colour] of Object.entries(COLOURS)) {
	const item = $("legend").appendChild(document.createElement("li")), box = document.createElement("i");
	box.style.background = colour;
	item.append(box, { ready: "ready: waits for a CPU", sleep: "sleep, with the reason", syscall: "in a system call", introff: "interrupts off for long" }[name] || name);
}
$("search").addEventListener("submit", e => { e.preventDefault(); search(1); });
$("whole").addEventListener("click", KEYS["0"]);
$("keys").addEventListener("click", KEYS["?"]);
document.addEventListener("keydown", keyed);
selected(null);
opening();
view.draw();
// For whoever measures: how long it took from the opening of the page to the first picture.
window.heddle = { trace, view, firstPicture: performance.now() };
