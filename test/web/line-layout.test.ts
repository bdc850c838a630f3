import { describe, expect, it } from "vitest";
import { computeHistory } from "../../src/core/history/history.ts";
import type { HistoryRun } from "../../src/core/history/history-model.ts";
import { orderNewestFirst } from "../../src/core/history/history-order.ts";
import { judgeRun } from "../../src/core/history/judge-run.ts";
import { nodeCrypto } from "../../src/node/runtime/node-crypto.ts";
import { placeInPicture } from "../../web/shown/line-layout.ts";
import { openedOf, sealBundle, sealLinkedRuns } from "../support/bundle.ts";
import { context } from "../support/judge.ts";

function pictureOf(bundles: readonly ReturnType<typeof sealBundle>[]): readonly (readonly unknown[])[] {
  const runs: readonly HistoryRun[] = bundles.map((bundle) => judgeRun(openedOf(bundle), context).run);
  const heads = { head: "missing", remembered: undefined, pending: undefined } as const;
  const history = computeHistory(runs, heads, nodeCrypto);
  return placeInPicture(history, orderNewestFirst(history, nodeCrypto), nodeCrypto).map(
    ({ before, isGap, lane, run }) => [run.runId, lane, before, isGap],
  );
}

describe("the picture of a line", () => {
  it("has the newest run above, and a link from each run to the one that it names", () => {
    expect(pictureOf(sealLinkedRuns(3))).toEqual([
      ["run-003", 0, 1, false],
      ["run-002", 0, 2, false],
      ["run-001", 0, undefined, false],
    ]);
  });

  it("puts the other end of a fork beside the line", () => {
    const line = sealLinkedRuns(3);
    const fork = sealBundle({ runId: "fork", bind: true, previousBundleRoot: line[0]?.bundleRoot ?? "" });
    const lanes = new Map(pictureOf([...line, fork]).map(([runId, lane]) => [runId, lane]));
    expect(lanes.get("run-003")).toBe(0);
    expect(lanes.get("fork")).toBe(1);
  });

  it("marks a run whose predecessor is not here as a gap", () => {
    const [, ...rest] = sealLinkedRuns(3);
    expect(pictureOf(rest)).toEqual([
      ["run-003", 0, 1, false],
      ["run-002", 0, undefined, true],
    ]);
  });
});
