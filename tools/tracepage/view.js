// SPDX-License-Identifier: BSD-2-Clause
//
// The drawing.  d3 keeps the window (zoom, scale, axis, overview brush); the slices go to one canvas
// that is as large as what is seen of the rows.  A row draws at most one slice a pixel: where many
// fall into one, the longest of the first few stands for them and the search goes on behind the pixel.

const LABEL = 210, HEAD = 20, TALL = 20, SMALL = 11, MOST_ARROWS = 800;

class View {
	constructor(trace, onHover, onSelect) {
		this.trace = trace;
		this.onHover = onHover;
		this.onSelect = onSelect;
		this.selected = null;
		this.hits = null;		// a Set, while something is searched
		this.chain = [];
		this.box = document.getElementById("tracks");
		this.room = document.getElementById("room");
		this.canvas = document.getElementById("slices");
		this.base = d3.scaleLinear().domain([0, trace.length]);
		this.scale = this.base.copy();
		this.transform = d3.zoomIdentity;
		this.zoom = d3.zoom().filter(() => d3.event.type !== "dblclick" && (d3.event.type !== "wheel" || d3.event.ctrlKey) && !d3.event.button)
			.on("start", () => { this.dragY = null; }).on("zoom", () => this.zoomed());
		d3.select(this.canvas).call(this.zoom);
		this.overview = new Overview(this);
		this.layout();
		this.listen();
		this.resize();
	}

	// Rows from the groups: y, height, what is in it.
	layout() {
		const groups = [...this.trace.groups.values()].filter(g => g.tracks.length).sort((a, b) => a.sort - b.sort || a.pid - b.pid);
		let y = 0;
		this.rows = [];
		this.rowOf = new Map();
		for (const group of groups) {
			this.rows.push({ y, height: HEAD, group });
			y += HEAD;
			if (group.folded)
				continue;
			for (const track of group.tracks) {
				const row = { y, height: track.small ? SMALL : TALL, track };
				this.rows.push(row);
				this.rowOf.set(track, row);
				y += row.height;
			}
			y += 4;
		}
		this.height = y;
		this.room.style.height = y + "px";
	}

	resize() {
		const ratio = window.devicePixelRatio || 1;
		this.width = this.box.clientWidth;
		this.seen = this.box.clientHeight;
		this.canvas.width = this.width * ratio;
		this.canvas.height = this.seen * ratio;
		this.canvas.style.width = this.width + "px";
		this.canvas.style.height = this.seen + "px";
		this.ratio = ratio;
		this.base.range([LABEL, this.width]);
		// The deepest zoom shows 20 ns: a few instructions.
		this.zoom.extent([[LABEL, 0], [this.width, this.seen]]).scaleExtent([1, Math.max(1, this.trace.length / 20)])
			.translateExtent([[LABEL, -Infinity], [this.width, Infinity]]);
		this.scale = this.transform.rescaleX(this.base);
		this.overview.resize();
		this.later();
	}

	listen() {
		window.addEventListener("resize", () => this.resize());
		this.box.addEventListener("scroll", () => this.later());
		this.canvas.addEventListener("mousemove", e => {
			const found = this.find(e.offsetX, e.offsetY);
			this.onHover(found, e.clientX, e.clientY);
			this.hover = found;
		});
		this.canvas.addEventListener("mouseleave", () => this.onHover(null));
		this.canvas.addEventListener("click", e => {
			const row = this.rowAt(e.offsetY);
			if (row && row.group) {
				row.group.folded = !row.group.folded;
				this.layout();
				this.later();
			} else if (e.offsetX > LABEL) {
				this.select(this.find(e.offsetX, e.offsetY));
			}
			this.box.focus({ preventScroll: true });
		});
		this.canvas.addEventListener("dblclick", e => this.show(this.find(e.offsetX, e.offsetY), true));
	}

