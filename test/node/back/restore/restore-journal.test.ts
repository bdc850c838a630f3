import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  encodeJournal,
  type Journal,
  matchesMac,
  NO_CHANGES,
  parseJournal,
  type RunningMac,
  splitJournal,
} from "../../../../src/node/back/transaction/journal/journal.ts";
import { beginJournalMac, bindingOf } from "../../../../src/node/back/transaction/journal/journal-file.ts";
import { SecretBytes } from "../../../../src/node/keys/secret-bytes.ts";
import { anyPath } from "../../../support/bundles/arbitrary-tree.ts";
import { canonical, sha256 } from "../../../support/bundles/bundle.ts";
import { fc } from "../../../support/rings/properties.ts";

type Members = Readonly<Record<string, unknown>>;

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const NAME = ".spectrum06_staging_00000000-0000-4000-8000-000000000000";
const HOLDER = { ino: 12n, birthtimeNs: 1_700_000_000_000_000_001n };
const OWN = { ino: 13n, birthtimeNs: 0n };
const BINDING = `${NAME}\n12 1700000000000000001 13 0\n`;

const secret = new SecretBytes(KEY.length);
secret.use((bytes) => KEY.copy(bytes));

/** The MAC of a line as anyone with the key can recompute it (PROTOCOL 11.1). */
function macOf(line: string, binding = BINDING): string {
  return createHmac("sha256", KEY).update(`RUNSEAL-JOURNAL-v2:${binding}${line}`).digest("hex");
}

/** A journal from its members: one line of canonical JSON, and its MAC on the next. */
function written(members: Members): Uint8Array {
  const line = canonical(members);
  return Buffer.from(`${line}\n${macOf(line)}\n`);
}

const begin = (): RunningMac => beginJournalMac(secret, bindingOf(NAME, HOLDER, OWN));

/** Reads a journal as a recovery does: its MAC first. */
function read(bytes: Uint8Array): Journal | undefined {
  const lines = splitJournal(bytes);
  if (lines === undefined) return undefined;
  const mac = begin();
  mac.add(lines.content);
  return matchesMac(mac, lines.mac) ? parseJournal(lines.content) : undefined;
}

const CHAIN_MANIFEST = ".spectrum06_chain_00000000-0000-0000-0000-000000000000.json";

const MEMBERS: Members = {
  act: "restore",
  aside: [],
  bundle_roots: [sha256("one")],
  digests: [sha256("a"), sha256("b"), sha256("m"), ""],
  mkdir: ["d"],
  mode: [],
  name: null,
  passing: 0,
  put: ["a.txt", "d/b.txt", "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"],
  rmdir: [],
  run_ids: ["run-001"],
  signers: [sha256("other")],
  started: "2026-11-25T01:02:03Z",
  version: 4,
};

const parse = (over: Members): Journal | undefined => read(written({ ...MEMBERS, ...over }));

const anyDigest = fc.string().map((text) => sha256(text) as Journal["origin"]["signers"][number]);
const anyText = fc.string({ unit: "grapheme", maxLength: 12 });

const anyJournal: fc.Arbitrary<Journal> = fc
  .record({
    act: fc.constantFrom("restore", "new-root"),
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
    mkdir: fc.array(anyPath, { maxLength: 5 }),
    entries: fc.array(fc.tuple(anyPath, fc.oneof(anyDigest, fc.constant("" as const))), { maxLength: 8 }),
  })
  .map(({ entries, ...journal }) => ({
    ...NO_CHANGES,
    ...journal,
    mode: journal.mkdir.map((place) => ({ place, kind: "folder" as const, from: 0o700, to: 0o1777 })),
    put: entries.map(([path]) => path),
    digests: entries.map(([, digest]) => digest),
  }));

const anyChainJournal = anyJournal.map((journal) => ({
  ...journal,
  put: [CHAIN_MANIFEST, ...journal.put],
  digests: ["" as const, ...journal.digests],
  passing: 1,
}));

/** The journal of an undo: it gives nothing. */
const anyUndoJournal = anyJournal.map(
  ({ digests: _, mkdir, put, ...journal }): Journal => ({
    ...journal,
    ...NO_CHANGES,
    act: "undo",
    aside: put,
    rmdir: mkdir.map((place) => ({ place, mode: 0o755 })),
  }),
);

/** Encodes; a journal of these tests is never too long. */
function encoded(journal: Journal): Buffer {
  const pieces = encodeJournal(journal, begin());
  if (pieces === undefined) throw new RangeError("too long");
  return Buffer.concat(pieces);
}

describe("a journal (SECURITY 3)", () => {
  it("is read as it was written, whatever is in it", () => {
    fc.assert(
      fc.property(fc.oneof(anyJournal, anyChainJournal, anyUndoJournal), (journal) => {
        expect(read(encoded(journal))).toEqual(journal);
      }),
    );
  });

  it("is the same however many files it names", () => {
    const files = Array.from({ length: 2048 }, (_, index) => `d/f${index}`);
    const digests = files.map(sha256);
    for (const length of [0, 1, 1023, 1024, 1025, 2048]) {
      const members = { ...MEMBERS, put: files.slice(0, length), digests: digests.slice(0, length) };
      const journal = read(written(members));
      if (journal === undefined) throw new TypeError("the journal of these tests is invalid");
      expect(encoded(journal).toString()).toBe(Buffer.from(written(members)).toString());
    }
  });

  it("is a line of canonical JSON and a line with its MAC, as anyone with the key can recompute", () => {
    const journal = parse({});
    if (journal === undefined) throw new TypeError("the journal of these tests is invalid");
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
        if (read(bytes) !== undefined) accepted.push({ index, value });
      }
      bytes[index] = right;
    }
    expect(accepted).toEqual([]);
    expect(read(bytes)).toBeDefined();
  });

  it("is refused when it was torn at any length, or something follows", () => {
    const bytes = written(MEMBERS);
    for (let end = 0; end < bytes.length; end++) {
      expect({ end, journal: read(bytes.subarray(0, end)) }).toEqual({ end, journal: undefined });
    }
    for (const more of ["\n", "\0", "x", Buffer.from(bytes).toString()]) {
      expect(read(Buffer.concat([bytes, Buffer.from(more)]))).toBeUndefined();
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
        expect(read(exchanged)).toBeUndefined();
      }),
    );
  });
});

