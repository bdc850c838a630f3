/**
 * Who signed: an Ed25519 public key and the ids made from it (PROTOCOL 3).
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { isRefusedPoint } from "../../system/bytes/ed25519-rule.ts";
import { digestToHex, type HexDigest, parseHex, toHex } from "../../system/bytes/hex.ts";
import { sshFingerprint } from "./ssh-key.ts";

/** A signer's public identity. (A person says signer; the artifacts say validator.) */
export interface SignerIdentity {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  /** The same as 64 lowercase hex characters. */
  readonly publicKeyHex: string;
  /** SHA-256 of the 32 raw bytes. */
  readonly validatorId: HexDigest;
  /** The first 8 characters of the validator id, shown to people. No identity: anyone can make two alike. */
  readonly keyId: string;
  /** The key's fingerprint as OpenSSH prints it, `SHA256:` and base64. */
  readonly fingerprint: string;
}

/**
 * Reads a public key of 64 lowercase hex characters. Anything else, and every encoding that PROTOCOL 3
 * refuses, is `undefined`: one answer for every bad key, whatever is wrong with it (H-06).
 */
export function parsePublicKey(hex: string, crypto: Crypto): SignerIdentity | undefined {
  const publicKey = parseHex(hex, 32);
  if (publicKey === undefined || isRefusedPoint(publicKey)) return undefined;
  return identityOf(publicKey, crypto);
}

/** The identity of 32 raw key bytes. */
export function identityOf(publicKey: Uint8Array, crypto: Crypto): SignerIdentity {
  const validatorId = digestToHex(crypto.sha256(publicKey));
  const publicKeyHex = toHex(publicKey);
  let fingerprint: string | undefined;
  return {
    publicKey,
    publicKeyHex,
    validatorId,
    keyId: validatorId.slice(0, 8),
    // Computed on demand: a chain of ten thousand bundles shows the fingerprints of a few signers.
    get fingerprint() {
      fingerprint ??= sshFingerprint(publicKey, crypto);
      return fingerprint;
    },
  };
}
