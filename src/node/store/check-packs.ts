/**
 * Checks the packs of a store: every record is hashed, and every index compared with the record heads. It takes no lock: packs that a
 * seal or prune adds meanwhile are checked too.
 *
 * @module
 */

import {
  ColumnsBuilder,
  DIGEST_AT,
  DIGEST_BYTES,
  declareDigest,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  indexName,
  PACKS_FOLDER,
  packIdIn,
  packName,
} from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { digestOfBlock } from "../hashing/hash-file.ts";
import type { DigestTable } from "../packs/digest-table.ts";
import { enterPacks, type PackFolder, readIndex } from "../packs/pack-catalog.ts";
import { type OpenPack, openPack, type PackProblem, scanRecords } from "../packs/pack-file.ts";
import { encodeIndex, isSameIndex } from "../packs/pack-index.ts";
import { isDamagedName } from "../packs/place-pack.ts";
import { isSoundRecord } from "../packs/record-content.ts";
import { indexIdIn, isPartialPackName } from "../packs/tidy-packs.ts";
import { breathe } from "../runtime/interruption.ts";
import { attempt, machineReason } from "../runtime/machine-reason.ts";
import type { WorkOptions } from "../runtime/progress.ts";

/** An object that does not match its name. Paths are below the project root. */
export interface CorruptedObject {
  /** Its own file, or the pack that holds it. */
  readonly path: string;
  /** What its bytes should have: `sha256:` and 64 hex. */
  readonly expected: string;
  /** What they have; undefined if it is not a regular file. */
  readonly actual: string | undefined;
}

/** A pack that is not as runseal writes it. */
export interface DamagedPackFile {
  readonly path: string;
  readonly problem: PackProblem;
}

/** An index that the next seal or prune repairs. */
export interface IndexFault {
  readonly path: string;
  /** `orphan`: its pack is missing. */
  readonly problem: "missing" | "wrong" | "orphan";
}

/** What was found of the packs. */
export interface CheckedPacks {
  sound: number;
  bytes: number;
  partial: number;
  readonly corrupted: CorruptedObject[];
  /** Corrupted records that are not listed: the list is limited. */
  unlisted: number;
  readonly unreadable: string[];
  readonly strays: string[];
  readonly damaged: DamagedPackFile[];
  readonly indexes: IndexFault[];
}

/** Set on each object in `named` that a pack holds. */
export const IS_STORED = 1;

/** Most corrupted records that are listed. */
const MOST_LISTED = 10_000;

/** How often the packs are listed, if other processes change them each time. */
const MOST_LISTINGS = 10;

/** Checks all packs, and marks the objects of `named` that they hold. Throws what the system says of the folder, and an Interruption. */
export async function checkPacks(
  held: PackFolder,
  named: DigestTable,
  { progress, signal }: WorkOptions,
  fs: FileSystem,
): Promise<CheckedPacks> {
  const folder = enterPacks(held, fs);
  const checked = nothingChecked();
  const done = new Set<string>();
  let hashed = 0;
  if (progress !== undefined)
    progress.begin("check", countRecords(folder, fs), () => ({ files: hashed, bytes: checked.bytes }));
  const count = (): number => hashed++;
  for (let listing = 0; listing < MOST_LISTINGS; listing++) {
    const before = fs.fstatSync(held.fd, { bigint: true }).ctimeNs;
    for (const name of fs.readdirSync(folder.self).sort()) {
      const id = packIdIn(name);
      if (id === undefined || done.has(name)) continue;
      if (await checkPack(folder, id, { checked, named, count, signal, fs })) done.add(name);
    }
    if (fs.fstatSync(held.fd, { bigint: true }).ctimeNs === before) break;
  }
  noteOthers(folder, checked, fs);
  return checked;
}

/** How many records of how many bytes the trailers count, to show how far the check is. Throws what the system says of the folder. */
function countRecords(
  folder: AnchoredDir,
  fs: FileSystem,
): { readonly files: number; readonly bytes: number } {
  let [files, bytes] = [0, 0];
  for (const name of fs.readdirSync(folder.self)) {
    const id = packIdIn(name);
    if (id === undefined) continue;
    attempt(() => {
      const pack = openPack(folder, id, fs);
      if (typeof pack === "string") return;
      fs.closeSync(pack.fd);
      const { length, records } = pack.trailer;
      files += records;
      bytes += Math.max(0, length - HEADER_BYTES - records * HEAD_BYTES);
    });
  }
  return { files, bytes };
}

