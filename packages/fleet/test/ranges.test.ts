import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutRanges } from "../src/audit/ranges.ts";

const WEIGHTS = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 50 });
const SIZE = fc.record({ bytes: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 20 }) });

describe("ranges", () => {
  it("hold every row once, in order", () => {
    fc.assert(
      fc.property(WEIGHTS, SIZE, (weights, size) => {
        const ranges = cutRanges(Float64Array.from(weights), size);
        const rows = ranges.flatMap(({ end, first }) =>
          Array.from({ length: end - first }, (_, row) => first + row),
        );
        expect(rows).toEqual([...weights.keys()]);
      }),
    );
  });

  it("end before they have more bytes or rows than wanted, but for one row that is larger", () => {
    fc.assert(
      fc.property(WEIGHTS, SIZE, (weights, size) => {
        for (const { end, first } of cutRanges(Float64Array.from(weights), size)) {
          const bytes = weights.slice(first, end).reduce((sum, weight) => sum + weight, 0);
          expect(end - first).toBeLessThanOrEqual(size.rows);
          if (end - first > 1) expect(bytes).toBeLessThanOrEqual(size.bytes);
        }
      }),
    );
  });

  it("are one where everything fits", () => {
    expect(cutRanges(Float64Array.of(1, 2, 3), { bytes: 6, rows: 3 })).toEqual([{ first: 0, end: 3 }]);
  });
});
