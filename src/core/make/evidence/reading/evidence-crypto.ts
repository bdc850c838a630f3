/**
 * What reading evidence needs of a platform's cryptography beyond the core's own port. Bundles need none of it.
 *
 * @module
 */

import type { Crypto } from "../../../system/bytes/crypto.ts";

/** The hashes that signatures of other tools are made over. */
export type EvidenceHash = "sha256" | "sha384" | "sha512" | "blake2b512";

/** The curves of ECDSA keys (FIPS 186-5). */
export type EcdsaCurve = "p256" | "p384";

/** The port. All functions are synchronous. */
export interface EvidenceCrypto extends Crypto {
  /** A hash of bytes, raw. */
  hash(name: EvidenceHash, bytes: Uint8Array): Uint8Array;
  /**
   * Verifies an ECDSA signature in strict DER (RFC 3279) over the hash of a message. `spki` is a SubjectPublicKeyInfo in DER.
   * False for a point that is not on the curve; never throws.
   */
  verifyEcdsa(
    spki: Uint8Array,
    hash: "sha256" | "sha384",
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean;
}
