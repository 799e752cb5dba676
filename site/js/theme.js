// Light, dark, or as the system has it: the reader's choice, kept where the browser allows it.
//
// This stands in the head and runs before anything is drawn, so that no page flashes. A choice is
// the root's attribute data-theme; the sheet of the dark is bound to it instead of to the system.
(() => {
  "use strict";
  const KEY = "inprof-theme";
  const NEXT = { system: "light", light: "dark", dark: "system" };
  const SHEET = { system: "screen and (prefers-color-scheme: dark)", light: "not all", dark: "screen" };
  const root = document.documentElement;
  let theme = "system";

  function apply() {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.querySelector("link.dark").media = SHEET[theme];
  }

  try {
    const kept = localStorage.getItem(KEY);
    if (Object.hasOwn(NEXT, kept)) theme = kept;
  } catch {
    // a page from a folder may be refused a memory; the choice then lasts for the page
  }
  apply();

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("button.theme");
    if (!button) return;
    const name = () => (button.textContent = button.dataset[theme]);
    button.addEventListener("click", () => {
      theme = NEXT[theme];
      try {
        localStorage.setItem(KEY, theme);
      } catch {
        // see above
      }
      apply();
      name();
    });
    name();
    button.hidden = false;
  });
})();
