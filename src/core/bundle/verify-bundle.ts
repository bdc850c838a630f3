/**
 * Verifying a bundle: ten phases in order, the first failure ends it (PROTOCOL 8).
 *
 * The core never touches a disk. It judges the artifacts from their bytes (phases 1 to 8), tells its
 * caller which outputs to look at, and concludes from what the caller found (9 and 10). A restore walks
 * the same phases in another order (PROTOCOL 13.3): what concerns the proof comes after everything else.
 *
 * `VerifiedBundle` is born in this file and nowhere else.
 *
 * @module
 */

import { type Binding, checkBoundBytes, checkBoundProof, declaredBytes } from "../artifacts/binding.ts";
import type { SignerIdentity } from "../artifacts/identity.ts";
import type { OpenedBundle } from "../artifacts/opened-bundle.ts";
import { OutputClaims } from "../artifacts/output-claims.ts";
import type { Crypto } from "../bytes/crypto.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { DEFAULT_LIMITS, type Limits } from "../bytes/limits.ts";
import type { Listing } from "../bytes/listing.ts";
import { ok, type Result } from "../bytes/result.ts";
import type { Rejection, Undecided } from "../codes/verdict.ts";
import type { JsonObject } from "../json/json-value.ts";
import { ARTIFACT_NAMES, type ArtifactName } from "../paths/artifact-name.ts";
import type { PathRules } from "../paths/output-path.ts";
import { type CountersignatureFinding, findCountersignatures } from "./countersignature.ts";
import { checkAcceptance, checkDecision, checkFailedAcceptance } from "./phases/acceptance.ts";
import { FindingTable, type OutputFindings } from "./phases/findings.ts";
import { checkForbidden } from "./phases/forbidden.ts";
import { checkIdentity } from "./phases/identity.ts";
import { outputFailures } from "./phases/outputs.ts";
import { checkEntryLimit, type ParsedArtifact, parseArtifact } from "./phases/parse.ts";
import { checkPayload } from "./phases/payload.ts";
import { checkPresence } from "./phases/presence.ts";
import { checkProof } from "./phases/proof.ts";
import { computeRoot } from "./phases/root.ts";
import {
  answerSignature,
  readSignature,
  type SignatureQuestion,
  signatureInvalid,
} from "./phases/signature.ts";
import { type VerifiedOutput, verifiedOutputs } from "./verified-outputs.ts";

/** The brand of verified data. It never leaves this file, so no other code can make such a bundle. */
const verified: unique symbol = Symbol("verified");

/** A bundle that passed all ten phases. */
export interface VerifiedBundle extends BundleFacts {
  readonly [verified]: true;
}

/** What is known of a bundle that can be restored. */
export interface BundleFacts {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  /** In the order of the document. */
  readonly outputs: Listing<VerifiedOutput>;
  /** Bytes of all outputs together. */
  readonly bytes: number;
  /** Undefined for a plain SPECTRUM bundle (`bound: false`). */
  readonly binding: Binding | undefined;
  readonly taskSpec: JsonObject;
  readonly outputHashes: JsonObject;
  /** Others who vouch for it, or claim to; no phase looks at them. */
  readonly countersignatures: readonly CountersignatureFinding[];
}

/** The platform and the caller's bounds. */
export interface VerifyContext {
  readonly crypto: Crypto;
  readonly pathRules: PathRules;
  readonly limits?: Limits;
}

/** What the signature vouches for, phases 1 to 6 passed. */
interface SignedBundle {
  readonly opened: OpenedBundle;
  readonly signer: SignerIdentity;
  readonly bundleRoot: HexDigest;
  readonly status: JsonObject;
  readonly taskSpec: JsonObject;
  readonly outputHashes: ParsedArtifact;
  /** Undefined where it was not among the artifacts to look at. */
  readonly proof: ParsedArtifact | undefined;
  readonly claims: OutputClaims;
}

