// The rows of a table of layers as the tree that they stand for.
(() => {
  "use strict";

  /** Nodes by their rows, the model first; a path names what is inside the model. */
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

  window.inprofLayers = { nodesOf };
})();
