/**
 * The member `hashes` of an OUTPUT_HASHES.json that is being made, from columns that the threads which hashed have filled.
 *
 * @module
 */

import { DIGEST_BYTES, digestToHex, writeHex } from "../hex.ts";
import { TextMembers } from "../text-members.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
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
  #canonical: Uint8Array | undefined;

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

  override get canonicalBytes(): Uint8Array | undefined {
    this.#canonical ??= writeMembers(this.#files);
    return this.#canonical;
  }
}

/** Byte for byte what `encodeCanonical` would write; `undefined` where a path needs an escape. */
function writeMembers({ digests, length, pathBytes, pathStarts }: FileColumns): Uint8Array | undefined {
  if (length === 0) return undefined;
  const bytes = new Uint8Array(1 + (pathStarts[length] ?? 0) + length * BESIDE_PATH);
  let at = 0;
  bytes[at++] = OPEN_BRACE;
  for (let index = 0; index < length; index++) {
    bytes[at++] = QUOTE;
    const end = pathStarts[index + 1] ?? 0;
    for (let place = pathStarts[index] ?? 0; place < end; place++) {
      const byte = pathBytes[place] ?? 0;
      if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return undefined;
      bytes[at++] = byte;
    }
    bytes.set(BETWEEN, at);
    at += BETWEEN.length;
    writeHex(digests, index * DIGEST_BYTES, DIGEST_BYTES, bytes, at);
    at += DIGEST_BYTES * 2;
    bytes[at++] = QUOTE;
    bytes[at++] = COMMA;
  }
  bytes[at - 1] = CLOSE_BRACE;
  return bytes;
}
