/**
 * The core's port to cryptography, by node:crypto.
 *
 * @module
 */

import {
  createHash,
  createPublicKey,
  type Hash,
  hash,
  type KeyObject,
  timingSafeEqual,
  verify,
} from "node:crypto";
import {
  type Crypto,
  digestToHex,
  type HexDigest,
  matchesDigest,
  type RunningSha256,
} from "../../../core/internal.ts";

/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410, section 4). */
const SPKI_HEADER = Buffer.from("302a300506032b6570032100", "hex");

/** node:crypto behind the core's port. `verifyEd25519` is never the last word: the core's rule comes first. */
export const nodeCrypto: Crypto = {
  sha256,
  beginSha256: () => new PiecewiseSha256(),
  verifyEd25519: (publicKey, message, signature) => verify(null, message, keyObjectOf(publicKey), signature),
  equalDigests: (left, right) => timingSafeEqual(left, right),
  equalDigestLists: (left, right) => timingSafeEqual(left, right),
};

/** The SHA-256 of bytes, lowercase hex. */
export function digestOf(bytes: Uint8Array): HexDigest {
  return digestToHex(nodeCrypto.sha256(bytes));
}

/** Whether two digests are the same, or both are missing. In constant time. */
export function isSameDigest(left: HexDigest | undefined, right: HexDigest | undefined): boolean {
  if (left === undefined || right === undefined) return (left ?? right) === undefined;
  return matchesDigest(left, right, nodeCrypto);
}

/** A public key as X.509 has it: SubjectPublicKeyInfo in DER. */
export function spkiOf(publicKey: Uint8Array): Buffer {
  return Buffer.concat([SPKI_HEADER, publicKey]);
}

/** One call and no Buffer: a sixth of what `createHash` costs, and a Merkle tree is millions of such calls. */
function sha256(bytes: Uint8Array): Uint8Array {
  const latin1 = hash("sha256", bytes, "binary");
  const digest = new Uint8Array(latin1.length);
  for (let index = 0; index < digest.length; index++) digest[index] = latin1.charCodeAt(index);
  return digest;
}

/** A SHA-256 of pieces. Most documents are one, of which the quicker way takes care. */
class PiecewiseSha256 implements RunningSha256 {
  #first: Uint8Array | undefined;
  #running: Hash | undefined;

  add(piece: Uint8Array): void {
    if (this.#first === undefined) {
      // The caller may change it.
      this.#first = new Uint8Array(piece);
      return;
    }
    this.#running ??= createHash("sha256").update(this.#first);
    this.#running.update(piece);
  }

  end(): Uint8Array {
    return this.#running?.digest() ?? sha256(this.#first ?? new Uint8Array());
  }
}

/** Keys kept for the next signature. Making one costs as much as using it, and a chain has few signers. */
const MAX_KEYS = 64;

const keys = new Map<string, KeyObject>();

/** A public key as node:crypto has it, by its 32 raw bytes. */
export function keyObjectOf(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString("latin1");
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: spkiOf(publicKey), format: "der", type: "spki" });
  if (keys.size === MAX_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}
