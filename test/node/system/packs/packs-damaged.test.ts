import { mkdirSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { shownObject } from "../../../../src/core/internal.ts";
import { PackReader } from "../../../../src/node/system/packs/pack-reader.ts";
import { makeFifo, makeZeroDevice } from "../../../support/command/cli.ts";
import { interceptFileSystem, systemError } from "../../../support/files/faulty-file-system.ts";
import { digestOf } from "../../../support/store/keep.ts";
import {
  entriesOf,
  HEAD_BYTES,
  HEADER,
  indexOf,
  packOf,
  recordOf,
  sha256,
} from "../../../support/store/pack-bytes.mjs";
import { PackScene, recordsOf } from "../../../support/store/pack-scene.ts";

const TEXTS = ["one", "two", "three"];
const RECORDS = recordsOf(...TEXTS);
const PACK = packOf(RECORDS);

/** The problem that listing finds with a file of a pack's name, or "none". */
function problemOf(name: string, bytes: Buffer): string {
  const scene = new PackScene();
  scene.put(name, bytes);
  const { damaged, packs } = scene.list();
  return damaged[0]?.problem ?? (packs.length === 1 ? "none" : "not listed");
}

/** What can be in the place of a file. A maker gives false where the system does not allow it. */
const MAKERS: Readonly<Record<string, (address: string) => unknown>> = {
  link: (address) => symlinkSync(join(dirname(address), "elsewhere"), address),
  dangling: (address) => symlinkSync("/nowhere/at/all", address),
  folder: (address) => mkdirSync(address),
  fifo: makeFifo,
  device: makeZeroDevice,
};

describe("a file with the name of a pack", () => {
  it("is a pack if nothing is missing", () => {
    expect(problemOf(`${PACK.id}.pack`, PACK.bytes)).toBe("none");
  });

  it("is damaged wherever it is cut off, and no object is read from it", () => {
    const scene = new PackScene();
    scene.put(`${PACK.id}.idx`, indexOf(PACK.id, entriesOf(RECORDS)));
    for (let length = 0; length < PACK.bytes.length; length++) {
      scene.put(`${PACK.id}.pack`, PACK.bytes.subarray(0, length));
      const [damaged] = scene.list().damaged;
      expect(damaged?.problem, `${length} bytes`).toBe(length < HEADER.length ? "unknown-form" : "torn");
      expect(scene.read("one")).toBe("missing");
    }
  });

  it.each<[string, string, Buffer]>([
    ["misnamed if it has the name of another", "misnamed", PACK.bytes],
    [
      "unknown if it has unknown flags",
      "unknown-form",
      Buffer.concat([HEADER.subarray(0, 8), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), PACK.bytes.subarray(16)]),
    ],
    [
      "unknown if it is of a later version",
      "unknown-form",
      Buffer.concat([Buffer.from("RSPACK\x02\n"), PACK.bytes.subarray(8)]),
    ],
    ["unknown if it holds other bytes", "unknown-form", Buffer.alloc(500, "x")],
    ["torn if bytes follow the trailer", "torn", Buffer.concat([PACK.bytes, Buffer.alloc(1)])],
    ["torn if its end is zeros", "torn", Buffer.concat([PACK.bytes.subarray(0, -56), Buffer.alloc(56)])],
  ])("is %s", (_what, problem, bytes) => {
    const name = problem === "misnamed" ? "ab".repeat(32) : PACK.id;
    expect(problemOf(`${name}.pack`, bytes)).toBe(problem);
  });

  it.each<[string, ReturnType<typeof packOf>]>([
    ["counts more records than it has", packOf(recordsOf("one", "two".repeat(50)), { records: 3 })],
    ["counts fewer", packOf(RECORDS, { records: 2 })],
    ["hashes other heads", packOf(RECORDS, { headsDigest: sha256("") })],
    [
      "has foreign bytes between its records",
      packOf([...RECORDS, Buffer.from("foreign bytes, of no record")], { records: 3 }),
    ],
    [
      "has a head that lies about its length",
      packOf([...recordsOf("one"), recordOf(Buffer.from("two"), { raw: 500, stored: 500 })]),
    ],
    [
      "has a head with an unknown flag",
      packOf([...recordsOf("one"), recordOf(Buffer.from("two"), { flags: 8 })]),
    ],
  ])("has bad records if it %s, and those before are read", (_what, { bytes, id }) => {
    const scene = new PackScene();
    scene.put(`${id}.pack`, bytes);
    expect(scene.list().damaged.map(({ problem }) => problem)).toEqual(["records"]);
    expect(scene.read("one")).toBe("bytes: one");
  });

  it("is too large above 1 GiB, and is refused before it is read", () => {
    const scene = new PackScene();
    scene.put(`${PACK.id}.pack`, PACK.bytes);
    truncateSync(scene.at(`${PACK.id}.pack`), 2 ** 40);
    let read = 0;
    const fs = interceptFileSystem((call, proceed) => {
      if (call.name === "readSync") read++;
      return proceed();
    });
    expect(scene.list(fs).damaged.map(({ problem }) => problem)).toEqual(["too-large"]);
    expect(read).toBe(0);
  });

  it("is refused if its trailer counts more records than a pack may have, whatever its size", () => {
    const scene = new PackScene();
    const length = 16 + (2 ** 20 + 1) * HEAD_BYTES;
    const { bytes, id } = packOf([], { records: 2 ** 20 + 1, length });
    scene.put(`${id}.pack`, bytes.subarray(0, 16));
    truncateSync(scene.at(`${id}.pack`), length);
    writeFileSync(scene.at(`${id}.pack`), bytes.subarray(-56), { flag: "a" });
    expect(scene.list().damaged.map(({ problem }) => problem)).toEqual(["torn"]);
  });

  it.each(["pack", "idx"])(
    "is not opened if it is a link, a folder, a FIFO or a device, for a name that ends in %s",
    (end) => {
      for (const [what, make] of Object.entries(MAKERS)) {
        const scene = new PackScene();
        const id = scene.putPack(RECORDS);
        scene.put("elsewhere", end === "pack" ? PACK.bytes : indexOf(id, entriesOf(RECORDS)));
        unlinkSync(scene.at(`${id}.${end}`));
        if (make(scene.at(`${id}.${end}`)) === false) continue;
        expect(
          scene.list().damaged.map(({ problem }) => problem),
          what,
        ).toEqual(end === "pack" ? ["not-a-file"] : []);
        expect(scene.read("one"), what).toBe(end === "pack" ? "missing" : "bytes: one");
      }
    },
  );

  it("is not a pack if its name is not 64 small hex digits", () => {
    const scene = new PackScene();
    for (const name of [
      `${"A".repeat(64)}.pack`,
      "ab.pack",
      `${PACK.id}.pack.tmp`,
      `.${PACK.id}.pack`,
      "a\nb.pack",
    ])
      scene.put(name, PACK.bytes);
    expect(scene.list()).toMatchObject({ packs: [], damaged: [], unreadable: [] });
  });
});

