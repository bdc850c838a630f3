/**
 * The folders of packs that the fuzzer begins with: some written by runseal, some by hand.
 *
 * @module
 */

import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AnchoredDir } from "../../dist/node/system/files/anchored-dir.js";
import { nodeFileSystem } from "../../dist/node/system/files/file-system.js";
import { PackDraft } from "../../dist/node/system/packs/pack-draft.js";
import { entriesOf, indexOf, packOf, recordOf } from "../support/store/pack-bytes.mjs";

/** A folder as a Map of names to bytes. */
export function readFolder(path) {
  return new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name))]));
}

/** Makes all bases, given where to write for a moment. */
export function makeBases(chance, scratch) {
  const contents = (count, most) => Array.from({ length: count }, () => chance.bytes(chance.below(most)));
  const shared = contents(5, 300);
  return [
    byRunseal(scratch, [[contents(40, 200), 0o444]]),
    byRunseal(scratch, [
      [[...contents(30, 3000), ...shared], 0o444],
      [[...contents(5, 100), ...shared], 0o400],
      [[...shared, Buffer.alloc(0)], 0o444],
    ]),
    byRunseal(scratch, [
      [contents(3, 400_000), 0o444],
      [contents(300, 60), 0o444],
    ]),
    byRunseal(
      scratch,
      Array.from({ length: 20 }, () => [contents(3, 50), 0o444]),
    ),
    byHand([...shared, Buffer.alloc(5000, "abc"), Buffer.alloc(1024 * 1024)]),
    byHand([]),
  ];
}

function byRunseal(scratch, packs) {
  const path = mkdtempSync(join(scratch, "base-"));
  mkdirSync(path, { recursive: true });
  const fd = openSync(path, "r");
  try {
    for (const [contents, mode] of packs) {
      const draft = new PackDraft(new AnchoredDir(fd, path, nodeFileSystem), mode, nodeFileSystem);
      for (const content of contents) draft.add(recordOf(content));
      if (!draft.place().ok) throw new Error("a base can't be made");
    }
    return readFolder(path);
  } finally {
    closeSync(fd);
    rmSync(path, { recursive: true });
  }
}

function byHand(contents) {
  const records = contents.map((content) => recordOf(content));
  const { bytes, id } = packOf(records);
  return new Map([
    [`${id}.pack`, bytes],
    [`${id}.idx`, indexOf(id, entriesOf(records))],
  ]);
}
