import { spawnSync } from "node:child_process";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { judgeBundleChain } from "../../../../src/node/judge/verify/verify-chain-files.ts";
import type { Progress } from "../../../../src/node/system/runtime/progress.ts";
import { sealLinkedRuns, type TestBundle, writeBundle } from "../../../support/bundles/bundle.ts";
import { HistoryScene } from "../../../support/bundles/history-scene.ts";
import { factsOf } from "../../../support/command/cli.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { longIt, ofRing } from "../../../support/rings/ring.ts";

/** Long enough that the workers have started while the first half is judged. */
const COUNT = 1500;

const RUNS: readonly TestBundle[] = sealLinkedRuns(COUNT, { outputs: { "out/same": "same" } });

const folder = makeFolder();
const bundles = RUNS.map((run) => writeBundle(folder, run).bundle);
const root = join(folder, "files");

afterAll(() => removeTree(folder));

const place = (index: number, name: string): string => join(bundles[index] ?? "", name);

const failing = (index: number, code: string): object => ({
  ok: false,
  code,
  details: { run_id: RUNS[index]?.runId },
});

describe("a chain of 1,500 bundles", () => {
  /** Verifies with some runs spoilt, and puts them back. */
  async function verdictOf(jobs: number, ...spoilt: readonly (readonly [number, () => void])[]) {
    for (const [, spoil] of spoilt) spoil();
    try {
      return await judgeBundleChain({ bundles, root, jobs });
    } finally {
      for (const [index] of spoilt) {
        removeTree(bundles[index] ?? "");
        writeBundle(folder, RUNS[index] as TestBundle);
      }
    }
  }

  const incomplete = (index: number) => [index, () => rmSync(place(index, "PROOF.json"))] as const;
  const forged = (index: number) =>
    [
      index,
      () => writeFileSync(place(index, "SIGNATURE.json"), RUNS[index - 1]?.artifacts["SIGNATURE.json"] ?? ""),
    ] as const;
  const changed = (index: number) => [index, () => writeFileSync(join(root, "out/same"), "other")] as const;

  it.each(ofRing([2], [1, 2, 8]))("is accepted in its order, with %i threads at most", async (jobs) => {
    const verdict = await verdictOf(jobs);
    if (!verdict.ok) throw new Error(verdict.code);
    expect(verdict.value.bundles.map(({ runId }) => runId)).toEqual(RUNS.map(({ runId }) => runId));
  });

  it.each(ofRing([2], [1, 2]))("is rejected for the first run that fails, with %i threads", async (jobs) => {
    expect(await verdictOf(jobs, forged(COUNT - 1))).toMatchObject(failing(COUNT - 1, "SIGNATURE_INVALID"));
    expect(await verdictOf(jobs, forged(1300), incomplete(1301))).toMatchObject(
      failing(1300, "SIGNATURE_INVALID"),
    );
    expect(await verdictOf(jobs, incomplete(1300), forged(1301))).toMatchObject(
      failing(1300, "ARTIFACT_MISSING"),
    );
    // The file is every run's, and so the first one's: an earlier phase of a later run is not reported.
    expect(await verdictOf(jobs, changed(0), incomplete(70))).toMatchObject(failing(0, "HASH_MISMATCH"));
  });

  it.each(ofRing([2], [1, 2]))(
    "names a run with a large or an unusual artifact, with %i threads",
    async (jobs) => {
      const large = () => truncateSync(place(700, "PROOF.json"), 5 * 1024 * 1024);
      expect(await verdictOf(jobs, [700, large])).toMatchObject(failing(700, "ARTIFACT_MALFORMED"));
      const confusable = () => writeFileSync(place(701, "signature.json"), "{}");
      expect(await verdictOf(jobs, [701, confusable])).toMatchObject({
        ok: false,
        details: { run_id: RUNS[701]?.runId },
      });
      // No phase looks at them.
      const countersigned = () => writeFileSync(place(702, "COUNTERSIGNATURES.json"), "[]");
      expect(await verdictOf(jobs, [702, countersigned])).toMatchObject({ ok: true });
    },
  );

  longIt("leaves nothing behind that could fail later, wherever it ends", async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): number => unheard.push(reason);
    process.on("unhandledRejection", hear);
    for (const index of [600, 700, 800, 900, 1000]) await verdictOf(2, incomplete(index));
    await setTimeout(20);
    process.off("unhandledRejection", hear);
    expect(unheard).toEqual([]);
  });

  it.each(ofRing([2], [1, 2]))(
    "stops when the signal fires while bundles are read, with %i threads",
    async (jobs) => {
      const signal = AbortSignal.timeout(1);
      await expect(judgeBundleChain({ bundles, root, jobs, signal })).rejects.toThrow("interrupted");
    },
  );

  it.each(ofRing([2], [1, 2]))(
    "stops when the signal fires while outputs are hashed, with %i threads",
    async (jobs) => {
      const controller = new AbortController();
      const progress: Progress = {
        begin: (_phase, _total, done) => {
          const timer = setInterval(() => {
            if (done().files === 0) return;
            clearInterval(timer);
            controller.abort();
          }, 1);
        },
        beginWhole: () => undefined,
        end: () => undefined,
      };
      const end = judgeBundleChain({ bundles, root, jobs, progress, signal: controller.signal });
      await expect(end).rejects.toThrow("interrupted");
    },
  );
});

it.each(ofRing([2], [1, 2]))(
  "rejects with an error that is thrown while bundles are read, with %i threads, even if the process ignores unhandled rejections",
  (jobs) => {
    const program = `
    import { judgeBundleChain } from "${new URL("../../../../dist/node/judge/verify/verify-chain-files.js", import.meta.url).href}";
    const [root, ...bundles] = process.argv.slice(1);
    // No system takes such a name: a bug of the caller's.
    const end = judgeBundleChain({ bundles: [...bundles, "a\\0b"], root, jobs: ${jobs} });
    console.log(await end.then(() => "ended", ({ name }) => name));`;
    const args = [
      "--unhandled-rejections=warn",
      "--input-type=module",
      "-e",
      program,
      root,
      ...bundles.slice(0, 400),
    ];
    const env = { ...process.env, NODE_OPTIONS: "--unhandled-rejections=warn" };
    const ended = spawnSync(process.execPath, args, { encoding: "utf8", env, timeout: 60_000 });
    expect(ended.stdout, ended.stderr).toBe("TypeError\n");
  },
);

longIt.each(["1", "2"])(
  "keeps no artifacts of bundles that were concluded: 100 proofs of 1 MiB fit into a heap of 48 MiB, with %s threads",
  async (jobs) => {
    using project = new HistoryScene();
    const proof = {
      restoration_result: { condition: "RESTORED_IDENTICAL", verified: true },
      note: "n".repeat(2 ** 20),
    };
    for (let number = 0; number < 100; number++)
      project.seal(`run-${number}`, { outputs: { "out/same": "same" }, proof });
    const env = { ...project.env, NODE_OPTIONS: "--max-old-space-size=48" };
    const runs = project.line.map(({ runId }) => `.runseal/runs/${runId}`);
    const end = await project.run(
      ["verify", "--history", ...runs, "--any-signer", "--jobs", jobs, "--json"],
      {
        env,
      },
    );
    expect(factsOf(end)).toMatchObject({ ok: true });
  },
);