	zoomed() {
		const event = d3.event.sourceEvent;
		// A drag moves the rows too; d3 knows only of time.
		if (event && event.type === "mousemove") {
			if (this.dragY !== null)
				this.box.scrollTop += this.dragY - event.clientY;
			this.dragY = event.clientY;
		}
		this.transform = d3.event.transform;
		this.scale = this.transform.rescaleX(this.base);
		this.overview.follow();
		this.later();
	}

	// Show the times from..to.
	window(from, to) {
		const k = Math.min(this.trace.length / Math.max(to - from, 20), Math.max(1, this.trace.length / 20));
		const x = LABEL - this.base(from) * k;
		d3.select(this.canvas).call(this.zoom.transform, d3.zoomIdentity.translate(x, 0).scale(k));
	}

	move(part) {
		const [from, to] = this.scale.domain();
		const by = Math.max(-from, Math.min(this.trace.length - to, (to - from) * part));
		this.window(from + by, to + by);
	}

	scaleBy(factor) {
		const [from, to] = this.scale.domain();
		const middle = this.selected && this.selected.start > from && this.selected.start < to ? this.selected.start : (from + to) / 2;
		const half = Math.min((to - from) * factor, this.trace.length);
		const start = Math.max(0, Math.min(this.trace.length - half, middle - (middle - from) * factor));
		this.window(start, start + half);
	}

	// Bring a slice into the window; fill it with the slice if asked to.
	show(event, fill = false) {
		if (!event)
			return;
		const [from, to] = this.scale.domain();
		const length = Math.max(event.end - event.start, 20);
		if (fill || length > (to - from) * 2)
			this.window(Math.max(0, event.start - length * 0.1), Math.min(this.trace.length, event.end + length * 0.1));
		else if (event.start < from || event.start > to)
			this.window(Math.max(0, event.start - (to - from) / 2), Math.max(to - from, event.start + (to - from) / 2));
		const group = this.trace.groups.get(event.track.pid);
		if (group.folded) {
			group.folded = false;
			this.layout();
		}
		const row = this.rowOf.get(event.track);
		if (row.y < this.box.scrollTop || row.y + row.height > this.box.scrollTop + this.seen)
			this.box.scrollTop = row.y - this.seen / 2;
	}

	select(event) {
		this.selected = event;
		this.chain = [];
		this.onSelect(event);
		this.later();
	}

	rowAt(offsetY) {
		const y = offsetY + this.box.scrollTop;
		const index = lastAtMost(this.rows.map(r => r.y), y);
		return index >= 0 && y < this.rows[index].y + this.rows[index].height ? this.rows[index] : null;
	}

	// What is under the pointer: a mark before a slice.
	find(x, y) {
		const row = this.rowAt(y);
		if (!row || !row.track || x < LABEL)
			return null;
		const time = this.scale.invert(x), slack = this.scale.invert(x + 3) - time;
		return row.track.markAt(time, slack) || row.track.at(time, slack / 3);
	}

	later() {
		if (!this.waiting)
			this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
	}

	draw() {
		const began = performance.now();
		const style = getComputedStyle(document.body);
		const ink = name => style.getPropertyValue(name).trim();
		const pen = this.canvas.getContext("2d");
		const top = this.box.scrollTop;
		this.ink = { text: ink("--text"), faint: ink("--faint"), line: ink("--line"), band: ink("--band"), mark: ink("--mark"), back: ink("--back") };
		pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
		pen.clearRect(0, 0, this.width, this.seen);
		pen.font = "11px system-ui, sans-serif";
		pen.textBaseline = "middle";
		for (const row of this.rows) {
			if (row.y + row.height < top || row.y > top + this.seen)
				continue;
			if (row.group)
				this.drawHead(pen, row, row.y - top);
			else
				this.drawTrack(pen, row, row.y - top);
		}
		this.drawArrows(pen, top);
		this.drawLabels(pen, top);
		this.drawAxis();
		this.drawMs = performance.now() - began;
	}

