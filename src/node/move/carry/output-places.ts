/**
 * Where a run of a repository has its outputs: in blobs of their own, or in packs, by the packs' indexes. It is not believed: what is
 * read there is hashed.
 *
 * @module
 */

import {
  type BlobName,
  type CarriedPack,
  type CarriedRunLayers,
  DIGEST_BYTES,
  HEAD_BYTES,
  HEADER_BYTES,
  type OutputClaims,
  TRAILER_BYTES,
} from "../../../core/internal.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";
import { waitUnlessInterrupted } from "../../system/runtime/interruption.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { Repository } from "../registry/repository.ts";
import { isDeclared } from "./claimed-digests.ts";
import { inLanes } from "./in-lanes.ts";
import { carriedRunFault, FOREIGN_PACK } from "./open-carried.ts";
import { NOT_AN_INDEX, readIndex, type WantedRecord } from "./read-records.ts";

/**
 * The places of all outputs of a run. Keeps 14 bytes for each row; until the indexes were read, each once, also a table of the digests,
 * of 41 to 82 bytes for each.
 */
export class OutputPlaces {
  readonly #layers: CarriedRunLayers;
  /** Of each row, which digest it declares; -1 for none. */
  readonly #entries: Int32Array;
  /** Of each digest: `n` in pack `n - 1`, `-n` in object `n - 1`, or 0. A run has at most 10,000 blobs. */
  readonly #blobs: Int16Array;
  /** Within a pack, which has at most 32 MiB. */
  readonly #offsets: Uint32Array;
  readonly #sizes: Uint32Array;
  /** How many digests are declared, each once. */
  readonly digestCount: number;
  #digests: DigestTable | undefined;
  #locating: Promise<unknown> | undefined;

  constructor({ columns: { digests, length } }: OutputClaims, layers: CarriedRunLayers) {
    this.#layers = layers;
    const table = new DigestTable();
    this.#entries = new Int32Array(length).fill(-1);
    for (let row = 0; row < length; row++)
      if (isDeclared(digests, row * DIGEST_BYTES))
        this.#entries[row] = table.add(digests, row * DIGEST_BYTES);
    this.digestCount = table.count;
    this.#blobs = new Int16Array(table.count);
    this.#offsets = new Uint32Array(table.count);
    this.#sizes = new Uint32Array(table.count);
    for (const [object, { digest }] of layers.objects.entries()) {
      const entry = table.find(Buffer.from(digest, "hex"), 0);
      if (entry >= 0) this.#blobs[entry] = -(object + 1);
    }
    this.#digests = table;
  }

  /** The blob that holds the output of a row alone. */
  objectOf(row: number): BlobName | undefined {
    return this.#layers.objects[-(this.#blobs[this.#entries[row] ?? -1] ?? 0) - 1];
  }

  /** The records of rows by the packs that are known to have them. */
  inPacks(rows: Iterable<number>): ReadonlyMap<BlobName, readonly WantedRecord[]> {
    const packs = new Map(this.#layers.packs.map(({ pack }) => [pack, [] as WantedRecord[]]));
    for (const row of rows) {
      const entry = this.#entries[row] ?? -1;
      const [offset, size] = [this.#offsets[entry] ?? 0, this.#sizes[entry] ?? 0];
      const pack = this.#layers.packs[(this.#blobs[entry] ?? 0) - 1]?.pack;
      if (pack !== undefined) packs.get(pack)?.push({ offset, size, place: row * DIGEST_BYTES });
    }
    return packs;
  }

  /**
   * Reads the indexes of all packs, unless they were read before. Each must name outputs alone, and fill its pack. Fails as the
   * repository does, and with CARRIED_RUN_MALFORMED. Throws an Interruption.
   */
  async locate(repository: Repository, signal: AbortSignal | undefined): Promise<OperationFault | undefined> {
    // Where another caller fails or is interrupted, this one reads them.
    while (this.#locating !== undefined) await waitUnlessInterrupted(this.#locating, signal);
    const digests = this.#digests;
    if (digests === undefined) return undefined;
    const locating = inLanes(this.#layers.packs.entries(), async ([place, pack]) => {
      return await this.#locate(repository, pack, place + 1, digests, signal);
    });
    this.#locating = locating.catch(() => undefined);
    try {
      const fault = await locating;
      if (fault === undefined) this.#digests = undefined;
      return fault;
    } finally {
      this.#locating = undefined;
    }
  }

  async #locate(
    repository: Repository,
    pack: CarriedPack,
    number: number,
    digests: DigestTable,
    signal: AbortSignal | undefined,
  ): Promise<OperationFault | undefined> {
    const read = await readIndex(repository, pack, signal);
    if (!read.ok) return read;
    const index = read.value;
    const digest = new Uint8Array(DIGEST_BYTES);
    let bytes = HEADER_BYTES + TRAILER_BYTES;
    for (let place = 0; place < index.count; place++) {
      index.copyDigest(place, digest, 0);
      const entry = digests.find(digest, 0);
      if (entry < 0) return carriedRunFault(repository.shown, FOREIGN_PACK);
      const record = index.at(place);
      if (record === undefined || record.offset + HEAD_BYTES + record.size > pack.pack.size)
        return carriedRunFault(repository.shown, NOT_AN_INDEX);
      bytes += HEAD_BYTES + record.size;
      const blob = this.#blobs[entry] ?? 0;
      // Of several places, the first counts: the order in which indexes arrive does not.
      if (blob !== 0 && blob <= number) continue;
      this.#blobs[entry] = number;
      this.#offsets[entry] = record.offset;
      this.#sizes[entry] = record.size;
    }
    return bytes === pack.pack.size ? undefined : carriedRunFault(repository.shown, NOT_AN_INDEX);
  }
}