/** A bundle whose artifacts passed, with the claims its outputs are to be held against. Not verified yet. */
export interface JudgedBundle extends SignedBundle {
  readonly proof: ParsedArtifact;
}

/** A bundle that awaits its outputs in the order of a restore: its proof was not looked at. */
export type RestoreCandidate = SignedBundle;

/** A candidate that passed everything but its proof and its unlawful paths. */
export interface EligibleBundle extends SignedBundle {
  /** Whether it says that its run failed. */
  readonly isFailed: boolean;
  readonly findings: OutputFindings;
  readonly bytes: number;
  readonly binding: Binding | undefined;
  readonly countersignatures: readonly CountersignatureFinding[];
}

/**
 * A bundle that passed phases 1 to 6 but for the arithmetic of its signature, which may take place elsewhere: nothing
 * else comes out of it before that is settled.
 */
export interface UnsettledBundle<Settled extends RestoreCandidate = JudgedBundle> {
  readonly question: SignatureQuestion;
  /** Ends phase 6 with the platform's answer, and goes on to 8. */
  readonly settle: (holds: boolean) => Result<Settled, Rejection>;
}

/**
 * A bundle of which nothing is left to look at but its outputs. Of what stands in its artifacts it holds no more than a
 * verified one, so that many may wait.
 */
export interface AwaitedBundle {
  readonly runId: string;
  readonly claims: OutputClaims;
  /** Bytes of all outputs, as the binding declares them: nobody counted. */
  readonly declaredBytes: number | undefined;
  readonly binding: Binding | undefined;
  /** Takes what was found at the claims' paths, and with it the bundle to its end. */
  readonly conclude: (findings: OutputFindings) => Result<VerifiedBundle, Rejection | Undecided>;
}

/** Judges the artifacts of a bundle, phases 1 to 8. */
export function judgeArtifacts(
  opened: OpenedBundle,
  context: VerifyContext,
): Result<JudgedBundle, Rejection> {
  return settleHere(beginJudging(opened, context), context);
}

/** The same up to the one question whose answer takes longer than all else: whether the signature holds. */
export function beginJudging(
  opened: OpenedBundle,
  context: VerifyContext,
): Result<UnsettledBundle, Rejection> {
  const read = readSigned(opened, ARTIFACT_NAMES, context);
  if (!read.ok) return read;
  const { question, signed } = read.value;
  const settle = (holds: boolean): Result<JudgedBundle, Rejection> => {
    if (!holds) return signatureInvalid();
    const judged = withProof(signed, context);
    return judged.ok ? (checkForbidden(opened) ?? judged) : judged;
  };
  return ok({ question, settle });
}

/** Concludes from what was found at the claims' paths, phases 9 and 10. */
export function concludeVerification(
  judged: JudgedBundle,
  findings: OutputFindings,
  context: VerifyContext,
): Result<VerifiedBundle, Rejection | Undecided> {
  const declared = declaredBytes(judged.status);
  const [failure] = outputFailures(judged.claims, findings, context.crypto, declared);
  if (failure !== undefined) return failure;
  const bytes = FindingTable.of(findings).bytes;
  const accepted = accept(judged, bytes, context);
  if (!accepted.ok) return accepted;
  const unbound = checkBoundProof(judged.status, judged.proof.bytes, context.crypto);
  return unbound ?? ok(bearVerified(essenceOf(judged, accepted.value), findings, bytes));
}

