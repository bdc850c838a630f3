/**
 * Reads an unsigned bundle strictly (PROTOCOL 11.1): the artifacts of a bundle without the three of its signer, as `seal --unsigned`
 * writes them. The signer signs what it reads here, so anything that a sealer does not write is refused.
 *
 * Outputs are not looked at. The caller compares them with the claims.
 *
 * @module
 */

import { isKnownSemver } from "../../judge/bundle/chain-notes.ts";
import { checkDecision } from "../../judge/bundle/phases/acceptance.ts";
import type { ParsedArtifact, VerifyContext } from "../../judge/bundle/phases/judging.ts";
import { parseDocument } from "../../judge/bundle/phases/parse.ts";
import { checkRestorationResult } from "../../judge/bundle/phases/proof.ts";
import { readTree } from "../../judge/bundle/phases/tree.ts";
import { boundTree, checkBinding, checkBoundProof } from "../../records/artifacts/binding.ts";
import type { ArtifactReading } from "../../records/artifacts/opened-bundle.ts";
import { OutputClaims } from "../../records/artifacts/output-claims.ts";
import type { OutputTable } from "../../records/artifacts/output-table.ts";
import { computeProofHash } from "../../records/artifacts/proof-hash.ts";
import type { SealedTree } from "../../records/tree/output-tree.ts";
import { isSameBytes } from "../../system/bytes/bytes.ts";
import { DEFAULT_LIMITS } from "../../system/bytes/limits.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { compareUtf8 } from "../../system/bytes/utf8.ts";
import { encodeCanonical } from "../../system/json/canonical-json.ts";
import { asCount, type JsonObject, oddMember } from "../../system/json/json-value.ts";
import { OUTPUT_TREE_NAME } from "../../system/paths/artifact-name.ts";
import { checkProofDocument } from "../proof/proof-document.ts";
import { type UnsignedFault, unsignedFault } from "./unsigned-fault.ts";
import { readUnsignedStatus } from "./unsigned-status.ts";
import { checkUnsignedTask } from "./unsigned-task.ts";

/** The artifacts that every unsigned bundle has, in the order in which they are looked at. OUTPUT_TREE.json may stand beside them. */
export const UNSIGNED_NAMES = ["TASK_SPEC.json", "STATUS.json", "OUTPUT_HASHES.json", "PROOF.json"] as const;

/** The name of one. */
export type UnsignedName = (typeof UNSIGNED_NAMES)[number];

/** A folder as it was found. */
export interface OpenedUnsigned {
  /** Reads a file, each once. */
  readonly read: (name: UnsignedName | typeof OUTPUT_TREE_NAME) => ArtifactReading;
  /** Names of all other entries. */
  readonly others: readonly string[];
}

/** An unsigned bundle that is what a sealer writes. Whether its outputs are there was not looked at. */
export interface UnsignedBundle {
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds: the sealer's own word. */
  readonly sealedAt: string;
  /** Bytes of all outputs, as the binding declares them. They are not counted here. */
  readonly bytes: number;
  readonly claims: OutputClaims;
  readonly taskSpec: ParsedArtifact;
  readonly status: JsonObject;
  readonly binding: JsonObject;
  readonly outputHashes: Uint8Array;
  /** The claims of OUTPUT_HASHES.json, in byte order of path, each with a lawful path and a digest. */
  readonly table: OutputTable;
  /** PROOF.json without its link and its hash. */
  readonly proof: JsonObject;
  /** Undefined for a bundle without a tree. */
  readonly tree: { readonly bytes: Uint8Array; readonly sealed: SealedTree } | undefined;
}

const HASHES_MEMBERS = ["generated_at", "hashes", "validator_build_id", "validator_semver"];

/** Members of a proof that a sealer leaves to the signer, or never writes. */
const NOT_IN_PROOF = ["previous_proof_hash", "proof_hash", "referenced_artifacts", "signature"];

/**
 * Reads an unsigned bundle. Fails with UNSIGNED_INVALID, at last
 * `run-failed` for a bundle that says that its run failed. Never throws on hostile bytes.
 */
export function readUnsigned(
  opened: OpenedUnsigned,
  context: VerifyContext,
): Result<UnsignedBundle, UnsignedFault> {
  const extra = [...opened.others].sort(compareUtf8)[0];
  if (extra !== undefined) return unsignedFault("extra", extra);
  const task = parse(opened, "TASK_SPEC.json");
  if (!task.ok) return task;
  const parsedStatus = parse(opened, "STATUS.json");
  if (!parsedStatus.ok) return parsedStatus;
  const hashes = parse(opened, "OUTPUT_HASHES.json");
  if (!hashes.ok) return hashes;
  const proof = parse(opened, "PROOF.json");
  if (!proof.ok) return proof;
  const status = parsedStatus.value.object;
  const read = isCanonical(parsedStatus.value) ? readUnsignedStatus(status) : malformed("STATUS.json");
  if (!read.ok) return read;
  const { binding, runId, sealedAt } = read;
  const badTask = isCanonical(task.value)
    ? checkUnsignedTask(task.value.object, runId)
    : malformed("TASK_SPEC.json");
  if (badTask !== undefined) return badTask;
  const claimed = readClaims(hashes.value, sealedAt, context);
  if (!claimed.ok) return claimed;
  const { claims, table } = claimed.value;
  const bound = checkBound(status, hashes.value.bytes, proof.value.bytes, runId, claims.length, context);
  if (bound !== undefined) return bound;
  const bytes = asCount(binding.get("bytes"));
  if (bytes === undefined) return malformed("STATUS.json", "bytes");
  const badProof = checkProof(proof.value, runId, sealedAt, context);
  if (badProof !== undefined) return badProof;
  const tree = readBoundTree(opened, status, claimed.value, context);
  if (!tree.ok) return tree;
  const failed = checkDecision(status) ?? checkRestorationResult(proof.value.object);
  if (failed !== undefined) return unsignedFault("run-failed", failed.details.artifact);
  if (status.get("error") !== null) return malformed("STATUS.json", "error");
  return ok({
    runId,
    sealedAt,
    bytes,
    claims,
    taskSpec: task.value,
    status,
    binding,
    outputHashes: hashes.value.bytes,
    table,
    proof: proof.value.object,
    tree: tree.value,
  });
}

