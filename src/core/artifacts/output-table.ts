/**
 * The member `hashes` of OUTPUT_HASHES.json as a table: a row for each output, in the order of the document, with its path and
 * its digest in columns of bytes. A million rows as objects would take hundreds of megabytes.
 *
 * @module
 */

import { compareRanges } from "../bytes/bytes.ts";
import { DIGEST_BYTES, type HexDigest, isHexDigest, parseHexAt, writeHex } from "../bytes/hex.ts";
import { HexDigests } from "../bytes/hex-digests.ts";
import { itemsOf, lowerBound } from "../bytes/listing.ts";
import { TextColumn } from "../bytes/text-column.ts";
import { compareUtf8, encodeUtf8, writeUtf8 } from "../bytes/utf8.ts";
import type { JsonObject, JsonValue } from "../json/json-value.ts";

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
  #length: number;
  #pathBytes: Uint8Array;
  #pathStarts: Uint32Array;
  #digests: Uint8Array;
  /** The values that do not declare a digest, by row. */
  readonly #others = new Map<number, JsonValue>();
  /** The rows by path, once paths are out of order: in order, no path can be there twice. */
  #rows: Map<string, number> | undefined;
  #texts: TextColumn | undefined;
  #hex: HexDigests | undefined;

  /** A table without rows, or one of columns whose paths are in order, none twice, each with a digest. */
  constructor(columns?: FileColumns) {
    this.#length = columns?.length ?? 0;
    this.#pathBytes = columns?.pathBytes ?? new Uint8Array(FIRST_ROWS * 32);
    this.#pathStarts = columns?.pathStarts ?? new Uint32Array(FIRST_ROWS + 1);
    this.#digests = columns?.digests ?? new Uint8Array(FIRST_ROWS * DIGEST_BYTES);
  }

  get size(): number {
    return this.#length;
  }

  get isSorted(): boolean {
    return this.#rows === undefined;
  }

  /** The columns as they stand. They may not be changed. */
  get columns(): FileColumns {
    const end = this.#pathStarts[this.#length] ?? 0;
    return {
      length: this.#length,
      pathBytes: this.#pathBytes.subarray(0, end),
      pathStarts: this.#pathStarts.subarray(0, this.#length + 1),
      digests: this.#digests.subarray(0, this.#length * DIGEST_BYTES),
    };
  }

  /** Adds a row, as the strict reader does. Leaves the table as it is where the path is in it already. */
  set(path: string, value: JsonValue): void {
    const row = this.#length;
    this.#writePath(path, row);
    if (this.#rows === undefined && row > 0 && !this.#isNext(row)) {
      this.#rows = new Map(Array.from(this.keys(), (known, index) => [known, index]));
    }
    if (this.#rows?.has(path) === true) return;
    this.#rows?.set(path, row);
    this.#writeDigest(value, row);
    this.#length = row + 1;
    this.#texts = undefined;
    this.#hex = undefined;
  }

  /** The path of a row. */
  pathAt(row: number): string {
    if (this.#texts === undefined) {
      const { pathBytes, pathStarts } = this.columns;
      this.#texts = new TextColumn(pathBytes, pathStarts);
    }
    return this.#texts.at(row);
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
    return end <= this.#length;
  }

  /** For a table in order whose values are all digests, unless a path needs an escape. */
  canonicalPieces(): Iterable<Uint8Array> | undefined {
    const isPlain = this.#length > 0 && this.isSorted && this.#others.size === 0;
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
    return itemsOf(this.#length, (row) => this.pathAt(row));
  }

  values(): Generator<JsonValue, undefined> {
    return itemsOf(this.#length, (row) => this.#valueAt(row));
  }

  entries(): Generator<[string, JsonValue], undefined> {
    return itemsOf(this.#length, (row) => [this.pathAt(row), this.#valueAt(row)]);
  }

  [Symbol.iterator](): Generator<[string, JsonValue], undefined> {
    return this.entries();
  }

  #valueAt(row: number): JsonValue {
    const digest = this.digestAt(row);
    return digest === undefined ? (this.#others.get(row) ?? null) : declareDigest(digest);
  }

  #find(path: string): number | undefined {
    if (this.#rows !== undefined) return this.#rows.get(path);
    const row = lowerBound(this.#length, (index) => compareUtf8(this.pathAt(index), path) < 0);
    return row < this.#length && this.pathAt(row) === path ? row : undefined;
  }

  #writePath(path: string, row: number): void {
    const start = this.#pathStarts[row] ?? 0;
    // No unit of UTF-16 has more than three bytes.
    const most = start + path.length * 3;
    if (most > this.#pathBytes.length) this.#pathBytes = enlarged(this.#pathBytes, most);
    if (row + 1 >= this.#pathStarts.length) {
      const starts = new Uint32Array(this.#pathStarts.length * 2);
      starts.set(this.#pathStarts);
      this.#pathStarts = starts;
    }
    this.#pathStarts[row + 1] = start + writeText(path, this.#pathBytes, start);
  }

  /** Whether the bytes of a path come after those of the path before it. */
  #isNext(row: number): boolean {
    const start = this.#pathStarts[row] ?? 0;
    const before = this.#pathStarts[row - 1] ?? 0;
    return compareRanges(this.#pathBytes, before, start, start, this.#pathStarts[row + 1] ?? 0) < 0;
  }

  #writeDigest(value: JsonValue, row: number): void {
    const place = row * DIGEST_BYTES;
    const end = place + DIGEST_BYTES;
    if (end > this.#digests.length) this.#digests = enlarged(this.#digests, end);
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
  for (let at = 0; at < utf8.length; at++) {
    const byte = utf8[at] ?? 0;
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
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

function enlarged(bytes: Uint8Array, least: number): Uint8Array {
  const larger = new Uint8Array(Math.max(least, bytes.length * 2));
  larger.set(bytes);
  return larger;
}

/** Writes a text as UTF-8 at an offset, and gives the bytes written. Most paths are ASCII, for which a loop is faster. */
function writeText(text: string, target: Uint8Array, start: number): number {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return writeUtf8(text, target.subarray(start));
    target[start + index] = unit;
  }
  return text.length;
}
