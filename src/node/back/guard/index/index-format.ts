/**
 * The bytes of the stat index. Little-endian columns, one row for each file in byte order of path:
 *
 *     index = "RSGI\x02\0\0\0" root-inode:u64 root-birth:i64 taken-at:f64 boot:16 scope:32 count:u32 path-bytes:u32
 *             inode:f64*count birth:f64*count mtime:f64*count ctime:f64*count size:f64*count digest:32*count
 *             path-start:u32*(count+1) mode:u32*count path:path-bytes sha256:32
 *
 * The birth of the root is in nanoseconds since 1970, other times are in milliseconds. The hash is that of all bytes before it. The index is a cache: whatever is wrong with it, it is
 * dropped, and files are hashed.
 *
 * @module
 */

import { createHash, hash, timingSafeEqual } from "node:crypto";
import { DIGEST_BYTES, type LaidOutTexts } from "../../../../core/internal.ts";
import type { FileStats } from "./file-stats.ts";

const MAGIC = Buffer.from("RSGI\x02\0\0\0", "latin1");
const COUNT_AT = 80;
const HEADER_BYTES = 88;
const BOOT_BYTES = 16;

/** Entries of one tree, as PROTOCOL.md 19 bounds them. */
const MAX_ENTRIES = 5_000_000;

/** The largest index that is read. Node 20 can't read more than 2 GiB at once. */
export const MAX_INDEX_BYTES: number = 2 ** 31 - 1;

/** What an index was made for. */
export interface IndexHead {
  readonly rootInode: bigint;
  /** When the guarded folder was made, in nanoseconds; 0 where that is unknown. */
  readonly rootBirth: bigint;
  /** The change time of a probe file that was made before the look, in milliseconds. Only older files are answered for. */
  readonly takenAt: number;
  /** The boot of this machine, 16 bytes. After a power cut a file may have new bytes and old times. */
  readonly boot: Uint8Array;
  /** Identifies the patterns that left files out: 32 bytes. */
  readonly scope: Uint8Array;
}

/** Files in byte order of path, with their stats by the same places. */
export interface ListedFiles {
  readonly paths: LaidOutTexts;
  readonly stats: FileStats;
}

/** The same with their digests, 32 raw bytes each. */
export interface IndexedFiles extends ListedFiles {
  readonly digests: Uint8Array;
}

/** A parsed index: views into its bytes. */
export interface ParsedIndex extends IndexedFiles {
  readonly takenAt: number;
}

/** Where the columns begin. */
interface Layout {
  readonly digests: number;
  readonly starts: number;
  readonly modes: number;
  readonly paths: number;
  readonly hash: number;
  readonly end: number;
}

/**
 * Encodes an index of the files at some places, which ascend, in pieces: all of a million files at once would be 100 MB more. `undefined`
 * where there is no such index: of more files than a tree may have, or on a processor whose numbers have another byte order.
 */
export function encodeIndex(
  head: IndexHead,
  { digests, paths, stats }: IndexedFiles,
  places: Uint32Array,
): Iterable<Uint8Array> | undefined {
  const count = places.length;
  const starts = new Uint32Array(count + 1);
  for (const [row, place] of places.entries())
    starts[row + 1] = (starts[row] ?? 0) + pathAt(paths, place).length;
  const pathBytes = starts[count] ?? 0;
  const { end } = layOut(count, pathBytes);
  if (count > MAX_ENTRIES || end > MAX_INDEX_BYTES || !isLittleEndian()) return undefined;
  const { births, changes, inodes, modes, modifications, sizes } = stats;
  const pieces = function* (): Generator<ArrayBufferView> {
    yield encodeHead(head, count, pathBytes);
    for (const column of [inodes, births, modifications, changes, sizes])
      yield Float64Array.from(places, (place) => column[place] ?? 0);
    for (const batch of batchesOf(places)) yield digestsAt(digests, batch);
    yield starts;
    yield Uint32Array.from(places, (place) => modes[place] ?? 0);
    for (const batch of batchesOf(places))
      yield Buffer.concat(Array.from(batch, (place) => pathAt(paths, place)));
  };
  return withSum(pieces());
}

function pathAt({ bytes, starts }: LaidOutTexts, place: number): Uint8Array {
  return bytes.subarray(starts[place], starts[place + 1]);
}

/** Rows that are gathered at once. */
const BATCH = 16_384;

function* batchesOf(places: Uint32Array): Generator<Uint32Array> {
  for (let from = 0; from < places.length; from += BATCH) yield places.subarray(from, from + BATCH);
}

function digestsAt(digests: Uint8Array, places: Uint32Array): Uint8Array {
  const gathered = new Uint8Array(places.length * DIGEST_BYTES);
  for (const [row, place] of places.entries())
    gathered.set(digests.subarray(place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES), row * DIGEST_BYTES);
  return gathered;
}

