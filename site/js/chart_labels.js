// Where a name can stand beside its point and cover nothing: greedy, first come first served.
(() => {
  "use strict";
  const chart = (window.inprofChart ??= {});

  const RADIUS = 11;

  /** Where a name may stand, best first: [dx, dy, align], dy in half heights. */
  const places = ({ left, right }) => [
    [RADIUS + right, 0, "left"], [-RADIUS - left, 0, "right"], [0, -2, "center"], [0, 2, "center"],
    [RADIUS - 3, -1.4, "left"], [RADIUS - 3, 1.4, "left"],
    [3 - RADIUS, -1.4, "right"], [3 - RADIUS, 1.4, "right"],
    [RADIUS + 4, -2.6, "left"], [RADIUS + 4, 2.6, "left"],
    [-RADIUS - 4, -2.6, "right"], [-RADIUS - 4, 2.6, "right"],
  ];

  /**
   * Places for as many names as have one.
   *
   * @param names each {x, y, width, height}, how far its error bar reaches to the {left, right},
   *     and whatever else; in order of importance.
   * @param markers spots [x, y] that no name may cover.
   * @param lines spots [x, y] along lines that a name had better not cover.
   * @param area {width, height} that names stay in.
   * @return the names that have a place, with its dx, dy and align.
   */
  chart.placeNames = (names, markers, lines, area) => {
    const taken = [];
    const placed = [];
    for (const name of names) {
      const best = places(name)
        .map(([dx, steps, align]) => ({ dx, dy: (steps * name.height) / 2, align }))
        .map((place) => ({ ...place, box: boxOf(name, place) }))
        .filter(({ box }) => isFree(box, name, markers, taken, area))
        .map((place) => ({ ...place, cost: count(lines, place.box) }))
        .reduce((one, other) => (one && one.cost <= other.cost ? one : other), null);
      if (best) {
        taken.push(best.box);
        placed.push({ ...name, dx: best.dx, dy: best.dy, align: best.align });
      }
    }
    return placed;
  };

  /** Spots every few pixels along a line through these spots. */
  chart.along = (spots) =>
    spots.slice(1).flatMap(([x, y], index) => {
      const [fromX, fromY] = spots[index];
      const steps = Math.ceil(Math.hypot(x - fromX, y - fromY) / 5);
      return Array.from({ length: steps }, (_, step) => [
        fromX + ((x - fromX) * step) / steps, fromY + ((y - fromY) * step) / steps,
      ]);
    });

  function boxOf(name, place) {
    const before = { left: 0, center: name.width / 2, right: name.width }[place.align];
    const left = name.x + place.dx - before;
    const top = name.y + place.dy - name.height / 2;
    return { left, right: left + name.width, top, bottom: top + name.height };
  }

  function isFree(box, name, markers, taken, area) {
    const inside =
      box.left >= 0 && box.top >= 0 && box.right <= area.width && box.bottom <= area.height;
    const clear = taken.every(
      (other) =>
        box.right < other.left || other.right < box.left ||
        box.bottom < other.top || other.bottom < box.top,
    );
    const others = markers.filter(([x, y]) => x !== name.x || y !== name.y);
    return inside && clear && count(others, box, RADIUS - 3) === 0;
  }

  function count(spots, box, around = 0) {
    return spots.filter(
      ([x, y]) =>
        x > box.left - around && x < box.right + around &&
        y > box.top - around && y < box.bottom + around,
    ).length;
  }
})();
