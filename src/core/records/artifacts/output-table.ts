/**
 * The member `hashes` of OUTPUT_HASHES.json as a table: a row for each output, in the order of the document, with its path and
 * its digest in columns of bytes. A million rows as objects would take hundreds of megabytes.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  type HexDigest,
  isHexDigest,
  parseHexAt,
  parseHexBytes,
  writeHex,
} from "../../system/bytes/hex.ts";
import { HexDigests } from "../../system/bytes/hex-digests.ts";
import { itemAt, itemsOf } from "../../system/bytes/listing.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import { withRoom } from "../../system/bytes/with-room.ts";
import { GrowingTexts } from "../../system/json/growing-texts.ts";
import type { JsonObject, JsonValue } from "../../system/json/json-value.ts";
import type { TextViews } from "../../system/json/text-views.ts";

/** What stands before a digest in OUTPUT_HASHES.json. */
const DIGEST_PREFIX = "sha256:";

/** Paths and digests of files. Plain data, which may be in memory that threads share. */
export interface FileColumns {
  readonly length: number;
  /** All paths in UTF-8, one behind the other. */
  readonly pathBytes: Uint8Array;
  /** Where each path begins, and at the end where a next one would. */
  readonly pathStarts: Uint32Array;
  /** 32 raw bytes for each path; zeros where no digest is declared. */
  readonly digests: Uint8Array;
}

/** Writes a digest as OUTPUT_HASHES.json declares it. */
export function declareDigest(digest: HexDigest): string {
  return DIGEST_PREFIX + digest;
}

/** Reads a digest as OUTPUT_HASHES.json declares it; `undefined` for anything else. */
export function parseDeclaredDigest(declared: JsonValue | undefined): HexDigest | undefined {
  if (typeof declared !== "string" || !declared.startsWith(DIGEST_PREFIX)) return undefined;
  const digest = declared.slice(DIGEST_PREFIX.length);
  return isHexDigest(digest) ? digest : undefined;
}

/** What stands between a path and the digits of its digest. */
const BETWEEN = encodeUtf8(`":"${DIGEST_PREFIX}`);

/** Bytes of a row in canonical JSON beside its path: two quotes and a comma or brace among them. */
export const BYTES_BESIDE_PATH: number = BETWEEN.length + DIGEST_BYTES * 2 + 3;

/** Rows that are written at once. */
const ROWS_A_PIECE = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Room for this many rows at first. */
const FIRST_ROWS = 8;

/** A JSON object whose members stand in columns. The strict reader fills it row by row, or a sealer brings the columns. */
export class OutputTable implements JsonObject {
  readonly #paths: GrowingTexts;
  #digests: Uint8Array;
  /** The values that do not declare a digest, by row. */
  readonly #others = new Map<number, JsonValue>();
  /** The rows by path, once paths are out of order: in order, no path can be there twice. */
  #rows: Map<string, number> | undefined;
  #texts: TextViews | undefined;
  #hex: HexDigests | undefined;

  /** A table without rows, or one of columns whose paths are in order, none twice, each with a digest. */
  constructor(columns?: FileColumns) {
    this.#paths = new GrowingTexts(columns && { bytes: columns.pathBytes, starts: columns.pathStarts });
    this.#digests = columns?.digests ?? new Uint8Array(FIRST_ROWS * DIGEST_BYTES);
  }

  get size(): number {
    return this.#paths.length;
  }

  get isSorted(): boolean {
    return this.#rows === undefined;
  }

  /** The columns as they stand. They may not be changed. */
  get columns(): FileColumns {
    const { bytes: pathBytes, starts: pathStarts } = this.#paths.laidOut();
    const digests = this.#digests.subarray(0, this.size * DIGEST_BYTES);
    return { length: this.size, pathBytes, pathStarts, digests };
  }

  /** Adds a row, as the strict reader does. Leaves the table as it is where the path is in it already. */
  set(path: string, value: JsonValue): void {
    const row = this.size;
    this.#paths.add(path);
    this.#texts = undefined;
    this.#hex = undefined;
    if (this.#rows === undefined && !this.#paths.isLastInOrder) {
      const known = this.#paths.views();
      this.#rows = new Map(Array.from({ length: row }, (_, index) => [itemAt(known, index), index]));
    }
    if (this.#rows?.has(path) === true) {
      this.#paths.removeLast();
      return;
    }
    this.#rows?.set(path, row);
    this.#writeDigest(value, row);
  }

