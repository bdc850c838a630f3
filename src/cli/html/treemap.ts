/** Places rectangles whose areas are in proportion to weights: halves of about equal weight, side by side along the longer side. @module */

/** A place in a picture, in its units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Places items of positive weight in a box, one box for each. Items come in falling order of weight. */
export function placeBoxes(weights: readonly number[], box: Box): readonly Box[] {
  if (weights.length < 2) return weights.map(() => box);
  const total = sum(weights);
  let [count, part] = [1, weights[0] ?? 0];
  for (; count < weights.length - 1; count++) {
    const next = part + (weights[count] ?? 0);
    if (next > total / 2) break;
    part = next;
  }
  const { height, width, x, y } = box;
  const share = total === 0 ? 0 : part / total;
  const [across, down] = [width * share, height * share];
  const [first, second] =
    width >= height
      ? [
          { ...box, width: across },
          { ...box, x: x + across, width: width - across },
        ]
      : [
          { ...box, height: down },
          { ...box, y: y + down, height: height - down },
        ];
  return [...placeBoxes(weights.slice(0, count), first), ...placeBoxes(weights.slice(count), second)];
}

function sum(weights: readonly number[]): number {
  return weights.reduce((total, weight) => total + weight, 0);
}
