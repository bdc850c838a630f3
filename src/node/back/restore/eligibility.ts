/**
 * PREFLIGHT, steps 1 to 3: whether bundles may be restored (PROTOCOL 13.3).
 *
 * @module
 */

import {
  admitOutputs,
  checkHashesNotEmpty,
  checkHashesUnchanged,
  checkRestoreProof,
  checkRunIds,
  concludeCandidate,
  declaredBytes,
  type EligibleBundle,
  judgeChain,
  judgeHere,
  type Limits,
  ok,
  RESTORE,
  type RestoreFault,
  type RestoreSelection,
  type Result,
  restoreFault,
  type SignedBundle,
  selectRows,
  type TrustDecision,
} from "../../../core/internal.ts";
import type { BundleSource, CarrierName, FindOptions } from "../../judge/source/bundle-source.ts";
import { SpoolFailure } from "../../judge/source/spool.ts";
import type { TreeLook } from "../../judge/source/tree-look.ts";
import {
  checkChainRoot,
  checkExpected,
  type ExpectedChain,
  underExpectedId,
} from "../../judge/verify/expected-bundle.ts";
import { type FoundOutputs, findKept } from "../../judge/verify/find-outputs.ts";
import { FolderSource } from "../../judge/verify/folder-source.ts";
import { judgeSource, type RunJudge, type SourceRequest } from "../../judge/verify/judge-source.ts";
import type { VerifyRequest } from "../../judge/verify/verify-bundle-files.ts";
import { type Decide, deciderFor, type SignedThing, type Trust } from "../../keys/trust/whom-to-trust.ts";
import { digestArtifact, readArtifact } from "../../records/bundle/open-bundle.ts";
import { tellOfLongManifest, type VerifyFailure } from "../../records/bundle/verify-context.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationDetails, OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkerPool } from "../../system/work/worker-pool.ts";

/** A bundle that passed these steps. Its paths and the target are checked next. */
export interface Eligibility {
  readonly eligible: EligibleBundle;
  readonly trust: TrustDecision | undefined;
  /** Where its outputs are. */
  readonly source: CarrierName;
}

/** Which bundles to check, and which signers to trust. */
export interface EligibilityRequest extends Omit<VerifyRequest, "bundle" | "from">, ExpectedChain {
  /** Run directories; those of a chain in the order of the runs. */
  readonly bundles: readonly string[];
  readonly isChain: boolean;
  readonly trust: Trust;
  /** Accept a run that failed; not in a chain. */
  readonly failed?: boolean | undefined;
  /** Threads to hash with, instead of `jobs`. A pool of one job has no threads: the caller's port sees each call. */
  readonly pool: WorkerPool;
  /** Runs that were carried here. `bundles`, `root` and `home` say nothing of them. */
  readonly carried?: CarriedRuns | undefined;
}

/** Runs that were carried here. */
export interface CarriedRuns extends Pick<SourceRequest, "runs"> {
  readonly source: BundleSource;
  /** Of a source that can choose, no other outputs are read: those at or below these paths. Not in a chain, nor of a failed run. */
  readonly only?: RestoreSelection;
}

/** Gives how bytes are kept that pass only once, when the first of them is about to be read. */
export type KeepBytes = () => Result<Pick<FindOptions, "keeps" | "spool">, RestoreFault>;

/** A refusal, with the trust decision if the signer was refused, and the place where outputs were looked for. */
export type EligibilityFault = RestoreFault & {
  readonly trust?: TrustDecision;
  readonly source?: CarrierName;
  /** What became of the source, where it and no bundle is to blame. */
  readonly operation?: OperationFault;
};

/**
 * Verifies bundles in the order of a restore: each step for all bundles before the next step. The outputs of each run are taken from
 * the root, or from the store where the root has moved on.
 */
