// What is plotted, as rows: for the record beside the chart, the table below it, and files.
(() => {
  "use strict";
  const { element, fill } = window.inprofTexts;
  const chart = (window.inprofChart ??= {});

  /** Everything known of a point, as [word, text] pairs in the page's language. */
  chart.record = (data, choice, point) => {
    const { texts } = data;
    const model = data.models[point.model];
    const measured = choice.metric === "measured";
    const [x, ...conditions] = choice.axis;
    const said = (key, text) => (text ? [[texts[key], text]] : []);
    return [
      ...said("accuracy", model.top1),
      [x, point.text],
      ...said("interval", point.interval && `${point.interval} ${choice.unit}`),
      ...said("conditions", choice.hw && conditions.join(texts["list.separator"])),
      ...(choice.metric === "flops" ? [] : said("flops", model.flopsText)),
      ...(choice.metric === "params" ? [] : said("params", model.paramsText)),
      ...inputs(model, point, said),
      ...said("samples", measured ? fill(texts.processes, point) : ""),
      ...said("flags", measured ? flagNames(data, point) : ""),
      ...said("day", point.day),
      ...said("frontier", point.frontier ? texts.on_frontier : texts.off_frontier),
      ...said("source", sourceOf(data, choice, point)),
      ...said("accuracy_source", data.sources[model.source]),
    ];
  };

  /** The plotted rows as they are, the same in every language. */
  chart.rows = (data, choice) =>
    choice.points.map((point) => {
      const model = data.models[point.model];
      return {
        model: model.name,
        label: model.label,
        top1: point.y,
        metric: choice.metric,
        value: point.x,
        unit: choice.unit,
        low: point.low ?? null,
        high: point.high ?? null,
        convention: choice.hw ? null : data.convention,
        hw: choice.hw ?? null,
        quantity: choice.quantity ?? null,
        precision: choice.precision ?? null,
        batch_size: choice.batch ?? null,
        key: choice.key,
        flops: model.flops,
        params: model.params,
        input: point.input ?? model.input,
        flops_input: model.input,
        pareto: Boolean(point.frontier),
        doubtful: Boolean(point.doubtful),
        samples: point.samples ?? null,
        runs: point.runs ?? null,
        flags: (point.flags ?? []).join(" "),
        day: point.day ?? null,
        source: data.sources[point.source] ?? null,
        accuracy_source: data.sources[model.source] ?? null,
      };
    });

  /** The plotted figures in a table; `select` is called with the name of a model. */
  chart.fillTable = (table, data, choice, select) => {
    const { texts } = data;
    const bounded = choice.points.some((point) => point.interval);
    const words = [
      texts.model, texts.accuracy, choice.axis.join(" · "), ...(bounded ? [texts.interval] : []),
      texts.frontier,
    ];
    const headings = words.map((word) => element("th", { scope: "col" }, word));
    const rows = choice.points.map((point) => {
      const model = data.models[point.model];
      const button = element("button", { type: "button" }, model.label);
      button.addEventListener("click", () => select(model.name));
      const interval = bounded ? [point.interval ?? "–"] : [];
      const frontier = point.frontier ? texts.on_frontier : texts.off_frontier;
      const cells = [model.top1, point.text, ...interval, frontier];
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, button),
        ...cells.map((text) => element("td", {}, text)),
      );
    });
    table.tHead.replaceChildren(element("tr", {}, ...headings));
    table.tBodies[0].replaceChildren(...rows);
  };

  /** Rows as CSV: RFC 4180, with a byte order mark so that spreadsheets read it as UTF-8. */
  chart.csv = (rows) => {
    const cell = (value) => {
      const text = String(value ?? "");
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lines = [Object.keys(rows[0]), ...rows.map(Object.values)];
    return `\ufeff${lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("")}`;
  };

  /** Hand a file to the reader. */
  chart.save = (name, blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  /** A published latency has an input of its own, which need not be that of the counts. */
  function inputs(model, { input }, said) {
    if (!input || input === model.input) return said("input", model.input);
    return [...said("latency_input", input), ...said("flops_input", model.input)];
  }

  function flagNames(data, point) {
    const names = (point.flags ?? []).map((flag) => data.flags[flag] ?? flag);
    return names.join(data.texts["list.separator"]) || data.texts["flags.none"];
  }

  function sourceOf(data, choice, point) {
    const { texts } = data;
    if (choice.metric === "measured") return texts.measured_here;
    if (choice.hw) return data.sources[point.source];
    return fill(texts.traced, { convention: data.convention });
  }
})();
