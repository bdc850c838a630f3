import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sealLinkedTrees, writeTreeBundle } from "../../../support/bundles/tree-bundle.ts";
import { STATE } from "../../../support/command/state.ts";
import { Scene } from "../../../support/faults/restore-scene.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/** What a run of a chain may keep until the end. Its documents took eleven thousand bytes. */
const MOST_BYTES_A_RUN = 1250;

/** What a file of an undo may keep in the engine's heap: nothing, but for noise. As objects it took six hundred bytes. */
const MOST_BYTES_A_FILE = 100;

const RUNS = 1200;
const FILES = 8000;

const NODE = new URL("../../../../dist/node/", import.meta.url).href;

/** Runs a program of the library in a process of its own, with its collector, and reads the numbers it prints. */
function numbersOf(program: string, args: readonly string[]): Readonly<Record<string, number>> {
  const ended = spawnSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", program, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...STATE },
    maxBuffer: 2 ** 24,
    timeout: 200_000,
  });
  if (ended.status !== 0) throw new Error(ended.stderr);
  return JSON.parse(ended.stdout) as Record<string, number>;
}

/** Memory that is in use once all garbage is collected. */
const USED = `
  const used = async () => {
    await new Promise((done) => setTimeout(done, 50));
    for (let times = 0; times < 3; times++) globalThis.gc();
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    return arrayBuffers + heapUsed;
  };`;

describe("a chain of many small runs", () => {
  const folder = makeFolder();
  const recipe = { outputs: { "out/same": "same", "out/other": "other" } };
  const bundles = sealLinkedTrees(Array.from({ length: RUNS }, () => recipe)).map(
    (run) => writeTreeBundle(folder, run).bundle,
  );
  afterAll(() => removeTree(folder));

  it(`keeps less than ${MOST_BYTES_A_RUN} bytes of each until its end`, () => {
    const program = `
      import { judgeBundleChain } from "${NODE}judge/verify/verify-chain-files.js";
      ${USED}
      const [root, ...bundles] = process.argv.slice(1);
      const judge = async (some) => {
        const chain = await judgeBundleChain({ bundles: some, root, jobs: 1 });
        if (!chain.ok) throw new Error(chain.code);
        return chain.value;
      };
      // What the engine keeps of the code does not count.
      const first = await judge(bundles.slice(0, ${RUNS / 4}));
      const before = await used();
      const chain = await judge(bundles);
      const after = await used();
      const files = chain.bundles.reduce((sum, { files }) => sum + files, 0);
      console.log(JSON.stringify({ files, first: first.bundles.length, bytes: after - before }));`;
    const { bytes = Number.NaN, files, first } = numbersOf(program, [join(folder, "files"), ...bundles]);
    expect({ files, first }).toEqual({ files: 2 * RUNS, first: RUNS / 4 });
    expect(bytes / RUNS).toBeLessThan(MOST_BYTES_A_RUN);
  });
});

describe("an undo of many files", () => {
  const outputs = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`d${n % 16}/a-name-of-some-length-${n}`, ""]),
    );

  it(`keeps less than ${MOST_BYTES_A_FILE} bytes of each in the heap while it looks at them, and while it removes them`, async () => {
    using few = new Scene(outputs(300));
    using many = new Scene(outputs(FILES));
    const targets = [few.existingTarget(), many.existingTarget()];
    for (const [index, scene] of [few, many].entries()) {
      const restored = await scene.restore(targets[index] ?? "");
      expect(restored).toMatchObject({ ok: true });
    }
    const program = `
      import { undoRestore } from "${NODE}back/restore/undo/undo.js";
      const heap = {};
      const progress = {
        begin: (phase) => {
          for (let times = 0; times < 3; times++) globalThis.gc();
          heap[phase] = process.memoryUsage().heapUsed;
        },
        beginWhole: () => undefined,
        end: () => undefined,
      };
      let before = {};
      let undone;
      for (const target of process.argv.slice(1)) {
        before = { ...heap };
        undone = await undoRestore({ target, environment: process.env, progress });
        if (!undone.ok) throw new Error(undone.code);
      }
      const { check, remove } = heap;
      console.log(JSON.stringify({ files: undone.files, check: check - before.check, remove: remove - before.remove }));`;
    const { check = Number.NaN, files, remove = Number.NaN } = numbersOf(program, targets);
    expect(files).toBe(FILES);
    expect(check / FILES).toBeLessThan(MOST_BYTES_A_FILE);
    expect(remove / FILES).toBeLessThan(MOST_BYTES_A_FILE);
  });
});