export async function checkEligibility(
  request: EligibilityRequest,
  fs: FileSystem,
  keep: KeepBytes,
): Promise<Result<Eligibility[], EligibilityFault>> {
  const { bundles, carried, isChain } = request;
  const eligible = await judgeRuns(request, keep);
  if (!eligible.ok) return eligible;
  const judged = eligible.value;
  if (isChain) {
    const links = judged.map(({ eligible }) => ({ ...eligible, runId: eligible.opened.runId }));
    const chainRoot = judgeChain(links, request.expectedRoot, nodeCrypto);
    if (!chainRoot.ok) return notVerified(chainRoot);
    const other = checkChainRoot(chainRoot.value, request.expectedChainRoot);
    if (other !== undefined) return notVerified(other);
  }
  for (const [index, { eligible }] of judged.entries()) {
    const unproved =
      checkRestoreProof(eligible, nodeCrypto) ??
      checkHashes(eligible, carried === undefined ? bundles[index] : undefined, request.limits, fs);
    if (unproved !== undefined) return isChain ? inRun(unproved, eligible.opened.runId) : unproved;
  }
  return ok([...judged]);
}

/** Fails with RESTORE_INTERNAL_ERROR and the reason where bytes can't be kept. */
async function judgeRuns(
  request: EligibilityRequest,
  keep: KeepBytes,
): Promise<Result<readonly Eligibility[], EligibilityFault>> {
  const { carried, isChain, limits, progress, signal } = request;
  const { runs, source = new FolderSource({ ...request, from: "either" }) } = carried ?? {};
  try {
    return await judgeSource(
      { source, runs, isAlone: !isChain, limits, progress, signal },
      judgeFor(request, keep),
    );
  } catch (thrown) {
    if (!(thrown instanceof SpoolFailure)) throw thrown;
    return restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason: reasonOf(thrown.cause) });
  }
}

/**
 * Checks OUTPUT_HASHES.json again: another process may have changed it while the outputs were hashed. That of a carried run, which
 * has no run directory, was read once.
 */
