// The compare page: a reader chooses models, and what is known of them stands side by side.
//
// Every figure is a text of the page's data with its exact value, and what stands between two
// models, such as a ratio, is one of the script before this (window.inprofPairs): what is here
// chooses, orders and moves them. The choice stands in the address: ?models=a,b names the models,
// the first being the baseline, and metric= what parts are compared by.
(() => {
  "use strict";
  const { csv, element, fill, finder, tableRow, writeAddress } = window.inprofPage;
  const data = JSON.parse(document.getElementById("compare-data").textContent);
  const { lines, models: all, texts } = data;
  const pairs = window.inprofPairs; // none where there are too many
  const root = document.getElementById("compare");
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const form = root.querySelector("form");
  const { baseline, metric, find, clear } = form.elements;
  const boxes = [...form.querySelectorAll("[name=model]")];
  const links = [...part("downloads").querySelectorAll("a")];
  const byName = new Map(all.map((model, at) => [model.name, Object.assign(model, { at })]));
  const distinct = (values) => [...new Set(values)];
  const same = (one, two) => JSON.stringify(one) === JSON.stringify(two);
  lines.forEach((line, at) => Object.assign(line, { at }));

  const state = { models: data.first.map((name) => byName.get(name)), metric: data.unit };

  // --- what is known of the chosen models

  // a figure: its text, its exact value, and of a latency marks, doubt, input and marks of that
  const figuresOf = (line) => state.models.map((model) => line.cells[model.at]);
  const isSpent = (line) => figuresOf(line).some((figure) => figure?.[1]);

  /** What stands between a line's figures of a model and of the baseline. */
  const between = (line, model) => pairs?.[state.models[0].at][model.at].cells[line.at];

  /** Whether a line tells any figure, and more than another line of the same conditions. */
  function tellsMore(line) {
    const own = figuresOf(line);
    const others = lines.filter((other) => other !== line && other.group === line.group);
    return own.some(Boolean) && !others.some((other) => {
      const figures = figuresOf(other);
      const differs = other.at < line.at || !same(own, figures);
      return differs && own.every((figure, at) => !figure || same(figure, figures[at]));
    });
  }

  /** The lines that the command's files have. */
  function told() {
    const spent = new Set(lines.filter(isSpent).map((line) => `${line.cut} ${line.part}`));
    return lines.filter((line) =>
      line.group ? tellsMore(line) : line.cut === "total" || spent.has(`${line.cut} ${line.part}`),
    );
  }

  /** The different inputs of a latency's figures. */
  const inputs = (line) => distinct(figuresOf(line).filter(Boolean).map((figure) => figure[4]));
  const isComparison = (line) => figuresOf(line).filter(Boolean).length > 1;

  // --- tables

  const cell = (text, className = "") => element("td", { className }, text);
  const span = (className, properties, ...children) =>
    element("span", { className, ...properties }, ...children);
  const missing = (reason) => cell(reason, "m");
  const noteId = (table, mark) => `chosen-note-${table.name}-${mark}`;

  /** Marks behind a cell's text: letters that lead to notes, or a question mark. */
  function marked(made, table, marks = [], doubtful = false) {
    const letters = marks.map((mark) => {
      const [href, ariaLabel] = [`#${noteId(table, mark)}`, fill(texts.note, { mark })];
      return element("a", { href, role: "doc-noteref", ariaLabel }, mark);
    });
    if (letters.length) made.append(element("sup", { className: "mark" }, ...letters));
    if (doubtful) made.append(element("sup", { className: "mark doubt" }, "?"));
    return made;
  }

  function figureCell(line, model, table) {
    const found = line.cells[model.at];
    if (found) {
      const text = table.tag ? element(table.tag, {}, found[0]) : found[0];
      return marked(cell(text, table.look), table, found[2], found[3]);
    }
    const others = lines.filter((other) => other.group && other.group === line.group);
    const isElsewhere = others.some((other) => other.cells[model.at]);
    return missing((isElsewhere && table.elsewhere) || table.missing || texts.undefined);
  }

  function besideCell(line, model, table) {
    const [text, , marks, doubtful] = between(line, model) ?? [];
    if (!text) return missing(texts.undefined);
    return line.cut === "latency" ? marked(cell(text), table, marks, doubtful) : cell(text);
  }

  /** The baseline's cell, then each other model's with what stands beside it. */
  const beside = (table, own, other) =>
    state.models.flatMap((model, at) =>
      at && table.beside && pairs ? [own(model), other(model)] : [own(model)],
    );

  function row(table, line, label = line.label) {
    const own = (model) => figureCell(line, model, table);
    const cells = beside(table, own, (model) => besideCell(line, model, table));
    if (line.cut === "latency") {
      const marks = distinct(figuresOf(line).flatMap((figure) => figure?.[5] ?? [])).sort();
      cells.unshift(marked(cell(inputs(line).join(texts.alternatives)), table, marks));
    }
    if (isOfPair(table)) {
      const [, , difference, share] = between(line, state.models[1]) ?? [];
      cells.push(cell(difference ?? figuresOf(line)[0][0]));
      cells.push(share ? cell(share) : missing(texts.undefined));
    }
    return tableRow(label, cells);
  }

  const isOfPair = (table) => table.total && pairs && state.models.length === 2;

  /** A table in a frame of its own, with a picture before it and notes after it if it has any. */
  function build(table, shown) {
    const id = `chosen-${table.name}`;
    const leading = (model) => element("a", { href: model.href }, model.label);
    const columns = [...table.headings, ...beside(table, leading, () => table.beside)];
    if (isOfPair(table)) columns.push(texts.difference, texts.share);
    const className = table.look ?? "";
    const headings = columns.map((each) => element("th", { scope: "col", className }, each));
    const rows = shown.map((line) => row(table, line));
    const inputs = () => beside(table, (model) => cell(model.input), () => cell(""));
    if (table.input) rows.unshift(tableRow(table.input, inputs()));
    const total = lines.find((line) => line.cut === "total" && line.metric === table.metric);
    const made = element(
      "table",
      {},
      element("caption", { id }, table.title),
      element("thead", {}, element("tr", {}, ...headings)),
      element("tbody", {}, ...rows),
    );
    if (table.total) made.append(element("tfoot", {}, row(table, total, table.total)));
    const notes = notesOf(table, shown);
    const look = notes.length ? "scroll noted" : "scroll";
    const frame = element("div", { className: look, tabIndex: 0, role: "region" }, made);
    frame.setAttribute("aria-labelledby", id);
    const before = table.bars ? [bars(table, shown, total)] : [];
    return [element("h3", {}, table.title), ...before, frame, ...notes];
  }

  /** What an audit says of figures in the lines, as the list that their marks lead to. */
  function notesOf(table, shown) {
    const figures = shown.flatMap(figuresOf);
    const marks = figures.flatMap((figure) => [figure?.[2] ?? [], figure?.[5] ?? []]).flat();
    const notes = (table.notes ?? []).filter((note) => marks.includes(note.mark));
    const items = notes.map(({ mark, text }) => {
      const letter = span("mark", { ariaHidden: "true" }, mark);
      return element("li", { id: noteId(table, mark) }, letter, " ", text);
    });
    return items.length ? [element("ul", { className: "findings" }, ...items)] : [];
  }

  /** What each model spends as a bar cut into parts, all on one scale: the style divides. */
  function bars(table, shown, total) {
    const most = Math.max(...figuresOf(total).map((figure) => figure[1]));
    const rows = state.models.flatMap((model) => {
      const spent = shown.filter((line) => line.cells[model.at][1]);
      const cut = spent.map(({ label, short, shade, cells }) => {
        const [text, exact] = cells[model.at];
        const style = `width: calc(100% * ${exact} / ${most})`;
        return span(`shade-${shade}`, { title: `${label}: ${text}`, style }, short ?? label);
      });
      return [
        span("of-model", {}, model.label),
        span("bar-of-parts", {}, ...cut),
        span("total", {}, total.rounded[model.at]),
      ];
    });
    const names = state.models.map((model) => total.named[model.at]);
    const ariaLabel = fill(table.bars, { models: names.join(texts.separator) });
    const picture = element("div", { className: "picture", role: "img", ariaLabel }, ...rows);
    const key = shown.map(({ label, shade }) =>
      span("key-of-part", {}, span(`shade-${shade}`), label),
    );
    const caption = element("figcaption", {}, texts.key, ...key);
    return element("figure", { className: "bars" }, picture, caption);
  }

  function sentences() {
    const [base, ...others] = state.models;
    const items = distinct([data.unit, "params", state.metric]).flatMap((each) => {
      const place = data.metrics.indexOf(each);
      const said = (model) => pairs[base.at][model.at].said[document.documentElement.lang][place];
      return others.map((model) => element("li", {}, said(model)));
    });
    return [element("h3", {}, texts.differences), element("ul", {}, ...items)];
  }

  /** Everything for the chosen models, as elements: totals first, then what the differences are. */
  function result(known) {
    const sections = data.tables.map((table) => {
      if (table.metric && table.metric !== state.metric) return [];
      const shown = known.filter(
        (line) =>
          line.cut === table.cut &&
          (!table.metric || (line.metric === table.metric && isSpent(line))) &&
          (line.cut !== "latency" || (line.page === table.page && isComparison(line))),
      );
      return shown.length ? build(table, shown) : [];
    });
    const [totals, ...rest] = sections;
    return [...totals, ...(pairs ? sentences() : []), ...rest.flat()];
  }

  /** Name the hardware of latencies that only one of the models has. */
  function alone(known) {
    const left = known.filter((line) => line.cut === "latency" && !isComparison(line));
    const hardware = distinct(left.map((line) => line.hardware)).join(texts.separator);
    part("alone").textContent = fill(texts.alone, { hardware });
    part("alone").hidden = !hardware;
  }

  // --- files

  /** Every figure that is shown, exact, as the command's files have them. */
  function records(known) {
    return known.filter((line) => line.metric).flatMap((line) => {
      const { cut, metric, cells } = line;
      const part = cut === "latency" ? `${line.part}, ${inputs(line).join("/")}` : line.part;
      return state.models.map((model) => {
        const value = cells[model.at]?.[1] ?? null;
        const ratio = between(line, model)?.[1] ?? null;
        return { cut, part, metric, model: model.counted, value, ratio };
      });
    });
  }

  /** What a reader is offered: CSV, then JSON. */
  function files(known) {
    const figures = records(known);
    const { series, convention, precision } = data;
    const { metric } = state;
    const about = ({ counted, label, input }) => ({ model: counted, label, input });
    const models = state.models.map(about);
    const baseline = models[0].model;
    const whole = { series, convention, precision, baseline, metric, models, figures };
    return [csv(figures, "\n"), `${JSON.stringify(whole, null, 1)}\n`];
  }

  links.forEach((link, at) => {
    link.href = "#compare"; // until a click, so that it can be reached by keyboard
    link.addEventListener("click", () => {
      link.href = URL.createObjectURL(new Blob([files(told())[at]]));
    });
  });

  // --- the choice

  function readAddress() {
    const asked = new URLSearchParams(location.search);
    const names = (asked.get("models") ?? "").split(",");
    const known = distinct(names).map((name) => byName.get(name)).filter(Boolean);
    if (known.length === 1) known.push(all.find((model) => model !== known[0]));
    if (known.length) state.models = known;
    if (data.metrics.includes(asked.get("metric"))) state.metric = asked.get("metric");
  }

  /** The models as the series has them, whichever of them is the baseline. */
  const inOrder = (models) => all.filter((model) => models.includes(model));

  function show() {
    const { models } = state;
    const enough = models.length > 1;
    for (const box of boxes) box.checked = models.includes(byName.get(box.value));
    const options = inOrder(models).map((model) => new Option(model.label, model.name));
    baseline.replaceChildren(...options);
    baseline.disabled = !enough;
    baseline.value = models[0]?.name ?? "";
    metric.value = state.metric;
    root.querySelector("[role=status]").textContent = enough
      ? fill(texts.status, { count: models.length, baseline: models[0].label })
      : texts.too_few;
    const known = enough ? told() : [];
    part("result").replaceChildren(...(enough ? result(known) : []));
    part("downloads").hidden = !enough;
    alone(known);
  }

  function choose(models, name = state.metric) {
    Object.assign(state, { models, metric: name });
    show();
    const names = models.map((model) => model.name).join(",");
    writeAddress([["models", names], ["metric", state.metric !== data.unit && state.metric]]);
  }

  form.addEventListener("change", ({ target }) => {
    const model = byName.get(target.value);
    const others = state.models.filter((each) => each !== model);
    if (target === metric) choose(state.models, metric.value);
    else if (target === baseline) choose([model, ...inOrder(others)]);
    else if (target.name === "model") {
      const [first, ...rest] = target.checked ? [...others, model] : others;
      choose(first ? [first, ...inOrder(rest)] : []);
    }
  });
  clear.addEventListener("click", () => choose([]));
  find?.addEventListener("input", () => {
    const finds = finder(find.value);
    for (const box of boxes) box.closest("li").hidden = !finds(byName.get(box.value).label);
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  readAddress();
  root.hidden = false;
  // the contents list what only a script shows
  const heading = root.querySelector("h2");
  const link = element("a", { href: `#${heading.id}` }, heading.textContent);
  document.querySelector(".contents ul").prepend(element("li", {}, link));
  show();
})();
