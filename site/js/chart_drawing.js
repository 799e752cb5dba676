// Draws one choice of x with Vega, and lays over it what can be pointed at and tabbed to.
(() => {
  "use strict";
  const { element } = window.inprofPage;
  const chart = window.inprofChart;

  const LABEL_ALL = 15; // above that many points only those off the scale and pointed at are named
  const TEXT = 12; // the size of the spec's texts
  const NARROW = 480;
  const LEGEND_GAP = 30; // symbol and padding beside a family's name
  const MARKER = 9.5; // the width of one, which hides a narrower bar
  const pen = document.createElement("canvas").getContext("2d");
  const EMBEDDED = {
    mode: "vega-lite", renderer: "svg", actions: false, tooltip: false, defaultStyle: false,
  };

  /**
   * Draw into `box`.
   *
   * @param view what is shown: {choice, log, zoomed}.
   * @return the drawing: its Vega view, the spots of the points in pixels from the box's corner,
   *     the points `unnamed` for want of room, and `mark(points)`, which rings and names some.
   */
  chart.draw = async (box, data, view) => {
    const spec = filled(data, view, box.clientWidth);
    const frame = element("div");
    const { view: drawn } = await vegaEmbed(frame, spec, EMBEDDED);
    frame.querySelector("svg").ariaHidden = "true"; // the box says what it shows
    box.replaceChildren(frame);
    const { points } = spec.datasets;
    const bars = barsOf(drawn, points);
    // Vega adds to what it is given
    const put = (name, rows) => drawn.data(name, rows.map((row) => ({ ...row })));
    put("bars", bars);
    const wanted = points.filter(
      (each) => points.length <= LABEL_ALL || (each.below && points.length <= 10 * LABEL_ALL),
    );
    // what lies below the scale first, since its value stands in its name alone
    const ranked = [...wanted].sort((one, other) => other.below - one.below);
    const usual = names(drawn, data, spec, bars, ranked);
    const named = new Set(usual.map(({ each }) => each));
    const mark = (marked) => {
      const ringed = points.filter((each) => marked.includes(each.point));
      // names stay where they are unless one more needs a place
      const shown = ringed.every((each) => named.has(each))
        ? usual
        : names(drawn, data, spec, bars, [...new Set([...ringed, ...ranked])]);
      put("rings", ringed);
      put("labels", shown.map(({ each: { x, y }, text, dx, dy, align }) => (
        { x, y, text, dx, dy, align }
      )));
      put("leaders", shown.filter(({ leader }) => leader).map((name) => leaderIn(drawn, name)));
      drawn.run();
    };
    mark([]);
    const unnamed = wanted.filter((each) => !named.has(each)).map(({ point }) => point);
    return { view: drawn, spots: spotsOf(drawn, points), unnamed, mark };
  };

  function filled(data, { choice, log, zoomed }, width) {
    const spec = coloured(data.spec);
    const font = getComputedStyle(document.body).fontFamily;
    const { x, y } = spec.layer.find(({ name }) => name === "main").encoding;
    const across = log ? choice.logarithmic : choice.linear;
    const scale = zoomed ? choice.zoomed : choice.whole;
    x.scale = log ? { type: "log", nice: false } : x.scale;
    x.scale.domain = across.domain;
    y.scale.domain = scale.domain;
    Object.assign(x.axis, ticksOf(across, "x"), { title: broken(choice.axis, width - 70, font) });
    Object.assign(y.axis, ticksOf(scale, "y"), { title: data.texts.accuracy });
    const textsOf = ({ ticks, texts }) => Object.fromEntries(ticks.map((at, i) => [at, texts[i]]));
    spec.params = [
      { name: "names", value: data.families },
      { name: "frontierName", value: data.texts.frontier },
      { name: "xTexts", value: textsOf(across) },
      { name: "yTexts", value: textsOf(scale) },
    ];
    spec.datasets = datasets(data, choice, scale, across.domain[1]);
    spec.width = width;
    spec.height = width < NARROW ? 380 : 460;
    spec.config.font = font;
    spec.config.range.category = data.colours[isDark() ? "dark" : "light"];
    const all = [...data.families, data.texts.frontier];
    const direction = fitsInRow(all, width - 48, font) ? "horizontal" : "vertical";
    spec.config.legend.columns = legendColumns(data.families, width - 48, font);
    spec.config.legend.layout = { top: { direction, anchor: "start", margin: 8 } };
    return spec;
  }

  /** Where an axis has its ticks; their texts were made with them. */
  const ticksOf = ({ ticks }, name) => ({ values: ticks, labelExpr: `${name}Texts[datum.value]` });

  function datasets(data, choice, scale, right) {
    const points = choice.points.map((point, order) => {
      const below = point.y < (scale.floor ?? -Infinity);
      const { x, low, high } = point;
      const [y, { family }] = [below ? scale.middle : point.y, data.models[point.model]];
      const doubtful = Boolean(point.doubtful);
      return { point, order, family, x, y, low, high, doubtful, below };
    });
    const onFrontier = points.filter(({ point }) => point.frontier);
    const steps = onFrontier.sort((one, other) => one.x - other.x || one.y - other.y);
    const frontier = [...steps, { x: right, y: steps.at(-1).y }]
      .map(({ x, y }) => ({ x, y, kind: "frontier" }));
    const strip = scale.floor === undefined ? [] : [{ y: scale.domain[0], top: scale.floor }];
    return { points, frontier, strip, bars: [], rings: [], labels: [], leaders: [] };
  }

  /** The points whose interval is wider than their marker. */
  function barsOf(drawn, points) {
    const x = drawn.scale("x");
    return points.filter(({ low, high }) => low !== undefined && x(high) - x(low) > MARKER);
  }

  /** A line on the picture as its data; the scales are the axes' own. */
  function leaderIn(drawn, { leader }) {
    const [x, y] = [drawn.scale("x"), drawn.scale("y")];
    const [start, end] = leader.map((spot) => [x.invert(spot[0]), y.invert(spot[1])]);
    return { x: start[0], y: start[1], endX: end[0], endY: end[1] };
  }

  /** The names of these points that have a place, those before others that come first. */
  function names(drawn, data, spec, bars, ranked) {
    const { points, frontier, strip } = spec.datasets;
    const scales = [drawn.scale("x"), drawn.scale("y")];
    const at = ({ x, y }) => [scales[0](x), scales[1](y)];
    const texts = ranked.map((each) => {
      const { short, top1 } = data.models[each.point.model];
      const text = each.below ? `${short} ${top1}` : short;
      const [x, y] = at(each);
      const ends = bars.includes(each) ? [each.low, each.high] : [each.x, each.x];
      const [low, high] = ends.map(scales[0]);
      const size = { width: textWidth(text, spec.config.font), height: TEXT * 1.25 };
      return { x, y, left: x - low, right: high - x, text, ...size, each };
    });
    const families = Map.groupBy(points, (each) => each.family);
    const steps = frontier.flatMap((each, index) =>
      index ? [[at(each)[0], at(frontier[index - 1])[1]], at(each)] : [at(each)],
    );
    const lines = bars.map(({ low, high, y }) => [at({ x: low, y }), at({ x: high, y })]);
    lines.push(...[...families.values()].map((family) => family.map(at)));
    const area = { width: drawn.signal("width"), height: drawn.signal("height") };
    for (const { top } of strip) lines.push([[0, scales[1](top)], [area.width, scales[1](top)]]);
    return chart.placeNames(texts, points.map(at), [steps, ...lines].flatMap(chart.along), area);
  }

  function spotsOf(drawn, points) {
    const [left, top] = drawn.origin();
    const padding = drawn.padding();
    return points.map((each) => ({
      point: each.point,
      x: padding.left + left + drawn.scale("x")(each.x),
      y: padding.top + top + drawn.scale("y")(each.y),
    }));
  }

  function textWidth(text, font) {
    pen.font = `${TEXT}px ${font}`;
    return pen.measureText(text).width;
  }

  /** As many families in a row as fit under each other; all of them where one row holds them. */
  function legendColumns(families, width, font) {
    if (fitsInRow(families, width, font)) return families.length;
    const widest = Math.max(...families.map((name) => textWidth(name, font)));
    return Math.max(1, Math.floor(width / (widest + LEGEND_GAP)));
  }

  const fitsInRow = (entries, width, font) =>
    entries.reduce((sum, name) => sum + textWidth(name, font) + LEGEND_GAP, 0) <= width;

  /** An axis's text in lines that are no wider than the axis. */
  function broken(parts, width, font) {
    return parts.reduce((lines, part) => {
      const longer = lines.length ? `${lines.at(-1)} · ${part}` : part;
      const fits = lines.length === 0 || textWidth(longer, font) <= width;
      return fits ? [...lines.slice(0, -1), longer] : [...lines, part];
    }, []);
  }

  function isDark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  /** A copy of the spec with the page's colours, which it has by their names in the sheet. */
  function coloured(spec) {
    const style = getComputedStyle(document.documentElement);
    const edge = isDark() ? "--paper" : "--ink";
    const colourOf = (name) => style.getPropertyValue(name === "--edge" ? edge : name).trim();
    return JSON.parse(JSON.stringify(spec).replace(/(?<=")--\w+(?=")/g, colourOf));
  }
})();
