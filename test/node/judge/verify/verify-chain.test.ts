import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { judgeBundleChain } from "../../../../src/node/judge/verify/verify-chain-files.ts";
import {
  canonical,
  SECOND_SEED,
  sealBundle,
  sha256,
  type TestBundle,
  testSigner,
  writeBundle,
} from "../../../support/bundles/bundle.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { drawn } from "../../../support/rings/ring.ts";

/** More bundles than are looked at together, twice. */
const COUNT = 300;

const RUNS: readonly TestBundle[] = Array.from({ length: COUNT }, (_, index) => {
  const runId = `run-${index}`;
  return sealBundle({ runId, outputs: { [`out/${runId}`]: runId } });
});

const folder = makeFolder();
const places = RUNS.map((run) => writeBundle(folder, run));
const root = join(folder, "files");

afterAll(() => removeTree(folder));

/** Ways to spoil one run, and the codes they end with. */
const SPOILERS = {
  ARTIFACT_MISSING: (index: number) => rmSync(join(folder, "run", `run-${index}`, "PROOF.json")),
  SIGNATURE_INVALID: (index: number) => {
    const signature = testSigner(SECOND_SEED).sign(Buffer.from("something else"));
    const path = join(folder, "run", `run-${index}`, "SIGNATURE.json");
    const { artifacts } = RUNS[index] as TestBundle;
    writeFileSync(path, canonical({ ...JSON.parse(artifacts["SIGNATURE.json"].toString()), signature }));
  },
  HASH_MISMATCH: (index: number) => writeFileSync(join(root, "out", `run-${index}`), "other"),
  OUTPUT_MISSING: (index: number) => rmSync(join(root, "out", `run-${index}`)),
};

type Code = keyof typeof SPOILERS;

/** Verifies with some runs spoilt, and puts them back. */
async function verdictOf(spoilt: readonly (readonly [Code, number])[], jobs?: number) {
  for (const [code, index] of spoilt) SPOILERS[code](index);
  try {
    return await judgeBundleChain({ bundles: places.map(({ bundle }) => bundle), root, jobs });
  } finally {
    for (const [, index] of spoilt) writeBundle(folder, RUNS[index] as TestBundle);
  }
}

describe("a chain that is verified in batches", () => {
  it.for([1, 2])("is accepted in the order given, with %i threads", async (jobs) => {
    const verdict = await verdictOf([], jobs);
    if (!verdict.ok) throw new Error(verdict.code);
    expect(verdict.value.bundles.map(({ runId }) => runId)).toEqual(RUNS.map(({ runId }) => runId));
    expect(verdict.value.chainRoot).toBe(
      sha256(
        canonical({
          bundle_roots: RUNS.map(({ bundleRoot }) => bundleRoot),
          run_ids: RUNS.map(({ runId }) => runId),
        }),
      ),
    );
  });

  const codes = Object.keys(SPOILERS) as readonly Code[];
  const pairs = codes.flatMap((first) => codes.map((second) => [first, second] as const));

  it.for(drawn(pairs, 3))(
    "is rejected for the first run that fails: %s, then %s",
    async ([first, second]) => {
      for (const [before, after] of [
        [3, 4],
        [127, 128],
        [128, 129],
        [60, 299],
      ] as const) {
        const verdict = await verdictOf([
          [first, before],
          [second, after],
        ]);
        expect(verdict).toMatchObject({ ok: false, code: first, details: { run_id: `run-${before}` } });
      }
    },
  );

  it.for(drawn(codes, 1))("finds %s in each place, with one thread too", async (code) => {
    for (const index of [0, 126, 127, 128, 255, 256, COUNT - 1]) {
      const verdict = await verdictOf([[code, index]], 1);
      expect(verdict).toMatchObject({ ok: false, code, details: { run_id: `run-${index}` } });
    }
  });

  it("whose root is not there fails for the first run that has outputs", async () => {
    const nowhere = join(folder, "nowhere");
    const bundles = places.map(({ bundle }) => bundle);
    expect(await judgeBundleChain({ bundles, root: nowhere })).toMatchObject({
      ok: false,
      code: "PATH_NOT_FOUND",
      details: { reason: "folder" },
    });
  });
});
