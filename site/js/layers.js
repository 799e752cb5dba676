// Trees of layers. Every row of a module in a table gets a button that hides what is inside it.
// Where there is a frame for it, an icicle draws the table's figures: the model on top, what is
// inside a module below it in the order it runs, widths in proportion to a metric.
(() => {
  "use strict";
  const { button, element } = window.inprofPage;
  const FEW = 40; // a tree with no more rows stays open
  const LETTER = 7; // px that a letter of a label takes at most, on average
  const THINNEST = 0.5; // px below which a block is not drawn

  const textOf = (node, column) => node.row.cells[column].textContent.trim();
  const sizeInside = (node) => node.children.reduce((sum, child) => sum + child.size, 0);

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

  /** Whether a node is another one or has it inside. */
  function isAbove(node, other) {
    for (let at = other; at; at = at.parent) if (at === node) return true;
    return false;
  }

  /** Let the table's modules be folded; what is returned shows a node's row. */
  function foldable(table, nodes) {
    const isOpen = (node) => node.fold.ariaExpanded === "true";
    const setOpen = (node, open) => (node.fold.ariaExpanded = String(open));

    /** Hide the rows inside a closed one. */
    function show() {
      let closedAt = Infinity;
      for (const node of nodes) {
        if (node.depth <= closedAt) closedAt = Infinity;
        node.row.hidden = node.depth > closedAt;
        if (closedAt === Infinity && node.fold && !isOpen(node)) closedAt = node.depth;
      }
    }

    function turn(node, open) {
      setOpen(node, open);
      show();
    }

    /** Open the modules above a level, or all for level 0. */
    function openTo(depth) {
      for (const node of nodes) if (node.fold) setOpen(node, !depth || node.depth < depth);
      show();
    }

    function addButton(node) {
      const cell = node.row.cells[0];
      node.fold = button({ className: "fold" }, ...cell.childNodes);
      if (node.parent) node.fold.ariaLabel = node.path;
      cell.append(node.fold);
      node.fold.addEventListener("click", () => turn(node, !isOpen(node)));
      node.fold.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
        event.preventDefault();
        turn(node, event.key === "ArrowRight");
      });
    }

    for (const node of nodes) if (node.row.classList.contains("g")) addButton(node);
    for (const tools of document.querySelectorAll(`[data-tree="${table.id}"]`)) {
      tools.hidden = false;
      tools.addEventListener("click", ({ target }) => {
        const asked = target.closest("[data-level]");
        if (asked) openTo(Number(asked.dataset.level));
      });
    }
    openTo(nodes.length > FEW ? 1 : 0);

    return ({ row, parent }) => {
      for (const node of nodes) node.row.classList.toggle("chosen", node.row === row);
      for (let at = parent; at; at = at.parent) setOpen(at, true);
      show();
      // only the table's own frame scrolls: the page stays where the reader is
      const frame = table.closest(".scroll");
      const top = row.offsetTop - table.tHead.offsetHeight;
      const end = row.offsetTop + row.offsetHeight - frame.clientHeight;
      frame.scrollTop = Math.max(Math.min(frame.scrollTop, top), end);
    };
  }

  /** Draw a table's nodes into a frame; `showRow` shows the row of one that is chosen. */
  function icicle(frame, table, nodeOf, showRow) {
    const headings = [...table.tHead.rows[0].cells].map((cell) =>
      cell.innerText.replace(/\s+/g, " "),
    );
    const blocks = frame.querySelector(".blocks");
    const trail = frame.querySelector("ol");
    const outside = blocks.querySelector(".outside");
    const legend = frame.querySelector(".kinds .outside");
    const nodes = [...nodeOf.values()];
    const [root] = nodes;
    let column = Number(frame.querySelector("input:checked").value);
    let focus = root;

    /** Where each node begins and how wide it is, as a share of the model. */
    function measure() {
      for (const node of [...nodes].reverse()) {
        const own = Number(node.row.cells[column].textContent.replaceAll(",", "")) || 0;
        // rounded times of parts may sum to a little more than the printed whole
        node.size = Math.max(own, sizeInside(node));
      }
      const whole = root.size || 1;
      root.start = 0;
      for (const node of nodes) {
        node.width = node.size / whole;
        let start = node.start;
        for (const child of node.children) {
          child.start = start;
          start += child.size / whole;
        }
      }
    }

    const share = ({ size }) => `${((100 * size) / (root.size || 1)).toFixed(1)}%`;

    /** A block's text where it has the room, in pixels. */
    const label = (name, room) => (name.length * LETTER + 8 <= room ? name : "");

    /** Put every block where it belongs under the module that is zoomed on. */
    function draw() {
      const room = blocks.clientWidth;
      for (const node of nodes) {
        const { block, depth } = node;
        const above = isAbove(node, focus);
        const width = above ? 1 : node.width / (focus.width || 1);
        const start = above ? 0 : (node.start - focus.start) / focus.width;
        block.hidden = !above && !(isAbove(focus, node) && width * room >= THINNEST);
        if (block.hidden) continue;
        const [left, wide] = [`${100 * start}%`, `${100 * width}%`];
        Object.assign(block.style, { left, width: wide, top: `calc(${depth} * var(--row))` });
        block.textContent = label(node.name, width * room);
        const figure = `${headings[column]} ${textOf(node, column)}`;
        const said = [node.path, textOf(node, 1), textOf(node, 2), figure, share(node)];
        block.ariaLabel = said.filter(Boolean).join(", ");
      }
      const shown = nodes.filter(({ block }) => !block.hidden);
      const deepest = Math.max(...shown.map(({ depth }) => depth));
      blocks.style.height = `calc(${deepest + 1} * var(--row))`;
      drawOutside(room);
    }

    /** Name the strip beside the model's own parts: what it spends outside any of them. */
    function drawOutside(room) {
      const width = root.size && root.children.length ? 1 - sizeInside(root) / root.size : 0;
      outside.hidden = legend.hidden = focus !== root || width * room < THINNEST;
      outside.style.width = `${100 * width}%`;
      outside.title = legend.textContent;
      outside.textContent = label(legend.textContent, width * room);
    }

    function drawTrail() {
      trail.replaceChildren();
      for (let node = focus; node; node = node.parent) {
        const to = node;
        const onclick = () => {
          zoom(to);
          to.block.focus(); // the trail's own buttons are new ones now
        };
        const step = button({ onclick, ariaCurrent: to === focus ? "true" : null }, to.name);
        trail.prepend(element("li", {}, step));
      }
    }

    function zoom(node) {
      focus = node.children.length ? node : node.parent || node;
      draw();
      drawTrail();
      reach(node);
    }

    /** Make one block the one that Tab leads to. */
    function reach(node) {
      for (const each of nodes) each.block.tabIndex = each === node ? 0 : -1;
    }

    /** Say what a node is and what it costs. */
    function describe(node) {
      const items = [[headings[0], node.path]];
      for (let at = 1; at < headings.length; at += 1) {
        const value = textOf(node, at);
        if (at === column) items.push([headings[at], `${value} (${share(node)})`]);
        else if (value && !value.endsWith("%")) items.push([headings[at], value]);
      }
      const fact = ([term, value]) =>
        element("div", {}, element("dt", {}, term), element("dd", {}, value));
      frame.querySelector(".facts").replaceChildren(...items.map(fact));
    }

    function choose(node) {
      for (const each of nodes) each.block.classList.toggle("chosen", each === node);
      showRow(node);
    }

    /** The next block that is drawn from here, by an arrow's direction. */
    function neighbour(node, key) {
      if (key === "ArrowUp") return node.parent;
      if (key === "ArrowDown") return node.children.find(({ block }) => !block.hidden);
      const same = nodes.filter(({ block, depth }) => !block.hidden && depth === node.depth);
      return same[same.indexOf(node) + (key === "ArrowRight" ? 1 : -1)];
    }

    for (const node of nodes) {
      const onclick = () => {
        if (node.children.length) zoom(node === focus && node.parent ? node.parent : node);
        reach(node);
        choose(node);
      };
      const tell = () => describe(node);
      const { className } = node.row.cells[1];
      node.block = button({ className, onclick, onfocus: tell, onpointerenter: tell });
      blocks.append(node.block);
    }
    blocks.addEventListener("keydown", (event) => {
      const node = nodes.find(({ block }) => block === event.target);
      const isArrow = event.key.startsWith("Arrow");
      if (!node || !(isArrow || event.key === "Escape")) return;
      event.preventDefault();
      if (!isArrow && focus.parent) zoom(focus.parent);
      const next = isArrow ? neighbour(node, event.key) : focus;
      if (!next) return;
      reach(next);
      next.block.focus();
    });
    table.addEventListener("click", ({ target }) => {
      const node = nodeOf.get(target.closest("tbody tr"));
      if (!node) return;
      if (!isAbove(focus, node)) zoom(node);
      choose(node);
      describe(node);
    });
    frame.querySelector("fieldset").addEventListener("change", ({ target }) => {
      column = Number(target.value);
      measure();
      zoom(focus.size ? focus : root);
      describe(focus);
    });
    frame.hidden = false;
    measure();
    zoom(root);
    describe(root);
    new ResizeObserver(draw).observe(blocks);
  }

  for (const table of document.querySelectorAll("table.tree")) {
    const nodeOf = nodesOf(table);
    const showRow = foldable(table, [...nodeOf.values()]);
    for (const frame of document.querySelectorAll(`.icicle[data-table="${table.id}"]`))
      icicle(frame, table, nodeOf, showRow);
  }
})();
