// What scripts share: elements, sentences with gaps, searches, CSV, the address, and the one model
// that is selected on a page.
(() => {
  "use strict";

  /** An element with these properties and children; a child that is a text is never markup. */
  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  const button = (properties, ...children) =>
    element("button", { type: "button", ...properties }, ...children);

  /** A row of a table that begins with a heading. */
  const tableRow = (heading, cells) =>
    element("tr", {}, element("th", { scope: "row" }, heading), ...cells);

  /** A sentence with its {placeholders} filled in. */
  const fill = (sentence, values) =>
    sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

  /** Tells of a text whether all words that a reader typed are in it, in any order and case. */
  function finder(typed) {
    const words = typed.toLowerCase().split(/\s+/);
    return (text) => words.every((word) => text.toLowerCase().includes(word));
  }

  /** Records as CSV with these ends of lines; a \r that no end has is a space. */
  function csv(records, end) {
    const field = (value) => {
      const text = String(value ?? "").replaceAll("\r", end.includes("\r") ? "\r" : " ");
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const rows = [Object.keys(records[0]), ...records.map(Object.values)];
    return rows.map((row) => row.map(field).join(",") + end).join("");
  }

  /** Put values into the address in place of those that their keys have; empty ones go. */
  function writeAddress(entries) {
    const query = new URLSearchParams(location.search);
    for (const [key] of entries) query.delete(key);
    for (const [key, value] of entries) if (value) query.append(key, value);
    const search = String(query) && `?${String(query).replaceAll("%2C", ",")}`;
    history.replaceState(history.state, "", location.pathname + search + location.hash);
  }

  /** Tell whoever shows models that this one is selected, or none where it is null. */
  const selectModel = (model) =>
    document.dispatchEvent(new CustomEvent("inprof:select", { bubbles: true, detail: { model } }));

  window.inprofPage = { button, csv, element, fill, finder, selectModel, tableRow, writeAddress };

  // the contents of a page would fill a narrow screen: there they are folded, opened by a tap
  const contents = document.querySelector(".contents details");
  if (contents) contents.open = matchMedia("(min-width: 64rem)").matches;
})();
