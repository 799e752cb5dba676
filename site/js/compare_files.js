// What a reader chose to compare as files: exact figures, and names as the command's files have
// them.
(() => {
  "use strict";
  const { amounts, data, fullest, ratio, sizes, total } = window.inprofCompare;
  const COLUMNS = ["cut", "part", "metric", "model", "value", "ratio"];

  const figuresOf = (row, models) => models.map((model) => row.figures[model.at] ?? null);
  const toFirst = (values) => values.map((value) => ratio(value, values[0]));
  const accuracies = (models) =>
    fullest(data.accuracies, (row) => row.name, (row) => figuresOf(row, models));
  const latencies = (models) =>
    fullest(data.latencies, (row) => row.name, (row) => figuresOf(row, models));

  /** Every figure of the models by what it is of: cut, part, metric, values and ratios. */
  function lines(models) {
    const found = data.totals.map((metric) => {
      const values = models.map((model) => total(model, metric));
      return ["total", "", metric, values, toFirst(values)];
    });
    for (const [cut, name] of [["kinds", "kind"], ["stages", "stage"]]) {
      data[cut].forEach((part, at) => {
        const own = data.metrics.map((metric) => [
          metric,
          models.map((model) => amounts(model, cut, metric)[at]),
        ]);
        if (!own.some(([, values]) => values.some(Boolean))) return;
        for (const [metric, values] of own) {
          found.push([name, part.key, metric, values, toFirst(values)]);
        }
      });
    }
    for (const row of accuracies(models)) {
      found.push(["accuracy", row.page, row.name, figuresOf(row, models), models.map(() => null)]);
    }
    for (const row of latencies(models)) {
      const figures = figuresOf(row, models);
      const name = `${row.name}, ${sizes(figures).join("/")}`;
      const printed = figures.map((figure) => figure && (row.page ? figure.text : figure.ms));
      const ratios = toFirst(figures.map((figure) => figure && figure.ms));
      found.push(["latency", name, "latency_ms", printed, ratios]);
    }
    return found;
  }

  /** A line for each figure, as objects. */
  const records = (models) =>
    lines(models).flatMap(([cut, part, metric, values, ratios]) =>
      models.map((model, at) => ({
        cut, part, metric, model: model.counted, value: values[at], ratio: ratios[at],
      })),
    );

  function field(value) {
    const text = String(value ?? "").replaceAll("\r", " ");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function asCsv(models) {
    const rows = records(models).map((each) => COLUMNS.map((name) => field(each[name])).join(","));
    return `${[COLUMNS.join(","), ...rows].join("\n")}\n`;
  }

  function asJson(models, metric) {
    const { series, convention, precision } = data;
    const named = models.map(({ counted, label, input }) => ({ model: counted, label, input }));
    const said = { series, convention, precision, baseline: models[0].counted, metric };
    return `${JSON.stringify({ ...said, models: named, figures: records(models) }, null, 1)}\n`;
  }

  Object.assign(window.inprofCompare, { asCsv, asJson });
})();
