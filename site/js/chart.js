// The interactive chart of a series: what x shows, the record of a point, links to the tables.
// Its state stands in the address (?x=, log=, zoom=, model=); who selects a model, here or in a
// table, says so in an `inprof:select` event.
(() => {
  "use strict";
  const { button, csv, element, fill, selectModel, tableRow, writeAddress } = window.inprofPage;
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const { texts } = data;
  const root = document.getElementById("chart");
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const control = (name) => root.querySelector(`[name="chart-${name}"]`);
  const DIMENSIONS = ["metric", "hw", "quantity", "precision", "batch", "conditions"];
  const REACH = 28; // how far from a point, in pixels, it is still pointed at

  const state = { choice: data.choices[0], log: null, whole: false };
  let drawing = { spots: [], unnamed: [], mark: () => {} };
  let drawn = Promise.resolve(); // when the last drawing is done
  let chosen = null; // the name of the selected model
  let active = null; // the point that is pointed at or has the focus
  let last = null; // the one before: its record stays
  let shown; // the point whose record is shown

  const modelOf = (point) => data.models[point.model];
  const joined = (names) => names.join(texts["list.separator"]);

  // --- the address

  function readAddress() {
    const asked = new URLSearchParams(location.search);
    state.choice = data.choices.find((each) => each.key === asked.get("x")) ?? data.choices[0];
    state.log = asked.has("log") ? asked.get("log") === "1" : null;
    state.whole = asked.get("zoom") === "all";
    return data.models.find((each) => each.name === asked.get("model"))?.name ?? null;
  }

  const keep = () =>
    writeAddress([
      ["x", state.choice !== data.choices[0] && state.choice.key],
      ["log", state.log !== null && String(Number(state.log))],
      ["zoom", state.whole && "all"],
      ["model", chosen],
    ]);

  // --- the controls

  const valueOf = (choice, dimension) => String(choice[dimension] ?? "");

  function showControls() {
    const { choice } = state;
    let left = data.choices;
    for (const dimension of DIMENSIONS) {
      const select = control(dimension);
      const names = new Map(left.map((each) => [valueOf(each, dimension), each.names[dimension]]));
      const options = [...names].map(([value, name]) => new Option(name ?? texts.usual, value));
      select.replaceChildren(...options);
      select.value = valueOf(choice, dimension);
      select.closest("label").hidden = options.length < 2 && options[0].value === "";
      left = left.filter((each) => valueOf(each, dimension) === select.value);
    }
    control("log").checked = state.log ?? choice.log;
    control("log").disabled = !choice.logarithmic;
    control("zoom").value = state.whole ? "whole" : "zoomed";
    control("zoom").closest("label").hidden = choice.zoomed.floor === undefined;
  }

  /** The choice that has this value and agrees with the present one in most, first ones first. */
  function choose(dimension, value) {
    const wanted = { ...state.choice, [dimension]: value };
    const agreement = (each) =>
      DIMENSIONS.map((name) => (valueOf(each, name) === valueOf(wanted, name) ? 1 : 0)).join("");
    const fitting = data.choices.filter((each) => valueOf(each, dimension) === value);
    return fitting.reduce((best, each) => (agreement(each) > agreement(best) ? each : best));
  }

  root.addEventListener("change", ({ target }) => {
    const name = target.name?.replace("chart-", "");
    if (DIMENSIONS.includes(name)) state.choice = choose(name, target.value);
    else if (name === "log") state.log = target.checked;
    else if (name === "zoom") state.whole = target.value === "whole";
    else return;
    active = last = null;
    keep();
    show();
  });

  // --- the picture

  /** What the picture does not show as it is, in sentences. */
  const notes = () => state.choice.notes[state.whole ? "whole" : "zoomed"];

  function show() {
    showControls();
    draw();
    part("caption").textContent = state.choice.caption;
    part("drawing").ariaLabel = [state.choice.summary, ...notes()].join(" ");
    if (part("table").closest("details").open) showTable();
  }

  /** One after the other, so that the last one asked for is the one that stays. */
  function draw() {
    drawn = drawn.then(async () => {
      const { choice } = state;
      const log = (state.log ?? choice.log) && Boolean(choice.logarithmic);
      drawing.view?.finalize();
      const view = { choice, log, zoomed: !state.whole };
      drawing = await window.inprofChart.draw(part("drawing"), data, view);
      // whose names found no place depends on the picture's width
      const models = joined(drawing.unnamed.map((point) => modelOf(point).label));
      const said = [...notes(), ...(models ? [fill(texts.unnamed, { models })] : [])];
      part("notes").replaceChildren(...said.map((text) => element("li", {}, text)));
      for (const spot of drawing.spots) spot.option = optionOf(spot);
      part("points").replaceChildren(...drawing.spots.map(({ option }) => option));
      reach(drawing.spots[0]);
      mark();
      showRecord();
    });
  }

  // --- pointing and selecting

  function optionOf({ point, x, y }) {
    const model = modelOf(point);
    const figures = [`${texts.accuracy} ${model.top1}`, `${state.choice.axis[0]} ${point.text}`];
    const ariaLabel = joined([model.label, ...figures]);
    return element("li", { role: "option", ariaLabel, style: `left: ${x}px; top: ${y}px` });
  }

  /** Make one point the one that Tab leads to. */
  function reach(spot) {
    for (const each of drawing.spots) each.option.tabIndex = each === spot ? 0 : -1;
  }

  const isChosen = ({ point }) => modelOf(point).name === chosen;

  function mark() {
    for (const spot of drawing.spots) spot.option.ariaSelected = String(isChosen(spot));
    const points = drawing.spots.filter((spot) => isChosen(spot) || spot.point === active);
    drawing.mark(points.map(({ point }) => point));
  }

  function activate(point) {
    if (point === active) return;
    active = point;
    last = point ?? last;
    mark();
    showRecord();
  }

  const select = ({ name }) => selectModel(name === chosen ? null : name);

  document.addEventListener("inprof:select", ({ detail }) => {
    chosen = detail.model ?? null;
    keep();
    mark();
    showRecord();
  });

  function nearest(event) {
    const box = part("drawing").getBoundingClientRect();
    const far = ({ x, y }) => Math.hypot(event.clientX - box.left - x, event.clientY - box.top - y);
    const best = drawing.spots.reduce((one, other) => (far(other) < far(one) ? other : one));
    return far(best) <= REACH ? best.point : null;
  }

  part("stage").addEventListener("pointermove", (event) => activate(nearest(event)));
  part("stage").addEventListener("pointerleave", () => activate(null));
  part("stage").addEventListener("click", (event) => {
    const point = nearest(event);
    if (point) select(modelOf(point));
  });

  part("points").addEventListener("focusin", ({ target }) => {
    const spot = drawing.spots.find(({ option }) => option === target);
    reach(spot);
    activate(spot.point);
  });
  part("points").addEventListener("focusout", () => activate(null));
  part("points").addEventListener("keydown", (event) => {
    const { key, target } = event;
    const order = [...drawing.spots].sort((a, b) => a.x - b.x || b.y - a.y); // from left to right
    const here = order.findIndex(({ option }) => option === target);
    const end = order.length - 1;
    const [before, after] = [Math.max(here - 1, 0), Math.min(here + 1, end)];
    const next = {
      ArrowRight: after, ArrowDown: after, ArrowLeft: before, ArrowUp: before, Home: 0, End: end,
    }[key];
    if (next !== undefined) order[next].option.focus({ preventScroll: true });
    else if (key === "Enter" || key === " ") select(modelOf(order[here].point));
    else if (key === "Escape" && chosen) selectModel(null);
    else return;
    event.preventDefault();
  });

  // --- the record and the table

  const frontierText = (point) => (point.frontier ? texts.on_frontier : texts.off_frontier);

  /** Everything known of a point, as [word, text] pairs; what has no text is not known. */
  function record(point) {
    const { axis, hw, metric, origin, unit } = state.choice;
    const model = modelOf(point);
    const flags = joined((point.flags ?? []).map((flag) => data.flags[flag]));
    // a published latency has an input of its own, which need not be that of the counts
    const isOwn = point.input && point.input !== model.input;
    const pairs = [
      [texts.accuracy, model.top1],
      [axis[0], point.text],
      [texts.interval, point.interval && `${point.interval} ${unit}`],
      [texts.conditions, hw && joined(axis.slice(1))],
      [texts.flops, metric !== "flops" && model.flopsText],
      [texts.params, metric !== "params" && model.paramsText],
      [isOwn ? texts.latency_input : texts.input, point.input ?? model.input],
      [texts.flops_input, isOwn && model.input],
      [texts.samples, metric === "measured" && fill(texts.processes, point)],
      [texts.flags, metric === "measured" && (flags || texts["flags.none"])],
      [texts.day, point.day],
      [texts.frontier, frontierText(point)],
      [texts.source, origin ?? data.sources[point.source]],
      [texts.accuracy_source, data.sources[model.source]],
    ];
    return pairs.filter(([, text]) => text);
  }

  function showRecord() {
    const of = (wanted) => drawing.spots.find(({ point }) => point === wanted);
    const { point } = of(active) ?? drawing.spots.find(isChosen) ?? of(last) ?? {};
    const box = part("record");
    if (point === shown && box.hasChildNodes()) return; // or it would be read out again
    shown = point;
    const paragraph = (text) => element("p", {}, text);
    if (!point) return box.replaceChildren(paragraph(texts.nothing));
    const { href, label } = modelOf(point);
    const heading = element("p", { className: "name" }, element("a", { href }, label));
    const list = element("dl");
    for (const [word, text] of record(point))
      list.append(element("dt", {}, word), element("dd", {}, text));
    const findings = (point.findings ?? []).map((place) => data.findings[place]);
    const remarks = [point.doubtful && texts.doubtful, findings.length && texts.audit, ...findings];
    box.replaceChildren(heading, list, ...remarks.filter(Boolean).map(paragraph));
  }

  /** The plotted figures in a table. */
  function showTable() {
    const { axis, points } = state.choice;
    const bounded = points.some(({ interval }) => interval);
    const interval = bounded ? [texts.interval] : [];
    const words = [texts.model, texts.accuracy, axis.join(" · "), ...interval, texts.frontier];
    const headings = words.map((word) => element("th", { scope: "col" }, word));
    const rows = points.map((point) => {
      const model = modelOf(point);
      const bounds = bounded ? [point.interval ?? "–"] : [];
      const cells = [model.top1, point.text, ...bounds, frontierText(point)];
      return tableRow(
        button({ onclick: () => select(model) }, model.label),
        cells.map((text) => element("td", {}, text)),
      );
    });
    part("table").tHead.replaceChildren(element("tr", {}, ...headings));
    part("table").tBodies[0].replaceChildren(...rows);
  }

  part("table").closest("details").addEventListener("toggle", ({ target }) => {
    if (target.open) showTable();
  });

  // --- files

  /** The plotted rows as they are, the same in every language. */
  function rows() {
    const { choice } = state;
    return choice.points.map((point) => {
      const model = modelOf(point);
      const known = {
        ...choice, ...model, ...point,
        model: model.name,
        top1: point.y,
        value: point.x,
        convention: choice.hw ? null : data.convention,
        batch_size: choice.batch,
        flops_input: model.input,
        pareto: Boolean(point.frontier),
        doubtful: Boolean(point.doubtful),
        flags: (point.flags ?? []).join(" "),
        source: data.sources[point.source],
        accuracy_source: data.sources[model.source],
      };
      return Object.fromEntries(data.columns.map((name) => [name, known[name] ?? null]));
    });
  }

  const FILES = {
    // RFC 4180, with a byte order mark so that spreadsheets read it as UTF-8
    csv: () => new Blob([`\ufeff${csv(rows(), "\r\n")}`], { type: "text/csv" }),
    json: () => new Blob([`${JSON.stringify(rows(), null, 1)}\n`], { type: "application/json" }),
    svg: async () => new Blob([await drawing.view.toSVG()], { type: "image/svg+xml" }),
    png: async () => {
      const canvas = await drawing.view.toCanvas(2);
      return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    },
  };

  for (const offer of root.querySelectorAll("[data-format]"))
    offer.addEventListener("click", async () => {
      const { format } = offer.dataset;
      const download = `${state.choice.file}.${format}`;
      const href = URL.createObjectURL(await FILES[format]());
      const link = element("a", { href, download });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });

  // --- beginning, and drawing again when the page's width or colours change

  root.hidden = false;
  const asked = readAddress();
  show();
  if (asked !== null) selectModel(asked);
  let width = part("drawing").clientWidth;
  new ResizeObserver(([{ target }]) => {
    if (target.clientWidth === width || target.clientWidth === 0) return;
    width = target.clientWidth;
    draw();
  }).observe(part("drawing"));
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
