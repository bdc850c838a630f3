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
  FINDING_KINDS,
  FindingTable,
  HEAD_BYTES,
  HEADER_BYTES,
  type OutputClaims,
  PackStream,
  type RecordColumns,
  type RecordSink,
  TRAILER_BYTES,
} from "../../core/internal.ts";
import { ContentTaker } from "../archive/found-rows.ts";
import { DigestTable } from "../packs/digest-table.ts";
import { isSameDigest } from "../packs/same-digest.ts";
import { readBlob } from "../registry/blob-bytes.ts";
import type { Repository } from "../registry/repository.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import { type BlobKeeper, type KeptBlob, keepWhole } from "../source/blob-keeper.ts";
import { inLanes, TRANSFERS } from "./in-lanes.ts";
import { carriedRunFault } from "./open-carried.ts";
import { readRecords } from "./read-records.ts";

/** What of a run is wanted. */
export interface WantedOfRun {
  readonly claims: OutputClaims;
  readonly declaredBytes: number | undefined;
  /** Rows of the claims, ascending; all of them where undefined. */
  readonly rows?: Uint32Array | undefined;
}

/** Fetches outputs, and knows what it found. */
export class OutputFetch {
  readonly #repository: Repository;
  readonly #layers: CarriedRunLayers;
  readonly #wanted: WantedOfRun;
  /** The digests that are wanted, each once. */
  readonly #entries = new DigestTable();
  /** The entry of each row; -1 for a row that is not wanted, or can't be found. */
  readonly #entryOfRow: Int32Array;
  /** -1 for what was not found. */
  readonly #sizes: Float64Array;
  #doneBytes = 0;
  #doneFiles = 0;
  /** Bytes of outputs that were fetched, indexes and heads included. */
  fetchedBytes = 0;

  constructor(repository: Repository, layers: CarriedRunLayers, wanted: WantedOfRun) {
    this.#repository = repository;
    this.#layers = layers;
    this.#wanted = wanted;
    this.#entryOfRow = new Int32Array(wanted.claims.length).fill(-1);
    this.#enter();
    this.#sizes = new Float64Array(this.#entries.count).fill(-1);
  }

  /** How many different outputs are wanted. */
  get count(): number {
    return this.#entries.count;
  }

  /** The wanted output of a row; -1 if it is not wanted. */
  entryOf(row: number): number {
    return this.#entryOfRow[row] ?? -1;
  }

  /** The digest of a wanted output is 32 raw bytes at its number times 32. */
  get digests(): Buffer {
    return this.#entries.digests;
  }

  /** The bytes of a wanted output; -1 if it was not found. */
  sizeOf(entry: number): number {
    return this.#sizes[entry] ?? -1;
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
      return this.#malformed("an object is not an output of the bundle");
    const bytes = sumOf(wanted) + (isWhole ? sumOf(packs.map(({ pack }) => pack)) : 0);
    if (isWhole && bytes > this.#mostBytes())
      return this.#malformed("its blobs hold more than the bundle declares");
    progress?.begin("fetch", isWhole ? { bytes } : {}, () => ({
      files: this.#doneFiles,
      bytes: this.#doneBytes,
    }));
    const fault = await inLanes(wanted, TRANSFERS, async (blob) => await this.#object(keeper, blob, signal));
    if (fault !== undefined) return fault;
    if (isWhole)
      return await inLanes(packs, TRANSFERS, async (pack) => await this.#pack(keeper, pack, signal));
    // One after the other: once all is found, the indexes of the other packs need not be read.
    for (const pack of packs) {
      if (this.#isComplete()) return undefined;
      const unread = await this.#parts(keeper, pack, signal);
      if (unread !== undefined) return unread;
    }
    return undefined;
  }

  /** What was found, by the rows of the claims. */
  findings(): FindingTable {
    const { length } = this.#entryOfRow;
    const columns = {
      kinds: new Uint8Array(length),
      digests: new Uint8Array(length * DIGEST_BYTES),
      sizes: new Float64Array(length),
    };
    const { claims, rows } = this.#wanted;
    const note = (row: number): void => {
      const entry = this.entryOf(row);
      const size = entry < 0 ? -1 : this.sizeOf(entry);
      columns.kinds[row] = size < 0 ? FINDING_KINDS.missing : FINDING_KINDS.file;
      if (size < 0) return;
      const place = entry * DIGEST_BYTES;
      columns.sizes[row] = size;
      columns.digests.set(this.digests.subarray(place, place + DIGEST_BYTES), row * DIGEST_BYTES);
    };
    for (const [from, to] of claims.lawfulRanges()) {
      for (let row = from; row < to; row++) if (rows === undefined) note(row);
    }
    for (const row of rows ?? []) if (claims.at(row)?.lawful === true) note(row);
    return new FindingTable(columns);
  }

  /** Enters the digests of the wanted rows. */
  #enter(): void {
    const { claims, rows } = this.#wanted;
    const { digests } = claims.columns;
    const enter = (row: number): void => {
      const place = row * DIGEST_BYTES;
      // Zeros stand for a claim that declares no digest.
      if (digests.subarray(place, place + DIGEST_BYTES).every((byte) => byte === 0)) return;
      this.#entryOfRow[row] = this.#entries.add(digests, place);
    };
    if (rows !== undefined) for (const row of rows) enter(row);
    else {
      for (const [from, to] of claims.lawfulRanges()) for (let row = from; row < to; row++) enter(row);
    }
  }

  #find(digests: Uint8Array, place: number): number {
    return this.#entries.find(digests, place);
  }

  #isComplete(): boolean {
    return !this.#sizes.includes(-1);
  }

  /** Most bytes of all blobs: no record is there twice, and none that the bundle does not name. */
  #mostBytes(): number {
    const { declaredBytes } = this.#wanted;
    if (declaredBytes === undefined) return Number.POSITIVE_INFINITY;
    const beside = this.count * HEAD_BYTES + this.#layers.packs.length * (HEADER_BYTES + TRAILER_BYTES);
    return declaredBytes + beside;
  }

