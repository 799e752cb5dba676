// Folds the tables of layers: every row of a module gets a button that hides what is inside it.
// Another script may ask a table to show a row, with an event "choose" whose detail is the row.
(() => {
  "use strict";
  const FEW = 40; // a tree with no more rows stays open

  const level = (row) => Number(/\bd(\d+)/.exec(row.className)[1]);

  /** The row's path in the network, as the rows around it say. */
  function pathOf(row, rows) {
    const names = [];
    for (let at = rows.indexOf(row), below = level(row) + 1; below > 1; at -= 1) {
      if (level(rows[at]) < below) {
        below = level(rows[at]);
        names.unshift(rows[at].cells[0].textContent);
      }
    }
    return names.join(".");
  }

  function foldable(table) {
    const rows = [...table.tBodies[0].rows];
    const buttons = new Map();

    const isOpen = (row) => buttons.get(row).getAttribute("aria-expanded") === "true";
    const setOpen = (row, open) => buttons.get(row).setAttribute("aria-expanded", String(open));

    /** Hide the rows inside a closed one. */
    function show() {
      let closedAt = Infinity;
      for (const row of rows) {
        const depth = level(row);
        if (depth <= closedAt) closedAt = Infinity;
        row.hidden = depth > closedAt;
        if (closedAt === Infinity && buttons.has(row) && !isOpen(row)) closedAt = depth;
      }
    }

    /** Open the modules above a level, or all for level 0. */
    function openTo(depth) {
      for (const row of buttons.keys()) setOpen(row, !depth || level(row) < depth);
      show();
    }

    function choose(row) {
      for (const other of rows) other.classList.toggle("chosen", other === row);
      for (let at = rows.indexOf(row), below = level(row); at >= 0 && below > 0; at -= 1) {
        if (level(rows[at]) < below) {
          below = level(rows[at]);
          setOpen(rows[at], true);
        }
      }
      show();
      // only the table's own frame scrolls: the page stays where the reader is
      const frame = table.closest(".scroll");
      const head = table.tHead.offsetHeight;
      if (row.offsetTop - head < frame.scrollTop) frame.scrollTop = row.offsetTop - head;
      const end = row.offsetTop + row.offsetHeight - frame.clientHeight;
      if (end > frame.scrollTop) frame.scrollTop = end;
    }

    for (const row of rows) {
      if (!row.classList.contains("g")) continue;
      const cell = row.cells[0];
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fold";
      button.append(...cell.childNodes);
      cell.append(button);
      buttons.set(row, button);
    }
    for (const [row, button] of buttons) {
      const path = pathOf(row, rows);
      if (path) button.setAttribute("aria-label", path);
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
    openTo(rows.length > FEW ? 1 : 0);
  }

  document.querySelectorAll("table.tree").forEach(foldable);
})();
