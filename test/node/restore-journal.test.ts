import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeJournal, type Journal, parseJournal } from "../../src/node/restore/journal.ts";
import { anyPath } from "../support/arbitrary-tree.ts";
import { canonical, sha256 } from "../support/bundle.ts";

type Members = Readonly<Record<string, unknown>>;

/** A journal as SECURITY 3 has it, from its members: one line of canonical JSON, and its digest on the next. */
function written(members: Members): Uint8Array {
  const line = canonical(members);
  return Buffer.from(`${line}\n${sha256(line)}\n`);
}

const CHAIN_MANIFEST = ".spectrum06_chain_00000000-0000-0000-0000-000000000000.json";

const MEMBERS: Members = {
  act: "restore",
  bundle_roots: [sha256("one")],
  files: ["a.txt", "d/b.txt", "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"],
  folders: ["d"],
  name: null,
  passing: 0,
  run_ids: ["run-001"],
  signers: [sha256("somebody")],
  started: "2026-11-25T01:02:03Z",
  version: 1,
};

const parse = (over: Members): Journal | undefined => parseJournal(written({ ...MEMBERS, ...over }));

const anyDigest = fc.string().map((text) => sha256(text) as Journal["origin"]["signers"][number]);
const anyText = fc.string({ unit: "grapheme", maxLength: 12 });

