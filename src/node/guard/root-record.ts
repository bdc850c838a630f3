/**
 * The file `root` of a guard: which folder it guards. Canonical JSON and a line feed:
 *
 *     {"birth_time":"…","inode":"…","path":"…","version":1}
 *
 * A folder is identified by its inode and its birth time. Its device number changes when a disk is mounted again.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { asCount, encodeOwn, isJsonObject, jsonObject, parseStrictJson } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { replaceFile, replacementsOf } from "../files/durable-file.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { readRegularFile } from "../files/read-source.ts";

/** The name in the folder of a guard. */
export const ROOT_NAME = "root";

const VERSION = 1;

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
  const reading = readRegularFile(guard, ROOT_NAME, MAX_BYTES, fs);
  if (reading.kind === "missing") return "missing";
  const record = reading.kind === "bytes" ? parseRecord(reading.bytes) : undefined;
  return record ?? "malformed";
}

/** Writes the record, durable, as the holder of the guard. Throws what the system says. */
export function writeRootRecord(guard: AnchoredDir, record: RootRecord): void {
  // Those of killed snapshots.
  for (const left of replacementsOf(guard, ROOT_NAME)) fs.unlinkSync(guard.address(left));
  replaceFile(guard.address(ROOT_NAME), encodeRecord(record), 0o600);
  // [guard-root] A guard that was reported must be found again after a power cut.
  fs.fsyncSync(guard.fd);
}

function encodeRecord({ birthTime, inode, path }: RootRecord): Uint8Array {
  const record = jsonObject({
    birth_time: String(birthTime),
    inode: String(inode),
    path,
    version: VERSION,
  });
  return Buffer.concat([encodeOwn(record), Buffer.from("\n")]);
}

function parseRecord(bytes: Uint8Array): RootRecord | undefined {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const path = parsed.value.get("path");
  const inode = numberOf(parsed.value.get("inode"));
  const birthTime = numberOf(parsed.value.get("birth_time"));
  if (asCount(parsed.value.get("version")) !== VERSION || typeof path !== "string") return undefined;
  if (inode === undefined || birthTime === undefined) return undefined;
  const record = { path, inode, birthTime };
  const encoded = encodeRecord(record);
  return encoded.length === bytes.length && timingSafeEqual(encoded, bytes) ? record : undefined;
}

function numberOf(value: unknown): bigint | undefined {
  return typeof value === "string" && /^[0-9]{1,20}$/.test(value) ? BigInt(value) : undefined;
}
