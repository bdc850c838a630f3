import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VERIFIER_CODES } from "../../src/core/codes/codes.ts";
import { judgeBundle } from "../../src/node/verify/verify-bundle-files.ts";
import { judgeBundleChain } from "../../src/node/verify/verify-chain-files.ts";
import { sealBundle, writeBundle } from "../support/bundle.ts";
import { layOutTree, makeFolder, removeTree } from "../support/tree.ts";
import { readVectors, type VectorCase } from "../support/vectors.ts";

const VECTORS = [...readVectors("verify_bundle"), ...readVectors("verify_chain")];

/** The code that the verifier gives for a case on disk. */
async function codeOf({ op, params, tree = {} }: VectorCase): Promise<string> {
  const folder = layOutTree(tree);
  try {
    const at = (path: unknown): string => join(folder, String(path));
    const root = at(params["project_root"]);
    const runs = params["runs"] as readonly string[] | undefined;
    const expected = params["expected_chain_root"];
    const expectedRoot = expected === undefined ? {} : { expectedRoot: String(expected) };
    const verdict =
      op === "verify_chain"
        ? await judgeBundleChain({ bundles: (runs ?? []).map(at), root, ...expectedRoot })
        : await judgeBundle({ bundle: at(params["run"]), root });
    return verdict.ok ? "OK" : verdict.code;
  } finally {
    removeTree(folder);
  }
}

/** The code for a bundle whose binding does not hold; the vectors are plain SPECTRUM bundles. */
async function codeOfWrongBinding(): Promise<string> {
  const folder = makeFolder();
  try {
    const bundle = sealBundle({ bind: (right) => ({ ...right, run_id: "another" }) });
    const verdict = await judgeBundle(writeBundle(folder, bundle));
    return verdict.ok ? "OK" : verdict.code;
  } finally {
    removeTree(folder);
  }
}

describe("codes of the verifier (PROTOCOL 8 and 9)", () => {
  it("are 23 distinct codes", () => {
    expect(VERIFIER_CODES).toHaveLength(23);
    expect(new Set(VERIFIER_CODES).size).toBe(23);
  });

  it("include all codes that vectors expect", () => {
    const expected = VECTORS.map((vector) => vector.expect.code).filter((code) => code !== "OK");
    const unknown = expected.filter((code) => !VERIFIER_CODES.some((known) => known === code));
    expect(unknown).toEqual([]);
  });

  it.each(VERIFIER_CODES)("can be reached: %s", async (code) => {
    if (code === "PAYLOAD_MISMATCH") return expect(await codeOfWrongBinding()).toBe(code);
    const vector = VECTORS.find((candidate) => candidate.expect.code === code);
    if (vector === undefined) throw new Error("no vector reaches this code");
    expect(await codeOf(vector)).toBe(code);
  });
});
