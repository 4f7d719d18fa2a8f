/* target-chart.js – the one chart of the product: actual, pace, goal, the forecast's fan and the notes.
   Chart.js 4 (UMD, served from static).  No date adapter: x is a linear axis of days since the start.
   No inline script, no inline style; colours are read from the CSS tokens, words and month names from the data.

   What it draws is described in targets/charts.py, which writes the data:
   start, at[], today, mark, goals[{value, label}], hatch, cumulative, zero, partial, actual[], daily[], pace[], flat, bands[5][],
   notes[{day, index, letter, text}], words{}, dates{months[], day}, shortened[[step, form]], decimals, unit{prefix, suffix}, gapUnit{prefix, suffix}, view.
   Lists run over `at`, the days since `start`. */
(() => {
  "use strict";
  const NARROW = 520, LABEL_GAP = 7, EDGE = 12, LINE = 15, FLAG = 8.5, FLAG_UP = 12, COMPACT = 1e5;   /* pixels, and a number */
  const DAY = 864e5;
  const PRINT = { width: 660, height: 320 };
  let drawn = null, before = "";                                /* the chart on this page; which view the one before it showed */

  /* text and table first, drawing when idle; again whenever the part of the page with the chart was swapped */
  function start() {
    const canvas = document.getElementById("chart");
    if (!canvas || !window.Chart || drawn) return;              /* without Chart.js app.js shows the table */
    drawn = draw(canvas, before);
  }
  function end(event) {
    if (!drawn || !event.detail.shouldSwap || !event.detail.target.contains(drawn.canvas)) return;
    before = drawn.shows();
    drawn.end();
    drawn = null;
  }
  (window.requestIdleCallback || setTimeout)(start);
  document.addEventListener("htmx:beforeSwap", end);
  document.addEventListener("htmx:afterSettle", start);

  function draw(canvas, before) {
    const D = JSON.parse(document.getElementById(canvas.dataset.source).textContent), W = D.words;
    const LAST = D.at.length - 1, SPAN = D.at[LAST] || 0, DAILY = SPAN === LAST;
    const HAS_PACE = D.pace.some((v) => v != null), HAS_BANDS = D.bands.length === 5;
    const NOW = D.today == null ? -1 : D.today, HOME = D.today == null ? 0 : D.today;
    const START = Date.parse(D.start + "T00:00:00Z");
    const ended = new AbortController(), until = { signal: ended.signal };   /* takes every listener away at once */
    const byId = (id) => document.getElementById(id);
    const box = canvas.parentNode;

    /* --- numbers and dates: written as the server writes them ---------------------------------- */
    const lang = document.documentElement.lang || "en";
    const formats = new Map();
    function format(decimals) {
      if (!formats.has(decimals)) formats.set(decimals, new Intl.NumberFormat(lang, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
      return formats.get(decimals);
    }
    const brief = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
    const weekday = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
    const filled = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const dateOf = (day) => new Date(START + day * DAY);
    const monthOf = (date) => D.dates.months[date.getUTCMonth()];
    const shortDate = (date) => filled(D.dates.day, { day: date.getUTCDate(), month: monthOf(date) });
    function longDate(date) {
      const day = shortDate(date);
      return SPAN > 300 ? filled(W.dayAndYear, { day, year: date.getUTCFullYear() }) : filled(W.dayAndWeekday, { weekday: weekday.format(date), day });
    }

    const isZero = (digits) => !/[1-9]/.test(digits);
    function dressed(digits, unit) { return unit.prefix + digits + unit.suffix; }
    function number(v, decimals = D.decimals) {
      if (v == null) return "–";
      const digits = format(decimals).format(Math.abs(v));
      return (v < 0 && !isZero(digits) ? "\u2212" : "") + dressed(digits, D.unit);
    }
    function gapOf(v, decimals = D.decimals) {
      if (v == null) return "–";
      const digits = format(decimals).format(Math.abs(v));
      return (isZero(digits) ? "±" : v > 0 ? "+" : "\u2212") + dressed(digits, D.gapUnit);
    }
    /* on the axis and where there is little room: 120k; else with as many decimals as the steps between the ticks need */
    function compact(size) {
      const [step, form] = D.shortened.find(([each]) => size >= each);
      return filled(form, { number: brief.format(size / step) });
    }
    function short(v, decimals, from = COMPACT) {
      if (Math.abs(v) < from) return number(v, decimals);
      return (v < 0 ? "\u2212" : "") + dressed(compact(Math.abs(v)), D.unit);
    }
    function shortGap(v, decimals, from = COMPACT) {
      if (Math.abs(v) < from) return isZero(format(decimals).format(Math.abs(v))) ? "0" : gapOf(v, decimals);
      return (v > 0 ? "+" : "\u2212") + dressed(compact(Math.abs(v)), D.gapUnit);
    }

    /* --- tokens: custom properties hold light-dark(), so resolve them through a real element -- */
    const probe = document.createElement("i");
    probe.hidden = true;
    probe.style.forcedColorAdjust = "none";                     /* or the system's colours would take the place of mixed ones */
    box.append(probe);
    function colour(name) { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; }
    function colours() {
      return { actual: colour("c-actual"), pace: colour("c-pace"), target: colour("c-target"), fan80: colour("c-fan-80"),
        fan50: colour("c-fan-50"), grid: colour("c-grid"), today: colour("c-today"), ink: colour("ink"), ink2: colour("ink-2"),
        ink3: colour("ink-3"), surface: colour("surface") };
    }
    const font = getComputedStyle(document.body).fontFamily;
    let C = colours(), view = D.view, shown = view, selected = null;   /* selected: index of a day, null = none */

    /* --- datasets: Chart.js paints the first one last, on top ---------------------------------- */
    const at = (series, i) => (series[i] == null ? null : view === "gap" ? (D.pace[i] == null ? null : series[i] - D.pace[i]) : series[i]);
    function points(series) { return series.map((_, i) => ({ x: D.at[i], y: at(series, i) })).filter((p) => p.y != null); }
    function line(label, data, look) { return { label, data, pointRadius: 0, pointHitRadius: 0, borderWidth: 0, tension: 0, ...look }; }
    function level(value) { return LAST ? [{ x: 0, y: value }, { x: SPAN, y: value }] : [{ x: -0.5, y: value }, { x: 0.5, y: value }]; }
    /* a day that is not over has only begun to add up: the way to it is dashed, or it would look like a drop */
    function partial(data) { return D.partial ? { segment: { borderDash: (s) => (s.p1DataIndex === data.length - 1 ? [2, 4] : undefined) } } : {}; }
    const tick = LAST ? {} : { pointRadius: 14, pointStyle: "line" };   /* a line of one day is nothing: its height is a short dash */
    function datasets() {
      const actual = points(D.actual);
      const sets = [line("actual", actual, { borderColor: C.actual, borderWidth: 2.75, borderJoinStyle: "round", ...partial(actual) })];
      if (HAS_BANDS) sets.push(line("middle", points(D.bands[2]), { borderColor: C.actual, borderWidth: 2.25, borderDash: [2, 4], borderCapStyle: "round" }));
      if (D.daily.length && view === "total") sets.push(line("daily", points(D.daily), { showLine: false, pointRadius: LAST > 120 ? 1.5 : 2.25, backgroundColor: C.pace, borderColor: C.pace }));
      if (HAS_PACE && !(D.flat && view === "total")) sets.push(line("pace", points(D.pace), { borderColor: C.pace, borderWidth: 1.75, borderDash: [7, 4], ...tick }));
      if (view === "total") D.goals.forEach((goal) => sets.push(line(goal.label, level(goal.value), { borderColor: C.target, borderWidth: 1.75 })));
      if (HAS_BANDS) sets.push(
        line("P75", points(D.bands[3]), { fill: "+1", backgroundColor: C.fan50 }), line("P25", points(D.bands[1]), {}),
        line("P90", points(D.bands[4]), { fill: "+1", backgroundColor: C.fan80 }), line("P10", points(D.bands[0]), {}));
      return sets;
    }
    function top() {                                            /* totals leave a little room; levels have their grace */
      if (view === "gap" || !D.zero) return undefined;
      const known = [...D.actual, ...(HAS_BANDS ? D.bands[4] : []), ...D.goals.map((goal) => goal.value)].filter((v) => v != null);
      return Math.max(...known) * 1.06 || undefined;
    }

    /* --- marks Chart.js has no type for: limits, today, notes, end labels, the selected day ---- */
    function hatch(g) {
      const tile = document.createElement("canvas"), t = tile.getContext("2d");
      tile.width = tile.height = 6;
      t.strokeStyle = C.ink3; t.globalAlpha = 0.4; t.lineWidth = 1;
      t.beginPath(); t.moveTo(-1, 1); t.lineTo(1, -1); t.moveTo(0, 6); t.lineTo(6, 0); t.moveTo(5, 7); t.lineTo(7, 5); t.stroke();
      return g.createPattern(tile, "repeat");
    }
    function dot(g, x, y, fill, radius) {
      g.beginPath(); g.arc(x, y, radius, 0, 7); g.fillStyle = fill; g.fill(); g.lineWidth = 2; g.strokeStyle = C.surface; g.stroke();
    }
    function rule(g, x, from, to, stroke, dash) {
      g.save(); g.lineWidth = 1; g.setLineDash(dash); g.strokeStyle = stroke;
      g.beginPath(); g.moveTo(x, from); g.lineTo(x, to); g.stroke(); g.restore();
    }
    function drawLimits(ch) {                                   /* where the value should not be is hatched, not coloured */
      if (view === "gap" || !D.hatch) return;
      const g = ch.ctx, a = ch.chartArea, inside = (y) => Math.max(a.top, Math.min(a.bottom, y));
      const upper = inside(ch.scales.y.getPixelForValue(D.goals[D.goals.length - 1].value));
      g.save(); g.fillStyle = hatch(g); g.fillRect(a.left, a.top, a.right - a.left, upper - a.top);
      if (D.hatch === "outside") {
        const lower = inside(ch.scales.y.getPixelForValue(D.goals[0].value));
        g.fillRect(a.left, lower, a.right - a.left, a.bottom - lower);
      }
      g.restore();
    }
    function drawToday(ch) {
      if (NOW < 0) return;
      const g = ch.ctx, a = ch.chartArea, x = Math.round(ch.scales.x.getPixelForValue(D.at[NOW])) + 0.5, value = at(D.actual, NOW);
      if (D.mark) {
        rule(g, x, a.top - 4, a.bottom, C.today, []);
        const half = g.measureText(D.mark).width / 2;
        g.fillStyle = C.ink2; g.textAlign = "center"; g.fillText(D.mark, Math.max(half, Math.min(ch.width - half, x)), a.top - 13);
      }
      if (value != null) dot(g, x, ch.scales.y.getPixelForValue(value), C.actual, 5);
    }
    function drawNotes(ch) {                                    /* lettered flags standing on the axis, on each other where it is crowded */
      const g = ch.ctx, a = ch.chartArea, taken = [];
      g.textAlign = "center";
      D.notes.forEach((note) => {
        const x = ch.scales.x.getPixelForValue(note.day);
        let row = 0;
        while (taken[row] != null && x - taken[row] < 2 * FLAG + 2) row++;
        taken[row] = x;
        const y = a.bottom - FLAG_UP - row * (2 * FLAG + 2), on = selected === note.index;
        g.beginPath(); g.arc(x, y, FLAG, 0, 7); g.fillStyle = on ? C.ink2 : C.surface; g.fill();
        g.lineWidth = 1.5; g.strokeStyle = C.ink2; g.stroke();
        g.font = `640 ${note.letter.length > 1 ? 9 : 11}px ${font}`; g.fillStyle = on ? C.surface : C.ink; g.fillText(note.letter, x, y + 0.5);
      });
    }
    function endLabels(small) {
      const gap = view === "gap", word = (text) => (small ? "" : text + " ");
      const say = (v) => (gap ? (small ? shortGap : gapOf)(v, D.decimals) : (small ? short : number)(v, D.decimals));
      const ends = gap
        ? [{ v: 0, t: small ? "0" : W.onPace, c: C.target, w: 640 }]
        : D.goals.map((goal) => ({ v: goal.value, t: word(goal.label) + say(goal.value), c: C.target, w: 640 }));
      if (HAS_BANDS) ends.push(
        { v: at(D.bands[4], LAST), c: C.ink3, w: 400 }, { v: at(D.bands[0], LAST), c: C.ink3, w: 400 },
        { v: at(D.bands[2], LAST), t: word(W.likely) + say(at(D.bands[2], LAST)), c: C.actual, w: 640 });
      else if (NOW === LAST && D.goals.length) ends.push({ v: at(D.actual, LAST), t: word(W.actual) + say(at(D.actual, LAST)), c: C.actual, w: 640 });
      return ends.filter((end) => end.v != null).map((end) => ({ t: say(end.v), ...end }));
    }
    function drawEnds(ch) {                                     /* pushed apart, so that they never overlap */
      const g = ch.ctx, a = ch.chartArea;
      const ends = endLabels(ch.width < NARROW).map((end) => ({ ...end, y: ch.scales.y.getPixelForValue(end.v) })).sort((p, q) => p.y - q.y);
      for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + LINE);
      for (let i = ends.length - 1, floor = a.bottom; i >= 0; i--, floor -= LINE) ends[i].y = Math.min(ends[i].y, floor);
      g.textAlign = "left";
      ends.forEach((end) => { g.font = `${end.w} 12px ${font}`; g.fillStyle = end.c; g.fillText(end.t, a.right + LABEL_GAP, end.y); });
    }
    function drawSelected(ch) {
      if (selected == null) return;
      const g = ch.ctx, a = ch.chartArea, y = ch.scales.y, x = Math.round(ch.scales.x.getPixelForValue(D.at[selected])) + 0.5;
      const pace = at(D.pace, selected), value = at(selected <= NOW || !HAS_BANDS ? D.actual : D.bands[2], selected);
      rule(g, x, a.top, a.bottom, C.ink3, [3, 3]);
      if (pace != null && !D.flat) dot(g, x, y.getPixelForValue(pace), C.pace, 3.5);
      if (value != null) dot(g, x, y.getPixelForValue(value), C.actual, 5);
    }
    const marks = {
      id: "marks",
      beforeDatasetsDraw: drawLimits,
      afterDatasetsDraw(ch) {
        const g = ch.ctx;
        g.save(); g.font = "600 12px " + font; g.textBaseline = "middle";
        drawToday(ch); drawSelected(ch); drawNotes(ch); drawEnds(ch);
        g.restore();
      }
    };

    /* x ticks: every day of a fortnight, Mondays of a month, firsts of the month beyond */
    function isTick(day, width) {
      const date = dateOf(day);
      if (SPAN < 14) return true;
      if (SPAN <= 45) return date.getUTCDay() === 1;
      return date.getUTCDate() === 1 || (SPAN < 140 && date.getUTCDate() === 15 && width > NARROW);
    }
    function ticks(axis) {
      axis.ticks = [];
      for (let day = 0; day <= SPAN; day++) if (isTick(day, axis.chart.width)) axis.ticks.push({ value: day });
    }
    function tickLabel(day) {
      const date = dateOf(day);
      if (SPAN <= 200) return shortDate(date);
      return date.getUTCMonth() ? monthOf(date) : String(date.getUTCFullYear());
    }
    /* y ticks: as many decimals as the steps between them need, and all shortened where one is: 50k below 100k */
    function heightLabel(v, _index, all) {
      const step = all.length > 1 ? Math.abs(all[1].value - all[0].value) : 1;
      let decimals = 0;
      while (decimals < D.decimals && Math.abs(Math.round(step * 10 ** decimals) - step * 10 ** decimals) > 1e-6) decimals++;
      const from = all.some((tick) => Math.abs(tick.value) >= COMPACT) ? Math.min(...D.shortened.map(([each]) => each)) : COMPACT;
      return view === "gap" ? shortGap(v, decimals, from) : short(v, decimals, from);
    }

    const tickFont = { family: font, size: 12 };
    function margin(width) {                                    /* room on the right for the longest end label */
      const g = canvas.getContext("2d");
      g.font = "640 12px " + font;
      return EDGE + Math.max(0, ...endLabels(width < NARROW).map((end) => g.measureText(end.t).width));
    }
    const chart = new Chart(canvas, {
      type: "line",
      data: { datasets: datasets() },
      plugins: [marks],
      options: {
        animation: false, normalized: true, parsing: false, responsive: true, maintainAspectRatio: false, events: [],
        layout: { padding: { top: 22, right: margin(box.clientWidth) } },
        plugins: { legend: { display: false }, tooltip: { enabled: false }, filler: { propagate: false } },
        scales: {
          x: { type: "linear", min: LAST ? 0 : -0.5, max: LAST ? SPAN : 0.5, afterBuildTicks: ticks, border: { color: C.grid },
            grid: { drawOnChartArea: false, color: C.grid, tickLength: 5 },
            ticks: { color: C.ink3, font: tickFont, maxRotation: 0, autoSkip: true, callback: tickLabel } },
          y: { beginAtZero: D.zero || view === "gap", max: top(), grace: D.zero ? 0 : "8%", border: { display: false }, grid: { color: C.grid },
            ticks: { color: C.ink3, font: tickFont, maxTicksLimit: 7, includeBounds: false, precision: D.decimals, callback: heightLabel } }
        }
      }
    });

    /* --- one selection for mouse, touch and keyboard --------------------------------------------- */
    const scrub = byId("scrub"), readout = byId("readout");
    function element(tag, text, name) { const e = document.createElement(tag); if (name) e.className = name; e.textContent = text; return e; }
    function said(key, value) { const e = element("span", key + " "); e.append(element("b", value)); return e; }   /* units are user text: never innerHTML */
    const notesAt = (i) => D.notes.filter((note) => note.index === i);
    function words(i) {
      const when = i === NOW && D.mark ? D.mark : longDate(dateOf(D.at[i])), actual = D.actual[i], pace = D.pace[i], parts = [];
      if (actual != null) parts.push([W.actual, number(actual)]);
      if (i > NOW && HAS_BANDS) parts.push([W.likely, number(D.bands[2][i])], [W.inTen, filled(W.range, { low: number(D.bands[0][i]), high: number(D.bands[4][i]) })]);
      if (D.daily.length && D.daily[i] != null) parts.push([W.thatDay, number(D.daily[i])]);
      if (pace != null && !D.flat) parts.push([W.pace, number(pace)]);
      if (actual != null && pace != null) parts.push([W.gap, gapOf(actual - pace)]);
      if (actual != null && D.cumulative && DAILY) parts.push([W.thatDay, gapOf(actual - (i ? D.actual[i - 1] || 0 : 0))]);
      return [when, parts.length ? parts : [[W.actual, "–"]]];
    }
    function flag(note) {
      const e = element("span", "", "note");
      e.append(element("span", note.letter, "flag"), " ", note.text);
      return e;
    }
    function select(i, quiet) {
      const last = selected;
      i = Math.max(0, Math.min(LAST, i));
      selected = i === HOME && quiet ? null : i;
      const [when, parts] = words(i), notes = notesAt(i);
      readout.replaceChildren(element("span", when, "when"), ...parts.map(([key, value]) => said(key, value)), ...notes.map(flag));
      scrub.value = i;
      const spoken = [...parts.map((part) => part.join(" ")), ...notes.map((note) => `${filled(W.note, note)}: ${note.text}`)];
      scrub.setAttribute("aria-valuetext", `${when}: ${spoken.join(", ")}`);
      if (!quiet || last != null) chart.render();
    }
    function nearest(day) {
      let best = 0;
      D.at.forEach((other, i) => { if (Math.abs(other - day) < Math.abs(D.at[best] - day)) best = i; });
      return best;
    }
    function fromPointer(event) { select(nearest(chart.scales.x.getValueForPixel(event.offsetX))); }
    canvas.addEventListener("pointermove", fromPointer, until);
    canvas.addEventListener("pointerdown", fromPointer, until);
    canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") select(HOME, true); }, until);
    scrub.hidden = !LAST;                                       /* of one day there is nothing to choose */
    scrub.addEventListener("input", () => select(+scrub.value), until);
    function align() {                                          /* the slider's thumb runs under the plot */
      const a = chart.chartArea;
      scrub.style.marginLeft = `${a.left - 8}px`;
      scrub.style.width = `${a.right - a.left + 16}px`;
    }
    let wide = box.clientWidth;
    const watching = new ResizeObserver(() => {                 /* the first call is the initial size: skip it */
      if (box.clientWidth === wide || !box.clientWidth) return;
      wide = box.clientWidth;
      chart.options.layout.padding.right = margin(wide);
      chart.resize(); chart.update("none"); align();
    });
    watching.observe(box);

    /* --- Total / Gap to pace / Table: one switch; the table is also the state without a script ---- */
    const switches = document.querySelectorAll("[data-show]");
    function show(which) {
      byId("as-chart").hidden = which === "table";
      byId("as-table").hidden = which !== "table";
      shown = which;
      switches.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.show === which)));
      if (which === "table") return;
      view = which;
      chart.options.layout.padding.right = margin(box.clientWidth);
      chart.options.scales.y.beginAtZero = D.zero || view === "gap";
      chart.options.scales.y.max = top();
      chart.data.datasets = datasets();
      chart.resize(); chart.update("none"); align();
    }
    switches.forEach((button) => button.addEventListener("click", () => show(button.dataset.show), until));
    const wanted = before && [...switches].some((button) => button.dataset.show === before) ? before : view;
    show(wanted);
    select(HOME, true);
    document.documentElement.classList.add("chart-ready");

    /* --- recolour when the theme changes; print always in the light tokens ------------------------ */
    function recolour() {
      C = colours();
      chart.data.datasets = datasets();
      for (const axis of [chart.options.scales.x, chart.options.scales.y]) {
        axis.ticks.color = C.ink3; axis.grid.color = C.grid; axis.border.color = C.grid;
      }
      chart.update("none");
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour, until);
    addEventListener("themechange", recolour, until);
    let chosen = "";
    addEventListener("beforeprint", () => {
      chosen = document.documentElement.dataset.theme || "";
      document.documentElement.dataset.theme = "light";
      chart.options.layout.padding.right = margin(PRINT.width);
      recolour(); chart.resize(PRINT.width, PRINT.height);
    }, until);
    addEventListener("afterprint", () => {
      if (chosen) document.documentElement.dataset.theme = chosen; else delete document.documentElement.dataset.theme;
      chart.options.layout.padding.right = margin(box.clientWidth);
      recolour(); chart.resize();
    }, until);

    return {
      canvas,
      shows: () => shown,
      end() {                                                   /* leaves no style attribute behind, which a swap would copy */
        ended.abort(); watching.disconnect(); chart.destroy();
        [canvas, scrub].forEach((element) => element.removeAttribute("style"));
      }
    };
  }
})();
