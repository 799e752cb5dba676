// Folds the tables of layers: every row of a module gets a button that hides what is inside it.
// Another script may ask a table to show a row, with an event "choose" whose detail is the row.
(() => {
  "use strict";
  const { element } = window.inprofTexts;
  const { nodesOf } = window.inprofLayers;
  const FEW = 40; // a tree with no more rows stays open

  function foldable(table) {
    const nodes = nodesOf(table);
    const buttons = new Map();

    const isOpen = (row) => buttons.get(row).getAttribute("aria-expanded") === "true";
    const setOpen = (row, open) => buttons.get(row).setAttribute("aria-expanded", String(open));

    /** Hide the rows inside a closed one. */
    function show() {
      let closedAt = Infinity;
      for (const [row, { depth }] of nodes) {
        if (depth <= closedAt) closedAt = Infinity;
        row.hidden = depth > closedAt;
        if (closedAt === Infinity && buttons.has(row) && !isOpen(row)) closedAt = depth;
      }
    }

    /** Open the modules above a level, or all for level 0. */
    function openTo(depth) {
      for (const row of buttons.keys()) setOpen(row, !depth || nodes.get(row).depth < depth);
      show();
    }

    function choose(row) {
      for (const other of nodes.keys()) other.classList.toggle("chosen", other === row);
      for (let at = nodes.get(row).parent; at; at = at.parent) setOpen(at.row, true);
      show();
      // only the table's own frame scrolls: the page stays where the reader is
      const frame = table.closest(".scroll");
      const head = table.tHead.offsetHeight;
      if (row.offsetTop - head < frame.scrollTop) frame.scrollTop = row.offsetTop - head;
      const end = row.offsetTop + row.offsetHeight - frame.clientHeight;
      if (end > frame.scrollTop) frame.scrollTop = end;
    }

    for (const row of nodes.keys()) {
      if (!row.classList.contains("g")) continue;
      const cell = row.cells[0];
      const button = element("button", { type: "button", className: "fold" }, ...cell.childNodes);
      cell.append(button);
      buttons.set(row, button);
    }
    for (const [row, button] of buttons) {
      const { parent, path } = nodes.get(row);
      if (parent) button.setAttribute("aria-label", path);
      button.addEventListener("click", () => {
        setOpen(row, !isOpen(row));
        show();
      });
      button.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
        event.preventDefault();
        setOpen(row, event.key === "ArrowRight");
        show();
      });
    }
    table.addEventListener("choose", (event) => choose(event.detail));
    for (const tools of document.querySelectorAll(`[data-tree="${table.id}"]`)) {
      tools.hidden = false;
      tools.addEventListener("click", (event) => {
        const asked = event.target.closest("[data-level]");
        if (asked) openTo(Number(asked.dataset.level));
      });
    }
    openTo(nodes.size > FEW ? 1 : 0);
  }

  document.querySelectorAll("table.tree").forEach(foldable);
})();
