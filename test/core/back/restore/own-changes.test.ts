import { describe, expect, it } from "vitest";
import { OwnChanges } from "../../../../src/core/back/restore/own-changes.ts";
import type { SnapshotEntry } from "../../../../src/core/back/restore/snapshot-view.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { digestOf, fileOf, modelOf, snapshotOf } from "../../../support/bundles/model-tree.ts";

/** What a path held before and after a segment, and another turn that was at work then. A dash: nothing has the path. */
type Segment = readonly [before: string, after: string, other?: string];

function changesOf(segments: readonly Segment[]): readonly (readonly unknown[])[] {
  const own = new OwnChanges();
  const view = (text: string): ReturnType<typeof snapshotOf> =>
    snapshotOf(modelOf(text === "-" ? [] : [["f", fileOf(text)]]));
  for (const [before, after, other] of segments) own.add(view(before), view(after), other, nodeCrypto);
  return own
    .list(nodeCrypto)
    .map(({ after, before, by, hasOthers }) => [stateOf(before), stateOf(after), hasOthers, by]);
}

const stateOf = (entry: SnapshotEntry | undefined): string | undefined =>
  entry?.kind === "file" ? entry.digest : entry?.kind;
const held = (text: string): string | undefined => (text === "-" ? undefined : digestOf(text));

describe("what is undone of a path that several sessions changed", () => {
  it.each<[string, readonly Segment[], string, string, boolean]>([
    ["one change", [["-", "a"]], "-", "a", false],
    [
      "two changes, the second where the first ended",
      [
        ["-", "a"],
        ["a", "b"],
      ],
      "-",
      "b",
      false,
    ],
    [
      "two changes, with another's in between",
      [
        ["-", "a"],
        ["c", "b"],
      ],
      "-",
      "b",
      true,
    ],
    [
      "a later change that is back already",
      [
        ["-", "a"],
        ["a", "b"],
        ["b", "a"],
      ],
      "-",
      "a",
      false,
    ],
    [
      "one that is back, where another had changed it in between",
      [
        ["-", "a"],
        ["-", "b"],
        ["b", "-"],
      ],
      "-",
      "a",
      false,
    ],
    [
      "two that are back, one after the other",
      [
        ["-", "a"],
        ["-", "b"],
        ["b", "c"],
        ["c", "b"],
        ["b", "-"],
      ],
      "-",
      "a",
      false,
    ],
    [
      "two that are back at once",
      [
        ["-", "a"],
        ["-", "b"],
        ["b", "c"],
        ["c", "-"],
      ],
      "-",
      "a",
      false,
    ],
    ["a change at the moment of another's", [["-", "a", "turn"]], "-", "a", true],
  ])("is, of %s, from the first state to the last", (_what, segments, before, after, hasOthers) => {
    expect(changesOf(segments)).toEqual([
      [held(before), held(after), hasOthers, segments.findLast(([, , other]) => other !== undefined)?.[2]],
    ]);
  });

  it.each<[string, readonly Segment[]]>([
    [
      "was changed back",
      [
        ["-", "a"],
        ["a", "-"],
      ],
    ],
    [
      "is what it was after another's change",
      [
        ["a", "b"],
        ["c", "a"],
      ],
    ],
  ])("is nothing where it %s", (_what, segments) => {
    expect(changesOf(segments)).toEqual([]);
  });
});
