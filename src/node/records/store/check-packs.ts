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
  type HexDigest,
  indexName,
  indexPath,
  isHexDigest,
  PACKS_FOLDER,
  packName,
  packPath,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { digestOfBlock } from "../../system/hashing/hash-file.ts";
import type { DigestTable } from "../../system/packs/digest-table.ts";
import { namesIn } from "../../system/packs/folder-names.ts";
import { enterPacks, listPackFiles, type PackFolder, readIndex } from "../../system/packs/pack-catalog.ts";
import {
  type OpenPack,
  objectBytes,
  openPack,
  type PackProblem,
  type ScannedRecord,
  visitRecords,
} from "../../system/packs/pack-file.ts";
import { isSoundRecord } from "../../system/packs/record-content.ts";
import { encodeIndex, isSameIndex } from "../../system/packs/shared-pack-index.ts";
import { machineReason } from "../../system/runtime/machine-reason.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";

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

/** What was found so far. */
export interface CheckedObjects {
  /** Objects that match their names, and their bytes. Two copies count twice. */
  sound: number;
  bytes: number;
  readonly corrupted: CorruptedObject[];
  /** How many corrupted objects are not listed: there are very many. */
  unlisted: number;
  readonly damaged: DamagedPackFile[];
  /** Indexes that readers go without, and that the next seal or prune repairs. */
  readonly indexes: IndexFault[];
  /** Objects and packs that can't be read, or changed meanwhile. */
  readonly unreadable: string[];
  /** Files and folders that do not belong to the store. */
  readonly strays: string[];
  /** Folders of unfinished objects, and unfinished packs, of a live or a killed process. */
  partial: number;
}

/** Most corrupted objects that are listed, where a record of a pack is one more. */
const MOST_LISTED = 10_000;

/** How often the packs are listed, if other processes change them each time. */
const MOST_LISTINGS = 10;

/**
 * Checks all packs, notes in `checked` what it finds, and marks the objects of `named` that they hold. Throws what the system says of the
 * folder, and an Interruption.
 */
export async function checkPacks(
  held: PackFolder,
  named: DigestTable,
  checked: CheckedObjects,
  { progress, signal }: WorkOptions,
): Promise<undefined> {
  const folder = enterPacks(held, fs);
  const { bytes: others } = checked;
  const done = new Set<string>();
  let hashed = 0;
  if (progress !== undefined) {
    const packs = listPackFiles(held, fs);
    const total = {
      files: packs.reduce((sum, { records }) => sum + records, 0),
      bytes: packs.reduce((sum, pack) => sum + objectBytes(pack), 0),
    };
    progress.begin("check", total, () => ({ files: hashed, bytes: checked.bytes - others }));
  }
  const count = (): number => hashed++;
  for (let listing = 0; listing < MOST_LISTINGS; listing++) {
    const before = fs.fstatSync(held.fd, { bigint: true }).ctimeNs;
    for (const id of namesIn(folder, fs).packs) {
      if (done.has(packName(id))) continue;
      if (await checkPack(folder, id, { checked, named, count, signal })) done.add(packName(id));
    }
    if (fs.fstatSync(held.fd, { bigint: true }).ctimeNs === before) break;
  }
  noteOthers(folder, checked);
}

interface PackCheck {
  readonly checked: CheckedObjects;
  readonly named: DigestTable;
  readonly count: () => number;
  readonly signal: AbortSignal | undefined;
}

/** Checks one pack. Gives false if another process removed it. */
async function checkPack(folder: AnchoredDir, id: HexDigest, check: PackCheck): Promise<boolean> {
  const { checked } = check;
  const path = packPath(id);
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
  { checked, count, named, signal }: PackCheck,
): Promise<PackProblem | undefined> {
  const columns = new ColumnsBuilder();
  const visit = ({ bytes, offset, size }: ScannedRecord): boolean => {
    count();
    columns.add(offset, size, bytes, DIGEST_AT);
    named.mark(bytes, DIGEST_AT);
    if (isSoundRecord(bytes)) {
      checked.sound++;
      checked.bytes += size;
    } else if (checked.corrupted.length < MOST_LISTED) {
      const digest = bytes.toString("hex", DIGEST_AT, DIGEST_AT + DIGEST_BYTES) as HexDigest;
      const actual = declareDigest(digestOfBlock(bytes.subarray(HEAD_BYTES)));
      checked.corrupted.push({ path, expected: declareDigest(digest), actual });
    } else checked.unlisted++;
    return true;
  };
  if (!(await visitRecords(pack, visit, { fs, signal }))) return "records";
  checkIndex(folder, pack, columns, checked);
  return undefined;
}

function checkIndex(
  folder: AnchoredDir,
  pack: OpenPack,
  columns: ColumnsBuilder,
  { indexes }: CheckedObjects,
): void {
  const path = indexPath(pack.id);
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
function noteOthers(folder: AnchoredDir, checked: CheckedObjects): void {
  const { orphans, partials, strays } = namesIn(folder, fs);
  const shown = (name: string): string => `${PACKS_FOLDER}/${name}`;
  checked.strays.push(...strays.map(shown));
  checked.partial += partials.length;
  for (const name of orphans) {
    const id = name.slice(0, DIGEST_BYTES * 2);
    // A seal may have named its pack since the folder was listed.
    if (isHexDigest(id) && !folder.has(packName(id)))
      checked.indexes.push({ path: shown(name), problem: "orphan" });
  }
}
