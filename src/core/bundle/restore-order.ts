/**
 * The order of a restore (PROTOCOL 13.3): the same phases, but what concerns the proof comes after everything else, and paths
 * that break the law are named by a later step. `FailedBundle` and `PartlyVerifiedBundle` are born in this file and nowhere else.
 *
 * @module
 */

import { type Binding, declaredBytes } from "../artifacts/binding.ts";
import type { OpenedBundle } from "../artifacts/opened-bundle.ts";
import { itemAt, makeListing } from "../bytes/listing.ts";
import { ok, type Result } from "../bytes/result.ts";
import type { Rejection, Undecided } from "../codes/verdict.ts";
import { ARTIFACT_NAMES, type ArtifactName } from "../paths/artifact-name.ts";
import type { SealedTree } from "../tree/output-tree.ts";
import type { CountersignatureFinding } from "./countersignature.ts";
import type { KeptFacts } from "./folded-bundle.ts";
import {
  awaitTree,
  type BundleFacts,
  beginWalk,
  keptFacts,
  outputFacts,
  settleHere,
  type UnendedBundle,
  type UnsettledBundle,
  walkToEnd,
  walkToTree,
  withFindings,
} from "./judge.ts";
import { acceptance, acceptanceOfFailed } from "./phases/acceptance.ts";
import { FindingTable, type OutputFindings } from "./phases/findings.ts";
import { known, type Phase, type SignedBundle, type VerifyContext } from "./phases/judging.ts";
import { lawfulOutputs, outputs, selectedFailure } from "./phases/outputs.ts";
import { parse } from "./phases/parse.ts";
import { presence } from "./phases/presence.ts";
import { proof, proofOfFailed } from "./phases/proof.ts";
import { type LookedTree, tree, treeBinding } from "./phases/tree.ts";
import type { BundleTimestamps } from "./timestamps.ts";
import { listOutputs } from "./verified-outputs.ts";
import { concludeVerification, VERIFY_PHASES, type VerifiedBundle } from "./verify-bundle.ts";

/** Step 2: the verdict without the proof, passing over paths that break the law. */
const PHASES: readonly Phase[] = VERIFY_PHASES.filter((phase) => phase !== proof).map((phase) =>
  phase === outputs ? lawfulOutputs : phase,
);

/** Step 2 where a run that says that it failed is taken too. */
const PHASES_OF_FAILED: readonly Phase[] = PHASES.map((phase) =>
  phase === acceptance ? acceptanceOfFailed : phase,
);

/** The last step: the proof, and once more what is said of outputs, now that no path may break the law. */
const LAST_PHASES: readonly Phase[] = [presence, parse, proof];
const LAST_PHASES_OF_FAILED: readonly Phase[] = [
  presence,
  parse,
  proofOfFailed,
  outputs,
  acceptanceOfFailed,
  tree,
];

const PROOF: readonly ArtifactName[] = ["PROOF.json"];
const ALL_BUT_PROOF: readonly ArtifactName[] = ARTIFACT_NAMES.filter((name) => name !== "PROOF.json");

/** A bundle that awaits its outputs in the order of a restore: its proof was not looked at. */
export type RestoreCandidate = SignedBundle;

/** A candidate that passed everything but its proof and its unlawful paths. */
export interface EligibleBundle extends SignedBundle {
  /** Whether it says that its run failed. */
  readonly isFailed: boolean;
  readonly findings: FindingTable;
  readonly bytes: number;
  readonly binding: Binding | undefined;
  readonly countersignatures: readonly CountersignatureFinding[];
  readonly timestamps: BundleTimestamps | undefined;
  /** What was found of its tree; undefined for a bundle without one. */
  readonly lookedTree: LookedTree | undefined;
  readonly tree: SealedTree | undefined;
  /** The only rows of the claims that were looked at; all of them where undefined. */
  readonly selection?: Uint32Array | undefined;
}

/** The brand of a failed run's bundle. It never leaves this file, so no other code can make one. */
const failed: unique symbol = Symbol("failed");

/**
 * A bundle that passed all of the ten phases but one thing: it says itself that its run failed. No verifier accepts it; it
 * can be restored where the caller asks for failed runs.
 */
export interface FailedBundle extends BundleFacts {
  readonly [failed]: true;
  readonly binding: Binding;
}

/** The brand of a bundle of which only some outputs were read. It never leaves this file either. */
const selected: unique symbol = Symbol("selected");

/**
 * A bundle that passed all phases but the ninth, which was walked for some outputs only: from a source that can choose, no more is
 * read than is restored. Its outputs are these. The bundle has no verdict by them.
 */
export interface PartlyVerifiedBundle extends BundleFacts {
  readonly [selected]: true;
}

/** What can be restored, and nothing else. */
export type RestorableBundle = VerifiedBundle | FailedBundle | PartlyVerifiedBundle;

/** All but the proof, phases 1 to 6 and 8: the first half of step 2. */
export function judgeCandidate(
  opened: OpenedBundle,
  context: VerifyContext,
): Result<RestoreCandidate, Rejection> {
  return settleHere(beginCandidate(opened, context), context);
}

/** The same up to the question whether the signature holds. */
export function beginCandidate(
  opened: OpenedBundle,
  context: VerifyContext,
): Result<UnsettledBundle<RestoreCandidate>, Rejection> {
  return beginWalk(PHASES, ALL_BUT_PROOF, opened, context, (signed) => signed);
}

/**
 * The second half of step 2: phases 9 and 10, passing over paths that break the law; phase 11 is left to be walked. With
 * `takesFailed` a run that says that it failed is eligible too.
 */
