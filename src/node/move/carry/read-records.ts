/**
 * Reads a few records of a pack in a repository: by the pack's index, in ranges. Neither index nor range is believed: each record is
 * hashed.
 *
 * @module
 */

import {
  bucketIn,
  type CarriedPack,
  type CarriedRunLayers,
  DIGEST_BYTES,
  digestToHex,
  findInBucket,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  INDEX_HEAD_BYTES,
  type IndexedRecord,
  indexBytes,
  isIndexOf,
  ok,
  PackIndex,
  type Result,
  readHead,
  TRAILER_BYTES,
} from "../../../core/internal.ts";
import type { DigestTable } from "../../system/packs/digest-table.ts";
import { hasDigestAt } from "../../system/packs/record-content.ts";
import { isSameDigest } from "../../system/packs/same-digest.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { readIntoMemory, readPart } from "../registry/blob-bytes.ts";
import type { Repository } from "../registry/repository.ts";
import { carriedRunFault, FOREIGN_PACK } from "./open-carried.ts";

/** Which records to read. */
export interface RecordRequest {
  /** Digests, 32 raw bytes each, and whether one of them is still wanted. */
  readonly digests: Buffer;
  readonly want: (digests: Uint8Array, place: number) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A record whose content has its digest. */
export interface ReadRecord {
  readonly digest: HexDigest;
  readonly content: Buffer;
}

/** Records of a pack, and how many bytes were read for them. */
export interface ReadRecords {
  readonly records: readonly ReadRecord[];
  readonly bytes: number;
}

/** A gap of fewer bytes is read along: a request costs more. */
const GAP_BYTES: number = 64 * 1024;

interface WantedRecord extends IndexedRecord {
  /** Where its digest is among the digests. */
  readonly place: number;
}

/** Reads those of the wanted records that a pack has. Fails as the repository does, and with CARRIED_RUN_MALFORMED. */
export async function readRecords(
  repository: Repository,
  pack: CarriedPack,
  request: RecordRequest,
): Promise<Result<ReadRecords, OperationFault>> {
  const { digests, signal } = request;
  const looked = await lookUp(repository, pack, request);
  if (!looked.ok) return looked;
  const records: ReadRecord[] = [];
  let { bytes } = looked.value;
  for (const range of rangesOf(looked.value.wanted, pack.pack.size)) {
    const { length, offset } = range;
    const read = await readPart(repository, pack.pack, { offset, length }, signal);
    if (!read.ok) return read;
    const target = read.value;
    bytes += length;
    for (const record of range.records) {
      const at = record.offset - offset;
      const content = contentAt(target.subarray(at, at + HEAD_BYTES + record.size), record, digests);
      if (content === undefined) return carriedRunFault(repository.shown, NOT_AN_INDEX);
      const digest = digestToHex(digests.subarray(record.place, record.place + DIGEST_BYTES));
      records.push({ digest, content });
    }
  }
  return ok({ records, bytes });
}

const NOT_AN_INDEX = "the index of a pack is not right";

async function readIndex(
  repository: Repository,
  { id, index }: CarriedPack,
  signal: AbortSignal | undefined,
): Promise<Result<PackIndex, OperationFault>> {
  const read = await readIntoMemory(repository, index, index.size, signal);
  if (!read.ok) return read;
  const shared = new Uint8Array(new SharedArrayBuffer(read.value.length));
  shared.set(read.value);
  const records = (index.size - indexBytes(0)) / (indexBytes(1) - indexBytes(0));
  return isIndexOf(shared, id, records, nodeCrypto)
    ? ok(new PackIndex(shared))
    : carriedRunFault(repository.shown, NOT_AN_INDEX);
}

/**
 * Checks that an index names no record but those of some digests, and that its records fill the pack. Fails as the repository does, and
 * with CARRIED_RUN_MALFORMED.
 */
export async function checkRecords(
  repository: Repository,
  pack: CarriedPack,
  digests: DigestTable,
  signal: AbortSignal | undefined,
): Promise<OperationFault | undefined> {
  const read = await readIndex(repository, pack, signal);
  if (!read.ok) return read;
  const index = read.value;
  const digest = new Uint8Array(DIGEST_BYTES);
  let bytes = HEADER_BYTES + TRAILER_BYTES;
  for (let entry = 0; entry < index.count; entry++) {
    index.copyDigest(entry, digest, 0);
    if (digests.find(digest, 0) < 0) return carriedRunFault(repository.shown, FOREIGN_PACK);
    bytes += HEAD_BYTES + (index.at(entry)?.size ?? 0);
  }
  return bytes === pack.pack.size ? undefined : carriedRunFault(repository.shown, NOT_AN_INDEX);
}

/**
 * Whether a run has a blob of that digest, or the index of one of its packs names it. Of a large index the head is read, and the entries
 * with the first byte of the digest. Nothing is checked. Fails as the repository does, and with CARRIED_RUN_MALFORMED.
 */
export async function namesContent(
  repository: Repository,
  { objects, packs }: CarriedRunLayers,
  digest: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<boolean, OperationFault>> {
  if (objects.some((object) => object.digest === digest)) return ok(true);
  const digests = Buffer.from(digest, "hex");
  for (const pack of packs) {
    const looked = await lookUp(repository, pack, { digests, want: () => true, signal });
    if (!looked.ok) return looked;
    if (looked.value.wanted.length > 0) return ok(true);
  }
  return ok(false);
}

/** What an index says, and how many bytes of it were read. */
interface LookedUp {
  /** In the order of their offsets. */
  readonly wanted: readonly WantedRecord[];
  readonly bytes: number;
}

/** Most digests that are looked up in parts of an index. Of more, the whole index is read. */
const FEW_DIGESTS = 16;

/** Finds the wanted records that an index has. */
async function lookUp(
  repository: Repository,
  pack: CarriedPack,
  { digests, signal, want }: RecordRequest,
): Promise<Result<LookedUp, OperationFault>> {
  const places: number[] = [];
  for (let place = 0; place < digests.length; place += DIGEST_BYTES)
    if (want(digests, place)) places.push(place);
  const isFew = places.length <= FEW_DIGESTS && pack.index.size > WHOLE_INDEX_BYTES;
  const looked = isFew
    ? await lookUpParts(repository, pack, digests, places, signal)
    : await lookUpWhole(repository, pack, digests, places, signal);
  if (!looked.ok) return looked;
  const { bytes, wanted } = looked.value;
  return ok({ bytes, wanted: wanted.toSorted((left, right) => left.offset - right.offset) });
}

/** An index of fewer bytes is read in whole: a request costs more. */
const WHOLE_INDEX_BYTES: number = 64 * 1024;

async function lookUpWhole(
  repository: Repository,
  pack: CarriedPack,
  digests: Buffer,
  places: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Result<LookedUp, OperationFault>> {
  const index = await readIndex(repository, pack, signal);
  if (!index.ok) return index;
  const wanted: WantedRecord[] = [];
  for (const place of places) {
    const entry = index.value.find(digests, place);
    if (entry < 0) continue;
    const record = index.value.at(entry);
    if (record === undefined) return carriedRunFault(repository.shown, NOT_AN_INDEX);
    wanted.push({ ...record, place });
  }
  return ok({ wanted, bytes: pack.index.size });
}

/** Reads the head of an index, and of its entries those with the first byte of each digest. */
async function lookUpParts(
  repository: Repository,
  { id, index }: CarriedPack,
  digests: Buffer,
  places: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Result<LookedUp, OperationFault>> {
  const head = await readPart(repository, index, { offset: 0, length: INDEX_HEAD_BYTES }, signal);
  if (!head.ok) return head;
  const wanted: WantedRecord[] = [];
  let bytes = INDEX_HEAD_BYTES;
  for (const place of places) {
    const range = bucketIn(head.value, id, index.size, digests[place] ?? 0, nodeCrypto);
    if (range === undefined) return carriedRunFault(repository.shown, NOT_AN_INDEX);
    if (range.length === 0) continue;
    const bucket = await readPart(repository, index, range, signal);
    if (!bucket.ok) return bucket;
    bytes += range.length;
    const record = findInBucket(bucket.value, digests, place);
    if (record !== undefined) wanted.push({ ...record, place });
  }
  return ok({ wanted, bytes });
}

interface RecordRange {
  readonly offset: number;
  readonly length: number;
  readonly records: readonly WantedRecord[];
}

/** Ranges of a pack that cover records; neighbours are read together. What the index has beyond the pack is left to fail. */
function rangesOf(wanted: readonly WantedRecord[], size: number): readonly RecordRange[] {
  const ranges: { offset: number; length: number; records: WantedRecord[] }[] = [];
  for (const record of wanted) {
    const end = Math.min(record.offset + HEAD_BYTES + record.size, size);
    const last = ranges.at(-1);
    if (last !== undefined && record.offset <= last.offset + last.length + GAP_BYTES) {
      last.length = Math.max(last.length, end - last.offset);
      last.records.push(record);
    } else if (record.offset < size)
      ranges.push({ offset: record.offset, length: end - record.offset, records: [record] });
  }
  return ranges;
}

/** The content of a record, if its head is what the index says, and the content has its digest. */
function contentAt(bytes: Buffer, record: WantedRecord, digests: Buffer): Buffer | undefined {
  const head = readHead(bytes, 0);
  if (head?.size !== record.size || bytes.length !== HEAD_BYTES + record.size) return undefined;
  const content = bytes.subarray(HEAD_BYTES);
  const isNamed = isSameDigest(bytes, HEAD_BYTES - DIGEST_BYTES, digests, record.place);
  return isNamed && hasDigestAt(content, digests, record.place) ? content : undefined;
}
