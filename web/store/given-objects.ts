/**
 * The objects of a project's store, or of an archive of several runs, by their digests (docs/store.md). Nothing of a store is trusted:
 * who takes an object hashes it.
 *
 * @module
 */

import {
  type Crypto,
  DIGEST_BYTES,
  decodeTrailer,
  HEAD_BYTES,
  type HexDigest,
  type IndexedRecord,
  indexBytes,
  indexName,
  isIndexOf,
  MAX_PACK_BYTES,
  matchesDigest,
  type OutputClaims,
  PACKS_FOLDER,
  PackIndex,
  packIdIn,
  packIdOf,
  packName,
  shownObject,
  TRAILER_BYTES,
} from "../../src/core/internal.ts";
import { pathIn, type SourceEntry, type SourceFolder } from "../source/source-folder.ts";

/** Most bytes of indexes that are loaded: those of five million objects. Packs beyond count as unreadable. */
const MAX_INDEX_BYTES: number = 256 * 1024 * 1024;

/** What has a digest: a file, nothing, or something that can't be read. */
export type FoundObject = Exclude<SourceEntry, { readonly kind: "link" }>;

interface LoadedPack {
  readonly blob: Blob;
  readonly index: PackIndex;
}

/** The objects of one folder. */
export class StoredObjects {
  readonly #project: SourceFolder;
  readonly #packs: readonly LoadedPack[];
  /** Packs that can't be read or have no index: an object that is in none of the others may be in them. */
  readonly hasUnreadable: boolean;

  private constructor(project: SourceFolder, packs: readonly LoadedPack[], hasUnreadable: boolean) {
    this.#project = project;
    this.#packs = packs;
    this.hasUnreadable = hasUnreadable;
  }

  /** Opens the store of a project. One without a store has no objects. */
  static async open(project: SourceFolder, crypto: Crypto): Promise<StoredObjects> {
    const listed = await project.list(PACKS_FOLDER);
    const names = typeof listed === "string" ? [] : listed.map(({ name }) => name);
    const packs: LoadedPack[] = [];
    let hasUnreadable = listed === "unreadable";
    let room = MAX_INDEX_BYTES;
    for (const id of names.flatMap((name) => packIdIn(name) ?? []).sort()) {
      const pack = await loadPack(project, id, room, crypto);
      if (pack === undefined) hasUnreadable = true;
      else {
        packs.push(pack);
        room -= indexBytes(pack.index.count);
      }
    }
    return new StoredObjects(project, packs, hasUnreadable);
  }

  /** The object of an output. */
  async find(claims: OutputClaims, row: number): Promise<FoundObject> {
    const claim = claims.at(row);
    if (claim?.lawful !== true || claim.digest === undefined) return { kind: "missing" };
    const packed = this.#record(claims.columns.digests, row * DIGEST_BYTES);
    if (packed !== undefined) return openRecord(packed.pack, packed.record);
    const entry = await this.#project.look(shownObject(claim.digest));
    if (entry.kind === "missing" && this.hasUnreadable) return { kind: "unreadable" };
    return entry.kind === "link" ? { kind: "missing" } : entry;
  }

  /** Whether there is an object for each lawful output, by its name: none is read. */
  async keepsAll(claims: OutputClaims): Promise<boolean> {
    for (let row = 0; row < claims.length; row++) {
      const claim = claims.at(row);
      if (claim?.lawful !== true) continue;
      if (claim.digest === undefined) return false;
      if (this.#record(claims.columns.digests, row * DIGEST_BYTES) !== undefined) continue;
      if ((await this.#project.look(shownObject(claim.digest))).kind !== "file") return false;
    }
    return true;
  }

  #record(
    digests: Uint8Array,
    place: number,
  ): { readonly pack: LoadedPack; readonly record: IndexedRecord } | undefined {
    for (const pack of this.#packs) {
      const entry = pack.index.find(digests, place);
      const record = entry < 0 ? undefined : pack.index.at(entry);
      if (record !== undefined) return { pack, record };
    }
    return undefined;
  }
}

/** A pack counts only if its trailer is good, its name is the trailer's hash, and its index is whole. */
async function loadPack(
  project: SourceFolder,
  id: HexDigest,
  room: number,
  crypto: Crypto,
): Promise<LoadedPack | undefined> {
  const pack = await project.look(pathIn(PACKS_FOLDER, packName(id)));
  const index = await project.look(pathIn(PACKS_FOLDER, indexName(id)));
  if (pack.kind !== "file" || index.kind !== "file") return undefined;
  if (pack.blob.size > MAX_PACK_BYTES || index.blob.size > room) return undefined;
  const end = await read(pack.blob.slice(Math.max(0, pack.blob.size - TRAILER_BYTES)));
  const trailer = end && decodeTrailer(end, pack.blob.size);
  if (end === undefined || trailer === undefined) return undefined;
  if (!matchesDigest(packIdOf(end, crypto), id, crypto)) return undefined;
  const bytes = await read(index.blob);
  if (bytes === undefined || !isIndexOf(bytes, id, trailer.records, crypto)) return undefined;
  return { blob: pack.blob, index: new PackIndex(bytes) };
}

function openRecord({ blob }: LoadedPack, { offset, size }: IndexedRecord): FoundObject {
  const start = offset + HEAD_BYTES;
  return { kind: "file", blob: blob.slice(start, start + size) };
}

/** The bytes of a file; undefined where they can't be read. */
async function read(blob: Blob): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (thrown) {
    if (thrown instanceof DOMException) return undefined;
    throw thrown;
  }
}
