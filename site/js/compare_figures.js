// The arithmetic of the compare page, and numbers as text: what the command does, in a script.
(() => {
  "use strict";
  const DECIMAL = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const BINARY = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]];
  const MINUS = "−";

  /** The largest unit that a value is one of, or rounds to one of in the unit below. */
  const unitOf = (value, units, step) =>
    units.find(([factor]) => value >= factor - Math.floor((factor / step) * 5 / 1000));

  function scaled(value) {
    const unit = unitOf(value, DECIMAL, 1000);
    return unit ? `${(value / unit[0]).toFixed(2)} ${unit[1]}` : String(value);
  }

  function byteSize(value) {
    const unit = unitOf(value, BINARY, 1024);
    return unit ? `${(value / unit[0]).toFixed(2)} ${unit[1]}` : `${value} B`;
  }

  const integer = (value) => value.toLocaleString("en-US");

  const signed = (value, text) =>
    `${value < 0 ? MINUS : value > 0 ? "+" : ""}${text(Math.abs(value))}`;

  /** A share with its sign, if it is negative; one that rounds to nothing has none. */
  function percent(share, digits = 1) {
    const text = (100 * Math.abs(share)).toFixed(digits);
    return `${share < 0 && Number(text) ? MINUS : ""}${text}%`;
  }

  /** So many significant digits, all before the point and no zeros at the end. */
  const significant = (value, digits) =>
    value >= 10 ** (digits - 1) ? String(Math.round(value)) : String(Number(value.toPrecision(digits)));

  /** How many times the baseline's figure; null where either is missing, or the baseline's is 0. */
  const ratio = (value, base) => (value === null || !base ? null : value / base);

  /** How much one printed accuracy is above another, with all of their digits. */
  function gain(text, base) {
    const digits = Math.max(...[text, base].map((each) => each.split(".")[1]?.length ?? 0));
    const value = Number((Number(text) - Number(base)).toFixed(digits));
    return signed(value, (amount) => amount.toFixed(digits));
  }

  /**
   * The fewest parts that explain more than so many percent of a difference: those that differ in its direction, the
   * largest first; equals in the order of the parts.
   */
  function dominance(values, base, most) {
    const differences = values.map((value, at) => ({ at, by: value - base[at] }));
    const total = differences.reduce((sum, each) => sum + each.by, 0);
    const sign = Math.sign(total);
    const parts = [];
    let explained = 0;
    for (const each of [...differences].sort((one, two) => sign * (two.by - one.by))) {
      if (!total || 100 * sign * explained > most * sign * total) break;
      parts.push(each);
      explained += each.by;
    }
    const others = differences.filter((each) => each.by).length - parts.length;
    return { total, parts, explained, rest: total - explained, others };
  }

  /** The rows that have a figure, without those that say no more than another of their name. */
  function fullest(rows) {
    const known = rows.map((row) => ({ row, key: JSON.stringify(row.figures) }));
    const same = (one, two) => JSON.stringify(one) === JSON.stringify(two);
    const within = (one, two) =>
      one.figures.every((figure, at) => figure === null || same(figure, two.figures[at]));
    return known
      .filter(({ row, key }, at) => {
        const says = row.figures.some((figure) => figure !== null);
        return says && !known.some(
          (two, place) =>
            place !== at &&
            two.row.name === row.name &&
            (place < at || two.key !== key) &&
            within(row, two.row),
        );
      })
      .map(({ row }) => row);
  }

  window.inprofCompare = {
    scaled, byteSize, integer, signed, percent, significant, ratio, gain, dominance, fullest,
  };
})();
