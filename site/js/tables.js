// Sorting and filtering of tables, and rows that stand for a model.
//
// Without this script every table is complete and in its own order. What a reader chose stands in
// the address: sort=<table>.<column>.<direction> and filter=<table>.<text>, once for each table.
//
// A row of a model has data-model, the model's name. Selecting one, here or elsewhere, dispatches
// the bubbling CustomEvent "inprof:select" on the document; its detail.model is the name, or null
// where nothing is selected any more. Whoever shows models listens to it.
(() => {
  "use strict";
  const { button, fill, finder, selectModel, writeAddress } = window.inprofPage;
  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const tables = new Map();

  /** What a cell is sorted by: its number, else its text; null where it has no value. */
  function valueOf(cell) {
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    return cell.classList.contains("m") ? null : cell.textContent.trim() || null;
  }

  /** A heading on one line. */
  const titleOf = (heading) =>
    [...heading.childNodes].map((node) => node.textContent || " ").join("");

  /** What a filter looks at: names, flags and the like, not the digits of figures. */
  function wordsOf(row) {
    const cells = [...row.cells].filter((cell) => !("value" in cell.dataset));
    return cells.map((cell) => cell.textContent).join(" ");
  }

  /** Compares by value in a direction; what is missing comes last in both. */
  const inOrder = (direction) => ({ value: one }, { value: other }) => {
    if (one === null || other === null) return (one === null) - (other === null);
    const areNumbers = typeof one === "number" && typeof other === "number";
    const order = areNumbers ? one - other : collator.compare(String(one), String(other));
    return direction === "descending" ? -order : order;
  };

  function enhance(tools) {
    const words = tools.dataset;
    const table = document.getElementById(`${words.table}-table`);
    const headings = [...table.tHead.rows[0].cells];
    const titles = headings.map(titleOf);
    const input = tools.querySelector("input");
    // rows of one model that stand together stay together
    const groups = [...table.tBodies].map((body) => ({ body, rows: [...body.rows] }));
    const rows = groups.flatMap((group) => group.rows);
    const texts = new Map(input && rows.map((row) => [row, wordsOf(row)]));
    const said = {};
    let sorted = ""; // "<column>.<direction>"

    function sort(column, direction) {
      const at = headings.findIndex((heading) => heading.dataset.column === column);
      if (at < 0 || !(direction in NEXT)) return;
      const isSorted = direction !== "none";
      sorted = isSorted && `${column}.${direction}`;
      const order = inOrder(direction);
      const keyOf = (row) => (isSorted ? valueOf(row.cells[at]) : null);
      const parts = groups.map(({ body, rows }) => {
        const keyed = rows.map((row) => ({ row, value: keyOf(row) })).sort(order);
        return { body, keyed, value: keyed[0]?.value ?? null };
      });
      for (const { body, keyed } of parts.sort(order)) {
        body.append(...keyed.map(({ row }) => row));
        table.insertBefore(body, table.tFoot);
      }
      for (const heading of headings) heading.ariaSort = null;
      if (isSorted) headings[at].ariaSort = direction;
      say({ order: fill(isSorted ? words[direction] : words.unsorted, { column: titles[at] }) });
    }

    function filter() {
      const finds = finder(input.value);
      for (const row of rows) row.hidden = !finds(texts.get(row));
      const shown = rows.filter((row) => !row.hidden).length;
      say({ count: fill(words.shown, { shown, rows: rows.length }) });
    }

    /** Tell the reader, by eye or ear, what is shown and in which order. */
    function say(news) {
      Object.assign(said, news);
      const sentences = [said.count, said.order].filter(Boolean);
      tools.querySelector("[role=status]").textContent = sentences.join(" · ");
    }

    for (const heading of headings) {
      const onclick = () => {
        sort(heading.dataset.column, NEXT[heading.ariaSort ?? "none"]);
        keep();
      };
      heading.append(button({ onclick }, ...heading.childNodes));
    }
    input?.addEventListener("input", () => {
      filter();
      keep();
    });
    tools.hidden = false;
    tables.set(words.table, {
      sort,
      filter(text) {
        if (!input) return;
        input.value = text;
        filter();
      },
      state: () => ({ sort: sorted, filter: input?.value.trim() }),
    });
  }

  // --- the address

  /** Keep what every table shows in the address. */
  function keep() {
    writeAddress([...tables].flatMap(([name, { state }]) =>
      Object.entries(state()).map(([key, value]) => [key, value && `${name}.${value}`]),
    ));
  }

  function readAddress() {
    const query = new URLSearchParams(location.search);
    for (const value of query.getAll("filter")) {
      const [name, ...text] = value.split(".");
      tables.get(name)?.filter(text.join("."));
    }
    for (const value of query.getAll("sort")) {
      const [name, column, direction] = value.split(".");
      tables.get(name)?.sort(column, direction);
    }
  }

  // --- models

  let selected = null;

  document.addEventListener("inprof:select", ({ detail }) => {
    selected = detail.model ?? null;
    for (const row of document.querySelectorAll("tr[data-model]"))
      row.ariaCurrent = row.dataset.model === selected ? "true" : null;
  });

  document.addEventListener("click", ({ target }) => {
    const row = target.closest("tr[data-model]");
    if (!row || target.closest("a, button") || String(getSelection())) return;
    selectModel(row.dataset.model === selected ? null : row.dataset.model);
  });

  // who walks the page by keyboard selects a model by coming to its link
  document.addEventListener("focusin", ({ target }) => {
    const model = target.closest("tr[data-model]")?.dataset.model;
    if (model && model !== selected && target.matches(":focus-visible")) selectModel(model);
  });

  document.querySelectorAll(".tools[data-table]").forEach(enhance);
  readAddress();
  // the twin in the other language opens in the same state
  for (const link of document.querySelectorAll(".languages a"))
    link.addEventListener("click", () => {
      [link.search, link.hash] = [location.search, location.hash];
    });
})();
