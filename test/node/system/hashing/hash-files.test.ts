import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs, { appendFileSync, chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  computeManifestRoot,
  computeRootOfLeaves,
  digestToHex,
  type HexDigest,
} from "../../../../src/core/internal.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { layOutDigests } from "../../../../src/node/system/hashing/hash-board.ts";
import { beginHashing, type HashOptions, hashFiles } from "../../../../src/node/system/hashing/hash-files.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { WorkerPool } from "../../../../src/node/system/work/worker-pool.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { LONG_TEST_MS, ofRing } from "../../../support/rings/ring.ts";

const MIB = 2 ** 20;

/** Sizes around those where the way of reading changes. */
const SIZES = [0, 1, MIB - 1, MIB, MIB + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 21 * MIB + 5];

function contentOf(size: number): Buffer {
  return Buffer.alloc(size, `the content of ${size} bytes, `);
}

function digestOf(content: Uint8Array = Buffer.from("none")): HexDigest {
  return digestToHex(createHash("sha256").update(content).digest());
}

function found(content: Uint8Array): object {
  return { kind: "file", digest: digestOf(content), bytes: content.length };
}

function builtModule(name: string): string {
  return new URL(`../../../../dist/node/${name}.js`, import.meta.url).href;
}

/** Has something happen once, before or after the next read of a file. */
function meddle({ beforeRead, afterRead }: { beforeRead?: () => void; afterRead?: () => void }): Disposable {
  const { readSync } = fs;
  const put = (read: typeof readSync): void => {
    fs.readSync = read;
    syncBuiltinESMExports();
  };
  put(((...args: Parameters<typeof readSync>) => {
    put(readSync);
    beforeRead?.();
    const count = readSync(...args);
    afterRead?.();
    return count;
  }) as typeof readSync);
  return { [Symbol.dispose]: () => put(readSync) };
}

let folder: string;
const contents = new Map<string, Buffer>();

function put(path: string, content: Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  contents.set(path, content);
}

beforeAll(() => {
  folder = makeFolder();
  for (const size of SIZES) put(`sizes/${size}`, contentOf(size));
  // More than one thread takes on alone, in folders whose names are beginnings of one another.
  for (let index = 0; index < 8000; index++) put(`many/d${index % 12}/f${index}`, Buffer.from(`${index}`));
  symlinkSync("d1/f1", join(folder, "many/link"));
  contents.set("many/link", Buffer.from("1"));
  symlinkSync("d2", join(folder, "many/folder"));
  contents.set("many/folder/f2", Buffer.from("2"));
  contents.set("many/folder/f14", Buffer.from("14"));
});

afterAll(() => removeTree(folder));

async function hash(paths: readonly string[], options: HashOptions = {}): Promise<readonly unknown[]> {
  const root = AnchoredRoot.open(folder);
  try {
    return [...(await hashFiles(root, paths, options))];
  } finally {
    root.close();
  }
}

function expected(paths: readonly string[]): readonly object[] {
  return paths.map((path) => found(contents.get(path) ?? Buffer.from("none")));
}

const ALL_JOBS = ofRing([1, 3], [1, 2, 3]);

