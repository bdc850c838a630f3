import { describe, expect, it } from "vitest";
import { summarizeFiles } from "../../../src/cli/html/file-summary.ts";
import { type Box, placeBoxes } from "../../../src/cli/html/treemap.ts";
import { treemapPicture } from "../../../src/cli/html/treemap-picture.ts";
import { makeListing } from "../../../src/core/system/bytes/listing.ts";
import { fc, runs } from "../../support/rings/properties.ts";

const PAPER: Box = { x: 10, y: 20, width: 300, height: 200 };

const weights = fc
  .array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 40 })
  .map((list) => list.sort((left, right) => right - left));

describe("a treemap", () => {
  it("gives each item its share of the area, inside of the box", () => {
    fc.assert(
      fc.property(weights, (list) => {
        const total = list.reduce((sum, weight) => sum + weight, 0);
        for (const [index, box] of placeBoxes(list, PAPER).entries()) {
          const share = (box.width * box.height) / (PAPER.width * PAPER.height);
          expect(share).toBeCloseTo((list[index] ?? 0) / total, 6);
          expect(box.x).toBeGreaterThan(PAPER.x - 1e-6);
          expect(box.y).toBeGreaterThan(PAPER.y - 1e-6);
          expect(box.x + box.width).toBeLessThan(PAPER.x + PAPER.width + 1e-6);
          expect(box.y + box.height).toBeLessThan(PAPER.y + PAPER.height + 1e-6);
        }
      }),
      { numRuns: runs(400) },
    );
  });

  it("lets no two boxes overlap", () => {
    fc.assert(
      fc.property(weights, (list) => {
        const boxes = placeBoxes(list, PAPER);
        for (const [index, one] of boxes.entries())
          for (const other of boxes.slice(index + 1)) {
            const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
            const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
            expect(Math.min(across, down)).toBeLessThan(1e-6);
          }
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("a summary of files", () => {
  const many = makeListing(100_000, (index) => ({
    path: `dist/part-${index % 400}/file-${index}`,
    bytes: index,
  }));

  it("of 100,000 files in 400 folders is bounded, and counts what it leaves out", () => {
    const summary = summarizeFiles(many);
    expect(summary).toMatchObject({ files: 100_000, bytes: (100_000 * 99_999) / 2, base: "dist/" });
    expect(summary.largest.map(({ bytes }) => bytes)).toEqual(
      Array.from({ length: 20 }, (_, at) => 99_999 - at),
    );
    expect(summary.folders).toHaveLength(12);
    expect(summary.others).toMatchObject({ folders: 388, files: 388 * 250 });
    expect(treemapPicture(summary, new Set()).toString().length).toBeLessThan(60_000);
  });

  it("loses no byte between folders and the rest", () => {
    const { bytes, folders, others } = summarizeFiles(many);
    expect(folders.reduce((sum, folder) => sum + folder.bytes, others.bytes)).toBe(bytes);
  });

  it("counts files that were not found, without a size", () => {
    const files = [
      { path: "a/b/x", bytes: undefined },
      { path: "a/c", bytes: 3 },
    ];
    expect(summarizeFiles(files)).toMatchObject({ files: 2, unread: 1, bytes: 3, base: "a/" });
  });
});