  /** Adds a row that comes after the last one and is written as `"PATH":"sha256:DIGITS"` without escapes, as runseal writes it. */
  take(ascii: Uint8Array, start: number): number | undefined {
    if (this.#rows !== undefined || ascii[start] !== QUOTE) return undefined;
    let end = start + 1;
    while (isOrdinary(ascii[end] ?? 0)) end++;
    for (let at = 0; at < BETWEEN.length; at++) if (ascii[end + at] !== BETWEEN[at]) return undefined;
    const digits = end + BETWEEN.length;
    const close = digits + DIGEST_BYTES * 2;
    const place = this.size * DIGEST_BYTES;
    this.#digests = withRoom(this.#digests, place + DIGEST_BYTES);
    const isRow =
      ascii[close] === QUOTE &&
      parseHexBytes(ascii, digits, this.#digests, place, DIGEST_BYTES) &&
      this.#paths.addNext(ascii, start + 1, end);
    if (!isRow) return undefined;
    this.#texts = undefined;
    this.#hex = undefined;
    return close + 1;
  }

  /** The path of a row. */
  pathAt(row: number): string {
    return itemAt(this.paths, row);
  }

  /** The paths, in the order of the document. */
  get paths(): TextViews {
    this.#texts ??= this.#paths.views();
    return this.#texts;
  }

  /** The digest that a row declares; `undefined` where its value is not `sha256:` and 64 lowercase hex. */
  digestAt(row: number): HexDigest | undefined {
    if (this.#others.has(row)) return undefined;
    this.#hex ??= new HexDigests(this.columns.digests);
    return this.#hex.at(row);
  }

  /** Whether each row from `start` up to `end` declares a digest. */
  declares(start: number, end: number): boolean {
    if (this.#others.size > 0) {
      for (let row = start; row < end; row++) if (this.#others.has(row)) return false;
    }
    return end <= this.size;
  }

  /** For a table in order whose values are all digests, unless a path needs an escape. */
  canonicalPieces(): Iterable<Uint8Array> | undefined {
    const isPlain = this.size > 0 && this.isSorted && this.#others.size === 0;
    return isPlain && needsNoEscape(this.columns.pathBytes) ? canonicalPieces(this.columns) : undefined;
  }

  get(path: string): JsonValue | undefined {
    const row = this.#find(path);
    return row === undefined ? undefined : this.#valueAt(row);
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  forEach(visit: (value: JsonValue, path: string, table: ReadonlyMap<string, JsonValue>) => void): void {
    for (const [path, value] of this) visit(value, path, this);
  }

  keys(): Generator<string, undefined> {
    return itemsOf(this.size, (row) => this.pathAt(row));
  }

  values(): Generator<JsonValue, undefined> {
    return itemsOf(this.size, (row) => this.#valueAt(row));
  }

  entries(): Generator<[string, JsonValue], undefined> {
    return itemsOf(this.size, (row) => [this.pathAt(row), this.#valueAt(row)]);
  }

  [Symbol.iterator](): Generator<[string, JsonValue], undefined> {
    return this.entries();
  }

  #valueAt(row: number): JsonValue {
    const digest = this.digestAt(row);
    return digest === undefined ? (this.#others.get(row) ?? null) : declareDigest(digest);
  }

  #find(path: string): number | undefined {
    return this.#rows === undefined ? this.paths.find(path) : this.#rows.get(path);
  }

  #writeDigest(value: JsonValue, row: number): void {
    const place = row * DIGEST_BYTES;
    const end = place + DIGEST_BYTES;
    this.#digests = withRoom(this.#digests, end);
    const isDigest =
      typeof value === "string" &&
      value.length === DIGEST_PREFIX.length + DIGEST_BYTES * 2 &&
      value.startsWith(DIGEST_PREFIX) &&
      parseHexAt(value, DIGEST_PREFIX.length, this.#digests, place, DIGEST_BYTES);
    if (isDigest) return;
    this.#digests.fill(0, place, end);
    this.#others.set(row, value);
  }
}

/** Whether texts of these bytes stand in JSON as they are. */
function needsNoEscape(utf8: Uint8Array): boolean {
  for (let at = 0; at < utf8.length; at++) if (!isOrdinary(utf8[at] ?? 0)) return false;
  return true;
}

/** Whether a byte of a text stands in JSON as it is. */
function isOrdinary(byte: number): boolean {
  return byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH;
}

/** Writes rows as members of an object, some at a time. */
function* canonicalPieces({ digests, length, pathBytes, pathStarts }: FileColumns): Generator<Uint8Array> {
  let piece = new Uint8Array(0);
  for (let first = 0; first < length; first += ROWS_A_PIECE) {
    const last = Math.min(first + ROWS_A_PIECE, length);
    const most = (pathStarts[last] ?? 0) - (pathStarts[first] ?? 0) + (last - first) * BYTES_BESIDE_PATH + 1;
    if (piece.length < most) piece = new Uint8Array(most);
    let at = 0;
    for (let row = first; row < last; row++) {
      piece[at++] = row === 0 ? OPEN_BRACE : COMMA;
      piece[at++] = QUOTE;
      const path = pathBytes.subarray(pathStarts[row], pathStarts[row + 1]);
      piece.set(path, at);
      at += path.length;
      piece.set(BETWEEN, at);
      at += BETWEEN.length;
      writeHex(digests, row * DIGEST_BYTES, DIGEST_BYTES, piece, at);
      at += DIGEST_BYTES * 2;
      piece[at++] = QUOTE;
    }
    if (last === length) piece[at++] = CLOSE_BRACE;
    yield piece.subarray(0, at);
  }
}