describe("an object in packs", () => {
  /** A pack whose record of this text has other bytes, and a right head; beside it another object, so that ids differ. */
  const bad = (text: string, beside: string): Buffer[] => [
    recordOf(Buffer.from(text.toUpperCase()), { digest: sha256(text) }),
    ...recordsOf(beside),
  ];

  it("is read from the pack that has its bytes, whichever is asked first", () => {
    for (const beside of ["x", "y", "z", "w"]) {
      const scene = new PackScene();
      scene.putPack(bad("one", beside));
      expect(scene.read("one")).toBe("wrong");
      expect(scene.open("one")).toBe("wrong");
      scene.putPack(RECORDS);
      expect(scene.read("one")).toBe("bytes: one");
      expect(scene.open("one")).toBe("bytes: one");
    }
  });

  it("is opened as a file of its own if the pack has wrong bytes", () => {
    const scene = new PackScene();
    scene.putPack(bad("one", "x"));
    const own = join(scene.project, shownObject(digestOf("one")));
    mkdirSync(dirname(own), { recursive: true });
    writeFileSync(own, "one");
    expect(scene.open("one")).toBe("file");
  });

  it("is wrong with the digest of the bytes that are there", () => {
    const scene = new PackScene();
    scene.putPack(bad("one", "x"));
    const reader = new PackReader(
      scene.list(),
      interceptFileSystem((_, proceed) => proceed()),
    );
    expect(reader.read(sha256("one"), 0)).toEqual({ kind: "wrong", actual: digestOf("ONE"), bytes: 3 });
    reader.close();
  });

  it("is unreadable, not missing, if the system refuses to read a pack", () => {
    const scene = new PackScene();
    const id = scene.putPack(RECORDS);
    const refusing = (call: "openSync" | "readSync") =>
      interceptFileSystem(({ address, name }, proceed) => {
        if (name === call && (name === "readSync" || address.endsWith(`${id}.pack`)))
          throw systemError("EIO", call);
        return proceed();
      });
    for (const call of ["openSync", "readSync"] as const) {
      expect(scene.list(refusing(call)).unreadable).toEqual([`${id}.pack`]);
      expect(scene.read("one", refusing(call))).toBe("unreadable");
      expect(scene.open("one", refusing(call))).toBe("unreadable");
    }
  });

  it("is missing if its pack was removed after it was listed, and found again where it went", () => {
    const scene = new PackScene();
    const id = scene.putPack(RECORDS);
    const reader = new PackReader(
      scene.list(),
      interceptFileSystem((_, proceed) => proceed()),
    );
    unlinkSync(scene.at(`${id}.pack`));
    expect(reader.read(sha256("one"), 0).kind).toBe("missing");
    reader.close();
    scene.putPack([...RECORDS, ...recordsOf("four")]);
    expect(scene.read("one")).toBe("bytes: one");
  });

  it("is not read if its pack became shorter meanwhile", () => {
    const scene = new PackScene();
    const id = scene.putPack(RECORDS);
    const reader = new PackReader(
      scene.list(),
      interceptFileSystem((_, proceed) => proceed()),
    );
    expect(reader.sizeOf(sha256("three"), 0)).toBe(5);
    truncateSync(scene.at(`${id}.pack`), 40);
    expect(reader.read(sha256("three"), 0).kind).toBe("wrong");
    reader.close();
  });

  it("has a head that must match: raw, stored, flags and digest", () => {
    for (const at of [0, 4, 8, 12, 16, 20, 24, 55]) {
      const scene = new PackScene();
      const id = scene.putPack(RECORDS);
      const bytes = Buffer.from(PACK.bytes);
      const place = (PACK.offsets[1] ?? 0) + at;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      scene.put(`${id}.pack`, bytes);
      expect(scene.read("two"), `byte ${at}`).toBe("wrong");
      expect(scene.read("three"), "the records behind it are read by the index").toBe("bytes: three");
    }
  });
});

describe("many packs", () => {
  it("are read with few descriptors open at once", () => {
    const scene = new PackScene();
    const texts = Array.from({ length: 100 }, (_, index) => `text ${index}`);
    for (const text of texts) scene.putPack(recordsOf(text));
    let open = 0;
    let most = 0;
    const fs = interceptFileSystem(({ name }, proceed) => {
      const answer = proceed();
      if (name === "openSync") open++;
      if (name === "closeSync") open--;
      most = Math.max(most, open);
      return answer;
    });
    const reader = new PackReader(scene.list(fs), fs);
    for (const text of [...texts, ...texts.toReversed()]) {
      const read = reader.read(sha256(text), 0);
      expect(read.kind === "bytes" && read.bytes.toString()).toBe(text);
    }
    reader.close();
    expect(most).toBeLessThanOrEqual(17);
    expect(open).toBe(0);
  });
});
