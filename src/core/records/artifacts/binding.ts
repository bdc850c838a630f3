/**
 * runseal's binding: the member `runseal` of STATUS.json, and so inside the signature (PROTOCOL 11).
 *
 * SPECTRUM's signature leaves out PROOF.json, the rest of OUTPUT_HASHES.json, the run id and the link to
 * the run before: each could be changed without a trace. The binding names their digests.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { isUtcSecond } from "../../system/bytes/utc-time.ts";
import { type Rejection, reject } from "../../system/codes/verdict.ts";
import {
  asCount,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  jsonObject,
  memberIn,
} from "../../system/json/json-value.ts";
import { MALFORMED, MOMENT, readAs } from "../../system/json/record.ts";
import { BOUND_GUARD, type BoundGuard } from "./bound-guard.ts";
import { type FailedRuns, readFailedRuns } from "./failed-runs.ts";
import { readSignedElsewhere } from "./signed-elsewhere.ts";

/** The version of the binding that this runseal writes and knows. */
const VERSION = 1;

/** A binding that holds. */
export interface Binding {
  /** RFC 3339, UTC, whole seconds: the sealer's own word. */
  readonly sealedAt: string;
  /** When it was signed, by the signer's own word; undefined where the process that sealed also signed (PROTOCOL 11.1). */
  readonly signedAt?: string | undefined;
  /** Root of the bundle before this one; undefined on the first run of a chain. */
  readonly previousBundleRoot: HexDigest | undefined;
  /** Runs since that one that failed or were killed. */
  readonly failedRuns: FailedRuns;
  /** The snapshots of a guarded run; undefined for other runs. */
  readonly guard?: BoundGuard | undefined;
}

/** A member of a binding does not hold. */
type BindingMismatch = Rejection<"PAYLOAD_MISMATCH">;

/** What the binding's members are compared with. */
export interface BoundFacts {
  /** The name of the run directory, or the id that the caller expects. */
  readonly runId: string;
  /** OUTPUT_HASHES.json as stored. */
  readonly outputHashes: Uint8Array;
  /** How many outputs `hashes` declares. */
  readonly files: number;
  /** Bytes of all outputs together; undefined while some have not been looked at. */
  readonly bytes: number | undefined;
}

/** What a sealer binds; the signer adds the rest (`completeUnsigned`). */
export interface BindingInput extends BoundFacts {
  readonly bytes: number;
  readonly proof: Uint8Array;
  readonly sealedAt: string;
  /** OUTPUT_TREE.json; undefined for a bundle without a tree. */
  readonly outputTree?: Uint8Array | undefined;
  /** The snapshots of a guarded run; undefined for other runs. */
  readonly guard?: BoundGuard | undefined;
}

/** Makes the member `runseal` of STATUS.json. */
export function bindingObject(input: BindingInput, crypto: Crypto): JsonObject {
  const { outputTree } = input;
  return jsonObject({
    version: VERSION,
    run_id: input.runId,
    proof_sha256: digestToHex(crypto.sha256(input.proof)),
    output_hashes_sha256: digestToHex(crypto.sha256(input.outputHashes)),
    output_tree_sha256: outputTree && digestToHex(crypto.sha256(outputTree)),
    sealed_at: input.sealedAt,
    files: input.files,
    bytes: input.bytes,
    guard: BOUND_GUARD.write(input.guard),
  });
}

/**
 * Checks everything of a binding but the digest of the proof, which `checkBoundProof` holds against it.
 * No member `runseal` in STATUS.json is `{ ok: true, binding: undefined }`: a plain SPECTRUM bundle. Fails with
 * PAYLOAD_MISMATCH, naming the first member that does not hold, in the order in which they are written.
 */
