import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkRestoreVector, demandOf } from "../../../support/bundles/restore-vectors.ts";
import { readVectors } from "../../../support/bundles/vectors.ts";
import { restoreChain } from "../../../support/faults/restore-acts.ts";

const cases = readVectors("restore_chain");

describe("restore vectors of chains (PROTOCOL 13.8)", () => {
  it("has all 16 cases", () => {
    expect(cases).toHaveLength(16);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(16);
  });

  it.each(cases)("$name", async (vector) => {
    const runs = vector.params["runs"] as readonly string[];
    await checkRestoreVector(vector, (folder) =>
      restoreChain({ ...demandOf(vector.params, folder), bundles: runs.map((run) => join(folder, run)) }),
    );
  });
});