	drawHead(pen, row, y) {
		pen.fillStyle = this.ink.band;
		pen.fillRect(0, y, this.width, row.height);
		pen.fillStyle = this.ink.text;
		pen.fillText((row.group.folded ? "▸ " : "▾ ") + row.group.name, 6, y + row.height / 2);
	}

	drawTrack(pen, row, y) {
		const { track, height } = row;
		const [from, to] = this.scale.domain();
		const perPixel = (to - from) / (this.width - LABEL);
		let index = Math.max(0, lastAtMost(track.start, from));
		let run = null;		// slices that were each less than a pixel, side by side and of one colour
		const flush = () => {
			if (run)
				this.fill(pen, run, y, height);
			run = null;
		};
		while (index < track.events.length && track.start[index] <= to) {
			const event = track.events[index];
			const x = Math.max(LABEL, this.scale(event.start)), end = Math.min(this.width, this.scale(event.end));
			if (end - x >= 1) {
				flush();
				this.drawSlice(pen, event, x, y, end - x, height);
				index++;
				continue;
			}
			const pixel = Math.floor(x), [longest, next] = this.inPixel(track, index, from + (pixel + 1 - LABEL) * perPixel);
			const dim = this.dim(longest);
			if (run && run.colour === longest.colour && run.dim === dim && run.end >= pixel) {
				run.end = pixel + 1;
			} else {
				flush();
				run = { colour: longest.colour, dim, start: pixel, end: pixel + 1 };
			}
			index = next;
		}
		flush();
		this.drawMarks(pen, track, y, from, to, perPixel);
	}

	// Of the slices from index on that begin before a time: the longest of the first eight, and the index behind them;
	// one that goes on behind that time is left for what follows, unless it is the first.
	inPixel(track, index, limit) {
		let longest = track.events[index];
		const last = lastAtMost(track.start, limit);
		for (let i = index + 1; i < Math.min(index + 8, last + 1); i++)
			if (track.end[i] - track.start[i] > longest.end - longest.start)
				longest = track.events[i];
		const next = last > index && track.end[last] > limit ? last : last + 1;
		return [longest, Math.max(next, index + 1)];
	}

	dim(event) { return this.hits !== null && !this.hits.has(event); }

	fill(pen, run, y, height) {
		pen.globalAlpha = run.dim ? 0.2 : 1;
		pen.fillStyle = run.colour;
		pen.fillRect(run.start, y + 1, run.end - run.start, height - 2);
		pen.globalAlpha = 1;
	}

