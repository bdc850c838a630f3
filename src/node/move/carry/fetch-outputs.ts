/**
 * Fetches the outputs of a run from a repository: large ones from blobs of their own, small ones from packs, in whole or by ranges. Each
 * output is hashed as it passes, and handed to a keeper.
 *
 * @module
 */

import {
  type BlobName,
  type CarriedPack,
  type CarriedRunLayers,
  DIGEST_BYTES,
  digestToHex,
  HEAD_BYTES,
  ok,
  PackStream,
  type RecordSink,
  type Result,
} from "../../../core/internal.ts";
import type { ChunkSink } from "../../judge/source/blob-keeper.ts";
import { type BlobKeeper, keepBlob } from "../../judge/source/blob-keeper.ts";
import type { WantedOutputs } from "../../judge/source/bundle-source.ts";
import type { HeldRanges } from "../../judge/source/held-ranges.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";
import { isSameDigest } from "../../system/packs/same-digest.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { ContentTaker, FoundRows } from "../archive/found-rows.ts";
import { readBlob } from "../registry/blob-bytes.ts";
import type { Repository } from "../registry/repository.ts";
import { holdMore, isDeclared, sumOf } from "./claimed-digests.ts";
import { inLanes } from "./in-lanes.ts";
import { carriedRunFault, FOREIGN_OBJECT, FOREIGN_PACK, HOLDS_MORE } from "./open-carried.ts";
import { readRecords, type TakeRecord } from "./read-records.ts";

/** Fetches outputs, and knows what it found. */
export class OutputFetch {
  readonly #repository: Repository;
  readonly #layers: CarriedRunLayers;
  readonly #wanted: WantedOutputs;
  readonly found: FoundRows;
  /** The digests that are wanted, each once. */
  readonly #entries = new DigestTable();
  /** The rows of each digest as linked lists in columns: a million rows as arrays would take much more. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  /** -1 for what was not found. */
  readonly #sizes: Float64Array;
  #doneBytes = 0;
  #doneFiles = 0;
  /** Bytes of outputs that were fetched, indexes and heads included. */
  fetchedBytes = 0;

  /** @param ranges where the outputs are kept, to be filled in. */
  constructor(
    repository: Repository,
    layers: CarriedRunLayers,
    wanted: WantedOutputs,
    ranges: HeldRanges | undefined,
  ) {
    this.#repository = repository;
    this.#layers = layers;
    this.#wanted = wanted;
    this.found = new FoundRows(wanted, ranges);
    const { digests, length } = wanted.bundle.claims.columns;
    this.#first = new Int32Array(length).fill(-1);
    this.#next = new Int32Array(length).fill(-1);
    for (let row = 0; row < length; row++) if (this.found.isWanted(row)) this.#enter(row, digests);
    this.#sizes = new Float64Array(this.#entries.count).fill(-1);
  }

