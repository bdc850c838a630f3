import { spawnSync } from "node:child_process";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { AnchoredRoot } from "../../src/node/files/anchored-root.ts";
import { BoardFindings } from "../../src/node/hashing/board-findings.ts";
import { makeHashBoard } from "../../src/node/hashing/hash-board.ts";
import { ChainHelper } from "../../src/node/verify/chain-helper.ts";
import { readStretch } from "../../src/node/verify/read-stretch.ts";
import { judgeBundleChain } from "../../src/node/verify/verify-chain-files.ts";
import { sealLinkedRuns, sha256, type TestBundle, writeBundle } from "../support/bundle.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

/** Long enough that the thread has started while the first half is looked at. */
const COUNT = 1500;

const RUNS: readonly TestBundle[] = sealLinkedRuns(COUNT, { outputs: { "out/same": "same" } });

const folder = makeFolder();
const bundles = RUNS.map((run) => writeBundle(folder, run).bundle);
const root = join(folder, "files");

afterAll(() => removeTree(folder));

let helper: ChainHelper | undefined;

afterEach(async () => {
  await helper?.dismiss();
  helper = undefined;
});

async function startHelper(): Promise<ChainHelper> {
  helper = ChainHelper.start({ bundles }, 2);
  if (helper === undefined) throw new Error("a long chain has no helper");
  while (!helper.isUp) await setTimeout(5);
  return helper;
}

