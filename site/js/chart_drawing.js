// Draws one choice of x with Vega, names what there is room for, and says where the points lie.
(() => {
  "use strict";
  const { element } = window.inprofPage;

  const LABEL_ALL = 15; // above that many points only those off the scale and pointed at are named
  const TEXT = 12; // the size of the spec's texts
  const NARROW = 480;
  const LEGEND_GAP = 30; // symbol and padding beside a family's name
  const MARKER_WIDTH = 9.5; // hides a narrower bar
  const pen = element("canvas").getContext("2d");
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
  async function draw(box, data, view) {
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
  }

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
    return points.filter(({ low, high }) => low !== undefined && x(high) - x(low) > MARKER_WIDTH);
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
    return placeNames(texts, points.map(at), [steps, ...lines].flatMap(alongLine), area);
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

  // --- names: where they can stand beside their points and cover nothing. Each takes its cheapest
  // place, in turn, as long as one of them gets a better one. Who begins matters, so of few names
  // each does once, and the outcome that costs the least is kept.

  const RADIUS = 11;
  const MARKER_EDGE = 6;
  const ROUNDS = 8;
  const FEW = 15;
  const APART = 4; // between names on a line
  const LEADERS = [24, 38, 54, 72]; // how far off a name stands that a line joins to its point
  const DIRECTIONS = [[1, -1], [1, 1], [-1, -1], [-1, 1], [0, -1], [0, 1], [1, 0], [-1, 0]];
  // what a place costs, in spots of a line that the name would cover
  const PER_LEADER = 5;
  const PER_RANK = 0.1;
  const OTHER_NEARER = 8;
  const TAKEN = 1000;

  /** Where a name may stand beside its marker, best first: [dx, dy, align], dy in half heights. */
  const beside = ({ left, right }) => [
    [RADIUS + right, 0, "left"], [-RADIUS - left, 0, "right"], [0, -2, "center"], [0, 2, "center"],
    [RADIUS - 3, -1.4, "left"], [RADIUS - 3, 1.4, "left"],
    [3 - RADIUS, -1.4, "right"], [3 - RADIUS, 1.4, "right"],
    [-RADIUS, -2, "left"], [-RADIUS, 2, "left"], [RADIUS, -2, "right"], [RADIUS, 2, "right"],
    [RADIUS + 4, -2.6, "left"], [RADIUS + 4, 2.6, "left"],
    [-RADIUS - 4, -2.6, "right"], [-RADIUS - 4, 2.6, "right"],
  ];

  /** Where it may stand at the end of a line, the near places first. */
  const FURTHER = LEADERS.flatMap((far, ring) =>
    DIRECTIONS.map(([across, down], turn) => ({
      dx: across * far * (down ? 0.7 : 1),
      dy: down * far * (across ? 0.7 : 1),
      align: ["right", "center", "left"][across + 1],
      cost: PER_LEADER * (ring + 1) + PER_RANK * (ring * DIRECTIONS.length + turn),
      isOff: true,
    })),
  );

  /**
   * Places for as many names as have one.
   *
   * @param names each {x, y, width, height}, how far its error bar reaches to the {left, right},
   *     and whatever else; in order of importance.
   * @param markers spots [x, y] that no name may cover.
   * @param lines spots [x, y] along lines that a name had better not cover.
   * @param area {width, height} that names stay in.
   * @return the names that have a place, with its dx, dy and align, and the `leader` from the
   *     marker to the name as [from, to] where that stands off.
   */
  const placeNames = (names, markers, lines, area) => {
    const choices = names.map((name) => placesOf(name, markers, lines, area));
    const starts = names.length > FEW ? 1 : names.length;
    let [chosen, least] = [[], Infinity];
    for (let start = 0; start < starts; start += 1) {
      const settled = settle(choices, start);
      const cost = settled.reduce((sum, place, index) => (
        sum + (place ? costOf(place, settled.slice(0, index).filter(Boolean)) : TAKEN)
      ), 0);
      if (cost < least) [chosen, least] = [settled, cost];
    }
    const clear = [];
    return names.flatMap((name, index) => {
      const place = chosen[index];
      if (!place || clear.some((other) => inTheWay(place, other))) return [];
      clear.push(place);
      return [{ ...name, ...place }];
    });
  };

  /** A place, or null, for each name; the one at `start` is the first to choose. */
  function settle(choices, start) {
    const order = [start, ...[...choices.keys()].filter((index) => index !== start)];
    const chosen = choices.map(() => null);
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = [...chosen];
      for (const index of order) {
        const others = chosen.filter((place, other) => place && other !== index);
        chosen[index] = cheapest(choices[index], others);
      }
      if (chosen.every((place, index) => place === before[index])) break;
    }
    return chosen;
  }

  const costOf = (place, others) =>
    place.cost + TAKEN * others.filter((other) => inTheWay(place, other)).length;

  /** Spots every few pixels along a line through these spots. */
  const alongLine = (spots) =>
    spots.slice(1).flatMap(([x, y], index) => {
      const [fromX, fromY] = spots[index];
      const steps = Math.ceil(Math.hypot(x - fromX, y - fromY) / 5);
      return Array.from({ length: steps }, (_, step) => [
        fromX + ((x - fromX) * step) / steps, fromY + ((y - fromY) * step) / steps,
      ]);
    });

  /** Every place that covers no marker, with what it costs whatever the other names do. */
  function placesOf(name, markers, lines, area) {
    const own = [name.x, name.y];
    const others = markers.filter((spot) => distance(spot, own) > 0);
    const farFrom = (box, spot) => distance(nearestIn(box, spot), spot);
    const near = beside(name).map(([dx, steps, align], rank) => (
      { dx, dy: (steps * name.height) / 2, align, cost: PER_RANK * rank }
    ));
    return [...near, ...FURTHER].flatMap((place) => {
      const box = boxOf(name, place);
      if (!isInside(box, area) || count(others, box, RADIUS - 3)) return [];
      const leader = place.isOff ? leaderTo(name, box) : null;
      const along = leader ? alongLine(leader) : [];
      if (areWithin(MARKER_EDGE + 2, along, others)) return [];
      const nearer = others.filter((spot) => farFrom(box, spot) < farFrom(box, own)).length;
      const cost = place.cost + count(lines, box) + OTHER_NEARER * nearer;
      return [{ ...place, box, leader, along, cost }];
    });
  }

  /** The first of the cheapest where the other names stand as they do; null where there is none. */
  function cheapest(places, others) {
    let [best, least] = [null, Infinity];
    for (const place of places) {
      if (place.cost >= least) continue;
      const cost = costOf(place, others);
      if (cost < least) [best, least] = [place, cost];
    }
    return best;
  }

  /** Whether a name or its line covers another name or its line. */
  const inTheWay = (one, other) =>
    overlap(one.box, other.box) || count(one.along, other.box) > 0 ||
    count(other.along, one.box) > 0 ||
    areWithin(4, one.along, other.along);

  const overlap = (one, other) =>
    one.right + APART >= other.left && other.right + APART >= one.left &&
    one.bottom >= other.top && other.bottom >= one.top;

  const distance = ([x, y], [otherX, otherY]) => Math.hypot(x - otherX, y - otherY);

  const areWithin = (reach, spots, others) =>
    spots.some((spot) => others.some((other) => distance(spot, other) < reach));

  const isInside = (box, area) =>
    box.left >= 0 && box.top >= 0 && box.right <= area.width && box.bottom <= area.height;

  /** The spot of a box that is nearest to another spot. */
  const nearestIn = (box, [x, y]) => [
    Math.min(Math.max(x, box.left), box.right), Math.min(Math.max(y, box.top), box.bottom),
  ];

  function boxOf(name, place) {
    const before = { left: 0, center: name.width / 2, right: name.width }[place.align];
    const left = name.x + place.dx - before;
    const top = name.y + place.dy - name.height / 2;
    return { left, right: left + name.width, top, bottom: top + name.height };
  }

  /** From the marker's edge to the name. */
  function leaderTo({ x, y }, box) {
    const [endX, endY] = nearestIn(box, [x, y]);
    const far = distance([x, y], [endX, endY]);
    const edge = [x + ((endX - x) * MARKER_EDGE) / far, y + ((endY - y) * MARKER_EDGE) / far];
    return [edge, [endX, endY]];
  }

  const count = (spots, { left, right, top, bottom }, around = 0) =>
    spots.filter(([x, y]) => (
      x > left - around && x < right + around && y > top - around && y < bottom + around
    )).length;

  window.inprofChart = { draw };
})();
