import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { judgeBundle } from "../../../../src/node/judge/verify/verify-bundle-files.ts";
import { judgeBundleChain } from "../../../../src/node/judge/verify/verify-chain-files.ts";
import { readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";
import { layOutTree, removeTree } from "../../../support/files/tree.ts";
import { recordVerdict } from "../../../support/record/recorder.ts";

type Verified = Extract<Awaited<ReturnType<typeof judgeBundle>>, { ok: true }>["value"];
type VerifiedChain = Extract<Awaited<ReturnType<typeof judgeBundleChain>>, { ok: true }>["value"];
type Verdict<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string; readonly message?: string; readonly details: object };

const BUNDLES = readVectors("verify_bundle");
const CHAINS = readVectors("verify_chain");

/** Lays a case's tree out, asks for a verdict there, and removes it again. */
async function inTree<Value>(
  { tree = {} }: VectorCase,
  ask: (folder: string) => Promise<Verdict<Value>>,
): Promise<Verdict<Value>> {
  const folder = layOutTree(tree);
  try {
    const verdict = await ask(folder);
    recordVerdict(folder, verdict);
    if (!verdict.ok) expect(JSON.stringify(verdict)).not.toContain(folder);
    return verdict;
  } finally {
    removeTree(folder);
  }
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("the vector has no text where one is needed");
  return value;
}

/** What the details must name, of what the vector says. */
function detailsOf({ artifact, path, run_id }: VectorCase["expect"]): object {
  return JSON.parse(JSON.stringify({ artifact, path, run_id }));
}

function expectRejection(verdict: Verdict<unknown>, expected: VectorCase["expect"]): void {
  if (verdict.ok) throw new Error(`accepted, though the vector says ${expected.code}`);
  expect([expected.code, ...(expected.also ?? [])]).toContain(verdict.code);
  expect(verdict.details).toMatchObject(detailsOf(expected));
  // A hostile bundle must not make a verifier tell the digest of a file outside (PROTOCOL 9.1).
  if (verdict.code === "OUTPUT_MISSING") expect(verdict.details).not.toHaveProperty("actual");
}

describe("verify_bundle vectors (PROTOCOL 8)", () => {
  it("are 346", () => {
    expect(BUNDLES).toHaveLength(346);
    expect(new Set(BUNDLES.map(({ name }) => name)).size).toBe(346);
  });

  it.each(BUNDLES)("$name", async (vector) => {
    const { params, expect: expected } = vector;
    const verdict = await inTree<Verified>(vector, (folder) =>
      judgeBundle({
        bundle: join(folder, text(params["run"])),
        root: join(folder, text(params["project_root"])),
      }),
    );
    if (!expected.ok) return expectRejection(verdict, expected);
    expect(verdict).toMatchObject({ ok: true, value: { bundleRoot: expected.bundle_root } });
  });
});

describe("verify_chain vectors (PROTOCOL 9)", () => {
  it("are 22", () => {
    expect(CHAINS).toHaveLength(22);
    expect(new Set(CHAINS.map(({ name }) => name)).size).toBe(22);
  });

  it.each(CHAINS)("$name", async (vector) => {
    const { params, expect: expected } = vector;
    const expectedRoot = params["expected_chain_root"];
    const runs = params["runs"] as readonly string[];
    const verdict = await inTree<VerifiedChain>(vector, (folder) =>
      judgeBundleChain({
        bundles: runs.map((run) => join(folder, run)),
        root: join(folder, text(params["project_root"])),
        ...(expectedRoot === undefined ? {} : { expectedRoot: text(expectedRoot) }),
      }),
    );
    if (!expected.ok) return expectRejection(verdict, expected);
    expect(verdict).toMatchObject({ ok: true, value: { chainRoot: expected.chain_root } });
    const roots = verdict.ok ? verdict.value.bundles.map(({ bundleRoot }) => bundleRoot) : [];
    expect(roots).toEqual(expected.bundle_roots);
  });
});
