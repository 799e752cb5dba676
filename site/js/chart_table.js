// The plotted figures as a table, for readers to whom a picture says nothing.
(() => {
  "use strict";
  const { element } = window.inprofTexts;
  const chart = (window.inprofChart ??= {});

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
})();
