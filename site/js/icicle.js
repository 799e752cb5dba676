// Draws a tree of layers as an icicle: the model on top, what is inside a module below it in the
// order it runs, widths in proportion to a metric. The figures are those of the tree table.
(() => {
  "use strict";
  const { element } = window.inprofTexts;
  const { nodesOf } = window.inprofLayers;
  const LETTER = 7; // px that a letter of a label takes at most, on average
  const THINNEST = 0.5; // px below which a block is not drawn

  const number = (cell) => Number(cell.textContent.replaceAll(",", "")) || 0;

  function build(frame) {
    const table = document.getElementById(frame.dataset.table);
    const headings = [...table.tHead.rows[0].cells].map((cell) => cell.innerText.replace(/\s+/g, " "));
    const metrics = [...frame.querySelectorAll("input")];
    const blocks = frame.querySelector(".blocks");
    const trail = frame.querySelector("ol");
    const facts = frame.querySelector(".facts");
    const outside = frame.querySelector(".blocks .outside");
    const legend = frame.querySelector(".kinds .outside");
    const nodeOf = nodesOf(table);
    const nodes = [...nodeOf.values()];
    const [root] = nodes;
    let column = Number(metrics.find((input) => input.checked).value);
    let focus = root;

    /** Where each node begins and how wide it is, as a share of the model. */
    function measure() {
      const own = (node) => number(node.row.cells[column]);
      for (const node of [...nodes].reverse()) {
        // rounded times of parts may sum to a little more than the printed whole
        const inside = node.children.reduce((sum, child) => sum + child.size, 0);
        node.size = Math.max(own(node), inside);
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

    function isAbove(node, other) {
      for (let at = other; at; at = at.parent) if (at === node) return true;
      return false;
    }

    const share = (node) => `${((100 * node.size) / (root.size || 1)).toFixed(1)}%`;
    const text = (node, at) => node.row.cells[at].textContent.trim();

    /** Put every block where it belongs under the module that is zoomed on. */
    function draw() {
      const room = blocks.clientWidth;
      let deepest = 0;
      for (const node of nodes) {
        const above = isAbove(node, focus);
        const inside = isAbove(focus, node);
        const width = above ? 1 : node.width / (focus.width || 1);
        node.shown = above || (inside && width * room >= THINNEST);
        node.block.hidden = !node.shown;
        if (!node.shown) continue;
        deepest = Math.max(deepest, node.depth);
        const start = above ? 0 : (node.start - focus.start) / focus.width;
        node.block.style.left = `${100 * start}%`;
        node.block.style.width = `${100 * width}%`;
        node.block.style.top = `calc(${node.depth} * var(--row))`;
        node.block.textContent = node.name.length * LETTER + 8 <= width * room ? node.name : "";
        const figure = `${headings[column]} ${text(node, column)}`;
        const said = [node.path, text(node, 1), text(node, 2), figure, share(node)];
        node.block.ariaLabel = said.filter(Boolean).join(", ");
      }
      blocks.style.height = `calc(${deepest + 1} * var(--row))`;
      drawOutside(room);
    }

    /** Name the strip beside the model's own parts: what it spends outside any of them. */
    function drawOutside(room) {
      const inside = root.children.reduce((sum, child) => sum + child.size, 0);
      const width = root.size && root.children.length ? 1 - inside / root.size : 0;
      const name = legend.textContent;
      outside.hidden = focus !== root || width * room < THINNEST;
      legend.hidden = outside.hidden;
      outside.style.width = `${100 * width}%`;
      outside.title = name;
      outside.textContent = name.length * LETTER + 8 <= width * room ? name : "";
    }

    function drawTrail() {
      trail.replaceChildren();
      for (let node = focus; node; node = node.parent) {
        const to = node;
        const button = element("button", { type: "button" }, to.name);
        if (to === focus) button.setAttribute("aria-current", "true");
        button.addEventListener("click", () => {
          zoom(to);
          to.block.focus(); // the trail's own buttons are new ones now
        });
        trail.prepend(element("li", {}, button));
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
        const value = text(node, at);
        if (at === column) items.push([headings[at], `${value} (${share(node)})`]);
        else if (value && !value.endsWith("%")) items.push([headings[at], value]);
      }
      const fact = ([term, value]) =>
        element("div", {}, element("dt", {}, term), element("dd", {}, value));
      facts.replaceChildren(...items.map(fact));
    }

    function choose(node) {
      for (const each of nodes) each.block.classList.toggle("chosen", each === node);
      table.dispatchEvent(new CustomEvent("choose", { detail: node.row }));
    }

    /** The next block that is drawn from here, by an arrow's direction. */
    function neighbour(node, key) {
      if (key === "ArrowUp") return node.parent;
      if (key === "ArrowDown") return node.children.find((child) => child.shown);
      const same = nodes.filter((each) => each.shown && each.depth === node.depth);
      return same[same.indexOf(node) + (key === "ArrowRight" ? 1 : -1)];
    }

    function press(event) {
      const node = nodes.find((each) => each.block === event.target);
      const isArrow = event.key.startsWith("Arrow");
      if (!node || !(isArrow || event.key === "Escape")) return;
      event.preventDefault();
      if (!isArrow && focus.parent) zoom(focus.parent);
      const next = isArrow ? neighbour(node, event.key) : focus;
      if (!next) return;
      reach(next);
      next.block.focus();
    }

    for (const node of nodes) {
      const { className } = node.row.cells[1];
      node.block = element("button", { type: "button", className });
      node.block.addEventListener("click", () => {
        if (node.children.length) zoom(node === focus && node.parent ? node.parent : node);
        reach(node);
        choose(node);
      });
      node.block.addEventListener("focus", () => describe(node));
      node.block.addEventListener("pointerenter", () => describe(node));
      blocks.append(node.block);
    }
    blocks.addEventListener("keydown", press);
    table.addEventListener("click", (event) => {
      const node = nodeOf.get(event.target.closest("tbody tr"));
      if (!node) return;
      if (!isAbove(focus, node)) zoom(node);
      choose(node);
      describe(node);
    });
    for (const input of metrics) {
      input.addEventListener("change", () => {
        column = Number(input.value);
        measure();
        zoom(focus.size ? focus : root);
        describe(focus);
      });
    }
    frame.hidden = false;
    measure();
    zoom(root);
    describe(root);
    new ResizeObserver(draw).observe(blocks);
  }

  document.querySelectorAll(".icicle").forEach(build);
})();