function checkHashes(
  eligible: EligibleBundle,
  bundle: string | undefined,
  limits: Limits | undefined,
  fs: FileSystem,
): RestoreFault | undefined {
  if (bundle === undefined) return checkHashesNotEmpty(eligible);
  const name = "OUTPUT_HASHES.json";
  const { bytes } = eligible.outputHashes;
  const digest = digestArtifact(bundle, name, bytes.length, fs);
  // Read only to report the difference: it may have a hundred megabytes.
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

function judgeFor(
  request: EligibilityRequest,
  keep: KeepBytes,
): RunJudge<SignedBundle, Eligibility, EligibilityFault> {
  const { bundles, failed = false, isChain, limits, progress, trust: demand } = request;
  const withRun = (fault: EligibilityFault, runId: string) =>
    isChain && runId !== "" ? inRun(fault, runId) : fault;
  const decider = deciderFor(demand);
  const takesFailed = failed && !isChain;
  const { only, source: carrier } = request.carried ?? {};
  const chooses = carrier?.canChoose === true && !isChain && !failed;
  const selectionOf = ({ claims }: SignedBundle): Uint32Array | undefined =>
    chooses && only !== undefined ? selectRows(claims, only) : undefined;
  return {
    checkIds: (runIds) => (isChain ? checkChainIds(runIds, limits?.runs) : undefined),
    admit: (candidates, context) => {
      for (const candidate of candidates) {
        const { runId } = candidate.opened;
        const other = checkExpected(candidate, request);
        if (other !== undefined) return withRun(notVerified(other), runId);
        const facts = admitOutputs(candidate, context, takesFailed);
        if (!facts.ok) return withRun(notVerified(facts), runId);
        const decided = decideSigner(facts.value, decider);
        if (!decided.ok) return withRun(decided, runId);
      }
      const kept = keep();
      return kept.ok ? ok({ ...kept.value, rowsOf: selectionOf }) : kept;
    },
    judge: (opened, context) => {
      // The bundles of a chain have one common progress.
      if (bundles.length === 1) tellOfLongManifest(opened, progress);
      return judgeHere(underExpectedId(opened, request), context, RESTORE);
    },
    conclude: async (candidate, found, context, look) => {
      const { runId } = candidate.opened;
      const other = checkExpected(candidate, request);
      if (other !== undefined) return withRun(notVerified(other), runId);
      const rows = selectionOf(candidate);
      const conclude = ({ findings }: FoundOutputs): ReturnType<typeof concludeCandidate> =>
        concludeCandidate(candidate, findings, context, { rows, takesFailed });
      const { concluded, source } = await endCandidate(candidate, conclude, found, look, request);
      if (!concluded.ok) return withRun({ ...notVerified(concluded), source }, runId);
      const decided = decideSigner(concluded.value, decider);
      return decided.ok
        ? ok({ eligible: concluded.value, trust: decided.value, source })
        : withRun(decided, runId);
    },
    refuse: (failure, runId) => {
      const fault = withRun(notVerified(failure), runId);
      const isSource = carrier !== undefined && !("phase" in failure);
      return isSource ? { ...fault, operation: failure } : fault;
    },
  };
}

/** A candidate that passed its last phase or failed in it, and where its outputs are. */
interface EndedCandidate {
  readonly concluded: Result<EligibleBundle, VerifyFailure>;
  readonly source: CarrierName;
}

/**
 * Walks the last phases of a candidate. Where the folder is not as the tree says, the outputs are taken from the store, as where
 * files have changed.
 */
async function endCandidate(
  { claims, status }: SignedBundle,
  conclude: (found: FoundOutputs) => ReturnType<typeof concludeCandidate>,
  found: FoundOutputs,
  look: TreeLook,
  request: EligibilityRequest,
): Promise<EndedCandidate> {
  const { ignoreModes, signal } = request;
  const { source } = found;
  const begun = conclude(found);
  if (!begun.ok) return { concluded: begun, source };
  const { end, readTree } = begun.value;
  if (readTree === undefined) return { concluded: end(), source };
  const seen = await look(readTree, { ignoreModes, keepsAll: false, signal });
  if (!seen.ok) return { concluded: seen, source };
  const { failure, tree } = seen.value;
  const claiming = { claims, declaredBytes: declaredBytes(status) };
  const mayTurn = failure !== undefined && source === "root";
  const stored = mayTurn ? await findKept(claiming, request) : undefined;
  if (stored === undefined) return { concluded: end(seen.value), source };
  const again = conclude(stored);
  const kept = again.ok ? again.value.end({ tree, failure: undefined }) : again;
  return { concluded: kept, source: "store" };
}

/** The trust policy's decision on a signer; `undefined` if any signer is accepted. Fails with RESTORE_VERIFY_STRICT_FAILED. */
export function decideSigner(
  eligible: SignedThing,
  decide: Decide,
): Result<TrustDecision | undefined, EligibilityFault> {
  const trust = decide(eligible);
  if (trust.code === "ANY_SIGNER") return ok(undefined);
  if (trust.ok) return ok(trust);
  const details = { verifier_code: trust.code };
  return { ...restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", details), trust };
}

/** Adds the run of a chain to a fault's details. */
export function inRun<Fault extends RestoreFault>(fault: Fault, run_id: string): Fault {
  return { ...fault, details: { ...fault.details, run_id } };
}

/** The restore fault for a bundle that is not verified. */
export function notVerified(failure: VerifyFailure): RestoreFault {
  if (failure.code === "EXPECTATION_FAILED") {
    return restoreFault("PREFLIGHT", failure.code, failure.details);
  }
  const verifier = { verifier_code: failure.code };
  if ("phase" in failure) {
    return restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", { ...failure.details, ...verifier });
  }
  const { reason }: OperationDetails = failure.details;
  const details = reason === undefined ? verifier : { reason, ...verifier };
  return restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", details);
}
