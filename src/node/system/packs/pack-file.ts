/**
 * Opening packs, and reading all of their records one after the other. Nothing of a pack is trusted: a pack counts only if its trailer
 * is good and its name is the trailer's hash.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { BigIntStats } from "node:fs";
import {
  decodeTrailer,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  isPackHeader,
  MAX_PACK_BYTES,
  MAX_PACKED_BYTES,
  packIdOf,
  packName,
  type RecordHead,
  readHead,
  TRAILER_BYTES,
  type Trailer,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { type OpenSource, openPlainFile } from "../files/read-source.ts";
import { breathe } from "../runtime/interruption.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** What is wrong with a file that has the name of a pack. */
export type PackProblem =
  /** A link, a folder, a FIFO or a device. */
  | "not-a-file"
  | "too-large"
  /** It does not begin as a pack does, or needs a newer runseal. */
  | "unknown-form"
  /** Its end is missing, or is not that of a pack. */
  | "torn"
  /** Its name is not the hash of its trailer. */
  | "misnamed"
  /** Its records are not those that its trailer counts and hashes. */
  | "records";

/** A pack with a good trailer. The caller that opened it closes its descriptor. */
export interface OpenPack extends OpenSource {
  readonly id: HexDigest;
  readonly trailer: Trailer;
}

/** A pack with a good trailer, and the file that it was. */
export interface PackFile {
  readonly id: HexDigest;
  readonly records: number;
  readonly stats: Pick<
    BigIntStats,
    "dev" | "ino" | "size" | "mode" | "uid" | "mtimeNs" | "ctimeNs" | "ctimeMs"
  >;
}

/** Bytes of all objects in a pack. */
export function objectBytes({ records, stats }: PackFile): number {
  return Math.max(0, Number(stats.size) - HEADER_BYTES - records * HEAD_BYTES - TRAILER_BYTES);
}

/** Bytes read at once when all records are read, or only their heads. */
const WINDOW_BYTES: number = 4 * MAX_PACKED_BYTES;
const HEADS_WINDOW_BYTES: number = 32 * 1024;

/** Opens a pack by its id, through no link. Throws what the system says. */
export function openPack(
  folder: AnchoredDir,
  id: HexDigest,
  fs: FileSystem,
): OpenPack | PackProblem | "missing" {
  const source = openPlainFile(folder, packName(id), fs);
  if (source === "missing") return source;
  if (source === "other") return "not-a-file";
  let isGood = false;
  try {
    const trailer = examine(source, id, fs);
    if (typeof trailer === "string") return trailer;
    isGood = true;
    return { ...source, id, trailer };
  } finally {
    if (!isGood) fs.closeSync(source.fd);
  }
}

function examine({ before, fd }: OpenSource, id: HexDigest, fs: FileSystem): Trailer | PackProblem {
  if (before.size > MAX_PACK_BYTES) return "too-large";
  const size = Number(before.size);
  if (!isPackHeader(readAt(fd, 0, HEADER_BYTES, fs))) return "unknown-form";
  if (size < HEADER_BYTES + TRAILER_BYTES) return "torn";
  const bytes = readAt(fd, size - TRAILER_BYTES, TRAILER_BYTES, fs);
  const trailer = decodeTrailer(bytes, size);
  if (trailer === undefined) return "torn";
  return timingSafeEqual(Buffer.from(packIdOf(bytes, nodeCrypto), "hex"), Buffer.from(id, "hex"))
    ? trailer
    : "misnamed";
}

/** Reads bytes at a position: fewer where the file ends. Throws what the system says. */
export function readAt(fd: number, position: number, length: number, fs: FileSystem): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, fillAt(fd, position, bytes, fs));
}

/** Fills a buffer with the bytes at a position, and gives how many there were. Throws what the system says. */
export function fillAt(fd: number, position: number, target: Buffer, fs: FileSystem): number {
  let filled = 0;
  while (filled < target.length) {
    const count = fs.readSync(fd, target, filled, target.length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** A record of a pack while all of them are read. Its bytes are overwritten by the next one. */
export interface ScannedRecord extends RecordHead {
  /** Where its head begins in the pack. */
  readonly offset: number;
  /** Its head and its content, or only its head. */
  readonly bytes: Buffer;
}

/**
 * Reads the records of a pack from the first on, or only their heads. Ends with `undefined` if they are those of the trailer; else with
 * "records", after all records before the first bad head. Throws what the system says.
 */
export function* scanRecords(
  { fd, trailer }: Pick<OpenPack, "fd" | "trailer">,
  fs: FileSystem,
  isHeadsOnly = false,
): Generator<ScannedRecord, PackProblem | undefined, undefined> {
  const { length: end } = trailer;
  const heads = createHash("sha256");
  const room = isHeadsOnly ? HEADS_WINDOW_BYTES : WINDOW_BYTES;
  const needed = HEAD_BYTES + (isHeadsOnly ? 0 : MAX_PACKED_BYTES);
  const window = Buffer.allocUnsafe(Math.min(room, Math.max(end - HEADER_BYTES, 0)));
  let start = HEADER_BYTES;
  let filled = 0;
  let records = 0;
  for (let offset = HEADER_BYTES; offset < end; ) {
    // Enough for the largest record, unless the pack ends before.
    if (start + filled - offset < Math.min(needed, end - offset)) {
      const wanted = Math.min(window.length, end - offset);
      filled = fillAt(fd, offset, window.subarray(0, wanted), fs);
      start = offset;
    }
    const at = offset - start;
    const head = readHead(window.subarray(0, filled), at);
    const size = HEAD_BYTES + (head?.size ?? 0);
    if (head === undefined || at + (isHeadsOnly ? HEAD_BYTES : size) > filled) return "records";
    if (offset + size > end) return "records";
    heads.update(window.subarray(at, at + HEAD_BYTES));
    records++;
    if (records > trailer.records) return "records";
    yield { ...head, offset, bytes: window.subarray(at, at + (isHeadsOnly ? HEAD_BYTES : size)) };
    offset += size;
  }
  const isWhole = records === trailer.records && timingSafeEqual(heads.digest(), trailer.headsDigest);
  return isWhole ? undefined : "records";
}

/** How to visit records. */
export interface VisitOptions {
  readonly fs: FileSystem;
  readonly signal: AbortSignal | undefined;
}

/**
 * Visits the records of a pack, until `visit` gives false; then, and for a pack whose records are not those of its trailer, gives false.
 * Throws what the system says, and an Interruption.
 */
export async function visitRecords(
  pack: Pick<OpenPack, "fd" | "trailer">,
  visit: (record: ScannedRecord) => boolean,
  { fs, signal }: VisitOptions,
): Promise<boolean> {
  const scan = scanRecords(pack, fs);
  for (let count = 0; ; count++) {
    const step = scan.next();
    if (step.done === true) return step.value === undefined;
    if (!visit(step.value)) return false;
    const pause = breathe(count, signal);
    if (pause !== undefined) await pause;
  }
}
