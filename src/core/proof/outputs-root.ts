/**
 * What a signer says of a bundle's outputs as a tree, in OUTPUTS_ROOT.json beside the seven artifacts: so that
 * one file can be shown to be in a run without showing the others. SPECTRUM's verifiers pass over the file,
 * and so does the verdict; only `prove` looks at it.
 *
 *     { "bundle_root": 64 hex, "outputs_root": 64 hex, "run_id": "build-42",
 *       "sealed_at": "2026-11-25T01:02:03Z", "signature": 128 hex, "validator_id": 64 hex }
 *
 * `outputs_root` is the Merkle root (PROTOCOL 10) over the entries of OUTPUT_HASHES.json, path and 64 hex.
 * The bundle root hashes all names at once and so can show none of them alone; therefore the same key signs
 * this second statement, under a domain prefix of its own: no signature over a bundle can be passed off as
 * one over a statement, nor the other way round. docs/protocol.md, section 18, has the whole argument.
 *
 * @module
 */

import { extraFields, missingFields } from "../artifacts/exact-fields.ts";
import type { Crypto } from "../bytes/crypto.ts";
import { verifyStrictly } from "../bytes/ed25519-rule.ts";
import { type HexDigest, isHexDigest, parseHex, toHex } from "../bytes/hex.ts";
import { MAX_COMPONENT_BYTES } from "../bytes/limits.ts";
import { ok, type Result } from "../bytes/result.ts";
import { isUtcSecond } from "../bytes/utc-time.ts";
import { encodeUtf8, isWellFormed, utf8Length } from "../bytes/utf8.ts";
import { encodeCanonical } from "../json/canonical-json.ts";
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from "../json/json-value.ts";
import { parseStrictJson } from "../json/strict-json.ts";

/** The file's name. It begins with none of the names that phase 10 refuses (PROTOCOL 8). */
export const OUTPUTS_ROOT_NAME = "OUTPUTS_ROOT.json";

const DOMAIN_PREFIX = "RUNSEAL-OUTPUTS-ROOT-v1:";

const FIELDS = ["bundle_root", "outputs_root", "run_id", "sealed_at", "signature", "validator_id"];

/** A member that is the bundle's own, in the order in which they are looked at. */
export type OutputsRootField = "bundle_root" | "outputs_root" | "run_id" | "sealed_at" | "validator_id";

/** What a signer says of a bundle's outputs. */
export interface OutputsStatement {
  readonly bundleRoot: HexDigest;
  /** The Merkle root over all outputs. */
  readonly outputsRoot: HexDigest;
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds: the signer's own word, the same as in the binding. */
  readonly sealedAt: string;
  readonly validatorId: HexDigest;
}

/** A statement and the signature that claims to be over it. */
export interface SignedOutputsStatement extends OutputsStatement {
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/** A file that is no statement. */
export interface OutputsRootFault {
  readonly ok: false;
  readonly code: "OUTPUTS_ROOT_MALFORMED";
}

/** Encodes what is signed for Ed25519, raw bytes: the domain prefix, then canonical JSON. */
export function encodeOutputsMessage(statement: OutputsStatement): Uint8Array {
  return Uint8Array.from([...encodeUtf8(DOMAIN_PREFIX), ...encode(statementObject(statement))]);
}

/** Encodes OUTPUTS_ROOT.json, canonical JSON. */
export function encodeOutputsRoot(signed: SignedOutputsStatement): Uint8Array {
  return encode(signedStatementObject(signed));
}

/** A signed statement as JSON, as OUTPUTS_ROOT.json and a proof of files hold it. */
export function signedStatementObject(signed: SignedOutputsStatement): JsonObject {
  return new Map([...statementObject(signed), ["signature", toHex(signed.signature)]]);
}

/**
 * Parses OUTPUTS_ROOT.json. Fails with OUTPUTS_ROOT_MALFORMED where it is not strict JSON or no statement;
 * says nothing of whether it is true.
 */
export function parseOutputsRoot(bytes: Uint8Array): Result<SignedOutputsStatement, OutputsRootFault> {
  const parsed = parseStrictJson(bytes);
  const statement = parsed.ok ? readSignedStatement(parsed.value) : undefined;
  return statement === undefined ? { ok: false, code: "OUTPUTS_ROOT_MALFORMED" } : ok(statement);
}

/** Reads a signed statement: its members are exactly the six, each of its form. Else `undefined`. */
export function readSignedStatement(value: JsonValue | undefined): SignedOutputsStatement | undefined {
  if (!isJsonObject(value) || missingFields(value, FIELDS).length > 0) return undefined;
  if (extraFields(value, FIELDS).length > 0) return undefined;
  const bundleRoot = value.get("bundle_root");
  const outputsRoot = value.get("outputs_root");
  const validatorId = value.get("validator_id");
  const runId = value.get("run_id");
  const sealedAt = value.get("sealed_at");
  const declared = value.get("signature");
  const signature = typeof declared === "string" ? parseHex(declared, 64) : undefined;
  if (!isHexDigest(bundleRoot) || !isHexDigest(outputsRoot) || !isHexDigest(validatorId)) return undefined;
  if (typeof runId !== "string" || !isRunName(runId)) return undefined;
  if (typeof sealedAt !== "string" || !isUtcSecond(sealedAt) || signature === undefined) return undefined;
  return { bundleRoot, outputsRoot, runId, sealedAt, validatorId, signature };
}

/** Whether the signature of a statement holds with a key of 32 raw bytes (PROTOCOL 3). */
export function statementHolds(
  signed: SignedOutputsStatement,
  publicKey: Uint8Array,
  crypto: Crypto,
): boolean {
  return verifyStrictly(publicKey, encodeOutputsMessage(signed), signed.signature, crypto);
}

/** A run id is the name of a folder. */
function isRunName(text: string): boolean {
  const bounded = text !== "" && isWellFormed(text) && utf8Length(text) <= MAX_COMPONENT_BYTES;
  return bounded && !/[/\0]/.test(text);
}

function statementObject(statement: OutputsStatement): JsonObject {
  return jsonObject({
    bundle_root: statement.bundleRoot,
    outputs_root: statement.outputsRoot,
    run_id: statement.runId,
    sealed_at: statement.sealedAt,
    validator_id: statement.validatorId,
  });
}

function encode(object: JsonObject): Uint8Array {
  const encoded = encodeCanonical(object);
  if (!encoded.ok) throw new TypeError("texts always have a canonical form");
  return encoded.value;
}