/** Looks at all of phase 10 for which no output is needed, before phase 9: as a history does, which has to be one line first. */
export function awaitOutputs(judged: JudgedBundle, context: VerifyContext): Result<AwaitedBundle, Rejection> {
  const accepted = accept(judged, undefined, context);
  if (!accepted.ok) return accepted;
  const unbound = checkBoundProof(judged.status, judged.proof.bytes, context.crypto);
  if (unbound !== undefined) return unbound;
  const essence = essenceOf(judged, accepted.value);
  const { binding, claims, runId } = essence;
  const declared = declaredBytes(judged.status);
  const conclude = (findings: OutputFindings): Result<VerifiedBundle, Rejection | Undecided> => {
    const [failure] = outputFailures(claims, findings, context.crypto, declared);
    if (failure !== undefined) return failure;
    const bytes = FindingTable.of(findings).bytes;
    const miscounted = binding === undefined ? undefined : checkBoundBytes(declared, bytes);
    return miscounted ?? ok(bearVerified(essence, findings, bytes));
  };
  return ok({ runId, claims, declaredBytes: declared, binding, conclude });
}

/** All but the proof, phases 1 to 6 and 8: the first half of a restore's step 2 (PROTOCOL 13.3). */
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
  const names = ARTIFACT_NAMES.filter((name) => name !== "PROOF.json");
  const read = readSigned(opened, names, context);
  if (!read.ok) return read;
  const { question, signed } = read.value;
  const settle = (holds: boolean): Result<RestoreCandidate, Rejection> =>
    holds ? (checkForbidden(opened) ?? ok(signed)) : signatureInvalid();
  return ok({ question, settle });
}

/**
 * The second half: phases 9 and 10, passing over paths that break the law (step 5 of 13.3 names them). With `takesFailed` a
 * run that says that it failed is eligible too.
 */
export function concludeCandidate(
  candidate: RestoreCandidate,
  findings: OutputFindings,
  context: VerifyContext,
  takesFailed = false,
): Result<EligibleBundle, Rejection | Undecided> {
  const passedOver = unlawfulPaths(candidate.claims);
  const declared = declaredBytes(candidate.status);
  for (const failure of outputFailures(candidate.claims, findings, context.crypto, declared)) {
    if (!passedOver.has(failure.details.path ?? "")) return failure;
  }
  const bytes = FindingTable.of(findings).bytes;
  const isFailed = takesFailed && checkDecision(candidate.status) !== undefined;
  const check = isFailed ? checkFailedAcceptance : checkAcceptance;
  const counted = candidate.claims.areAllLawful ? bytes : undefined;
  const accepted = accept(candidate, counted, context, check);
  return accepted.ok ? ok({ ...candidate, ...accepted.value, findings, bytes, isFailed }) : accepted;
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
  const missing = checkPresence(eligible.opened, ["PROOF.json"]);
  if (missing !== undefined) return missing;
  const judged = withProof(eligible, context);
  return judged.ok ? concludeVerification(judged.value, eligible.findings, context) : judged;
}

function settleHere<Settled extends RestoreCandidate>(
  begun: Result<UnsettledBundle<Settled>, Rejection>,
  { crypto }: VerifyContext,
): Result<Settled, Rejection> {
  return begun.ok ? begun.value.settle(answerSignature(begun.value.question, crypto)) : begun;
}

function unlawfulPaths(claims: OutputClaims): ReadonlySet<string> {
  const paths = new Set<string>();
  if (claims.areAllLawful) return paths;
  for (const { lawful, path } of claims) if (!lawful) paths.add(path);
  return paths;
}

/** Phase 7, and the parsing of the proof where that was put off. */
function withProof(signed: SignedBundle, context: VerifyContext): Result<JudgedBundle, Rejection> {
  const parsed = signed.proof === undefined ? parseArtifact(signed.opened, "PROOF.json") : ok(signed.proof);
  if (!parsed.ok) return parsed;
  return checkProof(parsed.value.object, context.crypto) ?? ok({ ...signed, proof: parsed.value });
}

