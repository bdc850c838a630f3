/**
 * The walk over the objects of several runs: large ones by themselves, small ones in packs, each once, in the order of their digests
 * (PROTOCOL 20.1).
 *
 * @module
 */

import { compareDigests } from "../../records/packs/compare-digests.ts";
import { MAX_PACKED_BYTES } from "../../records/packs/pack-format.ts";
import { fillIndex, indexBytes } from "../../records/packs/pack-index.ts";
import { PackStream } from "../../records/packs/pack-stream.ts";
import { indexPath } from "../../records/packs/store-paths.ts";
import { isSameBytes } from "../../system/bytes/bytes.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { DIGEST_BYTES, type HexDigest, parseHex } from "../../system/bytes/hex.ts";
import { ok } from "../../system/bytes/result.ts";
import { type ArchiveFault, type ArchiveFlaw, archiveFault } from "./archive-fault.ts";
import type { ArchiveEvent } from "./archive-parser.ts";
import { type ArchiveAsk, type ArchiveWalk, type EntryEvent, passContent } from "./archive-walk.ts";
import { parseCarriedPath } from "./carried-path.ts";
import type { ObjectRows, RunRow } from "./object-rows.ts";

/** The mode of objects, packs and indexes, as in a store. */
export const OBJECT_MODE = 0o444;

/** Takes the objects that are wanted. */
export interface ObjectSink {
  /** An object begins: so many bytes, at this offset of the archive. */
  begin(size: number, offset: number): void;
  /** A piece of its content. */
  add(piece: Uint8Array): void;
  /** All of its content has come. `rows` are the outputs that it is by the name that it has. */
  end(rows: readonly RunRow[], size: number): void;
}

/** What an archive of several runs is compared with. */
export interface ObjectsDemand {
  /** The outputs that are wanted. */
  readonly rows: ObjectRows;
  /** Whether they are all that the runs of the archive have, so that it may hold no other objects. */
  readonly areAll: boolean;
  /** Most bytes of all wanted objects. */
  readonly maxBytes: number;
  readonly crypto: Crypto;
  /** Without one, large objects are passed over, and packs are compared with their indexes only. */
  readonly sink?: ObjectSink | undefined;
}

/** A part of a walk: it gives why the archive is refused. */
type Part = Generator<ArchiveAsk, ArchiveFault | undefined, ArchiveEvent | undefined>;

/** Walks over all objects. A missing one is left to the caller. */
export function* walkObjects(first: ArchiveEvent | undefined, demand: ObjectsDemand): ArchiveWalk<undefined> {
  const walk = new ObjectWalk(demand);
  for (let event = first; event !== undefined; event = yield "entry") {
    const fault = event.kind === "entry" ? yield* walk.entry(event) : undefined;
    if (fault !== undefined) return fault;
  }
  return ok(undefined);
}

class ObjectWalk {
  readonly #demand: ObjectsDemand;
  /** The digest of the last object, and of the last record of a pack. No bytes have the digest of zeros. */
  #lastObject = new Uint8Array(DIGEST_BYTES);
  readonly #lastRecord = new Uint8Array(DIGEST_BYTES);
  #arePacks = false;
  #bytes = 0;

  constructor(demand: ObjectsDemand) {
    this.#demand = demand;
  }

  *entry(event: EntryEvent): Part {
    const { kind, path } = event.entry;
    const place = kind === "file" ? parseCarriedPath(path) : undefined;
    if (place?.kind === "pack") return yield* this.#pack(event, place.id);
    if (place?.kind !== "object") return fault("entry-unexpected", event);
    return yield* this.#object(event, parseHex(place.digest, DIGEST_BYTES) ?? new Uint8Array(DIGEST_BYTES));
  }

  *#object(event: EntryEvent, digest: Uint8Array): Part {
    const { sink } = this.#demand;
    const { mode, size } = event.entry;
    const isNext = !this.#arePacks && compareDigests(this.#lastObject, 0, digest, 0) < 0;
    if (!isNext) return fault("order", event);
    if (mode !== OBJECT_MODE) return fault("mode", event);
    this.#lastObject.set(digest);
    if (size <= MAX_PACKED_BYTES) return fault("order", event);
    const rows = this.#admit(digest, 0, size);
    if (typeof rows === "string") return fault(rows, event);
    if (rows.length === 0 || sink === undefined) return undefined;
    sink.begin(size, event.offset);
    yield* passContent(size, (piece) => sink.add(piece));
    sink.end(rows, size);
    return undefined;
  }

  *#pack(event: EntryEvent, id: HexDigest): Part {
    const { crypto, sink } = this.#demand;
    const { mode, size } = event.entry;
    this.#arePacks = true;
    if (mode !== OBJECT_MODE) return fault("mode", event);
    if (!PackStream.mayHave(size)) return fault("pack", event);
    let wanted: readonly RunRow[] = [];
    let bytes = 0;
    let refused: ArchiveFlaw = "pack";
    const records = {
      begin: (length: number, at: number, digests: Uint8Array, place: number): boolean => {
        if (compareDigests(this.#lastRecord, 0, digests, place) >= 0) return false;
        this.#lastRecord.set(digests.subarray(place, place + DIGEST_BYTES));
        const rows = this.#admit(digests, place, length);
        if (typeof rows === "string") {
          refused = rows;
          return false;
        }
        wanted = sink === undefined ? [] : rows;
        bytes = length;
        if (wanted.length > 0) sink?.begin(length, event.offset + at);
        return true;
      },
      add: (piece: Uint8Array): void => {
        if (wanted.length > 0) sink?.add(piece);
      },
      end: (): boolean => {
        if (wanted.length > 0) sink?.end(wanted, bytes);
        return true;
      },
    };
    const pack = new PackStream(size, records, crypto);
    const isTaken = yield* passContent(size, (piece) => pack.add(piece));
    if (!isTaken) return fault(refused, event);
    const found = pack.finish(id);
    if (found === undefined) return fault("pack", event);
    const index = new Uint8Array(indexBytes(found.count));
    fillIndex(index, id, found, crypto);
    return yield* readIndex(indexPath(id), index);
  }

  /** The rows that an object is of, or why it may not be there. */
  #admit(digests: Uint8Array, place: number, size: number): readonly RunRow[] | ArchiveFlaw {
    const { areAll, maxBytes, rows } = this.#demand;
    const found = rows.find(digests, place);
    if (found.length === 0) return areAll ? "entry-unexpected" : found;
    this.#bytes += size;
    return this.#bytes > maxBytes ? "too-large" : found;
  }
}

/** The index of a pack comes behind it. */
function* readIndex(path: string, index: Uint8Array): Part {
  const event = yield "entry";
  if (event?.kind !== "entry" || event.entry.path !== path || event.entry.kind !== "file")
    return archiveFault("entry-missing", { entry: path });
  if (event.entry.mode !== OBJECT_MODE) return fault("mode", event);
  let at = 0;
  const isSame =
    event.entry.size === index.length &&
    (yield* passContent(index.length, (piece) => {
      at += piece.length;
      return isSameBytes(piece, index.subarray(at - piece.length, at));
    }));
  return isSame ? undefined : fault("index", event);
}

function fault(reason: ArchiveFlaw, { entry, offset }: EntryEvent): ArchiveFault {
  return archiveFault(reason, { entry: entry.path, offset });
}
