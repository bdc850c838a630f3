/** Which outputs are parts of a run. */

import { describe, expect, it } from "vitest";
import { partsOf } from "../../../../src/core/judge/bundle/parts.ts";
import { claimsOf } from "../../../support/bundles/claims.ts";

const DIGEST = "ab".repeat(32);

function partsIn(...paths: readonly string[]): readonly unknown[] {
  const parts = partsOf(claimsOf(paths.map((path) => [path, `sha256:${DIGEST}`])));
  return parts.map(({ files, folder, runId }) => [folder, runId, ...files.keys()]);
}

describe("the parts of a run", () => {
  it("are the folders with an artifact, and hold the files of their bundles alone", () => {
    const beside = ["a/one/COUNTERSIGNATURES.json", "a/one/OUTPUT_TREE.json", "a/one/TIMESTAMPS.json"];
    const others = ["a/one/OUTPUTS_ROOT.json", "a/one/notes.txt", "a/one/sub/x", "b/OUTPUT_TREE.json"];
    expect(partsIn("a/one/PROOF.json", ...beside, ...others, "two/STATUS.json")).toEqual([
      ["a/one", "one", "PROOF.json", "COUNTERSIGNATURES.json", "OUTPUT_TREE.json", "TIMESTAMPS.json"],
      ["two", "two", "STATUS.json"],
    ]);
  });

  it("are not the root, nor a folder whose name is not a run id", () => {
    expect(partsIn("PROOF.json", ".hidden/PROOF.json", "x/-a/PROOF.json")).toEqual([]);
  });
});