	// What is written on a slice: on a CPU the LWP's own name; of a sleep where there is little room the reason.
	words(event, width) {
		if (event.cat === "cpu")
			return event.name.replace(/^\S+ [^/]*\//, "");
		return width < 90 ? event.name.replace(/^sleep: /, "") : event.name;
	}

	drawSlice(pen, event, x, y, width, height) {
		this.fill(pen, { colour: event.colour, dim: this.dim(event), start: x, end: x + (width > 3 ? width - 0.5 : width) }, y, height);
		if (width > 34 && height > 14) {
			pen.save();
			pen.beginPath();
			pen.rect(x, y, width - 3, height);
			pen.clip();
			pen.fillStyle = event.name === "idle" ? this.ink.faint : "#000";
			pen.fillText(this.words(event, width), x + 4, y + height / 2 + 0.5);
			pen.restore();
		}
		if (event === this.selected) {
			pen.strokeStyle = this.ink.text;
			pen.lineWidth = 2;
			pen.strokeRect(x, y + 1, width, height - 2);
		}
	}

	drawMarks(pen, track, y, from, to, perPixel) {
		let index = Math.max(0, lastAtMost(track.markTime, from));
		for (; index < track.marks.length && track.markTime[index] <= to; index++) {
			const mark = track.marks[index], x = this.scale(mark.start);
			if (x < LABEL)
				continue;
			pen.globalAlpha = this.dim(mark) ? 0.2 : 1;
			pen.fillStyle = this.ink.mark;
			pen.beginPath();
			pen.moveTo(x - 3, y + 1);
			pen.lineTo(x + 3, y + 1);
			pen.lineTo(x, y + 7);
			pen.fill();
			if (mark === this.selected)
				pen.fillRect(x - 1, y, 2, TALL);
			index = Math.max(index, lastAtMost(track.markTime, mark.start + perPixel));
		}
		pen.globalAlpha = 1;
	}

	// The wake-ups in the window; if they are too many, those of the selected LWP.
	drawArrows(pen, top) {
		const [from, to] = this.scale.domain();
		const first = lastAtMost(this.trace.flowStart, from - this.trace.flowLongest) + 1;
		const last = lastAtMost(this.trace.flowStart, to);
		const chosen = new Set(this.chain);
		const track = this.selected && this.selected.track;
		const few = last - first < MOST_ARROWS;
		this.hidden = 0;
		for (let index = first; index <= last; index++) {
			const flow = this.trace.flows[index];
			if (few || (track && (flow.from === track || flow.to === track)))
				this.drawArrow(pen, flow, top, chosen.has(flow));
			else
				this.hidden++;
		}
		for (const flow of this.chain)
			this.drawArrow(pen, flow, top, true);
	}

	drawArrow(pen, flow, top, strong) {
		const one = this.rowOf.get(flow.from), two = this.rowOf.get(flow.to);
		if (!one || !two)
			return;
		const x1 = this.scale(flow.start), x2 = this.scale(flow.end);
		const y1 = one.y - top + one.height / 2, y2 = two.y - top + two.height / 2;
		if (Math.max(x1, x2) < LABEL || Math.min(x1, x2) > this.width || Math.max(y1, y2) < 0 || Math.min(y1, y2) > this.seen)
			return;
		const bend = Math.max(8, Math.min(40, Math.abs(x2 - x1) / 2));
		pen.strokeStyle = pen.fillStyle = strong ? this.ink.mark : this.ink.text;
		pen.globalAlpha = strong ? 1 : flow.from.pid === CPUS ? 0.2 : 0.6;	// time-outs are many
		pen.lineWidth = strong ? 2 : 1;
		pen.beginPath();
		pen.moveTo(x1, y1);
		pen.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
		pen.stroke();
		pen.beginPath();
		pen.moveTo(x2, y2);
		pen.lineTo(x2 - 5, y2 - 3);
		pen.lineTo(x2 - 5, y2 + 3);
		pen.fill();
		pen.globalAlpha = 1;
	}

	// Last, over what the slices and arrows have put there.
	drawLabels(pen, top) {
		for (const row of this.rows) {
			const y = row.y - top;
			if (!row.track || y + row.height < 0 || y > this.seen)
				continue;
			pen.fillStyle = this.ink.back;
			pen.fillRect(0, y, LABEL, row.height);
			if (!row.track.small) {
				pen.fillStyle = this.selected && this.selected.track === row.track ? this.ink.mark : this.ink.text;
				pen.save();
				pen.beginPath();
				pen.rect(0, y, LABEL - 6, row.height);
				pen.clip();
				pen.fillText(row.track.name, 18, y + row.height / 2);
				pen.restore();
			}
			pen.fillStyle = this.ink.line;
			pen.fillRect(0, y + row.height - 0.5, this.width, 0.5);
		}
		if (this.hidden) {
			const words = `${this.hidden} wake-ups are in view: select a slice or zoom in to see arrows`;
			const width = pen.measureText(words).width;
			pen.fillStyle = this.ink.band;
			pen.fillRect(this.width - width - 16, this.seen - 20, width + 16, 20);
			pen.fillStyle = this.ink.text;
			pen.fillText(words, this.width - width - 8, this.seen - 10);
		}
	}

	drawAxis() {
		const [from, to] = this.scale.domain();
		const unit = to - from > 2e9 ? [1e9, "s"] : to - from > 2e6 ? [1e6, "ms"] : to - from > 2e3 ? [1e3, "µs"] : [1, "ns"];
		const shown = this.scale.copy().domain([from / unit[0], to / unit[0]]);
		const axis = d3.axisTop(shown).ticks(Math.max(2, this.width / 140)).tickFormat(v => d3.format(",")(+v.toPrecision(12)) + " " + unit[1]);
		d3.select("#axis").selectAll("svg").data([0]).join("svg").attr("width", this.width).attr("height", 22)
			.selectAll("g").data([0]).join("g").attr("class", "axis").attr("transform", "translate(0,21)").call(axis);
	}
}

// The whole length in small, how many LWPs run and how many wait for a CPU; a brush chooses the window.
class Overview {
	constructor(view) {
		this.view = view;
		this.box = document.getElementById("overview");
		this.canvas = this.box.appendChild(document.createElement("canvas"));
		this.svg = d3.select(this.box).append("svg");
		this.brush = d3.brushX().on("brush end", () => this.brushed());
		this.layer = this.svg.append("g");
	}

