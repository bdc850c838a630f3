/**
 * Signed statements about the history of a project: CUT.json and DROPPED.json (PROTOCOL 18). Each is canonical JSON and a line feed:
 *
 *     {…,"public_key":"…","signature":"…","version":1}
 *
 * What they excuse is what an attacker leaves, so a reader trusts their signer as the signer of a bundle. The signed message is a domain
 * prefix of its own, then the canonical form of all members but `signature`: no other signature of the key can be passed off as one.
 *
 * @module
 */

import { NO_FAILED_RUNS } from "../../records/artifacts/failed-runs.ts";
import { parsePublicKey, type SignerIdentity } from "../../records/artifacts/identity.ts";
import { concatBytes, isSameBytes } from "../../system/bytes/bytes.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { verifyStrictly } from "../../system/bytes/ed25519-rule.ts";
import { toHex } from "../../system/bytes/hex.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import type { JsonObject, JsonValue } from "../../system/json/json-value.ts";
import { type Fields, hexBytes, object, readAs, text } from "../../system/json/record.ts";
import { parseObject } from "../../system/json/strict-json.ts";
import type { VerifiedBundle } from "../bundle/judge.ts";

/** A statement whose signature holds. */
export type Signed<Facts> = Facts & { readonly signer: SignerIdentity };

/** A file that does not hold: the history is read as if there were none. */
export interface SignedFault {
  readonly ok: false;
  readonly reason: "malformed" | "signature";
}

/** The codec of one such file. */
export interface SignedFile<Facts> {
  /** Its name in the project's own folder. */
  readonly name: string;
  /** No longer file is read. */
  readonly maxBytes: number;
  /** Encodes the message for Ed25519, raw bytes. */
  encodeMessage(facts: Facts, signer: SignerIdentity): Uint8Array;
  /** Encodes the file: one line with its line feed. `signature`: 64 raw bytes over `encodeMessage`. */
  encode(facts: Facts, signer: SignerIdentity, signature: Uint8Array): Uint8Array;
  /** Reads the file. It is, byte for byte, what `encode` gives, and its signature holds; else a fault. */
  read(bytes: Uint8Array, crypto: Crypto): Signed<Facts> | SignedFault;
}

const SIGNATURE = hexBytes(64);

/** The codec of a file that holds these facts. */
export function signedFile<Facts extends object>(
  { maxBytes, name, prefix }: Pick<SignedFile<Facts>, "name" | "maxBytes"> & { readonly prefix: string },
  fields: Fields<Facts>,
): SignedFile<Facts> {
  const kind = object(fields, { version: 1 });
  const signed = (facts: Facts, { publicKeyHex }: SignerIdentity): JsonObject =>
    new Map<string, JsonValue>([...kind.write(facts), ["public_key", publicKeyHex]]);
  const encodeMessage: SignedFile<Facts>["encodeMessage"] = (facts, signer) =>
    concatBytes([encodeUtf8(prefix), encodeOwn(signed(facts, signer))]);
  const encode: SignedFile<Facts>["encode"] = (facts, signer, signature) => {
    const members = new Map([...signed(facts, signer), ["signature", toHex(signature)]]);
    return concatBytes([encodeOwn(members), encodeUtf8("\n")]);
  };
  const read: SignedFile<Facts>["read"] = (bytes, crypto) => {
    const { public_key, signature: hex, ...members } = Object.fromEntries(parseObject(bytes) ?? []);
    const facts = readAs(kind, new Map(Object.entries(members)));
    const signature = readAs(SIGNATURE, hex);
    const signer = parsePublicKey(readAs(text(), public_key) ?? "", crypto);
    if (facts === undefined || signature === undefined || signer === undefined) return MALFORMED_FILE;
    if (!isSameBytes(encode(facts, signer, signature), bytes)) return MALFORMED_FILE;
    const holds = verifyStrictly(signer.publicKey, encodeMessage(facts, signer), signature, crypto);
    return holds ? { ...facts, signer } : { ok: false, reason: "signature" };
  };
  return { name, maxBytes, encodeMessage, encode, read };
}

const MALFORMED_FILE: SignedFault = { ok: false, reason: "malformed" };

/** Whether a file is there and holds. */
export function isSigned<Facts extends object>(
  file: Signed<Facts> | SignedFault | undefined,
): file is Signed<Facts> {
  return file !== undefined && !("ok" in file);
}

/** What a trust policy needs to decide about the signer of a statement, as about the signer of a bundle (PROTOCOL 12). */
export function signedAt(
  signer: SignerIdentity,
  sealedAt: string,
): Pick<VerifiedBundle, "signer" | "binding" | "countersignatures" | "timestamps"> {
  const binding = { sealedAt, previousBundleRoot: undefined, failedRuns: NO_FAILED_RUNS };
  return { signer, binding, countersignatures: [], timestamps: undefined };
}
