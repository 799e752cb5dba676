// Pictures follow the theme that the reader chose; without a choice, and without this, the system's.
"use strict";

(() => {
  const root = document.documentElement;
  const system = " and (prefers-color-scheme: dark)";
  const dark = [...document.querySelectorAll("figure source")]
    .filter((source) => source.media.includes(system))
    .map((source) => ({ source, media: source.media }));
  const follow = () => {
    const { theme } = root.dataset;
    for (const { source, media } of dark) {
      if (theme === "light") source.media = "not all";
      else source.media = theme === "dark" ? media.replace(system, "") : media;
    }
  };
  new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });
  follow();
})();
