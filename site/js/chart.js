// The interactive chart of a series: what x shows, the record of a point, links to the tables.
// Its state stands in the address (?x=, log=, zoom=, model=); who selects a model, here or in a
// table, says so in an `inprof:select` event.
(() => {
  "use strict";
  const { element, fill } = window.inprofTexts;
  const chart = window.inprofChart;
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

  // --- the address

  function readAddress() {
    const asked = new URLSearchParams(location.search);
    state.choice = data.choices.find((each) => each.key === asked.get("x")) ?? data.choices[0];
    state.log = asked.has("log") ? asked.get("log") === "1" : null;
    state.whole = asked.get("zoom") === "all";
    return data.models.find((each) => each.name === asked.get("model"))?.name ?? null;
  }

  function writeAddress() {
    const address = new URLSearchParams(location.search);
    const set = (name, value) => (value === null ? address.delete(name) : address.set(name, value));
    set("x", state.choice === data.choices[0] ? null : state.choice.key);
    set("log", state.log === null ? null : String(Number(state.log)));
    set("zoom", state.whole ? "all" : null);
    set("model", chosen);
    const query = address.size ? `?${address}` : location.pathname;
    history.replaceState(history.state, "", query + location.hash);
  }

  // --- the controls

  /** What a dimension's value is called. */
  function nameOf(dimension, value) {
    if (dimension === "metric") return texts[`metrics.${value}`];
    if (dimension === "hw") return data.hardware[value];
    if (dimension === "quantity") return texts[`quantities.names.${value}`];
    if (dimension === "precision") return value.toUpperCase();
    return String(value || texts.usual);
  }

  const valueOf = (choice, dimension) => String(choice[dimension] ?? "");

  function showControls() {
    const { choice } = state;
    let left = data.choices;
    for (const dimension of DIMENSIONS) {
      const select = control(dimension);
      const values = [...new Set(left.map((each) => valueOf(each, dimension)))];
      select.replaceChildren(...values.map((value) => new Option(nameOf(dimension, value), value)));
      select.value = valueOf(choice, dimension);
      select.closest("label").hidden = values.length < 2 && values[0] === "";
      left = left.filter((each) => valueOf(each, dimension) === valueOf(choice, dimension));
    }
    control("log").checked = state.log ?? choice.log;
    control("log").disabled = !choice.logarithmic;
    control("zoom").value = state.whole ? "whole" : "zoomed";
    control("zoom").closest("label").hidden = choice.zoomed.floor === undefined;
  }

  /** The choice that has this value and agrees with the present one in most, the first ones first. */
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
    writeAddress();
    show();
  });

  // --- the picture

  function show() {
    showControls();
    draw();
    const { choice } = state;
    part("caption").textContent = choice.caption;
    part("drawing").setAttribute("aria-label", [choice.summary, ...notes()].join(" "));
    if (part("table").closest("details").open) showTable();
  }

  /** One after the other, so that the last one asked for is the one that stays. */
  function draw() {
    drawn = drawn.then(async () => {
      const { choice } = state;
      const log = (state.log ?? choice.log) && Boolean(choice.logarithmic);
      drawing.view?.finalize();
      drawing = await chart.draw(part("drawing"), data, { choice, log, zoomed: !state.whole });
      part("notes").replaceChildren(
        ...[...notes(), ...unnamed()].map((text) => element("li", {}, text)),
      );
      part("points").replaceChildren(...drawing.spots.map(option));
      mark();
      showRecord();
    });
  }

  const labels = (points) =>
    points.map((point) => data.models[point.model].label).join(texts["list.separator"]);

  const said = (message, models) =>
    models ? [fill(message, { models, missing: models, doubtful: models })] : [];

  /** Whose names found no place in the picture, which depends on its width. */
  const unnamed = () => said(texts.unnamed, labels(drawing.unnamed));

  /** What the picture does not show as it is, in sentences. */
  function notes() {
    const { choice } = state;
    const plotted = new Set(choice.points.map((point) => point.model));
    const missing = data.models.filter((_, index) => !plotted.has(index)).map((each) => each.label);
    const floor = state.whole ? -Infinity : choice.zoomed.floor ?? -Infinity;
    return [
      ...(choice.inputs ? [choice.inputs] : []),
      ...said(texts.below, labels(choice.points.filter((point) => point.y < floor))),
      ...said(texts["alt.missing"], missing.join(texts["list.separator"])),
      ...said(texts["alt.doubtful"], labels(choice.points.filter((point) => point.doubtful))),
      ...(choice.points.some((point) => point.interval) ? [texts.spread] : []),
    ];
  }

  // --- pointing and selecting

  function option({ point, x, y }, index) {
    const model = data.models[point.model];
    const said = [model.label, `${texts.accuracy} ${model.top1}`, `${state.choice.axis[0]} ${point.text}`];
    const made = element("li");
    made.setAttribute("role", "option");
    made.setAttribute("aria-label", said.join(texts["list.separator"]));
    made.tabIndex = index === 0 ? 0 : -1;
    made.style.left = `${x}px`;
    made.style.top = `${y}px`;
    return made;
  }

  /** Points from left to right: the order of the arrow keys. */
  const inOrder = () => [...drawing.spots.keys()].sort(
    (a, b) => drawing.spots[a].x - drawing.spots[b].x || drawing.spots[b].y - drawing.spots[a].y,
  );
  const isChosen = ({ point }) => data.models[point.model].name === chosen;

  function mark() {
    const options = [...part("points").children];
    drawing.spots.forEach((spot, index) =>
      options[index].setAttribute("aria-selected", String(isChosen(spot))),
    );
    const marked = drawing.spots.filter((spot) => isChosen(spot) || spot.point === active);
    drawing.mark(marked.map((spot) => spot.point));
  }

  function activate(point) {
    if (point === active) return;
    active = point;
    last = point ?? last;
    mark();
    showRecord();
  }

  function select(model) {
    const detail = { model: model === chosen ? null : model };
    document.dispatchEvent(new CustomEvent("inprof:select", { bubbles: true, detail }));
  }

  document.addEventListener("inprof:select", ({ detail }) => {
    chosen = detail.model ?? null;
    writeAddress();
    mark();
    showRecord();
  });

  function nearest(event) {
    const box = part("drawing").getBoundingClientRect();
    const far = ({ x, y }) => Math.hypot(event.clientX - box.left - x, event.clientY - box.top - y);
    const best = drawing.spots.reduce((one, other) => (far(other) < far(one) ? other : one));
    return far(best) <= REACH ? best.point : null;
  }

  const stage = part("stage");
  stage.addEventListener("pointermove", (event) => activate(nearest(event)));
  stage.addEventListener("pointerleave", () => activate(null));
  stage.addEventListener("click", (event) => {
    const point = nearest(event);
    if (point) select(data.models[point.model].name);
  });

  part("points").addEventListener("focusin", ({ target }) => {
    const options = [...part("points").children];
    for (const each of options) each.tabIndex = each === target ? 0 : -1;
    activate(drawing.spots[options.indexOf(target)].point);
  });
  part("points").addEventListener("focusout", () => activate(null));
  part("points").addEventListener("keydown", (event) => {
    const options = [...part("points").children];
    const here = options.indexOf(event.target);
    const order = inOrder();
    const place = order.indexOf(here);
    const last = order.length - 1;
    const next = {
      ArrowRight: Math.min(place + 1, last), ArrowDown: Math.min(place + 1, last),
      ArrowLeft: Math.max(place - 1, 0), ArrowUp: Math.max(place - 1, 0), Home: 0, End: last,
    }[event.key];
    const name = data.models[drawing.spots[here].point.model].name;
    if (next !== undefined) options[order[next]].focus({ preventScroll: true });
    else if (event.key === "Enter" || event.key === " ") select(name);
    else if (event.key === "Escape" && chosen) select(chosen);
    else return;
    event.preventDefault();
  });

  // --- the record and the table

  function showRecord() {
    const of = (wanted) => drawing.spots.find(({ point }) => point === wanted);
    const spot = of(active) ?? drawing.spots.find(isChosen) ?? of(last);
    const box = part("record");
    if (spot?.point === shown && box.hasChildNodes()) return; // or it would be read out again
    shown = spot?.point;
    if (!spot) {
      box.replaceChildren(element("p", {}, texts.nothing));
      return;
    }
    const model = data.models[spot.point.model];
    const link = element("a", { href: model.href }, model.label);
    const heading = element("p", { className: "name" }, link);
    const list = element("dl");
    for (const [word, text] of chart.record(data, state.choice, spot.point))
      list.append(element("dt", {}, word), element("dd", {}, text));
    box.replaceChildren(heading, list);
    if (spot.point.doubtful) box.append(element("p", {}, texts.doubtful));
    const findings = (spot.point.findings ?? []).map((place) => data.findings[place]);
    if (findings.length) box.append(element("p", {}, texts.audit));
    box.append(...findings.map((text) => element("p", {}, text)));
  }

  const showTable = () => chart.fillTable(part("table"), data, state.choice, select);

  part("table").closest("details").addEventListener("toggle", ({ target }) => {
    if (target.open) showTable();
  });

  // --- files

  const FILES = {
    csv: (rows) => new Blob([chart.csv(rows)], { type: "text/csv" }),
    json: (rows) => new Blob([`${JSON.stringify(rows, null, 1)}\n`], { type: "application/json" }),
    svg: async () => new Blob([await drawing.view.toSVG()], { type: "image/svg+xml" }),
    png: async () => {
      const canvas = await drawing.view.toCanvas(2);
      return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    },
  };

  for (const button of root.querySelectorAll("[data-format]"))
    button.addEventListener("click", async () => {
      const { format } = button.dataset;
      const blob = await FILES[format](chart.rows(data, state.choice));
      chart.save(`${state.choice.file}.${format}`, blob);
    });

  // --- beginning, and drawing again when the page's width or colours change

  root.hidden = false;
  const asked = readAddress();
  show();
  if (asked !== null) select(asked);
  let width = part("drawing").clientWidth;
  new ResizeObserver(() => {
    if (part("drawing").clientWidth === width || part("drawing").clientWidth === 0) return;
    width = part("drawing").clientWidth;
    draw();
  }).observe(part("drawing"));
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