  /**
   * Fetches what is wanted. Fails as the repository and the keeper do, and with CARRIED_RUN_MALFORMED where a pack is not one, or the
   * blobs hold more than the bundle declares. Throws an Interruption, and what the keeper throws.
   */
  async fetch(keeper: BlobKeeper, { progress, signal }: WorkOptions): Promise<OperationFault | undefined> {
    const { objects, packs } = this.#layers;
    const wanted = objects.filter(({ digest }) => this.#find(Buffer.from(digest, "hex"), 0) >= 0);
    const isWhole = this.#wanted.rows === undefined;
    if (isWhole && wanted.length < objects.length)
      return carriedRunFault(this.#repository.shown, FOREIGN_OBJECT);
    if (isWhole && holdMore(this.#layers, this.#wanted.bundle.declaredBytes, this.#entries.count))
      return carriedRunFault(this.#repository.shown, HOLDS_MORE);
    const bytes = sumOf(wanted) + sumOf(packs.map(({ pack }) => pack));
    progress?.begin("fetch", isWhole ? { bytes } : {}, () => ({
      files: this.#doneFiles,
      bytes: this.#doneBytes,
    }));
    const fault = await inLanes(wanted, async (blob) => await this.#object(keeper, blob, signal));
    if (fault !== undefined) return fault;
    if (isWhole) return await inLanes(packs, async (pack) => await this.#pack(keeper, pack, signal));
    // One after the other: once all is found, the indexes of the other packs need not be read.
    for (const pack of packs) {
      if (this.#isComplete()) return undefined;
      const unread = await this.#parts(keeper, pack, signal);
      if (unread !== undefined) return unread;
    }
    return undefined;
  }

  #enter(row: number, digests: Uint8Array): void {
    const place = row * DIGEST_BYTES;
    if (!isDeclared(digests, place)) return;
    const entry = this.#entries.add(digests, place);
    this.#next[row] = this.#first[entry] ?? -1;
    this.#first[entry] = row;
  }

  #find(digests: Uint8Array, place: number): number {
    return this.#entries.find(digests, place);
  }

  #isComplete(): boolean {
    return !this.#sizes.includes(-1);
  }

  async #object(
    keeper: BlobKeeper,
    blob: BlobName,
    signal: AbortSignal | undefined,
  ): Promise<OperationFault | undefined> {
    const kept = await keepBlob(keeper, blob, undefined, (add) => this.#read(blob, add, signal));
    if (!kept.ok) return kept;
    if (kept.value.isPresent) this.#doneBytes += blob.size;
    // The repository hashed the blob, and its digest is the output's.
    this.#note(this.#find(Buffer.from(blob.digest, "hex"), 0), kept.value.start, blob.size);
    return undefined;
  }

  async #pack(
    keeper: BlobKeeper,
    pack: CarriedPack,
    signal: AbortSignal | undefined,
  ): Promise<OperationFault | undefined> {
    const { id, pack: blob } = pack;
    const kept = await keepBlob(keeper, blob, pack, async (add) => {
      const stream = new PackStream(blob.size, this.#recordSink(), nodeCrypto);
      let isLawful = true;
      const sink: ChunkSink = (chunk) => {
        if (isLawful) isLawful = stream.add(chunk);
        return add(chunk);
      };
      const read = await this.#read(blob, sink, signal);
      if (!read.ok) return read;
      const found = stream.finish(id);
      return found === undefined ? carriedRunFault(this.#repository.shown, FOREIGN_PACK) : ok(found);
    });
    if (!kept.ok) return kept;
    const { isPresent, records, start } = kept.value;
    if (records === undefined) throw new TypeError("a pack is kept with its records");
    if (isPresent) this.#doneBytes += blob.size;
    for (let record = 0; record < records.count; record++) {
      const entry = this.#find(records.digests, record * DIGEST_BYTES);
      if (entry < 0) continue;
      const offset = start + (records.offsets[record] ?? 0) + HEAD_BYTES;
      this.#note(entry, offset, records.sizes[record] ?? 0);
    }
    return undefined;
  }

  /** Hashes the records of a pack. Each must be one that the run names. */
  #recordSink(): RecordSink {
    const content = new ContentTaker(undefined);
    let [digests, at]: [Uint8Array, number] = [new Uint8Array(0), 0];
    return {
      begin: (size, offset, heads, place) => {
        [digests, at] = [heads, place];
        content.begin(size, offset);
        return this.#find(heads, place) >= 0;
      },
      add: (piece) => content.add(piece),
      end: () => isSameDigest(content.end(), 0, digests, at),
    };
  }

  async #read(
    blob: BlobName,
    add: ChunkSink,
    signal: AbortSignal | undefined,
  ): Promise<Result<undefined, OperationFault>> {
    const sink: ChunkSink = (chunk) => {
      this.#doneBytes += chunk.length;
      this.fetchedBytes += chunk.length;
      return add(chunk);
    };
    return await readBlob(this.#repository, blob, sink, signal);
  }

  /** Reads the wanted records of a pack: by ranges if that is less than half of it. */
  async #parts(
    keeper: BlobKeeper,
    pack: CarriedPack,
    signal: AbortSignal | undefined,
  ): Promise<OperationFault | undefined> {
    const want = (digests: Uint8Array, place: number): boolean => {
      const entry = this.#find(digests, place);
      return entry >= 0 && this.#isMissing(entry);
    };
    const { digests } = this.#entries;
    const take: TakeRecord = async (content, place) => {
      const digest = digestToHex(digests.subarray(place, place + DIGEST_BYTES));
      const kept = await keepBlob(keeper, { digest, size: content.length }, undefined, async (add) => {
        await add(content);
        return ok(undefined);
      });
      if (!kept.ok) return kept;
      this.#note(place / DIGEST_BYTES, kept.value.start, content.length);
      return undefined;
    };
    const read = await readRecords(this.#repository, pack, { digests, want, take, signal });
    if (!read.ok) return read;
    this.#doneBytes += read.value;
    this.fetchedBytes += read.value;
    return undefined;
  }

  /** Notes an output, and where it is in the place of the keeper. */
  #note(entry: number, offset: number, size: number): void {
    if (entry < 0) return;
    if (this.#isMissing(entry)) this.#doneFiles++;
    this.#sizes[entry] = size;
    const digest = this.#entries.digests.subarray(entry * DIGEST_BYTES, (entry + 1) * DIGEST_BYTES);
    for (let row = this.#first[entry] ?? -1; row >= 0; row = this.#next[row] ?? -1)
      this.found.found(row, digest, { mode: 0, offset, size });
  }

  #isMissing(entry: number): boolean {
    return (this.#sizes[entry] ?? -1) < 0;
  }
}