describe("hashing many files", () => {
  it.each(ALL_JOBS)("leaves the leaves of a tree where that is asked for, %i at once", async (jobs) => {
    const paths = [...contents.keys()].sort();
    const root = AnchoredRoot.open(folder);
    const hashing = beginHashing(root, paths, { jobs, leaves: true });
    await hashing.finish();
    root.close();
    const entries = paths.map((path) => ({ path, digest: digestOf(contents.get(path)) }));
    const value = computeRootOfLeaves(hashing.leaves ?? new Uint8Array(), nodeCrypto);
    expect(computeManifestRoot(entries, nodeCrypto)).toEqual({ ok: true, value });
  });

  it.each(ALL_JOBS)("hands out nothing more once it is abandoned, %i at once", async (jobs) => {
    const root = AnchoredRoot.open(folder);
    const hashing = beginHashing(root, [...contents.keys()], { jobs });
    await hashing.abandon();
    await expect(hashing.finish()).rejects.toThrow("is not finished");
    root.close();
  });

  it.each(ALL_JOBS)(
    "gives the digests of many, in the order in which they were asked for, %i at once",
    async (jobs) => {
      const paths = [...contents.keys()];
      for (const list of [[...paths].sort(), paths.toReversed()]) {
        expect(await hash(list, { jobs })).toEqual(expected(list));
      }
    },
  );

  it("finds what stands in the folder of the file before, and nothing that doesn't", async () => {
    const paths = [
      "many/d1/f1",
      "many/d1/none",
      "many/d1/f13",
      "many/d1",
      "none",
      "many/d1/f1/x",
      "many/d1/f25",
    ];
    const missing = { kind: "missing" };
    const [f1, f13, f25] = expected(["many/d1/f1", "many/d1/f13", "many/d1/f25"]);
    expect(await hash(paths)).toEqual([f1, missing, f13, missing, missing, missing, f25]);
  });

  it("goes on to the first file that is not as expected, and no further", async () => {
    const paths = [...contents.keys()].toReversed();
    const expectedDigests = paths.map((path, index) =>
      digestOf(contents.get(index === 5000 ? "many/d1/f1" : path)),
    );
    const findings = await hash(paths, {
      jobs: 3,
      expected: layOutDigests(expectedDigests),
      untilUnexpected: true,
    });
    expect(findings).toEqual(expected(paths.slice(0, 5001)));
  });

  it("reports every file, as expected or not, if all are requested", async () => {
    const paths = [...contents.keys()].sort();
    const digests = paths.map((path, index) => digestOf(contents.get(index % 3 === 0 ? "many/d1/f1" : path)));
    expect(await hash(paths, { jobs: 2, expected: layOutDigests(digests) })).toEqual(expected(paths));
  });

  it("ends early for no file that is as expected, in whichever moment the threads meet", {
    timeout: LONG_TEST_MS,
  }, async () => {
    const paths = [...contents.keys()].sort();
    const digests = paths.map((path) => digestOf(contents.get(path)));
    const options = { expected: layOutDigests(digests), untilUnexpected: true };
    for (let time = 0; time < ofRing(3, 20); time++) {
      expect(await hash(paths, { ...options, jobs: 4 })).toHaveLength(paths.length);
    }
  });

  it("refuses a file whose mode changes while it is read", async () => {
    writeFileSync(join(folder, "program"), "hello world");
    using _ = meddle({ beforeRead: () => chmodSync(join(folder, "program"), 0o755) });
    expect(await hash(["program"], { jobs: 1 })).toEqual([
      { kind: "unreadable", code: "CHANGED_WHILE_READ" },
    ]);
  });

  it("refuses a file that grows to what was sealed only while it is read", async () => {
    writeFileSync(join(folder, "growing"), "hello world");
    const grow = (): void => appendFileSync(join(folder, "growing"), "\nand unsealed bytes");
    using _ = meddle({ beforeRead: grow });
    const digests = [digestOf(Buffer.from("hello world\n"))];
    const findings = await hash(["growing"], { jobs: 1, expected: layOutDigests(digests) });
    expect(findings).toEqual([{ kind: "unreadable", code: "CHANGED_WHILE_READ" }]);
  });

  it("takes a file for what was sealed, whatever happens to it once it was read", async () => {
    const sealed = Buffer.from("hello world\n");
    writeFileSync(join(folder, "touched"), sealed);
    const touch = (): void => appendFileSync(join(folder, "touched"), "and unsealed bytes");
    using _ = meddle({ afterRead: touch });
    expect(await hash(["touched"], { jobs: 1, expected: layOutDigests([digestOf(sealed)]) })).toEqual([
      found(sealed),
    ]);
  });

  it("needs no file after the one that decides", async () => {
    // Eight TiB that take no room: hashing them would take hours.
    writeFileSync(join(folder, "endless"), "");
    truncateSync(join(folder, "endless"), 8 * 2 ** 40);
    const paths = ["absent", "endless", "many/d1/f1"];
    const digests = paths.map(() => undefined);
    const findings = await hash(paths, { jobs: 2, expected: layOutDigests(digests), untilUnexpected: true });
    expect(findings).toEqual([{ kind: "missing" }]);
  });

  it.each([
    { said: "small", saidBytes: 2048, areCalled: false },
    { said: "large", saidBytes: 8 * 2 ** 30, areCalled: true },
  ])(
    "calls threads for two files that are said to be $said: $areCalled",
    async ({ areCalled, saidBytes }) => {
      const pool = new WorkerPool(2);
      try {
        const paths = ["many/d1/f1", "many/d2/f2"];
        expect(await hash(paths, { pool, saidBytes })).toEqual(expected(paths));
        expect(pool.isEmpty).toBe(!areCalled);
      } finally {
        pool.dismiss();
      }
    },
  );

  it.each(ALL_JOBS)("leaves no clock behind that would hold the process, %i at once", (jobs) => {
    const program = `
      import { AnchoredRoot } from "${builtModule("system/files/anchored-root")}";
      import { hashFiles } from "${builtModule("system/hashing/hash-files")}";
      const paths = Array.from({ length: 8000 }, (_, index) => "many/d" + (index % 12) + "/f" + index);
      const root = AnchoredRoot.open(process.argv[1]);
      await hashFiles(root, paths, { jobs: ${jobs} });
      console.log(process.getActiveResourcesInfo().join());`;
    const args = ["--input-type=module", "-e", program, folder];
    const holding = execFileSync(process.execPath, args, { encoding: "utf8" });
    expect(holding).not.toContain("Timeout");
  });

  it("ends with an Interruption in the middle of a large file, in whichever thread it is", async () => {
    const interrupt = new AbortController();
    const paths = ["endless", "endless"];
    setTimeout(() => interrupt.abort(), 300);
    await expect(hash(paths, { jobs: 2, signal: interrupt.signal })).rejects.toThrow(Interruption);
  });
});
