/**
 * Countersignatures: others than the signer who vouch for a bundle, in COUNTERSIGNATURES.json beside the
 * seven artifacts. SPECTRUM's verifiers pass over the file, and so does the verdict: only a threshold of a
 * trust file asks for it (PROTOCOL 12). What does not hold in it does not count, and is said to not count.
 *
 *     { "version": 1, "countersignatures": [
 *       { "algorithm": "ed25519", "public_key": 64 hex, "validator_id": 64 hex,
 *         "signature": 128 hex, "signed_at": "2026-11-25T01:02:03Z" } ] }
 *
 * The signed message is a domain prefix of its own, then canonical JSON. Section 7's prefix is another, and neither
 * is the beginning of the other: no signature over a bundle can be passed off as a countersignature, nor the other
 * way round.
 *
 * @module
 */

import { parsePublicKey, type SignerIdentity } from "../../records/artifacts/identity.ts";
import { concatBytes } from "../../system/bytes/bytes.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { verifyStrictly } from "../../system/bytes/ed25519-rule.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { MAX_COUNTERSIGNATURES_BYTES } from "../../system/bytes/limits.ts";
import type { Fault, Result } from "../../system/bytes/result.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import type { CountersignatureCode } from "../../system/codes/codes.ts";
import { encodeCanonical, encodeOwn } from "../../system/json/canonical-json.ts";
import { type JsonValue, jsonObject } from "../../system/json/json-value.ts";
import { DIGEST, hexBytes, MOMENT, object, readAs, text } from "../../system/json/record.ts";
import { BESIDE_VERSION, type FileBesideReading, readListBeside } from "./file-beside.ts";

/** The file's name. It begins with none of the names that phase 10 refuses (PROTOCOL 8). */
export const COUNTERSIGNATURES_NAME = "COUNTERSIGNATURES.json";

const DOMAIN_PREFIX = "RUNSEAL-COUNTERSIGNATURE-v1:";

const ENTRY = object(
  { publicKey: text(), signature: hexBytes(64), signedAt: MOMENT, validatorId: DIGEST },
  { algorithm: "ed25519" },
);

/** What was found under the file's name. */
export type CountersignaturesReading = FileBesideReading;

/** One countersignature, looked at. */
export type CountersignatureFinding =
  | {
      readonly kind: "holds";
      readonly signer: SignerIdentity;
      /** The countersigner's own word, which it signed. */
      readonly signedAt: string;
    }
  | {
      readonly kind: "fails";
      readonly code: CountersignatureCode;
      readonly reason: string;
      /** Its place in the file, from 1; undefined where the whole file says nothing. */
      readonly entry: number | undefined;
    };

/** A signature to be added. */
export interface NewCountersignature {
  readonly signer: SignerIdentity;
  readonly signedAt: string;
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/** What a countersigner vouches for, who it is, and when it says it signed. */
export interface CountersignedFacts {
  readonly bundleRoot: HexDigest;
  readonly validatorId: HexDigest;
  /** RFC 3339, UTC, whole seconds. */
  readonly signedAt: string;
}

const FACTS = object<CountersignedFacts>({ bundleRoot: DIGEST, signedAt: MOMENT, validatorId: DIGEST });

/** A file to which nothing can be added. */
export type CountersignaturesFault = Fault<"COUNTERSIGNATURES_MALFORMED">;

/** Encodes the message for Ed25519, raw bytes. */
export function encodeCountersigningMessage(facts: CountersignedFacts): Uint8Array {
  return concatBytes([encodeUtf8(DOMAIN_PREFIX), encodeOwn(FACTS.write(facts))]);
}

/** Looks at every countersignature beside a bundle. No input makes it throw, and none changes a verdict. */
export function findCountersignatures(
  reading: CountersignaturesReading | undefined,
  bundleRoot: HexDigest,
  crypto: Crypto,
): readonly CountersignatureFinding[] {
  if (reading === undefined) return [];
  const entries = readListBeside(reading, "countersignatures");
  if (typeof entries === "string") {
    return [{ kind: "fails", code: "COUNTERSIGNATURES_MALFORMED", reason: entries, entry: undefined }];
  }
  return entries.map((entry, index) => judgeEntry(entry, index + 1, bundleRoot, crypto));
}

/**
 * The file with one more countersignature at its end, in canonical form; entries that are there stay as
 * they are. Fails with COUNTERSIGNATURES_MALFORMED if a reader would refuse the result.
 */
export function addCountersignature(
  reading: CountersignaturesReading,
  added: NewCountersignature,
): Result<Uint8Array, CountersignaturesFault> {
  const fault: CountersignaturesFault = { ok: false, code: "COUNTERSIGNATURES_MALFORMED" };
  const entries = readListBeside(reading, "countersignatures");
  if (typeof entries === "string") return fault;
  const { signature, signedAt, signer } = added;
  const { publicKeyHex: publicKey, validatorId } = signer;
  const countersignatures = [...entries, ENTRY.write({ publicKey, signature, signedAt, validatorId })];
  const encoded = encodeCanonical(jsonObject({ version: BESIDE_VERSION, countersignatures }));
  return encoded.ok && encoded.value.length <= MAX_COUNTERSIGNATURES_BYTES ? encoded : fault;
}

function judgeEntry(
  value: JsonValue,
  entry: number,
  bundleRoot: HexDigest,
  crypto: Crypto,
): CountersignatureFinding {
  const read = readCountersignature(value, crypto);
  if (read === undefined) {
    const reason = `entry ${entry} is not of the form of a countersignature`;
    return { kind: "fails", code: "COUNTERSIGNATURE_INVALID", reason, entry };
  }
  const { signature, signedAt, signer } = read;
  const message = encodeCountersigningMessage({ bundleRoot, validatorId: signer.validatorId, signedAt });
  if (verifyStrictly(signer.publicKey, message, signature, crypto))
    return { kind: "holds", signer, signedAt };
  const reason = `the signature of entry ${entry} (key id ${signer.keyId}) does not hold over this bundle`;
  return { kind: "fails", code: "COUNTERSIGNATURE_INVALID", reason, entry };
}

/** Reads an entry; `undefined` if it is not of the form of a countersignature. Its signature is not checked. */
export function readCountersignature(value: JsonValue, crypto: Crypto): NewCountersignature | undefined {
  const entry = readAs(ENTRY, value);
  const signer = entry && parsePublicKey(entry.publicKey, crypto);
  if (signer === undefined || !matchesDigest(signer.validatorId, entry?.validatorId, crypto))
    return undefined;
  return entry && { signer, signature: entry.signature, signedAt: entry.signedAt };
}
