import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { sealBundle } from "../../../support/bundles/bundle.ts";
import { sealTreeBundle } from "../../../support/bundles/tree-bundle.ts";
import {
  bundleEntries,
  judgeArchive,
  outputEntriesOf,
  streamOf,
  TAR_END,
  type TarEntry,
  tarEntries,
  tarOf,
} from "../../../support/registry/archive.ts";
import { ofRing, sampleOf } from "../../../support/rings/ring.ts";

const TREE = sealTreeBundle({
  outputs: { "a.txt": "alpha\n", "bin/run": "#!/bin/sh\n", "data/b.txt": "beta\n", "data/empty": "" },
  links: { "data/latest": "b.txt" },
  programs: ["bin/run"],
  emptyFolders: ["data/hollow"],
});
const HEAD = bundleEntries(TREE);
const OUTPUTS = outputEntriesOf(TREE);
const ENTRIES: readonly TarEntry[] = [...HEAD, ...OUTPUTS];
const ARCHIVE = tarOf(ENTRIES);

/** The archive with some entries of outputs replaced; `undefined` removes one. */
function withOutput(path: string, ...entries: readonly TarEntry[]): Buffer {
  return tarOf(ENTRIES.flatMap((entry) => (entry.path === path ? entries : [entry])));
}

describe("an archive", () => {
  it("made by hand from the words of the protocol is accepted", async () => {
    expect(await judgeArchive(ARCHIVE)).toEqual(["OK"]);
  });

  it.each([1, 3, 511, 512, 513, 1000])("is accepted in pieces of %i bytes", async (length) => {
    expect(await judgeArchive(streamOf(ARCHIVE, length))).toEqual(["OK"]);
  });

  it("of a bundle without a tree may have files of both modes", async () => {
    const bundle = sealBundle({ outputs: { "a.txt": "alpha\n", run: "beta\n" }, bind: true });
    const entries = (mode: number): readonly TarEntry[] => [
      ...bundleEntries(bundle),
      { path: "a.txt", content: "alpha\n" },
      { path: "run", content: "beta\n", mode },
    ];
    expect(await judgeArchive(tarOf(entries(0o755)))).toEqual(["OK"]);
    expect(await judgeArchive(tarOf(entries(0o700)))).toEqual(["CARRIED_RUN_MALFORMED mode"]);
  });

  it("of a bundle that declares no bytes is not read as a stream", async () => {
    const bundle = sealBundle({ outputs: { "a.txt": "alpha\n" } });
    const bytes = tarOf([...bundleEntries(bundle), { path: "a.txt", content: "alpha\n" }]);
    expect(await judgeArchive(bytes)).toEqual(["BUNDLE_UNSUITABLE unbound"]);
  });

  it("is refused or rejected at each truncation", async () => {
    const cuts = sampleOf(
      Array.from({ length: ARCHIVE.length }, (_, at) => at),
      ofRing(50, 500),
    );
    for (const cut of [0, 1, 512, ARCHIVE.length - 512, ARCHIVE.length - 1, ...cuts])
      expect(await judgeArchive(ARCHIVE.subarray(0, cut)), `cut at ${cut}`).toEqual([
        "CARRIED_RUN_MALFORMED truncated",
      ]);
  });

  it("is refused or rejected with each single bit flipped", async () => {
    const bits = sampleOf(
      Array.from({ length: ARCHIVE.length * 8 }, (_, bit) => bit),
      ofRing(300, 3000),
    );
    for (const bit of bits) {
      const flipped = Buffer.from(ARCHIVE);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await judgeArchive(flipped), `bit ${bit}`).not.toEqual(["OK"]);
    }
  });
});

const HEADER_CHANGES: readonly (readonly [string, (header: Buffer) => void])[] = [
  ["an owner", (header) => header.write("0000001", 108)],
  ["a group", (header) => header.write("0000001", 116)],
  ["a time", (header) => header.write("00000000001", 136)],
  ["the name of an owner", (header) => header.write("root", 265)],
  ["a device", (header) => header.write("0000001", 329)],
  ["a prefix", (header) => header.write("x", 345)],
  ["bytes behind the prefix", (header) => header.write("x", 505)],
  ["another magic", (header) => header.write("ustar  \0", 257)],
  ["a size in base 256", (header) => header.writeUInt8(0x80, 124)],
  ["a set-uid bit", (header) => header.write("0004644", 100)],
  ["bytes behind the name", (header) => header.write("x", 90)],
];

