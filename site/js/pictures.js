// Pictures follow the theme that the reader chose; without a choice, and without this, the system's.
"use strict";

(() => {
  const root = document.documentElement;
  const media = { dark: "screen", light: "not all" };
  const system = "screen and (prefers-color-scheme: dark)";
  const follow = () => {
    for (const source of document.querySelectorAll("figure source")) {
      source.media = media[root.dataset.theme] ?? system;
    }
  };
  new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });
  follow();
})();