const anyJournal: fc.Arbitrary<Journal> = fc.record({
  act: fc.constantFrom("restore", "undo", "new-root"),
  origin: fc.record({
    started: fc
      .integer({ min: 0, max: 4_000_000_000 })
      .map((seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z")),
    runIds: fc.array(anyText, { maxLength: 3 }),
    bundleRoots: fc.array(anyDigest, { maxLength: 3 }),
    signers: fc.array(anyDigest, { maxLength: 3 }),
    name: fc.option(
      anyText.filter((name) => name !== "" && !/^\.\.?$|[/\0]/.test(name)),
      { nil: undefined },
    ),
  }),
  folders: fc.array(anyPath, { maxLength: 5 }),
  files: fc.array(anyPath, { maxLength: 8 }),
  passing: fc.constant(0),
});

const anyChainJournal = anyJournal.map((journal) => ({
  ...journal,
  files: [CHAIN_MANIFEST, ...journal.files],
  passing: 1,
}));

/** Encodes; a journal of these tests is never too long. */
function encoded(journal: Journal): Buffer {
  const pieces = encodeJournal(journal);
  if (pieces === undefined) throw new RangeError("too long");
  return Buffer.concat(pieces);
}

describe("a journal (SECURITY 3)", () => {
  it("is read as it was written, whatever is in it", () => {
    fc.assert(
      fc.property(fc.oneof(anyJournal, anyChainJournal), (journal) => {
        expect(parseJournal(encoded(journal))).toEqual(journal);
      }),
    );
  });

  it("is the same however many files it names", () => {
    const files = Array.from({ length: 2048 }, (_, index) => `d/f${index}`);
    for (const length of [0, 1, 1023, 1024, 1025, 2048]) {
      const members = { ...MEMBERS, files: files.slice(0, length) };
      const journal = parseJournal(written(members));
      if (journal === undefined) throw new TypeError("the journal of these tests is none");
      expect(encoded(journal).toString()).toBe(Buffer.from(written(members)).toString());
    }
  });

  it("is a line of canonical JSON and a line with its SHA-256, as anyone can recompute", () => {
    const journal = parse({});
    if (journal === undefined) throw new TypeError("the journal of these tests is none");
    expect(Buffer.from(encoded(journal)).toString()).toBe(Buffer.from(written(MEMBERS)).toString());
  });

  it("is refused after any one byte was changed to any other", () => {
    const bytes = Buffer.from(written(MEMBERS));
    const accepted: unknown[] = [];
    for (let index = 0; index < bytes.length; index++) {
      const right = bytes[index] ?? 0;
      for (let value = 0; value < 256; value++) {
        if (value === right) continue;
        bytes[index] = value;
        if (parseJournal(bytes) !== undefined) accepted.push({ index, value });
      }
      bytes[index] = right;
    }
    expect(accepted).toEqual([]);
    expect(parseJournal(bytes)).toBeDefined();
  });

  it("is refused when it was torn at any length, or something follows", () => {
    const bytes = written(MEMBERS);
    for (let end = 0; end < bytes.length; end++) {
      expect({ end, journal: parseJournal(bytes.subarray(0, end)) }).toEqual({ end, journal: undefined });
    }
    for (const more of ["\n", "\0", "x", Buffer.from(bytes).toString()]) {
      expect(parseJournal(Buffer.concat([bytes, Buffer.from(more)]))).toBeUndefined();
    }
  });

  it("is refused when any two bytes were exchanged", () => {
    const bytes = written(MEMBERS);
    const anyIndex = fc.nat({ max: bytes.length - 1 });
    fc.assert(
      fc.property(anyIndex, anyIndex, (left, right) => {
        fc.pre(bytes[left] !== bytes[right]);
        const exchanged = Uint8Array.from(bytes);
        exchanged[left] = bytes[right] ?? 0;
        exchanged[right] = bytes[left] ?? 0;
        expect(parseJournal(exchanged)).toBeUndefined();
      }),
    );
  });
});

describe("an edited journal, its digest made right", () => {
  it.each([
    "../x",
    "a/../../x",
    "..",
    ".",
    "/etc/passwd",
    "//host/x",
    "",
    "a//b",
    "a/",
    "a/./b",
    "a\\b",
    "a\0b",
    "a".repeat(256),
    `${"a/".repeat(2048)}a`,
    ".spectrum06_staging_00000000-0000-0000-0000-000000000000",
    ".spectrum06_lock",
    CHAIN_MANIFEST,
  ])("names no file and no folder outside the law of paths: '%s'", (path) => {
    expect(parse({ files: ["a.txt", path] })).toBeUndefined();
    expect(parse({ folders: ["d", path] })).toBeUndefined();
  });

  it.each([
    "a.txt",
    ".spectrum06_chain_x.json",
    `${CHAIN_MANIFEST}/x`,
    `d/${CHAIN_MANIFEST}`,
    `${CHAIN_MANIFEST} `,
    "../.spectrum06_chain_00000000-0000-0000-0000-000000000000.json",
    ".spectrum06_lock",
  ])("has no passing file but a chain manifest at the top: '%s'", (path) => {
    expect(parse({ files: [CHAIN_MANIFEST, "a.txt"], passing: 1 })).toBeDefined();
    expect(parse({ files: [path, "a.txt"], passing: 1 })).toBeUndefined();
  });

  it.each([
    ["of version 2", { version: 2 }],
    ["of version 0", { version: 0 }],
    ["of a version in words", { version: "1" }],
    ["of no version", { version: undefined }],
    ["with a further member", { note: "" }],
    ["with a member less", { name: undefined }],
    ["with an act that nobody knows", { act: "format" }],
    ["without an act", { act: null }],
    ["with more passing files than files", { passing: 5 }],
    ["with passing files below nothing", { passing: -1 }],
    ["with half a passing file", { passing: 0.5 }],
    ["with passing files in words", { passing: "0" }],
    ["with files that are no list", { files: { 0: "a" } }],
    ["with a file that is no text", { files: ["a", 1] }],
    ["with a file in a list", { files: [["a"]] }],
    ["with folders that are no list", { folders: "d" }],
    ["with a folder that is null", { folders: [null] }],
    ["with run ids that are no list", { run_ids: "run-001" }],
    ["with a run id that is a number", { run_ids: [1] }],
    ["with a root in capitals", { bundle_roots: [sha256("one").toUpperCase()] }],
    ["with a root too short", { bundle_roots: [sha256("one").slice(1)] }],
    ["with a signer that is no digest", { signers: ["somebody"] }],
    ["with signers that are none", { signers: null }],
    ["with a moment that is none", { started: "yesterday" }],
    ["with a moment that never was", { started: "2026-02-30T00:00:00Z" }],
    ["with a moment that is a number", { started: 1 }],
    ["with an empty name", { name: "" }],
    ["with a name of two components", { name: "a/b" }],
    ["with a name that goes up", { name: ".." }],
    ["with a name with NUL", { name: "a\0" }],
    ["with a name that is a number", { name: 1 }],
  ])("%s is none", (_what, over) => {
    expect(parse(over)).toBeUndefined();
  });

  it.each([
    ["an array", "[]"],
    ["a text", '"restore"'],
    ["nothing", ""],
    ["no JSON", "restore"],
    ["JSON with a key twice", `{"act":"undo",${canonical(MEMBERS).slice(1)}`],
    ["JSON after a byte-order mark", `\ufeff${canonical(MEMBERS)}`],
  ])("that is %s is none", (_what, line) => {
    expect(parseJournal(Buffer.from(`${line}\n${sha256(line)}\n`))).toBeUndefined();
  });

  it.each([
    ["in capitals", (digest: string) => digest.toUpperCase()],
    ["of something else", () => sha256("something else")],
    ["of no length", () => ""],
    ["of zeros", () => "0".repeat(64)],
  ])("with a digest %s is none", (_what, edit) => {
    const line = canonical(MEMBERS);
    expect(parseJournal(Buffer.from(`${line}\n${edit(sha256(line))}\n`))).toBeUndefined();
  });
});
