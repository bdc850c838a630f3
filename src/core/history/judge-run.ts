/**
 * A bundle judged by its artifacts alone: is it what was signed, what does it say of its run, and where does it
 * belong in a history? Its outputs are not asked for, so this is no verdict by PROTOCOL 8.
 *
 * @module
 */

import { type Binding, checkBinding, checkBoundProof, declaredBytes } from "../artifacts/binding.ts";
import type { SignerIdentity } from "../artifacts/identity.ts";
import type { OpenedBundle } from "../artifacts/opened-bundle.ts";
import type { OutputClaims } from "../artifacts/output-claims.ts";
import { type CountersignatureFinding, findCountersignatures } from "../bundle/countersignature.ts";
import { checkConfusable } from "../bundle/phases/acceptance.ts";
import { type ParsedArtifact, parseArtifact } from "../bundle/phases/parse.ts";
import { checkProofHash } from "../bundle/phases/proof.ts";
import {
  type AwaitedBundle,
  awaitOutputs,
  type JudgedBundle,
  judgeArtifacts,
  judgeCandidate,
  type RestoreCandidate,
  type VerifyContext,
} from "../bundle/verify-bundle.ts";
import type { Crypto } from "../bytes/crypto.ts";
import { isHexDigest } from "../bytes/hex.ts";
import type { Result } from "../bytes/result.ts";
import type { Rejection } from "../codes/verdict.ts";
import type { JsonObject } from "../json/json-value.ts";
import { boundPlace, unknownRun } from "./claimed-run.ts";
import type { HistoryRun, RunStanding } from "./history-run.ts";

/** A bundle, as far as its artifacts tell. */
export interface JudgedRun {
  /** The first failure of phases 1 to 8 and 10; undefined where there is none. */
  readonly failure: Rejection | undefined;
  readonly run: HistoryRun;
  /** What the signer vouches for, once the signature held; undefined where it does not. */
  readonly sealed: SealedRun | undefined;
  /** The bundle as it awaits its outputs; undefined where there is a failure. */
  readonly awaited: AwaitedBundle | undefined;
}

/** What stands in a bundle under a signature that holds. */
export interface SealedRun {
  readonly signer: SignerIdentity;
  /** Undefined where there is none, or one that does not hold. */
  readonly binding: Binding | undefined;
  readonly countersignatures: readonly CountersignatureFinding[];
  readonly claims: OutputClaims;
  /** Bytes of all outputs, as the binding declares them: nobody counted. */
  readonly bytes: number | undefined;
  readonly taskSpec: JsonObject;
  readonly status: JsonObject;
  readonly outputHashes: JsonObject;
  /** Undefined where it is missing or malformed: the signature alone does not cover it. */
  readonly proof: JsonObject | undefined;
}

/** Judges a bundle without its outputs. `judged` is what phases 1 to 8 say of it, where that is known already. */
export function judgeRun(
  opened: OpenedBundle,
  context: VerifyContext,
  judged: Result<JudgedBundle, Rejection> = judgeArtifacts(opened, context),
): JudgedRun {
  // What fails in the proof alone has a signature that holds all the same.
  const signed = judged.ok ? judged : judgeCandidate(opened, context);
  if (!signed.ok) {
    const failure = judged.ok ? signed : judged;
    return { failure, run: unknownRun(opened.runId), sealed: undefined, awaited: undefined };
  }
  const { status } = signed.value;
  const parsed = signed.value.proof ?? parsedProof(opened);
  const { crypto } = context;
  const awaited = judged.ok ? awaitOutputs(judged.value, context) : judged;
  const failure = awaited.ok ? undefined : awaited;
  const sealed: SealedRun = {
    signer: signed.value.signer,
    binding: awaited.ok ? awaited.value.binding : bindingThatHolds(signed.value, crypto),
    countersignatures: findCountersignatures(opened.countersignatures, signed.value.bundleRoot, crypto),
    claims: signed.value.claims,
    bytes: declaredBytes(status),
    taskSpec: signed.value.taskSpec,
    status,
    outputHashes: signed.value.outputHashes.object,
    proof: parsed?.object,
  };
  const standing = standingOf(failure, sealed, parsed, opened, context);
  const run = signedRun(signed.value, sealed, standing);
  return { failure, run, sealed, awaited: awaited.ok ? awaited.value : undefined };
}

/**
 * A failed run is a bundle that would be accepted, but for saying itself that its run failed: everything else about
 * it holds, its proof included. What merely claims to have failed is rejected like anything else.
 */
function standingOf(
  failure: Rejection | undefined,
  sealed: SealedRun,
  proof: ParsedArtifact | undefined,
  opened: OpenedBundle,
  { crypto }: VerifyContext,
): RunStanding {
  if (failure === undefined) return "succeeded";
  const saysFailed =
    failure.code === "RESTORATION_FAILED" ||
    (failure.code === "DECISION_INVALID" && failure.phase === "acceptance");
  const holds =
    sealed.binding !== undefined &&
    proof !== undefined &&
    checkProofHash(proof.object, crypto) === undefined &&
    checkBoundProof(sealed.status, proof.bytes, crypto) === undefined &&
    checkConfusable(opened.confusable) === undefined;
  return saysFailed && holds ? "failed" : "rejected";
}

function bindingThatHolds(
  { opened, outputHashes, claims, status }: RestoreCandidate,
  crypto: Crypto,
): Binding | undefined {
  const { runId } = opened;
  const facts = { runId, outputHashes: outputHashes.bytes, files: claims.length, bytes: undefined };
  const checked = checkBinding(status, facts, crypto);
  return checked.ok ? checked.binding : undefined;
}

function parsedProof(opened: OpenedBundle): ParsedArtifact | undefined {
  const parsed = parseArtifact(opened, "PROOF.json");
  return parsed.ok ? parsed.value : undefined;
}

/** Links are under the signature, whether the binding around them holds or not: two swapped folders stay in line. */
function signedRun(
  { opened, bundleRoot, status }: RestoreCandidate,
  sealed: SealedRun,
  standing: RunStanding,
): HistoryRun {
  const proofHash = sealed.proof?.get("proof_hash");
  const previousProof = sealed.proof?.get("previous_proof_hash") ?? undefined;
  const { failedRuns, previousBundleRoot, sealedAt } = boundPlace(status);
  return {
    runId: opened.runId,
    bundleRoot,
    previousBundleRoot,
    sealedAt,
    proofHash: isHexDigest(proofHash) ? proofHash : undefined,
    // What is no text equals no digest.
    previousProofHash: previousProof === undefined || typeof previousProof === "string" ? previousProof : "",
    failedRuns,
    standing,
  };
}