/** Nothing yet. */
export function nothingChecked(): CheckedPacks {
  return {
    sound: 0,
    bytes: 0,
    partial: 0,
    corrupted: [],
    unlisted: 0,
    unreadable: [],
    strays: [],
    damaged: [],
    indexes: [],
  };
}

interface PackCheck {
  readonly checked: CheckedPacks;
  readonly named: DigestTable;
  readonly count: () => number;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
}

/** Checks one pack. Gives false if another process removed it. */
async function checkPack(folder: AnchoredDir, id: HexDigest, check: PackCheck): Promise<boolean> {
  const { checked, fs } = check;
  const path = `${PACKS_FOLDER}/${packName(id)}`;
  let pack: OpenPack | undefined;
  try {
    const opened = openPack(folder, id, fs);
    if (opened === "missing") return false;
    if (opened === "not-a-file") checked.strays.push(path);
    else if (typeof opened === "string") checked.damaged.push({ path, problem: opened });
    else {
      pack = opened;
      const problem = await hashRecords(folder, pack, path, check);
      if (problem !== undefined) checked.damaged.push({ path, problem });
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    checked.unreadable.push(path);
  } finally {
    if (pack !== undefined) fs.closeSync(pack.fd);
  }
  return true;
}

async function hashRecords(
  folder: AnchoredDir,
  pack: OpenPack,
  path: string,
  { checked, count, fs, named, signal }: PackCheck,
): Promise<PackProblem | undefined> {
  const columns = new ColumnsBuilder();
  const scan = scanRecords({ fd: pack.fd, end: pack.trailer.length, trailer: pack.trailer }, fs);
  for (let step = scan.next(); ; step = scan.next()) {
    if (step.done === true) {
      if (step.value === undefined) checkIndex(folder, pack, columns, checked, fs);
      return step.value;
    }
    const pause = breathe(count(), signal);
    if (pause !== undefined) await pause;
    const record = step.value;
    columns.add(record.offset, record.size, record.bytes, DIGEST_AT);
    const object = named.find(record.bytes, DIGEST_AT);
    if (object >= 0) named.mark(object, IS_STORED);
    if (isSoundRecord(record.bytes)) {
      checked.sound++;
      checked.bytes += record.size;
    } else if (checked.corrupted.length < MOST_LISTED) {
      const digest = record.bytes.toString("hex", DIGEST_AT, DIGEST_AT + DIGEST_BYTES) as HexDigest;
      const actual = declareDigest(digestOfBlock(record.bytes.subarray(HEAD_BYTES)));
      checked.corrupted.push({ path, expected: declareDigest(digest), actual });
    } else checked.unlisted++;
  }
}

function checkIndex(
  folder: AnchoredDir,
  pack: OpenPack,
  columns: ColumnsBuilder,
  { indexes }: CheckedPacks,
  fs: FileSystem,
): void {
  const path = `${PACKS_FOLDER}/${indexName(pack.id)}`;
  if (!folder.has(indexName(pack.id))) {
    // A prune that removes the pack removes its index first.
    if (folder.has(packName(pack.id))) indexes.push({ path, problem: "missing" });
    return;
  }
  const index = readIndex(folder, pack, fs);
  const isRight = index !== undefined && isSameIndex(index, encodeIndex(pack.id, columns.columns()));
  if (!isRight) indexes.push({ path, problem: "wrong" });
}

/** Everything in the folder but the packs. */
function noteOthers(folder: AnchoredDir, checked: CheckedPacks, fs: FileSystem): void {
  const entries = fs.readdirSync(folder.self, { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const { name } = entry;
    const path = `${PACKS_FOLDER}/${name}`;
    const indexed = indexIdIn(name);
    if (packIdIn(name) !== undefined) continue;
    if (!entry.isFile()) checked.strays.push(path);
    else if (isDamagedName(name)) checked.damaged.push({ path, problem: "set-aside" });
    else if (isPartialPackName(name)) checked.partial++;
    else if (indexed === undefined) checked.strays.push(path);
    else if (!folder.has(packName(indexed))) checked.indexes.push({ path, problem: "orphan" });
  }
}
