// The tables of the compare page for the models that a reader chose, as elements.
(() => {
  "use strict";
  const compare = window.inprofCompare;
  const { byteSize, dominance, fullest, gain, integer, percent, ratio, scaled, signed } = compare;
  const data = JSON.parse(document.getElementById("compare-data").textContent);
  const { texts } = data;
  const CUTS = { kinds: "by_kind", stages: "by_stage" };

  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const word = (name) => texts[`compare.${name}`];
  const heading = (name) => texts[`columns.compare.${name}`];
  const inBytes = (metric) => data.bytes.includes(metric);
  const total = (model, metric) => model.totals[data.totals.indexOf(metric)];
  const amounts = (model, cut, metric) => model[cut][data.metrics.indexOf(metric)];

  /** A metric's value as a table shows it: bytes and quotients rounded, counts whole. */
  function shown(value, metric) {
    if (value === null) return texts["reasons.undefined"];
    if (metric === "arithmetic_intensity") return value.toFixed(2);
    return inBytes(metric) ? byteSize(value) : integer(value);
  }

  /** A metric's value in a sentence, with its sign. */
  const change = (value, metric) => signed(value, inBytes(metric) ? byteSize : scaled);

  // --- elements

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  const cell = (text, kind = "") => element("td", { className: kind }, text);
  const missing = (reason) => cell(texts[`reasons.${reason}`], "m");

  function quotient(value, doubtful = false) {
    if (value === null) return missing("undefined");
    const made = cell(value.toFixed(3));
    if (doubtful) made.append(element("sup", { className: "mark doubt" }, "?"));
    return made;
  }

  /** The baseline's cell, then each other one with what stands beside it. */
  const beside = (cells, others) => cells.flatMap((each, at) => (at ? [each, others[at]] : [each]));

  /** A table in a frame of its own: rows begin with their names, `foot` is the row of a total. */
  function table(name, title, columns, rows, { foot, kind = "" } = {}) {
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
    const frame = element("div", { className: "scroll", tabIndex: 0 }, made);
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-labelledby", id);
    return [element("h3", {}, title), frame];
  }

  const modelColumns = (models, name = "ratio") =>
    beside(models, models.map(() => heading(name)));

  // --- tables

  function totals(models) {
    const inputs = models.map((model) => cell(model.input));
    const rows = data.totals.map((metric) => {
      const values = models.map((model) => total(model, metric));
      return [
        word(`metrics.${metric}`),
        ...beside(
          values.map((value) => cell(shown(value, metric))),
          values.map((value) => quotient(ratio(value, values[0]))),
        ),
      ];
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
      ...beside(
        values.map((value) => cell(shown(value, metric))),
        values.map((value) => quotient(ratio(value, values[0]))),
      ),
      ...(pair ? more(values[1] - values[0]) : []),
    ];
    const rows = data[cut]
      .map((label, at) => row(label, columns.map((column) => column[at])))
      .filter((_, at) => columns.some((column) => column[at]));
    const title = fill(word(CUTS[cut]), { metric: word(`metrics.${metric}`) });
    const headings = [heading(cut), ...modelColumns(models)];
    if (pair) headings.push(heading("difference"), heading("share"));
    return table(cut, title, headings, rows, { foot: row(texts["reasons.total"], whole) });
  }

  function modules(models) {
    const rows = data.stages
      .map((stage, at) => [stage, ...models.map((model) => cell(model.modules[at], "t"))])
      .filter((_, at) => models.some((model) => model.stages.some((values) => values[at])));
    return table("modules", word("modules"), [heading("stages"), ...models], rows, { kind: "t" });
  }

  const figuresOf = (row, models) => models.map((model) => row.figures[model.at] ?? null);
  const isComparison = (figures) => figures.filter((figure) => figure !== null).length > 1;

  function accuracies(models) {
    const rows = fullest(data.accuracies, (row) => row.name, (row) => figuresOf(row, models));
    if (!rows.length) return [];
    const lines = rows.map((row) => {
      const figures = figuresOf(row, models);
      const [base] = figures;
      const quoted = (figure) =>
        figure === null ? missing("not_published") : element("td", {}, element("i", {}, figure));
      const above = (figure) =>
        figure === null || base === null ? missing("undefined") : cell(gain(figure, base));
      return [row.name, ...beside(figures.map(quoted), figures.map(above))];
    });
    const headings = [heading("accuracy"), ...modelColumns(models, "gain")];
    return table("accuracies", word("accuracies_heading"), headings, lines);
  }

  /** The conditions of a latency but for the input, as one text. */
  const group = (row) => [row.page, row.table, row.conditions].join("\n");

  function latencyLine(row, models) {
    const figures = figuresOf(row, models);
    const [base] = figures;
    const timed = (figure, at) => {
      if (figure) {
        const made = element("td", {}, element(row.page ? "i" : "b", {}, figure.text));
        if (figure.doubtful) made.append(element("sup", { className: "mark doubt" }, "?"));
        return made;
      }
      const others = data.latencies.filter((other) => group(other) === group(row));
      const elsewhere = others.some((other) => other.figures[models[at].at]);
      return missing(elsewhere ? "other_input" : row.page ? "not_published" : "not_measured");
    };
    const times = (figure) =>
      quotient(
        figure && base ? ratio(figure.ms, base.ms) : null,
        Boolean(figure?.doubtful || base?.doubtful),
      );
    const inputs = new Set(models.map((model) => model.input));
    const size = row.input || (inputs.size === 1 ? [...inputs][0] : word("own_input"));
    return [row.conditions, cell(size), ...beside(figures.map(timed), figures.map(times))];
  }

  /** A table for each page that prints latencies, and one of those that were measured. */
  function latencies(models) {
    const rows = fullest(data.latencies, group, (row) => figuresOf(row, models));
    const compared = rows.filter((row) => isComparison(figuresOf(row, models)));
    return [...new Set(compared.map((row) => row.page))].flatMap((page, number) => {
      const lines = compared.filter((row) => row.page === page);
      const title = page ? `${word("published")}: ${page}` : word("measured");
      const headings = [heading("conditions"), heading("input"), ...modelColumns(models)];
      const cells = lines.map((row) => latencyLine(row, models));
      return table(`latencies-${number}`, title, headings, cells);
    });
  }

  /** The hardware of latencies that only one of the models has, as a sentence; or nothing. */
  function alone(models) {
    const rows = fullest(data.latencies, group, (row) => figuresOf(row, models));
    const names = rows
      .filter((row) => !isComparison(figuresOf(row, models)))
      .map((row) => row.hardware);
    const hardware = [...new Set(names)].join(texts["list.separator"]);
    return hardware && fill(word("alone"), { hardware });
  }

  // --- sentences

  function leading(model, baseline, cut, metric) {
    const values = amounts(model, cut, metric);
    const found = dominance(values, amounts(baseline, cut, metric), data.most);
    const named = found.parts.map(({ at, by }) => `${data[cut][at]} ${change(by, metric)}`);
    return fill(word(found.others ? "leading_with_rest" : "leading"), {
      parts: named.join(texts["list.separator"]),
      share: percent(found.explained / found.total),
      rest: change(found.rest, metric),
    });
  }

  /** A model's difference to the baseline, and the parts that most of it comes from. */
  function sentence(model, baseline, metric) {
    const [value, base] = [model, baseline].map((each) => total(each, metric));
    const names = {
      model: model.label, baseline: baseline.label, metric: word(`metrics.${metric}`),
    };
    if (value === base) return fill(word("same"), names);
    const times = ratio(value, base)?.toFixed(3) ?? texts["reasons.undefined"];
    const said = { ...names, difference: change(value - base, metric), ratio: times };
    return [
      fill(word("sentence"), said),
      ...Object.keys(CUTS).map((cut) =>
        fill(word(`by_${cut}`), { parts: leading(model, baseline, cut, metric) }),
      ),
    ].join(texts["list.sentences"]);
  }

  function sentences(models, metric) {
    const [baseline, ...others] = models;
    const metrics = new Set([data.unit, "params", metric]);
    const lines = [...metrics].flatMap((each) =>
      others.map((model) => element("li", {}, sentence(model, baseline, each))),
    );
    return [element("h3", {}, word("differences")), element("ul", {}, ...lines)];
  }

  data.models.forEach((model, at) => Object.assign(model, { at }));
  Object.assign(compare, {
    data,
    fill,
    alone,
    tables: (models, metric) => [
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