function parse({ read }: OpenedUnsigned, name: UnsignedName): Result<ParsedArtifact, UnsignedFault> {
  const reading = read(name);
  if (reading.kind === "missing") return unsignedFault("missing", name);
  const parsed = reading.kind === "bytes" ? parseDocument(name, reading.bytes) : undefined;
  return parsed?.ok === true ? parsed : malformed(name);
}

/** What an unsigned bundle claims of its outputs. */
interface Claimed {
  readonly claims: OutputClaims;
  readonly table: OutputTable;
}

function readClaims(
  { hashes, object }: ParsedArtifact,
  sealedAt: string,
  { limits = DEFAULT_LIMITS, pathRules }: VerifyContext,
): Result<Claimed, UnsignedFault> {
  const bad = (field: string): UnsignedFault => malformed("OUTPUT_HASHES.json", field);
  const odd = oddMember(object, HASHES_MEMBERS);
  if (odd !== undefined) return bad(odd);
  const semver = object.get("validator_semver");
  if (typeof semver !== "string" || !isKnownSemver(semver)) return bad("validator_semver");
  if (typeof object.get("validator_build_id") !== "string") return bad("validator_build_id");
  if (object.get("generated_at") !== sealedAt)
    return unsignedFault("mismatch", "OUTPUT_HASHES.json", "generated_at");
  if (hashes === undefined || hashes.size > limits.entries) return bad("hashes");
  const claims = new OutputClaims(hashes, pathRules);
  const isLawful = claims.areAllLawful && hashes.isSorted && hashes.declares(0, hashes.size);
  return isLawful ? ok({ claims, table: hashes }) : bad("hashes");
}

/** The binding's digests and counts. */
function checkBound(
  status: JsonObject,
  outputHashes: Uint8Array,
  proof: Uint8Array,
  runId: string,
  files: number,
  { crypto }: VerifyContext,
): UnsignedFault | undefined {
  const checked = checkBinding(status, { runId, outputHashes, files, bytes: undefined }, crypto);
  const failure = checked.ok ? checkBoundProof(status, proof, crypto) : checked;
  return failure && unsignedFault("mismatch", "STATUS.json", failure.details.field);
}

/** The proof is one of this run, and true but for its hash, which the signer computes. */
function checkProof(
  artifact: ParsedArtifact,
  runId: string,
  sealedAt: string,
  { crypto }: VerifyContext,
): UnsignedFault | undefined {
  const { object } = artifact;
  const odd = NOT_IN_PROOF.find((member) => object.has(member));
  if (odd !== undefined) return malformed("PROOF.json", odd);
  if (!isCanonical(artifact)) return malformed("PROOF.json");
  const hash = computeProofHash(object, crypto);
  if (!hash.ok) return malformed("PROOF.json");
  const checked = checkProofDocument(new Map(object).set("proof_hash", hash.value), crypto);
  if (!checked.ok) return malformed("PROOF.json", "field" in checked ? checked.field : undefined);
  const { runId: named, timestamp } = checked.value;
  if (named !== runId) return unsignedFault("mismatch", "PROOF.json", "run_id");
  return timestamp === sealedAt ? undefined : unsignedFault("mismatch", "PROOF.json", "timestamp");
}

function readBoundTree(
  { read }: OpenedUnsigned,
  status: JsonObject,
  { claims, table }: Claimed,
  context: VerifyContext,
): Result<UnsignedBundle["tree"], UnsignedFault> {
  const reading = read(OUTPUT_TREE_NAME);
  const digest = boundTree(status);
  if (digest === undefined)
    return reading.kind === "missing" ? ok(undefined) : unsignedFault("extra", OUTPUT_TREE_NAME);
  if (reading.kind === "missing") return unsignedFault("missing", OUTPUT_TREE_NAME);
  if (reading.kind !== "bytes") return malformed(OUTPUT_TREE_NAME);
  const sealed = readTree({ digest, claims, table }, reading, context);
  if (sealed.ok) return ok({ bytes: reading.bytes, sealed: sealed.value });
  return sealed.code === "TREE_MISMATCH"
    ? unsignedFault("mismatch", "STATUS.json", "output_tree_sha256")
    : malformed(OUTPUT_TREE_NAME);
}

/** Whether an artifact is stored in canonical form. Otherwise completing it would change bytes that the signer was given. */
function isCanonical({ bytes, object }: ParsedArtifact): boolean {
  const encoded = encodeCanonical(object, bytes.length);
  return encoded.ok && isSameBytes(encoded.value, bytes);
}

function malformed(artifact: string, field?: string): UnsignedFault {
  return unsignedFault("malformed", artifact, field);
}
