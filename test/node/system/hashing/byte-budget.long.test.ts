import { createHash } from "node:crypto";
import fs, { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { digestToHex, type HexDigest } from "../../../../src/core/internal.ts";
import { judgeBundle } from "../../../../src/node/judge/verify/verify-bundle-files.ts";
import { judgeBundleChain } from "../../../../src/node/judge/verify/verify-chain-files.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import type { BudgetShare } from "../../../../src/node/system/hashing/byte-budget.ts";
import { layOutDigests } from "../../../../src/node/system/hashing/hash-board.ts";
import { HASH_JOB, hashFiles } from "../../../../src/node/system/hashing/hash-files.ts";
import { WorkerPool } from "../../../../src/node/system/work/worker-pool.ts";
import { sealBundle, sealLinkedRuns, type TestBundle, writeBundle } from "../../../support/bundles/bundle.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const MIB = 2 ** 20;

function digestOf(content: string | Uint8Array): HexDigest {
  return digestToHex(createHash("sha256").update(content).digest());
}

function emptyFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => removeTree(folder));
  return folder;
}

/** A file of a test: what it holds, and what was sealed. A number is a sparse file of that size. */
interface TestFile {
  readonly content: string | number;
  readonly sealed: string;
}

const same = (content: string): TestFile => ({ content, sealed: content });

function pathOf(index: number): string {
  return `d${index % 3}/f${index}`;
}

function layOut(files: readonly TestFile[], folder: string): void {
  for (const [index, { content }] of files.entries()) {
    const file = join(folder, pathOf(index));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : "");
    if (typeof content === "number") truncateSync(file, content);
  }
}

/** Hashes files, in the order given, against what was sealed. */
async function hash(files: readonly TestFile[], shares: readonly BudgetShare[]): Promise<readonly unknown[]> {
  const folder = emptyFolder();
  layOut(files, folder);
  return await hashBelow(folder, files, shares);
}

async function hashBelow(
  folder: string,
  files: readonly TestFile[],
  shares: readonly BudgetShare[],
  { jobs = 1, untilUnexpected = false } = {},
): Promise<readonly unknown[]> {
  const root = AnchoredRoot.open(folder);
  // Threads that were called before take part, however little there is to do.
  const pool = new WorkerPool(jobs);
  if (jobs > 1) pool.start(HASH_JOB);
  try {
    const paths = files.map((_, index) => pathOf(index));
    const expected = layOutDigests(files.map(({ sealed }) => digestOf(sealed)));
    return [...(await hashFiles(root, paths, { pool, expected, shares, untilUnexpected }))];
  } finally {
    pool.dismiss();
    root.close();
  }
}

const read = (content: string): object => ({
  kind: "file",
  digest: digestOf(content),
  bytes: Buffer.byteLength(content),
});
const oversized = (foundBytes: number): object => ({ kind: "oversized", foundBytes });

/** Counts the bytes that this thread reads. */
function countBytes(): { readonly bytes: () => number } & Disposable {
  const { readSync } = fs;
  let bytes = 0;
  const put = (reader: typeof readSync): void => {
    fs.readSync = reader;
    syncBuiltinESMExports();
  };
  put(((...args: Parameters<typeof readSync>) => {
    const count = readSync(...args);
    bytes += count;
    return count;
  }) as typeof readSync);
  return { bytes: () => bytes, [Symbol.dispose]: () => put(readSync) };
}

describe("the bytes of outputs that are read", () => {
  const all = (files: readonly TestFile[], declared?: number): readonly BudgetShare[] => [
    { paths: files.length, declared },
  ];

  it("are all, where they are as many as were declared", async () => {
    const files = [same("alpha"), same("beta"), same("")];
    expect(await hash(files, all(files, 9))).toEqual([read("alpha"), read("beta"), read("")]);
  });

  it("are all, where nothing was declared", async () => {
    const files = [same("alpha"), { content: "much longer", sealed: "beta" }];
    expect(await hash(files, all(files))).toEqual([read("alpha"), read("much longer")]);
  });

  it("end at the first output that exceeds the declared total, though its digest would be right", async () => {
    const files = [same("alpha"), same("beta"), same("gamma")];
    expect(await hash(files, all(files, 8))).toEqual([read("alpha"), oversized(9), oversized(14)]);
  });

  it("include those after an output that grew, which are as they were", async () => {
    const files = [{ content: "alpha and more", sealed: "alpha" }, same("beta"), same("gamma, the last")];
    const findings = await hash(files, all(files, 24));
    expect(findings).toEqual([read("alpha and more"), read("beta"), read("gamma, the last")]);
  });

  it("are counted for each bundle on its own", async () => {
    const files = [same("alpha"), same("beta"), same("gamma"), same("delta")];
    const shares = [
      { paths: 1, declared: 4 },
      { paths: 2, declared: 9 },
      { paths: 1, declared: undefined },
    ];
    expect(await hash(files, shares)).toEqual([oversized(5), read("beta"), read("gamma"), read("delta")]);
  });

  it("are at most three times the declared total, whatever stands in the outputs' places", async () => {
    const files = Array.from({ length: 40 }, (): TestFile => ({ content: MIB, sealed: "sealed" }));
    using counted = countBytes();
    const findings = await hash(files, all(files, 2 * MIB));
    expect(counted.bytes()).toBeGreaterThan(0);
    expect(counted.bytes()).toBeLessThanOrEqual(6 * MIB);
    expect(findings.slice(4)).toEqual(files.slice(4).map((_, index) => oversized((index + 5) * MIB)));
  });

  it("leave out a file that is larger than the declared total", async () => {
    const files = [{ content: 2 ** 40, sealed: "sealed" }];
    using counted = countBytes();
    expect(await hash(files, all(files, 2 ** 40 - 1))).toEqual([oversized(2 ** 40)]);
    expect(counted.bytes()).toBe(0);
  });
});