	resize() {
		const { width, ratio } = this.view, height = this.box.clientHeight - 1;
		this.canvas.width = width * ratio;
		this.canvas.height = height * ratio;
		this.canvas.style.width = width + "px";
		this.canvas.style.height = height + "px";
		this.svg.attr("width", width).attr("height", height);
		this.brush.extent([[LABEL, 0], [width, height]]);
		this.layer.call(this.brush);
		this.draw(height);
		this.follow();
	}

	// For each pixel the mean, weighted by time, of those that run and those that are ready.
	draw(height) {
		const { trace, width, ratio } = this.view;
		const pen = this.canvas.getContext("2d");
		const columns = width - LABEL;
		const run = new Float64Array(columns + 1), ready = new Float64Array(columns + 1);
		const perPixel = trace.length / columns;
		trace.counter.forEach((point, i) => {
			const end = i + 1 < trace.counter.length ? trace.counter[i + 1].start : trace.length;
			for (let from = point.start; from < end;) {
				const column = Math.floor(from / perPixel);
				const to = Math.min(end, Math.max((column + 1) * perPixel, from + 1));
				run[column] += (point.values.running || 0) * (to - from) / perPixel;
				ready[column] += (point.values.ready || 0) * (to - from) / perPixel;
				from = to;
			}
		});
		const most = Math.max(1, d3.max(d3.range(columns), i => run[i] + ready[i]));
		pen.setTransform(ratio, 0, 0, ratio, 0, 0);
		pen.clearRect(0, 0, width, height);
		for (let i = 0; i < columns; i++) {
			const low = run[i] / most * (height - 2), high = ready[i] / most * (height - 2);
			pen.fillStyle = COLOURS.running;
			pen.fillRect(LABEL + i, height - low, 1, low);
			pen.fillStyle = COLOURS.ready;
			pen.fillRect(LABEL + i, height - low - high, 1, high);
		}
		pen.fillStyle = getComputedStyle(document.body).color;
		pen.font = "11px system-ui, sans-serif";
		pen.fillText("running, ready", 18, height / 2 - 3);
		pen.fillText(`at most ${most.toFixed(1)} LWPs`, 18, height / 2 + 11);
	}

	follow() {
		const [from, to] = this.view.scale.domain();
		this.quiet = true;		// the brush follows the window here, not the other way round
		this.layer.call(this.brush.move, [this.view.base(from), this.view.base(to)]);
		this.quiet = false;
	}

	brushed() {
		if (this.quiet || !d3.event.sourceEvent || !d3.event.selection)
			return;
		const [from, to] = d3.event.selection.map(x => this.view.base.invert(x));
		if (d3.event.type === "end" || to - from > 20)
			this.view.window(from, to);
	}
}
