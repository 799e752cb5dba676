// Where names can stand beside their points and cover nothing: each takes its cheapest place, in
// turn, as long as one of them gets a better one. Who begins matters, so of few names each does
// once, and the outcome that costs the least is kept.
(() => {
  "use strict";
  const chart = (window.inprofChart = {});

  const RADIUS = 11;
  const MARKER = 6;
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
  const FURTHER = LEADERS.flatMap((far) =>
    DIRECTIONS.map(([across, down]) => {
      const align = { "-1": "right", 0: "center", 1: "left" }[across];
      return { dx: across * far * (down ? 0.7 : 1), dy: down * far * (across ? 0.7 : 1), align };
    }),
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
  chart.placeNames = (names, markers, lines, area) => {
    const choices = names.map((name) => placesOf(name, markers, lines, area));
    const starts = names.length > FEW ? 1 : names.length;
    let [chosen, least] = [[], Infinity];
    for (let start = 0; start < starts; start += 1) {
      const settled = settle(choices, start);
      const cost = settled.reduce((sum, place, index) => sum + costAmong(settled, index), 0);
      if (cost < least) [chosen, least] = [settled, cost];
    }
    const clear = [];
    return names.flatMap((name, index) => {
      const place = chosen[index];
      if (!place || clear.some((other) => inTheWay(place, other))) return [];
      clear.push(place);
      const { dx, dy, align, leader } = place;
      return [{ ...name, dx, dy, align, leader }];
    });
  };

  /** A place, or null, for each name; the one at `start` is the first to choose. */
  function settle(choices, start) {
    const order = [start, ...[...choices.keys()].filter((index) => index !== start)];
    const chosen = new Array(choices.length).fill(null);
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

  function costAmong(chosen, index) {
    if (!chosen[index]) return TAKEN;
    return costOf(chosen[index], chosen.filter((place, other) => place && other < index));
  }

  /** Spots every few pixels along a line through these spots. */
  chart.along = (spots) =>
    spots.slice(1).flatMap(([x, y], index) => {
      const [fromX, fromY] = spots[index];
      const steps = Math.ceil(Math.hypot(x - fromX, y - fromY) / 5);
      return Array.from({ length: steps }, (_, step) => [
        fromX + ((x - fromX) * step) / steps, fromY + ((y - fromY) * step) / steps,
      ]);
    });

  /** Every place that covers no marker, with what it costs whatever the other names do. */
  function placesOf(name, markers, lines, area) {
    const others = markers.filter(([x, y]) => x !== name.x || y !== name.y);
    const near = beside(name).map(([dx, steps, align], rank) => (
      { dx, dy: (steps * name.height) / 2, align, cost: PER_RANK * rank, leader: null }
    ));
    const off = FURTHER.map((place, rank) => {
      const ring = 1 + Math.floor(rank / DIRECTIONS.length);
      return { ...place, cost: PER_LEADER * ring + PER_RANK * rank, isOff: true };
    });
    return [...near, ...off].flatMap((place) => {
      const box = boxOf(name, place);
      if (!isInside(box, area) || count(others, box, RADIUS - 3)) return [];
      const leader = place.isOff ? leaderTo(name, box) : null;
      const along = leader ? chart.along(leader) : [];
      if (along.some((spot) => others.some((other) => distance(spot, other) < MARKER + 2))) return [];
      const own = distance(nearestIn(box, [name.x, name.y]), [name.x, name.y]);
      const nearer = others.filter((spot) => distance(nearestIn(box, spot), spot) < own).length;
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
    one.along.some((spot) => other.along.some((its) => distance(spot, its) < 4));

  const overlap = (one, other) =>
    one.right + APART >= other.left && other.right + APART >= one.left &&
    one.bottom >= other.top && other.bottom >= one.top;

  const distance = ([x, y], [otherX, otherY]) => Math.hypot(x - otherX, y - otherY);

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
    return [[x + ((endX - x) * MARKER) / far, y + ((endY - y) * MARKER) / far], [endX, endY]];
  }

  function count(spots, box, around = 0) {
    return spots.filter(
      ([x, y]) =>
        x > box.left - around && x < box.right + around &&
        y > box.top - around && y < box.bottom + around,
    ).length;
  }
})();
