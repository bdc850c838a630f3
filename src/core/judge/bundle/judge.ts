/**
 * Judging a bundle: phases in the order of a verification or of a restore; the first failure ends it (PROTOCOL 8 and 13.3).
 *
 * The core never touches a disk. It judges the artifacts from their bytes, asks its caller for what it can't know, and concludes from
 * the answers: whether the signature holds, what lies at the claimed paths, and what was found of the tree.
 *
 * Bundles that passed are born in this file and nowhere else.
 *
 * @module
 */

import type { OpenedBundle } from "../../records/artifacts/opened-bundle.ts";
import type { SealedTree } from "../../records/tree/output-tree.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { isUndecided, type Rejection, type Undecided } from "../../system/codes/verdict.ts";
import { type BundleFacts, type KeptFacts, keptFacts, outputFacts } from "./bundle-facts.ts";
import { type JudgedBundle, LAST_OF_RESTORE, type Order, RESTORE, VERIFY } from "./orders.ts";
import { acceptance } from "./phases/acceptance.ts";
import { FINDING_KINDS, FindingTable, type OutputFindings } from "./phases/findings.ts";
import {
  type Judging,
  known,
  type Phase,
  type SignatureQuestion,
  type SignedBundle,
  type VerifyContext,
  walk,
} from "./phases/judging.ts";
import { signature } from "./phases/signature.ts";
import { notLookedAt, type UnendedBundle, walkToTree } from "./phases/tree.ts";

/** The brand of bundles that passed. It never leaves this file, so no other code can make one. */
const passed: unique symbol = Symbol("passed");

/** A bundle that passed all phases. */
export interface VerifiedBundle extends BundleFacts {
  readonly [passed]: "all";
}

/**
 * A bundle that passed all phases but one thing: it says itself that its run failed. No verifier accepts it; it can be restored where
 * the caller asks for failed runs.
 */
export interface FailedBundle extends BundleFacts {
  readonly [passed]: "all but success";
}

/**
 * A bundle that passed all phases but the ninth, which was walked for some outputs only: from a source that can choose, no more is
 * read than is restored. Its outputs are these. The bundle has no verdict by them.
 */
export interface PartlyVerifiedBundle extends BundleFacts {
  readonly [passed]: "some outputs";
}

/**
 * A bundle that passed all phases but the ninth, which was walked for the outputs that are left: the bytes of the others were dropped
 * on purpose. It is a link of its history, and can't be restored.
 */
export interface DroppedBundle extends BundleFacts {
  readonly [passed]: "what is left";
}

/** What can be restored, and nothing else. */
export type RestorableBundle = VerifiedBundle | FailedBundle | PartlyVerifiedBundle;

/** Whether a bundle passed all phases. */
export function isVerified(bundle: RestorableBundle | DroppedBundle): bundle is VerifiedBundle {
  return bundle[passed] === "all";
}

/** A bundle that has passed phase 6 if its signature holds. Nothing else comes of it before the caller has answered that. */
export interface UnsettledBundle<Signed extends SignedBundle> {
  readonly question: SignatureQuestion;
  /** Ends phase 6 with the platform's answer, and goes on until outputs are needed. */
  readonly settle: (holds: boolean) => Result<Signed, Rejection>;
}

/** Judges the artifacts of a bundle, up to the one question whose answer takes longer than all else: whether the signature holds. */
export function judge<Signed extends SignedBundle>(
  opened: OpenedBundle,
  context: VerifyContext,
  order: Order<Signed>,
): Result<UnsettledBundle<Signed>, Rejection> {
  const begun: Judging = { opened, context, names: order.names, parsed: new Map() };
  const rejection = rejectionOf(walk(order.artifacts, begun));
  if (rejection !== undefined) return rejection;
  const settle = (holds: boolean): Result<Signed, Rejection> => {
    begun.holds = holds;
    return rejectionOf(walk(order.artifacts, begun, signature)) ?? ok(order.signed(begun));
  };
  return ok({ question: known(begun.question), settle });
}

/** Judges the artifacts of a bundle. The platform of the context verifies the signature. */
export function judgeHere<Signed extends SignedBundle>(
  opened: OpenedBundle,
  context: VerifyContext,
  order: Order<Signed>,
): Result<Signed, Rejection> {
  const begun = judge(opened, context, order);
  if (!begun.ok) return begun;
  const { message, publicKey, signature: bytes } = begun.value.question;
  return begun.value.settle(context.crypto.verifyEd25519(publicKey, message, bytes));
}

/** Concludes from what was found at the claims' paths, phases 9 and 10, and leaves phase 11 to be walked. */
export function beginConclusion(
  judged: JudgedBundle,
  findings: OutputFindings,
  context: VerifyContext,
): Result<UnendedBundle<VerifiedBundle>, Rejection | Undecided> {
  const found = FindingTable.of(findings);
  const bundle = resume(judged, context, { findings: found });
  return walkToTree(VERIFY.outputs, bundle, (sealed) => ({
    [passed]: "all",
    ...keptFacts(judged, known(bundle.accepted).binding, context),
    ...outputFacts(judged.claims, found),
    tree: sealed,
  }));
}