/** Phases 1 to 6 over the named artifacts, but for the answer to the question that is left of 6. */
function readSigned(
  opened: OpenedBundle,
  names: readonly ArtifactName[],
  { crypto, pathRules, limits = DEFAULT_LIMITS }: VerifyContext,
): Result<{ readonly question: SignatureQuestion; readonly signed: SignedBundle }, Rejection> {
  const missing = checkPresence(opened, names);
  if (missing !== undefined) return missing;

  const parsed = new Map<ArtifactName, ParsedArtifact>();
  for (const name of names) {
    const artifact = parseArtifact(opened, name);
    if (!artifact.ok) return artifact;
    parsed.set(name, artifact.value);
  }
  const artifact = (name: ArtifactName): ParsedArtifact => {
    const found = parsed.get(name);
    if (found === undefined) throw new TypeError("an artifact was asked for that was not to be parsed");
    return found;
  };
  const taskSpec = artifact("TASK_SPEC.json");
  const status = artifact("STATUS.json").object;
  const outputHashes = artifact("OUTPUT_HASHES.json");
  const tooMany = checkEntryLimit(outputHashes, limits.entries);
  if (tooMany !== undefined) return tooMany;

  const signer = checkIdentity(artifact("VALIDATOR_IDENTITY.json").object, crypto);
  if (!signer.ok) return signer;

  const root = computeRoot({ outputHashes, status, taskSpec }, crypto);
  if (!root.ok) return root;

  const { bundleRoot, hashes } = root.value;
  const facts = { bundleRoot, validatorId: signer.value.validatorId };
  const rejection = checkPayload(artifact("SIGNED_PAYLOAD.json").object, facts, crypto);
  if (rejection !== undefined) return rejection;
  const question = readSignature(artifact("SIGNATURE.json").object, signer.value, facts, crypto);
  if (!question.ok) return question;

  const claims = new OutputClaims(hashes, pathRules);
  const proof = parsed.get("PROOF.json");
  const signed = {
    opened,
    signer: signer.value,
    bundleRoot,
    status,
    taskSpec: taskSpec.object,
    outputHashes,
    proof,
    claims,
  };
  return ok({ question: question.value, signed });
}

/** What phase 10 finds besides a verdict. */
export interface Accepted {
  readonly binding: Binding | undefined;
  readonly countersignatures: readonly CountersignatureFinding[];
}

/** Phase 10, but for the binding's digest of the proof. `bytes` is undefined where not all outputs were counted. */
export function accept(
  { bundleRoot, claims, opened, outputHashes, status }: SignedBundle,
  bytes: number | undefined,
  { crypto }: VerifyContext,
  check: typeof checkAcceptance = checkAcceptance,
): Result<Accepted, Rejection> {
  const facts = { runId: opened.runId, outputHashes: outputHashes.bytes, files: claims.length, bytes };
  const accepted = check(status, opened.confusable, facts, crypto);
  if (!accepted.ok) return accepted;
  const countersignatures = findCountersignatures(opened.countersignatures, bundleRoot, crypto);
  return ok({ binding: accepted.binding, countersignatures });
}

/** What stays of a bundle when its artifacts are let go. */
interface Essence extends Accepted {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  readonly taskSpec: JsonObject;
  readonly outputHashes: JsonObject;
  readonly claims: OutputClaims;
}

function essenceOf(
  { bundleRoot, claims, opened, outputHashes, signer, taskSpec }: SignedBundle,
  { binding, countersignatures }: Accepted,
): Essence {
  const { runId } = opened;
  return {
    runId,
    bundleRoot,
    signer,
    taskSpec,
    outputHashes: outputHashes.object,
    claims,
    binding,
    countersignatures,
  };
}

/** For callers that have seen all ten phases pass. */
function bearVerified(
  { binding, bundleRoot, claims, countersignatures, outputHashes, runId, signer, taskSpec }: Essence,
  findings: OutputFindings,
  bytes: number,
): VerifiedBundle {
  return {
    [verified]: true,
    runId,
    bundleRoot,
    signer,
    outputs: verifiedOutputs(claims, FindingTable.of(findings)),
    bytes,
    binding,
    taskSpec,
    outputHashes,
    countersignatures,
  };
}
