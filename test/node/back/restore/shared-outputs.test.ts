import { describe, expect, it } from "vitest";
import type { OutputPath, PlannedRun } from "../../../../src/core/internal.ts";
import { makeListing } from "../../../../src/core/system/bytes/listing.ts";
import { heldPath } from "../../../../src/node/back/transaction/work/output-task.ts";
import { OutputReader, shareOutputs } from "../../../../src/node/back/transaction/work/shared-outputs.ts";
import { layOutTexts, TextsTooLong } from "../../../../src/node/system/hashing/shared-texts.ts";
import { digestOf } from "../../../../src/node/system/runtime/node-crypto.ts";

const PATHS = ["a", "ä/ö\u{1f600}.txt", "b".repeat(300), "日本/語", "z"];

/** Runs of so many outputs each. */
function planned(...lengths: readonly number[]): PlannedRun[] {
  return lengths.map((length, run) => {
    const files = PATHS.slice(0, length).map((path, index) => {
      const digest = digestOf(Buffer.from(`${run} ${path}`));
      return { path: path as OutputPath, digest, bytes: index * 2 ** 40, row: index };
    });
    const bundleRoot = digestOf(Buffer.from(`${run}`));
    return { runId: `run-${run}`, bundleRoot, folder: `in-${run}`, files, bytes: 0, tree: undefined };
  });
}

/** The same as a thread has them. */
function read(runs: readonly PlannedRun[]): OutputReader {
  return new OutputReader(structuredClone(shareOutputs(runs, true)));
}

describe("outputs in shared memory", () => {
  it("are what was planned, whatever a name is written in, each of its run", () => {
    const runs = planned(5, 1, 3);
    const outputs = read(runs);
    const expected = runs.flatMap(({ files, runId }) =>
      Array.from(files, (file) => ({ ...file, runId, mode: undefined })),
    );
    expect(Array.from(outputs.slice(0, outputs.length))).toEqual(expected);
    expect(expected.map((_, index) => outputs.digest(index))).toEqual(expected.map(({ digest }) => digest));
  });

  it("are found after runs without outputs", () => {
    const outputs = read(planned(0, 2, 0, 0, 1));
    expect([0, 1, 2].map((index) => outputs.at(index).runId)).toEqual(["run-1", "run-1", "run-4"]);
  });

  it("are refused before memory is taken for them where their paths are more than 4 GiB", () => {
    const path = "a".repeat(4096);
    expect(() => layOutTexts(makeListing(2 ** 20, () => path))).toThrow(TextsTooLong);
  });
});

describe("where outputs stand below a folder that is held open", () => {
  const outputs = read(planned(4));

  it("is their number among all files while they are staged", () => {
    expect(heldPath({ fd: 3, moved: undefined, first: 1 }, outputs, 2)).toBe("f3");
  });

  it("is their place, but for folders that are elsewhere", () => {
    const moved = new Map([["in-0/ä", "real/place"]]);
    const held = [0, 1].map((index) => heldPath({ fd: 3, moved, first: 1 }, outputs, index));
    expect(held).toEqual(["in-0/a", "real/place/ö\u{1f600}.txt"]);
    expect(heldPath({ fd: 3, moved: new Map([["in-0", ""]]), first: 1 }, outputs, 0)).toBe("a");
  });
});
