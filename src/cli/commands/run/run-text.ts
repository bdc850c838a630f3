/** What `run` says on stderr when it is done. @module */

import { quote } from "../../../core/internal.ts";
import type { ScratchDifference } from "../../../node/make/seal/scratch-proof.ts";
import type { KilledRun } from "../../../node/run/run-claim.ts";
import type { RunFacts, SealedRun } from "../../../node/run/run-request.ts";
import type { OperationDetails, OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { describeRefused } from "../../output/failure-report.ts";
import { note, type Remark, type Report } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { leftOutLines } from "../seal/left-out-text.ts";
import { killedRunFacts } from "../seal/seal-facts.ts";
import { sealedLines } from "../seal/seal-remarks.ts";

/** What was sealed, line by line. */
export function sealedRunLines({ bundle, failure, ...run }: SealedRun): string {
  const word = failure === undefined ? "sealed" : "failed";
  return leftOutLines(run) + sealedLines(word, { ...bundle, previousBundleRoot: undefined, recovered: [] });
}

/** The problems of a run, one a line. */
export function runDifferences(
  { missing, scratch }: RunFacts,
  { details }: { readonly details: OperationDetails },
): readonly string[] {
  return boundedList([
    ...(details.refused ?? []).map(describeRefused),
    ...scratch.differences.map(describeDifference),
    ...scratch.unreachable.map((path) => `can't be looked at: ${quote(path)}`),
    ...missing.map((path) => `not made: ${quote(path)}`),
  ]);
}

function describeDifference({ path, reason, type }: ScratchDifference): string {
  switch (type) {
    case "missing":
      return `missing from scratch: ${quote(path)}`;
    case "extra":
      return `left in scratch: ${quote(path)}${reason === undefined ? "" : ` (${reason})`}`;
    case "hash_mismatch":
      return `changed in scratch: ${quote(path)}`;
  }
}

/** What to do about a run that its bundle calls a failure. `isOfFolder`: it has no outputs, but a guarded folder. */
export function failedRunHints(failure: OperationFault | undefined, isOfFolder: boolean): readonly string[] {
  if (failure === undefined) return [];
  return [
    isOfFolder
      ? "what the command did to the folder stays until it is undone"
      : "the bundle says so, and no verifier accepts it",
    ...ownRemedy(failure),
  ];
}

/** The same where no key was opened. */
export function failedUnsignedHints(failure: OperationFault | undefined): readonly string[] {
  if (failure === undefined) return [];
  return [
    "runseal sign signs no failed run; the next bundle of this project's history lists it",
    ...ownRemedy(failure),
  ];
}

function ownRemedy({ code }: OperationFault): readonly string[] {
  return code === "OUTPUT_NOT_MADE" || code === "SCRATCH_NOT_RESTORED" ? [remedyOf(code)] : [];
}

/** The note on a key file without a passphrase. */
export const KEY_IN_REACH = "the command could have signed too: the key file has no passphrase";

/** Warns that the command could have used the signing key. */
export function sharedKeyRemarks({ isKeyInReach }: RunFacts): readonly Remark[] {
  if (!isKeyInReach) return [];
  const passwd = "runseal key passwd encrypts the key; docs/runs.md has ways to keep it from the command";
  return [note(KEY_IN_REACH, passwd)];
}

/** Adds the killed runs that were found. */
export function withKilled(report: Report, killed: readonly KilledRun[]): Report {
  return {
    ...report,
    facts: { ...report.facts, killed_runs: killedRunFacts(killed) },
    remarks: [...killedRunRemarks(killed), ...(report.remarks ?? [])],
  };
}

/** What earlier runs left. */
export function killedRunRemarks(killed: readonly KilledRun[]): readonly Remark[] {
  return killed.map(({ runId, started }) => {
    const earlier = `an earlier run ${quote(runId)}, begun ${started}, was killed before it was sealed`;
    return note(`${earlier}; this run finds the folders as that one left them`);
  });
}
