/** What log, show and diff report of one bundle. @module */

import { type SealedRun, saidFailure } from "../../../core/internal.ts";
import type { SeenRun } from "../../../node/judge/history/inspect-run.ts";
import type { UnlistedRun } from "../../../node/judge/history/runs-without-bundles.ts";
import type { VerifyFailure } from "../../../node/records/bundle/verify-context.ts";
import {
  answerTrust,
  type TrustAnswer,
  type TrustChoice,
  UNDECIDED_TRUST,
} from "../../options/trust-options.ts";
import type { BundleKind, RunFacts, UnlistedRunFacts, VerdictFacts } from "../../results/run-verdicts.ts";
import { recordedCommand } from "../../text/recorded-command.ts";
import { elsewhereFacts } from "../../text/witness-words.ts";
import { failedRunFacts, phaseOf, saidFacts, signerFacts } from "../../verdict/verdict-facts.ts";
import { failureMessage } from "../../verdict/verify-text.ts";

/** What the policy says about a bundle's signer; undefined if no signature is valid. */
export function trustOf(
  sealed: SealedRun | undefined,
  choice: TrustChoice,
  now: number,
): TrustAnswer | undefined {
  return sealed === undefined ? undefined : answerTrust(choice, sealed, now);
}

/** A bundle for a program; members as `verify` has them. */
export function runFacts({ failure, run, sealed }: SeenRun, trust: TrustAnswer | undefined): RunFacts {
  return {
    run_id: run.runId,
    bundle_root: run.bundleRoot ?? null,
    previous_bundle_root: run.previousBundleRoot ?? null,
    sealed_at: run.sealedAt ?? null,
    standing: run.standing,
    kind: kindOf(sealed) ?? null,
    guard: guardFacts(run.guard),
    signed_elsewhere: elsewhereFacts(sealed?.binding?.signedAt),
    command: recordedCommand(sealed?.taskSpec) ?? null,
    failed_runs: run.failedRuns.listed.map(failedRunFacts),
    failed_runs_more: run.failedRuns.more,
    bound: sealed === undefined ? null : sealed.binding !== undefined,
    files: sealed?.claims.length ?? null,
    bytes: sealed?.bytes ?? null,
    signer: sealed === undefined ? null : signerFacts(sealed.signer, trust?.name),
    trust: trust ?? UNDECIDED_TRUST,
    verdict: verdictOf(failure),
    run_failure: saidFacts(sealed === undefined ? undefined : saidFailure(sealed.status)),
  };
}

/** The snapshots of a guarded run for a program; null for other runs. */
function guardFacts(guard: SeenRun["run"]["guard"]): RunFacts["guard"] {
  if (guard === undefined) return null;
  return { folder: guard.folder, before: guard.before, after: guard.after ?? null };
}

/** A verdict for a program. Which phases it is of, the caller says. */
function verdictOf(failure: VerifyFailure | undefined): VerdictFacts {
  if (failure === undefined) return { ok: true, code: "OK", phase: null };
  const { code, details } = failure;
  return { ok: false, code, phase: phaseOf(failure) ?? null, message: failureMessage(failure), details };
}

/** Runs without a bundle, for a program. */
export function unlistedFacts(unlisted: readonly UnlistedRun[]): readonly UnlistedRunFacts[] {
  return unlisted.map(({ command, runId, state, time }) => ({ run_id: runId, time, command, state }));
}

/** What the signer says made a bundle; `undefined` if no signature holds. */
export function kindOf(sealed: Pick<SealedRun, "taskSpec"> | undefined): BundleKind | undefined {
  if (sealed === undefined) return undefined;
  const { taskSpec } = sealed;
  if (taskSpec.get("kind") === "snapshot") return taskSpec.get("moment") === "revert" ? "revert" : "snapshot";
  return recordedCommand(taskSpec) === undefined ? "seal" : "run";
}
