/**
 * Reads an archive from pieces of any length, strictly: each head must be, byte for byte, what the writer makes for that entry. Then
 * come the end marker and nothing else (PROTOCOL 20).
 *
 * Paths and targets are only texts here. The caller compares them with those of verified claims, and uses the claims'.
 *
 * @module
 */

import { isSameBytes } from "../../system/bytes/bytes.ts";
import { MAX_PATH_BYTES } from "../../system/bytes/limits.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { type ArchiveFault, type ArchiveFlaw, archiveFault } from "./archive-fault.ts";
import {
  type ArchiveEntry,
  type ArchiveKind,
  encodeExtendedHeader,
  encodeHead,
  encodeHeader,
  KIND_OF_TYPE,
  paddingOf,
} from "./entry-head.ts";
import { isForeignArchive } from "./foreign-archive.ts";
import { type PaxValues, parseRecords } from "./pax-records.ts";
import { BLOCK_BYTES, checksumOf, EXTENDED_TYPE, FIELDS, readAscii, readOctal } from "./ustar-header.ts";

/** What comes next in an archive. */
export type ArchiveEvent =
  /** An entry begins; `offset` is where its content begins, in bytes from the beginning of the archive. */
  | { readonly kind: "entry"; readonly entry: ArchiveEntry; readonly offset: number }
  /** A piece of a file's content, which is valid until the next piece of the archive is given. Never empty. */
  | { readonly kind: "content"; readonly bytes: Uint8Array }
  /** The end marker. Only `finish` says whether the archive ends there. */
  | { readonly kind: "end" };

/** Bytes of an extended header: a path and a target of the most bytes, and what is around them. */
const MAX_EXTENDED_BYTES: number = 3 * MAX_PATH_BYTES;

/** The largest size of a file: beyond it a number of JavaScript is not exact. */
const MAX_SIZE: number = Number.MAX_SAFE_INTEGER;

type State = "head" | "extended" | "extended-head" | "content" | "padding" | "end-marker" | "ended";

const NOTHING = new Uint8Array(0);

/** Reads one archive. After a fault it must not be used again. */
export class ArchiveParser {
  #state: State = "head";
  #piece: Uint8Array = NOTHING;
  /** Where the unread part of the piece begins. */
  #at = 0;
  /** Bytes of the archive before the piece. */
  #before = 0;
  /** The beginning of a part that was cut between pieces. */
  #held: Uint8Array = NOTHING;
  #heldBytes = 0;
  /** Bytes that are left of a content. */
  #left = 0;
  #padding = 0;
  #extendedBytes = 0;
  #extended: PaxValues = {};
  #extendedHead: readonly Uint8Array[] = [];
  readonly #scratch = new Uint8Array(BLOCK_BYTES);

  /** Where the unread part begins, in bytes from the beginning of the archive. */
  get offset(): number {
    return this.#before + this.#at;
  }

  /** Bytes that are left of the content of the entry that came last. */
  get contentLeft(): number {
    return this.#left;
  }

  /** Gives the next piece of the archive. All events of the last one must have been read. */
  push(piece: Uint8Array): void {
    this.#before += this.#piece.length;
    this.#piece = piece;
    this.#at = 0;
  }

  /** Goes on behind the content of the entry that came last, which the caller read or skipped by itself, at this offset. */
  skipContent(): number {
    const skipped = this.#left;
    this.#left = 0;
    this.#before = this.offset + skipped;
    this.#piece = NOTHING;
    this.#at = 0;
    return this.#before;
  }