function* withSum(pieces: Iterable<ArrayBufferView>): Generator<Uint8Array> {
  const sum = createHash("sha256");
  for (const { buffer, byteLength, byteOffset } of pieces) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    sum.update(bytes);
    yield bytes;
  }
  yield sum.digest();
}

/**
 * Parses an index. `undefined` for bytes that `encodeIndex` does not give, and for an index of another folder or scope, of an
 * earlier boot, or of a moment that is not before `expected.takenAt`: the clock was put back.
 */
export function parseIndex(given: Uint8Array, expected: IndexHead): ParsedIndex | undefined {
  const bytes = aligned(given);
  if (bytes.length < HEADER_BYTES || !isLittleEndian() || !hasHead(bytes, expected)) return undefined;
  const count = bytes.readUInt32LE(COUNT_AT);
  const layout = layOut(count, bytes.readUInt32LE(COUNT_AT + 4));
  if (count > MAX_ENTRIES || bytes.length !== layout.end) return undefined;
  const sum = hash("sha256", bytes.subarray(0, layout.hash), "buffer");
  if (!timingSafeEqual(sum, bytes.subarray(layout.hash))) return undefined;
  const files = filesIn(bytes, count, layout);
  if (!areBounds(files.paths)) return undefined;
  return { ...files, takenAt: bytes.readDoubleLE(TAKEN_AT) };
}

const TAKEN_AT = 24;
const BOOT_AT = 32;
const SCOPE_AT: number = BOOT_AT + BOOT_BYTES;

function encodeHead(head: IndexHead, count: number, pathBytes: number): Uint8Array {
  if (head.boot.length !== BOOT_BYTES || head.scope.length !== DIGEST_BYTES)
    throw new TypeError("a boot has 16 bytes, and a scope 32");
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set(MAGIC, 0);
  bytes.writeBigUInt64LE(head.rootInode, 8);
  bytes.writeBigInt64LE(head.rootBirth, 16);
  bytes.writeDoubleLE(head.takenAt, TAKEN_AT);
  bytes.set(head.boot, BOOT_AT);
  bytes.set(head.scope, SCOPE_AT);
  bytes.writeUInt32LE(count, COUNT_AT);
  bytes.writeUInt32LE(pathBytes, COUNT_AT + 4);
  return bytes;
}

function hasHead(bytes: Buffer, { boot, rootBirth, rootInode, scope, takenAt }: IndexHead): boolean {
  return (
    bytes.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) === 0 &&
    bytes.readBigUInt64LE(8) === rootInode &&
    bytes.readBigInt64LE(16) === rootBirth &&
    bytes.readDoubleLE(TAKEN_AT) < takenAt &&
    timingSafeEqual(bytes.subarray(BOOT_AT, SCOPE_AT), boot) &&
    timingSafeEqual(bytes.subarray(SCOPE_AT, COUNT_AT), scope)
  );
}

function layOut(count: number, pathBytes: number): Layout {
  const digests = HEADER_BYTES + count * 40;
  const starts = digests + count * DIGEST_BYTES;
  const modes = starts + (count + 1) * 4;
  const paths = modes + count * 4;
  const hashAt = paths + pathBytes;
  return { digests, starts, modes, paths, hash: hashAt, end: hashAt + DIGEST_BYTES };
}

function filesIn(bytes: Buffer, count: number, layout: Layout): IndexedFiles {
  const { buffer, byteOffset: from } = bytes;
  const wide = (column: number): number => from + HEADER_BYTES + column * count * 8;
  return {
    stats: {
      inodes: new Float64Array(buffer, wide(0), count),
      births: new Float64Array(buffer, wide(1), count),
      modifications: new Float64Array(buffer, wide(2), count),
      changes: new Float64Array(buffer, wide(3), count),
      sizes: new Float64Array(buffer, wide(4), count),
      modes: new Uint32Array(buffer, from + layout.modes, count),
    },
    paths: {
      bytes: bytes.subarray(layout.paths, layout.hash),
      starts: new Uint32Array(buffer, from + layout.starts, count + 1),
    },
    digests: bytes.subarray(layout.digests, layout.starts),
  };
}

/** Whether each path ends where the next one begins, and the last one at the end of the texts. */
function areBounds({ bytes, starts }: LaidOutTexts): boolean {
  if (starts[0] !== 0 || starts.at(-1) !== bytes.length) return false;
  return starts.every((start, row) => start <= (starts[row + 1] ?? start));
}

/** The bytes at an address that columns of eight bytes can have. */
function aligned(bytes: Uint8Array): Buffer {
  const held = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
  return Buffer.from(held.buffer, held.byteOffset, held.length);
}

/** Columns are read as they are stored. Not asked of node:os, which takes long to load. */
function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}
