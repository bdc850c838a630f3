/**
 * Reads some records of a pack in a repository: by the pack's index, in ranges. Neither index nor range is believed: each record is
 * hashed.
 *
 * @module
 */

import {
  type BlobName,
  bucketIn,
  type CarriedPack,
  type CarriedRunLayers,
  DIGEST_BYTES,
  findInBucket,
  HEAD_BYTES,
  type HexDigest,
  INDEX_HEAD_BYTES,
  type IndexedRecord,
  indexBytes,
  isIndexOf,
  matchesDigest,
  ok,
  PackIndex,
  type Result,
  readHead,
} from "../../../core/internal.ts";
import { hasDigestAt } from "../../system/packs/record-content.ts";
import { isSameDigest } from "../../system/packs/same-digest.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { readIntoMemory, readPart } from "../registry/blob-bytes.ts";
import type { Repository } from "../registry/repository.ts";
import { carriedRunFault } from "./open-carried.ts";

/** Which records to read. */
export interface RecordRequest {
  /** Digests, 32 raw bytes each, and whether one of them is still wanted. */
  readonly digests: Uint8Array;
  readonly want: (digests: Uint8Array, place: number) => boolean;
  readonly take: TakeRecord;
  readonly signal?: AbortSignal | undefined;
}

/** Takes the content of a record, once it was hashed. It must not be kept. */
export type TakeRecord = (
  content: Uint8Array,
  place: number,
) => Promise<OperationFault | undefined> | OperationFault | undefined;

/** A gap of fewer bytes is read along: a request costs more. */
const GAP_BYTES: number = 64 * 1024;

/** A record that is wanted, as an index describes it. */
export interface WantedRecord extends IndexedRecord {
  /** Where its digest is among the digests. */
  readonly place: number;
}

/** Reads those of the wanted records that a pack has. Gives how many bytes that took. Fails as `readWanted` does. */
export async function readRecords(
  repository: Repository,
  pack: CarriedPack,
  request: RecordRequest,
): Promise<Result<number, OperationFault>> {
  const looked = await lookUp(repository, pack, request);
  if (!looked.ok) return looked;
  const { bytes, wanted } = looked.value;
  const read = await readWanted(repository, pack.pack, wanted, request);
  return read.ok ? ok(bytes + read.value) : read;
}

/**
 * Reads records of a pack, with at most the pack in memory. Gives how many bytes that took. Fails as the repository and `take` do, and
 * with CARRIED_RUN_MALFORMED.
 */
export async function readWanted(
  repository: Repository,
  pack: BlobName,
  wanted: readonly WantedRecord[],
  { digests, signal, take }: Omit<RecordRequest, "want">,
): Promise<Result<number, OperationFault>> {
  let bytes = 0;
  for (const { length, offset, records } of rangesOf(wanted, pack.size)) {
    const read = await readPart(repository, pack, { offset, length }, signal);
    if (!read.ok) return read;
    bytes += length;
    let before: WantedRecord | undefined;
    let content: Buffer | undefined;
    for (const record of records) {
      const at = record.offset - offset;
      // Equal outputs have one record, which is hashed once.
      if (before?.offset !== record.offset || !isSameDigest(digests, before.place, digests, record.place))
        content = contentAt(read.value.subarray(at, at + HEAD_BYTES + record.size), record, digests);
      before = record;
      if (content === undefined) return carriedRunFault(repository.shown, NOT_AN_INDEX);
      const fault = await take(content, record.place);
      if (fault !== undefined) return fault;
    }
  }
  return ok(bytes);
}

/** What is wrong with an index that its pack does not bear out. */
export const NOT_AN_INDEX = "the index of a pack is not right";

/** Reads the whole index of a pack. Fails as the repository does, and with CARRIED_RUN_MALFORMED. */
export async function readIndex(
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
 * Whether a run has a blob of that digest, or the index of one of its packs names it. Of a large index the head is read, and the entries
 * with the first byte of the digest. Nothing is checked. Fails as the repository does, and with CARRIED_RUN_MALFORMED.
 */
export async function namesContent(
  repository: Repository,
  { objects, packs }: CarriedRunLayers,
  digest: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<boolean, OperationFault>> {
  if (objects.some((object) => matchesDigest(object.digest, digest, nodeCrypto))) return ok(true);
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
  readonly wanted: readonly WantedRecord[];
  readonly bytes: number;
}

/** Most digests that are looked up in parts of an index. Of more, the whole index is read. */
const FEW_DIGESTS = 16;

/** Finds the wanted records that an index has. */
async function lookUp(
  repository: Repository,
  pack: CarriedPack,
  { digests, signal, want }: Omit<RecordRequest, "take">,
): Promise<Result<LookedUp, OperationFault>> {
  const places: number[] = [];
  for (let place = 0; place < digests.length; place += DIGEST_BYTES)
    if (want(digests, place)) places.push(place);
  const isFew = places.length <= FEW_DIGESTS && pack.index.size > WHOLE_INDEX_BYTES;
  return isFew
    ? await lookUpParts(repository, pack, digests, places, signal)
    : await lookUpWhole(repository, pack, digests, places, signal);
}

/** An index of fewer bytes is read in whole: a request costs more. */
const WHOLE_INDEX_BYTES: number = 64 * 1024;

async function lookUpWhole(
  repository: Repository,
  pack: CarriedPack,
  digests: Uint8Array,
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
  digests: Uint8Array,
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
  for (const record of wanted.toSorted((left, right) => left.offset - right.offset)) {
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
function contentAt(bytes: Buffer, record: WantedRecord, digests: Uint8Array): Buffer | undefined {
  const head = readHead(bytes, 0);
  if (head?.size !== record.size || bytes.length !== HEAD_BYTES + record.size) return undefined;
  const content = bytes.subarray(HEAD_BYTES);
  const isNamed = isSameDigest(bytes, HEAD_BYTES - DIGEST_BYTES, digests, record.place);
  return isNamed && hasDigestAt(content, digests, record.place) ? content : undefined;
}
