import { describe, expect, it } from "vitest";
import { encodeUtf8, type HexDigest } from "../../../../src/core/internal.ts";
import {
  encodeJournal,
  type Journal,
  parseJournal,
  splitJournal,
} from "../../../../src/node/back/transaction/journal/journal.ts";

const ORIGIN = {
  started: "2026-11-28T12:00:00Z",
  runIds: ["fix-3.revert"],
  bundleRoots: [],
  signers: [],
  name: undefined,
};

const JOURNAL: Journal = {
  act: "revert",
  origin: ORIGIN,
  aside: ["changed.txt", "new/n"],
  rmdir: [{ place: "new", mode: 0o2755 }],
  mode: [
    { place: "mode.txt", kind: "file", from: 0o755, to: 0o644 },
    { place: "closed", kind: "folder", from: 0o555, to: 0o555 },
  ],
  mkdir: ["deleted", "deleted/deep"],
  put: ["changed.txt", "deleted/x"],
  digests: ["0".repeat(64) as HexDigest, ""],
  passing: 0,
};

/** The first line of a journal, without a real MAC. */
function lineOf(journal: Journal): string {
  const mac = { add: () => undefined, end: () => new Uint8Array(32) };
  const lines = splitJournal(Buffer.concat([...(encodeJournal(journal, mac) ?? [])]));
  return Buffer.from(lines?.content ?? []).toString("utf8");
}

function parse(line: string): Journal | undefined {
  return parseJournal(encodeUtf8(line));
}

describe("the journal of a revert (PROTOCOL 13.9)", () => {
  it("is read as it was written", () => {
    expect(parse(lineOf(JOURNAL))).toEqual(JOURNAL);
  });

  it("is read as it was written when its lists are written in pieces", () => {
    const many = Array.from({ length: 3000 }, (_, number) => `d/f${number}`);
    const journal = {
      ...JOURNAL,
      aside: [...many, "z"],
      rmdir: [],
      mode: [],
      put: many,
      digests: many.map(() => "" as const),
    };
    expect(parse(lineOf(journal))).toEqual(journal);
  });

  it("has version 4 and its members in the order of their names, so that an older runseal does not act on it", () => {
    const line = lineOf(JOURNAL);
    const names = Object.keys(JSON.parse(line) as object);
    expect(line).toContain('"version":4}');
    expect(names).toEqual([...names].sort());
  });

  it.each([
    ["a place that leaves the root", '"changed.txt","new/n"', '"../x","new/n"'],
    ["a place in a staging folder", '"aside":["changed.txt"', '"aside":[".spectrum06_lock"'],
    ["an absolute place", '"path":"new"', '"path":"/new"'],
    ["a mode of more bits than there are", '"mode":1517', '"mode":32768'],
    ["special bits of a mode that changes", '"from":493', '"from":2541'],
    ["another kind", '"kind":"file"', '"kind":"link"'],
    ["a further member of a folder", '"mode":1517', '"mode":1517,"x":1'],
    ["a further member of a mode", '"kind":"file"', '"kind":"file","x":1'],
    ["a further member", '"rmdir":[', '"extra":1,"rmdir":['],
    ["no list of moves", '"aside":["changed.txt","new/n"]', '"aside":null'],
    ["files that only pass", '"passing":0', '"passing":1'],
    ["another act", '"act":"revert"', '"act":"restore"'],
    ["the act of an undo, which puts nothing in place", '"act":"revert"', '"act":"undo"'],
    ["version 1", '"version":4', '"version":1'],
    ["version 3, which has no digests", '"version":4', '"version":3'],
    ["a version that does not exist", '"version":4', '"version":5'],
  ])("is refused with %s", (_what, from, to) => {
    const line = lineOf(JOURNAL);
    expect(line).toContain(from);
    expect(parse(line.replace(from, to))).toBeUndefined();
  });
});