describe("an edited journal, its MAC made right", () => {
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
    expect(parse({ put: ["a.txt", path], digests: ["", ""] })).toBeUndefined();
    expect(parse({ mkdir: ["d", path] })).toBeUndefined();
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
    const digests = ["", ""];
    expect(parse({ put: [CHAIN_MANIFEST, "a.txt"], digests, passing: 1 })).toBeDefined();
    expect(parse({ put: [path, "a.txt"], digests, passing: 1 })).toBeUndefined();
  });

  it.each([
    ["of version 1", { version: 1 }],
    ["of version 2", { version: 2 }],
    ["of version 3", { version: 3 }],
    ["of version 0", { version: 0 }],
    ["of version 99", { version: 99 }],
    ["of a version in words", { version: "4" }],
    ["of no version", { version: undefined }],
    ["with a further member", { note: "" }],
    ["with a member less", { name: undefined }],
    ["with an unknown act", { act: "format" }],
    ["without an act", { act: null }],
    ["with more passing files than files", { passing: 5 }],
    ["with passing files below nothing", { passing: -1 }],
    ["with half a passing file", { passing: 0.5 }],
    ["with passing files in words", { passing: "0" }],
    ["with files that are no list", { put: { 0: "a" } }],
    ["with a file that is no text", { put: ["a", 1], digests: ["", ""] }],
    ["with a file in a list", { put: [["a"]], digests: [""] }],
    ["with folders that are no list", { mkdir: "d" }],
    ["with a folder that is null", { mkdir: [null] }],
    ["with a digest less than files", { digests: ["", "", ""] }],
    ["with a text that is not a digest", { digests: ["", "", "", "0"] }],
    ["with digests that are no list", { digests: null }],
    ["that moves something aside without being a revert", { aside: ["a.txt"] }],
    ["that takes a folder out without being a revert", { rmdir: [{ mode: 493, path: "d" }] }],
    [
      "that changes a mode without being a revert",
      { mode: [{ from: 493, kind: "file", path: "a", to: 420 }] },
    ],
    [
      "that changes the mode of a folder that it does not make",
      { mode: [{ from: 448, kind: "folder", path: "a", to: 493 }] },
    ],
    [
      "that changes the mode of a file with the name of a folder that it makes",
      { mode: [{ from: 448, kind: "file", path: "d", to: 493 }] },
    ],
    ["with run ids that are no list", { run_ids: "run-001" }],
    ["with a run id that is a number", { run_ids: [1] }],
    ["with a root in capitals", { bundle_roots: [sha256("one").toUpperCase()] }],
    ["with a root too short", { bundle_roots: [sha256("one").slice(1)] }],
    ["with a signer that is not a digest", { signers: ["other"] }],
    ["with invalid signers", { signers: null }],
    ["with an invalid time", { started: "yesterday" }],
    ["with a moment that never was", { started: "2026-02-30T00:00:00Z" }],
    ["with a moment that is a number", { started: 1 }],
    ["with an empty name", { name: "" }],
    ["with a name of two components", { name: "a/b" }],
    ["with a name that goes up", { name: ".." }],
    ["with a name with NUL", { name: "a\0" }],
    ["with a name that is a number", { name: 1 }],
  ])("%s is invalid", (_what, over) => {
    expect(parse(over)).toBeUndefined();
  });

  it.each([
    ["an array", "[]"],
    ["a text", '"restore"'],
    ["nothing", ""],
    ["no JSON", "restore"],
    ["JSON with a key twice", `{"act":"undo",${canonical(MEMBERS).slice(1)}`],
    ["JSON after a byte-order mark", `\ufeff${canonical(MEMBERS)}`],
  ])("that is %s is invalid", (_what, line) => {
    expect(read(Buffer.from(`${line}\n${macOf(line)}\n`))).toBeUndefined();
  });

  it.each([
    ["in capitals", (mac: string) => mac.toUpperCase()],
    ["of something else", () => macOf("something else")],
    ["that is a digest", () => sha256(canonical(MEMBERS))],
    ["of no length", () => ""],
    ["of zeros", () => "0".repeat(64)],
  ])("with a MAC %s is refused", (_what, edit) => {
    const line = canonical(MEMBERS);
    expect(read(Buffer.from(`${line}\n${edit(macOf(line))}\n`))).toBeUndefined();
  });

  it.each([
    ["another staging folder's name", BINDING.replace("0000-4000", "0000-4001")],
    ["another inode of the root", BINDING.replace("\n12 ", "\n14 ")],
    ["another birth of the root", BINDING.replace("001 ", "002 ")],
    ["another inode of the staging folder", BINDING.replace(" 13 ", " 14 ")],
    ["another birth of the staging folder", BINDING.replace(" 0\n", " 1\n")],
    ["no place at all", ""],
  ])("bound to %s is refused", (_what, binding) => {
    const line = canonical(MEMBERS);
    expect(binding).not.toBe(BINDING);
    expect(read(Buffer.from(`${line}\n${macOf(line, binding)}\n`))).toBeUndefined();
  });
});
