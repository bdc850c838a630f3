/**
 * The port to the platform's cryptography. The core brings the rules, the platform the arithmetic.
 *
 * @module
 */

import { type HexDigest, parseHexInto } from "./hex.ts";

/** What the core needs of a platform. All synchronous. */
export interface Crypto {
  /** SHA-256 (FIPS 180-4): 32 raw bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** Begins the SHA-256 of bytes that come in pieces. */
  beginSha256(): RunningSha256;
  /**
   * RFC 8032 verification without cofactor, of a 32-byte key and a 64-byte signature. Only ever called
   * behind `mayHold`, which refuses what platforms disagree about. A key that is no point of the
   * curve is `false`, not an exception.
   */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Whether two digests of 32 bytes are equal, in constant time. Other lengths are a bug. */
  equalDigests(left: Uint8Array, right: Uint8Array): boolean;
  /** The same of as many digests on each side, one behind the other. Two lengths are a bug. */
  equalDigestLists(left: Uint8Array, right: Uint8Array): boolean;
}

/** A SHA-256 under way. */
export interface RunningSha256 {
  /** Takes the next piece, which the caller may change afterwards. */
  add(piece: Uint8Array): void;
  /** The digest of all pieces, 32 raw bytes. Nothing may be asked afterwards. */
  end(): Uint8Array;
}

/**
 * Whether a value from outside is the expected digest. Both are decoded and compared in constant time
 * (PROTOCOL 14, H-02); what isn't 64 lowercase hex characters never equals anything.
 */
export function matchesDigest(expected: HexDigest, candidate: unknown, crypto: Crypto): boolean {
  if (typeof candidate !== "string") return false;
  return parseHexInto(expected, left) && parseHexInto(candidate, right) && crypto.equalDigests(left, right);
}

// Where digests are decoded, one pair after the other: a manifest has millions.
const left = new Uint8Array(32);
const right = new Uint8Array(32);
