/**
 * The two forms of objects in a store: records of packs, and files of their own. Reads packs by its own few lines, from the format in
 * docs/store.md and nothing else.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A record of a pack: its digest in hex, and where its content is in the file. */
export interface PackedRecord {
  readonly digest: string;
  readonly start: number;
  readonly end: number;
}

const HEADER = 16;
const HEAD = 56;
const TRAILER = 56;

function packsOf(root: string): string {
  return join(root, ".runseal/packs");
}

/** The paths of a project's packs. */
export function packFiles(root: string): readonly string[] {
  const folder = packsOf(root);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".pack"))
    .map((name) => join(folder, name));
}

/** The records of a pack, in their order. */
export function recordsOf(pack: Buffer): readonly PackedRecord[] {
  const records: PackedRecord[] = [];
  for (let at = HEADER; at < pack.length - TRAILER; ) {
    const start = at + HEAD;
    const end = start + Number(pack.readBigUInt64LE(at + 16));
    records.push({ digest: pack.toString("hex", at + 24, start), start, end });
    at = end;
  }
  return records;
}

/** Whether the store of a project holds these bytes, in whatever form. */
export function isStored(root: string, content: string | Uint8Array): boolean {
  const digest = createHash("sha256").update(content).digest("hex");
  const isPacked = packFiles(root).some((path) =>
    recordsOf(readFileSync(path)).some((record) => record.digest === digest),
  );
  return isPacked || existsSync(join(root, ".runseal/objects", digest.slice(0, 2), digest.slice(2)));
}

/** Overwrites the stored bytes of some content by others of the same length, in each copy. */
export function corruptStored(root: string, content: string, wrong: string): void {
  const digest = createHash("sha256").update(content).digest("hex");
  const object = join(root, ".runseal/objects", digest.slice(0, 2), digest.slice(2));
  let copies = 0;
  if (existsSync(object)) {
    overwrite(object, wrong);
    copies++;
  }
  for (const path of packFiles(root)) {
    const pack = readFileSync(path);
    const found = recordsOf(pack).find((record) => record.digest === digest);
    if (found === undefined) continue;
    pack.write(wrong, found.start);
    overwrite(path, pack);
    copies++;
  }
  if (copies === 0) throw new Error("the store does not hold it");
}

/** The mode stays: `prune` leaves packs of another mode alone. */
function overwrite(path: string, bytes: string | Uint8Array): void {
  const { mode } = statSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
  chmodSync(path, mode & 0o7777);
}
