import { readFileSync, unlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PackIndex } from "../../../../src/core/internal.ts";
import { interceptFileSystem, systemError } from "../../../support/files/faulty-file-system.ts";
import { watchedFileSystem } from "../../../support/files/watched-file-system.ts";
import { fc, runs } from "../../../support/rings/properties.ts";
import { entriesOf, indexOf, packOf, recordOf, sha256 } from "../../../support/store/pack-bytes.mjs";
import { PackScene, recordsOf } from "../../../support/store/pack-scene.ts";

const TEXTS = Array.from({ length: 20 }, (_, index) => `object ${index}`);
const RECORDS = recordsOf(...TEXTS);
const ENTRIES = entriesOf(RECORDS);
const PACK = packOf(RECORDS);
const RIGHT = indexOf(PACK.id, ENTRIES);
/** The entries in the order of their digests, as they are in the index. */
const SORTED = [...ENTRIES].sort((a, b) => a.digest.compare(b.digest));

/** The index of some entries as its own bytes, in a Buffer to be changed. */
function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(RIGHT);
  change(bytes);
  return Buffer.concat([bytes.subarray(0, -32), sha256(bytes.subarray(0, -32))]);
}

/** An index whose entry is changed, with a right checksum. */
function withEntry(at: number, change: Partial<(typeof ENTRIES)[number]>): Buffer {
  return indexOf(
    PACK.id,
    ENTRIES.map((entry, index) => (index === at ? { ...entry, ...change } : entry)),
  );
}

/** A scene with the pack and an index that is wrong. */
function sceneWith(index: Buffer | undefined): PackScene {
  const scene = new PackScene();
  scene.put(`${PACK.id}.pack`, PACK.bytes);
  if (index !== undefined) scene.put(`${PACK.id}.idx`, index);
  return scene;
}

describe("an index", () => {
  /** Digests with equal beginnings, as no hash makes them in a test. */
  const digests = fc.uniqueArray(
    fc
      .tuple(
        fc.constantFrom(0, 1, 31),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.constantFrom(0, 0x7f, 0xff),
      )
      .map(([equal, bytes, fill]) =>
        Buffer.concat([Buffer.alloc(equal, fill), bytes.subarray(equal)]).toString("hex"),
      ),
    { maxLength: 80 },
  );

  it("finds each of its records, and nothing else", () => {
    fc.assert(
      fc.property(digests, fc.nat(80), (all, split) => {
        const within = all.slice(0, split).map((hex) => Buffer.from(hex, "hex"));
        const without = all.slice(split).map((hex) => Buffer.from(hex, "hex"));
        const records = within.map((digest, index) => recordOf(Buffer.alloc(index), { digest }));
        const scene = new PackScene();
        const id = scene.putPack(records);
        unlinkSync(scene.at(`${id}.idx`));
        const [rebuilt] = scene.list().packs;
        if (rebuilt === undefined) throw new Error("no pack");
        // Both that of the text and that of the code: byte for byte the same.
        expect(Buffer.from(rebuilt.index).equals(indexOf(id, entriesOf(records)))).toBe(true);
        const index = new PackIndex(rebuilt.index);
        const padding = Buffer.alloc(5);
        for (const { digest, offset, raw: size } of entriesOf(records)) {
          expect(index.at(index.find(Buffer.concat([padding, digest]), 5))).toEqual({ offset, size });
        }
        for (const digest of without) expect(index.find(digest, 0)).toBe(-1);
      }),
      { numRuns: runs(200) },
    );
  });

  it("copies the digest of an entry", () => {
    const [listed] = sceneWith(RIGHT).list().packs;
    const target = Buffer.alloc(34);
    new PackIndex(listed?.index ?? new Uint8Array(new SharedArrayBuffer(2000))).copyDigest(3, target, 1);
    expect(target.subarray(1, 33)).toEqual(SORTED[3]?.digest);
  });
});

