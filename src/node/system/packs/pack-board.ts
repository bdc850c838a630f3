/**
 * The board on which threads share the packing of files that they hash: which objects are packed already, and where each one goes. Plain
 * shared memory, like the board of hashing.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import {
  HEADER_BYTES,
  MAX_PACK_BYTES,
  MAX_PACK_RECORDS,
  type MachineReason,
  TRAILER_BYTES,
} from "../../../core/internal.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { type DigestClaims, makeClaims } from "./digest-claims.ts";
import type { ListedPack, PackFolder } from "./pack-catalog.ts";

/** Packs that every user may read, and packs for their owner only. */
export const PACK_MODES = [0o444, 0o400] as const;

/** Where packs that are being written are numbered: an offset is below it. */
const PACK_STEP: number = 2 ** 31;

/** What a thread needs to take part. Descriptors belong to the process: every thread uses the same folder. */
export interface PackBoard {
  readonly folder: PackFolder;
  /** Begins the names of the partial packs of this board: 12 hex digits. */
  readonly name: string;
  /** Packs whose objects are not packed again: each of their objects was hashed. */
  readonly known: readonly ListedPack[];
  /** For each file, where its record begins: the number of its pack and the offset in it; 0 if it has no record of its own. */
  readonly places: Float64Array<SharedArrayBuffer>;
  /** The files whose bytes are packed: the first one of each digest. */
  readonly claims: DigestClaims;
  /** For each of `PACK_MODES`, where the next record goes: the offset in 31 bits, records before it in 21, full packs above. */
  readonly ends: BigInt64Array<SharedArrayBuffer>;
  /** At [0], the number of a reason once a pack could not be written: then packing ends, and hashing goes on. */
  readonly failure: Int32Array<SharedArrayBuffer>;
}

/** Where a record is in the packs of a board. */
export interface PackPlace {
  /** A mode's first pack has the mode's number; the next one a number higher by the count of modes. */
  readonly pack: number;
  readonly offset: number;
}

/** Lays out a board for so many files. */
export function makePackBoard(folder: PackFolder, files: number, known: readonly ListedPack[]): PackBoard {
  return {
    folder,
    name: randomBytes(6).toString("hex"),
    known,
    places: new Float64Array(new SharedArrayBuffer(files * 8)),
    claims: makeClaims(files),
    ends: new BigInt64Array(new SharedArrayBuffer(PACK_MODES.length * 8)).fill(BigInt(HEADER_BYTES)),
    failure: new Int32Array(new SharedArrayBuffer(4)),
  };
}

/** The name of a partial pack of a board. */
export function partialName({ name }: PackBoard, pack: number): string {
  return `.${name}${pack.toString(16).padStart(4, "0")}.partial`;
}

/** Reserves so many bytes for records, at the end of the last pack of a mode or at the beginning of the next one. */
export function reserve({ ends }: PackBoard, mode: number, records: number, bytes: number): PackPlace {
  for (;;) {
    const end = Atomics.load(ends, mode);
    const offset = Number(BigInt.asUintN(31, end));
    const count = Number(BigInt.asUintN(21, end >> 31n)) + records;
    const full = Number(end >> 52n);
    const fits = offset + bytes + TRAILER_BYTES <= MAX_PACK_BYTES && count <= MAX_PACK_RECORDS;
    const place = fits ? { full, count, offset } : { full: full + 1, count: records, offset: HEADER_BYTES };
    const next = (BigInt(place.full) << 52n) | (BigInt(place.count) << 31n) | BigInt(place.offset + bytes);
    if (Atomics.compareExchange(ends, mode, end, next) !== end) continue;
    return { pack: place.full * PACK_MODES.length + mode, offset: place.offset };
  }
}

/** Notes where a file's record is. */
export function notePlace({ places }: PackBoard, index: number, { offset, pack }: PackPlace): void {
  places[index] = pack * PACK_STEP + offset;
}

/** The files that have records, by the numbers of their packs, each in the order of its offsets. */
export function filesByPack({ places }: PackBoard): ReadonlyMap<number, Uint32Array> {
  const counts = new Map<number, number>();
  for (const place of places) {
    if (place > 0) counts.set(packOf(place), (counts.get(packOf(place)) ?? 0) + 1);
  }
  const files = new Map([...counts].map(([pack, count]) => [pack, new Uint32Array(count)]));
  const filled = new Map<number, number>();
  for (const [index, place] of places.entries()) {
    if (place === 0) continue;
    const at = filled.get(packOf(place)) ?? 0;
    filled.set(packOf(place), at + 1);
    const own = files.get(packOf(place));
    if (own !== undefined) own[at] = index;
  }
  for (const own of files.values()) own.sort((left, right) => (places[left] ?? 0) - (places[right] ?? 0));
  return files;
}

/** The offset of a file's record in its pack. */
export function offsetOf({ places }: PackBoard, index: number): number {
  return (places[index] ?? 0) % PACK_STEP;
}

/** Ends the packing for all threads, for what the system said. Throws anything else: a bug. */
export function failPacking({ failure }: PackBoard, thrown: unknown): void {
  const reason = REASONS.indexOf(reasonOf(thrown));
  Atomics.compareExchange(failure, 0, 0, reason < 0 ? REASONS.length : reason + 1);
}

/** Why packing ended; `undefined` if it did not. */
export function packingFailure({ failure }: PackBoard): MachineReason | undefined {
  const reason = Atomics.load(failure, 0);
  return reason === 0 ? undefined : (REASONS[reason - 1] ?? "other");
}

/** The reasons that a number stands for between threads; the last one for all others. */
const REASONS: readonly MachineReason[] = [
  "no-space",
  "read-only",
  "no-permission",
  "too-many-open-files",
  "not-a-folder",
  "input-output",
  "other",
];

function packOf(place: number): number {
  return Math.floor(place / PACK_STEP);
}