  /** What comes next; undefined once the piece is read. */
  next(): Result<ArchiveEvent, ArchiveFault> | undefined {
    for (;;) {
      switch (this.#state) {
        case "content": {
          if (this.#left > 0) return this.#content();
          this.#state = "padding";
          break;
        }
        case "padding": {
          const padding = this.#take(this.#padding);
          if (padding === undefined) return undefined;
          if (!isZero(padding)) return this.#fault("padding", this.#padding);
          this.#state = "head";
          break;
        }
        case "ended":
          if (this.#at >= this.#piece.length) return undefined;
          return archiveFault("trailing-bytes", { offset: this.offset });
        default: {
          const read = this.#head(this.#state);
          if (read !== "again") return read;
        }
      }
    }
  }

  /** The fault of an archive whose bytes end here; undefined if it is whole. */
  finish(): ArchiveFault | undefined {
    const held = this.#held.subarray(0, this.#heldBytes);
    if (this.offset === held.length && isForeignArchive(held)) return archiveFault("foreign");
    return this.#state === "ended" ? undefined : archiveFault("truncated", { offset: this.offset });
  }

  #content(): Result<ArchiveEvent, ArchiveFault> | undefined {
    if (this.#at >= this.#piece.length) return undefined;
    const bytes = this.#piece.subarray(this.#at, this.#at + this.#left);
    this.#at += bytes.length;
    this.#left -= bytes.length;
    return ok({ kind: "content", bytes });
  }

  #head(
    state: "end-marker" | "extended" | "extended-head" | "head",
  ): ReturnType<ArchiveParser["next"]> | "again" {
    const length = state === "extended" ? this.#extendedBytes + paddingOf(this.#extendedBytes) : BLOCK_BYTES;
    const block = this.#take(length);
    if (block === undefined) return undefined;
    if (state === "extended") return this.#readExtended(block);
    if (state === "end-marker") {
      if (!isZero(block)) return this.#fault("end-marker", length);
      this.#state = "ended";
      return ok({ kind: "end" });
    }
    if (state === "head" && block[0] === 0 && isZero(block)) {
      this.#state = "end-marker";
      return "again";
    }
    return this.#readHeader(block);
  }

  #readHeader(block: Uint8Array): ReturnType<ArchiveParser["next"]> | "again" {
    if (this.offset === BLOCK_BYTES && isForeignArchive(block)) return archiveFault("foreign");
    if (readOctal(block, FIELDS.checksum) !== checksumOf(block)) return this.#fault("checksum", BLOCK_BYTES);
    const type = block[FIELDS.type[0]] ?? 0;
    const size = readOctal(block, FIELDS.size);
    const isExtended = this.#extendedHead.length > 0;
    if (type === EXTENDED_TYPE && !isExtended) {
      if (size === undefined || size === 0 || size > MAX_EXTENDED_BYTES)
        return this.#fault("extended-header", BLOCK_BYTES);
      if (!isSameBytes(block, encodeExtendedHeader(size))) return this.#fault("extended-header", BLOCK_BYTES);
      this.#extendedHead = [block.slice()];
      this.#extendedBytes = size;
      this.#state = "extended";
      return "again";
    }
    const kind = KIND_OF_TYPE.get(type);
    if (kind === undefined) return this.#fault("kind", BLOCK_BYTES);
    const entry = entryOf(kind, block, size, this.#extended);
    if (entry === undefined || !this.#isWritten(entry, block))
      return this.#fault(isExtended ? "extended-header" : "header", BLOCK_BYTES);
    this.#extended = {};
    this.#extendedHead = [];
    this.#left = entry.size;
    this.#padding = paddingOf(entry.size);
    this.#state = "content";
    return ok({ kind: "entry", entry, offset: this.offset });
  }

  #readExtended(block: Uint8Array): ReturnType<ArchiveParser["next"]> | "again" {
    const records = parseRecords(block.subarray(0, this.#extendedBytes));
    if (records === undefined) return this.#fault("extended-header", block.length);
    this.#extended = records;
    this.#extendedHead = [...this.#extendedHead, block.slice()];
    this.#state = "extended-head";
    return "again";
  }

  /** Whether the writer makes these bytes for the entry. */
  #isWritten(entry: ArchiveEntry, block: Uint8Array): boolean {
    if (this.#extendedHead.length === 0) {
      // What needs an extended header has another name in its own one, so it differs here.
      return isSameBytes(encodeHeader(entry, this.#scratch), block);
    }
    const head = encodeHead(entry);
    let at = 0;
    for (const part of [...this.#extendedHead, block]) {
      if (!isSameBytes(head.subarray(at, at + part.length), part)) return false;
      at += part.length;
    }
    return at === head.length;
  }

  /** So many bytes in one array, which is valid until the next call; undefined until all of them are there. */
  #take(length: number): Uint8Array | undefined {
    const available = this.#piece.length - this.#at;
    if (this.#heldBytes === 0 && available >= length) {
      this.#at += length;
      return this.#piece.subarray(this.#at - length, this.#at);
    }
    if (this.#held.length < length) {
      const larger = new Uint8Array(length);
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    const taken = this.#piece.subarray(this.#at, this.#at + length - this.#heldBytes);
    this.#held.set(taken, this.#heldBytes);
    this.#heldBytes += taken.length;
    this.#at += taken.length;
    if (this.#heldBytes < length) return undefined;
    this.#heldBytes = 0;
    return this.#held.subarray(0, length);
  }

  /** A flaw in the part of so many bytes that was taken last. */
  #fault(reason: ArchiveFlaw, length: number): ArchiveFault {
    return archiveFault(reason, { offset: this.offset - length });
  }
}

/** What a header and the extended header before it say; undefined if a field is not readable. */
function entryOf(
  kind: ArchiveKind,
  block: Uint8Array,
  size: number | undefined,
  extended: PaxValues,
): ArchiveEntry | undefined {
  const name = extended.path ?? readAscii(block, FIELDS.name);
  const target = extended.linkpath ?? readAscii(block, FIELDS.link);
  const mode = readOctal(block, FIELDS.mode);
  const bytes = extended.size === undefined ? size : Number(extended.size);
  if (name === undefined || target === undefined || mode === undefined || bytes === undefined)
    return undefined;
  if (`${name}${target}`.includes("\0") || !(bytes <= MAX_SIZE) || mode > 0o777) return undefined;
  if ((kind === "link") !== (target !== "") || (kind !== "file" && bytes !== 0)) return undefined;
  if ((kind === "folder") !== name.endsWith("/")) return undefined;
  const path = kind === "folder" ? name.slice(0, -1) : name;
  return path === "" ? undefined : { kind, path, mode, size: bytes, target };
}

/** Byte by byte: a call for each would take as long as the hash of a small file. */
function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}