const HOSTILE: readonly (readonly [string, () => Buffer, string])[] = [
  ...HEADER_CHANGES.map(
    ([name, change]) =>
      [
        `a header with ${name}`,
        () => withOutput("a.txt", { path: "a.txt", content: "alpha\n", change }),
        "CARRIED_RUN_MALFORMED header",
      ] as const,
  ),
  [
    "a hard link",
    () => withOutput("a.txt", { path: "a.txt", type: "1", target: "data/b.txt" }),
    "CARRIED_RUN_MALFORMED kind",
  ],
  ["a device", () => withOutput("a.txt", { path: "a.txt", type: "3" }), "CARRIED_RUN_MALFORMED kind"],
  ["a FIFO", () => withOutput("a.txt", { path: "a.txt", type: "6" }), "CARRIED_RUN_MALFORMED kind"],
  [
    "a sparse file",
    () => withOutput("a.txt", { path: "a.txt", type: "S", content: "alpha\n" }),
    "CARRIED_RUN_MALFORMED kind",
  ],
  [
    "a global header",
    () => tarOf([{ path: "g", type: "g", content: "11 path=ab\n" }, ...ENTRIES]),
    "CARRIED_RUN_MALFORMED foreign",
  ],
  [
    "a long name of GNU tar",
    () => tarOf([...HEAD, { path: "././@LongLink", type: "L", content: "a.txt\0" }, ...OUTPUTS]),
    "CARRIED_RUN_MALFORMED kind",
  ],
  [
    "an extended header that is not needed",
    () => withOutput("a.txt", { path: "@PaxPath", content: "alpha\n", records: { path: "a.txt" } }),
    "CARRIED_RUN_MALFORMED extended-header",
  ],
  [
    "a record that the writer never makes",
    () => withOutput("a.txt", { path: "a.txt", content: "alpha\n", records: { mtime: "1" } }),
    "CARRIED_RUN_MALFORMED extended-header",
  ],
  [
    "a sparse map in records",
    () => withOutput("a.txt", { path: "a.txt", content: "alpha\n", records: { "GNU.sparse.size": "9" } }),
    "CARRIED_RUN_MALFORMED extended-header",
  ],
  [
    "an extended header of a megabyte",
    () => withOutput("a.txt", { path: "a.txt", records: { path: "x".repeat(2 ** 20) } }),
    "CARRIED_RUN_MALFORMED extended-header",
  ],
  [
    "two extended headers",
    () =>
      withOutput(
        "a.txt",
        { path: "././@PaxHeader", type: "x", content: "9 path=é\n" },
        { path: "@PaxPath", records: { path: "é" } },
      ),
    "CARRIED_RUN_MALFORMED extended-header",
  ],
  [
    "bytes in the padding",
    () => {
      const bytes = Buffer.from(ARCHIVE);
      bytes[bytes.indexOf("alpha\n") + 6] = 1;
      return bytes;
    },
    "CARRIED_RUN_MALFORMED padding",
  ],
  [
    "an entry behind the end",
    () => Buffer.concat([ARCHIVE, tarOf([{ path: "z" }])]),
    "CARRIED_RUN_MALFORMED trailing-bytes",
  ],
  [
    "zeros behind the end",
    () => Buffer.concat([ARCHIVE, Buffer.alloc(512)]),
    "CARRIED_RUN_MALFORMED trailing-bytes",
  ],
  [
    "one block at the end",
    () => Buffer.concat([tarEntries(ENTRIES), Buffer.alloc(512)]),
    "CARRIED_RUN_MALFORMED truncated",
  ],
  [
    "a block of zeros between entries",
    () => Buffer.concat([tarEntries(HEAD), Buffer.alloc(512), tarOf(OUTPUTS)]),
    "CARRIED_RUN_MALFORMED end-marker",
  ],
  ["compressed bytes", () => gzipSync(ARCHIVE), "CARRIED_RUN_MALFORMED foreign"],
  ["a small zip", () => Buffer.from("PK\x03\x04\x14"), "CARRIED_RUN_MALFORMED foreign"],
  ["a tar of another program", () => tarOf([{ path: "./" }, ...OUTPUTS]), "CARRIED_RUN_MALFORMED foreign"],
  ["no bundle", () => tarOf(OUTPUTS), "CARRIED_RUN_MALFORMED foreign"],
  ["nothing but the end", () => TAR_END, "CARRIED_RUN_MALFORMED entry-missing"],
  ["no bytes at all", () => Buffer.alloc(0), "CARRIED_RUN_MALFORMED truncated"],
  [
    "a file that no run names",
    () => tarOf([...ENTRIES, { path: "z.txt" }]),
    "CARRIED_RUN_MALFORMED entry-unexpected",
  ],
  [
    "a file twice",
    () => withOutput("a.txt", { path: "a.txt", content: "alpha\n" }, { path: "a.txt", content: "alpha\n" }),
    "CARRIED_RUN_MALFORMED order",
  ],
  [
    "outputs in another order",
    () => tarOf([...HEAD, ...[...OUTPUTS].reverse()]),
    "CARRIED_RUN_MALFORMED entry-missing",
  ],
  [
    "a path that climbs",
    () => tarOf([...HEAD, { path: "../a.txt" }, ...OUTPUTS]),
    "CARRIED_RUN_MALFORMED entry-unexpected",
  ],
  [
    "an absolute path",
    () => tarOf([...HEAD, { path: "/etc/passwd" }, ...OUTPUTS]),
    "CARRIED_RUN_MALFORMED entry-unexpected",
  ],
  [
    "a file of a bundle among the outputs",
    () => tarOf([...ENTRIES, { path: ".runseal/HEAD" }]),
    "CARRIED_RUN_MALFORMED order",
  ],
  [
    "a bundle's files in another order",
    () => tarOf([...[...HEAD].reverse(), ...OUTPUTS]),
    "CARRIED_RUN_MALFORMED order",
  ],
  [
    "a bundle's file twice",
    () => tarOf([...HEAD.slice(0, 1), ...HEAD, ...OUTPUTS]),
    "CARRIED_RUN_MALFORMED order",
  ],
  [
    "another mode of a bundle's file",
    () => tarOf([...HEAD.map((entry) => ({ ...entry, mode: 0o755 })), ...OUTPUTS]),
    "CARRIED_RUN_MALFORMED mode",
  ],
  [
    "a file that is too large for a bundle",
    () => tarOf([{ path: ".runseal/runs/run-001/COUNTERSIGNATURES.json", size: 2 ** 21 }]),
    "CARRIED_RUN_MALFORMED too-large",
  ],
  [
    "a program that was sealed as a text",
    () => withOutput("a.txt", { path: "a.txt", content: "alpha\n", mode: 0o755 }),
    "CARRIED_RUN_MALFORMED mode",
  ],
  [
    "a link in the place of a file",
    () => withOutput("a.txt", { path: "a.txt", type: "2", mode: 0o777, target: "data/b.txt" }),
    "CARRIED_RUN_MALFORMED kind",
  ],
  [
    "a link that leads elsewhere",
    () => withOutput("data/latest", { path: "data/latest", type: "2", mode: 0o777, target: "/etc/passwd" }),
    "CARRIED_RUN_MALFORMED target",
  ],
  ["a missing link", () => withOutput("data/latest"), "CARRIED_RUN_MALFORMED entry-missing"],
  ["a missing empty folder", () => withOutput("data/hollow/"), "CARRIED_RUN_MALFORMED entry-missing"],
  ["a missing file", () => withOutput("a.txt"), "OUTPUT_MISSING"],
  ["another content", () => withOutput("a.txt", { path: "a.txt", content: "ALPHA\n" }), "HASH_MISMATCH"],
  [
    "a content that is longer than declared",
    () => withOutput("a.txt", { path: "a.txt", content: "alpha\n".repeat(9) }),
    "HASH_MISMATCH",
  ],
  ["an endless content", () => withOutput("a.txt", { path: "a.txt", size: 8 ** 11 - 1 }), "HASH_MISMATCH"],
];

describe("a hostile archive is refused:", () => {
  it.each(HOSTILE)("%s", async (_name, make, code) => {
    expect(await judgeArchive(make())).toEqual([code]);
  });
});
