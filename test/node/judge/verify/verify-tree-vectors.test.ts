import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reportOnBundle } from "../../../../src/node/judge/verify/verify-bundle-files.ts";
import { TREE_CASE, treeOfCase, treeParams } from "../../../support/bundles/tree-case.ts";
import { readVectors } from "../../../support/bundles/vectors.ts";
import { layOutTree, removeTree } from "../../../support/files/tree.ts";

const CASES = readVectors("tree").filter(({ op }) => op === "verify_tree");

describe("verification with a tree (PROTOCOL 19)", () => {
  it.each(CASES)("$name", async (vector) => {
    const { code, ok, all, also: _, ...details } = vector.expect;
    const { exact, ignore, ignore_modes } = treeParams(vector);
    const folder = layOutTree(treeOfCase(vector));
    try {
      const [bundle, root] = [join(folder, TREE_CASE.run), join(folder, TREE_CASE.root)];
      const request = { bundle, root, exact, ignore, ignoreModes: ignore_modes };
      const { failures, verdict } = await reportOnBundle(request);
      const listed = [...failures()].map(({ code, details }) => [
        code,
        "path" in details ? details.path : null,
      ]);
      const [first] = (await reportOnBundle({ ...request, untilFailure: true })).failures();
      if (ok) {
        expect(verdict).toMatchObject({ ok: true });
        expect([first, listed]).toEqual([undefined, []]);
        return;
      }
      const { phase, ...expected } = details;
      expect(verdict).toMatchObject({ ok: false, code, phase, details: expected });
      expect(listed).toEqual(all);
      expect(first).toMatchObject({ code, details: expected });
    } finally {
      removeTree(folder);
    }
  });
});
