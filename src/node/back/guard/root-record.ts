/**
 * The file `root` of a guard: which folder it guards. Canonical JSON and a line feed:
 *
 *     {"birth_time":"…","inode":"…","path":"…","version":1}
 *
 * A folder is identified by its inode and its birth time. Its device number changes when a disk is mounted again.
 *
 * @module
 */

import { mapped, type RecordFile, recordFile, text } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { removeReplacements } from "../../system/files/durable-file.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readRecord, writeRecord } from "../../system/files/record-file.ts";

/** The name in the folder of a guard. */
export const ROOT_NAME = "root";

/** A path has 4096 bytes at most, and escapes may take six times as many. */
const MAX_BYTES = 32 * 1024;

/** A guarded folder. */
export interface RootRecord {
  /** Its real path. */
  readonly path: string;
  readonly inode: bigint;
  /** Nanoseconds since 1970; 0 where the file system has no birth times. */
  readonly birthTime: bigint;
}

/** JSON has no integers of 64 bits. */
const DECIMAL = mapped(
  text((digits) => /^[0-9]{1,20}$/.test(digits)),
  BigInt,
  String,
);

const ROOT: RecordFile<RootRecord> = recordFile(1, { path: text(), inode: DECIMAL, birthTime: DECIMAL });

/** Describes an open folder. Throws what fstat(2) says. */
export function describeRoot(dir: AnchoredDir, path: string): RootRecord {
  const { birthtimeNs, ino } = fs.fstatSync(dir.fd, { bigint: true });
  return { path, inode: ino, birthTime: birthtimeNs };
}

/** Whether two records name the same folder, wherever it is. */
export function isSameRoot(left: RootRecord, right: RootRecord): boolean {
  return left.inode === right.inode && left.birthTime === right.birthTime;
}

/** Reads the record of a guard; `malformed` for anything but what `writeRootRecord` writes. Throws what the system says. */
export function readRootRecord(guard: AnchoredDir): RootRecord | "missing" | "malformed" {
  return readRecord(guard, ROOT_NAME, MAX_BYTES, ROOT);
}

/** The same of the guard of a folder with a real path; or why it is refused. */
export function readRecordOf(
  guard: AnchoredDir,
  realPath: string,
): RootRecord | "missing" | "malformed" | "other-folder" {
  const record = readRootRecord(guard);
  return typeof record === "string" || record.path === realPath ? record : "other-folder";
}

/** Writes the record, durable, as the holder of the guard. Throws what the system says. */
export function writeRootRecord(guard: AnchoredDir, record: RootRecord): void {
  // Those of killed snapshots.
  removeReplacements(guard, ROOT_NAME);
  // [guard-root] A guard that was reported must be found again after a power cut.
  writeRecord(guard, ROOT_NAME, ROOT.encode(record), 0o600);
}
