// The tables of the compare page for the models that a reader chose, as elements.
(() => {
  "use strict";
  const { element, fill } = window.inprofTexts;
  const compare = window.inprofCompare;
  const {
    amounts, bars, byteSize, data, gain, heading, inBytes, integer, metricName, percent, known,
    ratio, sentence, signed, total, word,
  } = compare;
  const { texts } = data;
  const CUTS = { kinds: "by_kind", stages: "by_stage" };

  /** A metric's value as a table shows it: bytes and quotients rounded, counts whole. */
  function shown(value, metric) {
    if (value === null) return texts["reasons.undefined"];
    if (metric === "arithmetic_intensity") return value.toFixed(2);
    return inBytes(metric) ? byteSize(value) : integer(value);
  }

  // --- elements

  const cell = (text, kind = "") => element("td", { className: kind }, text);
  const missing = (reason) => cell(texts[`reasons.${reason}`], "m");

  /** Marks behind a cell's figure: letters that lead to notes, or a question mark. */
  function marked(made, page, marks = [], doubtful = false) {
    const links = marks.map((mark) => {
      const link = element("a", { href: `#${noteId(page, mark)}` }, mark);
      link.setAttribute("role", "doc-noteref");
      link.setAttribute("aria-label", fill(texts["audit.report.note"], { mark }));
      return link;
    });
    if (links.length) made.append(element("sup", { className: "mark" }, ...links));
    if (doubtful) made.append(element("sup", { className: "mark doubt" }, "?"));
    return made;
  }

  const noteId = (page, mark) => `chosen-note-${page}-${mark}`;

  const quotient = (value) => (value === null ? missing("undefined") : cell(value.toFixed(3)));

  /** The baseline's cell, then each other one with what stands beside it. */
  const beside = (cells, others) => cells.flatMap((each, at) => (at ? [each, others[at]] : [each]));

  /** A metric's values, the others' with their ratios to the baseline's. */
  const withRatios = (values, metric) =>
    beside(
      values.map((value) => cell(shown(value, metric))),
      values.map((value) => quotient(ratio(value, values[0]))),
    );

  /**
   * A table in a frame of its own: rows begin with their names, `foot` is the row of a total,
   * `before` and `after` stand outside the frame.
   */
  function table(name, title, columns, rows, { foot, kind = "", before = [], after = [] } = {}) {
    const id = `chosen-${name}`;
    const headings = columns.map((column) => {
      const content = column.href ? element("a", { href: column.href }, column.label) : column;
      return element("th", { scope: "col", className: kind }, content);
    });
    const line = ([label, ...cells]) =>
      element("tr", {}, element("th", { scope: "row" }, label), ...cells);
    const made = element(
      "table",
      {},
      element("caption", { id }, title),
      element("thead", {}, element("tr", {}, ...headings)),
      element("tbody", {}, ...rows.map(line)),
    );
    if (foot) made.append(element("tfoot", {}, line(foot)));
    const className = after.length ? "scroll noted" : "scroll";
    const frame = element("div", { className, tabIndex: 0 }, made);
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-labelledby", id);
    return [element("h3", {}, title), ...before, frame, ...after];
  }

  const modelColumns = (models, name = "ratio") =>
    beside(models, models.map(() => heading(name)));

  // --- tables

  function totals(models) {
    const inputs = models.map((model) => cell(model.input));
    const rows = data.totals.map((metric) => {
      const values = models.map((model) => total(model, metric));
      return [metricName(metric), ...withRatios(values, metric)];
    });
    rows.unshift([heading("input"), ...beside(inputs, inputs.map(() => cell("")))]);
    return table("totals", word("totals"), [heading("metric"), ...modelColumns(models)], rows);
  }

  /** Of kinds or stages: a row for each that has any of the metric, and the total. */
  function parts(models, cut, metric) {
    const columns = models.map((model) => amounts(model, cut, metric));
    const whole = models.map((model) => total(model, metric));
    const pair = models.length === 2;
    const difference = pair ? whole[1] - whole[0] : 0;
    const more = (own) => [
      cell(signed(own, inBytes(metric) ? byteSize : integer)),
      difference ? cell(percent(own / difference)) : missing("undefined"),
    ];
    const row = (label, values) => [
      label,
      ...withRatios(values, metric),
      ...(pair ? more(values[1] - values[0]) : []),
    ];
    const rows = data[cut]
      .map(({ label }, at) => row(label, columns.map((column) => column[at])))
      .filter((_, at) => columns.some((column) => column[at]));
    const title = fill(word(CUTS[cut]), { metric: metricName(metric) });
    const headings = [heading(cut), ...modelColumns(models)];
    if (pair) headings.push(heading("difference"), heading("share"));
    const foot = row(texts["reasons.total"], whole);
    const before = [bars(models, cut, metric, title)];
    return table(cut, title, headings, rows, { foot, before });
  }

  function modules(models) {
    const rows = data.stages
      .map(({ label }, at) => [label, ...models.map((model) => cell(model.modules[at], "t"))])
      .filter((_, at) => models.some((model) => model.stages.some((values) => values[at])));
    return table("modules", word("modules"), [heading("stages"), ...models], rows, { kind: "t" });
  }

  const isComparison = ({ figures }) => figures.filter((figure) => figure !== null).length > 1;

  function accuracies(models) {
    const rows = known("accuracies", models);
    if (!rows.length) return [];
    const lines = rows.map(({ label, figures }) => {
      const [base] = figures;
      const quoted = (figure) =>
        figure === null ? missing("not_published") : element("td", {}, element("i", {}, figure));
      const above = (figure) =>
        figure === null || base === null ? missing("undefined") : cell(gain(figure, base));
      return [label, ...beside(figures.map(quoted), figures.map(above))];
    });
    const headings = [heading("accuracy"), ...modelColumns(models, "gain")];
    return table("accuracies", word("accuracies_heading"), headings, lines);
  }

  /** The different inputs of figures, and other texts without what is there before. */
  const sizes = (figures) => distinct(figures.map((figure) => figure?.input));
  const distinct = (values) => [...new Set(values.filter((value) => value !== undefined))];

  function latencyLine(row, models) {
    const { figures } = row;
    const [base] = figures;
    const timed = (figure, at) => {
      if (figure) {
        const made = element("td", {}, element(row.page ? "i" : "b", {}, figure.text));
        return marked(made, row.notes, figure.marks, figure.doubtful);
      }
      const others = data.latencies.filter((other) => other.name === row.name);
      const elsewhere = others.some((other) => other.figures[models[at].at]);
      return missing(elsewhere ? "other_input" : row.page ? "not_published" : "not_measured");
    };
    const times = (figure) => {
      const made = quotient(figure && base ? ratio(figure.ms, base.ms) : null);
      if (!figure || !base) return made;
      const marks = distinct([figure, base].flatMap((each) => each.marks ?? []));
      return marked(made, row.notes, marks.sort(), figure.doubtful || base.doubtful);
    };
    const of_input = distinct(figures.flatMap((figure) => figure?.of_input ?? []));
    const input = cell(sizes(figures).join(texts["list.alternatives"]));
    return [
      row.conditions,
      marked(input, row.notes, of_input.sort()),
      ...beside(figures.map(timed), figures.map(times)),
    ];
  }

  /** What an audit says of figures in the rows, as the list that their marks lead to. */
  function findings(rows) {
    const figures = rows.flatMap((row) => row.figures).filter(Boolean);
    const marks = new Set(figures.flatMap((each) => [...(each.marks ?? []), ...(each.of_input ?? [])]));
    const page = rows[0].notes;
    const notes = data.notes[page].filter((note) => marks.has(note.mark));
    const items = notes.map(({ mark, text }) => {
      const letter = element("span", { className: "mark", ariaHidden: "true" }, mark);
      return element("li", { id: noteId(page, mark) }, letter, " ", text);
    });
    return items.length ? [element("ul", { className: "findings" }, ...items)] : [];
  }

  /** A table for each page that prints latencies, and one of those that were measured. */
  function latencies(models) {
    const compared = known("latencies", models).filter(isComparison);
    return distinct(compared.map((row) => row.page)).flatMap((page, number) => {
      const lines = compared.filter((row) => row.page === page);
      const title = page ? `${word("published")}: ${page}` : word("measured");
      const headings = [heading("conditions"), heading("input"), ...modelColumns(models)];
      const cells = lines.map((row) => latencyLine(row, models));
      const after = page ? findings(lines) : [];
      return table(`latencies-${number}`, title, headings, cells, { after });
    });
  }

  /** The hardware of latencies that only one of the models has, as a sentence; or nothing. */
  function alone(models) {
    const names = known("latencies", models)
      .filter((row) => !isComparison(row))
      .map((row) => row.hardware);
    const hardware = [...new Set(names)].join(texts["list.separator"]);
    return hardware && fill(word("alone"), { hardware });
  }

  function sentences(models, metric) {
    const [baseline, ...others] = models;
    const metrics = new Set([data.unit, "params", metric]);
    const lines = [...metrics].flatMap((each) =>
      others.map((model) => element("li", {}, sentence(model, baseline, each))),
    );
    return [element("h3", {}, word("differences")), element("ul", {}, ...lines)];
  }

  Object.assign(compare, {
    alone,
    sizes,
    result: (models, metric) => [
      ...totals(models),
      ...sentences(models, metric),
      ...parts(models, "kinds", metric),
      ...parts(models, "stages", metric),
      ...modules(models),
      ...accuracies(models),
      ...latencies(models),
    ],
  });
})();
