/**
 * The port to the platform's cryptography. The core has the rules, the platform the arithmetic.
 *
 * @module
 */

import { type HexDigest, parseHexInto } from "./hex.ts";

/** What the core needs from a platform. All functions are synchronous. */
export interface Crypto {
  /** SHA-256 (FIPS 180-4): 32 raw bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** Starts a SHA-256 over bytes that arrive in pieces. */
  beginSha256(): RunningSha256;
  /**
   * Verifies a 64-byte signature with a 32-byte key by RFC 8032, without cofactor. Call it only after
   * `hasAcceptedEncoding`, which refuses the inputs that platforms disagree about. For a key that is not a
   * point of the curve it returns false and does not throw.
   */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Compares two digests of 32 bytes in constant time. Another length is a bug. */
  equalDigests(left: Uint8Array, right: Uint8Array): boolean;
  /** Compares two lists of digests in constant time. Different lengths are a bug. */
  equalDigestLists(left: Uint8Array, right: Uint8Array): boolean;
}

/** An unfinished SHA-256. */
export interface RunningSha256 {
  /** Adds the next piece. The caller may change its bytes afterwards. */
  add(piece: Uint8Array): void;
  /** Gives the digest of all pieces, 32 raw bytes. Don't call any method afterwards. */
  end(): Uint8Array;
}

/**
 * Whether a value from outside equals the expected digest. Decodes both and compares them in constant time
 * (PROTOCOL 14, H-02). A value that is not 64 lowercase hex characters never matches.
 */
export function matchesDigest(expected: HexDigest, candidate: unknown, crypto: Crypto): boolean {
  if (typeof candidate !== "string") return false;
  return parseHexInto(expected, left) && parseHexInto(candidate, right) && crypto.equalDigests(left, right);
}

// Buffers for decoded digests, reused by every call: a manifest has millions of digests.
const left = new Uint8Array(32);
const right = new Uint8Array(32);