/** The same of a bundle whose bytes were dropped: passes over the outputs that are missing. */
export function concludeDropped(
  judged: JudgedBundle,
  findings: OutputFindings,
  context: VerifyContext,
): Result<UnendedBundle<DroppedBundle>, Rejection | Undecided> {
  const found = FindingTable.of(findings);
  const { kinds } = found.columns;
  // Nothing was looked for at an unlawful path: it does not count as missing, and fails.
  const rows = Uint32Array.from([...kinds.keys()].filter((row) => kinds[row] !== FINDING_KINDS.missing));
  const bundle = resume(judged, context, { findings: found, rows });
  return walkToTree(VERIFY.outputs, bundle, (sealed) => ({
    [passed]: "what is left",
    ...keptFacts(judged, known(bundle.accepted).binding, context),
    ...outputFacts(judged.claims, found, rows),
    tree: sealed,
  }));
}

/** A bundle that passed everything in the order of a restore but its proof and its unlawful paths. */
export interface EligibleBundle
  extends SignedBundle,
    Pick<KeptFacts, "binding" | "countersignatures" | "timestamps"> {
  /** Whether it says that its run failed. */
  readonly isFailed: boolean;
  readonly findings: FindingTable;
  readonly tree: SealedTree | undefined;
  /** The only rows of the claims that were looked at; all of them where undefined. */
  readonly rows: Uint32Array | undefined;
}

/** What a restore takes of a bundle. */
export interface Taking {
  /** The only rows of the claims to look at, ascending: phase 9 is for them, and phase 10 does not count bytes. */
  readonly rows?: Uint32Array | undefined;
  /** Whether a run that says that it failed is eligible too. It is taken as a whole or not at all. */
  readonly takesFailed?: boolean;
}

/** Concludes in the order of a restore: passes over paths that break the law, and leaves phase 11 to be walked. */
export function concludeCandidate(
  candidate: SignedBundle,
  findings: OutputFindings,
  context: VerifyContext,
  { rows, takesFailed = false }: Taking = {},
): Result<UnendedBundle<EligibleBundle>, Rejection | Undecided> {
  const found = FindingTable.of(findings);
  const bundle = resume(candidate, context, {
    findings: found,
    rows,
    takesFailed: takesFailed && rows === undefined,
  });
  return walkToTree(RESTORE.outputs, bundle, (sealed) => {
    const { binding, isFailed } = known(bundle.accepted);
    const { countersignatures, timestamps } = keptFacts(candidate, binding, context);
    const facts = { binding, countersignatures, timestamps };
    return { ...candidate, ...facts, isFailed, findings: found, tree: sealed, rows };
  });
}

/**
 * Phase 10 as far as it needs no outputs, for bytes that pass only once: the run succeeded, or with `takesFailed` says that it
 * failed, and the binding holds. Gives what a trust policy goes by. The verdict walks the phase again, in its place.
 */
export function admitOutputs(
  signed: SignedBundle,
  context: VerifyContext,
  takesFailed = false,
): Result<KeptFacts, Rejection> {
  const bundle = resume(signed, context, { takesFailed });
  return acceptance(bundle) ?? ok(keptFacts(signed, known(bundle.accepted).binding, context));
}

/**
 * Takes the last step of a restore's preflight: with its proof checked as phase 7 does and no unlawful path, an eligible bundle has
 * passed all phases. The caller reports both in the words of PROTOCOL 13 before; here all that was said of outputs is looked at once
 * more, so that no order of calls can bear an unverified bundle. The proof of a failed run must be what the binding names, whatever it
 * says of scratch.
 */
export function admitCandidate(
  eligible: EligibleBundle,
  context: VerifyContext,
): Result<RestorableBundle, Rejection | Undecided> {
  const { claims, findings, isFailed, rows, tree: sealed } = eligible;
  const bundle = resume(eligible, context, {
    names: ["PROOF.json"],
    findings,
    rows,
    takesFailed: isFailed,
    lookedTree: sealed === undefined ? notLookedAt() : { tree: ok(sealed), failure: undefined },
  });
  const stop = walk(LAST_OF_RESTORE, bundle);
  if (typeof stop === "string") throw new TypeError("what the phases ask for is there");
  if (stop !== undefined) return stop;
  const accepted = known(bundle.accepted);
  if (accepted.isFailed !== isFailed) throw new TypeError("a run that succeeded was taken for a failed one");
  const facts = { ...keptFacts(eligible, accepted.binding, context), tree: sealed };
  const found = outputFacts(claims, findings, rows);
  if (rows !== undefined) return ok({ [passed]: "some outputs", ...facts, ...found });
  return ok({ [passed]: isFailed ? "all but success" : "all", ...facts, ...found });
}

/** A bundle whose signature holds, to go on with later phases. Without findings, only those that need no outputs. */
function resume(
  { bundleRoot, claims, opened, outputHashes, proof, signer, status, taskSpec }: SignedBundle,
  context: VerifyContext,
  more: Partial<Pick<Judging, "findings" | "lookedTree" | "names" | "rows" | "takesFailed">>,
): Judging {
  const { findings, lookedTree, names = [], rows, takesFailed = false } = more;
  // Field by field, which takes a tenth of the time of a spread. What a caller's bundle has beside these answers no phase.
  return {
    bundleRoot,
    claims,
    opened,
    outputHashes,
    proof,
    signer,
    status,
    taskSpec,
    context,
    findings,
    lookedTree,
    names,
    parsed: new Map(),
    rows,
    takesFailed,
  };
}

/** The failure of phases that need no outputs. A request is not a failure. */
function rejectionOf(stop: ReturnType<Phase>): Rejection | undefined {
  if (stop === undefined || typeof stop === "string") return undefined;
  if (isUndecided(stop)) throw new TypeError("an output was looked at before it was asked for");
  return stop;
}
