import { describe, expect, it } from "vitest";
import { judgeHere, VERIFY } from "../../../../src/core/internal.ts";
import { ArchiveSource } from "../../../../src/node/move/archive/archive-source.ts";
import { sealBundle } from "../../../support/bundles/bundle.ts";
import { context } from "../../../support/bundles/judge.ts";
import {
  judgeArchive,
  packBundles,
  readTar,
  streamOf,
  type TarEntry,
  tarOf,
} from "../../../support/registry/archive.ts";

const BIG = "large".repeat(300_000);
const OTHER = "other".repeat(300_000);
const FIRST = sealBundle({
  runId: "first",
  outputs: { big: BIG, "a.txt": "alpha\n", same: "alpha\n" },
  bind: true,
});
const SECOND = sealBundle({
  runId: "second",
  outputs: { a: BIG, b: "beta\n", c: OTHER, d: "delta\n" },
  bind: true,
});

const ARCHIVE = await packBundles(FIRST, SECOND);
const ENTRIES = readTar(ARCHIVE);
const BUNDLES = ENTRIES.filter(({ path }) => path.startsWith(".runseal/runs/"));
const OBJECTS = ENTRIES.filter(({ path }) => path.startsWith(".runseal/objects/"));
const PACKS = ENTRIES.filter(({ path }) => path.startsWith(".runseal/packs/"));

/** The archive with the bytes of one entry changed. */
function changed(part: RegExp, change: (content: Buffer) => Buffer | undefined): Buffer {
  return tarOf(
    ENTRIES.map((entry) => {
      if (!part.test(entry.path)) return entry;
      const content = Buffer.from(entry.content);
      return { ...entry, content: change(content) ?? content };
    }),
  );
}

describe("an archive of several runs", () => {
  it("has bundles first, then large objects, then one pack with its index", () => {
    expect(ENTRIES).toEqual([...BUNDLES, ...OBJECTS, ...PACKS]);
    expect(OBJECTS).toHaveLength(2);
    expect(PACKS.map(({ path }) => path.replace(/[0-9a-f]{64}/, "ID"))).toEqual([
      ".runseal/packs/ID.pack",
      ".runseal/packs/ID.idx",
    ]);
  });

  it.each([512, 1000, 1 << 20])("is accepted, run by run, in pieces of %i bytes", async (length) => {
    expect(await judgeArchive(streamOf(ARCHIVE, length))).toEqual(["OK", "OK"]);
  });

  it("is judged although one of its bundles is rejected", async () => {
    const bytes = changed(/first\/STATUS/, (content) =>
      Buffer.from(content.toString().replace("pass", "fail")),
    );
    expect(await judgeArchive(bytes)).toEqual(["BUNDLE_ROOT_MISMATCH", "OK"]);
  });

  it("of which one run is wanted is read for that run alone", async () => {
    await using source = new ArchiveSource({ stream: streamOf(ARCHIVE), shown: "-" });
    const runs = await source.open(["second"]);
    expect(runs).toMatchObject({ ok: true, value: [{ opened: { runId: "second" } }] });
    if (!runs.ok || runs.value[0] === undefined) return;
    const judged = judgeHere(runs.value[0].opened, context, VERIFY);
    if (!judged.ok) throw new Error(judged.code);
    const found = await source.find(
      [{ run: 0, bundle: { claims: judged.value.claims, declaredBytes: 4_000_000 } }],
      {},
    );
    expect(found.ok && found.value[0]?.findings.at(0)).toMatchObject({ kind: "file", bytes: BIG.length });
  });

  it("that lacks a wanted run is refused, and the runs are named", async () => {
    await using source = new ArchiveSource({ stream: streamOf(ARCHIVE), shown: "-" });
    expect(await source.open(["third"])).toMatchObject({
      code: "RUN_NOT_FOUND",
      details: { run_id: "third", names: ["first", "second"], more: 0 },
    });
  });
});

