// What each model spends at a stage or on a kind of operation, as a bar cut into parts. The table
// below a picture has its figures.
(() => {
  "use strict";
  const { element, fill } = window.inprofTexts;
  const { amounts, data, rounded, total, word } = window.inprofCompare;
  const SHADES = 8; // of compare.css, light to dark

  /** Parts that any of the models has some of, each with its shade. */
  function shaded(models, cut, metric) {
    const spent = data[cut]
      .map((part, at) => ({ at, label: part.label }))
      .filter(({ at }) => models.some((model) => amounts(model, cut, metric)[at]));
    const steps = Math.max(spent.length - 1, 1);
    return spent.map((part, place) => ({
      ...part,
      shade: `shade-${Math.round((place * (SHADES - 1)) / steps)}`,
    }));
  }

  /** A stage's name without the words that all of them share: "1/8" of "1/8 of input". */
  const short = (label) => label.match(/\d+\/\d+/)?.[0] ?? label;

  function bars(models, cut, metric, title) {
    const parts = shaded(models, cut, metric);
    const most = Math.max(...models.map((model) => total(model, metric)));
    const names = models.map((model) =>
      fill(word("bar"), { model: model.label, total: rounded(total(model, metric), metric) }),
    );
    const lines = models.flatMap((model) => {
      const bar = element("span", { className: "bar-of-parts" });
      for (const { at, label, shade } of parts) {
        const value = amounts(model, cut, metric)[at];
        if (!value) continue;
        const part = element("span", {
          className: shade,
          title: `${label}: ${rounded(value, metric)}`,
          textContent: short(label),
        });
        part.style.width = `${((100 * value) / most).toFixed(3)}%`;
        bar.append(part);
      }
      return [
        element("span", { className: "of-model" }, model.label),
        bar,
        element("span", { className: "total" }, rounded(total(model, metric), metric)),
      ];
    });
    const picture = element("div", { className: "picture" }, ...lines);
    picture.setAttribute("role", "img");
    const said = { title, models: names.join(data.texts["list.separator"]) };
    picture.setAttribute("aria-label", fill(word("bars"), said));
    const key = element(
      "figcaption",
      {},
      word("bars_key"),
      ...parts.map(({ label, shade }) =>
        element("span", { className: "key-of-part" }, element("span", { className: shade }), label),
      ),
    );
    return element("figure", { className: "bars" }, picture, key);
  }

  Object.assign(window.inprofCompare, { bars });
})();
