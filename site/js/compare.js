// The choice of models on the compare page. Its state stands in the address:
// ?models=a,b names them, the first being the baseline, and metric= what parts are compared by.
(() => {
  "use strict";
  const { element, fill, finder } = window.inprofTexts;
  const { alone, data, files, result, word } = window.inprofCompare;
  const root = document.getElementById("compare");
  const form = root.querySelector("form");
  const { baseline, metric, find, clear } = form.elements;
  const boxes = [...form.querySelectorAll("[name=model]")];
  const byName = new Map(data.models.map((model) => [model.name, model]));
  const links = [...root.querySelectorAll("[data-part=downloads] a")];

  // what is shown until a reader chooses
  const state = { models: data.first.map((name) => byName.get(name)), metric: data.unit };

  // --- the address

  function readAddress() {
    const asked = new URLSearchParams(location.search);
    const names = (asked.get("models") ?? "").split(",");
    const known = [...new Set(names)].map((name) => byName.get(name)).filter(Boolean);
    if (known.length === 1) known.push(data.models.find((model) => model !== known[0]));
    if (known.length) state.models = known;
    if (data.metrics.includes(asked.get("metric"))) state.metric = asked.get("metric");
  }

  function writeAddress() {
    const address = new URLSearchParams(location.search);
    address.delete("models");
    address.delete("metric");
    const names = state.models.map((model) => encodeURIComponent(model.name)).join(",");
    const parts = [
      ...(names ? [`models=${names}`] : []),
      ...(state.metric === data.unit ? [] : [`metric=${state.metric}`]),
      ...(address.size ? [String(address)] : []),
    ];
    const search = parts.length ? `?${parts.join("&")}` : "";
    history.replaceState(history.state, "", location.pathname + search + location.hash);
  }

  // --- what is shown

  function show() {
    const { models } = state;
    const enough = models.length > 1;
    for (const box of boxes) box.checked = models.includes(byName.get(box.value));
    const options = inOrder(models).map((model) => new Option(model.label, model.name));
    baseline.replaceChildren(...options);
    baseline.disabled = !enough;
    baseline.value = models[0]?.name ?? "";
    metric.value = state.metric;
    root.querySelector("[role=status]").textContent = enough
      ? fill(word("status"), { count: models.length, baseline: models[0].label })
      : word("too_few");
    const shown = enough ? result(models, state.metric) : [];
    root.querySelector("[data-part=result]").replaceChildren(...shown);
    offer(enough ? files(models, state.metric) : []);
    const notes = root.querySelector("[data-part=notes]");
    notes.querySelector("[data-part=alone]")?.remove();
    const left = enough && alone(models);
    if (left) {
      const line = element("li", {}, left);
      line.dataset.part = "alone";
      notes.append(line);
    }
  }

  /** Each link leads to a file with one of the texts; without any there are no links. */
  function offer(texts) {
    links.forEach((link, at) => {
      if (link.href) URL.revokeObjectURL(link.href);
      if (at < texts.length) link.href = URL.createObjectURL(new Blob([texts[at]]));
    });
    root.querySelector("[data-part=downloads]").hidden = !texts.length;
  }

  /** The contents list what only a script shows. */
  function enter() {
    const heading = root.querySelector("h2");
    const link = element("a", { href: `#${heading.id}` }, heading.textContent);
    document.querySelector(".contents ul").prepend(element("li", {}, link));
  }

  function change() {
    show();
    writeAddress();
  }

  /** The models as the series has them, whichever of them is the baseline. */
  const inOrder = (models) => [...models].sort((one, two) => one.at - two.at);

  for (const box of boxes) {
    box.addEventListener("change", () => {
      const model = byName.get(box.value);
      const others = state.models.filter((each) => each !== model);
      const [first, ...rest] = box.checked ? [...others, model] : others;
      state.models = first ? [first, ...inOrder(rest)] : [];
      change();
    });
  }

  baseline.addEventListener("change", () => {
    const chosen = byName.get(baseline.value);
    state.models = [chosen, ...inOrder(state.models.filter((model) => model !== chosen))];
    change();
  });

  metric.addEventListener("change", () => {
    state.metric = metric.value;
    change();
  });

  clear.addEventListener("click", () => {
    state.models = [];
    change();
  });

  find?.addEventListener("input", () => {
    const finds = finder(find.value);
    for (const box of boxes) box.closest("li").hidden = !finds(byName.get(box.value).label);
  });

  form.addEventListener("submit", (event) => event.preventDefault());
  readAddress();
  root.hidden = false;
  enter();
  show();
})();