describe("an index that is missing or wrong", () => {
  const [first, second] = [Buffer.from(SORTED[0]?.digest ?? []), Buffer.from(SORTED[1]?.digest ?? [])];
  const entryAt = (number: number): number => 1068 + number * 48;

  it.each<[string, Buffer | undefined]>([
    ["is missing", undefined],
    ["is empty", Buffer.alloc(0)],
    ["is cut off", RIGHT.subarray(0, -1)],
    ["is too long", Buffer.concat([RIGHT, Buffer.alloc(1)])],
    ["has a wrong checksum", Buffer.concat([RIGHT.subarray(0, -1), Buffer.from([(RIGHT.at(-1) ?? 0) ^ 1])])],
    [
      "has zeros where entries were",
      Buffer.concat([RIGHT.subarray(0, 1068), Buffer.alloc(RIGHT.length - 1068)]),
    ],
    ["has other magic bytes", indexOf(PACK.id, ENTRIES, { magic: "RSIX\x02\0\0\0" })],
    ["has the id of another pack", indexOf("ab".repeat(32), ENTRIES)],
    ["has a count that is too high", changed((bytes) => bytes.writeUInt32LE(21, 40))],
    [
      "has a fanout that falls",
      indexOf(PACK.id, ENTRIES, { fanout: (byte, count) => (byte === 254 ? 0 : count) }),
    ],
    [
      "has a fanout that counts too many",
      indexOf(PACK.id, ENTRIES, { fanout: (byte, count) => (byte === first[0] ? count + 1 : count) }),
    ],
    ["has a fanout that counts all from the beginning", indexOf(PACK.id, ENTRIES, { fanout: () => 20 })],
    [
      "has a fanout that counts more than it has",
      indexOf(PACK.id, ENTRIES, { fanout: (_, count) => count + 2 ** 31 }),
    ],
    ["is not sorted", indexOf(PACK.id, ENTRIES, { unsorted: true })],
    [
      "has two digests exchanged in their places",
      changed((bytes) => {
        second.copy(bytes, entryAt(0));
        first.copy(bytes, entryAt(1));
      }),
    ],
    ["has an offset in the header", withEntry(7, { offset: 3 })],
    ["has the offset of another record", withEntry(7, { offset: ENTRIES[8]?.offset ?? 0 })],
    ["has an offset behind the pack", withEntry(7, { offset: 2 ** 47 })],
    ["has an offset near the end of the pack", withEntry(7, { offset: PACK.bytes.length - 60 })],
    ["has a stored length that is too short", withEntry(7, { stored: 1 })],
    ["has lengths that are too short", withEntry(7, { stored: 1, raw: 1 })],
    ["has a length above 1 MiB", withEntry(7, { stored: 2 ** 31, raw: 2 ** 31 })],
    ["has a flag", withEntry(7, { flags: 1 })],
  ])("is rebuilt in memory if it %s: each object is read, and nothing is written", (_what, index) => {
    const scene = sceneWith(index);
    const { fs, written } = watchedFileSystem();
    for (const text of TEXTS) expect(scene.read(text, fs), text).toBe(`bytes: ${text}`);
    for (const text of TEXTS) expect(scene.open(text, fs), text).toBe(`bytes: ${text}`);
    expect(scene.read("unknown", fs)).toBe("missing");
    expect(written).toEqual([]);
    if (index === undefined) expect(scene.has(`${PACK.id}.idx`)).toBe(false);
    else expect(readFileSync(scene.at(`${PACK.id}.idx`)).equals(index)).toBe(true);
  });

  it("hides objects if it leaves them out and has a right checksum, but gives no wrong ones", () => {
    const left = ENTRIES.map((entry, index) =>
      index === 7 ? { ...entry, digest: sha256("another") } : entry,
    );
    const scene = sceneWith(indexOf(PACK.id, left));
    expect(scene.read(TEXTS[7] ?? "")).toBe("missing");
    expect(scene.read("another")).toBe("wrong");
  });

  it("is rebuilt if the system refuses to read it", () => {
    const scene = sceneWith(RIGHT);
    const refusing = interceptFileSystem(({ address, name }, proceed) => {
      if (name === "openSync" && address.endsWith(".idx")) throw systemError("EACCES", name);
      return proceed();
    });
    expect(scene.read(TEXTS[0] ?? "", refusing)).toBe(`bytes: ${TEXTS[0]}`);
  });

  it("may be empty, as its pack", () => {
    const scene = new PackScene();
    const id = scene.putPack([]);
    expect(scene.list().packs.map((pack) => pack.id)).toEqual([id]);
    expect(scene.read("")).toBe("missing");
  });
});
