import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { RestoreChainRequest } from "../../../../src/node/back/restore/restore-bundle.ts";
import type { FileSystem } from "../../../../src/node/system/files/file-system.ts";
import { sealLinkedRuns, type TestBundle, writeBundle } from "../../../support/bundles/bundle.ts";
import { restoreChain } from "../../../support/faults/restore-acts.ts";
import { ANY_SIGNER } from "../../../support/faults/restore-scene.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { longIt, ofRing } from "../../../support/rings/ring.ts";

/** Long enough for the thread to have started while most of them are still to be read. */
const COUNT = 900;

const RUNS: readonly TestBundle[] = sealLinkedRuns(COUNT, { outputs: { "out/same": "same" } });

const folder = makeFolder();
const bundles = RUNS.map((run) => writeBundle(folder, run).bundle);
const root = join(folder, "files");
const place = join(folder, "place");
mkdirSync(place);

afterAll(() => removeTree(folder));

/** All of a restore up to its first write. */
function judge(over: Partial<RestoreChainRequest> = {}, fs?: FileSystem) {
  const target = join(place, "there");
  return restoreChain(
    { bundles, root, target, mkdir: true, dryRun: true, trust: ANY_SIGNER, jobs: 2, ...over },
    fs,
  );
}

type Spoiler = readonly [index: number, spoil: () => void];

/** Judges with some runs spoilt, and puts them back. */
async function judgeSpoilt(jobs: number, ...spoilt: readonly Spoiler[]) {
  for (const [, spoil] of spoilt) spoil();
  try {
    return await judge({ jobs });
  } finally {
    for (const [index] of spoilt) {
      removeTree(bundles[index] ?? "");
      writeBundle(folder, RUNS[index] as TestBundle);
    }
  }
}

const artifact = (index: number, name: string): string => join(bundles[index] ?? "", name);
const proofless = (index: number): Spoiler => [index, () => rmSync(artifact(index, "PROOF.json"))];
const forged = (index: number): Spoiler => [
  index,
  () => writeFileSync(artifact(index, "SIGNATURE.json"), RUNS[index - 1]?.artifacts["SIGNATURE.json"] ?? ""),
];
const forbidden = (index: number): Spoiler => [
  index,
  () => writeFileSync(artifact(index, "transcript.json"), ""),
];
const changed: Spoiler = [0, () => writeFileSync(join(root, "out/same"), "other")];

const refusal = (index: number, verifier_code: string): object => ({
  ok: false,
  code: "RESTORE_VERIFY_STRICT_FAILED",
  phase: "PREFLIGHT",
  details: { verifier_code, run_id: RUNS[index]?.runId },
  wrote: false,
});

/** How many threads were started while something was done. */
async function threadsOf(act: () => Promise<unknown>): Promise<number> {
  let threads = 0;
  const count = (): number => ++threads;
  process.on("worker", count);
  try {
    await act();
  } finally {
    process.off("worker", count);
  }
  return threads;
}

describe("a long chain is judged for a restore as by verify --history (PROTOCOL 13.3)", () => {
  it.each(ofRing([2], [1, 2, 8]))("in its order, with %i threads at most", async (jobs) => {
    const outcome = await judge({ jobs });
    if (!outcome.ok) throw new Error(outcome.code);
    expect(outcome.runs.map(({ runId }) => runId)).toEqual(RUNS.map(({ runId }) => runId));
  });

  it("with a second thread beside this one, unless there may be none", async () => {
    expect(await threadsOf(() => judge({ jobs: 2 }))).toBe(1);
    expect(await threadsOf(() => judge({ jobs: 1 }))).toBe(0);
  });
});

describe("a long chain is refused before anything is written (PROTOCOL 13.3)", () => {
  it.each(ofRing([2], [1, 2]))("for the first run that fails step 2, with %i threads", async (jobs) => {
    const last = COUNT - 1;
    expect(await judgeSpoilt(jobs, forged(last))).toMatchObject(refusal(last, "SIGNATURE_INVALID"));
    expect(await judgeSpoilt(jobs, forged(700), forbidden(701))).toMatchObject(
      refusal(700, "SIGNATURE_INVALID"),
    );
    expect(await judgeSpoilt(jobs, forbidden(700), forged(701))).toMatchObject(
      refusal(700, "FORBIDDEN_ARTIFACT"),
    );
    expect(await judgeSpoilt(jobs, changed, forged(70))).toMatchObject(refusal(0, "HASH_MISMATCH"));
  });

  it.each(ofRing([2], [1, 2]))(
    "for step 2 of a late run before step 3 of an early one, with %i threads",
    async (jobs) => {
      expect(await judgeSpoilt(jobs, proofless(3), forged(800))).toMatchObject(
        refusal(800, "SIGNATURE_INVALID"),
      );
      const details = { run_id: RUNS[3]?.runId };
      expect(await judgeSpoilt(jobs, proofless(3))).toMatchObject({ code: "RESTORE_PROOF_MISSING", details });
    },
  );

  longIt("and leaves nothing behind that could fail later, wherever it ends", async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): number => unheard.push(reason);
    process.on("unhandledRejection", hear);
    for (const index of [400, 600, 800]) await judgeSpoilt(2, forged(index));
    await setTimeout(20);
    process.off("unhandledRejection", hear);
    expect(unheard).toEqual([]);
  });

  it("when the signal fires", async () => {
    const signal = AbortSignal.timeout(1);
    await expect(judge({ dryRun: false, signal })).rejects.toThrow("interrupted");
    expect(readdirSync(place)).toEqual([]);
  });
});