export function checkBinding(
  status: JsonObject,
  facts: BoundFacts,
  crypto: Crypto,
): { readonly ok: true; readonly binding: Binding | undefined } | BindingMismatch {
  const declared = status.get("runseal");
  if (declared === undefined) return { ok: true, binding: undefined };
  if (!isJsonObject(declared)) return mismatch("runseal");
  const version = asCount(declared.get("version"));
  if (version !== VERSION)
    return mismatch("version", version !== undefined && version > VERSION ? "newer-binding" : undefined);
  const runId = declared.get("run_id");
  if (runId !== facts.runId) return otherName(runId, facts.runId);
  if (!holds(declared.get("output_hashes_sha256"), facts.outputHashes, crypto))
    return mismatch("output_hashes_sha256");
  const sealedAt = declared.get("sealed_at");
  if (typeof sealedAt !== "string" || !isUtcSecond(sealedAt)) return mismatch("sealed_at");
  const previous = declared.get("previous_bundle_root");
  if (previous !== undefined && !isHexDigest(previous)) return mismatch("previous_bundle_root");
  if (asCount(declared.get("files")) !== facts.files) return mismatch("files");
  if (!countHolds(declared.get("bytes"), facts.bytes)) return mismatch("bytes");
  const failed = readFailedRuns(declared);
  if (!failed.ok) return mismatch(failed.field);
  const guard = BOUND_GUARD.read(declared.get("guard"));
  if (guard === MALFORMED) return mismatch("guard");
  const elsewhere = readSignedElsewhere(declared, sealedAt);
  if (!elsewhere.ok) return mismatch(elsewhere.field);
  const binding = {
    sealedAt,
    signedAt: elsewhere.value,
    previousBundleRoot: previous,
    failedRuns: failed.value,
    guard,
  };
  return { ok: true, binding };
}

/** Checks the binding's digest of PROOF.json as stored, where there is a binding. PAYLOAD_MISMATCH if it differs. */
export function checkBoundProof(
  status: JsonObject,
  proof: Uint8Array,
  crypto: Crypto,
): BindingMismatch | undefined {
  const declared = status.get("runseal");
  if (!isJsonObject(declared)) return undefined;
  return holds(declared.get("proof_sha256"), proof, crypto) ? undefined : mismatch("proof_sha256");
}

/**
 * What a binding names as the digest of OUTPUT_TREE.json; undefined for a bundle without a tree. Any value counts, for one that is
 * no digest equals none (PROTOCOL 19).
 */
export function boundTree(status: JsonObject): JsonValue | undefined {
  return memberIn(status, "runseal", "output_tree_sha256");
}

/** Bytes of all outputs, as a binding declares them, valid or not. They are not counted here. */
export function declaredBytes(status: JsonObject): number | undefined {
  return asCount(memberIn(status, "runseal", "bytes"));
}

/** The time that a binding declares as its signer's; undefined for an unbound bundle, and for a time that is not one. */
export function declaredTime(status: JsonObject): string | undefined {
  const time = memberIn(status, "runseal", "signed_at") ?? memberIn(status, "runseal", "sealed_at");
  return readAs(MOMENT, time);
}

function holds(declared: JsonValue | undefined, stored: Uint8Array, crypto: Crypto): boolean {
  return matchesDigest(digestToHex(crypto.sha256(stored)), declared, crypto);
}

/** Bytes that were not all counted can't be compared, but must be declared as a number all the same. */
function countHolds(declared: JsonValue | undefined, bytes: number | undefined): boolean {
  if (bytes === undefined) return declared instanceof JsonNumber;
  return asCount(declared) === bytes;
}

function otherName(sealedAs: JsonValue | undefined, folder: string): BindingMismatch {
  if (typeof sealedAs !== "string") return mismatch("run_id");
  const details = { field: "run_id", sealed_as: sealedAs };
  return reject("acceptance", "PAYLOAD_MISMATCH", details, { folder, sealedAs });
}

function mismatch(field: string, note?: "newer-binding"): BindingMismatch {
  return reject("acceptance", "PAYLOAD_MISMATCH", { field }, note);
}