describe("which outputs are read", () => {
  /** Some outputs grew, two of them beyond all bounds. */
  const files = Array.from({ length: 3000 }, (_, index): TestFile => {
    const sealed = `content ${index % 100}`;
    if (index % 1000 === 500) return { content: `${sealed} and ${"more ".repeat(800)}`, sealed };
    if (index % 1000 === 800) return { content: 2 ** 40, sealed };
    return same(sealed);
  });
  const bytes = files.reduce((sum, { sealed }) => sum + Buffer.byteLength(sealed), 0);
  const shares = [
    { paths: 1500, declared: Math.floor(bytes / 2) },
    { paths: 1500, declared: Math.floor(bytes / 3) },
  ];
  let folder: string;
  let alone: readonly unknown[];

  beforeAll(async () => {
    folder = makeFolder();
    layOut(files, folder);
    alone = await hashBelow(folder, files, shares);
  });
  afterAll(() => removeTree(folder));

  it("are those up to the bounds", () => {
    const unread = alone.filter((finding) => (finding as { kind: string }).kind === "oversized");
    expect(unread.length).toBeGreaterThan(300);
    expect(unread.length).toBeLessThan(1500);
  });

  it.each([2, 3])("doesn't depend on how many threads read: %i find what one finds", async (jobs) => {
    expect(await hashBelow(folder, files, shares, { jobs })).toEqual(alone);
  });

  it.each([1, 2, 3])("doesn't depend on whether the first failure ends it, %i at once", async (jobs) => {
    const first = await hashBelow(folder, files, shares, { jobs, untilUnexpected: true });
    expect(first).toEqual(alone.slice(0, 501));
  });

  it.each([1, 2, 3])("ends at the path that exceeds the total, %i at once", async (jobs) => {
    const before = files.slice(0, 500);
    const share = [{ paths: before.length, declared: 2000 }];
    const first = await hashBelow(folder, before, share, { jobs, untilUnexpected: true });
    let sum = 0;
    const beyond = before.findIndex(({ sealed }) => {
      sum += Buffer.byteLength(sealed);
      return sum > 2000;
    });
    expect(first).toHaveLength(beyond + 1);
    expect(first.at(-1)).toEqual(oversized(sum));
  });
});

describe("a bundle whose signer declared too few bytes", () => {
  const tooFew = (bytes: number): TestBundle => sealBundle({ bind: (right) => ({ ...right, bytes }) });

  it("is a HASH_MISMATCH at the output that exceeds them", async () => {
    const request = writeBundle(emptyFolder(), tooFew(10));
    expect(await judgeBundle(request)).toMatchObject({
      code: "HASH_MISMATCH",
      details: { path: "out/b.txt", found_bytes: 11, declared_bytes: 10 },
    });
  });

  it("is a PAYLOAD_MISMATCH where it declared too many", async () => {
    const request = writeBundle(emptyFolder(), tooFew(12));
    expect(await judgeBundle(request)).toMatchObject({
      code: "PAYLOAD_MISMATCH",
      details: { field: "bytes" },
    });
  });

  it.each([1, 2])("ends a chain with its own run id, with %i threads", async (jobs) => {
    const folder = emptyFolder();
    const runs = sealLinkedRuns(100, { outputs: { "out/a.txt": "alpha\n" } });
    const places = runs.map((run) => writeBundle(folder, run));
    const [place] = places;
    if (place === undefined) throw new Error("there are 100");
    truncateSync(join(place.root, "out/a.txt"), 2 ** 40);
    const bundles = places.map(({ bundle }) => bundle);
    expect(await judgeBundleChain({ bundles, root: place.root, jobs })).toMatchObject({
      code: "HASH_MISMATCH",
      details: { run_id: "run-001", path: "out/a.txt", found_bytes: 2 ** 40, declared_bytes: 6 },
    });
  });
});
