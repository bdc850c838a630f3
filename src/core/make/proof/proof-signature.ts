/**
 * A proof signature: the holder of a key signs a proof (PROTOCOL 10, `signature`).
 *
 *     { "signature": 128 hex, "public_key": 64 hex, "key_id": 8 hex, "algorithm": "Ed25519", "timestamp": … }
 *
 * The message is the canonical form (4.2) of the proof without `signature`, without a prefix. The format puts the
 * signature inside the proof, where it would change `proof_hash`. So runseal keeps it beside the proof. The
 * signature does not cover the timestamp, which anyone can change.
 *
 * @module
 */

import { parsePublicKey, type SignerIdentity } from "../../records/artifacts/identity.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { verifyStrictly } from "../../system/bytes/ed25519-rule.ts";
import { parseHex } from "../../system/bytes/hex.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import { encodeCanonical } from "../../system/json/canonical-json.ts";
import { type JsonObject, type JsonValue, withoutMember } from "../../system/json/json-value.ts";
import { hexBytes, object, readAs, text } from "../../system/json/record.ts";

const SIGNATURE = object(
  { signature: hexBytes(64), publicKey: text(), keyId: text(), timestamp: text() },
  { algorithm: "Ed25519" },
);

/** Why a proof can't be signed: it has a signature already, or a number without an agreed form. */
export type ProofSigningFault = Fault<"PROOF_ALREADY_SIGNED" | "SERIALIZATION_INVALID">;

/** A proof signature that fails. One reason covers every error of form. */
export interface ProofSignatureFault extends Fault<"INVALID_SIGNATURE"> {
  readonly reason: "malformed" | "another-key" | "no-canonical-form" | "does-not-hold";
}

/** A signature and its signer, as added to a proof. */
export interface ProofSignature {
  readonly signer: SignerIdentity;
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
  /** The time that the signer claims. Not covered by the signature, and of any form. */
  readonly timestamp: string;
}

/**
 * Encodes the message to sign, raw bytes. Fails with PROOF_ALREADY_SIGNED if the proof has a `signature`, and
 * with SERIALIZATION_INVALID if a number in it has no agreed form (4.3).
 */
export function encodeProofMessage(proof: JsonObject): Result<Uint8Array, ProofSigningFault> {
  return proof.has("signature") ? { ok: false, code: "PROOF_ALREADY_SIGNED" } : encodeCanonical(proof);
}

/**
 * Verifies a proof signature over a proof without its member `signature`. With an expected key, 64 lowercase
 * hex, refuses the signature of any other key. Fails with INVALID_SIGNATURE, and never throws. Does not check
 * the proof itself.
 */
export function verifyProofSignature(
  proof: JsonObject,
  value: JsonValue | undefined,
  expectedKey: string | undefined,
  crypto: Crypto,
): Result<ProofSignature, ProofSignatureFault> {
  const read = readProofSignature(value, crypto);
  if (read === undefined) return refuse("malformed");
  const { signer, signature } = read;
  if (expectedKey !== undefined && !isKey(expectedKey, signer, crypto)) return refuse("another-key");
  const message = encodeProofMessage(withoutMember(proof, "signature"));
  if (!message.ok) return refuse("no-canonical-form");
  return verifyStrictly(signer.publicKey, message.value, signature, crypto)
    ? ok(read)
    : refuse("does-not-hold");
}

/** Parses a proof signature with exactly the format's members and the key's own key id. Otherwise gives `undefined`. */
export function readProofSignature(value: JsonValue | undefined, crypto: Crypto): ProofSignature | undefined {
  const read = readAs(SIGNATURE, value);
  const signer = read && parsePublicKey(read.publicKey, crypto);
  if (read === undefined || signer === undefined || read.keyId !== signer.keyId) return undefined;
  return { signer, signature: read.signature, timestamp: read.timestamp };
}

function isKey(expected: string, signer: SignerIdentity, crypto: Crypto): boolean {
  const key = parseHex(expected, 32);
  return key !== undefined && crypto.equalDigests(key, signer.publicKey);
}

function refuse(reason: ProofSignatureFault["reason"]): ProofSignatureFault {
  return { ok: false, code: "INVALID_SIGNATURE", reason };
}
