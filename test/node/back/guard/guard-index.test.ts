import { hash } from "node:crypto";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GrowingStats, type SeenStats } from "../../../../src/node/back/guard/index/file-stats.ts";
import {
  INDEX_NAME,
  readIndexFile,
  writeIndexFile,
} from "../../../../src/node/back/guard/index/index-file.ts";
import {
  encodeIndex,
  type IndexHead,
  parseIndex,
} from "../../../../src/node/back/guard/index/index-format.ts";
import { StatIndex } from "../../../../src/node/back/guard/index/stat-index.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { folderIn, IndexScene } from "../../../support/bundles/index-scene.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const HEAD: IndexHead = {
  rootInode: 2n,
  rootBirth: 1_000n,
  takenAt: 1_000_000n,
  boot: new Uint8Array(16).fill(1),
  scope: new Uint8Array(32).fill(2),
};
/** The head of a look that begins later. */
const LATER: IndexHead = { ...HEAD, takenAt: 2_000_000n };

const STATS: SeenStats = {
  ino: 10n,
  birthtimeNs: 100n,
  mode: 0o100644n,
  size: 5n,
  mtimeNs: 200n,
  ctimeNs: 300n,
  nlink: 1n,
  blocks: 8n,
};

function digestOf(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/** The index of files with these paths and stats; the digest of a file is that of its path. */
function encode(files: Readonly<Record<string, SeenStats>>, head: IndexHead = HEAD): Uint8Array {
  const paths = Object.keys(files).sort((left, right) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
  const growing = new GrowingStats();
  for (const path of paths) growing.add(files[path] ?? STATS);
  const digests = Buffer.concat(paths.map(digestOf));
  const places = Uint32Array.from(paths.keys());
  const bytes = encodeIndex(head, { paths, stats: growing.stats(), digests }, places);
  if (bytes === undefined) throw new Error("a small index can be encoded");
  return bytes;
}

function read(bytes: Uint8Array, expected: IndexHead = LATER): StatIndex | undefined {
  const parsed = parseIndex(bytes, expected);
  return parsed && new StatIndex(parsed);
}

/** The digest that an index has for a file, in hex. */
function ask(index: StatIndex | undefined, path: string, stats: SeenStats): string | undefined {
  const target = Buffer.alloc(32);
  return index?.answer(path, stats, target, 0) === true ? target.toString("hex") : undefined;
}

describe("an entry of the stat index", () => {
  const index = read(encode({ "src/a": STATS }));

  it("answers for the file that it was made of", () => {
    expect(ask(index, "src/a", STATS)).toBe(digestOf("src/a").toString("hex"));
  });

  it.each([
    ["inode", { ino: 11n }],
    ["birth time", { birthtimeNs: 101n }],
    ["mode", { mode: 0o100755n }],
    ["kind", { mode: 0o120644n }],
    ["size", { size: 6n }],
    ["mtime", { mtimeNs: 201n }],
    ["ctime", { ctimeNs: 301n }],
  ] as const)("does not answer if the %s differs", (_what, change) => {
    expect(ask(index, "src/a", { ...STATS, ...change })).toBeUndefined();
  });

  it("does not answer for another path", () => {
    expect(ask(index, "src/A", STATS)).toBeUndefined();
    expect(ask(index, "src", STATS)).toBeUndefined();
  });

  it.each(["mtimeNs", "ctimeNs"] as const)(
    "does not answer if %s is not before the look of the index",
    (time) => {
      for (const [moment, answers] of [
        [HEAD.takenAt - 1n, true],
        [HEAD.takenAt, false],
        [HEAD.takenAt + 1n, false],
      ] as const) {
        const stats = { ...STATS, [time]: moment };
        expect(ask(read(encode({ file: stats })), "file", stats) !== undefined).toBe(answers);
      }
    },
  );
});

describe("the stat index", () => {
  it.each([
    ["another folder", { rootInode: 3n }],
    ["a folder that was made at another time", { rootBirth: 1_001n }],
    ["another scope", { scope: new Uint8Array(32).fill(3) }],
    ["an earlier boot", { boot: new Uint8Array(16).fill(3) }],
    ["a look at the same moment", { takenAt: HEAD.takenAt }],
    ["a later look: the clock was put back", { takenAt: HEAD.takenAt - 1n }],
  ] as const)("is dropped if it is of %s", (_what, change) => {
    const bytes = encode({ file: STATS });
    expect(parseIndex(bytes, LATER)).toBeDefined();
    expect(parseIndex(bytes, { ...LATER, ...change })).toBeUndefined();
  });

  it("is dropped if any byte is changed", () => {
    const bytes = encode({ a: STATS, "b/c": STATS });
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ (1 << (at % 8)) : byte));
      expect(parseIndex(changed, LATER)).toBeUndefined();
    }
  });

  it("is dropped if bytes are missing or follow", () => {
    const bytes = encode({ a: STATS, "b/c": STATS });
    for (let length = 0; length < bytes.length; length++) {
      expect(parseIndex(bytes.subarray(0, length), LATER)).toBeUndefined();
    }
    expect(parseIndex(Buffer.concat([bytes, Buffer.alloc(1)]), LATER)).toBeUndefined();
  });

  it("never throws on bytes of another writer, a right hash included", () => {
    const bytes = encode({ a: STATS, "b/c": STATS, d: STATS });
    const end = bytes.length - 32;
    const change = fc.record({ at: fc.nat(end - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const { at, byte } of changes) changed[at] = byte;
        changed.set(hash("sha256", changed.subarray(0, end), "buffer"), end);
        const index = read(changed);
        for (const path of ["a", "b/c", "d", "z"]) ask(index, path, STATS);
      }),
      { numRuns: runs(4000) },
    );
  });

  it("answers as a map would, whatever paths are asked for, in whatever order", () => {
    const path = fc.stringMatching(/^[a-c/ü\u{10000}]{1,6}$/u);
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 40 }),
        fc.array(path, { maxLength: 40 }),
        (paths, asked) => {
          const stats = (of: string): SeenStats => ({ ...STATS, ino: BigInt(paths.indexOf(of) + 20) });
          const index = read(encode(Object.fromEntries(paths.map((of) => [of, stats(of)]))));
          for (const of of [...asked, ...paths, ...paths.toReversed()]) {
            const expected = paths.includes(of) ? digestOf(of).toString("hex") : undefined;
            expect(ask(index, of, stats(of))).toBe(expected);
          }
        },
      ),
      { numRuns: runs(400) },
    );
  });

  it("holds only the files at the places that it is given", () => {
    const growing = new GrowingStats();
    for (let file = 0; file < 3; file++) growing.add(STATS);
    const paths = ["a", "b", "c"];
    const digests = Buffer.concat(paths.map(digestOf));
    const bytes = encodeIndex(HEAD, { paths, stats: growing.stats(), digests }, Uint32Array.of(0, 2));
    const index = read(bytes ?? new Uint8Array(0));
    expect(paths.map((path) => ask(index, path, STATS))).toEqual([
      digestOf("a").toString("hex"),
      undefined,
      digestOf("c").toString("hex"),
    ]);
  });
});

