// What a reader chose to compare as files: exact figures, and names as the command's files have
// them.
(() => {
  "use strict";
  const { amounts, data, known, ratio, sizes, total } = window.inprofCompare;
  const COLUMNS = ["cut", "part", "metric", "model", "value", "ratio"];

  const toFirst = (values) => values.map((value) => ratio(value, values[0]));

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
    for (const { name, page, figures } of known("accuracies", models)) {
      found.push(["accuracy", page, name, figures, models.map(() => null)]);
    }
    for (const { name, page, figures } of known("latencies", models)) {
      const part = `${name}, ${sizes(figures).join("/")}`;
      const values = figures.map((figure) => figure && (page ? figure.text : figure.ms));
      const ratios = toFirst(figures.map((figure) => figure && figure.ms));
      found.push(["latency", part, "latency_ms", values, ratios]);
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

  function asCsv(figures) {
    const rows = figures.map((each) => COLUMNS.map((name) => field(each[name])).join(","));
    return `${[COLUMNS.join(","), ...rows].join("\n")}\n`;
  }

  function asJson(figures, models, metric) {
    const { series, convention, precision } = data;
    const named = models.map(({ counted, label, input }) => ({ model: counted, label, input }));
    const said = { series, convention, precision, baseline: models[0].counted, metric };
    return `${JSON.stringify({ ...said, models: named, figures }, null, 1)}\n`;
  }

  /** What a reader is offered: CSV, then JSON. */
  function files(models, metric) {
    const figures = records(models);
    return [asCsv(figures), asJson(figures, models, metric)];
  }

  Object.assign(window.inprofCompare, { files });
})();
