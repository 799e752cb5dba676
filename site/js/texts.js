// What scripts share: elements that hold texts, sentences with gaps, searches, the address.
(() => {
  "use strict";

  /** An element with these properties and children; a child that is a text is never markup. */
  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  /** A sentence with its {placeholders} filled in. */
  const fill = (sentence, values) =>
    sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

  /** Tells of a text whether all words that a reader typed are in it, in any order and case. */
  function finder(typed) {
    const words = typed.toLowerCase().split(/\s+/);
    return (text) => words.every((word) => text.toLowerCase().includes(word));
  }

  /** Put values into the address in place of those that their keys have; empty ones go. */
  function writeAddress(entries) {
    const query = new URLSearchParams(location.search);
    for (const [key] of entries) query.delete(key);
    for (const [key, value] of entries) if (value) query.append(key, value);
    const search = String(query) && `?${String(query).replaceAll("%2C", ",")}`;
    history.replaceState(history.state, "", location.pathname + search + location.hash);
  }

  window.inprofTexts = { element, fill, finder, writeAddress };

  // the contents of a page would fill a narrow screen: there they are folded, opened by a tap
  const contents = document.querySelector(".contents details");
  if (contents) contents.open = matchMedia("(min-width: 64rem)").matches;
})();