describe("the file of an index", () => {
  it("is replaced in one step, with mode 0600, whatever a killed process left", () => {
    const folder = makeFolder();
    try {
      using dir = AnchoredDir.open(folder);
      writeFileSync(join(folder, "index.new"), "left", { mode: 0o644 });
      writeIndexFile(dir, Buffer.from("one"), nodeFileSystem);
      writeIndexFile(dir, Buffer.from("two"), nodeFileSystem);
      expect(readFileSync(join(folder, INDEX_NAME), "utf8")).toBe("two");
      expect(statSync(join(folder, INDEX_NAME)).mode & 0o777).toBe(0o600);
      expect(Buffer.from(readIndexFile(dir, nodeFileSystem) ?? []).toString()).toBe("two");
    } finally {
      removeTree(folder);
    }
  });

  it("is not read if another user may have written it", () => {
    const folder = makeFolder();
    try {
      using dir = AnchoredDir.open(folder);
      expect(readIndexFile(dir, nodeFileSystem)).toBeUndefined();
      writeIndexFile(dir, Buffer.from("one"), nodeFileSystem);
      chmodSync(join(folder, INDEX_NAME), 0o620);
      expect(readIndexFile(dir, nodeFileSystem)).toBeUndefined();
    } finally {
      removeTree(folder);
    }
  });
});

describe("a clock that is put back", () => {
  it("drops the index, and writes none while it is behind", async ({ skip }) => {
    using disk = MountedFolder.typed("ext4");
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new IndexScene(folderIn(disk.folder));
    writeFileSync(join(scene.folder, "file"), "text");
    const future = BigInt(Date.now() + 3_600_000) * 1_000_000n;
    const at = (moment: bigint) => ({ clock: () => moment });
    await scene.look(at(future));
    expect((await scene.look(at(future + 1n))).read).toEqual([]);
    expect((await scene.look(at(future - 1n))).read).toEqual(["file"]);
  });

  it("writes no index if it is put back during a look", async ({ skip }) => {
    using disk = MountedFolder.typed("ext4");
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new IndexScene(folderIn(disk.folder));
    writeFileSync(join(scene.folder, "file"), "text");
    const future = BigInt(Date.now() + 3_600_000) * 1_000_000n;
    const times = [future, future - 1n];
    await scene.look({ clock: () => times.shift() });
    expect((await scene.look({ clock: () => future + 2n })).read).toEqual(["file"]);
  });
});
