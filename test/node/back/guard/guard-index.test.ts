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
import { copyKnown, filesOfIndex, type SeenFiles } from "../../../../src/node/back/guard/index/stat-index.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { layOutTexts } from "../../../../src/node/system/hashing/shared-texts.ts";
import { folderIn, IndexScene } from "../../../support/bundles/index-scene.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const HEAD: IndexHead = {
  rootInode: 2n,
  rootBirth: 1_000n,
  takenAt: 1_000_000,
  boot: new Uint8Array(16).fill(1),
  scope: new Uint8Array(32).fill(2),
};
/** The head of a look that begins later. */
const LATER: IndexHead = { ...HEAD, takenAt: 2_000_000 };

const STATS: SeenStats = {
  ino: 10,
  birthtimeMs: 100,
  mode: 0o100644,
  size: 5,
  mtimeMs: 200,
  ctimeMs: 300,
  nlink: 1,
  blocks: 8,
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
  const pieces = encodeIndex(head, { paths: layOutTexts(paths), stats: growing.stats(), digests }, places);
  if (pieces === undefined) throw new Error("a small index can be encoded");
  return Buffer.concat([...pieces]);
}

function read(bytes: Uint8Array, expected: IndexHead = LATER): SeenFiles | undefined {
  const parsed = parseIndex(bytes, expected);
  return parsed && filesOfIndex(parsed, () => true);
}

/** The digest that an index has for a file, in hex. */
function ask(index: SeenFiles | undefined, path: string, stats: SeenStats): string | undefined {
  return askAll(index, [path], () => stats)[0];
}

/** The same for many files. */
function askAll(
  index: SeenFiles | undefined,
  paths: readonly string[],
  statsOf: (path: string) => SeenStats,
): readonly (string | undefined)[] {
  const growing = new GrowingStats();
  for (const path of paths) growing.add(statsOf(path));
  const [target, known] = [Buffer.alloc(32 * paths.length), new Uint8Array(paths.length)];
  const files = { paths: layOutTexts(paths), stats: growing.stats() };
  if (index !== undefined) copyKnown(files, index, target, known);
  return paths.map((_, at) => (known[at] === 1 ? target.toString("hex", at * 32, at * 32 + 32) : undefined));
}

describe("an entry of the stat index", () => {
  const index = read(encode({ "src/a": STATS }));

  it("answers for the file that it was made of", () => {
    expect(ask(index, "src/a", STATS)).toBe(digestOf("src/a").toString("hex"));
  });

  it.each([
    ["inode", { ino: 11 }],
    ["birth time", { birthtimeMs: 101 }],
    ["mode", { mode: 0o100755 }],
    ["kind", { mode: 0o120644 }],
    ["size", { size: 6 }],
    ["mtime", { mtimeMs: 201 }],
    ["ctime", { ctimeMs: 301 }],
  ] as const)("does not answer if the %s differs", (_what, change) => {
    expect(ask(index, "src/a", { ...STATS, ...change })).toBeUndefined();
  });

  it("does not answer for another path", () => {
    expect(ask(index, "src/A", STATS)).toBeUndefined();
    expect(ask(index, "src", STATS)).toBeUndefined();
  });

  it.each(["mtimeMs", "ctimeMs"] as const)(
    "does not answer if %s is not before the look of the index",
    (time) => {
      for (const [moment, answers] of [
        [HEAD.takenAt - 1, true],
        [HEAD.takenAt, false],
        [HEAD.takenAt + 1, false],
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
    ["a later look: the clock was put back", { takenAt: HEAD.takenAt - 1 }],
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

  it("answers as a map would, whatever paths are asked for", () => {
    const path = fc.stringMatching(/^[a-c/ü\u{10000}]{1,6}$/u);
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 40 }),
        fc.array(path, { maxLength: 40 }),
        (paths, asked) => {
          const stats = (of: string): SeenStats => ({ ...STATS, ino: paths.indexOf(of) + 20 });
          const index = read(encode(Object.fromEntries(paths.map((of) => [of, stats(of)]))));
          const all = [...new Set([...asked, ...paths])].sort((left, right) =>
            Buffer.compare(Buffer.from(left), Buffer.from(right)),
          );
          const expected = all.map((of) => (paths.includes(of) ? digestOf(of).toString("hex") : undefined));
          expect(askAll(index, all, stats)).toEqual(expected);
          for (const [at, of] of all.entries()) expect(ask(index, of, stats(of))).toBe(expected[at]);
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
    const pieces = encodeIndex(
      HEAD,
      { paths: layOutTexts(paths), stats: growing.stats(), digests },
      Uint32Array.of(0, 2),
    );
    const index = read(Buffer.concat([...(pieces ?? [])]));
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
      writeIndexFile(dir, [Buffer.from("one")], nodeFileSystem);
      writeIndexFile(dir, [Buffer.from("two")], nodeFileSystem);
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
      writeIndexFile(dir, [Buffer.from("one")], nodeFileSystem);
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
    const future = Date.now() + 3_600_000;
    const at = (moment: number) => ({ clock: () => moment });
    await scene.look(at(future));
    expect((await scene.look(at(future + 1))).read).toEqual([]);
    expect((await scene.look(at(future - 1))).read).toEqual(["file"]);
  });

  it("writes no index if it is put back during a look", async ({ skip }) => {
    using disk = MountedFolder.typed("ext4");
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new IndexScene(folderIn(disk.folder));
    writeFileSync(join(scene.folder, "file"), "text");
    const future = Date.now() + 3_600_000;
    const times = [future, future - 1];
    await scene.look({ clock: () => times.shift() });
    expect((await scene.look({ clock: () => future + 2 })).read).toEqual(["file"]);
  });
});
