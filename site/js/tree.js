// Folds the tables of layers: every row of a module gets a button that hides what is inside it.
// Another script may ask a table to show a row, with an event "choose" whose detail is the row.
(() => {
  "use strict";
  const { element } = window.inprofTexts;
  const FEW = 40; // a tree with no more rows stays open

  /** The nodes that rows stand for, by row, the model first; a path names what is inside it. */
  function nodesOf(table) {
    const nodes = new Map();
    const above = [];
    for (const row of table.tBodies[0].rows) {
      const depth = Number(/\bd(\d+)/.exec(row.className)[1]);
      const parent = above[depth - 1] ?? null;
      const name = row.cells[0].textContent;
      const path = parent?.parent ? `${parent.path}.${name}` : name;
      const node = { row, depth, parent, name, path, children: [] };
      parent?.children.push(node);
      above[depth] = node;
      nodes.set(row, node);
    }
    return nodes;
  }

  function foldable(table) {
    const nodes = nodesOf(table);
    const isOpen = (node) => node.button.getAttribute("aria-expanded") === "true";
    const setOpen = (node, open) => node.button.setAttribute("aria-expanded", String(open));

    /** Hide the rows inside a closed one. */
    function show() {
      let closedAt = Infinity;
      for (const [row, node] of nodes) {
        if (node.depth <= closedAt) closedAt = Infinity;
        row.hidden = node.depth > closedAt;
        if (closedAt === Infinity && node.button && !isOpen(node)) closedAt = node.depth;
      }
    }

    /** Open the modules above a level, or all for level 0. */
    function openTo(depth) {
      for (const node of nodes.values()) if (node.button) setOpen(node, !depth || node.depth < depth);
      show();
    }

    function choose(row) {
      for (const other of nodes.keys()) other.classList.toggle("chosen", other === row);
      for (let at = nodes.get(row).parent; at; at = at.parent) setOpen(at, true);
      show();
      // only the table's own frame scrolls: the page stays where the reader is
      const frame = table.closest(".scroll");
      const head = table.tHead.offsetHeight;
      if (row.offsetTop - head < frame.scrollTop) frame.scrollTop = row.offsetTop - head;
      const end = row.offsetTop + row.offsetHeight - frame.clientHeight;
      if (end > frame.scrollTop) frame.scrollTop = end;
    }

    function addButton(node) {
      const cell = node.row.cells[0];
      node.button = element("button", { type: "button", className: "fold" }, ...cell.childNodes);
      if (node.parent) node.button.ariaLabel = node.path;
      cell.append(node.button);
      const turn = (open) => {
        setOpen(node, open);
        show();
      };
      node.button.addEventListener("click", () => turn(!isOpen(node)));
      node.button.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
        event.preventDefault();
        turn(event.key === "ArrowRight");
      });
    }

    for (const node of nodes.values()) if (node.row.classList.contains("g")) addButton(node);
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

  window.inprofLayers = { nodesOf };
  document.querySelectorAll("table.tree").forEach(foldable);
})();
