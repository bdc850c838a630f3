/**
 * Finds the outputs of several runs of an archive: large ones as objects, small ones in packs, each once, in the order of their
 * digests.
 *
 * @module
 */

import {
  type ArchiveFlaw,
  archiveFault,
  compareDigests,
  DIGEST_BYTES,
  indexEntryPath,
  isSameBytes,
  MAX_PACKED_BYTES,
  OBJECT_MODE,
  type ObjectRows,
  ok,
  PassingPack,
  parseHex,
  placeAt,
  type Result,
  type RunRow,
} from "../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { FindOptions } from "../source/bundle-source.ts";
import { type ArchiveReader, type EntryEvent, operationOf } from "./archive-reader.ts";
import type { ContentTaker } from "./content-taker.ts";
import type { FoundRows } from "./found-rows.ts";
import { readContent } from "./read-bundles.ts";

/** What is done with the objects of an archive. */
export interface ObjectSearch {
  readonly reader: ArchiveReader;
  readonly rows: ObjectRows;
  /** Of each run whose outputs are wanted. */
  readonly found: readonly FoundRows[];
  /** Whether the runs are all that the archive has, so that it may hold no other objects. */
  readonly areAll: boolean;
  readonly taker: ContentTaker;
  /** Most bytes of all wanted objects. */
  readonly maxBytes: number;
  readonly options: Pick<FindOptions, "signal">;
  readonly count: (files: number, bytes: number) => void;
}

/**
 * Reads the rest of the archive, and notes each output whose bytes it has. Fails with the codes of archives, and as the reader does.
 * Throws an Interruption and a SpoolFailure.
 */
export async function findObjects(search: ObjectSearch): Promise<Result<undefined, OperationFault>> {
  return await new ObjectFinder(search).run();
}

class ObjectFinder {
  readonly #search: ObjectSearch;
  /** The digest of the last object, and of the last record of a pack. No bytes have the digest of zeros. */
  #lastObject = new Uint8Array(DIGEST_BYTES);
  #lastRecord: Uint8Array = new Uint8Array(DIGEST_BYTES);
  #arePacks = false;
  #bytes = 0;

  constructor(search: ObjectSearch) {
    this.#search = search;
  }

  async run(): Promise<Result<undefined, OperationFault>> {
    const { options, reader } = this.#search;
    for (;;) {
      const event = await reader.next(options.signal);
      if (!event.ok) return event;
      if (event.value === undefined) return ok(undefined);
      if (event.value.kind !== "entry") continue;
      const place = placeAt(event.value.entry.path);
      const failed =
        place === undefined || event.value.entry.kind !== "file"
          ? this.#fault("entry-unexpected", event.value)
          : place.kind === "object"
            ? await this.#object(event.value, parseHex(place.digest, DIGEST_BYTES) ?? EMPTY)
            : await this.#pack(event.value, place.id);
      if (failed !== undefined) return failed;
    }
  }

  async #object(event: EntryEvent, digest: Uint8Array): Promise<OperationFault | undefined> {
    const { entry, offset } = event;
    const isNext = !this.#arePacks && compareDigests(this.#lastObject, 0, digest, 0) < 0;
    if (!isNext) return this.#fault("order", event);
    if (entry.mode !== OBJECT_MODE) return this.#fault("mode", event);
    this.#lastObject = digest.slice();
    if (entry.size <= MAX_PACKED_BYTES) return this.#fault("order", event);
    const rows = this.#search.rows.find(digest, 0);
    if (rows.length === 0) {
      if (this.#search.areAll) return this.#fault("entry-unexpected", event);
      this.#search.reader.skip(entry);
      return undefined;
    }
    if (!this.#hasRoom(entry.size)) return this.#fault("too-large", event);
    const { taker } = this.#search;
    taker.begin(entry.size, offset);
    const failed = await this.#pass(entry.size, (piece) => {
      taker.add(piece);
      return true;
    });
    if (failed === undefined) this.#found(rows, entry.size);
    return failed === "refused" ? undefined : failed;
  }

  async #pack(
    event: EntryEvent,
    id: Parameters<typeof indexEntryPath>[0],
  ): Promise<OperationFault | undefined> {
    const { entry, offset } = event;
    this.#arePacks = true;
    if (entry.mode !== OBJECT_MODE) return this.#fault("mode", event);
    if (!PassingPack.mayHave(entry.size)) return this.#fault("pack", event);
    const { areAll, rows, taker } = this.#search;
    let wanted: readonly RunRow[] = [];
    let size = 0;
    let refused: ArchiveFlaw = "pack";
    const pack = new PassingPack(
      entry.size,
      this.#lastRecord,
      {
        begin: (bytes, at, digests, place) => {
          wanted = rows.find(digests, place);
          size = bytes;
          if (wanted.length === 0) {
            if (areAll) refused = "entry-unexpected";
            return !areAll;
          }
          if (!this.#hasRoom(bytes)) {
            refused = "too-large";
            return false;
          }
          taker.begin(bytes, offset + at);
          return true;
        },
        add: (piece) => {
          if (wanted.length > 0) taker.add(piece);
        },
        end: () => {
          if (wanted.length > 0) this.#found(wanted, size);
        },
      },
      nodeCrypto,
    );
    const failed = await this.#pass(entry.size, (piece) => pack.add(piece));
    if (failed === "refused") return this.#fault(refused, event);
    if (failed !== undefined) return failed;
    const index = pack.finish(id);
    if (index === undefined) return this.#fault("pack", event);
    this.#lastRecord = pack.last;
    return await this.#index(indexEntryPath(id), index);
  }

  /** The index of a pack comes behind it. */
  async #index(path: string, index: Uint8Array): Promise<OperationFault | undefined> {
    const { options, reader } = this.#search;
    const event = await reader.next(options.signal);
    if (!event.ok) return event;
    const isIndex =
      event.value?.kind === "entry" && event.value.entry.path === path && event.value.entry.kind === "file";
    if (event.value?.kind !== "entry" || !isIndex)
      return operationOf(archiveFault("entry-missing", { entry: path }));
    if (event.value.entry.mode !== OBJECT_MODE) return this.#fault("mode", event.value);
    if (event.value.entry.size !== index.length) return this.#fault("index", event.value);
    const bytes = await readContent(reader, event.value, options.signal);
    if (!bytes.ok) return bytes;
    return isSameBytes(bytes.value, index) ? undefined : this.#fault("index", event.value);
  }

  /** Hands out the content of an entry; "refused" once a piece is. */
  async #pass(
    size: number,
    take: (piece: Uint8Array) => boolean,
  ): Promise<OperationFault | "refused" | undefined> {
    const { count, options, reader } = this.#search;
    for (let passed = 0; passed < size; ) {
      const event = await reader.next(options.signal);
      if (!event.ok) return event;
      if (event.value?.kind !== "content")
        throw new TypeError("a content has as many bytes as its head says");
      passed += event.value.bytes.length;
      count(0, event.value.bytes.length);
      if (!take(event.value.bytes)) return "refused";
    }
    return undefined;
  }

  #hasRoom(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#search.maxBytes;
  }

  #found(rows: readonly RunRow[], size: number): void {
    const { count, found, taker } = this.#search;
    const digest = taker.hash.end();
    for (const { row, run } of rows)
      found[run]?.found(row, digest, { mode: 0o644, size, offset: taker.start });
    count(rows.length, 0);
  }

  #fault(reason: ArchiveFlaw, { entry, offset }: EntryEvent): OperationFault {
    return operationOf(archiveFault(reason, { entry: entry.path, offset }));
  }
}

const EMPTY = new Uint8Array(DIGEST_BYTES);
