/**
 * The member `hashes` of an OUTPUT_HASHES.json that is being made, from columns that the threads which hashed have filled.
 *
 * @module
 */

import { DIGEST_BYTES, digestToHex, writeHex } from "../bytes/hex.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { type CanonicalForm, TextMembers } from "../json/text-members.ts";
import { DIGEST_PREFIX, declareDigest } from "./output-claims.ts";

/** Hashed files in the order of their paths' bytes, none twice. */
export interface FileColumns {
  readonly length: number;
  /** All paths in UTF-8, one behind the other. */
  readonly pathBytes: Uint8Array;
  /** Where each path begins in them, and at the end where a next one would. */
  readonly pathStarts: Uint32Array;
  /** 32 raw bytes for each path. */
  readonly digests: Uint8Array;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What stands between a path and the digits of its digest. */
const BETWEEN = encodeUtf8(`":"${DIGEST_PREFIX}`);

/** Bytes of a member beside its path: two quotes and a comma, or the last bracket, among them. */
const BESIDE_PATH = BETWEEN.length + DIGEST_BYTES * 2 + 3;

/** The hashes of files, path by path. */
export class DeclaredHashes extends TextMembers {
  override readonly size: number;
  readonly #files: FileColumns;
  #form: CanonicalForm | undefined;

  constructor(files: FileColumns) {
    super();
    this.size = files.length;
    this.#files = files;
  }

  override keyAt(index: number): string {
    const { pathBytes, pathStarts } = this.#files;
    // A copy: not every decoder reads memory that is shared.
    const path = decodeUtf8(pathBytes.slice(pathStarts[index], pathStarts[index + 1]));
    if (path === undefined) throw new TypeError("a path of its own making is UTF-8");
    return path;
  }

  override valueAt(index: number): string {
    const start = index * DIGEST_BYTES;
    return declareDigest(digestToHex(this.#files.digests.subarray(start, start + DIGEST_BYTES)));
  }

  override get canonicalForm(): CanonicalForm | undefined {
    const files = this.#files;
    this.#form ??= files.length > 0 && needsNoEscape(files.pathBytes) ? new WrittenMembers(files) : undefined;
    return this.#form;
  }
}

/** Whether texts of these bytes, or parts of them, stand in JSON as they are. */
function needsNoEscape(utf8: Uint8Array): boolean {
  for (let at = 0; at < utf8.length; at++) {
    const byte = utf8[at] ?? 0;
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}

/** Byte for byte what `encodeCanonical` would write of the members of a map, of which none needs an escape. */
class WrittenMembers implements CanonicalForm {
  readonly length: number;
  readonly #files: FileColumns;
  #place: Uint8Array | undefined;

  constructor(files: FileColumns) {
    this.length = 1 + (files.pathStarts[files.length] ?? 0) + files.length * BESIDE_PATH;
    this.#files = files;
  }

  get bytes(): Uint8Array {
    if (this.#place === undefined) this.writeInto(new Uint8Array(this.length));
    return this.#place ?? new Uint8Array();
  }

  writeInto(target: Uint8Array): void {
    const { digests, length, pathBytes, pathStarts } = this.#files;
    let at = 0;
    target[at++] = OPEN_BRACE;
    for (let index = 0; index < length; index++) {
      target[at++] = QUOTE;
      const end = pathStarts[index + 1] ?? 0;
      for (let place = pathStarts[index] ?? 0; place < end; place++) target[at++] = pathBytes[place] ?? 0;
      target.set(BETWEEN, at);
      at += BETWEEN.length;
      writeHex(digests, index * DIGEST_BYTES, DIGEST_BYTES, target, at);
      at += DIGEST_BYTES * 2;
      target[at++] = QUOTE;
      target[at++] = COMMA;
    }
    target[at - 1] = CLOSE_BRACE;
    this.#place = target;
  }
}
