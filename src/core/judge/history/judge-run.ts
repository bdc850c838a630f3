/**
 * Judges a bundle by its artifacts alone: whether it is as signed, what it says about its run, and its place in a
 * history. Does not hash its outputs, so the result is not a verdict by PROTOCOL 8.
 *
 * @module
 */

import {
  type Binding,
  checkBinding,
  checkBoundProof,
  declaredBytes,
} from "../../records/artifacts/binding.ts";
import type { BoundGuard } from "../../records/artifacts/bound-guard.ts";
import type { OpenedBundle } from "../../records/artifacts/opened-bundle.ts";
import { isHexDigest, ownDigest } from "../../system/bytes/hex.ts";
import type { Result } from "../../system/bytes/result.ts";
import { copyText } from "../../system/bytes/utf8.ts";
import type { Rejection } from "../../system/codes/verdict.ts";
import type { JsonObject } from "../../system/json/json-value.ts";
import { type KeptFacts, keptFacts } from "../bundle/bundle-facts.ts";
import { admitOutputs, judgeHere } from "../bundle/judge.ts";
import { type JudgedBundle, RESTORE, VERIFY } from "../bundle/orders.ts";
import { checkConfusable } from "../bundle/phases/acceptance.ts";
import type { ParsedArtifact, SignedBundle, VerifyContext } from "../bundle/phases/judging.ts";
import { parseArtifact } from "../bundle/phases/parse.ts";
import { checkProofHash } from "../bundle/phases/proof.ts";
import { type TreeBinding, treeBinding } from "../bundle/phases/tree.ts";
import { boundPlace, unknownRun } from "./claimed-run.ts";
import type { HistoryRun, RunStanding } from "./history-model.ts";

/** A bundle judged by its artifacts. */
export interface JudgedRun {
  /** The first failure of phases 1 to 8 and 10; undefined if there is none. */
  readonly failure: Rejection | undefined;
  readonly run: HistoryRun;
  /** The signed contents; undefined if the signature does not hold. */
  readonly sealed: SealedRun | undefined;
  /** The bundle, ready for phase 9; undefined if there is a failure. */
  readonly judged: JudgedBundle | undefined;
}

/** The contents of a bundle whose signature holds. Its binding is undefined if it does not hold. */
export interface SealedRun extends KeptFacts, Pick<SignedBundle, "claims" | "status"> {
  /** Bytes of all outputs, as the binding declares and without counting them. */
  readonly bytes: number | undefined;
  /** What the tree must agree with; undefined for a bundle without one. The tree itself was not read. */
  readonly treeBinding: TreeBinding | undefined;
  /** Undefined if it is missing or malformed, as the signature does not cover it. */
  readonly proof: JsonObject | undefined;
}

/** Judges a bundle without its outputs. `judged` is the result of phases 1 to 8, if the caller has it already. */
export function judgeRun(
  opened: OpenedBundle,
  context: VerifyContext,
  judged: Result<JudgedBundle, Rejection> = judgeHere(opened, context, VERIFY),
): JudgedRun {
  // If only the proof fails, the signature still holds.
  const signed = judged.ok ? judged : judgeHere(opened, context, RESTORE);
  if (!signed.ok) {
    const failure = judged.ok ? signed : judged;
    return { failure, run: unknownRun(opened.runId), sealed: undefined, judged: undefined };
  }
  const { status } = signed.value;
  const parsed = signed.value.proof ?? parsedProof(opened);
  const admitted = judged.ok ? admitOutputs(judged.value, context) : judged;
  const failure = admitted.ok ? undefined : admitted;
  const { binding, bundleRoot, countersignatures, outputHashes, runId, signer, taskSpec, timestamps } =
    admitted.ok ? admitted.value : keptFacts(signed.value, bindingThatHolds(signed.value, context), context);
  // Field by field: with a spread this took as long as reading a file.
  const sealed: SealedRun = {
    binding,
    bundleRoot,
    countersignatures,
    outputHashes,
    runId,
    signer,
    taskSpec,
    timestamps,
    claims: signed.value.claims,
    bytes: declaredBytes(status),
    status,
    proof: parsed?.object,
    treeBinding: treeBinding(signed.value),
  };
  const standing = standingOf(failure, sealed, parsed, opened, context);
  const run = signedRun(signed.value, sealed, standing);
  return { failure, run, sealed, judged: failure === undefined && judged.ok ? judged.value : undefined };
}

/**
 * A bundle of a failed run fails only because it says that its run failed. Everything else in it must hold, its
 * proof included. Otherwise it is rejected.
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
  { opened, outputHashes, claims, status }: SignedBundle,
  { crypto }: VerifyContext,
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

/** The signature covers the links, even if the binding does not hold. So two swapped folders keep their places in the history. */
function signedRun(
  { opened, bundleRoot, status }: SignedBundle,
  sealed: SealedRun,
  standing: RunStanding,
): HistoryRun {
  const proofHash = sealed.proof?.get("proof_hash");
  const previousProof = sealed.proof?.get("previous_proof_hash") ?? undefined;
  const { failedRuns, guard, previousBundleRoot, sealedAt } = boundPlace(status);
  return {
    runId: opened.runId,
    bundleRoot,
    previousBundleRoot: ownDigest(previousBundleRoot),
    sealedAt: sealedAt && copyText(sealedAt),
    proofHash: ownDigest(isHexDigest(proofHash) ? proofHash : undefined),
    // An empty text matches no digest, as a value that is not a text must.
    previousProofHash:
      previousProof === undefined
        ? undefined
        : typeof previousProof === "string"
          ? copyText(previousProof)
          : "",
    failedRuns,
    guard: ownGuard(guard),
    standing,
  };
}

/** Digests of their own, so that a small history does not hold the texts of its bundles. */
function ownGuard(guard: BoundGuard | undefined): BoundGuard | undefined {
  if (guard === undefined) return undefined;
  const { after, before, folder } = guard;
  return {
    folder: ownDigest(folder) ?? folder,
    before: ownDigest(before) ?? before,
    after: ownDigest(after),
  };
}
