/**
 * The entries of an archive of several runs behind its bundles: large objects in order of digest, then packs, each with its index
 * (PROTOCOL 20.1). The same rules as `src/node/archive/find-objects.ts`, which reads a stream: here each entry is a range of the file.
 *
 * @module
 */

import {
  type ArchiveFault,
  type ArchiveFlaw,
  archiveFault,
  type Crypto,
  compareDigests,
  DIGEST_BYTES,
  indexEntryPath,
  isSameBytes,
  MAX_PACKED_BYTES,
  OBJECT_MODE,
  ObjectRows,
  type OutputClaims,
  ok,
  PassingPack,
  parseHex,
  placeAt,
  type Result,
} from "../../src/core/internal.ts";
import type { PlacedEntry } from "../source/read-archive.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import { readingCode } from "../source/reading-code.ts";

/** Bytes that are read of a pack at once. */
const PIECE_BYTES: number = 1024 * 1024;

/** Which entries, and for which runs. */
export interface ObjectsCheck {
  /** All entries behind the bundles. */
  readonly entries: readonly PlacedEntry[];
  /** The archive, and its name. */
  readonly file: Blob;
  readonly name: string;
  /** Of each run whose outputs are wanted. */
  readonly claims: readonly OutputClaims[];
  /** Whether the runs are all that the archive has, so that it may hold no other objects. */
  readonly areAll: boolean;
  /** Most bytes of all wanted objects. */
  readonly maxBytes: number;
  readonly crypto: Crypto;
  readonly signal?: AbortSignal | undefined;
}

/** Why an archive is refused, or can't be read. */
export type ObjectsFault = ArchiveFault | SourceFault;

/** Checks the entries; hashes no object. Fails with the codes of archives, READ_FAILED or CHANGED_WHILE_READ. Throws the signal's reason. */
export async function checkObjects(check: ObjectsCheck): Promise<ObjectsFault | undefined> {
  return await new ObjectsWalk(check).run();
}

class ObjectsWalk {
  readonly #check: ObjectsCheck;
  readonly #rows: ObjectRows;
  /** The digest of the last object, and of the last record of a pack. No bytes have the digest of zeros. */
  #lastObject = new Uint8Array(DIGEST_BYTES);
  #lastRecord = new Uint8Array(DIGEST_BYTES);
  #arePacks = false;
  #bytes = 0;

  constructor(check: ObjectsCheck) {
    this.#check = check;
    this.#rows = new ObjectRows(check.claims, (run, row) => {
      const claim = check.claims[run]?.at(row);
      return claim?.lawful === true && claim.digest !== undefined;
    });
  }

  async run(): Promise<ObjectsFault | undefined> {
    const { entries, signal } = this.#check;
    for (let at = 0; at < entries.length; at++) {
      signal?.throwIfAborted();
      const placed = entries[at];
      const place = placed?.entry.kind === "file" ? placeAt(placed.entry.path) : undefined;
      if (placed === undefined) break;
      if (place === undefined) return fault("entry-unexpected", placed);
      const failed =
        place.kind === "object"
          ? this.#object(placed, parseHex(place.digest, DIGEST_BYTES) ?? new Uint8Array(DIGEST_BYTES))
          : await this.#pack(placed, place.id, entries[++at]);
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  #object(placed: PlacedEntry, digest: Uint8Array): ArchiveFault | undefined {
    const { mode, size } = placed.entry;
    const isNext = !this.#arePacks && compareDigests(this.#lastObject, 0, digest, 0) < 0;
    if (!isNext) return fault("order", placed);
    if (mode !== OBJECT_MODE) return fault("mode", placed);
    this.#lastObject.set(digest);
    if (size <= MAX_PACKED_BYTES) return fault("order", placed);
    const refused = this.#refusal(digest, 0, size);
    return refused && fault(refused, placed);
  }

  async #pack(
    placed: PlacedEntry,
    id: Parameters<typeof indexEntryPath>[0],
    next: PlacedEntry | undefined,
  ): Promise<ObjectsFault | undefined> {
    const { mode, size } = placed.entry;
    this.#arePacks = true;
    if (mode !== OBJECT_MODE) return fault("mode", placed);
    if (!PassingPack.mayHave(size)) return fault("pack", placed);
    let refused: ArchiveFlaw | undefined;
    const begin = (bytes: number, _at: number, digests: Uint8Array, place: number): boolean => {
      refused = this.#refusal(digests, place, bytes);
      return refused === undefined;
    };
    const pack = new PassingPack(
      size,
      this.#lastRecord,
      { begin, add: () => undefined, end: () => undefined },
      this.#check.crypto,
    );
    for (let start = 0; start < size; start += PIECE_BYTES) {
      this.#check.signal?.throwIfAborted();
      const piece = await this.#read(placed.offset + start, Math.min(PIECE_BYTES, size - start));
      if (!piece.ok) return piece;
      if (pack.add(piece.value)) continue;
      return fault(refused ?? "pack", placed);
    }
    const index = pack.finish(id);
    if (index === undefined) return fault("pack", placed);
    this.#lastRecord.set(pack.last);
    return await this.#index(indexEntryPath(id), index, next);
  }

  /** The index of a pack comes behind it. */
  async #index(
    path: string,
    index: Uint8Array,
    placed: PlacedEntry | undefined,
  ): Promise<ObjectsFault | undefined> {
    if (placed?.entry.path !== path || placed.entry.kind !== "file")
      return archiveFault("entry-missing", { entry: path });
    if (placed.entry.mode !== OBJECT_MODE) return fault("mode", placed);
    if (placed.entry.size !== index.length) return fault("index", placed);
    const bytes = await this.#read(placed.offset, index.length);
    if (!bytes.ok) return bytes;
    return isSameBytes(bytes.value, index) ? undefined : fault("index", placed);
  }

  /** Why an object may not be there. */
  #refusal(digests: Uint8Array, place: number, size: number): ArchiveFlaw | undefined {
    if (this.#rows.find(digests, place).length === 0)
      return this.#check.areAll ? "entry-unexpected" : undefined;
    this.#bytes += size;
    return this.#bytes > this.#check.maxBytes ? "too-large" : undefined;
  }

  async #read(start: number, length: number): Promise<Result<Uint8Array, SourceFault>> {
    const { file, name } = this.#check;
    try {
      return ok(new Uint8Array(await file.slice(start, start + length).arrayBuffer()));
    } catch (thrown) {
      return { ok: false, code: readingCode(thrown), details: { path: name } };
    }
  }
}

function fault(reason: ArchiveFlaw, { entry, offset }: PlacedEntry): ArchiveFault {
  return archiveFault(reason, { entry: entry.path, offset });
}
