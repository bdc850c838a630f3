/**
 * OUTPUTS_ROOT.json, beside the seven artifacts: the signer's statement of the Merkle root over all outputs. With
 * it, one file can be shown to be in a run without showing the others. SPECTRUM's verifiers ignore the file, and so
 * does the verdict. Only `prove` reads it.
 *
 *     { "bundle_root": 64 hex, "outputs_root": 64 hex, "run_id": "build-42",
 *       "sealed_at": "2026-11-25T01:02:03Z", "signature": 128 hex, "validator_id": 64 hex }
 *
 * `outputs_root` is the Merkle root (PROTOCOL 10) over the entries of OUTPUT_HASHES.json, path and 64 hex. The
 * bundle root hashes all names at once, so it can't show one of them alone. Therefore the same key signs this
 * second statement. Its domain prefix ensures that a signature over a bundle can't be used as one over a
 * statement, or the reverse. docs/protocol.md, section 18, has the whole argument.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { verifyStrictly } from "../bytes/ed25519-rule.ts";
import { type HexDigest, isHexDigest, parseHex, toHex } from "../bytes/hex.ts";
import { type Fault, ok, type Result } from "../bytes/result.ts";
import { isUtcSecond } from "../bytes/utc-time.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "../json/canonical-json.ts";
import { hasExactly, isJsonObject, type JsonObject, type JsonValue, jsonObject } from "../json/json-value.ts";
import { parseStrictJson } from "../json/strict-json.ts";
import { isComponent } from "../paths/output-path.ts";

/** The file's name. It does not start with a name that phase 10 refuses (PROTOCOL 8). */
export const OUTPUTS_ROOT_NAME = "OUTPUTS_ROOT.json";

const DOMAIN_PREFIX = "RUNSEAL-OUTPUTS-ROOT-v1:";

const FIELDS = ["bundle_root", "outputs_root", "run_id", "sealed_at", "signature", "validator_id"];

/** The members that must agree with the bundle, in the order in which they are compared. */
export type OutputsRootField = "bundle_root" | "outputs_root" | "run_id" | "sealed_at" | "validator_id";

/** A signer's statement of a bundle's outputs. */
export interface OutputsStatement {
  readonly bundleRoot: HexDigest;
  /** The Merkle root over all outputs. */
  readonly outputsRoot: HexDigest;
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds. Claimed by the signer, the same as in the binding. */
  readonly sealedAt: string;
  readonly validatorId: HexDigest;
}

/** A statement and its signature, which is not checked yet. */
export interface SignedOutputsStatement extends OutputsStatement {
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/** A file that is not a statement. */
export type OutputsRootFault = Fault<"OUTPUTS_ROOT_INVALID">;

/** Encodes the message that Ed25519 signs, raw bytes: the domain prefix, then canonical JSON. */
export function encodeOutputsMessage(statement: OutputsStatement): Uint8Array {
  return Uint8Array.from([...encodeUtf8(DOMAIN_PREFIX), ...encodeOwn(statementObject(statement))]);
}

/** Encodes OUTPUTS_ROOT.json as canonical JSON. */
export function encodeOutputsRoot(signed: SignedOutputsStatement): Uint8Array {
  return encodeOwn(signedStatementObject(signed));
}

/** A signed statement as JSON of OUTPUTS_ROOT.json and of a proof of files. */
export function signedStatementObject(signed: SignedOutputsStatement): JsonObject {
  return new Map([...statementObject(signed), ["signature", toHex(signed.signature)]]);
}

/**
 * Parses OUTPUTS_ROOT.json. Fails with OUTPUTS_ROOT_INVALID if it is not strict JSON or not a statement.
 * Does not check the statement or its signature.
 */
export function parseOutputsRoot(bytes: Uint8Array): Result<SignedOutputsStatement, OutputsRootFault> {
  const parsed = parseStrictJson(bytes);
  const statement = parsed.ok ? readSignedStatement(parsed.value) : undefined;
  return statement === undefined ? { ok: false, code: "OUTPUTS_ROOT_INVALID" } : ok(statement);
}

/** Parses a signed statement with exactly the six members, each of its form. Otherwise gives `undefined`. */
export function readSignedStatement(value: JsonValue | undefined): SignedOutputsStatement | undefined {
  if (!isJsonObject(value) || !hasExactly(value, FIELDS)) return undefined;
  const bundleRoot = value.get("bundle_root");
  const outputsRoot = value.get("outputs_root");
  const validatorId = value.get("validator_id");
  const runId = value.get("run_id");
  const sealedAt = value.get("sealed_at");
  const declared = value.get("signature");
  const signature = typeof declared === "string" ? parseHex(declared, 64) : undefined;
  if (!isHexDigest(bundleRoot) || !isHexDigest(outputsRoot) || !isHexDigest(validatorId)) return undefined;
  if (typeof runId !== "string" || !isComponent(runId)) return undefined;
  if (typeof sealedAt !== "string" || !isUtcSecond(sealedAt) || signature === undefined) return undefined;
  return { bundleRoot, outputsRoot, runId, sealedAt, validatorId, signature };
}

/** Verifies the signature of a statement with a key of 32 raw bytes (PROTOCOL 3). */
export function statementHolds(
  signed: SignedOutputsStatement,
  publicKey: Uint8Array,
  crypto: Crypto,
): boolean {
  return verifyStrictly(publicKey, encodeOutputsMessage(signed), signed.signature, crypto);
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