/** Byte strings in one form, be they Buffers or not. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, member) => {
      if (member?.type === "Buffer") return Buffer.from(member.data).toString("hex");
      return member instanceof Uint8Array ? Buffer.from(member).toString("hex") : member;
    }),
  );
}

describe("the thread beside a long chain", () => {
  it("is unused if the chain is short, or only one thread is allowed", () => {
    expect(ChainHelper.start({ bundles: bundles.slice(0, 100) }, 2)).toBeUndefined();
    expect(ChainHelper.start({ bundles }, 1)).toBeUndefined();
  });

  it("reads what this one would read", async () => {
    const reader = await startHelper();
    for (const start of [0, 1, COUNT - 3]) {
      expect(plain(await reader.read(start))).toEqual(plain(readStretch({ bundles }, start)));
    }
  });

  it("reads bundles too that have something unusual about them", async () => {
    const reader = await startHelper();
    const place = bundles[2] ?? "";
    rmSync(join(place, "PROOF.json"));
    writeFileSync(join(place, "signature.json.old"), "");
    writeFileSync(join(place, "COUNTERSIGNATURES.json"), "[]");
    const [other, own] = [await reader.read(0), readStretch({ bundles }, 0)];
    removeTree(place);
    writeBundle(folder, RUNS[2] as TestBundle);
    expect(own.opened[2]).toMatchObject({
      artifacts: { "PROOF.json": { kind: "missing" } },
      confusable: ["signature.json.old"],
      countersignatures: { kind: "bytes" },
    });
    expect(plain(other)).toEqual(plain(own));
  });

  it("passes exceptions of its work to the caller, and goes on", async () => {
    // No system takes such a name: a bug of the caller's.
    helper = ChainHelper.start({ bundles: [...bundles, "a\0b"] }, 2);
    while (helper?.isUp === false) await setTimeout(5);
    await expect(helper?.read(COUNT)).rejects.toThrow(TypeError);
    expect(await helper?.read(0)).toMatchObject({ end: 64 });
  });

  it("reads large artifacts, and says that they are", async () => {
    const reader = await startHelper();
    const path = join(bundles[1] ?? "", "PROOF.json");
    truncateSync(path, 5 * 1024 * 1024);
    const stretch = await reader.read(0);
    writeBundle(folder, RUNS[1] as TestBundle);
    expect(stretch).toMatchObject({ end: 2, isHeavy: true });
    const proof = stretch.opened[1]?.artifacts["PROOF.json"];
    expect(proof?.kind === "bytes" ? proof.bytes.length : proof).toBe(5 * 1024 * 1024);
  });

  it("hashes a board, and does what else it is asked to meanwhile", async () => {
    const hasher = await startHelper();
    const anchored = AnchoredRoot.open(root);
    const board = makeHashBoard(anchored, ["out/missing", "out/same"]);
    const [, read] = await Promise.all([hasher.hash(board), hasher.read(COUNT - 3)]);
    anchored.close();
    expect(read.end).toBe(COUNT);
    const same = { kind: "file", digest: sha256("same"), bytes: 4 };
    expect([...new BoardFindings(board).read(2)]).toEqual([{ kind: "missing" }, same]);
  });

  it("rejects waiting and later requests after it has died", async () => {
    const dying = await startHelper();
    const waiting = dying.read(0);
    const end = expect(waiting).rejects.toThrow("a chain worker ended");
    await dying.dismiss();
    await end;
    await expect(dying.read(0)).rejects.toThrow("a chain worker ended");
  });
});

describe("a chain so long that two threads look at it", () => {
  const place = (index: number, name: string): string => join(bundles[index] ?? "", name);
  const failing = (index: number, code: string): object => ({
    ok: false,
    code,
    details: { run_id: RUNS[index]?.runId },
  });

  /** Verifies with some runs spoilt, and puts them back. */
  async function verdictOf(jobs: number, ...spoilt: readonly (readonly [number, () => void])[]) {
    for (const [, spoil] of spoilt) spoil();
    try {
      return await judgeBundleChain({ bundles, root, jobs });
    } finally {
      for (const [index] of spoilt) writeBundle(folder, RUNS[index] as TestBundle);
    }
  }

  const incomplete = (index: number) => [index, () => rmSync(place(index, "PROOF.json"))] as const;
  const forged = (index: number) =>
    [
      index,
      () => writeFileSync(place(index, "SIGNATURE.json"), RUNS[index - 1]?.artifacts["SIGNATURE.json"] ?? ""),
    ] as const;
  const changed = (index: number) => [index, () => writeFileSync(join(root, "out/same"), "other")] as const;

  it.each([1, 2, 8])("is accepted in its order, with %i threads at most", async (jobs) => {
    const verdict = await verdictOf(jobs);
    if (!verdict.ok) throw new Error(verdict.code);
    expect(verdict.value.bundles.map(({ runId }) => runId)).toEqual(RUNS.map(({ runId }) => runId));
  });

  it.each([1, 2])("is rejected for the first run that fails, with %i threads", async (jobs) => {
    expect(await verdictOf(jobs, forged(COUNT - 1))).toMatchObject(failing(COUNT - 1, "SIGNATURE_INVALID"));
    expect(await verdictOf(jobs, forged(1300), incomplete(1301))).toMatchObject(
      failing(1300, "SIGNATURE_INVALID"),
    );
    expect(await verdictOf(jobs, incomplete(1300), forged(1301))).toMatchObject(
      failing(1300, "ARTIFACT_MISSING"),
    );
    // The file is every run's, and so the first one's: what comes later of an earlier phase is not heard of.
    expect(await verdictOf(jobs, changed(0), incomplete(70))).toMatchObject(failing(0, "HASH_MISMATCH"));
  });

  it("leaves nothing behind that could fail later, wherever it ends", async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): number => unheard.push(reason);
    process.on("unhandledRejection", hear);
    for (const index of [600, 700, 800, 900, 1000]) await verdictOf(2, incomplete(index));
    await setTimeout(20);
    process.off("unhandledRejection", hear);
    expect(unheard).toEqual([]);
  });

  it("stops when the signal fires", async () => {
    const signal = AbortSignal.timeout(1);
    await expect(judgeBundleChain({ bundles, root, signal })).rejects.toThrow("interrupted");
  });
});

it.each([1, 2])(
  "throws what its reading throws, with %i threads, even in a process that ignores unhandled rejections",
  (jobs) => {
    const program = `
    import { judgeBundleChain } from "${new URL("../../dist/node/index.js", import.meta.url).href}";
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
