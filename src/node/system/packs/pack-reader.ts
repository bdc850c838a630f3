/**
 * Reads objects from packs, in any thread. An index is only believed as far as the record head confirms it, and the head as far as the
 * bytes have its digest.
 *
 * @module
 */

import { hash } from "node:crypto";
import {
  DIGEST_AT,
  DIGEST_BYTES,
  HEAD_BYTES,
  type HexDigest,
  type IndexedRecord,
  MAX_PACKED_BYTES,
  PackIndex,
  readHead,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import { enterPacks, type ReadablePacks, rebuildIndex } from "./pack-catalog.ts";
import { fillAt, type OpenPack, openPack } from "./pack-file.ts";
import { isSameDigest } from "./same-digest.ts";

/** What was read of an object. */
export type ObjectRead =
  /** Its bytes, with the digest that was asked for. They are overwritten by the next read. */
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "missing" }
  /** The caller does not allow an object of this size. */
  | { readonly kind: "refused" }
  /** A pack holds a record of this name with other bytes. `actual` is their digest, if the record can be read at all. */
  | { readonly kind: "wrong"; readonly actual: HexDigest | undefined; readonly bytes: number }
  /** The system refused to read a pack that holds it, or may hold it. */
  | { readonly kind: "unreadable" };

/** Packs that one thread holds open. */
const MOST_OPEN = 16;

/** Bytes read at once, from the smallest to the largest: more while records are read in their order. */
const LEAST_WINDOW: number = 4 * 1024;
const LARGEST_WINDOW: number = 1024 * 1024;

/** A record this far behind the last one counts as its neighbour: threads share a pack in batches. */
const NEIGHBOUR_BYTES: number = 256 * 1024;

/** Reads from the packs of a catalog. The caller closes it. */
export class PackReader implements Disposable {
  readonly #folder: AnchoredDir;
  readonly #fs: FileSystem;
  readonly #catalog: ReadablePacks;
  readonly #indexes: readonly PackIndex[];
  /** By their numbers in the catalog, the one that was used last at the end. */
  readonly #open = new Map<number, OpenPack>();
  /** Reused: a buffer for each of many objects would be held until the next collection of garbage. */
  readonly #actual: Buffer = Buffer.alloc(DIGEST_BYTES);
  /** Indexes made from the packs, by the numbers of packs whose index files lie. */
  readonly #rebuilt = new Map<number, PackIndex>();
  /** The pack of the last record: the next one is probably in it too. */
  #last = 0;
  /** Room for the largest record and the largest window. */
  #space: Buffer | undefined;
  #window: Buffer = Buffer.alloc(0);
  #windowPack = -1;
  #windowStart = 0;
  #windowSize = LEAST_WINDOW;

  constructor(catalog: ReadablePacks, fs: FileSystem) {
    this.#catalog = catalog;
    this.#fs = fs;
    this.#folder = enterPacks(catalog.folder, fs);
    this.#indexes = catalog.packs.map(({ index }) => new PackIndex(index));
  }

  /** The size of an object by the index of the first pack that lists it; `undefined` if none does. The digest is 32 bytes at `place`. */
  sizeOf(digests: Uint8Array, place: number): number | undefined {
    for (const number of this.#order()) {
      const entry = this.#indexes[number]?.find(digests, place) ?? -1;
      if (entry < 0) continue;
      this.#last = number;
      return this.#indexes[number]?.at(entry)?.size ?? 0;
    }
    return undefined;
  }

