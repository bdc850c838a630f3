/**
 * Places rectangles whose areas are in proportion to weights, as near to squares as possible: the squarified treemap of Bruls,
 * Huizing and van Wijk.
 *
 * @module
 */

/** A place in a picture, in its units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Places items of positive weight in a box, one box for each. Items come in falling order of weight. */
export function placeBoxes(weights: readonly number[], box: Box): readonly Box[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0 || box.width <= 0 || box.height <= 0)
    return weights.map(() => ({ ...box, width: 0, height: 0 }));
  const areas = weights.map((weight) => (weight / total) * box.width * box.height);
  const placed: Box[] = [];
  let rest = box;
  for (let from = 0; from < areas.length; ) {
    const side = Math.min(rest.width, rest.height);
    let to = from + 1;
    let sum = areas[from] ?? 0;
    let worst = worstRatio(sum, sum, sum, side);
    while (to < areas.length) {
      const [largest = 0, next = 0] = [areas[from], areas[to]];
      const ratio = worstRatio(sum + next, largest, next, side);
      if (ratio > worst) break;
      [worst, sum] = [ratio, sum + next];
      to++;
    }
    placed.push(...placeRow(areas.slice(from, to), sum, rest));
    rest = restOf(rest, sum);
    from = to;
  }
  return placed;
}

/** The worst ratio of sides in a row of areas along a side. */
function worstRatio(sum: number, largest: number, smallest: number, side: number): number {
  const thickness = sum / side;
  const ratio = (area: number): number => {
    const length = area / thickness;
    return Math.max(length / thickness, thickness / length);
  };
  return smallest <= 0 ? Number.POSITIVE_INFINITY : Math.max(ratio(largest), ratio(smallest));
}

/** A row along the shorter side. */
function placeRow(areas: readonly number[], sum: number, { height, width, x, y }: Box): readonly Box[] {
  const isColumn = width >= height;
  const thickness = sum / (isColumn ? height : width);
  let at = isColumn ? y : x;
  return areas.map((area) => {
    const length = thickness === 0 ? 0 : area / thickness;
    const start = at;
    at += length;
    return isColumn
      ? { x, y: start, width: thickness, height: length }
      : { x: start, y, width: length, height: thickness };
  });
}

function restOf({ height, width, x, y }: Box, sum: number): Box {
  if (width >= height) {
    const taken = sum / height;
    return { x: x + taken, y, width: Math.max(0, width - taken), height };
  }
  const taken = sum / width;
  return { x, y: y + taken, width, height: Math.max(0, height - taken) };
}
