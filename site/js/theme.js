// Light, dark, or as the system has it: the reader's choice, kept where the browser allows it.
//
// This stands in the head and runs before anything is drawn, so that no page flashes. A choice is
// the root's attribute data-theme; the sheet and the pictures of the dark are bound to it instead
// of to the system.
(() => {
  "use strict";
  const KEY = "inprof-theme";
  const NEXT = { system: "light", light: "dark", dark: "system" };
  const SYSTEM = " and (prefers-color-scheme: dark)";
  const root = document.documentElement;
  const dark = new Map(); // what is for the dark, and for which media the page has it

  function follow() {
    const { theme } = root.dataset;
    for (const [each, media] of dark) {
      if (theme === "light") each.media = "not all";
      else each.media = theme === "dark" ? media.replace(SYSTEM, "") : media;
    }
  }

  function bind(selector) {
    for (const each of document.querySelectorAll(selector))
      if (each.media.includes(SYSTEM)) dark.set(each, each.media);
    follow();
  }

  // a page from a folder may be refused a memory; the choice then lasts for the page
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch {}
  bind("link.dark");
  new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });

  document.addEventListener("DOMContentLoaded", () => {
    bind("figure source");
    const button = document.querySelector("button.theme");
    if (!button) return;
    const theme = () => root.dataset.theme ?? "system";
    const name = () => (button.textContent = button.dataset[theme()]);
    button.addEventListener("click", () => {
      const chosen = NEXT[theme()];
      if (chosen === "system") delete root.dataset.theme;
      else root.dataset.theme = chosen;
      try {
        localStorage.setItem(KEY, chosen);
      } catch {}
      name();
    });
    name();
    button.hidden = false;
  });
})();
