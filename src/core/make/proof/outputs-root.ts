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

import type { Crypto } from "../../system/bytes/crypto.ts";
import { verifyStrictly } from "../../system/bytes/ed25519-rule.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import {
  DIGEST,
  type Fields,
  hexBytes,
  MOMENT,
  type ObjectKind,
  object,
  readAs,
  text,
} from "../../system/json/record.ts";
import { parseObject } from "../../system/json/strict-json.ts";
import { isComponent } from "../../system/paths/output-path.ts";

/** The file's name. It does not start with a name that phase 10 refuses (PROTOCOL 8). */
export const OUTPUTS_ROOT_NAME = "OUTPUTS_ROOT.json";

const DOMAIN_PREFIX = "RUNSEAL-OUTPUTS-ROOT-v1:";

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

const FIELDS: Fields<OutputsStatement> = {
  bundleRoot: DIGEST,
  outputsRoot: DIGEST,
  runId: text(isComponent),
  sealedAt: MOMENT,
  validatorId: DIGEST,
};

const STATEMENT = object<OutputsStatement>(FIELDS);

/** A signed statement, as JSON of OUTPUTS_ROOT.json and of a proof of files: exactly the six members, each of its form. */
export const SIGNED_STATEMENT: ObjectKind<SignedOutputsStatement> = object({
  ...FIELDS,
  signature: hexBytes(64),
});

/** Encodes the message that Ed25519 signs, raw bytes: the domain prefix, then canonical JSON. */
export function encodeOutputsMessage(statement: OutputsStatement): Uint8Array {
  return Uint8Array.from([...encodeUtf8(DOMAIN_PREFIX), ...encodeOwn(STATEMENT.write(statement))]);
}

/** Encodes OUTPUTS_ROOT.json as canonical JSON. */
export function encodeOutputsRoot(signed: SignedOutputsStatement): Uint8Array {
  return encodeOwn(SIGNED_STATEMENT.write(signed));
}

/**
 * Parses OUTPUTS_ROOT.json. Fails with OUTPUTS_ROOT_INVALID if it is not strict JSON or not a statement.
 * Does not check the statement or its signature.
 */
export function parseOutputsRoot(bytes: Uint8Array): Result<SignedOutputsStatement, OutputsRootFault> {
  const statement = readAs(SIGNED_STATEMENT, parseObject(bytes));
  return statement === undefined ? { ok: false, code: "OUTPUTS_ROOT_INVALID" } : ok(statement);
}

/** Verifies the signature of a statement with a key of 32 raw bytes (PROTOCOL 3). */
export function statementHolds(
  signed: SignedOutputsStatement,
  publicKey: Uint8Array,
  crypto: Crypto,
): boolean {
  return verifyStrictly(publicKey, encodeOutputsMessage(signed), signed.signature, crypto);
}
