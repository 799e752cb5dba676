// What the compare page reads and says: its data and sentences.
(() => {
  "use strict";
  const { fill } = window.inprofTexts;
  const compare = window.inprofCompare;
  const { byteSize, dominance, fullest, percent, ratio, scaled, signed, significant } = compare;
  const data = JSON.parse(document.getElementById("compare-data").textContent);
  const { texts } = data;
  // ratios between these are told as "about as many"
  const ABOUT_ONE = [0.995, 1.005];

  const word = (name) => texts[`compare.${name}`];
  const heading = (name) => texts[`columns.compare.${name}`];
  const metricName = (metric) => texts[`compare.metrics.${metric}`];
  const inBytes = (metric) => data.bytes.includes(metric);
  const total = (model, metric) => model.totals[data.totals.indexOf(metric)];
  const amounts = (model, cut, metric) => model[cut][data.metrics.indexOf(metric)];

  /** A metric's value rounded, and with its sign. */
  const rounded = (value, metric) => (inBytes(metric) ? byteSize : scaled)(value);
  const change = (value, metric) => signed(value, inBytes(metric) ? byteSize : scaled);

  /** The rows of accuracies or latencies that tell any of these models' figures, in their order. */
  const known = (kind, models) =>
    fullest(
      data[kind].map((row) => (
        { ...row, figures: models.map((model) => row.figures[model.at] ?? null) }
      )),
    );

  // --- sentences

  /** "one", "one and two", "one, two and three". */
  function enumerated(parts) {
    const last = parts.at(-1);
    const first = parts.slice(0, -1).join(texts["list.separator"]);
    return first ? first + texts["list.and"] + last : last;
  }

  function scale(model, baseline, metric) {
    const [value, base] = [model, baseline].map((each) => total(each, metric));
    const names = { model: model.label, baseline: baseline.label, metric: metricName(metric) };
    if (value === base) return fill(word("same"), names);
    const times = ratio(value, base);
    if (times === null) return fill(word("from_none"), { ...names, amount: rounded(value, metric) });
    const difference = change(value - base, metric);
    if (ABOUT_ONE[0] <= times && times <= ABOUT_ONE[1]) {
      return fill(word("about_same"), { ...names, difference });
    }
    return fill(word("sentence"), { ...names, difference, ratio: significant(times, 3) });
  }

  /** The fewest parts that most of a difference is in, with its share or, if above 1, both. */
  function where(model, baseline, cut, metric) {
    const values = amounts(model, cut, metric);
    const found = dominance(values, amounts(baseline, cut, metric), data.most);
    const parts = enumerated(found.parts.map(({ at }) => data[cut][at].place));
    const share = found.explained / found.total;
    if (share > 1) {
      const [explained, rest] = [found.explained, found.rest].map((each) => change(each, metric));
      return fill(word(`by_${cut}_more`), { parts, explained, rest });
    }
    if (!found.others) return fill(word(`by_${cut}_all`), { parts });
    return fill(word(`by_${cut}`), { parts, share: percent(share, 0) });
  }

  /** How much more a model has than the baseline, and where most of that is. */
  function sentence(model, baseline, metric) {
    const differs = total(model, metric) !== total(baseline, metric);
    const cuts = differs ? ["stages", "kinds"] : [];
    return [
      scale(model, baseline, metric),
      ...cuts.map((cut) => where(model, baseline, cut, metric)),
    ].join(texts["list.sentences"]);
  }

  data.models.forEach((model, at) => Object.assign(model, { at }));
  Object.assign(compare, {
    data, word, heading, metricName, inBytes, total, amounts, rounded, known, sentence,
  });
})();