  /** Reads an object of a size that is allowed: if one pack has wrong bytes, from the next. Throws only bugs. */
  read(digests: Uint8Array, place: number, allows: (size: number) => boolean = () => true): ObjectRead {
    let found: ObjectRead = { kind: this.#catalog.unreadable.length > 0 ? "unreadable" : "missing" };
    let allowed = -1;
    // Copies have one size. Another is asked for too: an index that lies must not lead around a limit.
    const mayRead = (size: number): boolean => {
      if (size <= allowed) return true;
      if (!allows(size)) return false;
      allowed = size;
      return true;
    };
    for (const number of this.#order()) {
      const index = this.#indexes[number];
      const entry = index?.find(digests, place) ?? -1;
      if (index === undefined || entry < 0) continue;
      const record = index.at(entry);
      if (!mayRead(record?.size ?? 0)) return { kind: "refused" };
      const read =
        this.#readFrom(number, record, digests, place) ?? this.#readAstray(number, mayRead, digests, place);
      if (read.kind === "bytes") this.#last = number;
      if (read.kind === "bytes" || read.kind === "refused") return read;
      if (read.kind !== "missing") found = read;
    }
    return found;
  }

  /** Closes the packs, and leaves their folder open. */
  close(): void {
    for (const { fd } of this.#open.values()) this.#fs.closeSync(fd);
    this.#open.clear();
    this.#windowPack = -1;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  *#order(): Generator<number, void, undefined> {
    const { length } = this.#indexes;
    if (this.#last < length) yield this.#last;
    const first = this.#last;
    for (let number = 0; number < length; number++) if (number !== first) yield number;
  }

  /** `undefined` if the record is not where the index has it. */
  #readFrom(
    number: number,
    record: IndexedRecord | undefined,
    digests: Uint8Array,
    place: number,
  ): ObjectRead | undefined {
    if (record === undefined) return undefined;
    const wrong = (actual?: HexDigest): ObjectRead => ({ kind: "wrong", actual, bytes: record.size });
    try {
      const pack = this.#enter(number);
      // A collection may have removed it.
      if (pack === "missing") return { kind: "missing" };
      if (pack === undefined) return wrong();
      if (record.offset + HEAD_BYTES + record.size > pack.trailer.length) return undefined;
      const bytes = this.#fetch(number, pack, record.offset, HEAD_BYTES + record.size);
      if (!isRecord(bytes, record, digests, place)) return undefined;
      const content = bytes.subarray(HEAD_BYTES);
      const actual = hash("sha256", content, "hex") as HexDigest;
      this.#actual.write(actual, "hex");
      return isSameDigest(this.#actual, 0, digests, place)
        ? { kind: "bytes", bytes: content }
        : wrong(actual);
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return { kind: "unreadable" };
    }
  }

  /**
   * Reads a record that is not where the index has it: the index lies, or the pack is damaged there. The index is rebuilt once, and only
   * used for such records: that of a damaged pack lists less than the file.
   */
  #readAstray(
    number: number,
    mayRead: (size: number) => boolean,
    digests: Uint8Array,
    place: number,
  ): ObjectRead {
    const wrong: ObjectRead = { kind: "wrong", actual: undefined, bytes: 0 };
    try {
      const pack = this.#enter(number);
      if (pack === "missing") return { kind: "missing" };
      if (pack === undefined) return wrong;
      const index = this.#rebuilt.get(number) ?? new PackIndex(rebuildIndex(pack, this.#fs).index);
      this.#rebuilt.set(number, index);
      const entry = index.find(digests, place);
      const record = entry < 0 ? undefined : index.at(entry);
      if (record === undefined) return wrong;
      if (!mayRead(record.size)) return { kind: "refused" };
      return this.#readFrom(number, record, digests, place) ?? wrong;
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return { kind: "unreadable" };
    }
  }

  /** Opens a pack, or gives the open one; `undefined` if it is damaged by now. Throws what the system says. */
  #enter(number: number): OpenPack | "missing" | undefined {
    const held = this.#open.get(number);
    if (held !== undefined) {
      if (number !== this.#windowPack) {
        this.#open.delete(number);
        this.#open.set(number, held);
      }
      return held;
    }
    const id = this.#catalog.packs[number]?.id;
    const pack = id === undefined ? "missing" : openPack(this.#folder, id, this.#fs);
    if (typeof pack === "string") return pack === "missing" ? pack : undefined;
    const [oldest] = this.#open;
    if (oldest !== undefined && this.#open.size === MOST_OPEN) {
      this.#open.delete(oldest[0]);
      this.#fs.closeSync(oldest[1].fd);
    }
    this.#open.set(number, pack);
    return pack;
  }

  /** The bytes at an offset; fewer where the pack has become shorter. */
  #fetch(number: number, { fd, trailer }: OpenPack, offset: number, length: number): Buffer {
    const end = this.#windowStart + this.#window.length;
    const isSame = number === this.#windowPack && offset >= this.#windowStart;
    if (!isSame || offset + length > end) {
      const isNeighbour = isSame && offset <= end + NEIGHBOUR_BYTES;
      this.#windowSize = isNeighbour ? Math.min(this.#windowSize * 4, LARGEST_WINDOW) : LEAST_WINDOW;
      const size = Math.min(Math.max(length, this.#windowSize), trailer.length - offset);
      this.#space ??= Buffer.allocUnsafeSlow(Math.max(LARGEST_WINDOW, HEAD_BYTES + MAX_PACKED_BYTES));
      const target = this.#space.subarray(0, size);
      this.#windowPack = -1;
      this.#window = target.subarray(0, fillAt(fd, offset, target, this.#fs));
      this.#windowPack = number;
      this.#windowStart = offset;
    }
    const at = offset - this.#windowStart;
    return this.#window.subarray(at, at + length);
  }
}

/** Whether the head of a record is what the index said, for the digest that was asked for. */
function isRecord(bytes: Buffer, { size }: IndexedRecord, digests: Uint8Array, place: number): boolean {
  const head = readHead(bytes, 0);
  if (head?.size !== size || bytes.length !== HEAD_BYTES + size) return false;
  return isSameDigest(bytes, DIGEST_AT, digests, place);
}
