import { closeSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  decodeTrailer,
  encodeTrailer,
  HEAD_BYTES,
  isPackHeader,
  MAX_PACKED_BYTES,
  packHeader,
  packIdOf,
  readHead,
  writeHead,
} from "../../../../src/core/internal.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../../../src/node/system/files/file-system.ts";
import { PackDraft } from "../../../../src/node/system/packs/pack-draft.ts";
import { openPack, scanRecords } from "../../../../src/node/system/packs/pack-file.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { fc, runs } from "../../../support/rings/properties.ts";
import {
  entriesOf,
  indexOf,
  packOf,
  readPack,
  recordOf,
  sha256,
} from "../../../support/store/pack-bytes.mjs";
import { PackScene, recordsOf } from "../../../support/store/pack-scene.ts";

/** The example pack of docs/store.md. */
const EXAMPLE: Buffer = exampleOf(
  readFileSync(fileURLToPath(new URL("../../../../docs/store.md", import.meta.url)), "utf8"),
);

/** The bytes of the block after "### A pack, byte by byte": hex at the beginning of each line, behind the offset. */
function exampleOf(page: string): Buffer {
  const block = /^### A pack, byte by byte\n.*?^```\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  return Buffer.from(
    block.replaceAll(/^[0-9a-f]{4} {2}((?:[0-9a-f]{2} ?)+).*$/gm, "$1").replaceAll(/\s/g, ""),
    "hex",
  );
}

/** Writes a pack of texts as a seal does, and gives its file. */
function draft(
  scene: PackScene,
  contents: readonly Buffer[],
): { readonly id: string; readonly bytes: Buffer } {
  const fd = openSync(scene.packs, "r");
  try {
    const pack = new PackDraft(new AnchoredDir(fd, scene.packs, fs), 0o444, fs);
    for (const content of contents) pack.add(recordOf(content));
    const placed = pack.place();
    if (!placed.ok) throw new Error(placed.code);
    return { id: placed.value.id, bytes: readFileSync(scene.at(`${placed.value.id}.pack`)) };
  } finally {
    closeSync(fd);
  }
}

describe("the example pack of docs/store.md", () => {
  it("is what runseal writes for two objects", () => {
    const scene = new PackScene();
    const { bytes, id } = draft(scene, [Buffer.from("alpha\n"), Buffer.from("beta\n")]);
    expect(bytes.toString("hex")).toBe(EXAMPLE.toString("hex"));
    expect(id).toBe("8eccb712eac1460791b65a0c2071f06e7d0df635efb419f60a7bb7cf1a1b6901");
  });

  it("is read back, and follows the format", () => {
    const scene = new PackScene();
    const id = packIdOf(EXAMPLE.subarray(-56), nodeCrypto);
    scene.put(`${id}.pack`, EXAMPLE);
    expect(scene.read("alpha\n")).toBe("bytes: alpha\n");
    expect(scene.read("beta\n")).toBe("bytes: beta\n");
    expect(readPack(id, EXAMPLE)).toHaveLength(2);
  });
});

describe("a pack", () => {
  it("is the same, byte by byte, as one that is made by the text of the format", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 }), (arrays) => {
        const contents = arrays.map((bytes) => Buffer.from(bytes));
        const records = contents.map((content) => recordOf(content));
        const scene = new PackScene();
        const written = draft(scene, contents);
        const expected = packOf(records);
        expect(written.id).toBe(expected.id);
        expect(written.bytes.equals(expected.bytes)).toBe(true);
        const index = readFileSync(scene.at(`${written.id}.idx`));
        expect(index.equals(indexOf(written.id, entriesOf(records)))).toBe(true);
      }),
      { numRuns: runs(60) },
    );
  });

  it("gives all its records back in their order", () => {
    const scene = new PackScene();
    const contents = ["", "a", "b".repeat(70_000), "c"];
    scene.putPack(recordsOf(...contents));
    const [listed] = scene.list().packs;
    const dir = AnchoredDir.open(scene.packs);
    const pack = listed === undefined ? "missing" : openPack(dir, listed.id, fs);
    dir.close();
    if (typeof pack === "string") throw new Error(pack);
    const scan = scanRecords(pack, fs);
    const found = [...scan].map(({ bytes, offset }) => ({
      offset,
      text: bytes.toString("latin1", HEAD_BYTES),
    }));
    fs.closeSync(pack.fd);
    const { offsets } = packOf(recordsOf(...contents));
    expect(found).toEqual(contents.map((text, index) => ({ offset: offsets[index], text })));
  });

  it("begins with sixteen fixed bytes, and no others are accepted", () => {
    expect(Buffer.from(packHeader()).toString("hex")).toBe("52535041434b010a0000000000000000");
    for (let at = 0; at < 16; at++) {
      const other = Buffer.from(packHeader());
      other[at] = (other[at] ?? 0) ^ 1;
      expect(isPackHeader(other), `byte ${at}`).toBe(false);
    }
    expect(isPackHeader(packHeader().subarray(0, 15))).toBe(false);
  });
});

describe("the head of a record", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(fc.nat(MAX_PACKED_BYTES), (size) => {
        const target = Buffer.alloc(HEAD_BYTES + 3);
        writeHead(target, 3, size, sha256("x"), 0);
        expect(readHead(target, 3)).toEqual({ size });
        expect(target.subarray(3 + 24).equals(sha256("x"))).toBe(true);
      }),
      { numRuns: runs(400) },
    );
  });
});

describe("the trailer of a pack", () => {
  it("is read as it was written, for the pack of that length", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(1000),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (records, more, hash) => {
          const trailer = {
            records,
            length: 16 + records * HEAD_BYTES + more,
            headsDigest: Uint8Array.from(hash),
          };
          const bytes = encodeTrailer(trailer);
          expect(decodeTrailer(bytes, trailer.length + 56)).toEqual(trailer);
          expect(decodeTrailer(bytes, trailer.length + 57)).toBeUndefined();
          expect(decodeTrailer(bytes, trailer.length + 55)).toBeUndefined();
        },
      ),
      { numRuns: runs(200) },
    );
  });
});