const HOSTILE: readonly (readonly [string, () => Buffer, readonly string[]])[] = [
  [
    "another content of an object",
    () => changed(/objects/, (content) => void content.write("X")),
    ["HASH_MISMATCH", "HASH_MISMATCH"],
  ],
  [
    "another content in a pack",
    () => changed(/\.pack$/, (content) => void content.write("X", content.indexOf("alpha"))),
    ["HASH_MISMATCH", "OK"],
  ],
  ["a missing object", () => tarOf([...BUNDLES, ...PACKS]), ["OUTPUT_MISSING", "OUTPUT_MISSING"]],
  ["a missing pack", () => tarOf([...BUNDLES, ...OBJECTS]), ["OUTPUT_MISSING", "OUTPUT_MISSING"]],
  [
    "an object twice",
    () => tarOf([...BUNDLES, ...OBJECTS.slice(0, 1), ...OBJECTS, ...PACKS]),
    ["CARRIED_RUN_MALFORMED order"],
  ],
  [
    "objects in another order",
    () => tarOf([...BUNDLES, ...[...OBJECTS].reverse(), ...PACKS]),
    ["CARRIED_RUN_MALFORMED order"],
  ],
  [
    "an object behind a pack",
    () => tarOf([...BUNDLES, ...PACKS, ...OBJECTS]),
    ["CARRIED_RUN_MALFORMED order"],
  ],
  ["a pack twice", () => tarOf([...BUNDLES, ...OBJECTS, ...PACKS, ...PACKS]), ["CARRIED_RUN_MALFORMED pack"]],
  [
    "a pack without its index",
    () => tarOf([...BUNDLES, ...OBJECTS, ...PACKS.slice(0, 1)]),
    ["CARRIED_RUN_MALFORMED entry-missing"],
  ],
  [
    "an index of another pack",
    () => changed(/\.idx$/, (content) => void content.write("X", 20)),
    ["CARRIED_RUN_MALFORMED index"],
  ],
  [
    "a small object as a file",
    () => tarOf([...BUNDLES, ...OBJECTS, { ...objectAt("f"), content: "x" }, ...PACKS]),
    ["CARRIED_RUN_MALFORMED order"],
  ],
  [
    "an object that no run names",
    () => tarOf([...BUNDLES, ...OBJECTS, { ...objectAt("f"), content: OTHER }, ...PACKS]),
    ["CARRIED_RUN_MALFORMED entry-unexpected"],
  ],
  [
    "a pack with another trailer",
    () => changed(/\.pack$/, (content) => void content.write("X", content.length - 1)),
    ["CARRIED_RUN_MALFORMED pack"],
  ],
  [
    "a pack with a record that has a flag",
    () => changed(/\.pack$/, (content) => void content.writeUInt8(1, 20)),
    ["CARRIED_RUN_MALFORMED pack"],
  ],
  [
    "a pack with another name",
    () =>
      tarOf(
        ENTRIES.map((entry) => ({
          ...entry,
          path: entry.path.replace(/[0-9a-f]{3}\.(pack|idx)$/, "000.$1"),
        })),
      ),
    ["CARRIED_RUN_MALFORMED pack"],
  ],
  [
    "objects in a folder whose name is as long",
    () =>
      tarOf(ENTRIES.map((entry) => ({ ...entry, path: entry.path.replace(/objects(?=\/..\/)/, "0bjects") }))),
    ["CARRIED_RUN_MALFORMED entry-unexpected"],
  ],
  [
    "a file in the project's own folder",
    () => tarOf([...ENTRIES, { path: ".runseal/HEAD" }]),
    ["CARRIED_RUN_MALFORMED entry-unexpected"],
  ],
  [
    "a link to an object",
    () =>
      tarOf([
        ...BUNDLES,
        { ...objectAt("0"), type: "2", mode: 0o777, target: "/etc/passwd" },
        ...OBJECTS,
        ...PACKS,
      ]),
    ["CARRIED_RUN_MALFORMED entry-unexpected"],
  ],
  [
    "an output at its path",
    () => tarOf([...ENTRIES, { path: "a.txt", content: "alpha\n" }]),
    ["CARRIED_RUN_MALFORMED entry-unexpected"],
  ],
  [
    "one run's files in two places",
    () => tarOf([...BUNDLES, ...BUNDLES.slice(0, 1), ...OBJECTS, ...PACKS]),
    ["CARRIED_RUN_MALFORMED order"],
  ],
];

function objectAt(first: string): TarEntry {
  return { path: `.runseal/objects/${first.repeat(2)}/${first.repeat(62)}`, mode: 0o444 };
}

describe("a hostile archive of several runs is refused or rejected:", () => {
  it.each(HOSTILE)("%s", async (_name, make, codes) => {
    expect(await judgeArchive(make())).toEqual(codes);
  });
});