export function concludeCandidate(
  candidate: RestoreCandidate,
  findings: OutputFindings,
  context: VerifyContext,
  takesFailed = false,
): Result<UnendedBundle<EligibleBundle>, Rejection | Undecided> {
  const bundle = withFindings(candidate, findings, context);
  const phases = takesFailed ? PHASES_OF_FAILED : PHASES;
  return walkToTree(phases, bundle, lawfulOutputs, ({ accepted, findings: found }, sealed) => {
    const { binding, isFailed } = known(accepted);
    const { countersignatures, timestamps } = keptFacts(candidate, binding, context);
    const { bytes } = known(found);
    const lookedTree = sealed && { tree: ok(sealed), failure: undefined };
    const ended = { binding, countersignatures, timestamps, findings: known(found), bytes, isFailed };
    return { ...candidate, ...ended, lookedTree, tree: sealed };
  });
}

/**
 * Phase 10 as far as it needs no outputs, for bytes that pass only once: the run succeeded, or with `takesFailed` says that it
 * failed, and the binding holds. Gives what a trust policy goes by. The verdict walks the phase again, in its place.
 */
export function admitOutputs(
  candidate: RestoreCandidate,
  context: VerifyContext,
  takesFailed = false,
): Result<KeptFacts, Rejection> {
  const bundle = withFindings(candidate, undefined, context);
  const rejection = takesFailed ? acceptanceOfFailed(bundle) : acceptance(bundle);
  return rejection ?? ok(keptFacts(candidate, known(bundle.accepted).binding, context));
}

/**
 * Takes the last step of a restore's preflight: with its proof checked as phase 7 does and no unlawful
 * path, an eligible bundle has passed all ten phases. The caller reports both in the words of PROTOCOL 13
 * before; here they are looked at once more, so that no order of calls can bear an unverified bundle.
 */
export function admitCandidate(
  eligible: EligibleBundle,
  context: VerifyContext,
): Result<VerifiedBundle, Rejection | Undecided> {
  const bundle = withFindings(eligible, eligible.findings, context, PROOF);
  const failure = walkToEnd(LAST_PHASES, bundle);
  if (failure !== undefined) return failure;
  const judged = { ...eligible, proof: known(bundle.proof) };
  return concludeVerification(judged, eligible.findings, context, eligible.lookedTree);
}

/** The same for a run that says that it failed. Its proof must be what the binding names, whatever it says of scratch. */
export function admitFailedCandidate(
  eligible: EligibleBundle,
  context: VerifyContext,
): Result<FailedBundle, Rejection | Undecided> {
  const { lookedTree } = eligible;
  const bundle = { ...withFindings(eligible, eligible.findings, context, PROOF), lookedTree };
  const failure = walkToEnd(LAST_PHASES_OF_FAILED, bundle);
  if (failure !== undefined) return failure;
  const { binding, isFailed } = known(bundle.accepted);
  if (binding === undefined || !isFailed)
    throw new TypeError("a run that succeeded was taken for a failed one");
  const facts = keptFacts(eligible, binding, context);
  const found = outputFacts(eligible.claims, eligible.findings);
  return ok({ [failed]: true, ...facts, binding, ...found, tree: eligible.tree });
}

/**
 * As `concludeCandidate`, where only these rows of the claims were looked at, ascending: phase 9 for them, phase 10 without the count
 * of bytes. A run that says that it failed is not eligible.
 */
export function concludeSelection(
  candidate: RestoreCandidate,
  findings: OutputFindings,
  rows: Uint32Array,
  context: VerifyContext,
): Result<UnendedBundle<EligibleBundle>, Rejection | Undecided> {
  const table = FindingTable.of(findings);
  const bundle = withFindings(candidate, undefined, context);
  const failure = failureOfSelection(candidate, table, rows, context) ?? acceptance(bundle);
  if (failure !== undefined) return failure;
  const { binding } = known(bundle.accepted);
  const { countersignatures, timestamps } = keptFacts(candidate, binding, context);
  const bytes = rows.reduce((sum, row) => sum + (table.columns.sizes[row] ?? 0), 0);
  const ended = { binding, countersignatures, timestamps, findings: table, bytes, isFailed: false };
  return ok(
    awaitTree(treeBinding(bundle), context, (sealed): EligibleBundle => {
      const lookedTree = sealed && { tree: ok(sealed), failure: undefined };
      return { ...candidate, ...ended, lookedTree, tree: sealed, selection: rows };
    }),
  );
}

const LAST_PHASES_OF_SELECTION: readonly Phase[] = [...LAST_PHASES, acceptance, tree];

/** As `admitCandidate`, for an eligible bundle with a selection. All that was said of the selected outputs is looked at once more. */
export function admitSelection(
  eligible: EligibleBundle,
  context: VerifyContext,
): Result<PartlyVerifiedBundle, Rejection | Undecided> {
  const { bytes, claims, findings, lookedTree, selection: rows } = eligible;
  if (rows === undefined) throw new TypeError("a bundle without a selection is verified as a whole");
  const bundle = { ...withFindings(eligible, undefined, context, PROOF), lookedTree };
  const failure =
    failureOfSelection(eligible, findings, rows, context) ?? walkToEnd(LAST_PHASES_OF_SELECTION, bundle);
  if (failure !== undefined) return failure;
  const facts = keptFacts(eligible, known(bundle.accepted).binding, context);
  const all = listOutputs(claims, findings.columns.sizes);
  const outputs = makeListing(rows.length, (index) => itemAt(all, itemAt(rows, index)));
  return ok({ [selected]: true, ...facts, outputs, bytes, tree: eligible.tree });
}

function failureOfSelection(
  { claims, status }: RestoreCandidate,
  findings: FindingTable,
  rows: Uint32Array,
  { crypto }: VerifyContext,
): Rejection | Undecided | undefined {
  return selectedFailure(claims, findings, rows, crypto, declaredBytes(status));
}
