/**
 * PREFLIGHT, steps 1 to 3: may these bundles be restored at all? (PROTOCOL 13.3)
 *
 * @module
 */

import {
  checkHashesNotEmpty,
  checkHashesUnchanged,
  checkRestoreProof,
  checkRunIds,
  concludeCandidate,
  decideTrust,
  declaredBytes,
  type EligibleBundle,
  judgeCandidate,
  judgeChain,
  type Limits,
  ok,
  questionOf,
  type RestoreFault,
  type Result,
  restoreFault,
  type TrustDecision,
  type TrustPolicy,
} from "../../core/index.ts";
import { ChainProgress } from "../chain-progress.ts";
import { digestArtifact } from "../files/digest-artifact.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { HashCrew } from "../files/hash-crew.ts";
import { openBundle, readArtifact, runIdOf } from "../files/open-bundle.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { SourceName } from "../store/output-source.ts";
import {
  findOutputs,
  tellOfLongManifest,
  type VerifyFailure,
  type VerifyRequest,
  verifyContext,
  watchOutputs,
} from "../verify/verify-bundle-files.ts";

/** Whom a restore believes. */
export interface TrustDemand {
  readonly policy: TrustPolicy | undefined;
  /** Take whoever signed. */
  readonly anySigner: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

/** A bundle that may be restored, unless its paths or the target forbid it. */
export interface Eligibility {
  readonly eligible: EligibleBundle;
  readonly trust: TrustDecision | undefined;
  /** Where its outputs were found. */
  readonly source: SourceName;
}

/** Which bundles, against which root, and by whose signatures. */
export interface EligibilityRequest extends Omit<VerifyRequest, "bundle"> {
  /** Run directories; those of a chain in the order of the runs. */
  readonly bundles: readonly string[];
  readonly isChain: boolean;
  /** The chain root that the caller expects, 64 lowercase hex. */
  readonly expectedRoot?: string | undefined;
  readonly trust: TrustDemand;
  /** Threads to hash with, instead of `jobs`. */
  readonly crew?: HashCrew | undefined;
}

/** A refusal, with the decision where it was the signer that was refused, and the place where outputs were looked for. */
export type EligibilityFault = RestoreFault & {
  readonly trust?: TrustDecision;
  readonly source?: SourceName;
};

/** Judges bundles in the order of a restore: each step for all of them before the next. */
export async function checkEligibility(
  request: EligibilityRequest,
  fs: FileSystem,
): Promise<Result<Eligibility[], EligibilityFault>> {
  const { bundles, isChain } = request;
  const refused = isChain ? checkChainIds(bundles.map(runIdOf), request.limits?.runs) : undefined;
  if (refused !== undefined) return refused;
  const judged: Eligibility[] = [];
  const chain = ChainProgress.begin(request.progress, bundles.length);
  const progress = chain ?? request.progress;
  for (const bundle of bundles) {
    chain?.beginPart(1);
    const eligibility = await judge({ ...request, bundle, progress }, request.trust);
    chain?.endBundle();
    if (!eligibility.ok) return isChain ? inRun(eligibility, runIdOf(bundle)) : eligibility;
    judged.push(eligibility.value);
  }
  if (isChain) {
    const links = judged.map(({ eligible }) => ({ ...eligible, runId: eligible.opened.runId }));
    const chainRoot = judgeChain(links, request.expectedRoot, nodeCrypto);
    if (!chainRoot.ok) return notVerified(chainRoot);
  }
  for (const [index, { eligible }] of judged.entries()) {
    const unproved =
      checkRestoreProof(eligible, nodeCrypto) ??
      checkHashes(eligible, bundles[index] ?? "", request.limits, fs);
    if (unproved !== undefined) return isChain ? inRun(unproved, eligible.opened.runId) : unproved;
  }
  return ok(judged);
}

/** Looks at OUTPUT_HASHES.json once more: while the outputs were hashed, somebody may have changed it. */
function checkHashes(
  eligible: EligibleBundle,
  bundle: string,
  limits: Limits | undefined,
  fs: FileSystem,
): RestoreFault | undefined {
  const name = "OUTPUT_HASHES.json";
  const { bytes } = eligible.outputHashes;
  const digest = digestArtifact(bundle, name, bytes.length, fs);
  // Read only to say how it differs: it may be a hundred megabytes, as what it is held against.
  if (digest === undefined || !nodeCrypto.equalDigests(digest, nodeCrypto.sha256(bytes))) {
    const now = readArtifact(bundle, name, limits, fs);
    if (!now.ok) return notVerified(now);
    const changed = checkHashesUnchanged(eligible, now.value, nodeCrypto);
    if (changed !== undefined) return changed;
  }
  return checkHashesNotEmpty(eligible);
}

function checkChainIds(runIds: readonly string[], limit: number | undefined): RestoreFault | undefined {
  const rejection = checkRunIds(runIds, limit);
  if (rejection === undefined) return undefined;
  if (rejection.code !== "CHAIN_DUPLICATE_RUN") return notVerified(rejection);
  return restoreFault("PREFLIGHT", "RESTORE_CHAIN_RUN_ID_DUPLICATE", rejection.details);
}

async function judge(
  request: VerifyRequest & Pick<EligibilityRequest, "crew">,
  demand: TrustDemand,
): Promise<Result<Eligibility, EligibilityFault>> {
  const context = verifyContext(request.limits);
  const opened = openBundle(request.bundle, request.limits);
  if (!opened.ok) return notVerified(opened);
  tellOfLongManifest(opened.value, request.progress);
  const candidate = judgeCandidate(opened.value, context);
  if (!candidate.ok) return notVerified(candidate);
  const watch = watchOutputs(request.progress, [declaredBytes(candidate.value.status)]);
  const found = await findOutputs(candidate.value.claims, { ...request, watch });
  if (!found.ok) return notVerified(found);
  const { findings, source } = found.value;
  const concluded = concludeCandidate(candidate.value, findings, context);
  if (!concluded.ok) return { ...notVerified(concluded), source };
  const eligible = concluded.value;

  const trust = demand.anySigner ? undefined : decideTrust(demand.policy, questionOf(eligible, demand.now));
  if (trust === undefined || trust.ok) return ok({ eligible, trust, source });
  const details = { verifier_code: trust.code };
  return { ...restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", details), trust };
}

/** Says of which run of a chain a fault tells. */
export function inRun<Fault extends RestoreFault>(fault: Fault, run_id: string): Fault {
  return { ...fault, details: { ...fault.details, run_id } };
}

/** Any reason why a bundle isn't verified, in the words of a restore. */
export function notVerified(failure: VerifyFailure): RestoreFault {
  const details = "phase" in failure ? failure.details : reasonOf(failure.details);
  return restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", {
    ...details,
    verifier_code: failure.code,
  });
}

function reasonOf({
  reason,
}: {
  readonly reason?: RestoreFault["details"]["reason"];
}): RestoreFault["details"] {
  return reason === undefined ? {} : { reason };
}
