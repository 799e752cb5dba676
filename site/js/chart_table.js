// The plotted figures as a table, for readers to whom a picture says nothing.
(() => {
  "use strict";
  const chart = (window.inprofChart ??= {});

  /** An element with a text, which is never markup. */
  chart.element = (tag, text = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  };

  /** The plotted figures in a table; `select` is called with the name of a model. */
  chart.fillTable = (table, data, choice, select) => {
    const { element } = chart;
    const { texts } = data;
    const bounded = choice.points.some((point) => point.interval);
    const words = [
      texts.model, texts.accuracy, choice.axis.join(" · "), ...(bounded ? [texts.interval] : []),
      texts.frontier,
    ];
    const head = element("tr");
    for (const word of words) {
      const cell = element("th", word);
      cell.scope = "col";
      head.append(cell);
    }
    const rows = choice.points.map((point) => {
      const model = data.models[point.model];
      const row = element("tr");
      const name = element("th");
      const button = element("button", model.label);
      name.scope = "row";
      button.type = "button";
      button.addEventListener("click", () => select(model.name));
      name.append(button);
      const interval = bounded ? [point.interval ?? "–"] : [];
      const frontier = point.frontier ? texts.on_frontier : texts.off_frontier;
      const cells = [model.top1, point.text, ...interval, frontier];
      row.append(name, ...cells.map((text) => element("td", text)));
      return row;
    });
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(...rows);
  };
})();
