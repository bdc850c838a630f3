import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnchoredRoot } from "../../src/node/files/anchored-root.ts";
import { type HashOptions, hashFiles } from "../../src/node/files/hash-files.ts";
import { Interruption } from "../../src/node/interruption.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

const MIB = 2 ** 20;

/** Sizes around those where the way of reading changes. */
const SIZES = [0, 1, MIB - 1, MIB, MIB + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 21 * MIB + 5];

function contentOf(size: number): Buffer {
  return Buffer.alloc(size, `the content of ${size} bytes, `);
}

function found(content: Uint8Array): object {
  return { kind: "file", digest: createHash("sha256").update(content).digest("hex"), bytes: content.length };
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

async function hash(paths: readonly string[], options: HashOptions = {}): Promise<readonly object[]> {
  const root = AnchoredRoot.open(folder);
  try {
    return await hashFiles(root, paths, options);
  } finally {
    root.close();
  }
}

function expected(paths: readonly string[]): readonly object[] {
  return paths.map((path) => found(contents.get(path) ?? Buffer.from("none")));
}

const ALL_JOBS = [1, 2, 3];

describe("hashing many files", () => {
  it.each(ALL_JOBS)(
    "gives the digests of files of every size, whatever their order, %i at once",
    async (jobs) => {
      const paths = SIZES.map((size) => `sizes/${size}`);
      for (const list of [paths, paths.toReversed(), [...paths].sort()]) {
        expect(await hash(list, { jobs })).toEqual(expected(list));
      }
    },
  );

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

  it("asks of each finding in the order of the paths whether to go on, and goes no further", async () => {
    const paths = [...contents.keys()].toReversed();
    const asked: number[] = [];
    const endsAt = (_finding: object, index: number): boolean => asked.push(index) === 5000;
    const findings = await hash(paths, { jobs: 3, endsAt });
    expect(findings).toEqual(expected(paths.slice(0, 5000)));
    expect(asked).toEqual(Array.from({ length: 5000 }, (_, index) => index));
  });

  it("needs no file after the one that decides", async () => {
    // Eight TiB that take no room: hashing them would take hours.
    writeFileSync(join(folder, "endless"), "");
    truncateSync(join(folder, "endless"), 8 * 2 ** 40);
    const paths = ["absent", "endless", "many/d1/f1"];
    expect(await hash(paths, { jobs: 2, endsAt: () => true })).toEqual([{ kind: "missing" }]);
  });

  it("ends with an Interruption in the middle of a large file, in whichever thread it is", async () => {
    const interrupt = new AbortController();
    const paths = ["endless", "endless"];
    setTimeout(() => interrupt.abort(), 300);
    await expect(hash(paths, { jobs: 2, signal: interrupt.signal })).rejects.toThrow(Interruption);
  });
});