  async #object(
    keeper: BlobKeeper,
    blob: BlobName,
    signal: AbortSignal | undefined,
  ): Promise<OperationFault | undefined> {
    const begun = await keeper.begin(blob, undefined);
    if ("code" in begun) return begun;
    if ("present" in begun) this.#doneBytes += blob.size;
    else {
      const fault = await this.#read(begun, blob, () => undefined, signal);
      if (fault !== undefined) return fault;
    }
    // The repository hashed the blob, and its digest is the output's.
    this.#note(keeper, this.#find(Buffer.from(blob.digest, "hex"), 0), begun.start, blob.size);
    return undefined;
  }

  async #pack(
    keeper: BlobKeeper,
    pack: CarriedPack,
    signal: AbortSignal | undefined,
  ): Promise<OperationFault | undefined> {
    const { id, pack: blob } = pack;
    const begun = await keeper.begin(blob, pack);
    if ("code" in begun) return begun;
    let records: RecordColumns | undefined;
    if ("present" in begun) {
      records = begun.records;
      this.#doneBytes += blob.size;
    } else {
      const stream = new PackStream(blob.size, this.#recordSink(), nodeCrypto);
      let isLawful = true;
      const fault = await this.#read(
        begun,
        blob,
        (chunk) => {
          if (isLawful) isLawful = stream.add(chunk);
        },
        signal,
        () => {
          records = stream.finish(id);
          return records;
        },
      );
      if (fault !== undefined) return fault;
    }
    if (records === undefined) return this.#malformed("a pack is not one of this run");
    for (let record = 0; record < records.count; record++) {
      const entry = this.#find(records.digests, record * DIGEST_BYTES);
      if (entry < 0) continue;
      const offset = begun.start + (records.offsets[record] ?? 0) + HEAD_BYTES;
      this.#note(keeper, entry, offset, records.sizes[record] ?? 0);
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

  /** Reads a whole blob into the keeper. `whole` gives the records of a pack, or `undefined` if it is not one. */
  async #read(
    kept: KeptBlob,
    blob: BlobName,
    look: (chunk: Uint8Array) => void,
    signal: AbortSignal | undefined,
    whole?: () => RecordColumns | undefined,
  ): Promise<OperationFault | undefined> {
    let isKept = false;
    try {
      const read = await readBlob(
        this.#repository,
        blob,
        (chunk) => {
          look(chunk);
          this.#doneBytes += chunk.length;
          this.fetchedBytes += chunk.length;
          return kept.add(chunk);
        },
        signal,
      );
      if (!read.ok) return read;
      const records = whole?.();
      if (whole !== undefined && records === undefined)
        return this.#malformed("a pack is not one of this run");
      const fault = await kept.end(records);
      isKept = fault === undefined;
      return fault;
    } finally {
      if (!isKept) await kept.abandon();
    }
  }

  /** Reads the wanted records of a pack: by ranges if that is less than half of it. */
  async #parts(
    keeper: BlobKeeper,
    pack: CarriedPack,
    signal: AbortSignal | undefined,
  ): Promise<OperationFault | undefined> {
    const want = (digests: Uint8Array, place: number): boolean => {
      const entry = this.#find(digests, place);
      return entry >= 0 && this.sizeOf(entry) < 0;
    };
    const read = await readRecords(this.#repository, pack, { digests: this.digests, want, signal });
    if (!read.ok) return read;
    this.#doneBytes += read.value.bytes;
    this.fetchedBytes += read.value.bytes;
    for (const { content, digest } of read.value.records) {
      const begun = await keeper.begin({ digest, size: content.length }, undefined);
      if ("code" in begun) return begun;
      if (!("present" in begun)) {
        const fault = await keepWhole(begun, content, undefined);
        if (fault !== undefined) return fault;
      }
      this.#note(keeper, this.#find(Buffer.from(digest, "hex"), 0), begun.start, content.length);
    }
    return undefined;
  }

  #note(keeper: BlobKeeper, entry: number, offset: number, bytes: number): void {
    if (entry < 0) return;
    if (this.sizeOf(entry) < 0) this.#doneFiles++;
    this.#sizes[entry] = bytes;
    keeper.noted?.(entry, offset, bytes);
  }

  #malformed(why: string): OperationFault {
    return carriedRunFault(this.#repository.shown, why);
  }
}

function sumOf(blobs: readonly BlobName[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
