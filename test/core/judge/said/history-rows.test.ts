import { describe, expect, it } from "vitest";
import { computeHistory } from "../../../../src/core/judge/history/history.ts";
import type { HistoryRun } from "../../../../src/core/judge/history/history-model.ts";
import { drawHistory } from "../../../../src/core/judge/said/history-picture.ts";
import { historyRows, type PlacedRow, placeRows } from "../../../../src/core/judge/said/history-rows.ts";
import { NO_FAILED_RUNS } from "../../../../src/core/records/artifacts/failed-runs.ts";
import { digestToHex, type HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

function rootOf(name: string): HexDigest {
  return digestToHex(nodeCrypto.sha256(Buffer.from(name)));
}

function run(runId: string, before?: string): HistoryRun {
  return {
    runId,
    bundleRoot: rootOf(runId),
    previousBundleRoot: before === undefined ? undefined : rootOf(before),
    sealedAt: undefined,
    proofHash: rootOf(`proof of ${runId}`),
    previousProofHash: before === undefined ? undefined : rootOf(`proof of ${before}`),
    failedRuns: NO_FAILED_RUNS,
    standing: "succeeded",
  };
}

/** The rows of a history whose HEAD is the first of the runs. */
function rowsOf(history: readonly HistoryRun[], start = 0, count = 100): readonly PlacedRow<HistoryRun>[] {
  const [newest] = history;
  if (newest?.bundleRoot === undefined || newest.proofHash === undefined) throw new Error("HEAD has a root");
  const head = { runId: newest.runId, bundleRoot: newest.bundleRoot, proofHash: newest.proofHash };
  const computed = computeHistory(history, { head, remembered: undefined, pending: undefined }, nodeCrypto);
  return placeRows(historyRows(computed, nodeCrypto), start, count);
}

const shown = (rows: readonly PlacedRow<HistoryRun>[]): readonly unknown[] =>
  rows.map(({ before, lane, name }) => [name, lane, before]);

describe("the rows of a history", () => {
  it("keep the history in lane 0, and a branch beside it until the run that both follow", () => {
    expect(shown(rowsOf([run("c", "b"), run("b", "a"), run("a"), run("b2", "a")]))).toEqual([
      ["b2", 1, 3],
      ["c", 0, 2],
      ["b", 0, 3],
      ["a", 0, undefined],
    ]);
  });

  it("have a row where a run is missing, and break the edges to it", () => {
    const rows = rowsOf([run("d", "c"), run("c", "b"), run("a")]);
    const missing = `missing: ${rootOf("b").slice(0, 8)}…, between a and c`;
    expect(rows.map(({ name }) => name)).toEqual(["d", "c", missing, "a"]);
    expect(drawHistory(rows, { row: 10, lane: 10 }).edges.map(({ kind }) => kind)).toEqual([
      "whole",
      "gap",
      "gap",
    ]);
  });

  it("say how many runs are left out above and below, with edges to what is left out", () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      run(`run-${9 - index}`, index < 8 ? `run-${8 - index}` : undefined),
    );
    const rows = rowsOf(many, 3, 2);
    expect(shown(rows)).toEqual([
      ["3 newer runs left out", 0, 1],
      ["run-6", 0, 2],
      ["run-5", 0, 3],
      ["4 older runs left out", 0, undefined],
    ]);
    const kinds = drawHistory(rows, { row: 10, lane: 10 }).edges.map(({ kind }) => kind);
    expect(kinds).toEqual(["left-out", "whole", "left-out"]);
  });

  it("have a bounded number of lanes, and an edge downwards or none, whatever the runs claim", () => {
    const claims = fc.array(fc.integer({ min: -1, max: 40 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(claims, fc.nat(20), fc.integer({ min: 1, max: 50 }), (befores, start, count) => {
        const all = befores.map((before, index) => run(`r${index}`, before < 0 ? undefined : `r${before}`));
        const rows = rowsOf(all, start, count);
        expect(drawHistory(rows, { row: 1, lane: 1 }).width).toBeLessThanOrEqual(8);
        for (const [index, { before }] of rows.entries())
          if (before !== undefined) {
            expect(before).toBeGreaterThan(index);
            expect(before).toBeLessThan(rows.length);
          }
      }),
      { numRuns: runs(200) },
    );
  });
});
